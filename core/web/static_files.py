"""The files of the pages: packed once, under an address that changes with them, kept by browsers for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, request

from core.errors import Unknown
from core.web.current import root

FOLDER = Path(__file__).resolve().parent / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
YEAR = 31_536_000

static_files = Blueprint("files", __name__)


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is sent."""

    kind: str
    content: bytes
    packed: bytes


@cache
def files() -> dict[str, File]:
    """Every file below the folder, by its path; read when the first is asked for."""
    found = {}
    for path in sorted(FOLDER.rglob("*")):
        if path.is_file() and "licences" not in path.parts:
            content = path.read_bytes()
            kind = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            found[path.relative_to(FOLDER).as_posix()] = File(kind, content, gzip.compress(content, 9, mtime=0))
    return found


@cache
def version() -> str:
    """A name for the state of all files together."""
    state = hashlib.sha256()
    for name, file in files().items():
        state.update(name.encode() + b"\0" + file.content)
    return state.hexdigest()[:12]


def asset(name: str) -> str:
    """The address of a file."""
    return f"{root()}/static/{version()}/{name}"


@static_files.get("/static/<edition>/<path:place>")
def send(edition: str, place: str) -> Response:
    """A file, packed where the browser understands it."""
    file = files().get(place)
    if file is None:
        raise Unknown()
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    answer = Response(file.packed if packed else file.content, mimetype=file.kind)
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable" if edition == version() else "no-cache"
    return answer
