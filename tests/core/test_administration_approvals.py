"""Approval rules and their trial; the history of everything; jobs that failed."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select

from core.outbox import Job
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import employed, policy, step

RULES = "/administration/approval-rules/"
SUBMIT = "quotation.quotation:submit"


@pytest.fixture
def admin(firm: Firm) -> Visitor:
    """The administrator of the firm, at a browser."""
    return Visitor(site_of(firm), firm, "admin")


def role(firm: Firm, key: str) -> str:
    """The id of a role, as the forms send it."""
    roles = firm.read("admin", lambda w: w.company).roles.values()
    return str(next(one.id for one in roles if one.key == key))


def rule(firm: Firm, **changed: str) -> dict[str, str]:
    """A rule: the manager always, the general manager from 100,000 on."""
    steps = {
        "role-0": role(firm, "sales_manager"),
        "amount-0": "",
        "step-0": "",
        "role-1": role(firm, "general_manager"),
        "amount-1": "100,000",
        "step-1": "领导审批",
    }
    return {"name": "大额报价", "move": SUBMIT, "active": "1", **steps, **changed}


def quotation(firm: Firm, quantity: str) -> Quotation:
    """A quotation over so many pieces at 100 each."""
    return firm.create(Quotation, lines=[line(firm.item("100"), quantity)], party_id=firm.party().id)


def test_a_rule_asks_whoever_has_a_right(firm: Firm, admin: Visitor) -> None:
    """PLT-06: chosen by what the right is called, shown again as it was chosen."""
    asked = {"who-0": "permission", "role-0": "", "right-0": "quotation.quotation.read", "mode-0": "one"}
    assert admin.send(f"{RULES}new", **rule(firm, **asked)).status_code == 303
    page = admin.get(RULES).get_data(as_text=True)
    assert "Quotation – " in page
    key = re.findall(rf"{RULES}(\d+)", page)[-1]
    form = admin.get(f"{RULES}{key}").get_data(as_text=True)
    assert '<option value="quotation.quotation.read" selected' in form
    small = quotation(firm, "10")
    firm.move(small, "submit")
    assert firm.agree(small, "clerk").state == "approved"


def test_a_rule_decides_who_agrees_from_which_amount_on(firm: Firm, admin: Visitor) -> None:
    """PLT-07: a major amount goes to the leader after the manager; the threshold is the company's to set."""
    assert admin.send(f"{RULES}new", **rule(firm)).status_code == 303
    small, large = quotation(firm, "10"), quotation(firm, "1000")
    firm.move(small, "submit")
    assert firm.agree(small, "manager").state == "approved"
    firm.move(large, "submit")
    assert firm.agree(large, "manager").approval == "pending"
    assert firm.agree(large, "boss").state == "approved"


def test_a_rule_that_cannot_be_is_refused_with_what_was_typed(firm: Firm, admin: Visitor) -> None:
    for wrong in (
        {"name": ""},
        {"move": "quotation.quotation:cancel"},
        {"move": ""},
        {"amount-1": "much"},
        {"amount-1": "-5"},
        {"amount-1": "0.001"},
        {"amount-1": "1E30"},
        {"role-1": "999999"},
        {"role-0": "", "role-1": ""},
        {"step-1": "长" * 300},
    ):
        refused = admin.send(f"{RULES}new", **rule(firm, **wrong))
        assert refused.status_code == 422, wrong
        assert 'value="领导审批"' in refused.text or "step-1" in wrong
    assert "大额报价" not in admin.get(RULES).text


def test_steps_are_added_moved_and_removed_before_anything_is_saved(firm: Firm, admin: Visitor) -> None:
    admin.send(f"{RULES}new", **rule(firm))
    page = RULES + found(r'approval-rules/(\d+)">大额报价', admin.get(RULES).text)
    added = admin.send(page, rows="add")
    assert (added.status_code, added.text.count('name="role-')) == (200, 3)
    moved = admin.send(page, rows="up-1")
    assert found(r'name="step-0" value="([^"]*)"', moved.text) == "领导审批"
    assert admin.send(page, rows="drop-0").text.count('name="role-') == 1
    assert admin.send(page, rows="drop-99").text.count('name="role-') == 2
    assert found(r'name="step-1" value="([^"]*)"', admin.get(page).text) == "领导审批"
    seen = admin.form(page)
    turned = {**rule(firm), "role-0": role(firm, "general_manager"), "role-1": role(firm, "finance"), "amount-1": ""}
    assert admin.send(page, **turned).status_code == 303
    stale = admin.client.post(f"/c/acme{page}", data={**seen, "name": "别的"})
    assert stale.status_code == 409
    assert "Finance" in admin.get(RULES).text


def test_the_trial_asks_as_whoever_answers_for_the_document(firm: Firm, admin: Visitor) -> None:
    """PLT-06: the superior of who asks is the representative's, not the administrator's, who tries the rule."""
    employed(firm, "rep", "manager")
    policy(firm, step(None, who="superior"))
    tried = quotation(firm, "1")
    assert people(admin.get(RULES, move=SUBMIT, document=str(tried.id)).text) == ["Zhang Wei"]


