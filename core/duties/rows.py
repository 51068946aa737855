"""Duties as rows of one statement: each kind is a branch, all branches have the same columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    String,
    and_,
    bindparam,
    cast,
    literal,
    null,
    or_,
    select,
    true,
    type_coerce,
    union_all,
)

from core.documents import access
from core.documents.models import Document
from core.duties.kinds import Columns, DutyKind, is_master, kinds_of, part_of
from core.hooks.values import Ref
from core.money import told
from core.text import Text
from core.work import Work

_DOCUMENT: Any = Document.__table__
COLUMNS = (
    "place",
    "record_kind",
    "record_id",
    "part_id",
    "number",
    "revision",
    "party_name",
    "what",
    "amount",
    "currency",
    "owner_id",
    "created_by",
    "base",
)


@dataclass(frozen=True, slots=True)
class Branch:
    """The open duties of one kind: where they are read from, and their columns as expressions."""

    kind: DutyKind
    columns: Columns
    table: Any
    conditions: tuple[Any, ...]

    @property
    def base(self) -> Any:
        """The day from which it is counted."""
        return self.kind.base(self.columns)

    @property
    def holder(self) -> Any:
        """Who answers for the record."""
        return self.kind.holder(self.columns)

    def told(self, place: int) -> list[Any]:
        """All columns, in the order of ``COLUMNS``."""
        c, master = self.columns, is_master(self.kind)
        nothing = cast(null(), BigInteger)
        words = self.kind.what(c) if self.kind.what else literal("")
        amount = type_coerce(self.kind.amount(c), BigInteger) if self.kind.amount else nothing
        found = {
            "place": literal(place),
            "record_kind": literal(self.kind.kind) if self.kind.kind else c.kind,
            "record_id": c.id,
            "part_id": self.part_id,
            "number": cast(null(), String) if master else c.number,
            "revision": literal(1) if master else c.revision,
            "party_name": c.party_name,
            "what": cast(words, String),
            "amount": amount,
            "currency": literal("") if master else c.currency,
            "owner_id": cast(self.holder, BigInteger),
            "created_by": c.created_by,
            "base": self.base,
        }
        return [found[name].label(name) for name in COLUMNS]

    @property
    def part_id(self) -> Any:
        """Which part of its record it is about; 0 for the whole."""
        return literal(0) if self.columns.part is None else self.columns.part.id

    def select(self, columns: Iterable[Any], *further: Any) -> Select[Any]:
        """A query of ``columns`` over the open duties that meet ``further`` conditions as well."""
        return select(*columns).select_from(self.table).where(*self.conditions, *further)

    def by(self, work: Work, day: date) -> Any:
        """Those due on ``day`` or before."""
        return self.base <= self.kind.latest(work, day)


def branch(work: Work, kind: DutyKind) -> Branch:
    """The open duties of one kind, of the whole company."""
    part = part_of(work, kind)
    columns = Columns(kind.of, part, work.company.zone)
    company = work.company.id
    if is_master(kind):
        table: Any = kind.of.__table__
        conditions: list[Any] = [table.c.company_id == company, table.c.active]
    else:
        table = own = kind.of.__mapper__.local_table
        conditions = [_DOCUMENT.c.company_id == company]
        if kind.kind:
            conditions.append(_DOCUMENT.c.kind == kind.kind)
        if own is not _DOCUMENT:
            table = _DOCUMENT.join(own, (own.c.company_id == _DOCUMENT.c.company_id) & (own.c.id == _DOCUMENT.c.id))
        else:
            table = _DOCUMENT
    if part is not None:
        table = table.join(part, (part.c.company_id == company) & (part.c.document_id == _DOCUMENT.c.id))
    if kind.states:
        conditions.append(columns.state.in_(kind.states))
    if kind.where:
        conditions += kind.where(work, columns)
    return Branch(kind, columns, table, tuple(conditions))


def branches(work: Work, kinds: Iterable[DutyKind] | None = None) -> list[Branch]:
    """The open duties of all kinds that the company uses, or of those given."""
    return [branch(work, kind) for kind in (kinds_of(work) if kinds is None else kinds)]


# Whose they are -------------------------------------------------------------------------------------------------------

# Statements over duties are made once for everybody with the same rights; who asks is said when they are executed.
ACTOR: Any = bindparam("actor", type_=BigInteger)


class Reach(StrEnum):
    """Which duties of a kind are somebody's: his by name, those of records he made as well, or all."""

    NONE = "0"
    OWN = "1"
    MADE = "2"
    ALL = "3"


