"""Beside what a look takes: the very same statements, said to the driver alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, event, text

from benchmarks.clock import median_and_cpu, median_ms
from benchmarks.places import Place
from core.testing.builders import Firm
from core.work import Work


def beside(place: Place, firm: Firm, who: str, look: Callable[[Work], object]) -> tuple[float, float, float]:
    """The median of a look in ms, what of it this process computed, and the median of its statements said bare."""
    ask = firm.ask(who)

    def ours() -> None:
        with place.program.works.read(ask) as work:
            look(work)

    said = _said(place, ours)
    raw = place.program.engine.connect()
    with raw.begin():
        if place.engine == "PostgreSQL":
            raw.execute(text("SELECT set_config('app.company', :key, true)"), {"key": str(firm.id)})
            # It waits while ours is measured.
            raw.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        cursor: Any = raw.connection.cursor()

        def bare() -> None:
            for statement, parameters in said:
                cursor.execute(statement, parameters)
                cursor.fetchall()

        told = (*median_and_cpu(ours), median_ms(bare))
        cursor.close()
    raw.close()
    return told


def _said(place: Place, act: Callable[[], None]) -> list[tuple[str, Any]]:
    """The statements of ``act`` but the one that opens its work."""
    act()
    said: list[tuple[str, Any]] = []

    def keep(link: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        said.append((statement, parameters))

    event.listen(place.program.engine, "before_cursor_execute", keep)
    try:
        act()
    finally:
        event.remove(place.program.engine, "before_cursor_execute", keep)
    return said[1:]
