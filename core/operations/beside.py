"""What stands beside a record's content: files, guidance. Entered in its history; its version stays as it is."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from core.documents.kinds import Type
from core.documents.models import Document
from core.documents.reading import load, load_master
from core.entities.master import Master
from core.operations.ledger import Entry, ledger
from core.work import Work


def record_of(work: Work, cls: Type, key: int, *, lock: bool = False) -> Any:
    """The bare record of any type, for whoever may read it; raises as ``load``."""
    if issubclass(cls, Document):
        return load(work, cls, key, lock=lock, lines=False)
    return load_master(work, cls, key, lock=lock, parts=False)


def enter(work: Work, record: Document | Master, entry: Entry) -> None:
    """Into the record's history; its version stays, so open pages stay fresh."""
    if isinstance(record, Document):
        step = ledger(work).touch(record)
        step.quiet = True
        entry.source = entry.target = record.state
        step.entries.append(entry)
        return
    table: Any = type(record).__table__
    record.head = ledger(work).record(record.kind, record.id, entry, record.head)
    where = (table.c.company_id == work.company.id, table.c.id == record.id)
    work.connection.execute(update(table).where(*where).values(head=record.head))
