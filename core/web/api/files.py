"""Files on a record for programs: listed, attached, handed out, taken off."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from core.canonical import plain
from core.errors import Fault, Invalid, Unknown
from core.operations import beside
from core.operations.attach import attached, detach
from core.operations.bringing import bring, fetch
from core.schemas import requests
from core.text import _
from core.web.api.calls import BINARY, Answer, Call, told
from core.web.api.comments import at
from core.work import Work


def list_files(work: Work, call: Call) -> Answer:
    """The files on a record, the latest first."""
    beside.record_of(work, call.of_kind(), call.id)
    return told({"items": [shown(work, row) for row in attached(work, call.of_kind(), call.id)]})


def attach_file(call: Call) -> Answer:
    """The body becomes a file on the record; the same one under the same name hangs there once."""
    name = call.query.get("name", "")
    if not name:
        raise Invalid([Fault("name", _("The file needs a name."), "required")])
    works = call.program.works
    key = bring(works, call.ask, call.of_kind(), call.id, name, call.body)
    with works.read(call.ask) as work:
        row = next((one for one in attached(work, call.of_kind(), call.id) if one.id == key), None)
        if row is None:
            raise Unknown()
        found = shown(work, row)
    return told(found, status=201, location=f"{call.root}{at(call)}/files/{key}")


def read_file(call: Call) -> Answer:
    """A file, as a download; that it was taken is in the audit log before."""
    name, content = fetch(call.program.works, call.ask, call.of_kind(), call.id, int(call.path["file"]))
    return download(name, content)


def download(name: str, content: bytes) -> Answer:
    """A file to be kept and never shown, whatever it is."""
    kept = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"}
    return Answer(200, content, {**kept, "Content-Security-Policy": "default-src 'none'; sandbox"}, BINARY)


def take_off_file(work: Work, call: Call) -> Answer:
    """Who attached a file takes it off and says why; who, when, why and its hash stay."""
    asked = requests.read(requests.TakeOffInput, call.body)
    rows = attached(work, call.of_kind(), call.id)
    row = next((one for one in rows if one.id == int(call.path["file"])), None)
    detach(work, call.of_kind(), call.id, int(call.path["file"]), reason=asked["reason"])
    return told(shown(work, row))


def shown(work: Work, row: Any) -> dict[str, Any]:
    """What is told of a file."""
    return {
        "id": row.id,
        "name": row.name,
        "size": row.size,
        "sha256": row.sha256,
        "by_id": row.created_by,
        "by": work.person(row.created_by),
        "at": plain(row.created_at),
    }
