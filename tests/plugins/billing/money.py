"""Words for the tests of billing: a company that quotes and invoices, and what its people do most."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.app import Program
from core.documents.reading import load
from core.operations import flow
from core.reports.choosing import choose
from core.reports.running import Page, page
from core.testing.builders import Firm, line
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Request
from plugins.billing.services import allocation

TITLE = {"buyer": "青岛海蓝工程有限公司", "tax_number": "91370200MA3TEST00X"}


@pytest.fixture
def shop(program: Program) -> Firm:
    """A company that only quotes and invoices: an accepted quotation is what begins the chain."""
    return Firm.founded(program, "shop", "小店有限公司", areas=["quotation", "billing"])


def number(firm: Firm) -> str:
    """A number as the tax bureau gives it."""
    return f"26370000{firm.next('fapiao'):012}"


def invoice(firm: Firm, gross: str = "1000", who: str = "finance", **values: Any) -> Invoice:
    """A draft invoice over one product, that no order went before."""
    given = {"party_id": values.pop("party_id", None) or firm.party().id, "invoice_number": number(firm), **TITLE}
    return firm.create(Invoice, who, lines=[line(firm.item(gross))], **(given | values))


def issued(firm: Firm, gross: str = "1000", **values: Any) -> Invoice:
    """An issued invoice."""
    return firm.move(invoice(firm, gross, **values), "issue", "finance")


def receipt(firm: Firm, amount: str = "1000", **values: Any) -> Receipt:
    """A receipt that nobody has confirmed yet."""
    return firm.create(Receipt, "finance", amount=amount, **values)


def confirmed(firm: Firm, amount: str = "1000", **values: Any) -> Receipt:
    """A confirmed receipt."""
    return firm.move(receipt(firm, amount, **values), "confirm", "finance")


def exactly(*amounts: str | int) -> tuple[Decimal, ...]:
    """Amounts, to compare with."""
    return tuple(Decimal(one) for one in amounts)


def again(firm: Firm, document: Any) -> Any:
    """The document as it stands now."""
    return firm.as_program(lambda w: load(w, type(document), document.id))


def claims(firm: Firm, document: Any) -> list[Any]:
    """What is owed on a document."""
    return firm.read("finance", lambda w: flow.claims.of(w, [document.id]))


def allocate(firm: Firm, payment: Any, *uses: tuple[Any, str], who: str = "finance") -> Any:
    """Set a receipt or a red letter against invoices, by amount."""

    def command(work: Work) -> Any:
        wanted = [allocation.Use(Decimal(amount), flow.claims.of(work, [one.id])[0].id) for one, amount in uses]
        return allocation.allocate(work, payment.id, wanted, cls=type(payment))

    return firm.run(who, command)


def looked(firm: Firm, key: str, who: str = "finance", **given: str) -> Page:
    """A report as somebody sees it."""

    def look(work: Work) -> Page:
        report = work.types.report(key)
        return page(work, report, choose(work, report.filters, given))

    return firm.read(who, look)


def owed(firm: Firm, party_id: int) -> dict[str, Decimal]:
    """The customer's exposure by its parts."""
    return firm.read("finance", lambda w: {one.key: one.amount for one in w.hooks.party_exposure(party_id)})


def on(firm: Firm, day: date, command: Callable[[], Any]) -> Any:
    """What happens on another day."""
    before, firm.today = firm.today, day
    try:
        return command()
    finally:
        firm.today = before


__all__ = [
    "TITLE",
    "CreditNote",
    "Invoice",
    "Receipt",
    "Request",
    "again",
    "allocate",
    "claims",
    "confirmed",
    "exactly",
    "invoice",
    "issued",
    "looked",
    "number",
    "on",
    "owed",
    "receipt",
    "shop",
]
