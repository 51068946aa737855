"""Who asks for an invoice, who agrees, who issues it, and against whose signature it is handed over."""

from __future__ import annotations

from typing import Any

import pytest

from core.documents.reading import load
from core.errors import Forbidden
from core.operations import flow
from core.roles import PURCHASING, SALES_ADMINISTRATOR, SALES_MANAGER
from core.testing.builders import Firm
from plugins.billing.documents import Invoice, Request
from plugins.contract.documents import Contract
from plugins.logistics.documents import Delivery
from tests.core.test_approval_plans import policy, step
from tests.plugins.billing.money import number
from tests.plugins.contract.agreements import USUAL, drafted, released
from tests.plugins.contract.test_gates import made, paid
from tests.plugins.contract.test_reviews import employed
from tests.plugins.production.test_production_orders import employed as with_works

TITLE: dict[str, Any] = {"buyer": "青岛海蓝工程有限公司", "tax_number": "91370200MA3TEST00X"}


def seen(firm: Firm, contract: Contract, who: str) -> dict[str, int]:
    """What the page of a contract tells somebody, and in how many rows."""

    def look(work: Any) -> dict[str, int]:
        panels = work.hooks.document_panels(load(work, Contract, contract.id))
        return {panel.key: len(panel.rows) for panel in panels}

    return firm.read(who, look)


@pytest.mark.parametrize("who", ["rep", "clerk", "office"])
def test_an_invoice_is_asked_for_agreed_to_issued_by_finance_and_received_against_a_signature(
    firm: Firm, who: str
) -> None:
    """BIL-01: representative, clerk or sales administrator asks, looking at contract, completion, shipment and money;
    the manager confirms and purchasing reviews where the company says so; finance issues, and nobody else; whoever
    receives it has signed.
    """
    employed(firm, "office", "商务周", SALES_ADMINISTRATOR)
    with_works(firm).settings(logistics__negative_stock="true", billing__requests="true", billing__drafts="false")
    firm.settings(logistics__drafts="false", contract__before_shipment="off")
    beside = {"document_kind": "billing.request", "transition": "submit"}
    policy(firm, step(SALES_MANAGER), step(PURCHASING), **beside)
    contract = released(firm, drafted(firm, milestones=USUAL))
    paid(firm, contract, 0)
    made(firm, contract)
    row = firm.read("clerk", lambda w: flow.waiting(w, Delivery)[0].line_id)
    slip = firm.run("clerk", lambda w: flow.take(w, Delivery, [(row, None)]))
    for name in ("confirm", "ship"):
        firm.move(slip, name, "clerk")
    shown = seen(firm, contract, who)
    assert [shown[key] for key in ("contract.payments", "production.progress")] == [2, 1]
    if who == "clerk":
        assert shown["logistics.deliveries"] == 1
    ready = firm.read("clerk", lambda w: [row.line_id for row in flow.waiting(w, Request)])
    request = firm.run(who, lambda w: flow.take(w, Request, [(key, None) for key in ready]))
    request = firm.edit(request, who, **TITLE)
    asked = firm.move(request, "submit", who)
    assert (asked.state, asked.approval) == ("draft", "pending")
    assert firm.agree(request, "manager").approval == "pending"
    assert firm.agree(request, "purchaser").state == "agreed"
    (key,) = firm.read("finance", lambda w: [d.id for d in flow.chain(w, request.id)[1] if d.kind == "billing.invoice"])
    draft = firm.edit(firm.as_program(lambda w: load(w, Invoice, key)), "finance", invoice_number=number(firm))
    for other in ("rep", "manager", "purchaser", "office"):
        with pytest.raises(Forbidden):
            firm.move(draft, "issue", other)
    invoice = firm.move(draft, "issue", "finance")
    assert (invoice.gross, invoice.lines[0].quantity) == (contract.gross, contract.lines[0].quantity)
    handed = firm.move(invoice, "hand_over", "rep", values={"handed_to": "王会计"})
    assert (handed.state, handed.handed_to, handed.handed_on is not None) == ("handed", "王会计", True)
