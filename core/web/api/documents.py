"""What only documents have: moves, requests for consent, editions, papers, and a look at unsaved content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.approvals.candidates import named, role_name
from core.approvals.engine import PlannedStep
from core.approvals.showing import shown_why
from core.canonical import plain
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.reading import load, load_master
from core.documents.sight import deep
from core.errors import DomainError, Fault, Invalid, Refused, Unknown
from core.operations import decide, editions, turning
from core.operations.move import Asked, move
from core.operations.outlook import Outlook, outlooks
from core.operations.preview import reckoned
from core.operations.side_by_side import Beside, side_by_side
from core.printing.documents import print_document
from core.printing.speech import BOTH
from core.records.reading import entries, hidden, masked
from core.schemas import outputs, requests
from core.text import CHINESE, ENGLISH, _, language
from core.web.api.calls import PDF, Answer, Call, marked, told
from core.work import Work

PAPER_LANGUAGES = {"zh": CHINESE, "en": ENGLISH, "both": BOTH, "": ""}


def header(work: Work, document: Document) -> dict[str, Any]:
    """A document without its lines, as answers to a move show it."""
    out: dict[str, Any] = {"id": document.id, "kind": kind_of(type(document)), "version": document.version}
    return out | outputs.fields_of(work, document)


def list_moves(work: Work, call: Call) -> Answer:
    """Every move: whether it is open now, why not, and who would have to agree."""
    document: Document = load(work, call.document, call.id)
    return marked({"version": document.version, "moves": [_shown(work, one) for one in outlooks(work, document)]})


def _shown(work: Work, one: Outlook) -> dict[str, Any]:
    closed = one.closed
    return {
        "name": one.move.name,
        "label": str(one.move.label),
        "target": one.move.target,
        "open": closed is None,
        "needs_reason": one.move.reason,
        "asks": list(one.move.asks),
        "musts": list(one.move.musts),
        "confirm": str(one.move.confirm) if one.move.confirm else None,
        "closed": _why(closed) if closed else None,
        "warnings": [{"code": o.code, "message": str(o.text)} for o in one.warnings],
        "consents": [_consent(work, step) for step in one.steps],
    }


def _why(error: DomainError) -> dict[str, Any]:
    reasons = error.objections if isinstance(error, Refused) else ()
    return {
        "code": error.code,
        "message": str(error),
        "objections": [{"code": o.code, "message": str(o.text)} for o in reasons],
    }


def _consent(work: Work, step: PlannedStep) -> dict[str, Any]:
    return {
        "name": step.name,
        "role": role_name(work, step.role_id),
        "position": step.position,
        "mode": step.mode,
        "needed": step.needed,
        "why": shown_why(step),
        "people": named(work, step.asked),
        "choose": step.choose,
        "purpose": step.purpose,
    }


def make_move(work: Work, call: Call) -> Answer:
    """The document moves, or waits for consent: then ``approval`` is ``pending``."""
    asked = requests.read(requests.MoveInput, call.body)
    version = call.seen(needed=False)
    if version is not None and asked.get("version", version) != version:
        raise Invalid([Fault("version", _("The body and If-Match name different versions."), "version")])
    document: Document = move(
        work,
        call.document,
        call.id,
        str(call.path["transition"]),
        version=version if version is not None else asked.get("version"),
        reason=asked["reason"],
        confirmed=asked["confirmed"],
        values=asked["values"],
        approvers=asked["approvers"],
        then=[Asked(**one) for one in asked["then"]],
    )
    work.finish()
    return marked(header(work, document))


def agree(work: Work, call: Call) -> Answer:
    """The caller consents to what the document is asked for; with the last consent it moves."""
    return _decided(work, call, decide.agree_to)


def reject(work: Work, call: Call) -> Answer:
    """The caller refuses what the document is asked for, with a reason; it goes back to its maker."""
    return _decided(work, call, decide.reject_it)


def _decided(work: Work, call: Call, act: Callable[..., Document]) -> Answer:
    asked = requests.read(requests.DecisionInput, call.body)
    document = act(work, call.document, call.id, opinion=asked["opinion"], version=call.seen(needed=False))
    work.finish()
    return marked(header(work, document))


def withdraw(work: Work, call: Call) -> Answer:
    """The caller's own request for consent is taken back."""
    asked = requests.read(requests.WithdrawInput, call.body)
    load(work, call.document, call.id, lines=False)
    document = decide.withdraw(work, call.document, call.id, reason=asked["reason"])
    work.finish()
    return marked(header(work, document))


