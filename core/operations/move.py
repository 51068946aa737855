"""Move a document along its workflow: the checks in one fixed order, and what follows in one transaction.

locks → state → right → own checks → objections of others → approval → state and history → released lines → outbox.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, update

from core.approvals import candidates, engine, going, reading
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.canonical import difference
from core.documents.access import reaches
from core.documents.faces import faces
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.documents.reading import find
from core.documents.stage import FIGURES, Point
from core.documents.truths import Approval, Closure
from core.documents.workflow import Transition
from core.errors import (
    Conflict,
    Fault,
    Forbidden,
    IllegalMove,
    Invalid,
    Objection,
    Refused,
    Strength,
    Unconfirmed,
    Unknown,
)
from core.operations.create import create
from core.operations.editions import freeze
from core.operations.flow import closing, figures, opening, undoing
from core.operations.flow.locking import counts, lock_for, lock_for_new
from core.operations.flow.routes import posted_states
from core.operations.flow.taking import give_back
from core.operations.guards import check_version
from core.operations.ledger import Entry, ledger
from core.operations.separating import keep_apart
from core.schemas.inputs import MESSAGES, answers, sentence
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
_INSERT_REQUEST = insert(_REQUEST).returning(_REQUEST.c.id)
_INSERT_TASKS = insert(_TASK)
_CLOSE_REQUEST = (
    update(_REQUEST)
    .where(_REQUEST.c.company_id == bindparam("_company"), _REQUEST.c.id == bindparam("_id"))
    .values({name: bindparam(name) for name in ("state", "closed_at", "resume")})
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A move to be made: why, which warnings were read, and what it asks for, as a person or a program gives it.

    ``approvers`` are the people whom a policy lets the asker name, by its step.
    """

    name: str
    reason: str = ""
    confirmed: Collection[str] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    approvers: Mapping[int, Sequence[int]] = field(default_factory=dict)


def move(
    work: Work,
    cls: type[D],
    key: int,
    name: str,
    *,
    version: int | None = None,
    reason: str = "",
    confirmed: Iterable[str] = (),
    values: Mapping[str, Any] | None = None,
    approvers: Mapping[int, Sequence[int]] | None = None,
    then: Sequence[Asked] = (),
) -> D:
    """Carry out the move called ``name``, or ask those who must agree first; ``confirmed`` are warnings read.

    ``values`` are what the move asks for, as a person or a program gives them; ``approvers`` the people whom the asker
    names where a policy leaves it to him; ``then`` are moves to make after it, as
    ``go_on`` does. The answer's ``approval`` is ``pending`` when it waits for consent. Raises ``IllegalMove``,
    ``Forbidden``, ``Stale``, ``Invalid`` naming what is missing, ``Refused`` with every objection, ``Unconfirmed`` when
    only warnings stand.
    """
    document = _locked(work, cls, key, {name, *(one.name for one in then)})
    go_on(
        work, document, [Asked(name, reason, tuple(confirmed), values or {}, approvers or {}), *then], version=version
    )
    return document


def begin(
    work: Work, cls: type[D], values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], moves: Sequence[Asked]
) -> D:
    """A new document, as ``create`` makes it, that makes these moves at once, as ``go_on`` lets it."""
    lock_for_new(work, cls, values.get("party_id"), {one.name for one in moves})
    document = create(work, cls, values, lines)
    go_on(work, document, moves)
    return document


def go_on(work: Work, document: Document, moves: Iterable[Asked], *, version: int | None = None) -> None:
    """Let a document that is locked, or new, make these moves in turn, each with all that it is asked when alone.

    Where one waits for consent, those after it are not made. Raises as ``move``; then none of them was made.
    """
    for asked in moves:
        transition = allowed(work, document, asked.name, version=version)
        version = None
        reason = sentence(asked.reason, "reason", needed=transition.reason)
        changes = _fill_in(work, document, transition, asked.values)
        objections = object_to(work, document, transition, frozenset(asked.confirmed))
        if engine.asks(work, document, transition) and _ask_for_consent(
            work, document, transition, objections, asked, changes
        ):
            return
        carry_out(work, document, transition, reason=reason, entry=Entry(asked.name, changes) if changes else None)


