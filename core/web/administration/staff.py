"""The people of the company as the administration reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select

from core.entities.account import Account, AccountRole, ApiToken, Employment, LoginSession
from core.facts import RoleFacts
from core.text import Text, _
from core.web.current import visitor
from core.web.showing import moment
from core.work import Work


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works, or worked, for the company."""

    account: Account
    job: Employment
    seen: datetime | None

    def employed(self, today: date) -> bool:
        """Whether the person works for the company on ``today``."""
        return (self.job.valid_from is None or self.job.valid_from <= today) and (
            self.job.valid_until is None or today <= self.job.valid_until
        )


def staff(work: Work, account_id: int | None = None) -> list[Person]:
    """Everybody, or the one person, by login."""
    seen = (
        select(LoginSession.account_id, func.max(LoginSession.seen_at).label("at"))
        .group_by(LoginSession.account_id)
        .subquery()
    )
    statement = (
        select(Account, Employment, seen.c.at)
        .join(Employment, Employment.account_id == Account.id)
        .outerjoin(seen, seen.c.account_id == Account.id)
        .order_by(Account.login)
    )
    if account_id is not None:
        statement = statement.where(Account.id == account_id)
    return [Person(account, job, at) for account, job, at in work.session.execute(statement)]


def held_roles(work: Work) -> dict[int, list[AccountRole]]:
    """The roles that each account holds, past and future ones too."""
    found: dict[int, list[AccountRole]] = {}
    for row in work.session.scalars(select(AccountRole).order_by(AccountRole.id)):
        found.setdefault(row.account_id, []).append(row)
    return found


def roles_by_name(work: Work) -> Mapping[int, RoleFacts]:
    """The roles of the company, as they are listed everywhere: the standard ones first, in the order they were made."""
    return {role.id: role for role in sorted(work.company.roles.values(), key=lambda role: role.id)}


def people_choices(work: Work, without: int | None = None) -> list[tuple[str, str]]:
    """The people of the company to choose from."""
    found = sorted(work.company.people.values(), key=lambda who: who.login)
    return [(str(who.id), f"{who.title} ({who.login})") for who in found if who.id != without]


def tokens_of(work: Work, account_id: int | None) -> list[ApiToken]:
    """The tokens that act as the account in this company, without revoked ones."""
    statement = select(ApiToken).where(
        ApiToken.company_id == work.company.id, ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None)
    )
    return list(work.session.scalars(statement.order_by(ApiToken.id)))


def sessions_of(work: Work, account_id: int | None) -> list[dict[str, Any]]:
    """Where the account is signed in, the last seen first."""
    rows = work.session.scalars(
        select(LoginSession)
        .where(LoginSession.account_id == account_id, LoginSession.expires_at > work.now)
        .order_by(LoginSession.seen_at.desc())
    )
    return [
        {
            "id": row.id,
            "agent": browser(row.agent),
            "way": str(WAYS[row.way]) if row.way in WAYS else "",
            "address": row.address,
            "since": moment(work, row.created_at),
            "seen": moment(work, row.seen_at),
            "mine": row.id == visitor().session_id,
        }
        for row in rows
    ]


WAYS: Mapping[str, Text] = {"code": _("two steps"), "sso": _("single sign-on"), "demo": _("demonstration")}


def browser(agent: str) -> str:
    """A browser and its machine in two words, after what it says of itself."""
    name = next((shown for sign, shown in BROWSERS if sign in agent), "")
    machine = next((shown for sign, shown in MACHINES if sign in agent), "")
    return " · ".join(filter(None, (name, machine))) or str(_("Unknown browser"))


BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
MACHINES = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
