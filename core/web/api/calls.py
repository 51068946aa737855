"""One request to the interface, as plain values, and the answer to it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from core.documents.kinds import Type
from core.documents.models import Document
from core.errors import DomainError, Fault, Invalid, Unknown
from core.reports.report import Report
from core.text import Text, _
from core.work import Ask

if TYPE_CHECKING:
    from core.app import Program

JSON, PROBLEM, PDF = "application/json", "application/problem+json", "application/pdf"
# A file in either direction; as what is taken it stands in for the schema of a body.
BINARY = "application/octet-stream"
_MARK = re.compile(r'"(\d{1,18})"')


class BadRequest(DomainError):
    """The request itself cannot be read; ``status`` is the HTTP status that says how."""

    code = "request.invalid"

    def __init__(self, status: int, text: Text, code: str) -> None:
        super().__init__(text, code=code)
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back: a status, headers, and a body that is JSON already or a file."""

    status: int = 200
    body: str | bytes = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: str = JSON


@dataclass(frozen=True, slots=True)
class Call:
    """A request that was understood: who asks, what the address names, what the body and the headers say."""

    program: Program
    ask: Ask
    path: Mapping[str, Any]
    query: Mapping[str, str]
    headers: Mapping[str, str]
    root: str
    cls: Type | None = None
    body: Any = None
    report: Report | None = None

    @property
    def id(self) -> int:
        """The id that the address names."""
        return int(self.path["id"])

    @property
    def named(self) -> Type:
        """The type that the address names."""
        return cast(Type, self.cls)

    @property
    def document(self) -> type[Document]:
        """The document type that the address names."""
        return cast("type[Document]", self.cls)

    def of_kind(self) -> Type:
        """The type that the address names by its kind; raises ``Unknown`` for none that is installed."""
        types, kind = self.program.registry, str(self.path["kind"])
        found = types.documents.get(kind) or types.masters.get(kind)
        if found is None:
            raise Unknown()
        return found

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number of the query, between ``least`` and ``most``."""
        text = self.query.get(name)
        if text is None:
            return default
        if not re.fullmatch(r"[0-9]{1,18}", text) or not least <= int(text) <= most:
            said = _("A whole number from {least} to {most} is expected.", least=least, most=most)
            raise Invalid([Fault(name, said, "invalid_number")])
        return int(text)

    def seen(self, *, needed: bool) -> int | None:
        """The version that the caller saw, from ``If-Match``; None for ``*`` or where it is not given and not needed.

        Raises ``BadRequest``: 428 where it is needed and missing, 400 where it is no version of ours.
        """
        text = self.headers.get("If-Match")
        if text is None:
            if needed:
                said = _("Say in If-Match which version you have seen, as the ETag gave it.")
                raise BadRequest(428, said, "version.needed")
            return None
        if text.strip() == "*":
            return None
        found = _MARK.fullmatch(text.strip())
        if found is None:
            raise BadRequest(
                400, _("If-Match must be one ETag as it was given, with its quotation marks."), "version.unreadable"
            )
        return int(found[1])

    def same(self, version: int) -> bool:
        """Whether the caller already has ``version`` (``If-None-Match``)."""
        marks = self.headers.get("If-None-Match", "")
        return any(mark.strip().removeprefix("W/") == etag(version) for mark in marks.split(","))


def etag(version: int) -> str:
    """The mark of a version: every write by people raises it."""
    return f'"{version}"'


def told(body: Any, status: int = 200, **headers: str) -> Answer:
    """An answer of plain values; ``content_type`` headers are written with an underscore."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return Answer(status, json.dumps(body, ensure_ascii=False, separators=(",", ":")), named)


def marked(body: Mapping[str, Any], status: int = 200, **headers: str) -> Answer:
    """An answer that shows one record, with the mark of its version."""
    return told(body, status, **headers, etag=etag(int(body["version"])))
