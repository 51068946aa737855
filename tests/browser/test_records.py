"""Records in a browser: versions side by side, the audit log, comments that call somebody, in every look."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from core.operations import comment as remarks
from core.records.anchors import seal_history
from core.testing.builders import Firm, line
from core.testing.long_history import long_history
from plugins.quotation.documents import Quotation
from tests.browser.visitor import Desk, Person

LOOKS = (("zh_Hans_CN", 1440, "light"), ("en", 1440, "dark"), ("zh_Hans_CN", 390, "dark"), ("en", 390, "light"))
OFFERS = "/quotation/quotations"
# Where pictures of these pages go, for whoever wants to look at them.
PICTURES = os.environ.get("ZHANGGUI_PICTURES", "")


def offered(firm: Firm) -> Quotation:
    """A quotation in its second version, with comments on it and a past of some length."""
    items = [firm.item(price) for price in ("100", "200", "300")]
    made = firm.create(
        Quotation,
        party_id=firm.party().id,
        subject="海天广场外立面泛光照明工程第一期",
        warranty="一年",
        lines=[line(item, "2") for item in items],
    )
    firm.move(made, "submit")
    made = firm.move(made, "revise")
    kept: list[dict[str, Any]] = [{"id": made.lines[0].id, "quantity": "5"}, {"id": made.lines[2].id}]
    rows = [*kept, line(firm.item("500"), "1")]
    made = firm.edit(made, subject="海天广场外立面泛光照明工程第二期", warranty="两年", lines=rows)
    long_history(firm, made, 120)
    firm.run(
        "rep", lambda w: remarks.comment(w, Quotation, made.id, "@张伟 客户要求账期改为 60 天，请看一下。\n谢谢！")
    )
    key = firm.run("rep", lambda w: remarks.comment(w, Quotation, made.id, "写错了"))
    firm.run("rep", lambda w: remarks.take_back(w, Quotation, made.id, key))
    firm.as_program(seal_history)
    return made


def shot(person: Person, name: str) -> None:
    """Keep a picture, when somebody asks for them."""
    if PICTURES:
        person.page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_no_page_of_records_is_closed_to_anybody(desk: Desk, firm: Firm, language: str, width: int, theme: str) -> None:
    """Nothing that a screen reader, a narrow window or the content policy would trip over."""
    made = offered(firm)
    look = f"{language[:2]}-{width}"
    boss = desk.seat("boss", language=language, width=width, theme=theme)
    pages = {
        "compare": f"{OFFERS}/{made.id}/compare?left=1&right=2",
        "compare-only": f"{OFFERS}/{made.id}/compare?left=1&right=2&only=1",
        "older": f"{OFFERS}/{made.id}/history?before=50",
        "audit": "/administration/audit/",
        "history": "/administration/history/",
    }
    found = {}
    for name, path in pages.items():
        found[name] = (boss.open(path), boss.faults())
        shot(boss, f"{name}-{look}")
    manager = desk.seat("manager", language=language, width=width, theme=theme)
    found["box"] = (manager.open("/approvals/mentions"), manager.faults())
    shot(manager, f"mentions-{look}")
    rep = desk.seat("rep", language=language, width=width, theme=theme)
    found["timeline"] = (rep.open(f"{OFFERS}/{made.id}/#history"), rep.faults())
    rep.page.locator(".own-comment summary").first.click()
    found["own"] = (200, rep.faults())
    shot(rep, f"timeline-{look}")
    assert {name: said for name, said in found.items() if said != (200, [])} == {}


def test_people_are_offered_behind_an_at_sign_and_called_by_keyboard(desk: Desk, firm: Firm) -> None:
    """Typed, chosen by the arrows, sent; who was called finds it in the box, and his page leads there."""
    made = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item("100"), "2")])
    rep = desk.seat("rep", language="en")
    rep.open(f"{OFFERS}/{made.id}/#history")
    area = rep.page.locator("textarea[data-people]")
    area.press_sequentially("Please look, @Zhang")
    rep.page.locator('[role=option][aria-selected="true"]').wait_for()
    assert rep.faults() == []
    area.press("Enter")
    assert area.input_value() == "Please look, @Zhang Wei "
    rep.page.get_by_role("button", name="Add the comment").click()
    rep.page.locator(".quote", has_text="Please look, @Zhang Wei").wait_for()
    manager = desk.seat("manager", language="en")
    manager.open("/approvals/mentions")
    manager.page.locator(".row-link", has_text="Please look").click()
    manager.page.locator(".quote", has_text="Please look, @Zhang Wei").wait_for()
    assert firm.read("manager", remarks.count_unread) == 1
    manager.open("/approvals/mentions")
    manager.page.locator("[name=id]").check()
    manager.page.get_by_role("button", name="The chosen ones were read").click()
    manager.page.locator(".tag", has_text="Has been read").wait_for()
    assert firm.read("manager", remarks.count_unread) == 0
