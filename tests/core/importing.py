"""Files and imports, in short words for tests: a table in, what became of it out."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter
from sqlalchemy import select

from core.documents.kinds import Type
from core.exchange import bringing, steps
from core.operations import imports
from core.operations.verifying import verify_chain
from core.records.imports import ImportRow
from core.records.invariants import verify_figures
from core.records.verify import verify_history
from core.testing.builders import Firm
from core.work import Work

_ROW: Any = ImportRow.__table__


def csv_file(*rows: Sequence[str], encoding: str = "utf-8", separator: str = ",") -> bytes:
    """Rows as text, cells as they are."""
    return "\n".join(separator.join(row) for row in rows).encode(encoding)


def workbook(*rows: Sequence[Any], **options: Any) -> bytes:
    """Rows as a workbook, each value in its own kind of cell."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"default_date_format": "yyyy-mm-dd", **options})
    sheet = book.add_worksheet()
    for down, row in enumerate(rows):
        for across, value in enumerate(row):
            if value is not None:
                sheet.write(down, across, value)
    book.close()
    return target.getvalue()


def uploaded(firm: Firm, cls: Type, content: bytes, who: str = "manager", name: str = "customers.csv") -> int:
    """A file that was looked at."""
    return firm.run(who, lambda w: bringing.upload(w, cls, name, content))


def checked(firm: Firm, cls: Type, content: bytes, who: str = "manager", **options: Any) -> int:
    """A file whose rows were checked."""
    key = uploaded(firm, cls, content, who)
    firm.run(who, lambda w: bringing.check(w, key, **options))
    steps.carry_on(firm.program.works, firm.id, key)
    return key


def brought(firm: Firm, cls: Type, content: bytes, who: str = "manager", **options: Any) -> int:
    """A file whose good rows were brought in."""
    key = checked(firm, cls, content, who, **options)
    go(firm, key, who)
    return key


def go(firm: Firm, key: int, who: str = "manager") -> None:
    """Bring the good rows in."""
    firm.run(who, lambda w: bringing.go(w, key))
    steps.carry_on(firm.program.works, firm.id, key)


def undone(firm: Firm, key: int, who: str = "manager") -> Any:
    """Take an import back; gives back the import as it is then."""
    firm.run(who, lambda w: imports.undo(w, key))
    steps.carry_on(firm.program.works, firm.id, key)
    return batch(firm, key)


def batch(firm: Firm, key: int) -> Any:
    """The import as it is."""
    return firm.as_program(lambda w: imports.find(w, key))


def counts(firm: Firm, key: int) -> tuple[str, int, int, int, int]:
    """State, new, changed, as before and bad."""
    row = batch(firm, key)
    return row.state, row.made, row.changed, row.same, row.bad


def faults(firm: Firm, key: int) -> list[tuple[int, str, str]]:
    """Row, heading and sentence of all that is wrong."""

    def look(work: Work) -> list[tuple[int, str, str]]:
        found = imports.find(work, key)
        rows = imports.rows(work, key, states=["bad"])
        return [(one.row, one.column, one.text) for row in rows for one in bringing.told(found, row)]

    return firm.as_program(look)


def verified(firm: Firm) -> list[Any]:
    """What the checks of history, figures and chain find."""
    return firm.as_program(lambda w: [*verify_history(w), *verify_figures(w), *verify_chain(w)])


def record_ids(firm: Firm, key: int) -> list[int]:
    """The records that an import has made or changed, in the order of the file."""
    statement = select(_ROW.c.record_id).where(_ROW.c.import_id == key, _ROW.c.record_id.is_not(None))
    return firm.as_program(lambda w: list(w.connection.execute(statement.order_by(_ROW.c.place)).scalars()))