def _fill_in(work: Work, document: Document, transition: Transition, given: Mapping[str, Any]) -> dict[str, Any]:
    """Set what the move asks for; gives back what has changed, for the history."""
    cls = type(document)
    typed = answers(cls, transition, given)
    faults = [Fault(name, MESSAGES["unknown"], "unknown") for name in typed if not work.sees(faces(cls)[name].needs)]
    faults += [
        Fault(name, _("Nobody of this company."), "reference")
        for name, value in typed.items()
        if faces(cls)[name].references == "core.account" and value is not None and value not in work.company.people
    ]
    missing = [n for n in transition.musts if typed.get(n, getattr(document, n)) in (None, "")]
    faults += [Fault(name, _("This is needed."), "required") for name in missing]
    if faults:
        raise Invalid(faults)
    before = {name: getattr(document, name) for name in typed}
    changes = difference(before, typed)
    if changes:
        ledger(work).touch(document, **{name: typed[name] for name in changes})
    return changes


def _locked(work: Work, cls: type[D], key: int, names: Collection[str]) -> D:
    """The document with what its moves called ``names`` need, locked and loaded; raises ``Unknown`` out of reach."""
    work.require(area_of(kind_of(cls)))
    reads = f"{kind_of(cls)}.read"
    document = find_to_move(work, cls, key, names)
    if document is None or (work.may(reads) and not reaches(work, document, "read")):
        raise Unknown(record=(kind_of(cls), key))
    work.demand(reads)
    return document


def find_to_move(work: Work, cls: type[D], key: int, names: Collection[str]) -> D | None:
    """The document behind all locks that its moves called ``names`` need, whoever may see it."""
    lock_for(work, cls, key, names)
    return find(work, cls, key, lock=True, lines=_need_lines(cls, names), parts=True)


def allowed(work: Work, document: Document, name: str, *, version: int | None = None) -> Transition:
    """The arrow called ``name``, when state, approval and the actor's right allow it."""
    transition = document.workflow.find(name, document.state)
    check_version(document, version)
    if document.approval == Approval.PENDING:
        raise Conflict(_("It is in approval. Wait for the decision, or withdraw it."), code="document.pending")
    if transition.system and work.actor is not None:
        raise IllegalMove(_("Only the program makes this move."), code="move.system")
    allow(work, document, transition)
    check_period(work, document, transition)
    return transition


def check_period(work: Work, document: Document, transition: Transition) -> None:
    """Raise ``Conflict`` when the move would post, or open again, what lies in a closed period."""
    closed = work.company.closed_until
    frozen = document.workflow.state(transition.target).frozen
    if closed and document.date <= closed and frozen != (document.posted_at is not None):
        raise Conflict(_("The books are closed until {day}.", day=closed), code="period.closed")


def _need_lines(cls: type[Document], names: Collection[str]) -> bool:
    """Whether one of these moves does something with the document's lines, so that they must be loaded."""
    return any(bool(move.revises or counts(move)) for move in cls.workflow.transitions if move.name in names)


def allow(work: Work, document: Document, transition: Transition) -> None:
    """Raise ``Forbidden`` unless the actor's right to the move reaches the document."""
    if work.actor is None:
        return
    permission = f"{kind_of(type(document))}.{transition.name}"
    work.demand(permission)
    if not reaches(work, document, transition.name):
        raise Forbidden(_("This belongs to somebody else."))


