"""What an area says of a report: its columns, what may be chosen, where the rows come from, who may see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Select

from core.hooks.values import Ref
from core.reports.choosing import BEGINNINGS, KINDS, Chosen, Filter
from core.roles import Role
from core.text import Text
from core.work import Work

COLUMN_KINDS = frozenset({"text", "amount", "quantity", "price", "date", "int", "percent", "ref"})
ADDED = frozenset({"amount", "quantity", "int"})
RESERVED = frozenset({"after", "size"})
_NAME = re.compile(r"[a-z][a-z0-9_]*")

Row = Mapping[str, Any]
# A select of any number of columns.
Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]]
Rows = Callable[[Work, Chosen], Statement | Iterable[Row]]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``kind``: text amount quantity price date int percent ref; a percent is a share, 0.25 for 25 %.

    ``references``: the kind of record whose id a ref column holds; its name is looked up. ``total``: the foot shows the
    sum over all rows, whatever page is shown. ``reckon(row, chosen)``: the value is reckoned from the other columns of
    the row, and in the foot from the sums. ``needs``: what the reader must be allowed to see, such as ``cost``.
    """

    key: str
    label: Text
    kind: str = "text"
    total: bool = False
    help: Text | None = None
    references: str = ""
    reckon: Callable[[Row, Chosen], Any] | None = None
    needs: str | None = None

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.key) or self.kind not in COLUMN_KINDS:
            raise ValueError(f"{self.key}: there are no columns of the kind {self.kind}.")
        if self.total and self.reckon is None and self.kind not in ADDED:
            raise ValueError(f"{self.key}: a {self.kind} is not added up.")


@dataclass(frozen=True, slots=True)
class Listing:
    """The list of a type with filters in use, to lead to from a row."""

    kind: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Another:
    """Another report with filters in use, to lead to from a row."""

    report: str
    filters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report of an area; ``key`` is ``area.name``.

    ``rows(work, chosen)`` gives either a select of ORM columns, each labelled with the key of its column, without an
    order: then ``order`` names columns of it (``-`` for falling), the last of which make a row unique, and pages and
    sums are made in the database. Or it gives the rows themselves, when they are few. A select may have more columns
    than are shown, for ``reckon`` and ``drill``. ``roles`` may read and export it by default.
    """

    key: str
    label: Text
    about: Text
    columns: tuple[Column, ...]
    rows: Rows
    roles: tuple[Role, ...]
    order: tuple[str, ...] = ()
    filters: tuple[Filter, ...] = ()
    drill: Callable[[Work, Row, Chosen], Ref | Listing | Another | None] | None = None
    notes: tuple[Text, ...] = ()
    icon: str = "chart-bar"

    def __post_init__(self) -> None:
        if not all(_NAME.fullmatch(part) for part in (self.area, self.name)):
            raise ValueError(f"{self.key} is not area.name.")
        keys = [column.key for column in self.columns]
        names = [name for one in self.filters for name in one.names]
        if len(set(keys)) < len(keys) or len(set(names)) < len(names) or RESERVED & set(names):
            raise ValueError(f"{self.key} uses a name twice, or one that is reserved.")
        # The mark of a page tells the values that it is ordered by.
        if hidden := {c.key for c in self.columns if c.needs} & {name.removeprefix("-") for name in self.order}:
            raise ValueError(f"{self.key} is ordered by {', '.join(sorted(hidden))}, which not every reader sees.")
        for one in self.filters:
            if one.kind not in KINDS or (one.kind == "period" and one.default not in BEGINNINGS):
                raise ValueError(f"{self.key}: the filter {one.key} cannot be.")

    @property
    def area(self) -> str:
        """The area that it belongs to."""
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        """What it is called within its area."""
        return self.key.partition(".")[2]

    def right(self, verb: str) -> str:
        """The right to ``read`` or ``export`` it."""
        return f"{self.area}.report_{self.name}.{verb}"

    def shown(self, work: Work) -> tuple[Column, ...]:
        """The columns that the actor may see."""
        return tuple(column for column in self.columns if work.sees(column.needs))
