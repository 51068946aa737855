"""Invoices are asked for or issued at once, registered with their number, owed from then on, and never edited."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.entities.party import Party
from core.errors import Conflict, Forbidden, Refused
from core.operations import flow, masters
from core.operations.verifying import verify_chain
from core.testing.builders import Firm, line
from plugins.billing.documents import CreditNote, Invoice, Request
from plugins.billing.services import allocation, drafts
from plugins.quotation.documents import Quotation
from tests.plugins.billing.money import (
    again,
    allocate,
    claims,
    confirmed,
    exactly,
    invoice,
    issued,
    number,
    on,
    owed,
    shop,
)

__all__ = ["shop"]


def agreed(firm: Firm, *lines: dict[str, Any], **values: Any) -> Quotation:
    """A quotation that the customer has accepted: with no other area in use, the chain begins here."""
    party = values.pop("party_id", None) or firm.party().id
    quotation = firm.create(Quotation, party_id=party, lines=list(lines) or [line(firm.item("100"), "10")], **values)
    for name in ("submit", "send", "accept"):
        quotation = firm.move(quotation, name)
    return quotation


def waiting(firm: Firm, cls: Any) -> list[Decimal]:
    """What waits for a type, in quantities."""
    return firm.read("finance", lambda w: [row.left for row in flow.waiting(w, cls)])


def test_a_company_without_requests_invoices_at_once(shop: Firm) -> None:
    quotation = agreed(shop)
    assert owed(shop, quotation.party_id or 0) == {"quotation.quotation.shipped": Decimal(1000)}
    assert waiting(shop, Invoice) == [Decimal(10)]
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    assert draft.gross == 1000
    assert waiting(shop, Invoice) == []


def test_a_request_is_agreed_to_and_becomes_the_invoice(shop: Firm) -> None:
    """Sales ask, the company agrees, finance issues; the request follows the invoice to its end."""
    shop.settings(billing__requests=True)
    quotation = agreed(shop)
    assert waiting(shop, Invoice) == []
    request = shop.run("rep", lambda w: flow.take_from(w, Request, quotation, tax_number="91370200MA3TEST00X"))
    done = shop.move(request, "submit")
    assert (done.state, done.number is not None) == ("agreed", True)
    (draft,) = shop.read("finance", lambda w: w.session.query(Invoice).all())
    assert draft.gross == 1000
    assert (draft.buyer, draft.tax_number) == (request.buyer, "91370200MA3TEST00X")
    shop.edit(draft, "finance", invoice_number=number(shop))
    shop.move(draft, "issue", "finance")
    assert again(shop, request).state == "invoiced"


def test_an_untouched_draft_goes_when_the_request_is_taken_back(shop: Firm) -> None:
    shop.settings(billing__requests=True)
    quotation = agreed(shop)
    request = shop.run("rep", lambda w: flow.take_from(w, Request, quotation, tax_number="91370200MA3TEST00X"))
    shop.move(request, "submit")
    assert shop.move(request, "reopen", reason="抬头有误").state == "draft"
    assert shop.read("finance", lambda w: w.session.query(Invoice).all()) == []
    shop.move(request, "cancel", reason="客户暂不开票")
    assert waiting(shop, Request) == [Decimal(10)]


def test_drafts_are_begun_at_once_where_the_company_wants_it(shop: Firm) -> None:
    shop.settings(billing__drafts=True)
    quotation = agreed(shop)
    (draft,) = shop.read("finance", lambda w: w.session.query(Invoice).all())
    assert (draft.gross, draft.party_id) == (quotation.gross, quotation.party_id)


def test_several_orders_come_together_in_one_invoice(shop: Firm) -> None:
    party = shop.party().id
    for _ in range(2):
        agreed(shop, party_id=party)
    rows = shop.read("finance", lambda w: flow.waiting(w, Invoice, party_id=party))
    draft = shop.run("finance", lambda w: flow.take(w, Invoice, [(row.line_id, Decimal(4)) for row in rows]))
    assert len(draft.lines) == 2
    assert draft.gross == 800
    assert waiting(shop, Invoice) == [Decimal(6), Decimal(6)]


def test_no_more_is_invoiced_than_was_agreed(shop: Firm) -> None:
    quotation = agreed(shop)
    with pytest.raises(Conflict):
        shop.run("finance", lambda w: flow.take(w, Invoice, [(quotation.lines[0].id, Decimal("10.000001"))]))


def test_a_cancelled_draft_gives_back_what_it_had_taken(shop: Firm) -> None:
    quotation = agreed(shop)
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.move(draft, "cancel", "finance", reason="客户要求下月开票")
    assert waiting(shop, Invoice) == [Decimal(10)]


# The title and the number -----------------------------------------------------------------------------------------


def test_the_title_is_the_customers_default_and_stays_when_his_file_changes(firm: Firm) -> None:
    titles = [
        {"title": "海蓝一分公司", "tax_number": "913702001111111111", "invoice_kind": "ordinary"},
        {"title": "海蓝总公司", "tax_number": "913702002222222222", "invoice_kind": "special", "is_default": True},
    ]
    party = firm.party(tax_titles=titles)
    draft = firm.create(Invoice, "finance", party_id=party.id, lines=[line(firm.item("100"))])
    assert (draft.buyer, draft.tax_number, draft.invoice_kind) == (
        "海蓝总公司",
        "913702002222222222",
        "digital_special",
    )
    firm.run("rep", lambda w: masters.save(w, Party, {"tax_titles": []}, key=party.id))
    assert again(firm, draft).buyer == "海蓝总公司"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"invoice_number": "123"}, "billing.number"),
        ({"invoice_code": "3700194130"}, "billing.number"),
        ({"invoice_kind": "paper_special"}, "billing.number"),
        ({"invoice_kind": "paper_special", "invoice_code": "3700194130", "invoice_number": "123"}, "billing.number"),
        ({"buyer": ""}, "billing.title"),
        ({"tax_number": ""}, "billing.tax_number"),
    ],
)
def test_an_invoice_is_registered_with_a_whole_title_and_a_number_of_the_right_shape(
    firm: Firm, given: dict[str, Any], code: str
) -> None:
    draft = invoice(firm)
    firm.edit(draft, "finance", **given)
    with pytest.raises(Refused) as refused:
        firm.move(draft, "issue", "finance")
    assert [o.code for o in refused.value.objections] == [code]


def test_paper_has_code_and_number_and_a_plain_receipt_neither(firm: Firm) -> None:
    paper = issued(firm, invoice_kind="paper_special", invoice_code="3700194130", invoice_number="01234567")
    plain = issued(firm, invoice_kind="receipt", invoice_number="", buyer="", tax_number="")
    assert (paper.state, plain.state) == ("issued", "issued")


def test_a_number_is_registered_once_in_a_company(firm: Firm, other_firm: Firm) -> None:
    first = issued(firm)
    twin = invoice(firm)
    with pytest.raises(Conflict):
        firm.edit(twin, "finance", invoice_number=first.invoice_number)
    assert issued(other_firm, invoice_number=first.invoice_number).state == "issued"


def test_only_who_may_registers_an_invoice(firm: Firm) -> None:
    draft = invoice(firm, who="clerk")
    with pytest.raises(Forbidden):
        firm.move(draft, "issue", "boss")
    assert firm.move(draft, "issue", "clerk").state == "issued"


# What is owed -----------------------------------------------------------------------------------------------------


def test_what_is_issued_is_owed_by_the_day_of_the_terms(firm: Firm) -> None:
    firm.settings(billing__term_days=45)
    done = issued(firm, "1234.56")
    (claim,) = claims(firm, done)
    assert (claim.amount, claim.due, claim.claim_kind) == (
        Decimal("1234.56"),
        done.date + timedelta(days=45),
        "receivable",
    )
    assert (again(firm, done).due_on, done.unsettled) == (claim.due, Decimal("1234.56"))
    assert owed(firm, done.party_id or 0) == {"billing.unpaid": Decimal("1234.56")}


def test_an_issued_invoice_is_never_edited(firm: Firm) -> None:
    done = issued(firm)
    with pytest.raises(Conflict):
        firm.edit(done, "finance", remark="改一下")


def test_who_received_and_who_booked_it_are_recorded_with_the_day(firm: Firm) -> None:
    """Handed to the customer's accounts and booked there; date and person are recorded."""
    done = issued(firm)
    today = firm.as_program(lambda w: w.today)
    handed = firm.move(done, "hand_over", "clerk", values={"handed_to": "李会计"})
    assert (handed.handed_to, handed.handed_on) == ("李会计", today)
    booked = firm.move(done, "book", "clerk", values={"booked_by": "李会计", "booked_on": "2026-01-05"})
    assert (booked.booked_by, booked.booked_on, booked.state) == ("李会计", date(2026, 1, 5), "booked")


