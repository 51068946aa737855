"""Many new documents at once, as ``create`` makes one: what they refer to is read set-wise, and so they are written.

Customers, products, units and prices of all documents are asked for together. What an area or a check of a type asks
for by itself, it asks for each document.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from core.documents.faces import own_columns
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.parts import columns_of
from core.errors import Fault, Invalid
from core.numbering import series, take
from core.operations import parts
from core.operations.content import FORESEEN, begun_lines, foresee_parties, set_party, settled, sources
from core.operations.create import (
    HEADER_COLUMNS,
    LINE_COLUMNS,
    check_header,
    draft,
    insert_own,
    numbers_later,
    snapshot,
)
from core.operations.ledger import Entry, ledger
from core.operations.pricing import answers_of, asked, set_figures, sum_up
from core.work import Work

_HEADER: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
Given = Mapping[str, Any]
Rows = Sequence[Given]


@dataclass(slots=True)
class Drafted:
    """A document that is not written yet, the rows given for its lines, and everything that is wrong with it."""

    rows: Rows
    document: Any = None
    party_class: str = ""
    anew: list[bool] = field(default_factory=list)
    lines: list[DocumentLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def drafts(work: Work, cls: type[Document], given: Sequence[tuple[Given, Rows]]) -> list[Drafted]:
    """New documents of typed values and lines in memory, each with its faults; nothing is written.

    Raises ``Forbidden``.
    """
    kind = kind_of(cls)
    work.require(area_of(kind))
    work.demand(f"{kind}.create")
    foresee_parties(work, [values["party_id"] for values, _rows in given if values.get("party_id")])
    found = [_header(work, cls, values, rows) for values, rows in given]
    if cls.has_lines:
        _lines(work, found)
    for one in found:
        if not one.faults:
            _finish(work, cls, one)
    work.kept.pop(FORESEEN)
    return found


def _header(work: Work, cls: type[Document], values: Given, rows: Rows) -> Drafted:
    one = Drafted(rows)
    try:
        one.document = draft(work, cls, values)
        one.party_class = set_party(work, one.document, begun_with=values, chosen=True)
        check_header(work, one.document)
    except Invalid as error:
        one.faults += error.faults
    return one


def _lines(work: Work, found: Sequence[Drafted]) -> None:
    """The lines of all documents: products, units and taxes in two statements, all prices in one question."""
    known = sources(work, [row for one in found for row in one.rows])
    wanted = []
    for one in found:
        if one.faults:
            continue
        try:
            one.lines, one.anew = begun_lines(work, one.document, one.rows, known)
        except Invalid as error:
            one.faults += error.faults
            continue
        priced = asked(one.document, one.lines, one.rows, one.anew)
        wanted += [(one.document, line, one.party_class) for line in priced]
    answers = answers_of(work, wanted)
    for one in found:
        if one.faults:
            continue
        mine = {id(line): answers[id(line)] for line in one.lines if id(line) in answers}
        try:
            set_figures(one.document, one.lines, one.rows, one.anew, mine)
            settled(one.document, one.lines, one.rows)
        except Invalid as error:
            one.faults += error.faults


def _finish(work: Work, cls: type[Document], one: Drafted) -> None:
    if not cls.has_lines:
        try:
            sum_up(one.document, [])
        except Invalid as error:
            one.faults += error.faults
    set_committed_value(one.document, "lines", one.lines)
    one.faults += parts.faults(work, one.document, [part.key for part in cls.parts])


def write(work: Work, cls: type[Document], found: Sequence[Drafted]) -> None:
    """Write documents without faults; their ids, and the numbers of those that begin with one, are set afterwards."""
    if not found:
        return
    if not numbers_later(cls):
        _number(work, cls, found)
    book, sealed = ledger(work), []
    for one in found:
        document = one.document
        row = book.sealed(document, Entry("create", snapshot(document, one.lines), target=document.state))
        document.head = row["hash"]
        sealed.append(row)
    kind = kind_of(cls)
    rows = [{**{name: getattr(one.document, name) for name in HEADER_COLUMNS}, "kind": kind} for one in found]
    for one, key in zip(found, parts.inserted(work, _HEADER, rows), strict=True):
        set_committed_value(one.document, "id", key)
    _write_own(work, cls, found)
    _write_lines(work, found)
    for part in cls.parts:
        _write_part(work, part, found)
    for one, row in zip(found, sealed, strict=True):
        book.keep(row, one.document.id)
        book.find(one.document)


def _number(work: Work, cls: type[Document], found: Sequence[Drafted]) -> None:
    """The numbers of documents that have theirs from the beginning, period by period as they are dated."""
    pattern = ledger(work).pattern(cls)
    periods: dict[str, list[Document]] = defaultdict(list)
    for one in found:
        periods[series(pattern).period(one.document.date)].append(one.document)
    for _period, documents in sorted(periods.items()):
        latest = max(document.date for document in documents)
        kind, count = kind_of(cls), len(documents)
        numbers = take(work.connection, work.company.id, kind, pattern, latest, count=count, strict=cls.strict)
        for document, number in zip(documents, numbers, strict=True):
            document.number = number


def _write_own(work: Work, cls: type[Document], found: Sequence[Drafted]) -> None:
    if own := own_columns(cls):
        rows = [
            {
                "id": one.document.id,
                "company_id": work.company.id,
                **{name: getattr(one.document, name) for name in own},
            }
            for one in found
        ]
        work.connection.execute(insert_own(cls), rows)


def _write_lines(work: Work, found: Sequence[Drafted]) -> None:
    rows, lines = [], []
    for one in found:
        for line in one.lines:
            line.document_id, line.company_id = one.document.id, work.company.id
            rows.append({key: getattr(line, key) for key in LINE_COLUMNS})
            lines.append(line)
    for line, key in zip(lines, parts.inserted(work, _LINE, rows) if rows else [], strict=True):
        set_committed_value(line, "id", key)


def _write_part(work: Work, part: Any, found: Sequence[Drafted]) -> None:
    names = columns_of(part)
    held, rows = [], []
    for one in found:
        for row in getattr(one.document, part.key):
            row.document_id, row.company_id = one.document.id, work.company.id
            own = {name: getattr(row, name) for name in names}
            rows.append({**own, "company_id": work.company.id, "document_id": one.document.id})
            held.append(row)
    for row, key in zip(held, parts.inserted(work, part.__table__, rows) if rows else [], strict=True):
        set_committed_value(row, "id", key)
