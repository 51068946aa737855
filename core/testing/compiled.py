"""Statements are compiled once for all databases of a run, not once for each.

SQLAlchemy keeps what it compiled with the engine, and its key holds the engine's dialect. A process that serves has
one engine for its life; tests open thousands, and compiling took a third of their time.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.util import LRUCache

# More shapes of statements than the product has, so that nothing is ever thrown out.
SHAPES = 10_000
_SHARED: dict[str, tuple[Dialect, LRUCache[Any, Any]]] = {}


def share_compiled_statements() -> None:
    """Let every engine of this process use the first one's dialect, which it knows from its first connection on."""
    if not event.contains(Engine, "engine_connect", _share):
        event.listen(Engine, "engine_connect", _share)


def _share(connection: Connection) -> None:
    engine = connection.engine
    dialect, cache = _SHARED.setdefault(engine.dialect.name, (engine.dialect, LRUCache(SHAPES)))
    if engine._compiled_cache is not cache:
        engine.dialect = connection.dialect = dialect
        engine._compiled_cache = cache
