"""Who came, and who took what out: sign-ins, prints, exports, downloads and refusals, entered in the audit log.

These entries change no record. They lock nothing and are one row of the insert that is made anyway, or a short work of
their own; what is taken out leaves only after its entry is kept.
"""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, insert, select

from core.canonical import plain
from core.entities.account import Account
from core.entities.company import ZERO
from core.errors import DomainError, Forbidden, Unknown
from core.facts import Bounded
from core.operations.employers import employers, seen_by
from core.operations.ledger import Entry, ledger
from core.records.chain import seal
from core.records.models import ACCESS, History
from core.work import Ask, Origin, System, Work, Works

_log = logging.getLogger("zhanggui.access")
_ACCOUNT: Any = Account.__table__
_INSERT = insert(History).inline()
# The same refusal of the same person within so many seconds is one entry, so that a loop does not fill the log.
ALIKE = 60.0
_lately: Bounded[float] = Bounded(4096)


def enter(work: Work, what: str, *, record: tuple[str, int] | None = None, reason: str = "", **about: Any) -> None:
    """Enter what the actor took out, of which record, and what is known about it."""
    _enter(work, work.ask.origin, Entry(what, about, reason=reason), record)


def _enter(work: Work, origin: Origin, entry: Entry, record: tuple[str, int] | None) -> None:
    kind, key = record or ("", None)
    entry.source, entry.target = kind, origin.address[:60]
    entry.changes = {**entry.changes, **_told(origin)}
    ledger(work).record(ACCESS, key, entry, ZERO)


def _told(origin: Origin) -> dict[str, str]:
    found = {"agent": origin.agent[:200], "face": origin.face}
    return {name: text for name, text in found.items() if text}


# Refusals --------------------------------------------------------------------------------------------------------


def refused(works: Works, ask: Ask, error: DomainError) -> None:
    """Enter that somebody was refused: a right that is missing, a record out of reach, a company that is not his.

    What cannot be entered is written to the program's own log; the refusal itself is never held up by it.
    """
    about = _about(error)
    if about is None or _entered_lately(ask, error.code, about):
        return
    entry = Entry("refuse", {"code": error.code, "path": ask.origin.path[:200], **about}, reason=str(error)[:400])
    try:
        works.run(Ask(ask.company, System("access"), request_id=ask.request_id), lambda w: _as(w, ask, entry, error))
    except Exception:
        _log.exception("refused and not entered: account %s in company %s, %s", ask.actor, ask.company, about)


def _about(error: DomainError) -> dict[str, Any] | None:
    """What a refusal is about; None for an address that simply is not there."""
    match error:
        case Forbidden():
            return {"right": error.right} if error.right else {}
        case Unknown() if error.stranger:
            return {"stranger": True}
        case Unknown() if error.record:
            return {}
    return None


def _entered_lately(ask: Ask, code: str, about: dict[str, Any]) -> bool:
    key, now = (ask.company, ask.actor, code, ask.origin.path or repr(about)), time.monotonic()
    last = _lately.get(key)
    if last is not None and now - last < ALIKE:
        return True
    _lately.put(key, now)
    return False


def _as(work: Work, ask: Ask, entry: Entry, error: DomainError) -> None:
    """As done by who asked, also when he does not work here."""
    login = work.connection.execute(select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == ask.actor)).scalar()
    entry.actor_id, entry.actor = int(ask.actor) if login and isinstance(ask.actor, int) else None, str(login or "?")
    _enter(work, ask.origin, entry, getattr(error, "record", None))


# Sign-ins --------------------------------------------------------------------------------------------------------


def signed(connection: Connection, account_id: int, what: str, origin: Origin, *, request: str, **about: Any) -> None:
    """Enter in the log of each company that employs the account that somebody signed in or out, or failed to.

    It belongs to the transaction of the session itself.
    """
    login = connection.execute(select(_ACCOUNT.c.login).where(_ACCOUNT.c.id == account_id)).scalar_one()
    with seen_by(connection) as see:
        see("app.account", account_id)
        for company in employers(connection, account_id):
            see("app.company", company.id)
            row: dict[str, Any] = {
                "company_id": company.id,
                "kind": ACCESS,
                "uid": uuid4().hex,
                "at": datetime.now(UTC),
                "actor_id": account_id,
                "actor": login,
                "request": request[:40],
                "what": what,
                "source": "",
                "target": origin.address[:60],
                "reason": "",
                "changes": plain({**about, **_told(origin)}),
                "hashes": None,
                "prev": ZERO,
            }
            row["hash"] = seal(ZERO, row)
            connection.execute(_INSERT, {**row, "record_id": None, "document_id": None})


def failed(connection: Connection, login: str, origin: Origin, *, request: str, way: str) -> bool:
    """Enter a failed sign-in under a login; False when nobody has it, which only the program's own log is told."""
    found = connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == login)).scalar()
    if found is None:
        _log.warning("failed sign-in from %s under a login that nobody has", origin.address)
        return False
    signed(connection, int(found), "sign_in_failed", origin, request=request, way=way)
    return True
