"""Setting a payment against claims: which open claims of the customer it meets, and how much of each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import url_for
from sqlalchemy import select

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.errors import Fault, Invalid
from core.extension.allocating import Allocating
from core.operations.flow.claims import Use
from core.text import _
from core.web import addresses
from core.web.showing import money
from core.work import Work

MOST_DIGITS = 19
MILESTONE = "milestone"
KINDS = {"receivable": _("Owed on an invoice"), "retention": _("Retention"), MILESTONE: _("Milestone")}


def of(work: Work, cls: type[Document]) -> Allocating | None:
    """How payments of this type are set against claims by the reader; None where they are not, or he may not."""
    found = work.types.allocating.get(kind_of(cls))
    return found if found is not None and work.may(found.permission) else None


def offered(work: Work, document: Document, how: Allocating) -> dict[str, Any]:
    """What the page shows: what is left, every open claim with the amount proposed, and what it meets now."""
    proposed = {use.claim_id or use.milestone_id: use.amount for use in how.propose(work, document)}
    rows, settled = list(how.open_claims(work, document)), list(how.settled_with(work, document))
    titles = _titles(work, {row.document_id for row in (*rows, *settled)})
    endpoint = addresses.endpoint(kind_of(type(document)))
    return {
        "title": document.title,
        "label": str(type(document).label),
        "party": document.party_name,
        "free": money(how.free(document), document.currency),
        "total": money(abs(document.gross), document.currency),
        "crumbs": [
            {"label": str(type(document).label_plural), "url": url_for(f"{endpoint}.index_view")},
            {"label": document.title, "url": url_for(f"{endpoint}.details_view", key=document.id)},
        ],
        "url": url_for(f"{endpoint}.allocate_view", key=document.id),
        "back_url": url_for(f"{endpoint}.take_back_view", key=document.id),
        "version": document.version,
        "rows": [_claim(row, titles, proposed.get(row.id, Decimal(0))) for row in rows],
        "settled": [_settled(row, titles, document.currency) for row in settled],
    }


def _claim(row: Any, titles: Mapping[int, dict[str, str]], proposed: Decimal) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": str(KINDS[row.claim_kind]),
        "milestone": row.claim_kind == MILESTONE,
        "document": titles.get(row.document_id, {"title": "", "url": ""}),
        "due": row.due.isoformat() if row.due else "",
        "amount": money(row.amount),
        "left": money(row.amount - row.settled),
        "value": f"{proposed:.2f}" if proposed else "",
    }


def _settled(row: Any, titles: Mapping[int, dict[str, str]], currency: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "kind": str(KINDS[row.claim_kind]),
        "document": titles.get(row.document_id, {"title": "", "url": ""}),
        "amount": money(row.amount, currency),
    }


def _titles(work: Work, keys: set[int]) -> dict[int, dict[str, str]]:
    """What the documents of claims are called, with a link where the reader may follow it."""
    if not keys:
        return {}
    columns = (Document.id, Document.kind, Document.number)
    found = {}
    for row in work.session.execute(select(*columns).where(Document.id.in_(keys))):
        cls = work.types.documents.get(row.kind)
        reads = work.may(f"{row.kind}.read") and area_of(row.kind) in work.areas
        label = f"{cls.label if cls else row.kind} {row.number or row.id}"
        found[row.id] = {"title": label, "url": addresses.record(row.kind, row.id) if reads else ""}
    return found


def uses(form: Mapping[str, str], names: Iterable[str]) -> list[Use]:
    """What a person wrote beside the claims; raises ``Invalid`` for what is no amount."""
    found = []
    for name in names:
        kind, _dash, key = name.partition("-")
        written = form.get(name, "").strip().replace(",", "")
        if kind not in {"claim", MILESTONE} or not key.isdecimal() or len(key) >= MOST_DIGITS or not written:
            continue
        amount = _amount(written)
        if amount:
            found.append(Use(amount, int(key)) if kind == "claim" else Use(amount, None, int(key)))
    if not found:
        raise Invalid([Fault("uses", _("Say how much goes to which claim."), "required")])
    return found


def _amount(written: str) -> Decimal:
    try:
        value = Decimal(written)
    except InvalidOperation as error:
        raise Invalid([Fault("amount", _("“{text}” is no amount.", text=written[:20]), "invalid")]) from error
    if not value.is_finite() or not 0 <= value < Decimal(10) ** 13 or value != round(value, 2):
        raise Invalid([Fault("amount", _("“{text}” is no amount.", text=written[:20]), "invalid")])
    return value
