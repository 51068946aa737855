"""Hold the database file while it is in use, so that nobody puts another in its place meanwhile.

SQLite guards its transactions, not its file: one that is deleted or replaced under a running program is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.cli.speech import Refusal
from core.text import _

try:
    import fcntl
except ImportError:  # Windows itself refuses to delete a file that is open.
    fcntl = None  # type: ignore[assignment]


@contextmanager
def held(database: Path, *, alone: bool = False) -> Iterator[None]:
    """Hold ``database`` together with others who only use it, or ``alone`` to put another in its place.

    Refuses when it is held the other way.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    with database.with_name(f"{database.name}.lock").open("a") as lock:
        if fcntl is not None:
            try:
                fcntl.flock(lock, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Refusal(
                    [
                        _("The program is running on this database. Stop it first.")
                        if alone
                        else _("Another program is just making this database. Try again in a moment.")
                    ]
                ) from error
        yield
