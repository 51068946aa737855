"""Lists of records: columns, never entities; by key, never by offset; no count.

A page is found by the sort value and the id where the one before ended, so the middle of a million rows costs what the
first page costs. Screens, API and exports all list through here.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, literal, select, tuple_

from core.canonical import plain
from core.documents import access, sight
from core.documents.faces import Face, faces, own_columns
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.errors import Fault, Invalid
from core.money import exact, half_up
from core.search.index import matching
from core.text import _
from core.work import Work

SIZE, LARGEST = 80, 200
LARGEST_ID = 2**63 - 1
MOST_VALUES = 50
TRUTHS = {"1": True, "true": True, "on": True, "0": False, "false": False, "off": False}
ALWAYS = {
    True: ("id", "version", "kind", "state", "approval", "revision", "currency", "owner_id"),
    False: ("id", "version", "active"),
}


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody wants to see: ``filters`` by name; ``after`` is a page's ``next`` or ``previous``."""

    filters: Mapping[str, str] | None = None
    search: str = ""
    sort: str = ""
    after: str = ""
    size: int = SIZE


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, each a mapping of columns, and where the pages beside it begin (empty: there is none)."""

    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]
    next: str
    previous: str
    sort: str


def page(work: Work, cls: Type, query: Query) -> Page:
    """One page of what the actor may see; raises ``Forbidden``, or ``Invalid`` for what cannot be asked."""
    kind = kind_of(cls)
    work.demand(f"{kind}.read")
    size = min(max(query.size, 1), LARGEST)
    name, down = _sort(work, cls, query.sort)
    back, key = _cursor(query.after)
    statement = statement_of(work, cls, query)
    if statement is None:
        return Page(shown(work, cls), (), "", "", _written(name, down))
    table = _table(cls)
    column = table.c[name]
    if key is not None:
        # With the column's own type: an amount is a scaled number in the database.
        place = tuple_(literal(_value(cls, name, key[0]), column.type), literal(key[1], table.c.id.type))
        here = tuple_(column, table.c.id)
        statement = statement.where(here < place if down != back else here > place)
    reverse = down != back
    order = (column.desc(), table.c.id.desc()) if reverse else (column.asc(), table.c.id.asc())
    rows = [dict(row._mapping) for row in work.connection.execute(statement.order_by(*order).limit(size + 1))]
    more = len(rows) > size
    rows = rows[:size]
    if back:
        rows.reverse()
    # No list is sorted by what its reader sees masked, so that a mark of the next page needs none of it.
    if masks := sight.names(work, cls):
        rows = [sight.row(masks, row) for row in rows]
    return Page(
        shown(work, cls),
        rows,
        _mark(rows[-1], name, back=False) if rows and (more or back) else "",
        _mark(rows[0], name, back=True) if rows and (more if back else key is not None) else "",
        _written(name, down),
    )


def every(work: Work, cls: Type, query: Query, *, size: int = LARGEST) -> Iterator[Mapping[str, Any]]:
    """All rows that match, page by page, for exports; memory stays that of one page."""
    after = ""
    while True:
        one = page(work, cls, replace(query, after=after, size=size))
        yield from one.rows
        after = one.next
        if not after:
            return


def shown(work: Work, cls: Type) -> tuple[str, ...]:
    """The list columns of a type that the actor may see."""
    told = sight.shown(work, cls)
    return tuple(name for name in cls.columns if name in told or name not in faces(cls))


def _seen(work: Work, cls: Type, name: str) -> bool:
    face = faces(cls).get(name)
    return face is None or work.sees(face.needs)


def list_names(cls: Type) -> tuple[str, ...]:
    """The columns that rows of a list may have, those included that some readers do not see."""
    wanted = dict.fromkeys((*ALWAYS[issubclass(cls, Document)], *cls.columns, *cls.sorts))
    return tuple(name for name in wanted if name in _names(cls))


def statement_of(work: Work, cls: Type, query: Query) -> Select[Any] | None:
    """The rows that match, without order; None when a search can match nothing."""
    table, is_document = _table(cls), issubclass(cls, Document)
    own = own_columns(cls)
    told = sight.shown(work, cls)
    wanted = [name for name in list_names(cls) if name in told or name not in faces(cls)]
    columns = [_column(cls, name) for name in wanted]
    statement = select(*columns).where(table.c.company_id == work.company.id)
    if is_document:
        statement = statement.where(table.c.kind == kind_of(cls))
        if own and any(name in own for name in wanted):
            side: Any = cls.__mapper__.local_table
            # Every document of the type has its row there; said inwards, PostgreSQL expects the join to lose most rows
            # and goes through the whole table for a page.
            beside = and_(side.c.company_id == table.c.company_id, side.c.id == table.c.id)
            statement = statement.join(side, beside, isouter=True)
    visible = access.rows(work, cls)
    if visible is not None:
        statement = statement.where(visible)
    for criterion in _criteria(work, cls, query.filters or {}):
        statement = statement.where(criterion)
    if query.search.strip():
        found = matching(work, kind_of(cls), query.search)
        if not found:
            return None
        statement = statement.where(table.c.id.in_(found))
    return statement


def _table(cls: Type) -> Any:
    return Document.__table__ if issubclass(cls, Document) else cls.__table__


def _names(cls: Type) -> frozenset[str]:
    return frozenset(_table(cls).c.keys()) | own_columns(cls)


def _column(cls: Type, name: str) -> Any:
    table = _table(cls)
    return table.c[name] if name in table.c else cls.__mapper__.local_table.c[name]


def _sort(work: Work, cls: Type, asked: str) -> tuple[str, bool]:
    """The column and whether it falls; a document's list begins with the newest."""
    if not asked:
        return cls.sorts[0], issubclass(cls, Document) and cls.sorts[0] == "date"
    name = asked.removeprefix("-")
    if name not in cls.sorts or not _seen(work, cls, name):
        raise Invalid([Fault("sort", _("It cannot be sorted by “{name}”.", name=name[:40]), "sort")])
    return name, asked.startswith("-")


