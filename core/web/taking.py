"""Taking what waits: the lines that other documents have released, or that a customer sends back, become a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request, url_for

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.documents.stage import Stage
from core.errors import Fault, Invalid
from core.operations.flow import offers, routes
from core.operations.flow.rows import in_unit
from core.search.listing import LARGEST
from core.text import _, in_language
from core.web import addresses
from core.web.showing import number
from core.work import Work

MOST_DIGITS = 19


def label_of(cls: type[Document]) -> str:
    """What the way to a draft from other documents is called."""
    return str(_("Take back") if cls.brings_back else _("Take what waits"))


def offered(work: Work, cls: type[Document]) -> dict[str, Any]:
    """What the page shows: the lines that wait, by document, as the address narrows them down."""
    party, source = _key("party_id"), _key("document_id")
    rows = offers.offered(work, cls, party_id=party, document_id=source)
    endpoint = addresses.endpoint(kind_of(cls))
    return {
        "title": label_of(cls),
        "label": str(cls.label),
        "url": url_for(f"{endpoint}.take_view"),
        "crumbs": [{"label": str(cls.label_plural), "url": url_for(f"{endpoint}.index_view")}],
        "groups": list(_groups(work, cls, rows)),
        "parties": _parties(rows) if party is None and source is None else [],
        "all_url": url_for(f"{endpoint}.waiting_view") if (party or source) and not cls.brings_back else "",
        "back": cls.brings_back,
        "exchanges": cls.brings_back and routes.entry(work, Stage.DELIVERY) is not None,
        "more": len(rows) >= offers.MOST,
    }


def _key(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < MOST_DIGITS else None


def _groups(work: Work, cls: type[Document], rows: list[Any]) -> Iterator[dict[str, Any]]:
    by_document: dict[int, list[Any]] = {}
    for row in rows:
        by_document.setdefault(row.document_id, []).append(row)
    for key, lines in by_document.items():
        first = lines[0]
        source = work.types.documents.get(first.kind)
        readable = source is not None and work.may(f"{first.kind}.read") and area_of(first.kind) in work.areas
        yield {
            "title": first.number or str(_("Draft {id}", id=key)),
            "label": str(source.label) if source else "",
            "url": addresses.record(first.kind, key) if readable else "",
            "party": first.party_name,
            "date": first.date.isoformat(),
            "lines": [_line(cls, row) for row in lines],
        }


def _line(cls: type[Document], row: Any) -> dict[str, Any]:
    left = in_unit(row.delivered - row.returned if cls.brings_back else row.left, row.factor)
    return {
        "id": row.line_id,
        "name": in_language(row.name, row.name_en),
        "code": row.code,
        "specification": row.specification,
        "left": number(left),
        "value": f"{left.normalize():f}",
        "unit": row.unit,
        "deadline": row.deadline.isoformat() if row.deadline else "",
    }


def _parties(rows: list[Any]) -> list[dict[str, Any]]:
    """The customers whose lines wait, to narrow the page down to one."""
    named = {row.party_id: row.party_name for row in rows if row.party_id}
    chosen = sorted(named.items(), key=lambda pair: str(pair[1]))
    return [{"url": f"?party_id={key}", "label": name} for key, name in chosen] if len(named) > 1 else []


def wanted(form: Mapping[str, str], chosen: list[str]) -> list[tuple[int, Decimal | None]]:
    """The chosen lines with the quantity written beside each; raises ``Invalid`` for what is no quantity."""
    found: list[tuple[int, Decimal | None]] = []
    for text in chosen[:LARGEST]:
        if not text.isdecimal() or len(text) >= MOST_DIGITS:
            continue
        written = form.get(f"quantity-{text}", "").strip().replace(",", "")
        found.append((int(text), _quantity(written) if written else None))
    if not found:
        raise Invalid([Fault("lines", _("Choose at least one line."), "required")])
    return found


def _quantity(written: str) -> Decimal:
    try:
        value = Decimal(written)
    except InvalidOperation as error:
        raise Invalid([Fault("quantity", _("“{text}” is no quantity.", text=written[:20]), "invalid")]) from error
    if not value.is_finite() or not 0 < value < Decimal(10) ** 12 or value != round(value, 6):
        raise Invalid([Fault("quantity", _("“{text}” is no quantity.", text=written[:20]), "invalid")])
    return value


# On the page of a document -------------------------------------------------------------------------------------------


def panel(work: Work, document: Document, version: int) -> dict[str, Any] | None:
    """What of the document was released and for whom, with the ways on; None where nothing was."""
    rows = offers.still_open(work, document)
    if not rows:
        return None
    kind = kind_of(type(document))
    closes = type(document).begins() and work.may(f"{kind}.close")
    endpoint = addresses.endpoint(kind)
    return {
        "key": "open",
        "label": str(_("What follows")),
        "icon": "arrow-forward",
        "kind": "open",
        "count": sum(1 for row in rows if row.closure == "open" and row.taken < row.quantity),
        "groups": list(_followed(work, document, rows)),
        "close_url": url_for(f"{endpoint}.close_view", key=document.id) if closes else "",
        "lines": [
            {"id": line.id, "name": f"{line.position} {in_language(line.name, line.name_en)}"}
            for line in document.lines
            if line.closure == "open" and line.line_kind != "text"
        ],
        "version": version,
    }


def _followed(work: Work, document: Document, rows: list[Any]) -> Iterator[dict[str, Any]]:
    by_kind: dict[str, list[Any]] = {}
    for row in rows:
        by_kind.setdefault(row.target, []).append(row)
    for kind, lines in by_kind.items():
        cls = work.types.documents.get(kind)
        if cls is None or area_of(kind) not in work.areas:
            continue
        waits = any(row.closure == "open" and row.taken < row.quantity for row in lines)
        url = url_for(f"{addresses.endpoint(kind)}.waiting_view", document_id=document.id)
        yield {
            "label": str(cls.label),
            "icon": cls.icon,
            "url": url if waits and work.may(f"{kind}.create") else "",
            "rows": [
                {
                    "name": f"{row.position} {row.name}",
                    "quantity": number(row.quantity / row.factor),
                    "taken": number(row.taken / row.factor),
                    "left": number(max(row.quantity - row.taken, Decimal(0)) / row.factor),
                    "unit": row.unit,
                    "closed": row.closure != "open",
                }
                for row in lines
            ],
        }


def ways_back(work: Work, document: Document) -> Iterator[dict[str, Any]]:
    """Links to the types by which delivered goods of this document come back."""
    if not any(line.delivered > line.returned or line.origin_id for line in document.lines):
        return
    for kind, cls in sorted(work.types.documents.items()):
        if cls.brings_back and area_of(kind) in work.areas and work.may(f"{kind}.create"):
            url = url_for(f"{addresses.endpoint(kind)}.waiting_view", document_id=document.id)
            yield {"label": str(_("{type}…", type=cls.label)), "icon": cls.icon, "post": False, "url": url}