# Milestones -------------------------------------------------------------------------------------------------------


def planned(firm: Firm, quotation: Quotation, *parts: str, retained: str = "") -> list[int]:
    """Milestones of payment on what was agreed, the last one retained; gives back their ids."""
    values = [flow.claims.ClaimValue(f"第{n}期", Decimal(part), None, "milestone") for n, part in enumerate(parts, 1)]
    if retained:
        day = date(2027, 11, 30)
        values.append(flow.claims.ClaimValue("质保金", Decimal(retained), day, "milestone", retained=True))
    firm.as_program(lambda w: flow.claims.make(w, quotation, values))
    return [row.id for row in claims(firm, quotation)]


def billed(firm: Firm, milestone: int) -> Invoice:
    """The issued invoice over a milestone."""
    draft = firm.run("finance", lambda w: drafts.for_milestone(w, milestone))
    firm.edit(draft, "finance", invoice_number=number(firm), tax_number="91370200MA3TEST00X")
    return firm.move(draft, "issue", "finance")  # type: ignore[return-value]


@pytest.mark.parametrize("lines", [10, 7])
def test_an_invoice_over_a_milestone_comes_to_it_to_the_cent(shop: Firm, lines: int) -> None:
    """Of many lines the cents are not rounded up or down together."""
    quotation = agreed(shop, *(line(shop.item("33.35"), "1") for _n in range(lines)), line(shop.item("19.99"), "3"))
    first = (quotation.gross * Decimal("0.3")).quantize(Decimal("0.01"))
    parts = [first, first + 1, quotation.gross - 2 * first - 1]
    keys = planned(shop, quotation, *(str(part) for part in parts))
    assert [billed(shop, key).gross for key in keys] == parts
    assert again(shop, quotation).uninvoiced == 0
    assert shop.as_program(lambda w: [*verify_chain(w)]) == []