def test_the_trial_says_who_would_have_to_agree(firm: Firm, admin: Visitor) -> None:
    """Before one submits, one sees who would have to agree."""
    assert "goes its way at once" in admin.get(RULES, move=SUBMIT, amount="5").text
    admin.send(f"{RULES}new", **rule(firm))
    assert people(admin.get(RULES, move=SUBMIT, amount="99999.99").text) == ["Zhang Wei"]
    assert people(admin.get(RULES, move=SUBMIT, amount="100000").text) == ["Zhang Wei", "Chen Zong"]
    large, empty = quotation(firm, "1000"), firm.create(Quotation, lines=[], party_id=firm.party().id)
    assert people(admin.get(RULES, move=SUBMIT, document=str(large.id)).text) == ["Zhang Wei", "Chen Zong"]
    assert "alert-warning" in admin.get(RULES, move=SUBMIT, document=str(empty.id)).text
    assert "There is no such document" in admin.get(RULES, move=SUBMIT, document="BJ-1").text
    assert "This is not an amount." in admin.get(RULES, move=SUBMIT, amount="much").text
    assert firm.read("rep", lambda w: w.session.get(Quotation, large.id).approval) == "none"  # type: ignore[union-attr]


def people(html: str) -> list[str]:
    """The names that the trial shows, in the order of the steps."""
    part = html[html.index("approval-people") :] if "approval-people" in html else ""
    return re.findall(r"</span><span>([^<]+)</span>", part)


def found(pattern: str, html: str) -> str:
    """The first place of ``pattern``."""
    match = re.search(pattern, html)
    assert match, pattern
    return match[1]


def test_the_history_tells_who_did_what_and_goes_on_page_by_page(firm: Firm, admin: Visitor) -> None:
    """PLT-09: every change is in the history, with who, when, what, from and to."""
    where = "/administration/history/"
    for hours in range(1, 61):
        firm.settings(core__session_hours=hours)
    admin.send("/administration/settings/", core__session_hours="99")
    first = admin.get(where)
    assert re.search(r"Admin</span></span><span>chose settings", first.text)
    assert re.search(r"<del>60</del> → <ins>99</ins>", first.text)
    assert first.text.count("<time>") == 50
    last = first
    while "founded the company" not in last.text:
        last = admin.client.get(found(r'rel="next" href="([^"]+)"', last.text).replace("&amp;", "&"))
    assert "founded the company" in last.text
    assert 0 < last.text.count("<time>") <= 50
    assert "<del>60</del>" not in last.text
    mine = admin.get(where, person=str(firm.people["admin"]), kind="core.company")
    assert mine.text.count("<time>") == 1
    today = datetime.now(UTC).date()
    assert "Nothing matches." in admin.get(where, until="2020-01-01").text
    assert admin.get(where, since=str(today)).text.count("<time>") == 50
    for odd in (
        {"since": "soon"},
        {"after": "x"},
        {"after": "2026-01-01_5"},
        {"kind": "no.such"},
        {"person": "9" * 30},
        {"until": "9999-12-31"},
    ):
        assert admin.get(where, **odd).status_code == 200, odd


def test_the_history_shows_no_cost_to_whom_it_is_not_for(firm: Firm, admin: Visitor) -> None:
    item = firm.item("100")
    firm.run("purchaser", lambda w: change_cost(w, item.id))
    boss = Visitor(admin.client.application, firm, "boss")
    assert "77.77" in boss.get("/administration/history/").text
    assert "77.77" not in admin.get("/administration/history/").text


def change_cost(work: Any, key: int) -> None:
    """Note what a product costs."""
    from core.entities.item import Item
    from core.operations.masters import save
    from core.schemas import inputs

    save(work, Item, inputs.read(Item, {"cost": "77.77"}, partial=True), key=key)


def test_a_failed_job_shows_its_error_and_is_tried_again(firm: Firm, other_firm: Firm, admin: Visitor) -> None:
    now = datetime.now(UTC)
    row = {"name": "quotation.expire", "args": {}, "run_at": now, "created_at": now, "attempts": 5, "failed_at": now}
    with firm.program.works.installation() as connection:
        connection.execute(
            insert(Job),
            [
                {**row, "company_id": firm.id, "error": "disk full <b>"},
                {**row, "company_id": other_firm.id, "error": "not yours"},
            ],
        )
        mine, theirs = connection.execute(select(Job.id).where(Job.failed_at.is_not(None)).order_by(Job.id)).scalars()
    page = admin.get("/administration/jobs/").text
    assert "disk full &lt;b&gt;" in page
    assert "not yours" not in page
    assert admin.post(f"/administration/jobs/{theirs}").status_code == 404
    assert admin.post(f"/administration/jobs/{mine}").status_code == 303
    assert admin.post(f"/administration/jobs/{mine}").status_code == 303
    with firm.program.works.installation(reads=True) as connection:
        kept = connection.execute(select(Job.failed_at, Job.attempts).where(Job.id == mine)).one()
    assert tuple(kept) == (None, 0)
    assert "tried a job again" in admin.get("/administration/history/").text
