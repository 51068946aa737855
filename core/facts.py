"""What every request must know about its company and its actor, read once per version and kept in a bounded cache.

One statement opens a unit of work: it reads the versions of both and sets the scope of row-level security. Every
write to areas, grants, settings, taxes, policies, days, series or people raises a version in its own transaction, so a
revoked right refuses the very next request, in every process.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from threading import Lock
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Select, String, bindparam, cast, func, literal, select

from core.calendar import Workdays
from core.entities.account import Account, AccountRole, CompanyRole, Department, Employment, RoleGrant
from core.entities.company import CalendarDay, Company, EnabledArea, NumberSeries, Setting
from core.entities.double_check import DoubleCheck
from core.entities.tax import TaxRate
from core.errors import Unauthenticated, Unknown
from core.text import _, in_language

KEPT = 512


class Grant(NamedTuple):
    """A right of a role: how far it reaches, and between which days."""

    permission: str
    scope: str
    valid_from: date | None
    valid_until: date | None

    def valid(self, today: date) -> bool:
        """Whether the grant holds on ``today``; both days included."""
        return (self.valid_from is None or self.valid_from <= today) and (
            self.valid_until is None or today <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A role of the company and what it may do."""

    id: int
    key: str
    name: str
    name_en: str
    grants: tuple[Grant, ...]

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class TaxFacts:
    """A tax rate as a line needs it."""

    id: int
    code: str
    name: str
    name_en: str
    tax_kind: str
    rate: Decimal
    valid_from: date | None
    valid_until: date | None
    active: bool

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """Somebody who works, or worked, for the company."""

    id: int
    login: str
    name: str
    name_en: str
    department_id: int | None
    superior_id: int | None
    employed: Grant
    # Whether the account may sign in at all.
    active: bool = True

    @property
    def title(self) -> str:
        """The person's name in the reader's language."""
        return in_language(self.name, self.name_en)

    def works(self, today: date) -> bool:
        """Whether the person works for the company on ``today``, and is not refused by the installation."""
        return self.active and self.employed.valid(today)


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """How many further persons confirm a move, and which role they hold; None for whoever may read the document."""

    persons: int
    role_id: int | None


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """A company as one request sees it."""

    id: int
    code: str
    name: str
    name_en: str
    language: str
    zone: str
    currency: str
    colour: str
    closed_until: date | None
    version: int
    row: Mapping[str, Any]
    areas: frozenset[str]
    settings: Mapping[str, str]
    series: Mapping[str, str]
    roles: Mapping[int, RoleFacts]
    taxes: tuple[TaxFacts, ...]
    holders: Mapping[int, tuple[tuple[int, Grant], ...]]
    people: Mapping[int, PersonFacts]
    departments: Mapping[int, tuple[str, str]]
    # By department its head, and the department above it.
    heads: Mapping[int, tuple[int | None, int | None]]
    workdays: Workdays
    # By kind of document and move, of those that are double-checked.
    double_checks: Mapping[tuple[str, str], CheckFacts]

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name, self.name_en)


@dataclass(frozen=True, slots=True)
class ActorFacts:
    """The person who acts, in one company. ``version`` rises with every change of the account."""

    id: int
    version: int
    login: str
    name: str
    name_en: str
    language: str
    theme: str
    department_id: int | None
    superior_id: int | None
    employed: Grant
    roles: tuple[tuple[int, Grant], ...]


_company, _account = Company.__table__, Account.__table__


@cache
def _versions(is_lite: bool) -> Select[Any]:
    statement = (
        select(
            _company.c.version,
            _company.c.active,
            _account.c.version.label("actor"),
            _account.c.active.label("works"),
        )
        .select_from(_company.outerjoin(_account, _account.c.id == bindparam("actor_id")))
        .where(_company.c.id == bindparam("company_id"))
    )
    if is_lite:
        return statement
    return statement.add_columns(
        func.set_config("app.company", cast(bindparam("company_id"), String), True),
        func.set_config("app.account", func.coalesce(cast(bindparam("actor_id"), String), literal("")), True),
    )


