"""What is handed over when somebody leaves: whatever names a person who answers for it.

Documents and masters with a responsible person are handed over without a word. What else an area has that waits for a
person, it declares in its ``handing.py`` as ``HANDED``, each with the table, the column that names the person, and
which rows still matter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

from core.db.base import Base
from core.documents.faces import own_columns
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document
from core.documents.truths import Closure
from core.entities.master import Master
from core.entities.party import Party
from core.text import Text
from core.work import Work

Where = Callable[[Work], ColumnElement[bool]]
_DOCUMENT: Any = Document.__table__


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One sort of record that goes from one person to another.

    ``key`` is ``area.name``, and never changes; ``cls`` is the mapped type of the rows, ``column`` the one that names
    the person, ``along`` those that then name him too; ``still`` says which rows matter, all where it says nothing;
    ``party`` is the column with the customer, where rows can be told apart by customers; ``title`` the column that
    people know a row by, or ``named`` what says it as a text. ``unfit`` says which rows somebody cannot take. Rows of
    documents and masters get an entry in their history each. ``raises``: every request knows the rows with its company.
    """

    key: str
    label: Text
    cls: type[Base]
    column: str = "owner_id"
    along: tuple[str, ...] = ()
    still: Where | None = None
    party: str = ""
    title: str = ""
    named: Callable[[Work], Any] | None = None
    raises: bool = False
    unfit: Callable[[Work, int], ColumnElement[bool]] | None = None

    @property
    def table(self) -> Any:
        """Where its row is found, with its version and the head of its history."""
        return _DOCUMENT if issubclass(self.cls, Document) else self.cls.__table__

    @property
    def place(self) -> Any:
        """Where the person is named: of a document the table that its area adds, where the column is one of those."""
        if issubclass(self.cls, Document) and self.column in own_columns(self.cls):
            return self.cls.__mapper__.local_table
        return self.table

    @property
    def area(self) -> str:
        """The area that it belongs to."""
        return area_of(self.key)

    @property
    def kind(self) -> str:
        """The kind of record that it is; empty for what has no history of its own."""
        return kind_of(self.cls) if issubclass(self.cls, Document | Master) else ""


def unfinished(cls: type[Document]) -> Where:
    """Which documents of a type somebody still has to do something about."""

    def still(work: Work) -> ColumnElement[bool]:
        ended = _DOCUMENT.c.closure.in_((Closure.CLOSED.value, Closure.FORCED.value))
        there: ColumnElement[bool] = _DOCUMENT.c.kind == kind_of(cls)
        return and_(there, _DOCUMENT.c.state.in_(sorted(cls.workflow.unfinished)), ~ended)

    return still


def handed_of(cls: Type) -> Handed | None:
    """How records of a type are handed over; None for those nobody answers for."""
    if issubclass(cls, Document):
        return _document(cls)
    table: Any = cls.__table__
    if not cls.owned:
        return None
    party = "id" if cls is Party else "party_id" if "party_id" in table.c else ""
    title = next((name for name in ("name", "party_name", "code") if name in table.c), "")
    return Handed(key=cls.kind, label=cls.label_plural, cls=cls, party=party, title=title)


def _document(cls: type[Document]) -> Handed:
    """Documents of which something is still expected: work, or money."""

    work_left = unfinished(cls)

    def still(work: Work) -> ColumnElement[bool]:
        there: ColumnElement[bool] = _DOCUMENT.c.kind == kind_of(cls)
        return or_(work_left(work), and_(there, or_(_DOCUMENT.c.uninvoiced > 0, _DOCUMENT.c.unsettled > 0)))

    return Handed(
        key=kind_of(cls),
        label=cls.label_plural,
        cls=cls,
        still=still,
        party="party_id",
        title="number",
    )
