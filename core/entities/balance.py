"""Balances: figures that nobody sets, only adds to, such as the stock of a product in a warehouse."""

from __future__ import annotations

from typing import ClassVar

from core.db.base import Base, CompanyRow


class Balance(CompanyRow, Base):
    """One row for each key of a company; its figures change by ``core.operations.balances.add`` and nothing else.

    Subclasses declare their ``keys`` (unique together with the company) and their ``figures``, each a scaled decimal
    that begins at zero. ``within`` names figures that never rise above another one, as what is promised of a stock
    never rises above the stock.
    """

    __abstract__ = True

    keys: ClassVar[tuple[str, ...]]
    figures: ClassVar[tuple[str, ...]]
    within: ClassVar[tuple[tuple[str, str], ...]] = ()
