"""Builders: a company with its people, and short words for what tests do most."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from core.app import Program
from core.approvals.models import ApprovalPolicy
from core.documents.models import Document
from core.entities.item import Item
from core.entities.party import Party
from core.operations import company, create, decide, edit, masters, move, people
from core.roles import (
    ADMINISTRATOR,
    FINANCE,
    GENERAL_MANAGER,
    PURCHASING,
    REPRESENTATIVE,
    SALES_CLERK,
    SALES_MANAGER,
    TECHNICAL,
)
from core.schemas import inputs
from core.work import Ask, System, Work

T = TypeVar("T")
D = TypeVar("D", bound=Document)
PEOPLE = (
    ("rep", "王小明", "Wang Xiaoming", REPRESENTATIVE),
    ("rep2", "李娜", "Li Na", REPRESENTATIVE),
    ("manager", "张伟", "Zhang Wei", SALES_MANAGER),
    ("clerk", "刘洋", "Liu Yang", SALES_CLERK),
    ("boss", "陈总", "Chen Zong", GENERAL_MANAGER),
    ("finance", "赵敏", "Zhao Min", FINANCE),
    ("purchaser", "孙强", "Sun Qiang", PURCHASING),
    ("engineer", "周工", "Zhou Gong", TECHNICAL),
    ("admin", "管理员", "Admin", ADMINISTRATOR),
)


@dataclass(slots=True)
class Firm:
    """A company under test: its id, and its people by a short name."""

    program: Program = field(repr=False)
    id: int
    code: str
    people: dict[str, int]
    today: date | None = None
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def founded(
        cls,
        program: Program,
        code: str,
        name: str,
        name_en: str = "",
        *,
        areas: Iterable[str] | None = None,
        policies: bool = False,
    ) -> Firm:
        """A new company using ``areas`` (all that are installed unless given), with the usual people.

        Nobody's consent is asked for, unless ``policies`` keeps those with which the areas begin.
        """
        key = people.found(program.works, code, name, name_en=name_en)
        firm = cls(program, key, code, {})
        for short, chinese, english, _role in PEOPLE:
            account = people.create_account(program.works, f"{short}@{code}", chinese, name_en=english)
            firm.people[short] = account

        def employ(work: Work) -> None:
            for short, _chinese, _english, role in PEOPLE:
                people.employ(work, firm.people[short], roles=[role.key])

        firm.as_program(employ)
        wanted = list(program.registry.plugins if areas is None else areas)
        for area in wanted:
            firm.as_program(lambda w, a=area: company.switch_on(w, a))  # type: ignore[misc]
        if not policies:
            firm.drop_policies()
        return firm

    def drop_policies(self) -> None:
        """Take every approval policy out of use: moves go through at once."""

        def command(work: Work) -> None:
            for key in work.session.scalars(select(ApprovalPolicy.id)).all():
                masters.save(work, ApprovalPolicy, {"active": False}, key=key)

        self.as_program(command)

    def ask(self, who: str) -> Ask:
        """An ask of one of the people."""
        return Ask(self.id, self.people[who], today=self.today)

    def run(self, who: str, command: Callable[[Work], T]) -> T:
        """Let somebody carry out a command."""
        return self.program.works.run(self.ask(who), command)

    def as_program(self, command: Callable[[Work], T], purpose: str = "test") -> T:
        """Carry out a command as the program itself."""
        return self.program.works.run(Ask(self.id, System(purpose), today=self.today), command)

    def read(self, who: str, look: Callable[[Work], T]) -> T:
        """Let somebody look at something."""
        with self.program.works.read(self.ask(who)) as work:
            return look(work)

    def next(self, what: str) -> int:
        """A count of its own for each kind of thing, for names that differ."""
        self.counts[what] = self.counts.get(what, 0) + 1
        return self.counts[what]

    def party(self, who: str = "rep", **values: Any) -> Party:
        """A customer of this firm; a name is made up unless given."""
        given = {"name": f"青岛第{self.next('party')}工程有限公司", **values}
        return self.run(who, lambda w: masters.save(w, Party, inputs.read(Party, given)))

    def item(self, price: str = "100", **values: Any) -> Item:
        """A product with a list price including tax."""
        n = self.next("item")
        given = {"code": f"P{n:03}", "name": f"洗墙灯 {n}", "unit": "套", "list_price": price, **values}
        return self.run("manager", lambda w: masters.save(w, Item, inputs.read(Item, given)))

    def create(self, cls: type[D], who: str = "rep", *, lines: Iterable[dict[str, Any]] = (), **values: Any) -> D:
        """A document, as somebody would give it through the API."""
        given = {**values, "lines": list(lines)} if cls.has_lines else values

        def command(work: Work) -> D:
            typed = inputs.read(cls, given)
            return create.create(work, cls, typed, typed.pop("lines", ()))

        return self.run(who, command)

    def edit(self, document: D, who: str = "rep", *, lines: Iterable[dict[str, Any]] | None = None, **values: Any) -> D:
        """A change of a document, as of the version in hand."""
        given = values if lines is None else {**values, "lines": list(lines)}

        def command(work: Work) -> D:
            typed = inputs.read(type(document), given, partial=True)
            rows = typed.pop("lines", None)
            return edit.edit(work, type(document), document.id, typed, rows, version=document.version)

        return self.run(who, command)

    def move(self, document: D, name: str, who: str = "rep", **options: Any) -> D:
        """A move of a document."""
        return self.run(who, lambda w: move.move(w, type(document), document.id, name, **options))

    def agree(self, document: D, who: str, opinion: str = "") -> D:
        """The consent that ``who`` may give to a document now."""
        task = self.task(document, who)
        return self.run(who, lambda w: decide.agree(w, task, opinion=opinion))  # type: ignore[return-value]

    def reject(self, document: D, who: str, opinion: str = "价格太低") -> D:
        """The refusal of a document by ``who``."""
        task = self.task(document, who)
        return self.run(who, lambda w: decide.reject(w, task, opinion=opinion))  # type: ignore[return-value]

    def task(self, document: Document, who: str) -> int:
        """The open consent of a document, whoever may give it."""
        from core.approvals import candidates, reading

        def look(work: Work) -> int:
            request = reading.requested(work, document)
            assert request is not None, "nothing is in approval"
            found = [t for t in reading.tasks(work, request.id) if t.state == "open"]
            own = (t for t in found if self.people.get(who) in candidates.able(work, t))
            return int(next(own, found[0]).id)

        return self.read(who, look)

    def settings(self, **chosen: object) -> None:
        """Choose settings; two underscores stand for the dot of a key."""
        written = {key.replace("__", "."): str(value) for key, value in chosen.items()}
        self.as_program(lambda w: company.choose_settings(w, written))


def line(
    item: Item | None = None, quantity: str | Decimal = "1", price: str | None = None, **values: Any
) -> dict[str, Any]:
    """A line as the API takes it; ``price`` includes tax."""
    row: dict[str, Any] = {"quantity": str(quantity), **values}
    if item is not None:
        row["item_id"] = item.id
    if price is not None:
        row["gross_price"] = price
    return row
