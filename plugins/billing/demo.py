"""Money in the demonstration: asked for, invoiced, handed over, paid in many ways, late, returned, and reconciled."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.demonstration.desk import Desk
from core.documents.models import Claim
from core.documents.reading import load
from core.operations import create, edit, flow
from core.roles import FINANCE, SALES_CLERK
from core.schemas import inputs
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Refund, Request, Statement
from plugins.billing.services import allocation, drafts

REQUESTS = {"draft": (0, 2)}
INVOICES = {"draft": (0, 2), "issued": (1, 6), "handed": (2, 8)}
LETTERS = {"draft": (1, 3)}
RECEIPTS = {"draft": (0, 0), "confirmed": (1, 20)}
STATEMENTS = {"draft": (0, 2), "sent": (2, 8), "disputed": (2, 6)}
WAYS = ("transfer",) * 8 + ("bank_bill", "bank_bill", "commercial_bill", "cheque", "bank_draft", "cash", "wechat")
BILLS = ("bank_bill", "commercial_bill")
LATE = 0.3  # so many never pay within the season
STATED = 3  # customers who get a statement each month
DIFFERENCE = "客户漏记一张发票，已补寄复印件"


def workday(desk: Desk) -> None:
    """Ask, invoice, take money in, set it against what is owed, and reconcile."""
    for row in desk.ready(Request, REQUESTS):
        desk.go(desk.login(row.owner_id), Request, row.id, "submit", hour=14)
    _collect(desk)
    for row in desk.ready(Invoice, INVOICES):
        _invoice(desk, row)
    for row in desk.ready(CreditNote, LETTERS, "invoice_id"):
        if row.invoice_id and (desk.left > 2 or row.id % 2):
            _red_letter(desk, row)
    _payments(desk)
    for row in desk.ready(Receipt, RECEIPTS, "settled", "method", "purpose", "matures_on"):
        _receipt(desk, row)
    for row in desk.ready(Refund, {"draft": (0, 1)}):
        desk.go(desk.another(desk.somebody(FINANCE.key), FINANCE.key), Refund, row.id, "pay", hour=16)
    _statements(desk)


# Invoices ------------------------------------------------------------------------------------------------------------


def _collect(desk: Desk) -> None:
    """What waits for an invoice is collected, source by source; where milestones are invoiced, one by one."""
    cls: Any = desk.look(lambda work: Request if Request.enters(work) else Invoice)
    clerk = desk.somebody(SALES_CLERK.key, FINANCE.key)
    due = (
        select(Claim.id)
        .where(Claim.claim_kind == "milestone", Claim.due <= desk.today)
        .where(Claim.id.not_in(select(cls.milestone_id).where(cls.milestone_id.is_not(None))))
        .order_by(Claim.id)
    )
    if not desk.uses("logistics"):
        for claim in desk.look(lambda work: list(work.session.scalars(due))):
            desk.do(clerk, lambda work, c=claim: drafts.for_milestone(work, c).id, hour=13)  # type: ignore[misc]  # the default binds the loop's value
        return
    for key, rows in desk.waiting(cls, 1, 4):
        if desk.left > 3 or key % 2:
            lines = [(row.line_id, None) for row in rows]
            desk.do(clerk, lambda work, w=lines: flow.take(work, cls, w).id, hour=13)  # type: ignore[misc]  # the default binds the loop's value


def _invoice(desk: Desk, row: Any) -> None:
    cashier, random = desk.somebody(FINANCE.key), desk.chance("invoice", row.id)
    match row.state:
        case "draft":
            number = f"26{random.randrange(10**8, 10**9)}{row.id:09}"
            desk.do(cashier, lambda work: _numbered(work, Invoice, row.id, number), hour=14)
            desk.go(cashier, Invoice, row.id, "issue", hour=14.5)
        case "issued":
            desk.go(desk.login(row.owner_id), Invoice, row.id, "hand_over", {"handed_to": "客户财务部"}, hour=15)
        case "handed" if random.random() < 0.8:
            desk.go(desk.login(row.owner_id), Invoice, row.id, "book", {"booked_by": "客户应付会计"}, hour=16)


def _numbered(work: Work, cls: type[Invoice] | type[CreditNote], key: int, number: str, **more: str) -> None:
    given = {"invoice_number": number, "date": work.today.isoformat(), **more}
    edit.edit(work, cls, key, inputs.read(cls, given, partial=True))


def _red_letter(desk: Desk, row: Any) -> None:
    cashier, number = desk.somebody(FINANCE.key), f"27{row.id:018}"
    desk.do(cashier, lambda work: _numbered(work, CreditNote, row.id, number, confirmation="01"), hour=14)
    desk.go(cashier, CreditNote, row.id, "issue", hour=14.5)


# Receipts ------------------------------------------------------------------------------------------------------------


def _payments(desk: Desk) -> None:
    """Customers pay what is due, most of them in time; a few pay ahead of any order."""
    due = (
        select(Claim.id, Claim.party_id, Claim.claim_kind, Claim.amount, Claim.settled)
        .where(Claim.settled < Claim.amount, Claim.due.is_not(None), Claim.due <= desk.today)
        .where(Claim.claim_kind.in_(("receivable", "milestone")))
        .order_by(Claim.id)
    )
    for claim in desk.look(lambda work: list(work.session.execute(due))):
        random = desk.chance("pays", claim.id)
        begun = desk.since.setdefault((claim.id, "due"), desk.place)
        early = claim.claim_kind == "milestone"
        if random.random() < (0.08 if early else LATE) or desk.place - begun != random.randint(0, 4 if early else 12):
            continue
        left = claim.amount - claim.settled
        half = (left / 2).quantize(Decimal("1"))
        amount = left if random.random() < 0.8 or not half else half
        _pay(desk, claim.party_id, amount, "advance" if early else "goods", claim.id)
    random = desk.chance("ahead", desk.place)
    if random.random() < 0.05:
        party = random.choice(desk.demo.parties)
        _pay(desk, party, Decimal(random.randint(5, 60) * 1000), "advance", 10**6 + desk.place)


def _pay(desk: Desk, party: int, amount: Decimal, purpose: str, number: int) -> None:
    random, day = desk.chance("way", number), desk.today
    way = "cash" if amount < 500 else random.choice(WAYS)
    given: dict[str, Any] = {"party_id": party, "amount": str(amount), "method": way, "purpose": purpose}
    if way in BILLS:
        firm = desk.demo.firms[desk.demo.parties.index(party)]
        issued = day - datetime.timedelta(days=random.randint(5, 80))
        kind = "5" if way == "bank_bill" else "6"
        number_of_bill = f"{kind}{random.randrange(10**12):012}{issued:%Y%m%d}{random.randrange(10**9):09}"
        given |= {"bill_number": number_of_bill, "drawer": firm.name, "bill_range": "0"}
        given |= {"acceptor": firm.tax_titles[0].bank if way == "bank_bill" else firm.name}
        days = random.choice((90, 180))
        given |= {"bill_issued_on": issued.isoformat()}
        given |= {"matures_on": (issued + datetime.timedelta(days=days)).isoformat()}
    elif way != "cash":
        given["bank_reference"] = f"{day:%Y%m%d}{number:08}"

    def command(work: Work) -> int:
        return create.create(work, Receipt, inputs.read(Receipt, given)).id

    desk.do(desk.somebody(FINANCE.key), command, hour=10)


def _receipt(desk: Desk, row: Any) -> None:
    cashier, random = desk.somebody(FINANCE.key), desk.chance("receipt", row.id)
    if row.state == "draft":
        # Whoever enters money does not confirm it.
        checker = desk.another(cashier, FINANCE.key)
        if (desk.left or row.id % 2) and desk.go(checker, Receipt, row.id, "confirm", hour=11):
            desk.do(cashier, lambda work: _allocate(desk, work, row.id), hour=11.5)
        return
    if row.method in BILLS and row.matures_on and row.matures_on <= desk.today:
        bad = row.method == "commercial_bill" and random.random() < 0.4
        desk.go(cashier, Receipt, row.id, "dishonour" if bad else "honour", reason="出票人账户余额不足" if bad else "")
    elif row.settled < row.gross and desk.place % 3 == row.id % 3 and (row.id, "refunded") not in desk.since:
        desk.do(cashier, lambda work: _allocate(desk, work, row.id), hour=11.5)
        if row.purpose == "advance" and row.settled == 0 and random.random() < 0.05:
            _refund(desk, row, cashier)


def _allocate(desk: Desk, work: Work, key: int) -> None:
    """Against what is due first; what is left meets milestones that are due, else it stays as an advance."""
    receipt = load(work, Receipt, key)
    uses = allocation.propose(work, receipt)
    rest = allocation.free(receipt) - sum((use.amount for use in uses), Decimal(0))
    planned = flow.claims.open_of(work, receipt.party_id or 0, kinds=("milestone",), currency=receipt.currency)
    taken = bool(uses)
    for row in () if taken else planned:
        part = min(rest, row.amount - row.settled)
        if part > 0 and row.due and row.due <= desk.today:
            uses.append(allocation.Use(part, None, row.id))
            rest -= part
    if uses:
        allocation.allocate(work, key, uses)


def _refund(desk: Desk, receipt: Any, cashier: str) -> None:
    desk.since[receipt.id, "refunded"] = desk.place
    amount = (receipt.gross / 2).quantize(Decimal("1"))
    given = {"party_id": receipt.party_id, "receipt_id": receipt.id, "amount": str(amount), "payee": receipt.party_name}
    desk.do(cashier, lambda work: create.create(work, Refund, inputs.read(Refund, given)).id, hour=15)


# Statements ----------------------------------------------------------------------------------------------------------


def _statements(desk: Desk) -> None:
    """On the first working day of a month, the last one is stated to some customers who owe something."""
    clerk, before = desk.somebody(SALES_CLERK.key, FINANCE.key), desk.demo.days[desk.place - 1]
    if before.month != desk.today.month:
        until = desk.today.replace(day=1) - datetime.timedelta(days=1)
        owing = select(Claim.party_id).where(Claim.claim_kind == "receivable").distinct().order_by(Claim.party_id)
        found = desk.look(lambda work: list(work.session.scalars(owing)))
        for party in desk.chance("stated", until.month).sample(found, min(STATED, len(found))):
            given = {"party_id": party, "period_from": until.replace(day=1).isoformat(), "period_to": until.isoformat()}
            desk.do(clerk, lambda w, g=given: create.create(w, Statement, inputs.read(Statement, g)).id, hour=9)  # type: ignore[misc]  # the default binds the loop's value
    for row in desk.ready(Statement, STATEMENTS):
        fate = desk.chance("statement", row.id).random()
        if row.state == "draft":
            desk.go(clerk, Statement, row.id, "send")
        elif row.state == "sent" and fate < 0.15:
            desk.go(clerk, Statement, row.id, "dispute", reason=DIFFERENCE)
        elif row.state == "sent" or fate < 0.1:
            values = {"confirmed_by": "客户财务", "confirmed_on": desk.today.isoformat()}
            desk.go(clerk, Statement, row.id, "confirm", values)
