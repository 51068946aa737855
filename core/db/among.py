"""``among(column, chosen)``: whether a column is one of what a query names, asked once and not for every row; and
``one_of(connection, column, values)``, of many values without a place for each in the statement's text.

Where PostgreSQL knows nothing of a table yet, as in a new company's first minutes, it takes ``IN`` and joins for
products of whole tables; a list is made first and then looked up. SQLite does so of itself.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import ARRAY, Boolean, ColumnElement, Connection, Select, any_, bindparam, func, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from core.db.engine import is_sqlite


class among(FunctionElement[bool]):  # noqa: N801  # named like the function that it is in a statement
    """True where ``column`` is one of the values that ``chosen``, a query of one column, names."""

    type = Boolean()
    inherit_cache = True

    def __init__(self, column: Any, chosen: Select[Any] | Any) -> None:
        super().__init__(column, chosen.scalar_subquery())

    def self_group(self, against: Any = None) -> Any:
        """Itself: as what is true or false in SQLite, "= 1" would follow, and no index be used."""
        return self


@compiles(among)
def _in(element: among, compiler: Any, **how: Any) -> str:
    column, chosen = element.clauses
    return f"{compiler.process(column, **how)} IN {compiler.process(chosen, **how)}"


@compiles(among, "postgresql")
def _in_a_list(element: among, compiler: Any, **how: Any) -> str:
    column, chosen = element.clauses
    return f"{compiler.process(column, **how)} = ANY (ARRAY{compiler.process(chosen, **how)})"


def one_of(connection: Connection, column: Any, values: Iterable[int] | Iterable[str]) -> ColumnElement[bool]:
    """True where ``column`` has one of ``values``, however many: the statement's text stays the same."""
    asked = sorted(values)
    if is_sqlite(connection):
        listed: Any = func.json_each(bindparam(None, json.dumps(asked))).table_valued("value")
        return column.in_(select(listed.c.value))  # type: ignore[no-any-return]
    return column == any_(bindparam(None, asked, type_=ARRAY(column.type)))  # type: ignore[no-any-return]