def test_invoices_by_milestones_add_up_to_the_cent(shop: Firm) -> None:
    items = [line(shop.item("33.33"), "7"), line(shop.item("0.07"), "1")]
    quotation = agreed(shop, *items)
    assert quotation.gross == Decimal("233.38")
    milestones = planned(shop, quotation, "70.01", "140.03", "23.34")
    amounts = [billed(shop, key).gross for key in milestones]
    assert sum(amounts) == quotation.gross
    assert amounts == [Decimal("70.01"), Decimal("140.03"), Decimal("23.34")]
    with pytest.raises(Conflict):
        shop.run("finance", lambda w: drafts.for_milestone(w, milestones[0]))


def test_an_advance_on_a_milestone_meets_the_invoice_when_it_comes(shop: Firm) -> None:
    quotation = agreed(shop)
    first, _second = planned(shop, quotation, "300", "700")
    payment = confirmed(shop, "300", party_id=quotation.party_id)
    use = flow.claims.Use(Decimal(300), None, first)
    shop.run("finance", lambda w: allocation.allocate(w, payment.id, [use]))
    assert again(shop, payment).unsettled == 300
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    done = shop.move(draft, "issue", "finance")
    assert again(shop, done).unsettled == 700
    assert (again(shop, payment).unsettled, again(shop, payment).settled) == (0, 300)
    assert owed(shop, quotation.party_id or 0) == {"billing.unpaid": Decimal(700)}


def test_a_receipt_that_meets_an_invoice_meets_the_milestones_of_its_contract(shop: Firm) -> None:
    quotation = agreed(shop)
    planned(shop, quotation, "300", "700")
    draft = shop.run("finance", lambda w: flow.take_from(w, Invoice, quotation))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    done = shop.move(draft, "issue", "finance")
    allocate(shop, confirmed(shop, "450", party_id=quotation.party_id), (done, "450"))
    assert [row.settled for row in claims(shop, quotation)] == [300, 150]
    assert [row.settled for row in claims(shop, done)] == [450]


def test_the_retained_share_is_owed_apart_and_not_before_its_day(shop: Firm) -> None:
    quotation = agreed(shop)
    planned(shop, quotation, "950", retained="50")
    row = quotation.lines[0].id
    draft = shop.run("finance", lambda w: flow.take(w, Invoice, [(row, Decimal(4))]))
    shop.edit(draft, "finance", invoice_number=number(shop), tax_number="91370200MA3TEST00X")
    done = shop.move(draft, "issue", "finance")
    found = [(claim.claim_kind, claim.amount, claim.due) for claim in claims(shop, done)]
    assert found == [
        ("receivable", Decimal(380), again(shop, done).due_on),
        ("retention", Decimal(20), date(2027, 11, 30)),
    ]


def taken(firm: Firm, *wanted: tuple[Quotation, str | None]) -> Invoice:
    """One issued invoice over so many pieces of the first line of each."""
    lines = [(one.lines[0].id, None if quantity is None else Decimal(quantity)) for one, quantity in wanted]
    draft = firm.run("finance", lambda w: flow.take(w, Invoice, lines))
    firm.edit(draft, "finance", invoice_number=number(firm), tax_number="91370200MA3TEST00X")
    return firm.move(draft, "issue", "finance")


