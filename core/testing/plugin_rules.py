"""What the sources of a plug-in must not do: reach around the company's walls, or write past the operations.

An ORM select is kept inside the company by the session; a select of bare tables, raw text or the connection is not.
Only ``core`` may use them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ATTRIBUTES = frozenset(
    {"__table__", "local_table", "metadata", "connection", "exec_driver_sql", "bind", "get_bind", "criteria"}
)
SQLALCHEMY = frozenset({"text", "table", "Table", "insert", "update", "delete", "literal_column", "create_engine"})
OPTIONS = frozenset({"scoped"})
MODULES = ("core.facts", "core.operations.ledger", "core.db.scope", "core.db.engine", "core.db.security")


def complaints(package: Path) -> list[str]:
    """Every place below ``package`` that goes around the walls, as ``file:line: what``; migrations are left out."""
    return [
        f"{path.relative_to(package).as_posix()}:{line}: {what}"
        for path in sorted(package.rglob("*.py"))
        if "migrations" not in path.relative_to(package).parts
        for line, what in _in_source(ast.parse(path.read_text(encoding="utf-8")))
    ]


def _in_source(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in ATTRIBUTES:
                yield node.lineno, f".{name} reaches around the company's walls"
            case ast.ImportFrom(module=module) if module:
                yield from ((node.lineno, what) for what in _imported(module, [a.name for a in node.names]))
            case ast.Import(names=names):
                yield from ((node.lineno, what) for a in names for what in _imported(a.name, []))
            case ast.Constant(value=str(value)) if value in OPTIONS:
                yield node.lineno, f"the option {value!r} takes the company's walls away"
            case ast.keyword(arg=name, lineno=line) if name in OPTIONS:
                yield line, f"the option {name!r} takes the company's walls away"
            case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(value)), *_]) if (
                value in ATTRIBUTES
            ):
                yield node.lineno, f".{value} reaches around the company's walls"


def _imported(module: str, names: list[str]) -> Iterator[str]:
    if module.partition(".")[0] == "sqlalchemy" and not names:
        yield "name what you import of sqlalchemy"
    elif module == "sqlalchemy":
        yield from (f"sqlalchemy.{name} reaches around the company's walls" for name in names if name in SQLALCHEMY)
    elif module.startswith(("sqlalchemy.sql", "sqlalchemy.dialects")) or module in {"sqlite3", "psycopg"}:
        yield f"{module} reaches around the company's walls"
    elif module.startswith(MODULES):
        yield f"{module} belongs to core's writers"
