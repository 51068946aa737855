"""Counting statements: what the driver is made to execute while something happens.

A statement is what reaches the database through a cursor, with its parameters left out. Beginning, ending and save
points are not counted, and many rows handed over at once count as one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Engine, event

NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PRAGMA")
READING = ("SELECT", "WITH", "EXPLAIN", "SHOW")


@dataclass(slots=True)
class Statements:
    """The texts of the statements that were executed, in order."""

    texts: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.texts)

    @property
    def writes(self) -> list[str]:
        """The statements that change something or lock rows in order to."""
        return [t for t in self.texts if not t.lstrip().upper().startswith(READING) or "FOR UPDATE" in t]

    def __str__(self) -> str:
        return "\n".join(f"{n}. {' '.join(text.split())[:300]}" for n, text in enumerate(self.texts, 1))


@contextmanager
def counted(engine: Engine) -> Iterator[Statements]:
    """Count what is executed through ``engine`` within the block, by all threads."""
    found = Statements()

    def count(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if not statement.lstrip().upper().startswith(NOT_COUNTED):
            found.texts.append(statement)

    event.listen(engine, "before_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", count)
