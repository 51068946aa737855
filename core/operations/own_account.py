"""What everybody may change about the own account: name, language, light or dark, password, open sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from core.channels import is_address
from core.entities.account import Account, Employment, LoginSession
from core.entities.company import Company
from core.errors import Fault, Invalid, Unknown
from core.operations.credentials import change_password, check_password
from core.passwords import matches
from core.text import LANGUAGES, _
from core.work import Work

_ACCOUNT: Any = Account.__table__
_SESSION: Any = LoginSession.__table__
_COMPANY: Any = Company.__table__
_JOB: Any = Employment.__table__
EDITABLE = ("name", "name_en", "email", "phone", "language", "theme")
CHOICES: Mapping[str, tuple[str, ...]] = {"language": ("", *LANGUAGES), "theme": ("", "light", "dark")}


def describe_oneself(work: Work, values: Mapping[str, str]) -> None:
    """Change what the program knows of the actor; a new name shows in every company. Raises ``Invalid``."""
    given = {key: text.strip() for key, text in values.items()}
    faults = [
        Fault(k, _("There is no such field, or it cannot be written."), "unknown") for k in given.keys() - set(EDITABLE)
    ]
    for key in given.keys() & set(EDITABLE):
        most = _ACCOUNT.c[key].type.length
        if len(given[key]) > most:
            faults.append(Fault(key, _("At most {length} characters.", length=most), "too_long"))
        if key in CHOICES and given[key] not in CHOICES[key]:
            faults.append(Fault(key, _("“{value}” is not one of the choices.", value=given[key]), "choice"))
    if given.get("email") and not is_address(given["email"]):
        faults.append(Fault("email", _("This is not an e-mail address."), "address"))
    if given.get("name") == "":
        faults.append(Fault("name", _("This is needed."), "required"))
    if faults:
        raise Invalid(faults)
    me = _me(work)
    work.connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == me).values(**given, version=_ACCOUNT.c.version + 1))
    mine = select(_JOB.c.company_id).where(_JOB.c.account_id == me)
    work.connection.execute(update(_COMPANY).where(_COMPANY.c.id.in_(mine)).values(version=_COMPANY.c.version + 1))


def change_own_password(work: Work, old: str, new: str, *, session_id: int) -> None:
    """A new password for the actor, who knows the old one; every other session and every token end.

    Raises ``Invalid``.
    """
    me = _me(work)
    kept = work.connection.execute(select(_ACCOUNT.c.password_hash).where(_ACCOUNT.c.id == me)).scalar_one()
    if not matches(kept, old):
        raise Invalid([Fault("old_password", _("This is not your password."), "wrong")])
    check_password(work.connection, me, new)
    change_password(work.connection, me, new, but=session_id)


def end_session(work: Work, session_id: int) -> None:
    """Sign the actor out of one browser. Raises ``Unknown`` for somebody else's session."""
    gone = work.connection.execute(
        delete(_SESSION).where(_SESSION.c.id == session_id, _SESSION.c.account_id == _me(work))
    )
    if gone.rowcount == 0:
        raise Unknown()


def end_other_sessions(work: Work, *, session_id: int) -> None:
    """Sign the actor out everywhere but here."""
    work.connection.execute(delete(_SESSION).where(_SESSION.c.account_id == _me(work), _SESSION.c.id != session_id))


def _me(work: Work) -> int:
    if work.actor_id is None:
        raise Unknown()
    return work.actor_id
