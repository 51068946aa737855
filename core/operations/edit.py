"""Edit: change the content of a document that is not frozen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import bindparam, delete, update
from sqlalchemy.orm.attributes import set_committed_value

from core.canonical import difference
from core.documents.models import Document, DocumentLine
from core.documents.reading import load
from core.documents.truths import Approval
from core.errors import Conflict, Fault, Invalid
from core.operations import parts
from core.operations.content import fill_lines, set_party
from core.operations.create import check_header, insert_lines, line_values
from core.operations.flow.adjusting import adjust, check_agreed
from core.operations.flow.together import check_kept
from core.operations.guards import check_version
from core.operations.ledger import Entry, ledger
from core.operations.pricing import sum_up
from core.records import contents
from core.schemas.inputs import LINE_INPUT
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_LINE: Any = DocumentLine.__table__
_CONTENT = (
    *LINE_INPUT,
    "code",
    "factor",
    "base_quantity",
    "fixed",
    "list_price",
    "price_source",
    "tax_rate",
    "tax_kind",
    "cost",
    "floor_price",
    "position",
)
_KNOWN = (*_CONTENT, "origin_id", "linked")
TOTALS = ("net", "tax", "gross", "base_gross", "cost_total")


def edit(
    work: Work,
    cls: type[D],
    key: int,
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]] | None = None,
    *,
    version: int | None = None,
) -> D:
    """Change the document as ``version`` was seen; ``lines`` are all its lines, or None to leave them alone.

    A line with an ``id`` changes that line, one without is new, one left out goes; so it is with the rows of each part
    that ``values`` give under its key. Raises ``Stale`` when somebody was faster, ``Conflict`` when the content is
    frozen or in approval, ``Invalid`` naming each place.
    """
    document = load(work, cls, key, "edit", lock=True)
    check_version(document, version)
    check_editable(document)
    before = {c.key: getattr(document, c.key) for c in cls.__mapper__.columns}
    old = {line.id: line for line in document.lines}
    old_values = {line.id: {name: getattr(line, name) for name in _KNOWN} for line in document.lines}
    before_parts = parts.held(document)
    values, rows_given = parts.split(cls, values)
    for name, value in values.items():
        if not (value is None and cls.__mapper__.columns[name].nullable is False):
            setattr(document, name, value)
    if cls.needs_party and document.party_id is None:
        raise Invalid([Fault("party_id", _("This is needed."), "required")])
    check_kept(document, before)
    party_class = ""
    if lines is not None or "party_id" in values:
        party_class = set_party(work, document, chosen=document.party_id != before["party_id"])
    check_header(work, document)
    changed: dict[str, Any] = {}
    if lines is not None and cls.has_lines:
        rows = fill_lines(work, document, lines, party_class=party_class, known=old)
        check_agreed(rows, old_values)
        adjust(work, document, rows, old_values)
        sum_up(document, rows)
        changed["lines"] = _write_lines(work, document, rows, old, old_values)
        set_committed_value(document, "lines", rows)
    elif "exchange_rate" in values or not cls.has_lines:
        sum_up(document, document.lines)
    if faults := parts.fill(document, rows_given):
        raise Invalid(faults)
    parts.check(work, document, rows_given)
    changed |= parts.write(work, document, before_parts)
    _record(work, document, before, changed)
    return document


def check_editable(document: Document) -> None:
    """Raise ``Conflict`` when the content may not change now."""
    if document.approval == Approval.PENDING:
        raise Conflict(_("It is in approval. Withdraw it first to change it."), code="document.pending")
    state = document.workflow.state(document.state)
    if state.frozen:
        raise Conflict(
            _("In the state “{state}” the content can no longer be changed.", state=state.label),
            code="document.frozen",
        )


def _record(work: Work, document: Document, before: Mapping[str, Any], rows: dict[str, Any]) -> None:
    """Leave header, counters and history for the end of the work; nothing when nothing changed."""
    cls = type(document)
    skipped = {"version", "head", "updated_at", "updated_by", "edited_by", "id", "company_id"}
    after = {c.key: getattr(document, c.key) for c in cls.__mapper__.columns if c.key not in skipped}
    header: dict[str, Any] = difference(before, after)
    changes = header | {key: found for key, found in rows.items() if found}
    if not changes:
        return
    book = ledger(work)
    step = book.touch(document, **{name: getattr(document, name) for name in header})
    book.touch(document, edition=document.edition + 1, edited_by=work.actor_id or document.edited_by)
    if document.approval != Approval.NONE:
        book.touch(document, approval=Approval.NONE.value)
    step.entries.append(Entry("edit", changes))
    for section in contents.sections(cls):
        if section in rows:
            book.wrote(document, section)
    step.indexed = bool(set(document.searched) & changes.keys())


def _write_lines(
    work: Work,
    document: Document,
    rows: Sequence[DocumentLine],
    old: Mapping[int, DocumentLine],
    old_values: Mapping[int, Mapping[str, Any]],
) -> dict[str, Any]:
    """Write what changed: one statement for new lines, one for changed ones, one for those that went."""
    kept = {line.id for line in rows if line.id}
    new = [line for line in rows if not line.id]
    gone = [key for key in old if key not in kept]
    changes: dict[str, Any] = {}
    changed = []
    for line in rows:
        if line.id and (diff := difference(old_values[line.id], {name: getattr(line, name) for name in _KNOWN})):
            changed.append(line)
            changes.setdefault("changed", {})[str(line.id)] = diff
    if gone:
        work.connection.execute(
            delete(_LINE).where(
                _LINE.c.company_id == work.company.id,
                _LINE.c.document_id == document.id,
                _LINE.c.id.in_(gone),
            )
        )
        changes["removed"] = {str(key): line_values(old[key]) for key in gone}
    if changed:
        work.connection.execute(
            update(_LINE)
            .where(_LINE.c.company_id == bindparam("_company"), _LINE.c.id == bindparam("_id"))
            .values({name: bindparam(name) for name in _CONTENT}),
            [
                {"_company": work.company.id, "_id": line.id, **{n: getattr(line, n) for n in _CONTENT}}
                for line in changed
            ],
        )
    if new:
        insert_lines(work, document, new)
        changes["added"] = {str(line.id): line_values(line) for line in new}
    return changes
