"""``among(column, chosen)``: whether a column is one of what a query names, asked once and not for every row.

Where PostgreSQL knows nothing of a table yet, as in a new company's first minutes, it takes ``IN`` and joins for
products of whole tables; a list is made first and then looked up. SQLite does so of itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class among(FunctionElement[bool]):  # noqa: N801  # named like the function that it is in a statement
    """True where ``column`` is one of the values that ``chosen``, a query of one column, names."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, chosen: Select[Any] | Any) -> None:
        super().__init__(column, chosen.scalar_subquery())


@compiles(among)
def _in(element: among, compiler: Any, **how: Any) -> str:
    column, chosen = element.clauses
    return f"{compiler.process(column, **how)} IN {compiler.process(chosen, **how)}"


@compiles(among, "postgresql")
def _in_a_list(element: among, compiler: Any, **how: Any) -> str:
    column, chosen = element.clauses
    return f"{compiler.process(column, **how)} = ANY (ARRAY{compiler.process(chosen, **how)})"
