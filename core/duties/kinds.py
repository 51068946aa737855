"""Kinds of duties, as areas declare them: what opens one, for whom, when it is due, and what closes it.

A duty is not written when it arises. It is there as long as its record is in the states that its kind names, so it
opens and closes in the very transaction that moves the record, and nobody ticks it off.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Date, case, func, literal, select

from core.db.base import Base
from core.db.days import local_day
from core.documents.faces import own_columns
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document, OpenLine
from core.documents.stage import GOODS
from core.entities.master import Master
from core.settings import Setting
from core.text import Text
from core.work import Work

_DAY = timedelta(days=1)
_OPEN: Any = OpenLine.__table__


class Columns:
    """The columns of a kind's records by name: of the header, of the type's own table, and of a ``part`` beside it."""

    def __init__(self, cls: Type, part: Any, zone: str) -> None:
        self._zone = zone
        document = issubclass(cls, Document)
        self._own: Any = cls.__mapper__.local_table if document else cls.__table__
        self._head: Any = Document.__table__ if document else self._own
        self._names = frozenset(own_columns(cls)) if document and cls is not Document else frozenset()
        self.part: Any = None if part is None else part.c

    def __getattr__(self, name: str) -> Any:
        return self._own.c[name] if name in self._names else self._head.c[name]

    def day(self, moment: Any) -> Any:
        """The day of a moment in the company's zone."""
        return local_day(moment, self._zone)

    def first(self, *columns: Any) -> Any:
        """The first of some days that is known."""
        return func.coalesce(*columns) if len(columns) > 1 else columns[0]

    def earlier(self, one: Any, other: Any) -> Any:
        """The earlier of two days, of which one may be unknown."""
        return case((one.is_(None), other), (other.is_(None), one), (one < other, one), else_=other)


def _always(_work: Work) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class DutyKind:
    """One kind of duty: ``key`` is ``area.type.what``, ``of`` the document or master that it hangs on.

    Open while the record is in ``states`` and ``where`` holds. Due ``days`` after the day ``since`` names (negative:
    before it), counted in working days of the company's calendar or, with ``workdays`` off, in all days; without
    ``since`` it has no day. Shown ``ahead`` days before it is due, else as the company chose.

    It is the duty of who answers for the record (``owner`` says who that is, where it is not ``owner_id``), unless
    ``right`` or ``people`` name others: whoever holds a right for all of the company, or for his ``own`` records; with
    ``owned`` it is the owner's as well, and ``others`` leaves out those who answer for the record. Whoever holds
    ``leads`` for all of the company sees the late ones of others; they and the superiors are told ``grace`` days after
    the day. Where one record has several duties, ``part`` is the table of what each is about. ``{party}``,
    ``{number}``, ``{what}`` and ``{amount}`` in the title come from the record.
    """

    key: str
    of: Type
    label: Text
    title: Text
    states: tuple[str, ...] = ()
    since: tuple[str, ...] | Callable[[Columns], Any] = ()
    days: int | Setting | Callable[[Work], int] = 0
    workdays: bool = True
    ahead: int | Setting | None = None
    part: type[Base] | Callable[[Work], Any] | None = None
    where: Callable[[Work, Columns], Iterable[Any]] | None = None
    what: Callable[[Columns], Any] | None = None
    amount: Callable[[Columns], Any] | None = None
    owner: Callable[[Columns], Any] | None = None
    right: str = ""
    own: bool = True
    people: Callable[[Work], Collection[int]] | None = None
    owned: bool = False
    others: bool = False
    leads: str = ""
    grace: int | Setting = 0
    on: Callable[[Work], bool] = _always
    # Whether it stands on a person's page; consents have boxes of their own.
    listed: bool = True
    # Whether a late one raises an alarm and asks for its reason; not where another kind about the same record does.
    filed: bool = True

    @property
    def area(self) -> str:
        """The area that must be in use."""
        return area_of(self.key)

    @property
    def kind(self) -> str:
        """The kind of the records; empty where each says its own."""
        return "" if self.of is Document else kind_of(self.of)

    @property
    def shared(self) -> bool:
        """Whether it is the duty of whoever may, and of nobody by name."""
        return bool(self.right or self.people) and not self.owned

    def permission(self, right: str) -> str:
        """The whole name of a right: ``ship`` is that of the kind's own type."""
        return right if "." in right else f"{self.kind}.{right}"

    def offset(self, work: Work) -> int:
        """How many days after its day it is due, in this company."""
        if isinstance(self.days, Setting):
            return int(work.setting(self.days))
        return self.days(work) if callable(self.days) else self.days

    def due(self, work: Work, base: date | None) -> date | None:
        """When it is due, counted from ``base``."""
        days = self.offset(work)
        if base is None or not days:
            return base
        return work.workdays.add(base, days) if self.workdays else base + timedelta(days=days)

    def latest(self, work: Work, day: date) -> date:
        """The latest day from which it is due on ``day`` or before."""
        days = self.offset(work)
        if not days or not self.workdays:
            return day - timedelta(days=days)
        found = work.workdays.add(day, -days)
        while work.workdays.add(found, days) > day:
            found -= _DAY
        while work.workdays.add(found + _DAY, days) <= day:
            found += _DAY
        return found

    def shown_until(self, work: Work, usual: int) -> date:
        """The last due day that is shown by now; ``usual`` are the days ahead that the company chose."""
        ahead = usual if self.ahead is None else self.ahead
        return work.today + timedelta(days=int(work.setting(ahead)) if isinstance(ahead, Setting) else ahead)

    def late_by(self, work: Work) -> date:
        """The last due day that others are told of by now."""
        grace = int(work.setting(self.grace)) if isinstance(self.grace, Setting) else self.grace
        return work.today - timedelta(days=1 + grace)

    def base(self, columns: Columns) -> Any:
        """The day from which it is counted, as an expression."""
        if callable(self.since):
            return self.since(columns)
        if not self.since:
            return literal(None, Date)
        return columns.first(*(getattr(columns, name) for name in self.since))

    def holder(self, columns: Columns) -> Any:
        """Who answers for the record, as an expression."""
        return self.owner(columns) if self.owner else columns.owner_id