def _written(name: str, down: bool) -> str:
    return f"-{name}" if down else name


def _mark(row: Mapping[str, Any], name: str, *, back: bool) -> str:
    text = json.dumps([plain(row[name]), row["id"], int(back)], ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _cursor(text: str) -> tuple[bool, tuple[Any, int] | None]:
    if not text:
        return False, None
    try:
        value, key, back = json.loads(base64.urlsafe_b64decode(text[:2000] + "=" * (-len(text) % 4)))
        if not isinstance(key, int) or isinstance(key, bool) or not 0 < key <= LARGEST_ID or back not in (0, 1):
            raise ValueError
    except (ValueError, TypeError, binascii.Error, UnicodeDecodeError, RecursionError):
        raise Invalid([Fault("after", _("This page does not exist."), "cursor")]) from None
    return bool(back), (value, key)


def _value(cls: Type, name: str, value: Any) -> Any:
    """The sort value of a cursor as its column needs it; a forged one is refused."""
    try:
        match faces(cls)[name].kind if name in faces(cls) else "text":
            case "date":
                return date.fromisoformat(value)
            case "decimal":
                return _figure(faces(cls)[name], str(value))
            case "bool":
                return bool(value)
            case _:
                if not isinstance(value, str) or not value.isprintable():
                    raise ValueError
                return value
    except (ValueError, TypeError, ArithmeticError):
        raise Invalid([Fault("after", _("This page does not exist."), "cursor")]) from None


def _figure(face: Face, text: str) -> Decimal:
    """A figure as its column keeps it; raises ``ValueError`` for one that no row can have."""
    number = exact(text)
    if number != half_up(number, face.places or 0):
        raise ValueError(text)
    return number


def filter_names(cls: Type) -> tuple[str, ...]:
    """The filters of a type as the address names them: a day or a figure has ``_from`` and ``_to``."""
    names: list[str] = []
    for name in cls.filters:
        face = faces(cls).get(name)
        names += [f"{name}_from", f"{name}_to"] if face and face.kind in {"date", "decimal"} else [name]
    return tuple(names)


def _criteria(work: Work, cls: Type, filters: Mapping[str, str]) -> Iterator[ColumnElement[bool]]:
    faults = []
    for asked, text in filters.items():
        name = asked if asked in cls.filters else asked.removesuffix("_from").removesuffix("_to")
        face = faces(cls).get(name)
        if face is None or asked not in filter_names(cls) or not work.sees(face.needs):
            faults.append(Fault(asked[:60], _("There is no such filter."), "filter"))
            continue
        try:
            criterion = _criterion(cls, face, asked, text)
        except (LookupError, ValueError, ArithmeticError):
            faults.append(Fault(asked, _("“{value}” is not one of the choices.", value=text[:40]), "filter"))
            continue
        if criterion is not None:
            yield criterion
    if faults:
        raise Invalid(faults)


def _criterion(cls: Type, face: Face, asked: str, text: str) -> ColumnElement[bool] | None:
    column = _column(cls, face.name)
    if text == "":
        return None
    if face.kind in {"date", "decimal"}:
        bound = date.fromisoformat(text) if face.kind == "date" else _figure(face, text)
        return column >= bound if asked.endswith("_from") else column <= bound  # type: ignore[no-any-return]
    if face.kind == "bool":
        return column.is_(TRUTHS[text.lower()])  # type: ignore[no-any-return]
    values: list[Any] = text.split(",")
    if len(values) > MOST_VALUES:
        raise ValueError(text)
    if face.kind in {"ref", "int"}:
        values = [int(part) for part in values]
        if any(not 0 <= key <= LARGEST_ID for key in values):
            raise ValueError(text)
    elif set(values) - _choices(cls, face):
        raise ValueError(text)
    return column.in_(values) if len(values) > 1 else column == values[0]  # type: ignore[no-any-return]


def _choices(cls: Type, face: Face) -> set[str]:
    if face.field.choices:
        return {key for key, _label in face.field.choices}
    if issubclass(cls, Document):
        if face.name == "state":
            return {state.key for state in cls.workflow.states}
        if face.name == "approval":
            return {"none", "pending", "approved", "rejected", "withdrawn"}
    raise ValueError(face.name)
