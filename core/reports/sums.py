"""Figures in the database: sums that come back as decimals of the right scale, shares, and whose rows one sees.

Amounts are scaled whole numbers there: they may be added, subtracted and compared, never multiplied or divided.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, case, func, true

from core.documents import access
from core.documents.kinds import Type
from core.documents.models import Document
from core.money import RATE, half_up
from core.work import Work


def total(column: Any) -> ColumnElement[Any]:
    """The sum of a column, of its own scale; zero where there is nothing."""
    return func.coalesce(func.sum(column, type_=column.type), 0, type_=column.type)


def total_when(condition: ColumnElement[bool], column: Any) -> ColumnElement[Any]:
    """The sum of a column over the rows that meet a condition."""
    return func.coalesce(func.sum(case((condition, column), else_=None), type_=column.type), 0, type_=column.type)


def count_when(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet a condition."""
    return func.count(case((condition, 1), else_=None))


def absolute(column: Any) -> ColumnElement[Any]:
    """The figure without its sign, of its own scale."""
    return func.abs(column, type_=column.type)


def share(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """``part`` of ``whole`` as a fraction, half up to 4 decimals; None where there is nothing to divide by."""
    if not whole:
        return None
    return half_up(Decimal(part or 0) / Decimal(whole), RATE)


def visible(work: Work, cls: Type, at: Any = None, verb: str = "read") -> ColumnElement[bool]:
    """The criterion that keeps a report to the rows of ``cls`` that the actor may read; always one.

    ``at``: the entity or alias that stands in the select, ``Document`` or the master itself unless given.
    """
    place = at if at is not None else Document if issubclass(cls, Document) else cls
    found = access.rows(work, cls, verb, at=place)
    return true() if found is None else found
