"""Territories: a tree of regions, each with the people or departments that answer for the customers there (CRM-06).

A customer's territory follows from its region code, by the longest beginning that a territory names, unless somebody
has chosen another by hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Code, Line, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import ADMINISTRATOR
from core.text import _, in_language

if TYPE_CHECKING:
    from core.work import Work

REGION = re.compile(r"\d{2}|\d{4}|\d{6}", re.ASCII)
_BETWEEN = re.compile(r"[,，;；、\s]+")


@dataclass(frozen=True, slots=True)
class TerritoryFacts:
    """A territory as every request knows it; ``holders`` are accounts and departments with their days."""

    id: int
    name: str
    name_en: str
    parent_id: int | None
    regions: tuple[str, ...]
    accounts: tuple[tuple[int, date | None, date | None], ...] = ()
    departments: tuple[tuple[int, date | None, date | None], ...] = ()

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return in_language(self.name, self.name_en)


def territories(work: Work) -> Mapping[int, TerritoryFacts]:
    """The territories in use, by id; read once for each version of the company."""
    return work.once("territories", lambda: MappingProxyType(_read(work)))


def _read(work: Work) -> dict[int, TerritoryFacts]:
    table: Any = Territory.__table__
    held: Any = TerritoryHolder.__table__
    holders: dict[tuple[int, str], list[tuple[int, date | None, date | None]]] = {}
    for row in work.connection.execute(select(held).where(held.c.company_id == work.company.id)):
        for name in ("account_id", "department_id"):
            if (key := getattr(row, name)) is not None:
                holders.setdefault((row.territory_id, name), []).append((key, row.valid_from, row.valid_until))
    rows = work.connection.execute(select(table).where(table.c.company_id == work.company.id, table.c.active))
    return {
        row.id: TerritoryFacts(
            row.id,
            row.name,
            row.name_en,
            row.parent_id,
            tuple(split(row.regions)),
            tuple(holders.get((row.id, "account_id"), ())),
            tuple(holders.get((row.id, "department_id"), ())),
        )
        for row in rows
    }


def split(regions: str) -> list[str]:
    """The region codes that a territory names, as people separate them."""
    return [code for code in _BETWEEN.split(regions) if code]


def of_region(work: Work, region_code: str) -> int | None:
    """The territory of a region: that with the longest beginning of its code."""
    if not region_code:
        return None
    found = [(len(code), key) for code, key in named(work).items() if region_code.startswith(code)]
    return max(found)[1] if found else None


def named(work: Work) -> dict[str, int]:
    """Every region code that a territory in use names, with its territory."""
    return {code: one.id for one in territories(work).values() for code in one.regions}


def check_regions(work: Work, territory: Territory) -> Iterator[Fault]:
    """Region codes have 2, 4 or 6 digits, and each belongs to one territory only."""
    codes = list(dict.fromkeys(split(territory.regions)))
    territory.regions = ", ".join(codes)
    if len(territory.regions) > LONGEST:
        yield Fault("regions", _("This is too long, or cannot be kept."), "range")
    others = {code: key for code, key in named(work).items() if key != territory.id}
    for code in codes:
        if not REGION.fullmatch(code):
            yield Fault("regions", _("“{code}” is no region code: 2, 4 or 6 digits.", code=code[:20]), "invalid")
        elif territory.active and code in others:
            name = territories(work)[others[code]].title
            yield Fault("regions", _("The region {code} belongs to “{name}” already.", code=code, name=name), "taken")


def check_tree(work: Work, territory: Territory) -> Iterator[Fault]:
    """No territory lies within itself."""
    known, above, seen = territories(work), territory.parent_id, set[int]()
    while above is not None and above not in seen:
        if above == territory.id:
            yield Fault("parent_id", _("A territory cannot be a part of itself."), "reference")
            return
        seen.add(above)
        above = known[above].parent_id if above in known else None


def check_holder(work: Work, territory: Any, row: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """Each row names a person or a department, and days that follow each other."""
    if (row.get("account_id") is None) == (row.get("department_id") is None):
        yield Fault(f"{path}/account_id", _("Name either a person or a department."), "required")
    first, last = row.get("valid_from"), row.get("valid_until")
    if first and last and last < first:
        yield Fault(f"{path}/valid_until", _("It ends before it begins."), "range")


class TerritoryHolder(Part):
    """Who answers for a territory, between two days."""

    __tablename__ = "territory_holder"
    __table_args__ = company_args(
        refers("territory_id", "territory"),
        refers("department_id", "department"),
        Index("ix_territory_holder_territory", "company_id", "territory_id"),
        CheckConstraint("(account_id IS NULL) <> (department_id IS NULL)", name="holder"),
    )
    key = "holders"
    label = _("Who answers for it")
    owner = "territory_id"
    columns = ("account_id", "department_id", "valid_from", "valid_until")
    row_checks = (check_holder,)

    territory_id: Mapped[int] = mapped_column(BigId)
    account_id: Mapped[int | None] = field(_("Person"), BigId, ForeignKey("account.id"), references="core.account")
    department_id: Mapped[int | None] = field(_("Department"), BigId, references="core.department")
    valid_from: Mapped[date | None] = field(_("Valid from"))
    valid_until: Mapped[date | None] = field(_("Valid until"))


LONGEST = 400


class Territory(Master, kind="core.territory"):
    """A part of the market; whoever holds it sees its customers where a right reaches the territory."""

    __tablename__ = "territory"
    __table_args__ = company_args(UniqueConstraint("company_id", "code"), refers("parent_id", "territory"))
    label = _("Territory")
    label_plural = _("Territories")
    plural = "territories"
    icon = "map-pin"
    columns: ClassVar = ("code", "name", "parent_id", "regions", "active")
    searched = ("code", "name", "name_en")
    parts = (TerritoryHolder,)
    # Who is assigned here sees what is there: to assign is to grant.
    writers = (ADMINISTRATOR,)
    cached = True
    checks = (check_regions, check_tree)

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    parent_id: Mapped[int | None] = field(_("Lies within"), BigId, references="core.territory")
    regions: Mapped[Line] = field(
        _("Regions"),
        default="",
        help=_("Beginnings of region codes, such as 37, 3702; the longest that fits counts."),
    )
