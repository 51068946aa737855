"""Column types that mean the same on SQLite and PostgreSQL.

Amounts, quantities, prices and rates are scaled whole numbers in the database and ``Decimal`` in Python: exact on both
engines, indexable under row-level security, summable in SQL. Nothing is multiplied in SQL but by ``core.db.shares``.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql import operators
from sqlalchemy.types import TypeDecorator, TypeEngine

BigId = BigInteger().with_variant(Integer, "sqlite")
Json = JSON().with_variant(JSONB, "postgresql")
# Nothing is no value here, rather than the word for it.
JsonOrNull = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
LARGEST = 2**63 - 1


class _WholeNumber(BigInteger):
    """A whole number that may stand for a decimal: a sum or a difference of two is a decimal of the same scale."""

    class Comparator(BigInteger.Comparator[int]):
        def _adapt_expression(self, op: Any, other_comparator: Any) -> tuple[Any, TypeEngine[Any]]:
            mine: Any = self.type
            other = other_comparator.type
            if op in (operators.add, operators.sub) and isinstance(mine, Scaled):
                if isinstance(other, Scaled) and other.places != mine.places:
                    raise TypeError(f"Figures of {mine.places} and of {other.places} places are not added up.")
                return op, mine
            adapted: tuple[Any, TypeEngine[Any]] = super()._adapt_expression(op, other_comparator)
            return adapted

    comparator_factory = Comparator


class Scaled(TypeDecorator[Decimal]):
    """A decimal of a fixed number of places, stored as BIGINT. Refuses floats and more places than it keeps."""

    impl = _WholeNumber
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places
        self._factor = Decimal(10) ** places
        self._unit = Decimal(1).scaleb(-places)

    def process_bind_param(self, value: Any, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if isinstance(value, float):
            raise TypeError("A float is not an exact amount.")
        scaled = Decimal(value) * self._factor
        whole = int(scaled)
        if whole != scaled or abs(whole) > LARGEST:
            raise ValueError(f"{value} does not fit {self.places} decimal places.")
        return whole

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(int(value)).scaleb(-self.places)

    def coerce_compared_value(self, op: Any, value: Any) -> TypeEngine[Any]:
        return self

    @property
    def python_type(self) -> type[Decimal]:
        return Decimal


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, always aware in Python; naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise TypeError("A moment needs its time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
