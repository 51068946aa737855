"""Leave out any area: the next one takes over, and the chain closes with every quantity and every cent."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from core.app import open_program
from core.db.engine import open_engine
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.stage import Point
from core.documents.workflow import Transition
from core.entities.item import Item
from core.money import share
from core.operations import company as companies
from core.testing.actions import Actions, counts
from core.testing.builders import Firm, line
from core.testing.fixtures import database_on
from plugins.billing.services import drafts
from tests.scenarios.selling import AREAS, at_work

BEGINS = ("quotation", "contract", "production", "logistics", "billing")
POINTS = ("order", "delivery", "acceptance", "milestones")
SUBSETS = [
    some
    for size in range(1, len(AREAS) + 1)
    for some in combinations(AREAS, size)
    if any(area in BEGINS for area in some)
]
# On the server as many as there is time for: each area on and off, each place to begin, all of them.
SPREAD = [SUBSETS[index] for index in range(0, len(SUBSETS), 16)] + [SUBSETS[-1]]
FIRST = {
    "quotation": "quotation.quotation",
    "contract": "contract.order",
    "production": "production.order",
    "logistics": "logistics.delivery",
    "billing": "billing.invoice",
}
THIRD = Decimal("3.333333")
CENT = Decimal("0.01")
MILESTONES = [
    {"name": "预付", "event": "signing", "percent": "0.3"},
    {"name": "到货", "event": "delivery", "percent": "0.333"},
    {"name": "验收", "event": "acceptance", "percent": "0.367"},
]
# Of these each point is tried.
CROSSED = (
    ("contract", "billing"),
    ("quotation", "logistics", "billing", "aftersales"),
    ("contract", "production", "logistics", "billing", "aftersales"),
)


def _named(some: tuple[str, ...]) -> str:
    return "+".join(some)


class Chain:
    """One chain of a company, from the first document to the last cent."""

    def __init__(self, actions: Actions, areas: tuple[str, ...]) -> None:
        self.actions, self.firm, self.areas = actions, actions.firm, areas
        self.bills, self.returns, self.apart = "billing" in areas, "aftersales" in areas, False
        self.party = self.firm.party(credit_code="", phone="0532-88888888").id
        self.items = [self.firm.item("99.99"), self.firm.item("0.01")]
        self.service = self.firm.item("1000", item_kind="service")

    def begun(self, point: str) -> list[int]:
        """Two documents of the earliest area in use: goods, a service, a charge and a discount on each.

        Where contracts begin and are paid by milestones, they have some.
        """
        first = next(area for area in AREAS if area in self.areas and area in BEGINS)
        by_milestones = first == "contract" and point == "milestones"
        if by_milestones:
            # What must be paid before work begins or goods leave is tried elsewhere.
            self.firm.settings(contract__entry="contract", contract__advance="off", contract__before_shipment="off")
        cls = self.firm.program.registry.documents["contract.contract" if by_milestones else FIRST[first]]
        made = []
        for _n in range(2):
            more: dict[str, Any] = {"milestones": MILESTONES} if by_milestones else {}
            document = self.actions.create(cls, self.rows(), party_id=self.party, **more)
            assert document is not None, self.actions.log
            made.append(document.id)
            self.on(kind_of(cls), document.id)
        return made

    def rows(self) -> list[dict[str, Any]]:
        """Lines of every kind, with amounts that do not divide."""
        goods: list[Item] = self.items
        return [
            line(goods[0], "10", "33.33"),
            line(goods[1], "7", "0.07", discount_rate="0.15"),
            line(self.service, "3", "100"),
            {"name": "运费", "line_kind": "charge", "quantity": "1", "gross_price": "55.55"},
            {"name": "优惠", "line_kind": "discount", "quantity": "1", "gross_price": "-10.01"},
            {"name": "说明", "line_kind": "text", "quantity": "0"},
        ]

    def on(self, kind: str, key: int) -> None:
        """Everything a document passes on to others is passed on."""
        while self.actions.advance(kind, key, counts):
            pass

    def sound(self) -> None:
        """Nothing is wrong anywhere."""
        found = [(one.record, one.code, str(one.text)) for one in self.actions.wrong()]
        assert not found, (found, self.actions.log[-12:])

    def join(self, area: str) -> None:
        """One more area is used from now on, with what it needs; what it makes to begin with is not asked for."""
        self.actions.switch(area, on=True)
        self.areas = tuple(one for one in AREAS if one in self.actions.look(lambda w: w.areas))
        at_work(self.firm, self.areas)
        self.bills, self.returns = "billing" in self.areas, "aftersales" in self.areas
        self.apart = area == "billing"
        self.sound()

    def accepted(self) -> None:
        """The customer accepts everything that waits for it."""
        for row in self.actions.documents():
            self.actions.advance(row.kind, row.id, accepting)

    def flow(self, begin: int = 0, *, end: int = 40, whole: bool = True) -> None:
        """Take whatever waits, at first in part, then all; several sources merge. ``whole``: to the end."""
        for turn in range(begin, end):
            waiting = [
                (cls, rows) for cls in self.actions.takers() if not cls.corrects and (rows := self.actions.waiting(cls))
            ]
            if not waiting:
                return
            cls, rows = waiting[0]
            wanted = [(row.line_id, self.part(row.left, turn)) for row in rows if turn > 1 or row.position != 2]
            draft = self.actions.take(cls, wanted or [(row.line_id, None) for row in rows])
            assert draft is not None, self.actions.log
            self.on(kind_of(cls), draft.id)
        if whole:
            raise AssertionError(f"the chain does not end: {self.actions.log[-20:]}")

    @staticmethod
    def part(left: Decimal, turn: int) -> Decimal | None:
        return THIRD if turn < 2 and left > THIRD else None

    def origins(self) -> list[Any]:
        """The lines where everything began, now."""
        documents = {row.id: row for row in self.actions.documents()}
        lines = [x for key in documents for x in self.actions.lines(key)]
        return [x for x in lines if x.ceiling is not None and x.line_kind != "text"]

    def come_back(self) -> None:
        """Some goods come back for good, some to be delivered again."""
        cls: type[Document] = self.firm.program.registry.documents["aftersales.return"]
        with_customer = [x for x in self.origins() if x.line_kind == "item" and x.delivered > x.returned]
        for exchanged, quantity in ((False, Decimal(2)), (True, Decimal(1))):
            wanted = [(x.id, quantity) for x in with_customer[:2]]
            # A red letter corrects one invoice; where lines went into several, each comes back by itself.
            for some in [[one] for one in wanted] if self.apart else [wanted] if wanted else []:
                asked = self.actions.take_back(cls, some, exchanged=exchanged)
                assert asked is not None, self.actions.log
                self.on("aftersales.return", asked.id)
                self.drafts()

    def drafts(self) -> None:
        """What areas have put together by themselves goes on as well."""
        while found := [row for row in self.actions.documents() if self.waits(row)]:
            for row in found:
                assert self.actions.fill(row.kind, row.id) is not None, self.actions.log[-6:]
                assert self.actions.advance(row.kind, row.id, counts), self.actions.log[-6:]

    def waits(self, row: Any) -> bool:
        """Whether it is a draft of something that takes back."""
        cls = self.firm.program.registry.documents[row.kind]
        return cls.stage is not None and cls.corrects and row.state == cls.workflow.initial

    def by_milestones(self) -> None:
        """A contract that is paid by milestones is invoiced by them, each to the cent."""
        for claim in [one for one in self.actions.claims() if one.claim_kind == "milestone"] if self.bills else []:
            draft = self.actions.do("invoice a milestone", partial(drafts.for_milestone, claim_id=claim.id))
            assert draft is not None, self.actions.log
            kind = kind_of(type(draft))
            assert self.actions.fill(kind, draft.id) is not None, self.actions.log[-4:]
            assert draft.gross == claim.amount, (claim.name, self.actions.log[-8:])
            self.on(kind, draft.id)

    def closed(self) -> None:
        """Every line has arrived and, where invoices are made, was invoiced once, to the cent."""
        self.sound()
        assert self.origins(), ("nothing began", self.actions.log)
        for one in self.origins():
            noted = {n: str(one._mapping[n]) for n in ("delivered", "returned", "invoiced", "credited", "dropped")}
            where = (one.name, self.areas, noted, self.actions.log[-15:])
            kept = one.base_quantity - one.dropped
            assert one.delivered - one.returned == kept, where
            if self.bills:
                worth = share(one.gross, kept, one.base_quantity) - one.conceded
                assert abs(one.conceded) <= CENT, where
                assert one.invoiced - one.credited == kept, where
                assert one.invoiced_amount - one.credited_amount == worth, where
        if self.bills:
            papers = self.actions.documents("billing.invoice", "billing.credit_note")
            invoiced = sum((row.gross for row in papers if row.state != "draft"), Decimal(0))
            counted = sum((one.invoiced_amount - one.credited_amount for one in self.origins()), Decimal(0))
            assert invoiced == counted, (self.areas, self.actions.log[-15:])


def accepting(step: Transition) -> bool:
    """The customer's acceptance."""
    return step.point is Point.ACCEPTANCE


