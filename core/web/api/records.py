"""Lists, reads, creates and changes of any document type or master, derived from its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.canonical import plain
from core.documents import sight
from core.documents.faces import defaults, faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.reading import load, load_master
from core.entities.master import Master
from core.operations.discard import discard as discard_draft
from core.operations.edit import edit as edit_document
from core.operations.masters import save
from core.operations.move import Asked, begin
from core.schemas import given, inputs, outputs, requests
from core.search import listing
from core.web.api.calls import Answer, Call, etag, marked, told
from core.work import Work

PAGING = ("search", "sort", "after", "size")


def list_records(work: Work, call: Call) -> Answer:
    """One page of what the caller may see; ``next`` and ``previous`` are cursors for ``after``."""
    cls = call.named
    filters = call.query
    size = call.whole("size", listing.SIZE, 1, listing.LARGEST)
    asked = {key: text for key, text in filters.items() if key not in PAGING}
    query = listing.Query(asked, filters.get("search", ""), filters.get("sort", ""), filters.get("after", ""), size)
    page = listing.page(work, cls, query)
    return told(
        {
            "items": [row_of(work, cls, row) for row in page.rows],
            "next": page.next or None,
            "previous": page.previous or None,
        }
    )


def row_of(work: Work, cls: Type, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row of a list as plain values."""
    known, seen = faces(cls), sight.shown(work, cls)
    shown = {n: plain(value) for n, value in row.items() if n not in known or n in seen}
    return {"id": shown.pop("id"), "kind": kind_of(cls), **shown}


def read_record(work: Work, call: Call) -> Answer:
    """One record whole, or 304 when the caller has this version."""
    cls = call.named
    record = load(work, cls, call.id) if issubclass(cls, Document) else load_master(work, cls, call.id)
    if call.same(record.version):
        return Answer(304, "", {"Etag": etag(record.version)})
    return marked(written(work, record))


def written(work: Work, record: Document | Master) -> dict[str, Any]:
    """A record as answers show it."""
    return outputs.document(work, record) if isinstance(record, Document) else outputs.master(work, record)


def create_record(work: Work, call: Call) -> Answer:
    """A new record; its address is in ``Location``. A document may make its first moves in the same call."""
    cls = call.named
    work.demand(f"{kind_of(cls)}.create")
    if issubclass(cls, Document):
        content, asked = requests.moves_of_new(call.body)
        values = given.read(work, cls, content)
        moves = [Asked(**one) for one in asked]
        record: Document | Master = begin(work, cls, values, values.pop("lines", ()), moves)
    else:
        record = load_again(work, save(work, cls, given.read(work, cls, call.body)))
    work.finish()
    return marked(written(work, record), 201, location=f"{call.root}{place_of(cls)}/{record.id}")


def place_of(cls: Type) -> str:
    """The address of a type's list."""
    area, _dot, _name = kind_of(cls).partition(".")
    return f"/api/v1/{area}/{cls.plural}"


def change_record(work: Work, call: Call) -> Answer:
    """What is named is changed, what is not stays as it is."""
    work.demand(f"{kind_of(call.named)}.edit")
    return _change(work, call, given.read(work, call.named, call.body, partial=True))


def replace_record(work: Work, call: Call) -> Answer:
    """The record is as given; what is not named goes back to its default."""
    cls = call.named
    work.demand(f"{kind_of(cls)}.edit")
    values = given.read(work, cls, call.body)
    begun = defaults(cls)
    for name, face in inputs.writable(cls).items():
        if work.sees(face.needs):
            values.setdefault(name, begun.get(name))
    lines = ["lines"] if issubclass(cls, Document) and cls.has_lines else []
    for key in [*lines, *(part.key for part in cls.parts)]:
        values.setdefault(key, [])
    return _change(work, call, values)


def _change(work: Work, call: Call, values: dict[str, Any]) -> Answer:
    cls, version = call.named, call.seen(needed=True)
    if issubclass(cls, Document):
        rows = values.pop("lines", None)
        record: Document | Master = edit_document(work, cls, call.id, values, rows, version=version)
    else:
        record = load_again(work, save(work, cls, values, key=call.id, version=version))
    work.finish()
    return marked(written(work, record))


def load_again(work: Work, record: Master) -> Master:
    """The parts with the ids that the database gave them."""
    if type(record).parts:
        for part in type(record).parts:
            if any(row.id is None for row in getattr(record, part.key)):
                return load_master(work, type(record), record.id)
    return record


def discard_record(work: Work, call: Call) -> Answer:
    """A draft that was never submitted nor numbered is taken back; its content stays in the history."""
    discard_draft(work, call.document, call.id, version=call.seen(needed=False))
    work.finish()
    return Answer(204)
