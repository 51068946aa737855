"""What stands around a record that one may read: of records that one may not read it says that they are there."""

from __future__ import annotations

from core.operations import edit
from core.testing.builders import Firm
from core.testing.sites import site_of
from plugins.billing.documents import Invoice
from tests.core.administration_visitor import Visitor
from tests.core.test_flow import chosen, left, ordered, shipped, step, taken

__all__ = ["chosen"]
FIGURE = "959.00"


def test_a_documents_chain_and_panels_tell_no_sum_that_its_reader_may_not_read(firm: Firm) -> None:
    """PLT-05: an invoice that somebody else answers for is named with its state on the order's page, without its sum.

    It leads nowhere for the representative; for the manager, who reads all, it does.
    """
    order = ordered(firm, "10", price="137")
    shipped(firm, (order.lines[0].id, None))
    (waits,) = left(firm, Invoice)
    draft = taken(firm, Invoice, [(waits, "7")], owner_id=firm.people["rep2"])
    about = {"invoice_number": "26440000000000000001", "buyer": "买方有限公司", "tax_number": "91350100M000100Y43"}
    invoice = step(firm, firm.as_program(lambda w: edit.edit(w, Invoice, draft.id, about)), "issue")
    assert str(invoice.gross) == FIGURE
    place, at = f"/contract/orders/{order.id}/", f"/billing/invoices/{invoice.id}/"
    rep, manager = (Visitor(site_of(firm), firm, who) for who in ("rep", "manager"))
    assert rep.get(at).status_code == 404
    told, whole = rep.get(place).text, manager.get(place).text
    assert str(invoice.number) in told
    assert (FIGURE in told, at in told) == (False, False)
    assert (FIGURE in whole, at in whole) == (True, True)