def walk(actions: Actions, areas: tuple[str, ...], point: str, then: str, joins: str = "") -> None:
    """One company's chain with one billing point; on its way another is chosen, and one more area may be used."""
    actions.firm.settings(core__billing_point=point)
    chain = Chain(actions, areas)
    chain.begun(point)
    chain.sound()
    chain.by_milestones()
    chain.flow(end=2, whole=False)
    actions.firm.settings(core__billing_point=then)
    if joins:
        chain.join(joins)
    chain.flow(2)
    chain.accepted()
    chain.flow()
    chain.closed()
    if chain.returns:
        chain.come_back()
        chain.flow()
        chain.accepted()
        chain.flow()
        chain.closed()


def turn(index: int) -> tuple[str, str]:
    """A point for a chain and another that is chosen on its way; in turn all pairs."""
    point, more = index % len(POINTS), index // len(POINTS) % (len(POINTS) - 1) + 1
    return POINTS[point], POINTS[(point + more) % len(POINTS)]


def case(areas: tuple[str, ...], index: int) -> tuple[tuple[str, ...], str, str, str]:
    """Areas with their points in turn, and an area that joins them, where one is missing; not in every third."""
    missing = [area for area in AREAS if area not in areas]
    joins = missing[index % len(missing)] if missing and index % 3 else ""
    return areas, *turn(index), joins


