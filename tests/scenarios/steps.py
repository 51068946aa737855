"""What may happen in a company at any moment, drawn by chance; what must be refused as well."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import func, select

from core.approvals.models import ApprovalPolicy
from core.documents.models import Document
from core.documents.stage import Stage
from core.entities.item import Item
from core.operations import company, masters, people
from core.operations.flow.claims import Use
from core.schemas import inputs
from core.testing.actions import Actions, counts
from core.testing.api import Api, api_for
from core.testing.builders import Firm, line
from tests.scenarios.selling import HINTS, SETTINGS

ORDER, RETURN, RECEIPT = "contract.order", "aftersales.return", "billing.receipt"
CREDIT_NOTE = "billing.credit_note"
LIMIT = Decimal(20000)
CHOSEN = {
    "credit.at_order": "block",
    "credit.at_delivery": "off",
    "core.tolerance_percent": "10",
}
# What a company may choose anew at any moment.
CHANGING = (
    ("core.billing_point", ("order", "delivery", "acceptance", "milestones")),
    ("core.tolerance_percent", ("0", "10", "50")),
    ("billing.requests", ("true", "false")),
    ("production.services", ("true", "false")),
)


class Trading:
    """A company at work: two customers, one of them with a credit limit, and whoever asks again with the same key."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        firm.settings(**{key.replace(".", "__"): value for key, value in {**SETTINGS, **CHOSEN}.items()})
        self.actions = Actions(firm, HINTS)
        self.parties = [firm.party().id, firm.party().id]
        self.items: list[Item] = [firm.item("33.34"), firm.item("0.07"), firm.item("900", item_kind="service")]
        self.types = firm.program.registry.documents
        self.api: Api = api_for(firm, "manager")
        self.keys = 0
        self._limit()
        self._four_eyes()

    def _limit(self) -> None:
        cls = self.firm.program.registry.masters["credit.file"]
        given = {"party_id": self.parties[0], "amount": str(LIMIT), "grade": "A"}
        self.firm.as_program(lambda w: masters.save(w, cls, inputs.read(cls, given)))

    def _four_eyes(self) -> None:
        roles = ("general_manager", "sales_manager")
        self.firm.as_program(lambda w: people.employ(w, self.firm.people["boss"], roles=roles))
        role = self.firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == "sales_manager"))
        given = {
            "name": "两人同意",
            "document_kind": "quotation.quotation",
            "transition": "submit",
            "steps": [{"role_id": role, "name": "经理"}],
        }
        self.firm.as_program(lambda w: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, given)))

    # Holding ----------------------------------------------------------------------------------------------------------

    def wrong(self) -> list[str]:
        """Everything that does not hold any more."""
        found = [f"{one.code}: {one.record}: {one.text}" for one in self.actions.wrong()]
        owed = self.owed(self.parties[0])
        if owed > LIMIT:
            found.append(f"credit.limit: {owed} is owed")
        return found

    def owed(self, party: int) -> Decimal:
        """What a customer owes, or will: ordered and not invoiced, invoiced and not paid."""
        c: Any = Document.__table__.c
        receipts = [kind for kind, cls in self.types.items() if cls.stage is Stage.RECEIPT or cls.corrects]
        statement = select(func.sum(c.uninvoiced), func.sum(c.unsettled)).where(
            c.company_id == self.firm.id, c.party_id == party, c.kind.not_in(receipts)
        )
        row = self.actions.look(lambda w: w.connection.execute(statement).one())
        return (row[0] or Decimal(0)) + (row[1] or Decimal(0))

    # Steps ------------------------------------------------------------------------------------------------------------

    def order(self, chance: Random) -> None:
        """A customer orders, and the order is released."""
        rows = [
            line(item, str(chance.choice([1, 3, 7, 10]))) for item in chance.sample(self.items, chance.randint(1, 3))
        ]
        if chance.random() < 0.3:
            rows.append({"name": "优惠", "line_kind": "discount", "quantity": "1", "gross_price": "-0.05"})
        made = self.actions.create(self.types[ORDER], rows, party_id=chance.choice(self.parties))
        if made is not None and chance.random() < 0.9:
            self.actions.advance(ORDER, made.id, counts)

    def big_order(self, chance: Random) -> None:
        """An order that takes a customer near his limit, or beyond it."""
        rows = [line(self.items[0], "1", str(chance.choice([9000, 12000])))]
        made = self.actions.create(self.types[ORDER], rows, party_id=self.parties[0])
        if made is not None:
            self.actions.advance(ORDER, made.id, counts)

    def take(self, chance: Random) -> None:
        """Something that waits is taken, in part, in whole, or too much of it; from one document or several."""
        takers = [
            (cls, rows) for cls in self.actions.takers() if not cls.corrects and (rows := self.actions.waiting(cls))
        ]
        if not takers:
            return self.order(chance)
        cls, rows = chance.choice(takers)
        first = chance.choice(rows)
        mine = [row for row in rows if row.party_id == first.party_id]
        chosen = chance.sample(mine, min(len(mine), chance.randint(1, 3)))
        draft = self.actions.take(cls, [(row.line_id, self.part(chance, row)) for row in chosen])
        if draft is not None and chance.random() < 0.75:
            self.actions.advance(str(cls.__mapper__.polymorphic_identity), draft.id, counts)
        return None

    def split(self, chance: Random) -> None:
        """Guided: one line is taken in three parts that do not divide, and comes to its amount all the same."""
        made = self.actions.create(self.types[ORDER], [line(self.items[1], "10")], party_id=self.parties[1])
        if made is None or not self.actions.advance(ORDER, made.id, counts):
            return
        cls = next((c for c in self.actions.takers() if self.actions.waiting(c, document_id=made.id)), None)
        if cls is None:
            return
        for quantity in (Decimal("3.333333"), Decimal("3.333333"), None):
            for row in self.actions.waiting(cls, document_id=made.id):
                self.actions.take(cls, [(row.line_id, quantity)])

    @staticmethod
    def part(chance: Random, row: Any) -> Decimal | None:
        """All, a third, a bit, or more than there is; what was begun is mostly brought to its end."""
        left: Decimal = row.left
        if row.taken > 0 and chance.random() < 0.5:
            return None
        third = (left / 3).quantize(Decimal("0.000001"))
        return chance.choice(
            [None, None, third or None, third or None, min(left, Decimal(1)), left * 2, left * Decimal("1.05")]
        )

    def go_on(self, chance: Random) -> None:
        """A draft goes on until it counts."""
        waiting = [row for row in self.actions.documents() if row.state == self.types[row.kind].workflow.initial]
        if waiting:
            row = chance.choice(waiting)
            self.actions.advance(row.kind, row.id, counts)

    def move(self, chance: Random) -> None:
        """Any move of any document: most are refused, some end, undo or revise."""
        rows = [row for row in self.actions.documents() if self.types[row.kind].workflow.open_from(row.state)]
        if rows:
            row = chance.choice(rows)
            step = chance.choice(self.types[row.kind].workflow.open_from(row.state))
            self.actions.move(row.kind, row.id, step.name)

    def cancel(self, chance: Random) -> None:
        """A document is cancelled, terminated, turned down."""
        self.some_move(chance, lambda step: bool(step.closes))

    def undo(self, chance: Random) -> None:
        """A release is taken back."""
        self.some_move(chance, lambda step: bool(step.undoes))

    def some_move(self, chance: Random, wanted: Callable[[Any], bool]) -> None:
        """One of the moves that are wanted, of one of the documents that can make it."""
        moves = [
            (row, step)
            for row in self.actions.documents()
            for step in self.types[row.kind].workflow.open_from(row.state)
            if wanted(step) and not step.system
        ]
        if moves:
            row, step = chance.choice(moves[-12:])
            self.actions.move(row.kind, row.id, step.name)

    def change(self, chance: Random) -> None:
        """The quantity of a taken line changes in a draft, or the line goes."""
        drafts = [row for row in self.actions.documents() if row.state == self.types[row.kind].workflow.initial]
        pairs = [(row, one) for row in drafts[-8:] for one in self.actions.lines(row.id) if one.linked]
        if not pairs:
            return self.take(chance)
        row, one = chance.choice(pairs)
        factor = chance.choice([None, Decimal("0.5"), Decimal("0.333333"), Decimal(1), Decimal(3)])
        quantity = None if factor is None else (one.quantity * factor).quantize(Decimal("0.000001"))
        self.actions.change(row.kind, row.id, one.id, quantity)
        return None

    def discard(self, chance: Random) -> None:
        """A draft is taken back."""
        drafts = [row for row in self.actions.documents() if row.state == self.types[row.kind].workflow.initial]
        if drafts:
            row = chance.choice(drafts)
            self.actions.discard(row.kind, row.id)

    def close(self, chance: Random) -> None:
        """An order is closed by hand, or some lines of it; or opened again."""
        orders = self.actions.documents(ORDER)
        if not orders:
            return
        row = chance.choice(orders)
        if chance.random() < 0.4:
            self.actions.reopen(ORDER, row.id)
            return
        lines = [one.id for one in self.actions.lines(row.id) if one.line_kind != "text"]
        self.actions.close(ORDER, row.id, chance.choice([None, lines[:1]]))

    def come_back(self, chance: Random) -> None:
        """Goods come back for good or to be replaced; now and then more than the customer has."""
        lines = [
            one for row in self.actions.documents(ORDER) for one in self.actions.lines(row.id) if one.delivered > 0
        ]
        if not lines:
            return self.take(chance)
        one = chance.choice(lines)
        left = one.delivered - one.returned
        quantity = chance.choice([left, left / 3, Decimal(1), left + 1]).quantize(Decimal("0.000001"))
        if chance.random() < 0.2:
            # Two ask for the same at the same time; only one of them can have it.
            other = self.actions.take_back(self.types[RETURN], [(one.id, left)])
            if other is not None:
                self.actions.take_back(self.types[RETURN], [(one.id, left)])
                self.actions.advance(RETURN, other.id, counts)
                self.actions.advance(RETURN, other.id + 1, counts)
        asked = self.actions.take_back(self.types[RETURN], [(one.id, quantity)], exchanged=chance.random() < 0.4)
        if asked is not None and chance.random() < 0.85:
            self.actions.advance(RETURN, asked.id, counts)
            for kind in ("logistics.return_receipt", "billing.credit_note"):
                for row in self.actions.documents(kind):
                    if row.state == self.types[kind].workflow.initial and chance.random() < 0.8:
                        self.actions.fill(kind, row.id)
                        self.actions.advance(kind, row.id, counts)
        return None

    def pay(self, chance: Random) -> None:
        """Money comes in."""
        amount = chance.choice(["10", "33.33", "100", "0.01", "500"])
        made = self.actions.create(self.types[RECEIPT], party_id=chance.choice(self.parties), amount=amount)
        if made is not None:
            self.actions.advance(RECEIPT, made.id, counts)

    def settle(self, chance: Random) -> None:
        """A receipt or a red letter's credit meets claims, as far as it goes; now and then beyond."""
        free = [row for kind in (RECEIPT, CREDIT_NOTE) for row in self.actions.documents(kind) if row.unsettled > 0]
        claims = [row for row in self.actions.claims() if row.settled < row.amount and row.claim_kind != "milestone"]
        if not free or not claims:
            return self.pay(chance)
        row = chance.choice(free)
        mine = [one for one in claims if one.party_id == row.party_id] or claims
        claim = chance.choice(mine)
        left = min(row.unsettled, claim.amount - claim.settled)
        amount = chance.choice([left, left, left / 3, row.unsettled + Decimal("0.01"), claim.amount])
        self.actions.settle(row.kind, row.id, [Use(max(amount.quantize(Decimal("0.01")), Decimal("0.01")), claim.id)])
        return None

    def reverse(self, chance: Random) -> None:
        """A settlement is taken back."""
        rows = self.actions.settlements()
        if rows:
            row = chance.choice(rows)
            kind = next(one.kind for one in self.actions.documents() if one.id == row.payment_id)
            self.actions.reverse(kind, row.payment_id, row.id)

    def switch(self, chance: Random) -> None:
        """An area is left out from now on, or used again."""
        area = chance.choice(["production", "logistics", "aftersales", "credit", "billing"])
        used = self.actions.look(lambda w: area in w.areas)
        self.actions.switch(area, on=not used)
        if area == "credit" and used:
            self.actions.switch(area, on=True)

    def choose(self, chance: Random) -> None:
        """Something else is chosen from now on: where invoices begin, how much more may be delivered, what is asked."""
        key, values = chance.choice(CHANGING)
        value = chance.choice(values)
        self.actions.do(f"choose {key} = {value}", lambda w: company.choose_settings(w, {key: value}))

    def merge(self, chance: Random) -> None:
        """Guided: all that waits of one customer's orders goes into one document, of each line all or a part."""
        made = [
            self.actions.create(self.types[ORDER], [line(self.items[n], "3")], party_id=self.parties[1])
            for n in range(2)
        ]
        if not all(one is not None and self.actions.advance(ORDER, one.id, counts) for one in made):
            return
        for cls in self.actions.takers():
            rows = [] if cls.corrects else self.actions.waiting(cls, party_id=self.parties[1])
            wanted = [(row.line_id, chance.choice([None, min(row.left, Decimal(1))])) for row in rows]
            draft = self.actions.take(cls, wanted) if len({row.document_id for row in rows}) > 1 else None
            if draft is not None:
                self.actions.advance(str(cls.__mapper__.polymorphic_identity), draft.id, counts)

    def agree(self, chance: Random) -> None:
        """A manager's own quotation waits for a consent, and everybody tries, its maker first."""
        cls = self.types["quotation.quotation"]
        made = self.actions.create(cls, [line(self.items[0], "2")], "manager", party_id=self.parties[1])
        if made is not None:
            self.actions.move("quotation.quotation", made.id, "submit", "manager")
            for who in ("manager", "rep", "boss"):
                self.actions.consent(made.id, who)

    def repeat(self, chance: Random) -> None:
        """The same request twice, with the same key, acts once."""
        self.keys += 1
        body = {"party_id": self.parties[1], "lines": [line(self.items[0], "1")]}
        before = len(self.actions.documents("quotation.quotation"))
        for _time in range(2):
            self.api.post("/quotation/quotations", body, Idempotency_Key=f"k{self.keys}")
        after = len(self.actions.documents("quotation.quotation"))
        self.actions.log.append("repeat a request")
        assert after - before == 1, f"the same request made {after - before} quotations"


# By name: the step, and how often it is drawn.
STEPS: dict[str, tuple[Callable[[Trading, Random], None], int]] = {
    "order": (Trading.order, 8),
    "big_order": (Trading.big_order, 3),
    "take": (Trading.take, 24),
    "split": (Trading.split, 1),
    "go_on": (Trading.go_on, 8),
    "move": (Trading.move, 6),
    "cancel": (Trading.cancel, 4),
    "undo": (Trading.undo, 3),
    "change": (Trading.change, 5),
    "discard": (Trading.discard, 2),
    "close": (Trading.close, 3),
    "come_back": (Trading.come_back, 10),
    "pay": (Trading.pay, 3),
    "settle": (Trading.settle, 6),
    "reverse": (Trading.reverse, 2),
    "switch": (Trading.switch, 1),
    "choose": (Trading.choose, 2),
    "merge": (Trading.merge, 1),
    "agree": (Trading.agree, 2),
    "repeat": (Trading.repeat, 2),
}
