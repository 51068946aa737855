"""Small figures about documents, for cards, duties and timelines: columns of the header, within the reader's rights."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, and_, func, or_, select

from core.documents import access
from core.documents.faces import own_columns
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.work import Work

_DOCUMENT: Any = Document.__table__
_SHOWN = (
    "id",
    "number",
    "revision",
    "date",
    "state",
    "approval",
    "party_id",
    "party_name",
    "subject",
    "deadline",
    "gross",
    "currency",
    "owner_id",
    "created_at",
    "updated_at",
)


def by_state(
    work: Work, cls: type[Document], states: Iterable[str], *, since: date | None = None
) -> dict[str, tuple[int, Decimal]]:
    """How many documents the actor sees in each of ``states``, and their amount in the company's currency.

    ``since`` leaves out older ones: states that are never left grow without end.
    """
    rows = _visible(work, cls, select(_DOCUMENT.c.state, func.count(), func.sum(_DOCUMENT.c.base_gross)))
    rows = rows.where(_DOCUMENT.c.state.in_(sorted(states)))
    if since is not None:
        rows = rows.where(_DOCUMENT.c.date >= since)
    found = work.connection.execute(rows.group_by(_DOCUMENT.c.state))
    return {state: (count, amount or Decimal(0)) for state, count, amount in found}


def latest(work: Work, party_id: int, *, most: int) -> list[Any]:
    """The newest documents of a customer, of every type that the actor may read; one statement however many types."""
    reach = []
    for kind, cls in sorted(work.types.documents.items()):
        if work.may(f"{kind}.read"):
            mine = access.rows(work, cls)
            reach.append(_DOCUMENT.c.kind == kind if mine is None else and_(_DOCUMENT.c.kind == kind, mine))
    if not reach:
        return []
    columns = ("id", "kind", "number", "date", "state", "gross", "currency")
    statement = (
        select(*(_DOCUMENT.c[name] for name in columns))
        .where(_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.party_id == party_id, or_(*reach))
        .order_by(_DOCUMENT.c.date.desc(), _DOCUMENT.c.id.desc())
        .limit(most)
    )
    return list(work.connection.execute(statement))


def count(work: Work, cls: type[Document], *, since: date) -> int:
    """How many documents dated ``since`` or later the actor sees."""
    statement = _visible(work, cls, select(func.count())).where(_DOCUMENT.c.date >= since)
    return int(work.connection.execute(statement).scalar_one())


def some(
    work: Work,
    cls: type[Document],
    *,
    states: Iterable[str] | None = None,
    approval: str | None = None,
    party_id: int | None = None,
    owner_id: int | None = None,
    since: date | None = None,
    until: tuple[str, date] | None = None,
    hidden: bool = False,
    most: int = 50,
) -> list[Any]:
    """Header columns, and the type's own, of documents the actor sees; the latest first.

    ``until`` keeps those whose column of that name is a day up to and including the one given, those due first.
    ``hidden``: of all of the company's documents, for what an operation itself must know.
    """
    own = sorted(own_columns(cls))
    side: Any = cls.__mapper__.local_table
    statement = select(*(_DOCUMENT.c[name] for name in _SHOWN), *(side.c[name] for name in own))
    if own:
        beside = (side.c.company_id == _DOCUMENT.c.company_id) & (side.c.id == _DOCUMENT.c.id)
        statement = statement.join(side, beside)
    statement = _company(work, cls, statement) if hidden else _visible(work, cls, statement)
    if states is not None:
        statement = statement.where(_DOCUMENT.c.state.in_(sorted(states)))
    for name, wanted in (("approval", approval), ("party_id", party_id), ("owner_id", owner_id)):
        if wanted is not None:
            statement = statement.where(_DOCUMENT.c[name] == wanted)
    if since is not None:
        statement = statement.where(_DOCUMENT.c.date >= since)
    order = [_DOCUMENT.c.date.desc(), _DOCUMENT.c.id.desc()]
    if until is not None:
        column = side.c[until[0]] if until[0] in own else _DOCUMENT.c[until[0]]
        statement, order = statement.where(column <= until[1]), [column, _DOCUMENT.c.id]
    return list(work.connection.execute(statement.order_by(*order).limit(most)))


def title_of(row: Any) -> str:
    """What a row of ``some`` is called: its number and revision, else its customer."""
    if not row.number:
        return row.party_name or str(row.id)
    return row.number if row.revision == 1 else f"{row.number} V{row.revision}"


def _company(work: Work, cls: type[Document], statement: Select[Any]) -> Select[Any]:
    return statement.where(_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.kind == kind_of(cls))


def _visible(work: Work, cls: type[Document], statement: Select[Any]) -> Select[Any]:
    statement = _company(work, cls, statement)
    criterion = access.rows(work, cls)
    return statement if criterion is None else statement.where(criterion)