def remind(work: Work, call: Call) -> Answer:
    """Those who are asked for their consent are reminded."""
    requests.read(requests.NothingInput, call.body)
    load(work, call.document, call.id, lines=False)
    document = turning.remind(work, call.document, call.id)
    work.finish()
    return marked(header(work, document))


def history(work: Work, call: Call) -> Answer:
    """What happened to a record, the latest first; ``next`` is a cursor for ``before``."""
    size = call.whole("size", 100, 1, 200)
    before = call.whole("before", 0, 1, 10**18) or None
    cls = call.named
    if issubclass(cls, Document):
        load(work, cls, call.id, lines=False)
    else:
        load_master(work, cls, call.id, parts=False)
    rows = entries(work, cls, call.id, before=before, most=size + 1)
    more = len(rows) > size
    return told({"items": plain(rows[:size]), "next": str(rows[size - 1]["id"]) if more else None})


def list_editions(work: Work, call: Call) -> Answer:
    """The revisions of a document, the present one last."""
    document: Document = load(work, call.document, call.id)
    return told({"items": [{"revision": number} for number in sorted(editions.editions(work, document))]})


def read_edition(work: Work, call: Call) -> Answer:
    """What a revision said, whole."""
    document: Document = load(work, call.document, call.id)
    found = editions.editions(work, document).get(int(call.path["revision"]))
    if found is None:
        raise Unknown(_("There is no such revision."))
    content = deep(found, hidden(work, call.document), masked(work, call.document))
    return told({"revision": int(call.path["revision"]), "content": content})


def compare(work: Work, call: Call) -> Answer:
    """Two revisions side by side: the fields that differ, and the lines and parts in pairs."""
    document: Document = load(work, call.document, call.id)
    left = call.whole("left", max(document.revision - 1, 1), 1, 10**6)
    right = call.whole("right", document.revision, 1, 10**6)
    found = editions.compare(work, document, left, right)
    return told(
        {
            "left": left,
            "right": right,
            "fields": [{"name": name, "left": one, "right": two} for name, one, two in found.changed],
            "lines": [_pair(row) for row in found.lines],
            "parts": {key: [_pair(row) for row in rows] for key, rows in found.parts.items()},
        }
    )


def _pair(row: editions.Pair) -> dict[str, Any]:
    return {"left": row.left, "right": row.right, "status": row.status, "changed": list(row.changed)}


def look(work: Work, call: Call) -> Answer:
    """The figures of unsaved content; nothing is saved. Faults are answered as saving would answer them."""
    found, faults = reckoned(work, call.document, call.body)
    if faults:
        raise Invalid(faults)
    return told(found)


def paper(call: Call) -> Answer:
    """The document as a paper in one language or in both, set outside of any transaction."""
    asked = call.query.get("language", "")
    if asked not in PAPER_LANGUAGES:
        said = _("“{value}” is not one of the choices.", value=asked)
        raise Invalid([Fault("language", said, "choice")])
    tongue = PAPER_LANGUAGES[asked] or language()
    pdf = print_document(call.program.works, call.ask, call.document, call.id, tongue, call.query.get("form", ""))
    named = {"Content-Disposition": f'attachment; filename="{call.document.plural}-{call.id}.pdf"'}
    return Answer(200, pdf, named, PDF)


def beside(work: Work, call: Call) -> Answer:
    """The document side by side with what it came from, field by field and line by line, with what differs."""
    document: Document = load(work, call.document, call.id)
    return told({"items": [_beside(one) for one in side_by_side(work, document)]})


def _beside(found: Beside) -> dict[str, Any]:
    other = found.document
    return {
        "id": other.id,
        "kind": other.kind,
        "number": other.number,
        "readable": found.readable,
        "differences": found.differences,
        "fields": [
            {"name": name, "this": plain(this), "other": plain(that), "differs": differs}
            for name, this, that, differs in found.header
        ],
        "lines": [
            {"this": plain(line.this), "other": plain(line.other), "differs": sorted(line.differs)}
            for line in found.lines
        ],
    }
