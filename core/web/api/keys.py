"""Repeating safely: a request with an ``Idempotency-Key`` acts once, however often it arrives.

The key is entered first, in the transaction of the work itself. A second request waits for it and is given the stored
answer; a refused attempt leaves nothing, so that it may be tried again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from sqlalchemy import select, update
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
    mine = {"company_id": work.company.id, "account_id": work.actor_id, "key": key}
    insert = (sqlite if is_sqlite(work.connection) else postgresql).insert(SeenRequest).on_conflict_do_nothing()
    fresh = insert.values(**mine, fingerprint=asked, headers="", at=work.now).returning(SeenRequest.key)
    where = [_SEEN.c[name] == value for name, value in mine.items()]
    if work.connection.execute(fresh).scalar_one_or_none() is None:
        return _replay(work.connection.execute(select(_SEEN).where(*where)).one(), asked)
    answer = act()
    work.connection.execute(
        update(_SEEN)
        .where(*where)
        .values(status=answer.status, headers=json.dumps(answer.headers), body=str(answer.body))
    )
    return answer


def _replay(row: Any, asked: str) -> Answer:
    if row.fingerprint != asked:
        raise Invalid([Fault(HEADER, _("This key was used for another request."), "key.reused")])
    return Answer(row.status, row.body, {**json.loads(row.headers), REPLAYED: "true"})
