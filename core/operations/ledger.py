"""What one unit of work leaves for its end: numbers, guarded updates, history and search entries, in this order.

Numbers are taken last, series by series in sorted order, so that two works never wait for each other; then one guarded
update per document carries state, number, version and chain head, and one insert all history.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, insert, update

from core.canonical import plain
from core.db import bulk
from core.documents.faces import own_columns
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.entities.master import Master
from core.errors import Stale
from core.numbering import series, take
from core.records import contents
from core.records.chain import seal
from core.records.models import History
from core.search import index
from core.work import Work

_HISTORY: Any = History.__table__
_DOCUMENT: Any = Document.__table__
# In line: nobody asks for the ids.
_INSERT = insert(History).inline()
PLACE = 10


@cache
def _header_update(names: tuple[str, ...]) -> Any:
    """The guarded update of these columns; made once, since making it costs more than carrying it out."""
    return (
        update(_DOCUMENT)
        .where(
            _DOCUMENT.c.company_id == bindparam("_company"),
            _DOCUMENT.c.id == bindparam("_id"),
            _DOCUMENT.c.version == bindparam("_seen"),
        )
        .values({name: bindparam(name) for name in names})
    )


@cache
def _own_update(cls: type[Document], names: tuple[str, ...]) -> Any:
    table: Any = cls.__mapper__.local_table
    return (
        update(table)
        .where(table.c.company_id == bindparam("_company"), table.c.id == bindparam("_id"))
        .values({name: bindparam(name) for name in names})
    )


@dataclass(slots=True)
class Entry:
    """One thing that happened to a record."""

    what: str
    changes: dict[str, Any]
    source: str = ""
    target: str = ""
    reason: str = ""
    actor_id: int | None = None
    actor: str = ""
    hashes: dict[str, str] | None = None
    # The changes are written as JSON keeps them already.
    is_plain: bool = False


@dataclass(slots=True)
class Step:
    """What happens to one document in this work. ``seen`` is the version its row has now; 0 for one just written."""

    document: Document
    seen: int
    values: dict[str, Any] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    # The sections of it that this work has written, with their hashes where these are known before the end.
    written: dict[str, str | None] = field(default_factory=dict)
    numbered: bool = False
    indexed: bool = False
    # Entered without raising the version: whoever has the page open may go on, as after a print.
    quiet: bool = False


class Ledger:
    """The steps of one work, written when it finishes."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._steps: dict[int, Step] = {}
        self._rows: list[dict[str, Any]] = []
        self._search: list[tuple[str, int, str]] = []
        work.at_end(PLACE, self.write)

    def step(self, document: Document, seen: int | None = None) -> Step:
        """The step of ``document`` in this work; several operations on it share one."""
        found = self._steps.get(document.id)
        if found is None:
            found = self._steps[document.id] = Step(document, document.version if seen is None else seen)
        return found

    def in_hand(self, key: int) -> Document | None:
        """The document under ``key``, when this work has a step of it."""
        step = self._steps.get(key)
        return step.document if step else None

    def entries_of(self, key: int) -> Sequence[Entry]:
        """What has happened to the document under ``key`` in this work."""
        step = self._steps.get(key)
        return step.entries if step else ()

    def touch(self, document: Document, **values: Any) -> Step:
        """Set ``values`` on the document, in memory now and in its row at the end."""
        step = self.step(document)
        step_values, own = step.values, own_columns(type(document))
        for key, value in values.items():
            setattr(document, key, value)
            (step.own if key in own else step_values)[key] = value
        return step

    def wrote(self, document: Document, section: str, hashed: str | None = None) -> None:
        """Let the next entry keep the hash of what this work has written of a document: its lines, a part, its claims.

        Without ``hashed`` it is taken at the end, of the rows that the document then has in memory.
        """
        self.step(document).written[section] = hashed

    def record(self, kind: str, record_id: int | None, entry: Entry, prev: bytes) -> bytes:
        """Enter what happened to a record that is no document; gives back the new head of its chain."""
        row = self.row(kind, record_id, None, entry, prev)
        self._rows.append(row)
        return bytes(row["hash"])

    def sealed(self, document: Document, entry: Entry) -> dict[str, Any]:
        """The entry of a document that has no id yet, sealed; give it to ``keep`` once the id is known."""
        entry.hashes = _hashes(document, dict.fromkeys(contents.sections(type(document))))
        return self.row(kind_of(type(document)), None, None, entry, document.head)

    def keep(self, row: dict[str, Any], document_id: int) -> None:
        """Enter a sealed row under the document's id."""
        self._rows.append({**row, "record_id": document_id, "document_id": document_id})

    def sealed_master(self, record: Master, entry: Entry) -> dict[str, Any]:
        """The first entry of a master that has no id yet, sealed; give it to ``keep_master`` once the id is known."""
        return self.row(record.kind, None, None, entry, record.head)

    def keep_master(self, row: dict[str, Any], record_id: int) -> None:
        """Enter a sealed row under the master's id."""
        self._rows.append({**row, "record_id": record_id})

    def find(self, document: Document) -> None:
        """Let a document be found."""
        self.index(kind_of(type(document)), document.id, index.document_tokens(document))

    def index(self, kind: str, record_id: int, tokens: str) -> None:
        """Let a record be found by ``tokens`` from now on."""
        self._search.append((kind, record_id, tokens))

    def write(self) -> None:
        """Numbers, documents, history, search."""
        steps = [self._steps[key] for key in sorted(self._steps)]
        self._number([s for s in steps if s.numbered and not s.document.number])
        for step in steps:
            self._write_document(step)
        if len(self._rows) >= bulk.FEW:
            bulk.insert_columns(self._work.connection, _HISTORY, bulk.transposed(self._rows, tuple(self._rows[0])))
        elif self._rows:
            self._work.connection.execute(_INSERT, self._rows)
        index.write(self._work, self._search)

    def _number(self, steps: list[Step]) -> None:
        wanted: dict[tuple[str, str], list[Step]] = defaultdict(list)
        for step in steps:
            kind = kind_of(type(step.document))
            wanted[kind, series(self.pattern(type(step.document))).period(step.document.date)].append(step)
        for (kind, _period), group in sorted(wanted.items(), key=lambda pair: pair[0]):
            cls = type(group[0].document)
            latest = max(s.document.date for s in group)
            numbers = take(
                self._work.connection,
                self._work.company.id,
                kind,
                self.pattern(cls),
                latest,
                count=len(group),
                strict=cls.strict,
            )
            for step, number in zip(group, numbers, strict=True):
                step.values["number"] = step.document.number = number
                step.indexed = True

    def pattern(self, cls: type[Document]) -> str:
        """The company's series for a type, else the declared one."""
        return self._work.company.series.get(kind_of(cls), cls.series)

    def _write_document(self, step: Step) -> None:
        work, document = self._work, step.document
        self._chain(step)
        if step.seen:
            document.version = step.seen + (not step.quiet)
        if not step.quiet:
            document.updated_at, document.updated_by = work.now, work.actor_id or document.updated_by
        opening = "posted_at" in step.values and document.posted_at is None
        if not opening:
            self._write_own(step)
        self._write_header(step)
        if opening:
            self._write_own(step)
        if step.indexed:
            self.find(document)

    def _write_header(self, step: Step) -> None:
        work, document = self._work, step.document
        values = {
            **step.values,
            "head": document.head,
            "version": document.version,
            "updated_at": document.updated_at,
            "updated_by": document.updated_by,
        }
        done = work.connection.execute(
            _header_update(tuple(sorted(values))),
            {
                **values,
                "_company": work.company.id,
                "_id": document.id,
                "_seen": step.seen or document.version,
            },
        )
        if done.rowcount != 1:
            raise Stale(step.seen, step.seen + 1)

    def _chain(self, step: Step) -> None:
        """Chain what happened to the document's history; a number is told with the last entry."""
        document = step.document
        if step.entries and "number" in step.values:
            step.entries[-1].changes["number"] = [None, document.number]
        if step.entries:
            # Operations may have read the document anew; what they wrote is what it says.
            for name, value in (step.values | step.own).items():
                setattr(document, name, value)
            step.entries[-1].hashes = _hashes(document, step.written)
        for entry in step.entries:
            row = self.row(kind_of(type(document)), document.id, document.id, entry, document.head)
            document.head = row["hash"]
            self._rows.append(row)

    def _write_own(self, step: Step) -> None:
        """What an area added: before its document is posted, after it is opened again, for posted content is frozen."""
        if step.own:
            statement = _own_update(type(step.document), tuple(sorted(step.own)))
            values = {**step.own, "_company": self._work.company.id, "_id": step.document.id}
            self._work.connection.execute(statement, values)

    def row(
        self, kind: str, record_id: int | None, document_id: int | None, entry: Entry, prev: bytes
    ) -> dict[str, Any]:
        """An entry sealed to the one with hash ``prev``, as a row; for whoever enters many at once."""
        work = self._work
        row: dict[str, Any] = {
            "company_id": work.company.id,
            "kind": kind,
            "uid": uuid4().hex,
            "at": work.now,
            "actor_id": entry.actor_id if entry.actor else work.actor_id,
            "actor": entry.actor or work.actor_name,
            "request": work.request_id[:40],
            "what": entry.what,
            "source": entry.source,
            "target": entry.target,
            "reason": entry.reason,
            "changes": entry.changes if entry.is_plain else plain(entry.changes),
            "hashes": entry.hashes,
            "prev": prev,
        }
        row["hash"] = seal(prev, row)
        return {**row, "record_id": record_id, "document_id": document_id}


def _hashes(document: Document, written: Mapping[str, str | None]) -> dict[str, str]:
    """What the document says now: the hash of its header, and of each section that was written."""
    found = {contents.HEADER: contents.hash_header(document, type(document))}
    for section, known in written.items():
        found[section] = known or contents.hash_section(document, section)
    return found


def ledger(work: Work) -> Ledger:
    """The ledger of this work, opened at its first use."""
    if "ledger" not in work.kept:
        work.kept["ledger"] = Ledger(work)
    book: Ledger = work.kept["ledger"]
    return book


def worked(work: Work, document: Document) -> Sequence[Entry]:
    """What this work has done with a document so far, before it is written."""
    book: Ledger | None = work.kept.get("ledger")
    return book.entries_of(document.id) if book else ()


def search_master(work: Work, record: Master) -> None:
    """Enter a master in the search index under what it declares as searched."""
    ledger(work).index(record.kind, record.id, index.master_tokens(record))