def kept(firm: Firm, invoice: Invoice) -> list[Decimal]:
    """What is owed on an invoice: before, and as retained money."""
    return [claim.amount - claim.settled for claim in claims(firm, invoice)]


def test_of_a_merged_invoice_only_the_contracts_that_retain_are_retained(shop: Firm) -> None:
    party = shop.party().id
    first, second, third = (agreed(shop, line(shop.item("100"), "10"), party_id=party) for _ in range(3))
    planned(shop, first, "900", retained="100")
    planned(shop, third, "800", retained="200")
    merged = taken(shop, (first, None), (second, "1"), (third, "5"))
    assert kept(shop, merged) == [1400, 200]
    assert kept(shop, taken(shop, (second, None))) == [900]
    assert kept(shop, taken(shop, (third, None))) == [400, 100]


@pytest.mark.parametrize(
    ("price", "pieces", "retained", "parts"),
    [("33.34", 3, "5.00", ["1.67", "1.66", "1.67"]), ("14.29", 7, "10.00", ["1.43"] * 3 + ["1.42"] + ["1.43"] * 3)],
)
def test_what_is_retained_of_many_invoices_comes_to_what_was_agreed(
    shop: Firm, price: str, pieces: int, retained: str, parts: list[str]
) -> None:
    quotation = agreed(shop, line(shop.item(price), str(pieces)))
    planned(shop, quotation, str(quotation.gross - Decimal(retained)), retained=retained)
    found = [claims(shop, taken(shop, (quotation, "1")))[1].amount for _ in range(pieces)]
    assert found == [Decimal(part) for part in parts]
    assert sum(found) == Decimal(retained)


def test_what_is_taken_back_takes_its_share_of_what_is_retained(shop: Firm) -> None:
    quotation = agreed(shop)
    planned(shop, quotation, "900", retained="100")
    blue = taken(shop, (quotation, None))
    row = blue.lines[0].id

    def back(quantity: str) -> CreditNote:
        letter = shop.run(
            "finance",
            lambda w: drafts.red_letter_by_hand(w, blue.id, reason="02", quantities={row: Decimal(quantity)}),
        )
        shop.edit(letter, "finance", confirmation="01", invoice_number=number(shop))
        return shop.move(letter, "issue", "finance")

    back("5")
    assert kept(shop, blue) == [450, 50]
    allocate(shop, confirmed(shop, "450", party_id=quotation.party_id), (blue, "450"))
    letter = back("5")
    assert kept(shop, blue) == [0, 0]
    assert (again(shop, letter).settled, again(shop, letter).unsettled) == exactly(50, 450)


@pytest.mark.parametrize(
    ("terms", "due"),
    [
        ("票到30天", date(2026, 12, 22)),
        ("月结30天", date(2026, 12, 30)),
        ("次月底", date(2026, 12, 31)),
        ("面议", date(2026, 12, 22)),
    ],
)
def test_the_due_day_follows_the_payment_terms(firm: Firm, terms: str, due: date) -> None:
    done = on(firm, date(2026, 11, 22), lambda: issued(firm, payment_terms=terms))
    assert claims(firm, done)[0].due == due


PASTED = ("2637 0000 0000 0000 1234", "２６３７００００００００００００１２３４", " 26370000-0000-0000-1234\u200b")


@pytest.mark.parametrize("written", PASTED)
def test_a_number_is_registered_as_it_is_whatever_it_was_pasted_from(shop: Firm, written: str) -> None:
    """The register keeps 20 digits; spaces, dashes and wide digits of a mail or a PDF are no part of them."""
    first = shop.move(invoice(shop, invoice_number=written), "issue", "finance")
    assert first.invoice_number == "26370000000000001234"
    with pytest.raises(Conflict):
        invoice(shop, invoice_number="26370000000000001234")


@pytest.mark.parametrize("of", [Invoice, CreditNote])
def test_a_draft_that_is_cancelled_sets_its_number_free(shop: Firm, of: Any) -> None:
    """The tax bureau's number belongs to the invoice that is issued in the end, not to who typed it first."""
    blue = issued(shop)
    taken_by: Any = invoice(shop)
    if of is CreditNote:
        taken_by = shop.run("finance", lambda w: drafts.red_letter_by_hand(w, blue.id, reason="02"))
        taken_by = shop.edit(taken_by, "finance", invoice_number=number(shop))
    wanted = taken_by.invoice_number
    cancelled = shop.move(taken_by, "cancel", "finance", reason="抬头错误")
    assert (cancelled.state, cancelled.invoice_number) == ("cancelled", "")
    again_issued = shop.move(invoice(shop, invoice_number=wanted), "issue", "finance")
    assert again_issued.invoice_number == wanted
    assert shop.as_program(lambda w: list(verify_chain(w))) == []
