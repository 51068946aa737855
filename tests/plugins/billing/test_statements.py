"""A statement tells what moved in a period; confirmed, it locks the customer's money until its last day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.db.engine import open_engine
from core.db.migrate import downgrade, upgrade
from core.errors import Refused
from core.operations import move as moves
from core.operations.flow.claims import Use
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.work import Ask
from plugins.billing.documents import Receipt, Refund, Statement, accounts
from plugins.billing.services import allocation, statements
from tests.plugins.billing.money import again, allocate, claims, confirmed, exactly, invoice, issued, on, receipt
from tests.plugins.billing.test_credit_notes import red, sold

OCTOBER = {"period_from": "2026-10-01", "period_to": "2026-10-31"}


def moved(firm: Firm) -> int:
    """A customer with something in September, and everything in October."""
    party = firm.party().id
    on(firm, date(2026, 9, 20), lambda: issued(firm, "500", party_id=party))

    def october() -> None:
        blue = sold(firm, "10", "100", party_id=party)
        firm.move(red(firm, blue, "02", "2"), "issue", "finance")
        payment = confirmed(firm, "700", party_id=party)
        refund = firm.create(Refund, "finance", party_id=party, receipt_id=payment.id, amount="50")
        firm.move(refund, "pay", "finance")

    on(firm, date(2026, 10, 15), october)
    on(firm, date(2026, 11, 2), lambda: issued(firm, "9", party_id=party))
    return party


def stated(firm: Firm, party: int, **values: Any) -> Statement:
    """A statement of October."""
    return firm.create(Statement, "finance", party_id=party, **(OCTOBER | values))


def sent(firm: Firm, party: int, **values: Any) -> Statement:
    """A statement of October that the customer has."""
    return firm.move(stated(firm, party, **values), "send", "finance", confirmed=["billing.period_gap"])


def test_the_closing_balance_is_the_opening_one_and_everything_that_moved(firm: Firm) -> None:
    party = moved(firm)
    done = sent(firm, party, adjustment="-0.50", adjusted_why="抹零")
    assert (done.opening, done.charged, done.corrected, done.paid) == exactly(500, 1000, -200, 650)
    assert done.closing == Decimal("649.50")
    rows = firm.read("finance", lambda w: statements.rows_of(w, again(firm, done)))
    assert [row.amount for row in rows] == [1000, -200, -700, 50]


def test_no_statement_is_sent_for_days_to_come_nor_adjusted_without_a_word(firm: Firm) -> None:
    party = firm.party().id
    draft = stated(firm, party, period_to="2099-12-31", adjustment="1")
    with pytest.raises(Refused) as refused:
        firm.move(draft, "send", "finance")
    assert [o.code for o in refused.value.objections] == ["billing.period_open", "billing.adjustment"]


def test_a_confirmed_statement_locks_the_money_of_its_period(firm: Firm) -> None:
    """Reconciled at the end of a period; what the customer has confirmed stays as it is."""
    party = moved(firm)
    firm.move(sent(firm, party), "confirm", "finance", values={"confirmed_by": "王会计"})

    def october() -> list[str]:
        late = [
            (invoice(firm, "77", party_id=party), "issue"),
            (receipt(firm, "77", party_id=party), "confirm"),
        ]
        codes = []
        for document, move in late:
            with pytest.raises(Refused) as refused:
                firm.move(document, move, "finance")
            codes += [o.code for o in refused.value.objections]
        return codes

    assert on(firm, date(2026, 10, 31), october) == ["billing.period_locked"] * 2
    assert on(firm, date(2026, 11, 1), lambda: issued(firm, "77", party_id=party)).state == "issued"
    other = on(firm, date(2026, 10, 31), lambda: issued(firm, "77"))
    assert other.state == "issued"


def test_what_was_posted_after_it_was_sent_keeps_it_from_being_confirmed(firm: Firm) -> None:
    party = moved(firm)
    statement = sent(firm, party)
    on(firm, date(2026, 10, 20), lambda: issued(firm, "77", party_id=party))
    with pytest.raises(Refused) as refused:
        firm.move(statement, "confirm", "finance", values={"confirmed_by": "王会计"})
    assert [o.code for o in refused.value.objections] == ["billing.statement_changed"]
    firm.move(statement, "revise", "finance", reason="补一张发票")
    assert firm.move(statement, "send", "finance").closing == Decimal(727)


def test_a_customer_who_disagrees_says_why_and_gets_another(firm: Firm) -> None:
    party = moved(firm)
    statement = firm.move(sent(firm, party), "dispute", "finance", reason="差 50 元，退款未入账")
    assert (statement.state, statement.difference) == ("disputed", "差 50 元，退款未入账")
    again_sent = firm.move(firm.move(statement, "revise", "finance", reason="重新核对"), "send", "finance")
    assert (again_sent.state, again_sent.revision) == ("sent", 2)


def test_a_period_is_confirmed_once(firm: Firm) -> None:
    party = moved(firm)
    firm.move(sent(firm, party), "confirm", "finance", values={"confirmed_by": "王会计"})
    twin = stated(firm, party)
    with pytest.raises(Refused) as refused:
        firm.move(twin, "send", "finance")
    assert [o.code for o in refused.value.objections] == ["billing.period_known"]


def test_a_dishonoured_bill_comes_back_on_its_own_day(firm: Firm) -> None:
    party = firm.party().id

    def october() -> Receipt:
        return confirmed(firm, "300", party_id=party)

    payment = on(firm, date(2026, 10, 15), october)
    on(firm, date(2026, 11, 3), lambda: firm.move(payment, "dishonour", "finance", reason="空头支票"))
    days = [date(2026, 10, 14), date(2026, 10, 15), date(2026, 11, 2), date(2026, 11, 3)]
    found = firm.read("finance", lambda w: [accounts.balance(w, party, "CNY", day) for day in days])
    assert found == [0, -300, -300, 0]


def test_what_was_received_is_turned_on_statements_that_were_sent_before(firm: Firm, database: Database) -> None:
    """The script that made it a positive figure, both ways, past the locks of documents and companies."""
    statement = sent(firm, moved(firm))
    packages = firm.program.registry.packages
    owner = open_engine(database.owner_url)
    downgrade(owner, packages, "billing", "billing_0001")
    assert again(firm, statement).paid == -650
    assert upgrade(owner, packages, app_role=None) == ["billing"]
    owner.dispose()
    assert again(firm, statement).paid == 650


def test_what_is_overdue_on_a_statement_is_what_was_at_the_end_of_its_period(firm: Firm) -> None:
    """Not what is on the day it is sent: later payments, and money that failed later, are of later periods."""
    party = firm.party().id
    due = {"party_id": party, "due_on": "2026-09-20"}
    one = on(firm, date(2026, 9, 1), lambda: issued(firm, "100", **due))
    payment = on(firm, date(2026, 11, 5), lambda: confirmed(firm, "150", party_id=party))
    met = datetime(2026, 11, 5, 4, tzinfo=UTC)
    firm.program.works.run(
        Ask(firm.id, firm.people["finance"], today=met.date(), now=met),
        lambda w: allocation.allocate(w, payment.id, [Use(Decimal(100), claims(firm, one)[0].id)]),
    )
    done = on(firm, date(2026, 11, 6), lambda: sent(firm, party))
    assert (done.closing, done.overdue) == exactly(100, 100)
    failed = datetime(2026, 12, 2, 4, tzinfo=UTC)
    firm.program.works.run(
        Ask(firm.id, firm.people["finance"], today=failed.date(), now=failed),
        lambda w: moves.move(w, Receipt, payment.id, "dishonour", reason="退票"),
    )
    november = {"period_from": "2026-11-01", "period_to": "2026-11-30"}
    late = on(firm, date(2026, 12, 3), lambda: sent(firm, party, **november))
    assert (late.closing, late.overdue) == exactly(-50, 0)
    december = {"period_from": "2026-12-01", "period_to": "2026-12-31"}
    last = on(firm, date(2027, 1, 4), lambda: sent(firm, party, **december))
    assert (last.closing, last.overdue) == exactly(100, 100)


def test_who_has_paid_by_the_end_of_the_period_is_not_overdue_in_it(firm: Firm) -> None:
    party = firm.party().id
    due = {"party_id": party, "due_on": "2026-10-05"}
    one = on(firm, date(2026, 9, 1), lambda: issued(firm, "100", **due))
    payment = on(firm, date(2026, 10, 31), lambda: confirmed(firm, "70", party_id=party))
    allocate(firm, payment, (one, "70"))
    assert (sent(firm, party).closing, sent(firm, party).overdue) == exactly(30, 30)


def test_what_was_confirmed_until_a_day_is_not_undone_on_that_day(firm: Firm) -> None:
    """A cheque that bounces is owed again from the day after on; what the customer agreed to stays as it was."""
    firm.today = date(2026, 10, 31)
    party = firm.party().id
    issued(firm, "100", party_id=party)
    cheque = confirmed(firm, "100", party_id=party, method="cheque")
    firm.move(cheque, "settle", "finance")
    agreed = firm.move(sent(firm, party), "confirm", "finance", values={"confirmed_by": "王会计"})
    with pytest.raises(Refused) as refused:
        firm.move(cheque, "dishonour", "finance", reason="空头")
    assert [o.code for o in refused.value.objections] == ["billing.period_locked"]
    firm.today = date(2026, 11, 1)
    firm.move(cheque, "dishonour", "finance", reason="空头")
    balances = [
        firm.read("finance", lambda w, d=day: accounts.balance(w, party, "CNY", d))  # type: ignore[misc]
        for day in (date(2026, 10, 31), date(2026, 11, 1))
    ]
    assert [agreed.closing, *balances] == list(exactly(0, 0, 100))


@pytest.mark.parametrize("what", ["invoice", "red letter", "receipt", "refund"])
def test_nothing_is_posted_for_days_to_come(firm: Firm, what: str) -> None:
    """Else what is open by now and what the account says by today would not be the same."""
    firm.today = date(2026, 10, 15)
    party = firm.party().id
    blue, paid = issued(firm, "100", party_id=party), confirmed(firm, "90", party_id=party)
    drafts: dict[str, Any] = {
        "invoice": lambda: invoice(firm, "50", party_id=party),
        "red letter": lambda: red(firm, blue, "02", "1"),
        "receipt": lambda: receipt(firm, "60", party_id=party),
        "refund": lambda: firm.create(Refund, "finance", party_id=party, receipt_id=paid.id, amount="50"),
    }
    name = {"receipt": "confirm", "refund": "pay"}.get(what, "issue")
    draft = firm.edit(drafts[what](), "finance", date="2026-10-16")
    with pytest.raises(Refused) as refused:
        firm.move(draft, name, "finance")
    assert [o.code for o in refused.value.objections] == ["billing.future"]
    firm.today = date(2026, 10, 16)
    assert firm.move(draft, name, "finance").number
