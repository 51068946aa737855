"""Records in the form of the empty file of their type, to be changed in a spreadsheet and brought in again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from core.documents.kinds import Type
from core.documents.models import Document, DocumentLine
from core.documents.reading import SCOPED, fill_parts
from core.exchange.fields import Column, columns, template_columns
from core.exchange.templates import heading, rows_of
from core.work import Work

AT_ONCE = 200
# What a reference is called in a file: the first of these that its type has.
NAMES = ("number", "code", "name", "party_name")


def rows(work: Work, cls: Type, ids: Sequence[int]) -> Iterator[list[str]]:
    """The headings, then the records under ``ids`` in their order; memory stays that of a batch."""
    shown = template_columns(columns(work, cls), cls)
    yield [heading(column) for column in shown]
    for start in range(0, len(ids), AT_ONCE):
        yield from told(work, cls, shown, ids[start : start + AT_ONCE])


def told(work: Work, cls: Type, shown: Sequence[Column], ids: Sequence[int]) -> Iterator[list[str]]:
    """Records in these columns, read set-wise."""
    records = _read(work, cls, ids)
    words = _words(work, shown, records.values())
    for key in ids:
        if key in records:
            yield from rows_of(shown, records[key], lambda face, value: words[face.references or ""].get(value, value))


def _read(work: Work, cls: Type, ids: Sequence[int]) -> dict[int, Any]:
    model: Any = cls
    mine = (model.company_id == work.company.id, model.id.in_(ids))
    found: list[Any] = list(work.session.scalars(select(cls).where(*mine), execution_options=SCOPED))
    records: dict[int, Any] = {record.id: record for record in found}
    lines: dict[int, list[DocumentLine]] = defaultdict(list)
    if issubclass(cls, Document) and cls.has_lines:
        whose = (DocumentLine.company_id == work.company.id, DocumentLine.document_id.in_(ids))
        wanted = select(DocumentLine).where(*whose).order_by(DocumentLine.position)
        for line in work.session.scalars(wanted, execution_options=SCOPED):
            lines[line.document_id].append(line)
    work.session.expunge_all()
    fill_parts(work, cls, records)
    for key, record in records.items():
        if issubclass(cls, Document):
            record.__dict__["lines"] = lines[key]
    return records


def _words(work: Work, shown: Sequence[Column], records: Any) -> Mapping[str, dict[int, str]]:
    """What the records point at is called, by kind and id; a statement for each kind."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for column in shown:
        face = column.face
        if face is not None and face.references:
            for record in records:
                holders = getattr(record, column.part) if column.part else [record]
                wanted[face.references] |= {value for one in holders if (value := getattr(one, column.name))}
    found: dict[str, dict[int, str]] = defaultdict(dict)
    for kind, ids in wanted.items():
        found[kind] = dict(_called(work, kind, ids))
    return found


def _called(work: Work, kind: str, ids: set[int]) -> Iterator[tuple[int, str]]:
    company = work.company
    match kind:
        case "core.account":
            yield from ((key, company.people[key].login) for key in ids if key in company.people)
        case "core.department":
            yield from ((key, company.departments[key][0]) for key in ids if key in company.departments)
        case "core.company_role":
            yield from ((key, company.roles[key].key) for key in ids if key in company.roles)
        case "core.tax_rate":
            yield from ((tax.id, tax.code) for tax in company.taxes if tax.id in ids)
        case _:
            cls = work.types.type(kind)
            table: Any = Document.__table__ if issubclass(cls, Document) else cls.__table__
            name = next((name for name in NAMES if name in table.c), "id")
            mine = (table.c.company_id == company.id, table.c.id.in_(ids))
            for key, word in work.connection.execute(select(table.c.id, table.c[name]).where(*mine)):
                yield key, str(word or key)
