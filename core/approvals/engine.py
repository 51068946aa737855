"""The approval engine: from policies and objections to a plan of consents, and who may give each.

Nobody agrees to what he made: not the person who asked, nor who created or last changed the document, nor twice to the
same edition. A step that nobody may take is refused when it is planned, never skipped in silence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, select

from core.approvals.models import ApprovalDelegation, ApprovalPolicy, ApprovalRequest, ApprovalTask, PolicyStep
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.errors import Objection, Refused, Strength
from core.text import Text, _, in_language, speaking
from core.work import Work

_POLICY: Any = ApprovalPolicy.__table__
_STEP: Any = PolicyStep.__table__
_TASK: Any = ApprovalTask.__table__
_REQUEST: Any = ApprovalRequest.__table__
_DELEGATION: Any = ApprovalDelegation.__table__
_STEPS = (
    select(_POLICY.c.document_kind, _POLICY.c.transition, *(_STEP.c[n] for n in ("name", "role_id", "from_amount")))
    .join(_STEP, (_STEP.c.policy_id == _POLICY.c.id) & (_STEP.c.company_id == _POLICY.c.company_id))
    .where(_POLICY.c.company_id == bindparam("company"), _POLICY.c.active)
    .order_by(_POLICY.c.position, _POLICY.c.id, _STEP.c.position, _STEP.c.id)
)
_TASKS = (
    select(_TASK)
    .where(_TASK.c.company_id == bindparam("company"), _TASK.c.request_id == bindparam("request"))
    .order_by(_TASK.c.position, _TASK.c.seat)
)
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One consent to be asked for, of the holders of a role; ``why`` is the amount or objection that asks for it."""

    name: str
    role_id: int
    why: str
    candidates: frozenset[int]


def plan(work: Work, document: Document, transition: str, objections: Sequence[Objection]) -> list[PlannedStep]:
    """Who would have to agree to the move, in order; empty when nobody.

    Steps of the active policies count from their amount on (``base_gross``, in the company's currency; equality
    counts). Objections that ask for consent add one step for each role that is not asked already; one consent of a
    role stands for all its reasons. Raises ``Refused`` when nobody but the maker could take a step, when there are
    fewer people than steps, and for an objection that names no role of the company.
    """
    makers = {document.created_by, document.edited_by, work.actor_id}
    steps = [
        PlannedStep(
            row.name,
            row.role_id,
            "" if not row.from_amount else str(row.from_amount),
            holders(work, row.role_id),
        )
        for row in work.once("policies", lambda: _policies(work)).get((kind_of(type(document)), transition), ())
        if document.base_gross >= row.from_amount
    ]
    by_key = {role.key: role.id for role in work.company.roles.values()}
    asking = [o for o in objections if o.strength is Strength.APPROVE]
    if unheard := [o for o in asking if o.by is None or o.by.key not in by_key]:
        raise Refused(unheard)
    for objection in asking:
        if objection.by:
            _add_reason(work, steps, by_key[objection.by.key], objection)
    if nobody := _without_a_person(steps, makers):
        raise Refused(
            [
                Objection(
                    "approval.nobody",
                    _(
                        "Nobody else holds the role “{role}” to agree to this.",
                        role=role_name(work, s.role_id),
                    ),
                )
                for s in nobody
            ]
        )
    return steps


def _without_a_person(steps: Sequence[PlannedStep], makers: set[int | None]) -> list[PlannedStep]:
    """The steps for which nobody is left when everybody takes one at most."""
    taken: dict[int, int] = {}

    def seated(place: int, asked: set[int]) -> bool:
        for person in sorted(steps[place].candidates - makers - asked):
            asked.add(person)
            if person not in taken or seated(taken[person], asked):
                taken[person] = place
                return True
        return False

    return [step for place, step in enumerate(steps) if not seated(place, set())]


def _add_reason(work: Work, steps: list[PlannedStep], role_id: int, objection: Objection) -> None:
    """Put an objection before the holders of a role: within the step they have, else in one of its own."""
    # Kept with the request for everybody to read, so it is in the company's language, not in the asker's.
    with speaking(work.company.language):
        text = str(objection.text)
    for place, step in enumerate(steps):
        if step.role_id == role_id:
            steps[place] = replace(step, name=f"{step.name} – {text}"[:LONGEST_NAME])
            return
    steps.append(PlannedStep(text[:LONGEST_NAME], role_id, objection.code, holders(work, role_id)))


