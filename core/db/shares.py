"""Shares in the database: the part of an amount that so much of a whole stands for, exact on both engines."""

from __future__ import annotations

import sqlite3
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

_NAME = "zhanggui_share"


class Share(FunctionElement[Any]):
    """``amount × part ÷ whole``, half away from zero to the last place of ``amount``; 0 of a whole that is 0.

    What ``core.money.share`` says in Python. NULL where one of them is; no product is too large for it.
    """

    inherit_cache = True

    def __init__(self, amount: ColumnElement[Any], part: ColumnElement[Any], whole: ColumnElement[Any]) -> None:
        super().__init__(amount, part, whole)
        self.type = amount.type


@compiles(Share)
def _by_function(element: Share, compiler: Any, **options: Any) -> str:
    return f"{_NAME}({compiler.process(element.clauses, **options)})"


@compiles(Share, "postgresql")
def _by_numeric(element: Share, compiler: Any, **options: Any) -> str:
    """By whole numbers of any size: a quotient that was rounded before would be wrong beside the half."""
    amount, part, whole = (f"({compiler.process(one, **options)})::numeric" for one in element.clauses)
    product, size = f"({amount} * {part})", f"abs(nullif({whole}, 0))"
    rounded = f"div(2 * abs{product} + {size}, 2 * {size}) * sign{product} * sign({whole})"
    return f"coalesce({rounded}, 0 * {product} * {whole})::bigint"


def register(connection: sqlite3.Connection) -> None:
    """Teach a connection of SQLite, whose whole numbers end at 64 bits, to share."""
    connection.create_function(_NAME, 3, _shared, deterministic=True)


def _shared(amount: int | None, part: int | None, whole: int | None) -> int | None:
    if amount is None or part is None or whole is None:
        return None
    if not whole:
        return 0
    product, size = amount * part, abs(whole)
    rounded = (2 * abs(product) + size) // (2 * size)
    return rounded if (product < 0) == (whole < 0) else -rounded
