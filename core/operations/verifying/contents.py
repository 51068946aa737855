"""A document says what it said when something last happened to it: its content fits the hashes in its history.

What differs is told as far as the history tells what was there: by field, with what was written and what is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby, islice
from typing import Any

from sqlalchemy import bindparam, select

from core.canonical import plain
from core.db.base import Base
from core.documents.faces import defaults, faces
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.operations.create import NOT_TOLD
from core.operations.verifying.questions import DOCUMENT, HISTORY
from core.records import contents
from core.records.invariants import name_of
from core.records.verify import AT_ONCE, STREAMED, Finding
from core.schemas.outputs import LINE_OUTPUT
from core.text import Text, _
from core.work import Work

Hashes = dict[str, str]
MOST = 10
NOTHING = (None, "")
# Not told by field, but by who and what the entries are.
UNTOLD = NOT_TOLD | {"kind", "state", "approval", "posted_at", "closure_reason", "submitted_by"}


def verify_contents(work: Work) -> Iterator[Finding]:
    """Documents of which a section is not what the latest entry says that wrote it; earlier entries say nothing."""
    for kind, group in groupby(_told(work), key=lambda told: told[0]):
        cls = work.types.documents.get(kind)
        while cls is not None and (batch := list(islice(group, AT_ONCE))):
            yield from _compare(work, cls, {key: hashes for _kind, key, hashes in batch})


def _told(work: Work) -> Iterator[tuple[str, int, Hashes]]:
    """By kind and document, the latest hash of each section; of the header only where the last entry has one."""
    rows = work.connection.execute(
        select(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.what, HISTORY.c.hashes)
        .where(HISTORY.c.company_id == work.company.id, HISTORY.c.document_id.is_not(None))
        .order_by(HISTORY.c.kind, HISTORY.c.record_id, HISTORY.c.id),
        execution_options=STREAMED,
    )
    for (kind, key), group in groupby(rows, key=lambda row: (row.kind, row.record_id)):
        found: Hashes = {}
        for row in group:
            found.pop(contents.HEADER, None)
            found |= row.hashes or {}
        if found and row.what != "discard":
            yield kind, key, found


def _compare(work: Work, cls: type[Document], told: Mapping[int, Hashes]) -> Iterator[Finding]:
    """Some documents of one kind, section by section; in a few statements however many they are."""
    asked = {"_company": work.company.id, "_ids": list(told)}
    rows = {row.id: row for row in work.connection.execute(_headers(cls), asked)}
    for section in (contents.HEADER, *contents.sections(cls), contents.CLAIMS):
        wanted = {key: hashes[section] for key, hashes in told.items() if section in hashes and key in rows}
        if not wanted:
            continue
        if section == contents.HEADER:
            for key, hashed in wanted.items():
                if contents.hash_header(rows[key], cls) != hashed:
                    yield _changed(work, rows[key], section, _header_fields(work, cls, rows[key]))
            continue
        of = contents.type_of(cls, section)
        here = _rows(work, of, wanted)
        for key, hashed in wanted.items():
            if contents.hash_rows(of, here.get(key, ())) != hashed:
                yield _changed(work, rows[key], section, _row_fields(work, cls, section, key, here.get(key, ())))


@cache
def _headers(cls: type[Document]) -> Any:
    own: Any = cls.__mapper__.local_table
    source: Any = DOCUMENT if own is DOCUMENT else DOCUMENT.join(own, own.c.id == DOCUMENT.c.id)
    columns = {c.key: c for table in cls.__mapper__.tables for c in table.columns}
    named = dict.fromkeys(("number", *contents.header(cls).names))
    return (
        select(DOCUMENT.c.id, *(columns[name] for name in named))
        .select_from(source)
        .where(DOCUMENT.c.company_id == bindparam("_company"), DOCUMENT.c.id.in_(bindparam("_ids", expanding=True)))
    )


def _rows(work: Work, cls: contents.Rows, documents: Mapping[int, str]) -> dict[int, list[Any]]:
    found = work.connection.execute(_of(cls), {"_company": work.company.id, "_ids": list(documents)})
    return {key: list(group) for key, group in groupby(found, key=lambda row: row.document_id)}


@cache
def _of(cls: contents.Rows) -> Any:
    table: Any = cls.__table__
    return (
        select(*(table.c[name] for name in ("id", "document_id", *contents.needed(cls))))
        .where(table.c.company_id == bindparam("_company"), table.c.document_id.in_(bindparam("_ids", expanding=True)))
        .order_by(table.c.document_id, table.c.position, table.c.id)
    )


# What differs ---------------------------------------------------------------------------------------------------------


def _changed(work: Work, row: Any, section: str, differences: Sequence[Text | str]) -> Finding:
    text: Text = _("It says something else than its history.")
    if differences:
        shown = "; ".join(str(one) for one in differences[:MOST])
        text = _("It says something else than its history: {differences}.", differences=shown)
    return Finding(f"content.{section}", name_of(work, row), text)


def _changes(work: Work, kind: str, key: int) -> Iterator[Mapping[str, Any]]:
    """What the history of a document tells of changes, the oldest first."""
    yield from work.connection.execute(
        select(HISTORY.c.changes)
        .where(HISTORY.c.company_id == work.company.id, HISTORY.c.kind == kind, HISTORY.c.record_id == key)
        .order_by(HISTORY.c.id)
    ).scalars()


def _header_fields(work: Work, cls: type[Document], row: Any) -> list[str]:
    """The fields of a header that are not as the history told them last."""
    told: dict[str, Any] = {}
    for changes in _changes(work, kind_of(cls), row.id):
        told |= {name: pair[1] for name, pair in changes.items() if isinstance(pair, list) and len(pair) == 2}
    return _differences(cls, told, row, [name for name in contents.header(cls).names if name not in UNTOLD])


def _row_fields(work: Work, cls: type[Document], section: str, key: int, rows: Sequence[Any]) -> list[Text | str]:
    """The fields of lines or parts that are not as the history told them last, each with its row.

    What is owed is told by no field; there is nothing to hold it against.
    """
    if section == contents.CLAIMS:
        return []
    of = contents.type_of(cls, section)
    begun: list[Any] = []
    added: dict[int, dict[str, Any]] = {}
    changed: dict[int, dict[str, Any]] = defaultdict(dict)
    gone: set[int] = set()
    for changes in _changes(work, kind_of(cls), key):
        told = changes.get(section)
        if isinstance(told, list):
            begun = told[1] or []
        elif isinstance(told, Mapping):
            added |= {int(row): fields for row, fields in told.get("added", {}).items()}
            gone |= {int(row) for row in told.get("removed", ())}
            for row, fields in told.get("changed", {}).items():
                changed[int(row)] |= {name: pair[1] for name, pair in fields.items()}
    known = len(begun) + len(added) - len(gone)
    if len(rows) != known:
        return [_("of {count} rows it knows {told}", count=len(rows), told=known)]
    # What was there from the beginning is told in the order in which it was written.
    first = sorted(({row.id for row in rows} | gone) - added.keys())
    said = added | dict(zip(first, begun, strict=False))
    names = LINE_OUTPUT if section == contents.LINES else contents.of_rows(of).names
    return [
        f"{row.position}: {field}"
        for row in rows
        for field in _differences(of, said.get(row.id, {}) | changed[row.id], row, [n for n in names if n != "id"])
    ]


def _differences(cls: type[Base], told: Mapping[str, Any], row: Any, names: Iterable[str]) -> list[str]:
    """By field, what was told and what is found; what says nothing is not told."""
    usual, known, found = defaults(cls), faces(cls), []
    for name in names:
        was, now = plain(told.get(name, usual.get(name))), plain(getattr(row, name))
        if was != now and not (was in NOTHING and now in NOTHING):
            label = str(known[name].field.label) if name in known else name
            before, after = ("–" if value in NOTHING else value for value in (was, now))
            found.append(f"{label} {before} → {after}")
    return found