def object_to(
    work: Work, document: Document, transition: Transition, confirmed: frozenset[str] = frozenset()
) -> list[Objection]:
    """Own checks and the objections of other areas; raises unless only consents are asked for or warnings confirmed.

    A move that asks nobody for consent is refused where a consent would be needed.
    """
    keep_apart(work, document, f"{kind_of(type(document))}.{transition.name}")
    found = _objections(work, document, transition)
    warnings = [o for o in found if o.strength is Strength.WARN and o.code not in confirmed]
    if warnings and work.actor is not None:
        raise Unconfirmed(warnings)
    return found


def _objections(work: Work, document: Document, transition: Transition) -> list[Objection]:
    """What stands against the move; raises ``Refused`` for what nobody's consent or confirmation can overcome."""
    found = [o for check in transition.checks for o in check(work, document)]
    found += work.hooks.document_objections(document, transition)
    stop = {Strength.BLOCK} if transition.approval else {Strength.BLOCK, Strength.APPROVE}
    if blocks := [o for o in found if o.strength in stop]:
        raise Refused(blocks)
    return found


def object_again(work: Work, document: Document, transition: Transition, known: Mapping[str, Any]) -> None:
    """Check once more before a move that was agreed to; ``known`` are the objections when it was asked for.

    A consent to an excess over a limit is for that amount: a greater one is new.

    Raises ``Refused`` for what blocks it by now, ``Conflict`` when it would need a consent that nobody was asked for or
    when the books of its day have been closed meanwhile.
    """
    check_period(work, document, transition)
    found = _objections(work, document, transition)
    new = [o for o in found if o.strength is Strength.APPROVE and not _agreed(o, known)]
    if new:
        raise Conflict(
            _(
                "Things have changed since it was submitted: {reasons} Please reject it.",
                reasons=[str(o.text) for o in new],
            ),
            code="approval.changed",
        )


def _agreed(objection: Objection, known: Mapping[str, Any]) -> bool:
    """Whether the consent that was asked for covers the objection, up to the excess of that time."""
    most = known.get("excess", {}).get(objection.code)
    within = most is None or objection.excess is None or objection.excess <= Decimal(most)
    return objection.code in known.get("approve", ()) and within


def preview(
    work: Work, document: Document, transition: Transition, *, asker: int | None = None
) -> list[engine.PlannedStep]:
    """Who would have to agree if the actor, or ``asker``, submitted it; raises what would stand against the move."""
    found = _objections(work, document, transition)
    if not engine.asks(work, document, transition):
        return []
    return engine.plan(work, document, transition.name, found, asker=asker)


def carry_out(
    work: Work, document: Document, transition: Transition, *, reason: str = "", entry: Entry | None = None
) -> None:
    """Change the state and everything that follows; all checks have been made."""
    book = ledger(work)
    before = document.state
    _take_back(work, document, transition, reason)
    values: dict[str, Any] = {"state": transition.target}
    if transition.revises:
        freeze(work, document)
        values |= {
            "revision": document.revision + 1,
            "edition": document.edition + 1,
            "approval": Approval.NONE.value,
        }
    # From here on the database itself refuses a change of content, until a revision opens it again.
    frozen = document.workflow.state(transition.target).frozen
    if frozen != (document.posted_at is not None):
        values["posted_at"] = work.now if frozen else None
    if transition.closes:
        _let_go(work, document)
        values |= {"closure": Closure.CLOSED.value, "closure_reason": reason}
    if transition.keeps:
        values[transition.keeps] = (entry.reason if entry else "") or reason
    if document.submitted_by is None and before == document.workflow.initial:
        values["submitted_by"] = entry.actor_id if entry and entry.actor else work.actor_id
    step = book.touch(document, **values)
    step.numbered = step.numbered or transition.numbers
    made = entry or Entry(transition.name, {})
    made.what, made.source, made.target = transition.name, before, transition.target
    made.reason = made.reason or reason
    if transition.revises:
        made.changes["revision"] = [document.revision - 1, document.revision]
    step.entries.append(made)
    _follow(work, document, transition)
    work.hooks.document_moved(document, transition)


