"""What people do to a company's documents, in words that know no area: create, take, move, change, return, pay, repeat.

A refusal is an answer: it is noted, and nothing has changed. Anything else that is raised is a fault of the program.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from core.approvals import reading
from core.documents.faces import faces
from core.documents.kinds import kind_of
from core.documents.models import Claim, Document, DocumentLine, Settlement
from core.documents.reading import find
from core.documents.stage import Point, Stage
from core.documents.truths import Approval
from core.documents.workflow import Transition
from core.errors import DomainError
from core.operations import company, create, decide, discard, edit, flow, move
from core.operations.flow import closing, routes
from core.operations.flow.claims import Use
from core.operations.verifying import verify_chain
from core.records.invariants import verify_figures
from core.records.verify import Finding
from core.schemas import inputs
from core.testing.builders import Firm
from core.work import Work

T = TypeVar("T")
# Values by kind, for a new document; by "kind.move", for a move. What is called is asked anew each time.
Hints = Mapping[str, Mapping[str, Any]]
_DOCUMENT: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_CLAIM: Any = Claim.__table__
_SETTLEMENT: Any = Settlement.__table__
WHY = "试验"


@dataclass(slots=True)
class Actions:
    """A company's people at work; ``log`` keeps what they did, and how it ended."""

    firm: Firm
    hints: Hints = field(default_factory=dict, repr=False)
    log: list[str] = field(default_factory=list, repr=False)
    # What the code let through, and only the database refused.
    stopped: list[str] = field(default_factory=list, repr=False)

    # Asking ---------------------------------------------------------------------------------------------------------

    def look(self, question: Callable[[Work], T]) -> T:
        """What the program sees."""
        return self.firm.as_program(question, "look")

    def documents(self, *kinds: str) -> list[Any]:
        """All documents, or those of these kinds, the oldest first."""
        names = ("id", "kind", "state", "closure", "approval", "party_id", "gross", "settled", "unsettled", "number")
        statement = select(*(_DOCUMENT.c[name] for name in names)).where(_DOCUMENT.c.company_id == self.firm.id)
        statement = statement.where(_DOCUMENT.c.kind.in_(kinds)) if kinds else statement
        return self.look(lambda w: list(w.connection.execute(statement.order_by(_DOCUMENT.c.id))))

    def lines(self, key: int) -> list[Any]:
        """The lines of a document."""
        mine = (_LINE.c.company_id == self.firm.id, _LINE.c.document_id == key)
        return self.look(lambda w: list(w.connection.execute(select(_LINE).where(*mine).order_by(_LINE.c.position))))

    def entry(self, stage: Stage, *, corrects: bool = False) -> type[Document] | None:
        """The type that lines come to first at a stage, as the company works now."""
        return self.look(lambda w: routes.entry(w, stage, corrects=corrects))

    def takers(self) -> list[type[Document]]:
        """The types in use that take lines."""
        types = self.firm.program.registry.documents
        areas = self.look(lambda w: w.areas)
        return [c for k, c in sorted(types.items()) if c.stage is not None and c.takes and k.split(".")[0] in areas]

    def waiting(self, cls: type[Document], **only: Any) -> list[Any]:
        """What waits for a type."""
        return self.look(lambda w: flow.waiting(w, cls, **only))

    def claims(self) -> list[Any]:
        """All claims, with the document they are on."""
        return self.look(
            lambda w: list(w.connection.execute(select(_CLAIM).where(_CLAIM.c.company_id == self.firm.id)))
        )

    def settlements(self) -> list[Any]:
        """The settlements that stand."""
        mine = (_SETTLEMENT.c.company_id == self.firm.id, _SETTLEMENT.c.reversed_at.is_(None))
        return self.look(lambda w: list(w.connection.execute(select(_SETTLEMENT).where(*mine))))

    def wrong(self) -> list[Finding]:
        """Everything that ``verify`` finds in the figures now."""
        return self.look(lambda w: [*verify_figures(w), *verify_chain(w)])

    # Doing ----------------------------------------------------------------------------------------------------------

    def do(self, words: str, command: Callable[[Work], T], who: str = "") -> T | None:
        """Carry out a command, as the program or as one of the people; None when it was refused."""
        try:
            done = self.firm.run(who, command) if who else self.firm.as_program(command)
        except DomainError as refused:
            self.log.append(f"{words}: {type(refused).__name__} {refused}")
            if isinstance(refused.__cause__, IntegrityError) and refused.code == "conflict.check":
                self.stopped.append(f"{words}: {refused.__cause__.orig}")
            return None
        self.log.append(words)
        return done

    def typed(self, cls: type[Document], values: Mapping[str, Any]) -> dict[str, Any]:
        """Values as the operations take them, with those that are hinted at for the kind."""
        hinted = self.hints.get(kind_of(cls), {})
        given = {name: value(self.firm) if callable(value) else value for name, value in hinted.items()}
        return inputs.read(cls, {**given, **values}, partial=True)

    def create(
        self, cls: type[Document], lines: Iterable[Mapping[str, Any]] = (), who: str = "", **values: Any
    ) -> Document | None:
        """A new document as somebody would give it."""
        given = {**values, "lines": list(lines)} if cls.has_lines else values

        def command(work: Work) -> Document:
            typed = self.typed(cls, given)
            return create.create(work, cls, typed, typed.pop("lines", ()))

        return self.do(f"create {kind_of(cls)}", command, who)

    def take(self, cls: type[Document], wanted: Sequence[tuple[int, Decimal | None]]) -> Document | None:
        """A draft of what waits: by line a quantity in base units, or all that is left."""
        words = f"take {kind_of(cls)} {[(key, str(quantity)) for key, quantity in wanted]}"
        return self.do(words, lambda w: flow.take(w, cls, wanted, **self.typed(cls, {})))

    def take_back(
        self, cls: type[Document], wanted: Sequence[tuple[int, Decimal]], *, exchanged: bool = False
    ) -> Document | None:
        """A draft of what comes back: by line a positive quantity in base units."""
        words = f"take back {kind_of(cls)} {[(key, str(q)) for key, q in wanted]}{' exchanged' if exchanged else ''}"
        return self.do(words, lambda w: flow.take_back(w, cls, wanted, exchanged=exchanged, **self.typed(cls, {})))

    def move(self, kind: str, key: int, name: str, who: str = "") -> Document | None:
        """One move of a document, with what it asks for."""
        cls = self.firm.program.registry.documents[kind]
        transition = next(t for t in cls.workflow.transitions if t.name == name)
        values = dict(self.answers(cls, transition))
        words = f"{name} {kind} {key}"
        return self.do(words, lambda w: move.move(w, cls, key, name, reason=WHY, values=values), who)

    def answers(self, cls: type[Document], transition: Transition) -> Iterator[tuple[str, Any]]:
        """What a move asks for, as a person would fill it in."""
        hinted = self.hints.get(f"{kind_of(cls)}.{transition.name}", {})
        today = self.look(lambda w: w.today)
        for name in transition.asks:
            face = faces(cls)[name]
            if name in hinted:
                yield name, hinted[name]
            elif name not in transition.musts:
                continue
            elif face.kind == "date":
                yield name, today.isoformat()
            elif face.kind == "ref":
                yield name, self.firm.people["boss"]
            else:
                yield name, 50 if face.kind == "int" else WHY

    def advance(self, kind: str, key: int, wanted: Callable[[Transition], bool], who: str = "") -> bool:
        """Move a document straight on until a move that is wanted is made; whether it was."""
        cls = self.firm.program.registry.documents[kind]
        row = next((row for row in self.documents(kind) if row.id == key), None)
        path = way(cls, row.state, wanted) if row is not None else None
        return path is not None and all(self._step(kind, key, name, who) for name in path)

    def _step(self, kind: str, key: int, name: str, who: str) -> bool:
        """One move with all the consents that it asks for."""
        moved = self.move(kind, key, name, who)
        if moved is None or moved.approval != Approval.PENDING:
            return moved is not None
        agreed = True
        while agreed and moved is not None and moved.approval == Approval.PENDING:
            answers = (self.consent(key, person) for person in self.firm.people)
            moved = next((answer for answer in answers if answer is not None), None)
            agreed = moved is not None
        return agreed

    def change(self, kind: str, key: int, line_id: int, quantity: Decimal | None) -> Document | None:
        """Another quantity for one line of a draft; None takes the line out."""
        cls = self.firm.program.registry.documents[kind]
        rows: list[dict[str, Any]] = [{"id": line.id} for line in self.lines(key)]
        if quantity is None:
            rows = [row for row in rows if row["id"] != line_id]
        else:
            rows = [row | ({"quantity": quantity} if row["id"] == line_id else {}) for row in rows]
        return self.do(f"change {kind} {key} {line_id} {quantity}", lambda w: edit.edit(w, cls, key, {}, rows))

    def fill(self, kind: str, key: int) -> Document | None:
        """What a draft that came about by itself still lacks."""
        cls = self.firm.program.registry.documents[kind]
        return self.do(f"fill in {kind} {key}", lambda w: edit.edit(w, cls, key, self.typed(cls, {})))

    def discard(self, kind: str, key: int) -> None:
        """Take a draft back."""
        cls = self.firm.program.registry.documents[kind]
        self.do(f"discard {kind} {key}", lambda w: discard.discard(w, cls, key))

    def close(self, kind: str, key: int, lines: Sequence[int] | None = None) -> None:
        """Force-close a document or some of its lines."""
        cls = self.firm.program.registry.documents[kind]
        self.do(f"close {kind} {key} {lines}", lambda w: closing.close(w, cls, key, lines=lines, reason=WHY))

    def reopen(self, kind: str, key: int) -> None:
        """Open again what was force-closed."""
        cls = self.firm.program.registry.documents[kind]
        self.do(f"reopen {kind} {key}", lambda w: closing.reopen(w, cls, key, reason=WHY))

    def settle(self, kind: str, key: int, uses: Sequence[Use]) -> None:
        """Set parts of a payment against claims, as the area that has such payments does it."""
        how = self.firm.program.registry.allocating[kind]
        self.do(f"settle {kind} {key} {uses}", lambda w: how.allocate(w, key, uses))

    def reverse(self, kind: str, key: int, settlement_id: int) -> None:
        """Take a settlement back."""
        how = self.firm.program.registry.allocating[kind]
        words = f"reverse {kind} {key} {settlement_id}"
        self.do(words, lambda w: how.take_back(w, key, [settlement_id], reason=WHY))

    def switch(self, area: str, *, on: bool) -> None:
        """Use an area from now on, or no longer."""
        change = company.switch_on if on else company.switch_off
        self.do(f"switch {area} {'on' if on else 'off'}", lambda w: change(w, area))

    def consent(self, key: int, who: str) -> Document | None:
        """The consent that ``who`` tries to give to a document."""

        def command(work: Work) -> Document | None:
            cls = work.types.document(next(row.kind for row in rows))
            document = find(work, cls, key)
            request = reading.requested(work, document) if document is not None else None
            tasks = reading.tasks(work, request.id) if request is not None else []
            task = next((task for task in tasks if task.state == "open"), None)
            return decide.agree(work, task.id) if task is not None else None

        rows = [row for row in self.documents() if row.id == key]
        return self.do(f"{who} agrees to {key}", command, who) if rows else None


def way(cls: type[Document], state: str, wanted: Callable[[Transition], bool]) -> list[str] | None:
    """The shortest straight way from a state to a move that is wanted; nothing that ends, undoes or asks why."""
    todo: deque[tuple[str, list[str]]] = deque([(state, [])])
    seen = {state}
    while todo:
        here, path = todo.popleft()
        for step in cls.workflow.open_from(here):
            if step.system or step.closes or step.undoes or step.revises:
                continue
            if wanted(step):
                return [*path, step.name]
            if step.target not in seen and not (step.reason and not step.point):
                seen.add(step.target)
                todo.append((step.target, [*path, step.name]))
    return None


def counts(step: Transition) -> bool:
    """A move that posts figures, or releases to the chain."""
    return step.releases is True or step.point in {Point.SUPPLY, Point.DELIVERY, Point.INVOICE, Point.RECEIPT}


def frees(step: Transition) -> bool:
    """A move that releases lines, to the chain or to one kind."""
    return bool(step.releases)
