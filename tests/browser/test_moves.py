"""Moving a document: what is open, what is closed and why, who must agree, what one is asked before."""

from __future__ import annotations

from core.approvals.models import ApprovalPolicy
from core.operations import masters
from core.schemas import inputs
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation
from tests.browser.visitor import Desk, text


def agreed_by_the_manager(firm: Firm) -> None:
    """From now on the sales manager agrees to every quotation."""
    roles = firm.read("admin", lambda w: {r.key: r.id for r in w.company.roles.values()})
    step = {"name": "经理", "role_id": roles["sales_manager"]}
    policy = {"name": "报价", "document_kind": "quotation.quotation", "transition": "submit", "steps": [step]}
    firm.run("admin", lambda w: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, policy)))


def test_a_closed_move_says_why(desk: Desk, firm: Firm) -> None:
    empty = firm.create(Quotation, party_id=firm.party().id)
    person = desk.seat("rep")
    person.open(f"/quotation/quotations/{empty.id}/")
    closed = person.page.locator(".moves button[aria-disabled=true]").first
    why = person.page.locator(f"#{closed.get_attribute('aria-describedby')}")
    assert "暂不可用，因为" in text(why)
    # Whoever points reads it too, and whoever has only a finger is told when he touches it.
    assert (closed.get_attribute("title") or "-") in text(why)
    closed.click(force=True)
    assert closed.get_attribute("title") == text(person.page.locator("#toasts .note").last)
    assert person.faults() == []


def test_a_quotation_is_submitted_and_agreed_to(desk: Desk, firm: Firm) -> None:
    """Before one submits one reads who must agree; the manager finds it in his box; with his consent it is numbered."""
    agreed_by_the_manager(firm)
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=firm.party().id)
    path = f"/quotation/quotations/{offer.id}/"
    rep = desk.seat("rep")
    rep.open(path)
    rep.page.locator("[data-dialog=move-submit]").click()
    assert "销售部经理" in text(rep.page.locator("#move-submit")) or "销售经理" in text(
        rep.page.locator("#move-submit")
    )
    assert rep.faults() == []
    rep.page.locator("#move-submit button.btn-primary").click()
    rep.page.wait_for_load_state("networkidle")
    assert "审批中" in text(rep.page.locator("h1"))
    manager = desk.seat("manager")
    assert text(manager.page.locator(".box strong").first) == "1"
    manager.open("/approvals/")
    manager.page.locator(".row-link").first.click()
    manager.page.fill("#opinion-approval", "注意交期")
    manager.page.locator("button[name=act][value=agree]").click()
    manager.page.wait_for_load_state("networkidle")
    assert "BJ-" in text(manager.page.locator("h1"))
    manager.page.locator("#tab-history").click()
    assert "注意交期" in text(manager.page.locator("#panel-history"))


def test_a_cancellation_asks_for_its_reason(desk: Desk, firm: Firm) -> None:
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=firm.party().id)
    person = desk.seat("rep")
    person.open(f"/quotation/quotations/{offer.id}/")
    person.page.locator("[data-dialog=move-cancel]").click()
    person.page.fill("#reason-cancel", "客户取消项目")
    person.page.locator("#move-cancel form button.btn-danger").click()
    person.page.wait_for_load_state("networkidle")
    assert "off" in (person.page.locator(".step[aria-current], .step.off").first.get_attribute("class") or "")
    person.page.locator("#tab-history").click()
    assert "客户取消项目" in text(person.page.locator("#panel-history"))