def kinds_of(work: Work) -> list[DutyKind]:
    """The kinds of the areas that the company uses, where it wants them."""
    return [kind for kind in work.types.duties.values() if kind.area in {*work.areas, "core"} and kind.on(work)]


def unfollowed(key: str, cls: type[Document], label: Text, title: Text, days: Setting, *, leads: str = "") -> DutyKind:
    """What was released and nobody has produced, bought or delivered (漏单), for who answers for it.

    ``days`` are working days since the release; it closes when somebody takes the lines, or closes them.
    """
    return DutyKind(
        key=key, of=cls, label=label, title=title, days=days, leads=leads, part=_released, since=lambda c: c.part.since
    )


def _released(work: Work) -> Any:
    """Documents with lines that wait for the goods' next step, and the day on which the oldest was released."""
    goods = [kind for kind, cls in sorted(work.types.documents.items()) if cls.stage in GOODS]
    return (
        select(
            _OPEN.c.company_id,
            _OPEN.c.document_id,
            literal(0).label("id"),
            func.min(local_day(_OPEN.c.released_at, work.company.zone), type_=Date()).label("since"),
        )
        .where(
            _OPEN.c.company_id == work.company.id,
            _OPEN.c.closure == "open",
            _OPEN.c.target.in_(goods),
            _OPEN.c.taken < _OPEN.c.quantity,
            _OPEN.c.taken < _OPEN.c.most,
        )
        .group_by(_OPEN.c.company_id, _OPEN.c.document_id)
        .subquery("released")
    )


def part_of(work: Work, kind: DutyKind) -> Any:
    """The table beside the kind's documents, one row of which is one duty; None where there is none."""
    part: Any = kind.part
    return part.__table__ if hasattr(part, "__table__") else part and part(work)


def is_master(kind: DutyKind) -> bool:
    """Whether the kind's records are masters, which have no number."""
    return issubclass(kind.of, Master)
