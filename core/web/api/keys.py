"""Repeating safely: a request with an ``Idempotency-Key`` acts once, however often it arrives.

The key is entered first, in the transaction of the work itself. A second request waits for it and is given the stored
answer; a refused attempt leaves nothing, so that it may be tried again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.account import SeenRequest
from core.errors import Fault, Invalid
from core.text import _
from core.web.api.calls import Answer, BadRequest
from core.work import Work

HEADER, REPLAYED = "Idempotency-Key", "Idempotent-Replayed"
_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_SEEN: Any = SeenRequest.__table__


def key_of(text: str | None) -> str | None:
    """The key of a request; raises ``BadRequest`` for one that is not 1 to 255 visible ASCII characters."""
    if text is not None and not _KEY.fullmatch(text):
        raise BadRequest(400, _("An Idempotency-Key has 1 to 255 visible ASCII characters."), "key.invalid")
    return text


def fingerprint(method: str, path: str, body: bytes) -> str:
    """What was asked, so that one key never stands for two requests."""
    return sha256(b"\0".join((method.encode(), path.encode(), body))).hexdigest()


def once(work: Work, key: str | None, asked: str, act: Callable[[], Answer]) -> Answer:
    """``act``, unless ``key`` was acted on already: then the answer given at that time.

    Raises ``Invalid`` when the key stands for another request.
    """
    if key is None:
        return act()
    run, mine = work.connection.execute, {"_company": work.company.id, "_account": work.actor_id, "_key": key}
    entered = {"company_id": work.company.id, "account_id": work.actor_id, "key": key}
    fresh = {**entered, "fingerprint": asked, "headers": "", "at": work.now}
    if run(_enter(is_sqlite(work.connection)), fresh).scalar_one_or_none() is None:
        return _replay(run(_FIND, mine).one(), asked)
    answer = act()
    run(_KEEP, {**mine, "status": answer.status, "headers": json.dumps(answer.headers), "body": str(answer.body)})
    return answer


@cache
def _enter(is_lite: bool) -> Any:
    new = (sqlite if is_lite else postgresql).insert(SeenRequest)
    return new.on_conflict_do_nothing().returning(SeenRequest.key)


_MINE = (
    _SEEN.c.company_id == bindparam("_company"),
    _SEEN.c.account_id == bindparam("_account"),
    _SEEN.c.key == bindparam("_key"),
)
_FIND = select(_SEEN).where(*_MINE)
_KEEP = update(_SEEN).where(*_MINE).values({name: bindparam(name) for name in ("status", "headers", "body")})


def _replay(row: Any, asked: str) -> Answer:
    if row.fingerprint != asked:
        raise Invalid([Fault(HEADER, _("This key was used for another request."), "key.reused")])
    return Answer(row.status, row.body, {**json.loads(row.headers), REPLAYED: "true"})
