"""Who of a single sign-on provider is which account: linked by its owner, the installation, or a trusted claim."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from core.entities.account import Account
from core.entities.signing_in import AccountIdentity
from core.errors import Conflict, Fault, Invalid, Unknown
from core.text import _

_ACCOUNT: Any = Account.__table__
_IDENTITY: Any = AccountIdentity.__table__
LONGEST_ISSUER, LONGEST_SUBJECT = 300, 255


def known(connection: Connection, issuer: str, subject: str) -> int | None:
    """The active account of somebody of a provider."""
    found: int | None = connection.execute(
        select(_ACCOUNT.c.id)
        .join(_IDENTITY, _IDENTITY.c.account_id == _ACCOUNT.c.id)
        .where(_IDENTITY.c.issuer == issuer, _IDENTITY.c.subject == subject, _ACCOUNT.c.active)
    ).scalar()
    return found


def claimed(connection: Connection, issuer: str, claims: Mapping[str, Any], claim: str) -> int | None:
    """The active account whose user name a claim says, unless it is linked with somebody of the provider already.

    An e-mail address counts only when the provider has verified it.
    """
    name = claims.get(claim)
    if not claim or not isinstance(name, str) or (claim == "email" and claims.get("email_verified") is not True):
        return None
    taken = select(_IDENTITY.c.account_id).where(_IDENTITY.c.issuer == issuer)
    found: int | None = connection.execute(
        select(_ACCOUNT.c.id).where(
            _ACCOUNT.c.login == name.strip().lower(), _ACCOUNT.c.active, _ACCOUNT.c.id.not_in(taken)
        )
    ).scalar()
    return found


def link(connection: Connection, account_id: int, issuer: str, subject: str, label: str = "") -> None:
    """Let somebody of a provider sign in as an account. Raises ``Invalid``, or ``Conflict`` when it is another's."""
    if not subject or len(subject) > LONGEST_SUBJECT or not issuer or len(issuer) > LONGEST_ISSUER:
        raise Invalid([Fault("subject", _("This is too long, or cannot be kept."), "invalid")])
    mine = (_IDENTITY.c.issuer == issuer, _IDENTITY.c.subject == subject)
    holder = connection.execute(select(_IDENTITY.c.account_id).where(*mine)).scalar()
    if holder == account_id:
        return
    if holder is not None:
        raise Conflict(_("This sign-on is linked with another account."), code="conflict.duplicate")
    connection.execute(
        insert(AccountIdentity),
        {
            "account_id": account_id,
            "issuer": issuer,
            "subject": subject,
            "label": label[:200],
            "created_at": datetime.now(UTC),
        },
    )


def unlink(connection: Connection, account_id: int, identity_id: int) -> None:
    """Take one link of an account away. Raises ``Unknown`` for somebody else's."""
    gone = delete(_IDENTITY).where(_IDENTITY.c.id == identity_id, _IDENTITY.c.account_id == account_id)
    if connection.execute(gone).rowcount == 0:
        raise Unknown()


def unlink_subject(connection: Connection, account_id: int, issuer: str, subject: str) -> None:
    """Take the link with somebody of a provider away. Raises ``Unknown`` when there is none."""
    found = connection.execute(
        select(_IDENTITY.c.id).where(_IDENTITY.c.issuer == issuer, _IDENTITY.c.subject == subject)
    ).scalar()
    unlink(connection, account_id, found or 0)


def of_account(connection: Connection, account_id: int) -> list[Any]:
    """The links of an account: id, issuer, subject, label, created_at."""
    return list(
        connection.execute(select(_IDENTITY).where(_IDENTITY.c.account_id == account_id).order_by(_IDENTITY.c.id))
    )
