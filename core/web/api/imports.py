"""Files for programs: send one, have it checked, bring it in, fetch what was bad, take it all back."""

from __future__ import annotations

from typing import Any

from core.canonical import plain
from core.documents.kinds import Type, kind_of
from core.errors import Fault, Invalid
from core.exchange import bringing, templates
from core.exchange.fields import columns
from core.operations import imports
from core.schemas import requests
from core.text import _
from core.web.api.calls import BINARY, Answer, Call, told
from core.web.api.records import place_of
from core.work import Work

MOST = 200


def list_imports(work: Work, call: Call) -> Answer:
    """What the caller has brought in, the latest first; ``next`` is a cursor for ``before``."""
    size, before = call.whole("size", 50, 1, MOST), call.whole("before", 0, 1, 10**18) or None
    rows = imports.latest(work, before=before, most=size + 1)
    return told(
        {"items": [_shown(work, row) for row in rows[:size]], "next": rows[size - 1].id if len(rows) > size else None}
    )


def upload(work: Work, call: Call) -> Answer:
    """Keep a file; the answer says how its columns are read."""
    cls = _type(work, call.query.get("kind", ""))
    key = bringing.upload(work, cls, call.query.get("name", ""), call.body)
    return _told(work, key, status=201, location=f"{call.root}/api/v1/core/imports/{key}")


def read_import(work: Work, call: Call) -> Answer:
    """How far it is."""
    return _told(work, call.id)


def check(work: Work, call: Call) -> Answer:
    """Let the file be checked, with these fields for its columns; a job does it."""
    asked = requests.read(requests.ImportInput, call.body)
    bringing.check(work, call.id, mapping=asked["mapping"], way=asked["way"], found_by=asked["found_by"])
    return _told(work, call.id)


def go(work: Work, call: Call) -> Answer:
    """Bring in what was found good; a job does it."""
    requests.read(requests.NothingInput, call.body)
    bringing.go(work, call.id)
    return _told(work, call.id)


def undo(work: Work, call: Call) -> Answer:
    """Take back all of it, or nothing; a job does it."""
    requests.read(requests.NothingInput, call.body)
    imports.undo(work, call.id)
    return _told(work, call.id)


def drop(work: Work, call: Call) -> Answer:
    """Forget a file that was not brought in."""
    imports.drop(work, call.id)
    return Answer(204)


def rows(work: Work, call: Call) -> Answer:
    """What became of the rows, in their order; ``state`` narrows it down, ``next`` is a cursor for ``after``."""
    batch = imports.find(work, call.id)
    size = call.whole("size", MOST, 1, MOST)
    state = call.query.get("state", "")
    after = call.whole("after", 0, 0, 10**7)
    found = imports.rows(work, batch.id, after=after, states=[state] if state else (), most=size + 1)
    return told(
        {
            "items": [_row(batch, row) for row in found[:size]],
            "next": str(found[size - 1].place) if len(found) > size else None,
        }
    )


def bad_rows(work: Work, call: Call) -> Answer:
    """The bad rows as a file, with a column of what is wrong."""
    batch, form = imports.find(work, call.id), call.query.get("form", "xlsx")
    return _file(templates.written(form, templates.bad_rows(work, batch)), f"bad-{batch.id}.{form}")


def template(work: Work, call: Call) -> Answer:
    """The empty file of a type."""
    cls, form = _type(work, call.query.get("kind", "")), call.query.get("form", "xlsx")
    return _file(templates.template(work, cls, form), f"{cls.plural}.{form}")


def _file(content: bytes, name: str) -> Answer:
    return Answer(200, content, {"Content-Disposition": f'attachment; filename="{name}"'}, BINARY)


def _type(work: Work, kind: str) -> Type:
    found = next((cls for cls in imports.importable(work) if kind_of(cls) == kind), None)
    if found is None:
        raise Invalid([Fault("kind", _("Choose what the rows of the file are."), "choice")])
    return found


def _told(work: Work, key: int, *, status: int = 200, **headers: str) -> Answer:
    return told(_shown(work, imports.find(work, key)), status, **headers)


def _shown(work: Work, batch: Any) -> dict[str, Any]:
    cls = work.types.type(batch.record_kind)
    known = columns(work, cls)
    return {
        "id": batch.id,
        "kind": batch.record_kind,
        "file": batch.file_name,
        "state": batch.state,
        "way": batch.way,
        "found_by": batch.found_by,
        "columns": [
            {"header": header, "field": path if (path := batch.mapping.get(str(place), "")) in known else ""}
            for place, header in enumerate(batch.columns)
        ],
        **{name: getattr(batch, name) for name in ("rows", "records", "made", "changed", "same", "bad")},
        "seen": batch.seen,
        "last": batch.last,
        "problems": [str(imports.unpacked(kept)) for kept in batch.problem],
        "kept_back": [{"row": place, "message": str(imports.unpacked(kept))} for place, kept in batch.kept_back],
        "created_at": plain(batch.created_at),
        "created_by": work.person(batch.created_by),
        "ended_at": plain(batch.ended_at),
        "list_url": place_of(cls),
    }


def _row(batch: Any, row: Any) -> dict[str, Any]:
    return {
        "row": row.place,
        "state": row.state,
        "record_id": row.record_id,
        "faults": [
            {"column": one.column, "value": one.value, "code": code, "message": one.text}
            for one, (_column, _kept, code) in zip(bringing.told(batch, row), row.faults, strict=True)
        ],
    }
