"""The plan of a request: from policies and objections to the steps of a document, and the people who may take them.

Nobody agrees to what he made: not the person who asked, nor who created or last changed the document, nor twice to the
same edition. A step that nobody may take is refused when it is planned, never skipped in silence. What is planned when
somebody asks is frozen: policies that change later count from the next request on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import bindparam, select

from core.approvals import candidates, conditions
from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.workflow import Transition
from core.errors import Fault, Invalid, Objection, Refused, Strength
from core.text import _, speaking
from core.work import Work

_POLICY: Any = ApprovalPolicy.__table__
_STEP: Any = PolicyStep.__table__
_SAID = (
    *("id", "name", "who", "role_id", "permission", "person_id", "levels"),
    *("mode", "needed", "beside", "from_amount", "days", "late"),
)
_STEPS = (
    select(
        _POLICY.c.document_kind,
        _POLICY.c.transition,
        _POLICY.c.id.label("policy_id"),
        _POLICY.c.condition.label("policy_condition"),
        *(_STEP.c[name] for name in (*_SAID, "condition")),
    )
    .join(_STEP, (_STEP.c.policy_id == _POLICY.c.id) & (_STEP.c.company_id == _POLICY.c.company_id))
    .where(_POLICY.c.company_id == bindparam("company"), _POLICY.c.active)
    .order_by(_POLICY.c.position, _POLICY.c.id, _STEP.c.position, _STEP.c.id)
)
LONGEST_NAME, COPY = 200, "copy"
CONSENT, CHECK = "consent", "check"
# Whom the asker names, by the step of the policy.
Chosen = Mapping[int, Sequence[int]]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """One step to be asked for. ``position`` says when: steps with the same one are taken side by side.

    ``asked`` are those who may be asked, without those who made the document. ``persons`` are asked one by one, each
    in a seat of his own; where it is empty, each seat is for whoever of the role, or with the right to ``permission``,
    decides first. ``mode`` is one, all, or some with ``needed``. ``why`` is the amount, or the code of the objection,
    that asks for it. ``choose`` is the step of the policy for which the asker still has to name somebody. ``late`` is
    what the program does when nobody has decided within ``days`` workdays.
    """

    name: str
    position: int
    asked: frozenset[int]
    role_id: int | None = None
    persons: tuple[int, ...] = ()
    mode: str = "one"
    needed: int = 1
    days: int = 0
    why: str = ""
    choose: int | None = None
    late: str = ""
    purpose: str = CONSENT
    permission: str = ""

    @property
    def seats(self) -> list[frozenset[int]]:
        """The consents that it needs, by who may give each; none for what is only sent for reading."""
        if self.mode == COPY:
            return []
        if self.mode == "all":
            return [frozenset({person}) for person in self.persons]
        return [self.asked] * (self.needed if self.mode == "some" else 1)


@dataclass(slots=True)
class _Making:
    """A plan in the making."""

    work: Work
    document: Document
    chosen: Chosen
    asker: int | None
    makers: frozenset[int]
    # What is asked at the same time is at one place.
    places: list[list[PlannedStep]] = field(default_factory=list)
    wrong: list[Objection] = field(default_factory=list)
    unnamed: list[Fault] = field(default_factory=list)


def asks(work: Work, document: Document, transition: Transition) -> bool:
    """Whether anybody may be asked before the document makes the move: for his consent, or for a double check."""
    return transition.approval or (kind_of(type(document)), transition.name) in work.company.double_checks


def plan(
    work: Work,
    document: Document,
    transition: str,
    objections: Sequence[Objection],
    *,
    chosen: Chosen | None = None,
    asker: int | None = None,
) -> list[PlannedStep]:
    """Who would have to agree to the move, in order; empty when nobody. A double check comes before all consents.

    Of the active policies whose condition is met, steps count from their amount on (``base_gross``, in the company's
    currency; equality counts), and where their own condition is met. One consent of a role, or of a person, stands for
    all the rules that ask it; objections that ask for consent add one step for each role that is not asked already.
    ``chosen`` are the people whom the asker has named where a policy leaves it to him; None plans without them, for a
    preview. ``asker`` is whoever would ask, the actor unless given. Raises ``Refused`` when nobody but the makers could
    take a step, when there are fewer people than consents, and for an objection that names no role of the company;
    ``Invalid`` where the asker has to name somebody and has not.
    """
    asker = asker or work.actor_id
    found = list(_rows(work, document, transition))
    if not found and not _wants_somebody(work, document, transition, objections):
        return []
    makers = candidates.makers(document, asker) | candidates.editors(work, document)
    making = _Making(work, document, chosen or {}, asker, makers)
    for _policy, rows in groupby(found, lambda row: row.policy_id):
        _add_policy(making, list(rows))
    _add_objections(making, objections)
    _add_double_check(making, transition)
    if making.wrong:
        raise Refused(making.wrong)
    if making.unnamed and chosen is not None:
        raise Invalid(making.unnamed)
    steps = [replace(step, position=place) for place, at in enumerate(making.places, 1) for step in at]
    if short := _without_a_person(steps):
        raise Refused([_nobody(work, step) for step in short])
    # What nobody is asked for is not held up to be read.
    return steps if any(step.mode != COPY for step in steps) else []


def _wants_somebody(work: Work, document: Document, transition: str, objections: Sequence[Objection]) -> bool:
    """Whether anybody is asked where no policy is in force: for an objection, or for a double check."""
    wanted = any(one.strength is Strength.APPROVE for one in objections)
    return wanted or (kind_of(type(document)), transition) in work.company.double_checks


def _add_double_check(making: _Making, transition: str) -> None:
    """The further persons who look before anybody is bothered for his consent; each seat is any of theirs."""
    work, kind = making.work, kind_of(type(making.document))
    rule = work.company.double_checks.get((kind, transition))
    if rule is None:
        return
    permission = "" if rule.role_id else f"{kind}.read"
    able = (
        candidates.holders(work, rule.role_id)
        if rule.role_id
        else candidates.entitled(work, permission, making.document)
    )
    with speaking(work.company.language):
        name = str(_("Double check"))
    step = PlannedStep(
        name=name,
        position=0,
        asked=able - making.makers,
        role_id=rule.role_id,
        mode="some" if rule.persons > 1 else "one",
        needed=rule.persons,
        purpose=CHECK,
        permission=permission,
    )
    making.places.insert(0, [step])


def _rows(work: Work, document: Document, transition: str) -> Iterable[Any]:
    """The steps of the policies that are in force for the move, and whose condition is met."""
    found = work.once("policies", lambda: _policies(work)).get((kind_of(type(document)), transition), ())
    met: dict[int, bool] = {}
    for row in found:
        if row.policy_id not in met:
            met[row.policy_id] = conditions.met(work, document, row.policy_condition)
        if met[row.policy_id]:
            yield row


def _policies(work: Work) -> dict[tuple[str, str], list[Any]]:
    """The steps of the policies in force, in order, by the kind of document and the move."""
    found: dict[tuple[str, str], list[Any]] = {}
    for row in work.connection.execute(_STEPS, {"company": work.company.id}):
        found.setdefault((row.document_kind, row.transition), []).append(row)
    return found


def _add_policy(making: _Making, rows: Sequence[Any]) -> None:
    """The steps of one policy that are asked for; one beside a step that is left out begins a place of its own.

    Near the top a line of superiors is shorter than the policy: whoever is the superior on two levels is asked once.
    """
    places: list[list[PlannedStep]] = []
    line: list[PlannedStep] = []
    for row in rows:
        # What comes back counts downwards; who has to agree goes by how much it is.
        wanted = abs(making.document.base_gross) >= row.from_amount
        if not wanted or not conditions.met(making.work, making.document, row.condition):
            continue
        step = _step(making, row)
        if row.who in ("superior", "head") and row.mode == "one" and step.persons:
            step = _once_in(places, line, step)
        if row.beside and places:
            places[-1].append(step)
        else:
            places.append([step])
    _join(making.places, [at for at in places if at])


def _once_in(places: list[list[PlannedStep]], line: list[PlannedStep], step: PlannedStep) -> PlannedStep:
    """The step, for the reasons of the one that asks the same person on a level below, too; that one is taken out."""
    found = next((one for one in line if one.persons == step.persons), None)
    if found is not None:
        line.remove(found)
        next(at for at in places if found in at).remove(found)
        step = _for_both(found, step)
    line.append(step)
    return step


def _join(plan: list[list[PlannedStep]], rule: Sequence[Sequence[PlannedStep]]) -> None:
    """Enter the places of one more rule in the plan, in their order: behind the others, but before what both ask last.

    Whom the plan asks already is asked once, for both reasons; two steps of one rule are two consents.
    """
    bound = len(plan)
    known = [(at, one) for at in plan for one in at]
    for group in reversed(rule):
        steps, met = [], list[int]()
        for step in group:
            found = next((pair for pair in known if _asks_the_same(pair[1], step)), None)
            if found is None:
                steps.append(step)
                continue
            known.remove(found)
            place, (at, one) = next(n for n, at in enumerate(plan) if at is found[0]), found
            at.remove(one)
            met += [place] if place < bound else []
            steps.append(_for_both(one, step))
        bound = max(met, default=bound)
        if met:
            plan[bound] += steps
        else:
            plan.insert(bound, steps)
    plan[:] = [at for at in plan if at]


def _asks_the_same(one: PlannedStep, other: PlannedStep) -> bool:
    """Whether the steps of two rules ask one consent of the same role, or of the same person: then one is enough."""
    if {one.mode, other.mode} != {"one"} or one.choose or other.choose:
        return False
    if one.persons or other.persons:
        return len(one.persons) == 1 and one.persons == other.persons
    return one.role_id is not None and one.role_id == other.role_id


def _for_both(one: PlannedStep, other: PlannedStep) -> PlannedStep:
    """One consent for the reasons of both; the shorter time counts. The program agrees only where both rules let it."""
    name = one.name if one.name == other.name else f"{one.name} – {other.name}"[:LONGEST_NAME]
    timed = min((step for step in (one, other) if step.days), key=lambda step: step.days, default=other)
    late = timed.late
    if late == "agree" and {one.late, other.late} != {"agree"}:
        late = (other if timed is one else one).late or "remind"
    return replace(other, name=name, why=one.why or other.why, days=timed.days, late=late)


def _step(making: _Making, row: Any) -> PlannedStep:
    asked, choose = _asked(making, row)
    by_name = row.who != "role" or row.mode != "one"
    return PlannedStep(
        name=row.name,
        position=0,
        asked=asked,
        role_id=row.role_id if row.who in ("role", "chosen") else None,
        persons=tuple(sorted(asked)) if by_name and not choose else (),
        mode=row.mode,
        needed=row.needed,
        days=row.days,
        why="" if not row.from_amount else str(row.from_amount),
        choose=choose,
        late=row.late,
    )


def _asked(making: _Making, row: Any) -> tuple[frozenset[int], int | None]:
    """Who may be asked in a step; the step itself where the asker has yet to choose among them."""
    work, makers = making.work, making.makers
    match row.who:
        case "permission":
            return candidates.entitled(work, row.permission, making.document) - makers, None
        case "person":
            return frozenset({row.person_id} if candidates.here(work, row.person_id) else ()) - makers, None
        case "superior" | "head":
            above = candidates.superiors if row.who == "superior" else candidates.heads
            line = list(above(work, making.asker or making.document.created_by))
            line = line[row.levels - 1 :] or line[-1:]
            able = (one for one in line if one not in makers and candidates.here(work, one))
            return frozenset({next(able, 0)} - {0}), None
        case "chosen":
            return _chosen(making, row)
    return candidates.holders(work, row.role_id) - makers, None


def _chosen(making: _Making, row: Any) -> tuple[frozenset[int], int | None]:
    work = making.work
    among = (
        candidates.holders(work, row.role_id)
        if row.role_id
        else frozenset(account for account in work.company.people if candidates.here(work, account))
    )
    among -= making.makers
    named = frozenset(making.chosen.get(row.id, ()))
    path = f"approvers/{row.id}"
    if not named:
        making.unnamed.append(Fault(path, _("Name who shall agree: {step}.", step=row.name), "required"))
        return among, row.id
    if strangers := named - among:
        text = _("{names} cannot be asked for this.", names=candidates.named(work, strangers) or [_("Somebody")])
        making.unnamed.append(Fault(path, text, "reference"))
    return named, None


def _add_objections(making: _Making, objections: Sequence[Objection]) -> None:
    work = making.work
    by_key = {role.key: role.id for role in work.company.roles.values()}
    for objection in objections:
        if objection.strength is not Strength.APPROVE:
            continue
        if objection.by is None or objection.by.key not in by_key:
            making.wrong.append(objection)
        else:
            _add_reason(making, by_key[objection.by.key], objection)


def _add_reason(making: _Making, role_id: int, objection: Objection) -> None:
    """Put an objection before the holders of a role: within the step they have, else in one of its own."""
    work = making.work
    # Kept with the request for everybody to read, so it is in the company's language, not in the asker's.
    with speaking(work.company.language):
        text = str(objection.text)
    for at in making.places:
        for n, step in enumerate(at):
            # What is only sent for reading is nobody's consent; and the rule that lets the program agree to its own
            # reason does not speak of this one.
            if step.role_id == role_id and step.choose is None and step.mode != COPY:
                late = "remind" if step.late == "agree" else step.late
                at[n] = replace(step, name=f"{step.name} – {text}"[:LONGEST_NAME], late=late)
                return
    asked = candidates.holders(work, role_id) - making.makers
    making.places.append([PlannedStep(text[:LONGEST_NAME], 0, asked, role_id, why=objection.code)])


def outline(work: Work, kind: str, transition: str, amount: Decimal) -> list[PlannedStep]:
    """The steps of the policies in force for a sum, when all their conditions are met; ``why`` tells the condition."""
    found: list[PlannedStep] = []
    rows = work.once("policies", lambda: _policies(work)).get((kind, transition), ())
    for row in (one for one in rows if amount >= one.from_amount):
        beside = row.beside and bool(found)
        place = (found[-1].position if found else 0) + (not beside)
        asked = _in_general(work, row)
        why = " and ".join(one for one in (row.policy_condition, row.condition) if one)
        role = row.role_id if row.who in ("role", "chosen") else None
        found.append(PlannedStep(row.name, place, asked, role, (), row.mode, row.needed, row.days, why))
    return found


def _in_general(work: Work, row: Any) -> frozenset[int]:
    """Who may be asked in a step, whatever the document."""
    match row.who:
        case "person":
            return frozenset({row.person_id})
        case "permission":
            return candidates.entitled(work, row.permission)
    return candidates.holders(work, row.role_id)


# Whether there are people enough -------------------------------------------------------------------------------------


def _without_a_person(steps: Sequence[PlannedStep]) -> list[PlannedStep]:
    """The steps for which somebody is missing when everybody takes one consent at most."""
    seats = [(step, who) for step in steps if step.mode != COPY for who in step.seats or [frozenset[int]()]]
    short = unseated([who for _step, who in seats])
    return list(dict.fromkeys(seats[place][0] for place in short))


def unseated(seats: Sequence[frozenset[int]]) -> list[int]:
    """The places of the seats that stay empty when everybody takes one at most, however they are shared out."""
    taken: dict[int, int] = {}

    def seated(place: int, asked: set[int]) -> bool:
        for person in sorted(seats[place] - asked):
            asked.add(person)
            if person not in taken or seated(taken[person], asked):
                taken[person] = place
                return True
        return False

    return [place for place in range(len(seats)) if not seated(place, set())]


def _nobody(work: Work, step: PlannedStep) -> Objection:
    role = candidates.role_name(work, step.role_id)
    if role:
        return Objection("approval.nobody", _("Nobody else holds the role “{role}” to agree to this.", role=role))
    return Objection("approval.nobody", _("There is nobody for the step “{step}”.", step=step.name))