CASES = [case(some, index) for index, some in enumerate(SUBSETS)]
CASES += [(some, *turn(index), "") for some in CROSSED for index in range(len(POINTS))]
PLACES = [("sqlite", one) for one in CASES]
PLACES += [("postgresql", one) for one in CASES if one[0] in SPREAD and one in CASES[: len(SUBSETS)]]


def _id(engine: str, areas: tuple[str, ...], point: str, then: str, joins: str) -> str:
    return f"{engine}-{_named(areas)}-{point}-{then}{'-' if joins else ''}{joins}"


@pytest.mark.parametrize(("engine", "case"), PLACES, ids=[_id(engine, *one) for engine, one in PLACES])
def test_the_chain_closes_with_any_areas_left_out(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, case: tuple[tuple[str, ...], str, str, str]
) -> None:
    """PLT-03: whatever is in use, quantities and amounts conserve and everything is invoiced exactly once.

    Neither another billing point nor another area on the way loses or doubles anything.
    """
    areas, point, then, joins = case
    with database_on(engine, request, tmp_path, ("firm",)) as database:
        opened = open_engine(database.url)
        try:
            known = database.firms["firm"]
            firm = Firm(open_program(opened), known.id, known.code, dict(known.people))
            for area in reversed(AREAS):
                if area not in areas:
                    firm.as_program(lambda w, a=area: companies.switch_off(w, a))  # type: ignore[misc]
            walk(at_work(firm, areas), areas, point, then, joins)
        finally:
            opened.dispose()
