"""Samples: one record of any type, made of values that its own declaration asks for."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from core.approvals.models import ApprovalPolicy, PolicyStep
from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.entities.announcement import Concerned
from core.entities.double_check import DoubleCheck
from core.entities.item import Item
from core.entities.master import Master, Part
from core.entities.party import Party
from core.entities.territory import TerritoryHolder
from core.errors import DomainError, Unconfirmed
from core.operations import company, create, masters, move, people
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.work import Work

Hints = Mapping[str, Mapping[str, Any]]
# A rule in force must name a move that there is; one that waits may name any.
CORE: Hints = {"core.approval_policy": {"active": False}}


class Samples:
    """Makes records in one company, as somebody who holds every role; ``hints`` give values by kind."""

    def __init__(self, firm: Firm, hints: Hints | None = None) -> None:
        self.firm = firm
        self._hints = {**CORE, **(hints or {})}
        self._made: dict[str, int] = {}
        if "everybody" not in firm.people:
            account = people.create_account(firm.program.works, f"everybody@{firm.code}", "全能")
            roles = firm.as_program(lambda w: [role.key for role in w.company.roles.values()])
            firm.people["everybody"] = account
            firm.as_program(lambda w: people.employ(w, account, roles=roles))

    @classmethod
    def founded(cls, program: Any, code: str, areas: list[str], hints: Hints | None = None) -> Samples:
        """Samples in a new company that uses ``areas`` and what they need, with one person in it."""
        key = people.found(program.works, code, f"样品{code}公司")
        firm = Firm(program, key, code, {})
        for area in areas:
            firm.as_program(lambda w, a=area: company.switch_on(w, a))  # type: ignore[misc]
        return cls(firm, hints)

    def document(self, cls: type[Document]) -> Document:
        """A new document of ``cls``, with one line where it has lines, and one of each of its parts."""
        given = self._values(cls, kind_of(cls))
        if cls.needs_party and "party_id" not in given:
            given["party_id"] = self.key("core.party")
        if cls.has_lines and "lines" not in given:
            given["lines"] = [line(None, "2", "113", item_id=self.key("core.item"))]
        for part in cls.parts:
            given.setdefault(part.key, [self._values(part, f"{kind_of(cls)}/{part.key}", owner=part.owner)])

        def command(work: Work) -> Document:
            typed = inputs.read(cls, given)
            return create.create(work, cls, typed, typed.pop("lines", ()))

        return self.firm.run("everybody", command)

    def master(self, cls: type[Master]) -> Master:
        """A new master of ``cls``, with one of each of its parts that can be made of what they need alone."""
        given = self._values(cls, cls.kind)
        for part in cls.parts:
            given.setdefault(part.key, [self._values(part, f"{cls.kind}/{part.key}", owner=part.owner)])
        return self.firm.run("everybody", lambda w: masters.save(w, cls, inputs.read(cls, given)))

    def key(self, kind: str) -> int:
        """The id of a record of ``kind``, made when first asked for."""
        if kind not in self._made:
            self._made[kind] = self._find(kind)
        return self._made[kind]

    def walk(self, document: Document, *, most: int = 12) -> list[str]:
        """Move a document along its workflow, each move once; gives back the moves that were made.

        A refusal is an answer; anything else that is raised is an error of the area.
        """
        made: list[str] = []
        cls, state = type(document), document.state
        todo = [t.name for t in cls.workflow.open_from(state)]
        while todo and len(made) < most:
            name = todo.pop(0)
            try:
                moved = self._move(cls, document.id, name)
            except DomainError:
                continue
            made.append(name)
            todo = [t.name for t in cls.workflow.open_from(moved.state) if t.name not in made]
        return made

    def _move(self, cls: type[Document], key: int, name: str) -> Document:
        transition = next(t for t in cls.workflow.transitions if t.name == name)
        values = {one: self.value(faces(cls)[one], 1) for one in transition.musts}
        who = self.firm.as_program if transition.system else lambda command: self.firm.run("everybody", command)
        try:
            return who(lambda w: move.move(w, cls, key, name, reason="样品", values=values))
        except Unconfirmed as warned:
            codes = [o.code for o in warned.objections]
            return who(lambda w: move.move(w, cls, key, name, reason="样品", confirmed=codes, values=values))

    def _find(self, kind: str) -> int:
        firm = self.firm
        match kind:
            case "core.party":
                return self.master(Party).id
            case "core.item":
                return self.master(Item).id
            case "core.account":
                return firm.people["everybody"]
            case "core.tax_rate":
                return firm.as_program(lambda w: w.company.taxes[0].id)
            case "core.company_role":
                return firm.as_program(lambda w: min(w.company.roles))
            case "core.department":
                firm.as_program(lambda w: people.save_department(w, "samples", "样品部"))
                return firm.as_program(lambda w: min(w.company.departments))
        registry = firm.program.registry
        if kind in registry.documents:
            return self.document(registry.documents[kind]).id
        return self.master(registry.masters[kind]).id

    def _values(self, cls: type[Base], kind: str, *, owner: str | None = None) -> dict[str, Any]:
        hinted = dict(self._hints.get(kind, {}))
        if cls is ApprovalPolicy:
            hinted |= self._a_move()
        if cls is DoubleCheck:
            # By nobody, so that the move goes through at once wherever samples are moved.
            hinted |= self._any_move(self.firm.next("double check")) | {"persons": 0}
        if cls in (PolicyStep, Concerned):
            hinted["role_id"] = self.key("core.company_role")
        if cls is TerritoryHolder:
            hinted["account_id"] = self.key("core.account")
        unique = self.firm.next(kind)
        needed = {
            name: face
            for name, face in faces(cls).items()
            if face.field.required and face.field.writable and name not in {owner, "date", "party_id"}
        }
        if issubclass(cls, Part | Master) and "party_id" in faces(cls) and owner != "party_id":
            needed["party_id"] = faces(cls)["party_id"]
        return {**{name: self.value(face, unique) for name, face in needed.items()}, **hinted}

    def _a_move(self) -> dict[str, str]:
        """A type and one of its moves that asks for consent, as a policy names them."""
        documents = self.firm.program.registry.documents
        moves = (
            (kind, m.name) for kind, cls in sorted(documents.items()) for m in cls.workflow.transitions if m.approval
        )
        kind, move = next(moves)
        return {"document_kind": kind, "transition": move}

    def _any_move(self, count: int) -> dict[str, Any]:
        """A type and one of the moves that people make, another one at each count: it is double-checked by one rule."""
        documents = self.firm.program.registry.documents
        moves = [
            (kind, m.name) for kind, cls in sorted(documents.items()) for m in cls.workflow.transitions if not m.system
        ]
        kind, move = moves[-1 - count % len(moves)]
        return {"document_kind": kind, "transition": move}

    def value(self, face: Face, unique: int) -> Any:
        """A value that the face accepts; texts differ from record to record."""
        match face.kind:
            case "choice":
                return next(key for key, _label in face.field.choices if key)
            case "ref":
                return self.key(face.references or "")
            case "decimal":
                least = face.field.least or Decimal(0)
                return str(min(max(least, Decimal(1)), face.field.most or Decimal(1)))
            case "int":
                return int(max(face.field.least or 1, 1))
            case "bool":
                return True
            case "date":
                return self.firm.as_program(lambda w: w.today).isoformat()
            case "json":
                return {}
        return f"样品{unique}"[: face.length or 200]