T = TypeVar("T")


class Bounded(Generic[T]):
    """A small cache that forgets what was used longest ago; safe between threads."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept, self._rows, self._lock = kept, OrderedDict[Any, T](), Lock()

    def get(self, key: Any) -> T | None:
        """What is kept under ``key``."""
        with self._lock:
            if key in self._rows:
                self._rows.move_to_end(key)
            return self._rows.get(key)

    def put(self, key: Any, value: T) -> T:
        """Keep ``value``, forget the oldest beyond the bound."""
        with self._lock:
            self._rows[key] = value
            while len(self._rows) > self._kept:
                self._rows.popitem(last=False)
        return value


class Facts:
    """The facts of this process."""

    def __init__(self) -> None:
        self._companies: Bounded[CompanyFacts] = Bounded()
        self._actors: Bounded[ActorFacts] = Bounded(KEPT * 4)
        self._further: Bounded[Any] = Bounded(KEPT * 4)

    def further(self, company: CompanyFacts, name: str, read: Callable[[], T]) -> T:
        """What ``read`` finds, kept under ``name`` for this version of the company."""
        key = (company.id, company.version, name)
        kept: tuple[T] | None = self._further.get(key)
        return (kept or self._further.put(key, (read(),)))[0]

    def read(
        self, connection: Connection, company_id: int, actor_id: int | None
    ) -> tuple[CompanyFacts, ActorFacts | None]:
        """The facts of now; raises ``Unknown`` for a company that is not there, or not the actor's."""
        is_lite = connection.dialect.name == "sqlite"
        row = connection.execute(_versions(is_lite), {"company_id": company_id, "actor_id": actor_id}).one_or_none()
        if row is None or not row.active:
            raise Unknown()
        company = self._companies.get((company_id, row.version))
        if company is None:
            company = self._companies.put((company_id, row.version), _read_company(connection, company_id))
        if actor_id is None:
            return company, None
        if row.actor is None or not row.works:
            raise Unauthenticated(_("Please sign in."))
        key = (company_id, row.version, actor_id, row.actor)
        actor = self._actors.get(key)
        if actor is None:
            actor = self._actors.put(key, _read_actor(connection, company_id, actor_id))
        return company, actor


@cache
def _of_company(table: Any, names: tuple[str, ...]) -> Select[Any]:
    columns = [table.c[name] for name in names or table.c.keys()]
    return select(*columns).where(table.c.company_id == bindparam("company_id"))


@cache
def _granted() -> Select[Any]:
    """Every right with the roles that have it just so: a quarter of the rows, and of what is kept."""
    table: Any = RoleGrant.__table__
    given = [table.c[name] for name in Grant._fields]
    roles = func.aggregate_strings(cast(table.c.role_id, String), ",")
    return select(*given, roles).where(table.c.company_id == bindparam("company_id")).group_by(*given)


@cache
def _one(table: Any) -> Select[Any]:
    return select(table).where(table.c.id == bindparam("key"))


def _rows(connection: Connection, table: Any, company_id: int, *names: str) -> Sequence[Any]:
    """A company's rows; only the columns that are named, where there are many of either."""
    return connection.execute(_of_company(table, names), {"company_id": company_id}).all()


