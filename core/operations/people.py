"""Found a company, and say who works there, in which role, with which rights."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from core.calendar import statutory
from core.entities.account import (
    Account,
    AccountRole,
    ApiToken,
    CompanyRole,
    Department,
    Employment,
    RoleGrant,
)
from core.entities.company import CalendarDay, Company
from core.entities.tax import TaxKind, TaxRate
from core.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from core.extension.core_settings import PASSWORD_LENGTH
from core.operations.company import grant_defaults, pairs, record
from core.operations.credentials import end_tokens, has_agreed
from core.operations.roles import keep_an_administrator
from core.passwords import SHORTEST, hashed, weakness
from core.rights import ADMINISTER
from core.roles import STANDARD
from core.schemas.inputs import readable
from core.text import CHINESE, _, speaking
from core.work import Ask, System, Work, Works

_ACCOUNT: Any = Account.__table__
_JOB: Any = Employment.__table__
_HELD: Any = AccountRole.__table__
_ROLE: Any = CompanyRole.__table__
_GRANT: Any = RoleGrant.__table__
_DEPARTMENT: Any = Department.__table__
_TOKEN: Any = ApiToken.__table__
CODE = re.compile(r"[a-z][a-z0-9-]{1,19}")
LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{1,59}")
LONGEST_NAME = 200
# Value-added tax as in force since 2026-01-01: code, kind, rate.
TAXES = (
    ("13", TaxKind.RATE, "0.13", "增值税 13%", "VAT 13%"),
    ("9", TaxKind.RATE, "0.09", "增值税 9%", "VAT 9%"),
    ("6", TaxKind.RATE, "0.06", "增值税 6%", "VAT 6%"),
    ("3", TaxKind.LEVY, "0.03", "征收率 3%", "Levy 3%"),
    ("1", TaxKind.LEVY, "0.01", "征收率 1%", "Levy 1%"),
    ("0", TaxKind.ZERO, "0", "零税率", "Zero rate"),
    ("exempt", TaxKind.EXEMPT, "0", "免税", "Exempt"),
    ("untaxed", TaxKind.UNTAXED, "0", "不征税", "Not taxable"),
)


def found(works: Works, code: str, name: str, **about: Any) -> int:
    """A new company with the standard roles, tax rates, calendar and core rights; gives back its id.

    ``about`` are further columns of the company. Raises ``Invalid`` or ``Conflict``.
    """
    if not CODE.fullmatch(code):
        raise Invalid([Fault("code", _("Two to twenty small letters, digits and dashes, beginning with a letter."))])
    if not name.strip():
        raise Invalid([Fault("name", _("This is needed."), "required")])
    company: Any = Company.__table__
    with works.installation() as connection:
        if connection.execute(select(company.c.id).where(company.c.code == code)).scalar() is not None:
            raise Conflict(_("There is a company with the code {code} already.", code=code), code="conflict.duplicate")
        row = {"code": code, "name": name.strip(), "created_at": datetime.now(UTC), **about}
        key: int = connection.execute(insert(Company).returning(Company.id), row).scalar_one()
    works.run(Ask(key, System("found")), _equip)
    return key


def _equip(work: Work) -> None:
    with speaking(CHINESE):
        chinese = {role.key: str(role.label) for role in STANDARD}
    work.connection.execute(
        insert(CompanyRole),
        [
            {"company_id": work.company.id, "key": r.key, "name": chinese[r.key], "name_en": r.label.message}
            for r in STANDARD
        ],
    )
    at = {"created_at": work.now, "updated_at": work.now, "company_id": work.company.id}
    work.connection.execute(
        insert(TaxRate),
        [
            {"code": code, "tax_kind": kind.value, "rate": rate, "name": name, "name_en": name_en, **at}
            for code, kind, rate, name, name_en in TAXES
        ],
    )
    days = [day for year in range(work.today.year - 1, work.today.year + 2) for day in statutory(year)]
    if days:
        work.connection.execute(
            insert(CalendarDay),
            [
                {
                    "company_id": work.company.id,
                    "day": d.day,
                    "is_workday": d.is_workday,
                    "name": d.name,
                    "name_en": d.name_en,
                }
                for d in days
            ],
        )
    grant_defaults(work, (p.key for p in work.types.permissions.values() if p.area == "core"))
    record(work, "found", {"code": [None, work.company.code], "name": [None, work.company.name]})


def create_account(works: Works, login: str, name: str, *, name_en: str = "", password: str = "", **about: Any) -> int:
    """A new account without any company yet; gives back its id. Raises ``Invalid``, ``Conflict``."""
    with works.installation() as connection:
        return _new_account(connection, login, name, name_en=name_en, password=password, **about)


def hire(
    work: Work, login: str, name: str, *, name_en: str = "", password: str = "", roles: Iterable[str] = (), **job: Any
) -> int:
    """A new account that works for the company at once, ``job`` as in ``employ``; gives back its id."""
    work.demand(ADMINISTER)
    key = _new_account(
        work.connection, login, name, name_en=name_en, password=password, shortest=work.setting(PASSWORD_LENGTH)
    )
    work.kept[f"hired:{key}"] = True
    employ(work, key, roles=roles, **job)
    return key


def _new_account(
    connection: Connection,
    login: str,
    name: str,
    *,
    name_en: str,
    password: str,
    shortest: int = SHORTEST,
    **about: Any,
) -> int:
    login = check_login(login, name, name_en)
    if password and (why := weakness(password, login, shortest=shortest, about=(name, name_en))):
        raise Invalid([Fault("password", why, "weak")])
    if connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == login)).scalar() is not None:
        raise Conflict(_("There is an account {login} already.", login=login), code="conflict.duplicate")
    row = {
        "login": login,
        "name": name.strip(),
        "name_en": name_en.strip(),
        "created_at": datetime.now(UTC),
        "password_hash": hashed(password) if password else "",
        "password_at": datetime.now(UTC) if password else None,
        **about,
    }
    key: int = connection.execute(insert(Account).returning(Account.id), row).scalar_one()
    return key


def check_login(login: str, name: str, name_en: str = "") -> str:
    """The login as it is kept; raises ``Invalid``."""
    login = login.strip().lower()
    faults = []
    if not LOGIN.fullmatch(login):
        faults.append(Fault("login", _("Small letters, digits, dots, dashes; two characters at least.")))
    faults += [
        Fault(place, _("This is too long, or cannot be kept."), "invalid")
        for place, text in (("name", name), ("name_en", name_en))
        if len(text) > LONGEST_NAME or not readable(text)
    ]
    if not name.strip():
        faults.append(Fault("name", _("This is needed."), "required"))
    if faults:
        raise Invalid(faults)
    return login


def employ(
    work: Work,
    account_id: int,
    *,
    department: str = "",
    superior_id: int | None = None,
    title: str = "",
    title_en: str = "",
    roles: Iterable[str] | None = (),
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> None:
    """Let an account work for the company, in a department (by code) and in roles (by key); None leaves its roles.

    Raises ``Forbidden`` when a person of the company does this to somebody who has not agreed: see ``invitations``.
    """
    work.demand(ADMINISTER)
    if work.connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.id == account_id)).scalar() is None:
        raise Unknown()
    if work.actor is not None and not has_agreed(work, account_id):
        raise Forbidden(
            _("The owner of an account has to agree before it works for a further company. Invite the person.")
        )
    department_id = None
    if department:
        department_id = work.connection.execute(
            select(_DEPARTMENT.c.id).where(
                _DEPARTMENT.c.company_id == work.company.id, _DEPARTMENT.c.code == department
            )
        ).scalar()
        if department_id is None:
            raise Invalid([Fault("department", _("There is no such department."), "reference")])
    _check_job(work, account_id, superior_id, (title, title_en), valid_from, valid_until)
    values = {
        "department_id": department_id,
        "superior_id": superior_id,
        "title": title,
        "title_en": title_en,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    job = (_JOB.c.company_id == work.company.id, _JOB.c.account_id == account_id)
    if work.connection.execute(update(_JOB).where(*job).values(**values)).rowcount == 0:
        work.connection.execute(insert(Employment), {"company_id": work.company.id, "account_id": account_id, **values})
    record(work, "employ", {"account": [None, account_id], **{k: [None, v] for k, v in values.items() if v}})
    if roles is not None:
        set_roles(work, account_id, roles)
        return
    keep_an_administrator(work)
    raise_account(work, account_id)


def _check_job(
    work: Work,
    account_id: int,
    superior_id: int | None,
    titles: tuple[str, str],
    valid_from: date | None,
    valid_until: date | None,
) -> None:
    faults = []
    if superior_id is not None and (superior_id == account_id or not works_here(work, superior_id)):
        faults.append(Fault("superior_id", _("Choose somebody else of the company."), "reference"))
    faults += [
        Fault(place, _("At most {length} characters.", length=LONGEST_NAME), "too_long")
        for place, text in zip(("title", "title_en"), titles, strict=True)
        if len(text) > LONGEST_NAME
    ]
    if valid_from and valid_until and valid_until < valid_from:
        faults.append(Fault("valid_until", _("The end lies before the beginning."), "order"))
    if faults:
        raise Invalid(faults)


def dismiss(work: Work, account_id: int) -> None:
    """End an employment with today; sessions stop working for this company at the next request, tokens for good.

    Raises ``Conflict`` when nobody would remain who can administer the company.
    """
    work.demand(ADMINISTER)
    if account_id == work.actor_id:
        raise Conflict(_("Nobody dismisses himself."), code="people.self")
    done = work.connection.execute(
        update(_JOB)
        .where(_JOB.c.company_id == work.company.id, _JOB.c.account_id == account_id)
        .values(valid_until=date.fromordinal(work.today.toordinal() - 1))
    )
    if done.rowcount == 0:
        raise Unknown()
    keep_an_administrator(work)
    end_tokens(work.connection, work.now, _TOKEN.c.account_id == account_id, _TOKEN.c.company_id == work.company.id)
    record(work, "dismiss", {"account": [account_id, None]})
    raise_account(work, account_id)


def set_roles(
    work: Work,
    account_id: int,
    roles: Iterable[str],
    *,
    valid_from: date | None = None,
    valid_until: date | None = None,
) -> None:
    """Let a person of the company hold exactly these roles (by key). The last administrator cannot be taken away."""
    hold_roles(work, account_id, dict.fromkeys(roles, (valid_from, valid_until)))


def hold_roles(work: Work, account_id: int, held: Mapping[str, tuple[date | None, date | None]]) -> None:
    """Let a person hold exactly these roles, each between its own two days, both included; None leaves a side open.

    Raises ``Invalid``; ``Conflict`` when nobody would remain who can administer the company today.
    """
    work.demand(ADMINISTER)
    if (
        work.connection.execute(
            select(_JOB.c.id).where(_JOB.c.company_id == work.company.id, _JOB.c.account_id == account_id)
        ).scalar()
        is None
    ):
        raise Unknown()
    known: dict[str, int] = pairs(
        work.connection.execute(select(_ROLE.c.key, _ROLE.c.id).where(_ROLE.c.company_id == work.company.id))
    )
    if missing := [key for key in held if key not in known]:
        raise Invalid([Fault("roles", _("There is no role {role}.", role=", ".join(missing)), "reference")])
    if wrong := [key for key, (first, last) in held.items() if first and last and last < first]:
        raise Invalid([Fault(f"roles/{key}", _("The end lies before the beginning."), "order") for key in wrong])
    work.connection.execute(
        delete(_HELD).where(_HELD.c.company_id == work.company.id, _HELD.c.account_id == account_id)
    )
    if held:
        work.connection.execute(
            insert(AccountRole),
            [
                {
                    "company_id": work.company.id,
                    "account_id": account_id,
                    "role_id": known[key],
                    "valid_from": first,
                    "valid_until": last,
                }
                for key, (first, last) in held.items()
            ],
        )
    keep_an_administrator(work)
    record(work, "roles", {"account": [None, account_id], "roles": [None, list(held)]})
    raise_account(work, account_id)


def works_here(work: Work, account_id: int) -> bool:
    """Whether somebody is, or was, employed by the company; who was hired in this very work counts."""
    row = work.connection.execute(
        select(_JOB.c.id).where(_JOB.c.company_id == work.company.id, _JOB.c.account_id == account_id)
    )
    return row.scalar() is not None


def save_department(
    work: Work, code: str, name: str, name_en: str = "", *, parent: str = "", head_id: int | None = None
) -> None:
    """Enter or change a department by its code."""
    work.demand(ADMINISTER)
    code = code.strip()
    faults = [
        Fault(place, _("This is needed."), "required")
        for place, text in (("code", code), ("name", name))
        if not text.strip()
    ]
    faults += [
        Fault(place, _("At most {length} characters.", length=most), "too_long")
        for place, text, most in (("code", code, 60), ("name", name, LONGEST_NAME), ("name_en", name_en, LONGEST_NAME))
        if len(text) > most
    ]
    if head_id is not None and not works_here(work, head_id):
        faults.append(Fault("head_id", _("Choose somebody else of the company."), "reference"))
    parent_id, wrong = _parent(work, code, parent) if parent else (None, None)
    if wrong:
        faults.append(wrong)
    if faults:
        raise Invalid(faults)
    values = {"name": name.strip(), "name_en": name_en.strip(), "parent_id": parent_id, "head_id": head_id}
    where = (_DEPARTMENT.c.company_id == work.company.id, _DEPARTMENT.c.code == code)
    if work.connection.execute(update(_DEPARTMENT).where(*where).values(**values)).rowcount == 0:
        work.connection.execute(insert(Department), {"company_id": work.company.id, "code": code, **values})
    record(work, "department", {code: [None, {"name": name, "parent": parent}]})


def _parent(work: Work, code: str, parent: str) -> tuple[int | None, Fault | None]:
    """The department above, unless it is the department itself or one below it."""
    rows = work.connection.execute(
        select(_DEPARTMENT.c.id, _DEPARTMENT.c.code, _DEPARTMENT.c.parent_id).where(
            _DEPARTMENT.c.company_id == work.company.id
        )
    ).all()
    by_code = {row.code: row for row in rows}
    above = {row.id: row.parent_id for row in rows}
    if parent not in by_code:
        return None, Fault("parent", _("There is no such department."), "reference")
    own = by_code[code].id if code in by_code else None
    place: int | None = by_code[parent].id
    while place is not None:
        if place == own:
            return None, Fault("parent", _("A department cannot stand below itself."), "reference")
        place = above[place]
    return by_code[parent].id, None


def raise_account(work: Work, account_id: int) -> None:
    """Make what is cached about a person useless, in every process."""
    work.connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == account_id).values(version=_ACCOUNT.c.version + 1))