def _take_back(work: Work, document: Document, transition: Transition, reason: str) -> None:
    """What was released comes back before the document is opened again; raises ``Conflict`` where that is too late."""
    if transition.undoes:
        undoing.undo(work, document, reason=reason)
    elif transition.revises and undoing.released(work, document):
        raise Conflict(_("It was released. Take the release back first."), code="flow.released")
    if transition.revises:
        figures.loosen(work, document)


def _let_go(work: Work, document: Document) -> None:
    """A document that is closed gives back what it had taken, or drops what is still to come of it."""
    cls = type(document)
    if document.state in posted_states(cls, closing.POSTING):
        return
    bound = [line for line in document.lines if line.ceiling is not None and line.closure == Closure.OPEN]
    if bound:
        closing.end(work, document, bound)
    if not undoing.released(work, document):
        give_back(work, document)


def _follow(work: Work, document: Document, transition: Transition) -> None:
    """What a move means to the chain: it binds, posts figures, or opens lines for what comes next."""
    if transition.point is Point.ORDER:
        figures.bind(work, document)
    elif transition.point in FIGURES and document.lines:
        figures.post(work, document, transition.point)
    if transition.releases:
        opening.release(work, document, transition)


def _ask_for_consent(
    work: Work,
    document: Document,
    transition: Transition,
    objections: list[Objection],
    asked: Asked,
    changes: Mapping[str, Any],
) -> bool:
    """Put the request before those who must agree; False when nobody must."""
    reason = sentence(asked.reason, "reason", needed=transition.reason)
    steps = engine.plan(work, document, transition.name, objections, chosen=asked.approvers)
    if not steps:
        if document.state == document.workflow.initial:
            ledger(work).touch(document, submitted_by=work.actor_id)
        return False
    # Who asks for the first time has nothing that could stand.
    before = reading.standing(work, document, transition.name) if document.submitted_by is not None else ()
    seen: dict[str, Any] = {
        strength.value: sorted({o.code for o in objections if o.strength is strength}) for strength in Strength
    }
    seen["approval"] = document.approval
    seen["makers"] = sorted(candidates.editors(work, document))
    seen["excess"] = {o.code: str(o.excess) for o in objections if o.excess is not None}
    request_id = work.connection.execute(
        _INSERT_REQUEST,
        {
            "company_id": work.company.id,
            "document_id": document.id,
            "kind": kind_of(type(document)),
            "edition": document.edition,
            "transition": transition.name,
            "requested_by": work.actor_id,
            "requested_at": work.now,
            "reason": reason,
            "objections": seen,
        },
    ).scalar_one()
    work.connection.execute(_INSERT_TASKS, going.rows_of(work, request_id, document, steps, before))
    book = ledger(work)
    step = book.touch(document, approval=Approval.PENDING.value, submitted_by=work.actor_id)
    step.entries.append(
        Entry(
            "ask",
            {"steps": [None, [s.name for s in steps]], **changes},
            source=document.state,
            target=document.state,
            reason=reason,
        )
    )
    return True


def close_request(work: Work, request_id: int, state: str, *, resume: str = "") -> None:
    """End a request; consents that nobody gave are cancelled. ``resume`` says how it goes on when it is asked again."""
    asked = {"_company": work.company.id, "_id": request_id, "state": state, "closed_at": work.now, "resume": resume}
    work.connection.execute(_CLOSE_REQUEST, asked)
    if state != "approved":
        work.connection.execute(
            update(_TASK)
            .where(
                _TASK.c.company_id == work.company.id,
                _TASK.c.request_id == request_id,
                _TASK.c.state.in_(("waiting", "open")),
                # What was sent for reading stays with its readers.
                (_TASK.c.mode != engine.COPY) | (_TASK.c.state == "waiting"),
            )
            .values(state="cancelled")
        )