def _read_company(connection: Connection, company_id: int) -> CompanyFacts:
    row = connection.execute(_one(_company), {"key": company_id}).one()
    grants: dict[int, list[Grant]] = {}
    for *given, roles in connection.execute(_granted(), {"company_id": company_id}).all():
        grant = Grant._make(given)
        for role in roles.split(","):
            grants.setdefault(int(role), []).append(grant)
    days = _rows(connection, CalendarDay.__table__, company_id, "day", "is_workday")
    departments = _rows(connection, Department.__table__, company_id)
    return CompanyFacts(
        id=row.id,
        code=row.code,
        name=row.name,
        name_en=row.name_en,
        language=row.language,
        zone=row.zone,
        currency=row.currency,
        colour=row.colour,
        closed_until=row.closed_until,
        version=row.version,
        row=MappingProxyType(dict(row._mapping)),
        areas=frozenset(a.area for a in _rows(connection, EnabledArea.__table__, company_id)),
        settings=MappingProxyType({s.key: s.value for s in _rows(connection, Setting.__table__, company_id)}),
        series=MappingProxyType({s.kind: s.pattern for s in _rows(connection, NumberSeries.__table__, company_id)}),
        roles=MappingProxyType(
            {
                r.id: RoleFacts(r.id, r.key, r.name, r.name_en, tuple(grants.get(r.id, ())))
                for r in _rows(connection, CompanyRole.__table__, company_id)
                if r.active
            }
        ),
        taxes=tuple(
            TaxFacts(t.id, t.code, t.name, t.name_en, t.tax_kind, t.rate, t.valid_from, t.valid_until, t.active)
            for t in _rows(connection, TaxRate.__table__, company_id)
        ),
        holders=MappingProxyType(_read_holders(connection, company_id)),
        people=MappingProxyType(_read_people(connection, company_id)),
        departments=MappingProxyType({d.id: (d.name, d.name_en) for d in departments}),
        heads=MappingProxyType({d.id: (d.head_id, d.parent_id) for d in departments}),
        workdays=Workdays(
            week=frozenset(int(c) - 1 for c in row.week),
            holidays=frozenset(d.day for d in days if not d.is_workday),
            makeups=frozenset(d.day for d in days if d.is_workday),
            known_years=frozenset(d.day.year for d in days),
        ),
        double_checks=MappingProxyType(
            {
                (c.document_kind, c.transition): CheckFacts(c.persons, c.role_id)
                for c in _rows(connection, DoubleCheck.__table__, company_id)
                if c.active and c.persons
            }
        ),
    )


def _read_holders(connection: Connection, company_id: int) -> dict[int, tuple[tuple[int, Grant], ...]]:
    found: dict[int, list[tuple[int, Grant]]] = {}
    for held in _rows(connection, AccountRole.__table__, company_id):
        found.setdefault(held.role_id, []).append((held.account_id, Grant("", "", held.valid_from, held.valid_until)))
    return {role: tuple(people) for role, people in found.items()}


@cache
def _employed() -> Select[Any]:
    employed = Employment.__table__
    return (
        select(
            *(_account.c[name] for name in ("id", "login", "name", "name_en", "active")),
            *(employed.c[name] for name in ("department_id", "superior_id", "valid_from", "valid_until")),
        )
        .join(employed, employed.c.account_id == _account.c.id)
        .where(employed.c.company_id == bindparam("company_id"))
    )


@cache
def _of_actor(table: Any) -> Select[Any]:
    return select(table).where(
        table.c.company_id == bindparam("company_id"), table.c.account_id == bindparam("actor_id")
    )


def _read_people(connection: Connection, company_id: int) -> dict[int, PersonFacts]:
    return {
        p.id: PersonFacts(
            p.id,
            p.login,
            p.name,
            p.name_en,
            p.department_id,
            p.superior_id,
            Grant("", "", p.valid_from, p.valid_until),
            p.active,
        )
        for p in connection.execute(_employed(), {"company_id": company_id}).all()
    }


def _read_actor(connection: Connection, company_id: int, actor_id: int) -> ActorFacts:
    both = {"company_id": company_id, "actor_id": actor_id}
    account = connection.execute(_one(_account), {"key": actor_id}).one()
    job = connection.execute(_of_actor(Employment.__table__), both).one_or_none()
    if job is None:
        raise Unknown()
    roles = connection.execute(_of_actor(AccountRole.__table__), both)
    return ActorFacts(
        id=account.id,
        version=account.version,
        login=account.login,
        name=account.name,
        name_en=account.name_en,
        language=account.language,
        theme=account.theme,
        department_id=job.department_id,
        superior_id=job.superior_id,
        employed=Grant("", "", job.valid_from, job.valid_until),
        roles=tuple((r.role_id, Grant("", "", r.valid_from, r.valid_until)) for r in roles),
    )
