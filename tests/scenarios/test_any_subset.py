"""Leave out any area: the next one takes over, and the chain closes with every quantity and every cent."""

from __future__ import annotations

from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from core.app import open_program
from core.db.engine import open_engine
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.stage import Point, Stage
from core.documents.workflow import Transition
from core.entities.item import Item
from core.operations import company as companies
from core.testing.actions import Actions, counts
from core.testing.builders import Firm, line
from core.testing.fixtures import database_on
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


def _named(some: tuple[str, ...]) -> str:
    return "+".join(some)


class Chain:
    """One chain of a company, from the first document to the last cent."""

    def __init__(self, actions: Actions, areas: tuple[str, ...]) -> None:
        self.actions, self.firm, self.areas = actions, actions.firm, areas
        self.bills, self.returns = "billing" in areas, "aftersales" in areas
        self.party = self.firm.party(credit_code="", phone="0532-88888888").id
        self.items = [self.firm.item("99.99"), self.firm.item("0.01")]
        self.service = self.firm.item("1000", item_kind="service")

    def begun(self) -> list[int]:
        """Two documents of the earliest area in use: goods, a service, a charge and a discount on each."""
        first = next(area for area in AREAS if area in self.areas and area in BEGINS)
        cls = self.firm.program.registry.documents[FIRST[first]]
        made = []
        for _n in range(2):
            document = self.actions.create(cls, self.rows(), party_id=self.party)
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

    def flow(self, *, most: int = 40) -> None:
        """Take whatever waits, at first in part, then all; several sources merge, one is split."""
        for turn in range(most):
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
            if not wanted:
                return
            asked = self.actions.take_back(cls, wanted, exchanged=exchanged)
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

    def closed(self) -> None:
        """Every line has arrived and, where invoices are made, was invoiced once, to the cent."""
        self.sound()
        assert self.origins(), ("nothing began", self.actions.log)
        for one in self.origins():
            noted = {n: str(one._mapping[n]) for n in ("delivered", "returned", "invoiced", "credited", "dropped")}
            where = (one.name, self.areas, noted, self.actions.log[-15:])
            if one.line_kind != "text" and self.areas[0] != "billing":
                goods = self.firm.program.registry.documents
                begun = next(row.kind for row in self.actions.documents() if row.id == one.document_id)
                if (goods[begun].stage or Stage.RECEIPT) < Stage.INVOICE:
                    assert one.delivered - one.returned == one.base_quantity - one.dropped, where
            if self.bills:
                worth = one.gross if not one.dropped else None
                assert one.invoiced - one.credited == one.base_quantity - one.dropped, where
                assert worth in (None, one.invoiced_amount - one.credited_amount), where
        if self.bills:
            invoices = [row for row in self.actions.documents("billing.invoice") if row.state != "draft"]
            begun = {one.document_id for one in self.origins()}
            owed = sum((one.gross for one in self.origins()), Decimal(0))
            assert sum((row.gross for row in invoices), Decimal(0)) >= owed, begun


def accepting(step: Transition) -> bool:
    """The customer's acceptance."""
    return step.point is Point.ACCEPTANCE


def walk(actions: Actions, areas: tuple[str, ...], point: str) -> None:
    """One company's chain with one billing point."""
    actions.firm.settings(core__billing_point=point)
    chain = Chain(actions, areas)
    chain.begun()
    chain.sound()
    chain.flow()
    for row in actions.documents():
        actions.advance(row.kind, row.id, accepting)
    chain.flow()
    chain.closed()
    if chain.returns:
        chain.come_back()
        chain.flow()
        for row in actions.documents():
            actions.advance(row.kind, row.id, accepting)
        chain.flow()
        chain.closed()


PLACES = [("sqlite", some) for some in SUBSETS] + [("postgresql", some) for some in SPREAD]


@pytest.mark.parametrize(("engine", "areas"), PLACES, ids=[f"{engine}-{_named(some)}" for engine, some in PLACES])
def test_the_chain_closes_with_any_areas_left_out(
    request: pytest.FixtureRequest, tmp_path: Path, engine: str, areas: tuple[str, ...]
) -> None:
    """PLT-03: whatever is in use, quantities and amounts conserve and everything is invoiced exactly once."""
    with database_on(engine, request, tmp_path, ("firm",)) as database:
        opened = open_engine(database.url)
        try:
            known = database.firms["firm"]
            firm = Firm(open_program(opened), known.id, known.code, dict(known.people))
            for area in reversed(AREAS):
                if area not in areas:
                    firm.as_program(lambda w, a=area: companies.switch_off(w, a))  # type: ignore[misc]
            walk(at_work(firm, areas), areas, POINTS[SUBSETS.index(areas) % len(POINTS)])
        finally:
            opened.dispose()