def _policies(work: Work) -> dict[tuple[str, str], list[Any]]:
    """The steps of the policies in force, in order, by the kind of document and the move."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in work.connection.execute(_STEPS, {"company": work.company.id}):
        found.setdefault((row.document_kind, row.transition), []).append(row)
    return found


def holders(work: Work, role_id: int) -> frozenset[int]:
    """The accounts that hold a role today, and work here."""
    people = work.company.people
    return frozenset(
        account
        for account, held in work.company.holders.get(role_id, ())
        if held.valid(work.today) and account in people and people[account].employed.valid(work.today)
    )


def role_name(work: Work, role_id: int | None) -> str:
    """What the company calls the role."""
    role = work.company.roles.get(role_id or 0)
    return role.title if role else ""


def requested(work: Work, document: Document) -> Any | None:
    """The pending request of a document, if there is one."""
    statement = select(_REQUEST).where(
        _REQUEST.c.company_id == work.company.id,
        _REQUEST.c.document_id == document.id,
        _REQUEST.c.state == "pending",
    )
    return work.connection.execute(statement).one_or_none()


def tasks(work: Work, request_id: int) -> list[Any]:
    """The consents of a request, in order."""
    return list(work.connection.execute(_TASKS, {"company": work.company.id, "request": request_id}))


def rounds(work: Work, document_id: int) -> list[tuple[Any, list[Any]]]:
    """Every request for a document with its consents, the latest first; for the page and the paper."""
    requests = list(
        work.connection.execute(
            select(_REQUEST)
            .where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.document_id == document_id)
            .order_by(_REQUEST.c.id.desc())
        )
    )
    if not requests:
        return []
    of: dict[int, list[Any]] = {}
    found = work.connection.execute(
        select(_TASK)
        .where(_TASK.c.company_id == work.company.id, _TASK.c.document_id == document_id)
        .order_by(_TASK.c.position, _TASK.c.seat)
    )
    for task in found:
        of.setdefault(task.request_id, []).append(task)
    return [(request, of.get(request.id, [])) for request in requests]


def principals(work: Work) -> frozenset[int]:
    """Those for whom the actor may decide today, by delegation."""
    statement = select(_DELEGATION.c.from_id).where(
        _DELEGATION.c.company_id == work.company.id,
        _DELEGATION.c.to_id == work.actor_id,
        _DELEGATION.c.valid_from <= work.today,
        _DELEGATION.c.valid_until >= work.today,
        _DELEGATION.c.revoked_at.is_(None),
    )
    return frozenset(work.connection.execute(statement).scalars())


def seat(work: Work, task: Any, taken: frozenset[int]) -> tuple[bool, int | None, Text | None]:
    """Whether the actor may take ``task``, for whom if not for himself, and why not.

    ``taken``: those who made the document or have already agreed to this edition.
    """
    able = {task.assignee_id} if task.assignee_id else holders(work, task.role_id)
    if work.actor_id in able:
        if work.actor_id in taken:
            return False, None, _("Nobody agrees to what he made, nor twice.")
        return True, None, None
    for principal in sorted(principals(work) & able):
        if principal not in taken and work.actor_id not in taken:
            return True, principal, None
    return False, None, _("The role “{role}” is needed.", role=role_name(work, task.role_id))


def my_tasks(work: Work, *, most: int = 100) -> list[Any]:
    """Open consents that the actor may give: task, document and request, the oldest first."""
    mine = work.roles()
    for principal in principals(work):
        mine |= {role for role, held in work.company.holders.items() if any(a == principal for a, _g in held)}
    if not mine:
        return []
    document: Any = Document.__table__
    statement = (
        select(
            _TASK.c.id,
            _TASK.c.name,
            _TASK.c.role_id,
            _TASK.c.assignee_id,
            _TASK.c.opened_at,
            _TASK.c.request_id,
            _TASK.c.document_id,
            document.c.kind,
            document.c.number,
            document.c.party_name,
            document.c.gross,
            document.c.currency,
            document.c.created_by,
            document.c.edited_by,
            document.c.revision,
            document.c.submitted_by,
        )
        .join(document, (document.c.id == _TASK.c.document_id) & (document.c.company_id == _TASK.c.company_id))
        .where(_TASK.c.company_id == work.company.id, _TASK.c.state == "open", _TASK.c.role_id.in_(mine))
        .order_by(_TASK.c.id)
        .limit(most)
    )
    return [
        row
        for row in work.connection.execute(statement)
        if work.types.documents.get(row.kind)
        and row.kind.partition(".")[0] in work.areas
        and work.actor_id not in {row.created_by, row.edited_by, row.submitted_by}
    ]


def decided_by(work: Work, account_id: int, *, most: int = 50) -> list[Any]:
    """What somebody has decided, the latest first."""
    document: Any = Document.__table__
    statement = (
        select(
            _TASK.c.state,
            _TASK.c.acted_at,
            _TASK.c.opinion,
            _TASK.c.document_id,
            document.c.kind,
            document.c.number,
            document.c.party_name,
            document.c.gross,
            document.c.currency,
        )
        .join(document, (document.c.id == _TASK.c.document_id) & (document.c.company_id == _TASK.c.company_id))
        .where(_TASK.c.company_id == work.company.id, _TASK.c.acted_by == account_id)
        .order_by(_TASK.c.id.desc())
        .limit(most)
    )
    return [row for row in work.connection.execute(statement) if row.kind.partition(".")[0] in work.areas]


def shown_why(step: PlannedStep) -> str:
    """Why a step is asked for, for the preview."""
    try:
        return str(_("from {amount}", amount=Decimal(step.why))) if step.why else ""
    except ArithmeticError:
        return step.name


def named(work: Work, people: frozenset[int]) -> list[str]:
    """The names of people, in the reader's language."""
    found = (work.company.people.get(account) for account in people)
    return sorted(in_language(p.name, p.name_en) for p in found if p)