def reach(work: Work, kind: DutyKind) -> Reach:
    """Which duties of the kind are the actor's, by name or by a right or a role that he holds."""
    if not _reads(work, kind):
        return Reach.NONE
    if kind.people and work.actor_id in kind.people(work):
        return Reach.ALL
    if kind.right and work.may(right := kind.permission(kind.right)):
        if access.leads(work, right):
            return Reach.ALL
        if kind.own:
            return Reach.MADE
    return Reach.NONE if kind.shared else Reach.OWN


def leads(work: Work, kind: DutyKind) -> bool:
    """Whether the actor is told of late duties of others."""
    return bool(kind.leads and _reads(work, kind) and access.leads(work, kind.permission(kind.leads)))


def mine(work: Work, one: Branch, reached: Reach) -> ColumnElement[bool] | None:
    """The criterion for duties of ``ACTOR``, as far as he reaches; None where he has none."""
    if reached is Reach.NONE:
        return None
    found: Any = true()
    if reached is not Reach.ALL:
        found = one.holder == ACTOR
    if reached is Reach.MADE:
        found = or_(found, one.columns.created_by == ACTOR)
    if reached is Reach.ALL or one.kind.owner is not None:
        found = and_(found, seen(work, one))
    return and_(found, led(one)) if one.kind.others else found


def led(one: Branch) -> ColumnElement[bool]:
    """The criterion for duties of others than ``ACTOR``."""
    return or_(one.holder.is_(None), one.holder != ACTOR)


def _reads(work: Work, kind: DutyKind) -> bool:
    return not kind.kind or work.may(f"{kind.kind}.read")


def seen(work: Work, one: Branch) -> ColumnElement[bool]:
    """The criterion that keeps the actor to records that he may read."""
    visible = visible_of(work, one.kind)
    return true() if visible is None else visible


def visible_of(work: Work, kind: DutyKind) -> ColumnElement[bool] | None:
    """What keeps the actor to records of the kind that he may read; None where he may read all of the company's."""
    return access.rows(work, kind.of) if kind.kind else None


# Rows -----------------------------------------------------------------------------------------------------------------


def some(parts: Sequence[Select[Any]], most: int) -> Any:
    """All branches in one statement, those due first of each and at most so many, those without a day last."""
    limited = []
    for one in parts:
        rows = one.subquery()
        limited.append(select(rows).order_by(rows.c.base.is_(None), rows.c.base, rows.c.record_id).limit(most))
    return union_all(*(select(rows.subquery()) for rows in limited))


def ref(row: Any) -> Ref:
    """The record of a row, called by its number, else by its customer."""
    label = row.party_name or str(row.record_id)
    if row.number:
        label = row.number if row.revision == 1 else f"{row.number} V{row.revision}"
    return Ref(row.record_kind, row.record_id, label)


def title(kind: DutyKind, row: Any) -> Text:
    """What is to be done, with what the record says."""
    values = {"party": row.party_name, "number": ref(row).label, "what": row.what or ref(row).label}
    if row.amount is not None:
        values["amount"] = told(Decimal(row.amount).scaleb(-2), row.currency)
    return Text(kind.title.message, tuple(pair for pair in values.items() if f"{{{pair[0]}}}" in kind.title.message))
