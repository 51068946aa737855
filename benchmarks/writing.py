"""Documents made, changed and submitted in the process, beside the fewest statements that would keep the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

from sqlalchemy import text

from benchmarks.clock import Row, median_and_cpu, median_ms
from benchmarks.places import Place
from core.db.base import Base
from core.testing.builders import line
from plugins.quotation.documents import Quotation


def documents(place: Place) -> Iterator[Row]:
    """Quotations of 5 and of 200 lines: create, change, submit."""
    for count in (5, 200):
        rows = [line(place.items[n % 5], str(n + 1)) for n in range(count)]
        made: list[Quotation] = []

        def create(rows: list[dict[str, Any]] = rows, made: list[Quotation] = made) -> None:
            made.append(place.firm.create(Quotation, party_id=place.party.id, lines=rows))

        created, cpu = median_and_cpu(create)
        bare = median_ms(_bare(place, made[0]))
        yield Row(f"quotation of {count} lines created", place.engine, created, "ms", bare, cpu=cpu)
        waiting = iter(list(made))

        def change(waiting: Iterator[Quotation] = waiting) -> None:
            one = next(waiting)
            place.firm.edit(one, lines=[{"id": row.id, "quantity": "9"} for row in one.lines])

        changed, cpu = median_and_cpu(change, runs=len(made) - 2)
        yield Row(f"quotation of {count} lines changed", place.engine, changed, "ms", cpu=cpu)
        submitting = iter(made)

        def submit(submitting: Iterator[Quotation] = submitting) -> None:
            place.firm.move(next(submitting), "submit")

        submitted, cpu = median_and_cpu(submit, runs=len(made) - 2)
        yield Row(f"quotation of {count} lines submitted", place.engine, submitted, "ms", cpu=cpu)


def _bare(place: Place, like: Quotation) -> Callable[[], None]:
    """The same rows written without the program: header, lines and history, each by one statement."""
    engine = place.program.engine
    columns = {
        table: [c.name for c in Base.metadata.tables[table].columns if c.name != "id"]
        for table in ("document", "document_line", "history")
    }

    def copied(table: str, changed: dict[str, str], where: str) -> str:
        names = columns[table]
        values = ", ".join(changed.get(n, n) for n in names)
        return f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE {where}"

    header = text(copied("document", {"uid": ":uid", "number": "NULL"}, "id = :like") + " RETURNING id")
    lines = text(copied("document_line", {"document_id": ":id"}, "document_id = :like"))
    first = "document_id = :like AND what = 'create'"
    history = text(copied("history", {"uid": ":uid", "record_id": ":id", "document_id": ":id"}, first))

    def write() -> None:
        with engine.connect() as link, link.begin():
            if place.engine == "PostgreSQL":
                link.execute(text("SELECT set_config('app.company', :key, true)"), {"key": str(place.firm.id)})
            given = {"uid": uuid4().hex, "like": like.id}
            given["id"] = link.execute(header, given).scalar_one()
            link.execute(lines, given)
            link.execute(history, given)

    return write
