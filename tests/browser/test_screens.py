"""Every kind of screen, in both languages, at a desk and on a phone, light and dark."""

from __future__ import annotations

import pytest

from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation
from tests.browser.visitor import Desk, text

LOOKS = [
    ("zh_Hans_CN", 1440, "light"), ("en", 1440, "dark"), ("zh_Hans_CN", 390, "dark"), ("en", 390, "light"),
]  # fmt: skip


@pytest.mark.parametrize(("language", "width", "theme"), LOOKS)
def test_no_screen_is_closed_to_anybody(desk: Desk, firm: Firm, language: str, width: int, theme: str) -> None:
    """Nothing that a screen reader, a narrow window or the content policy would trip over."""
    party = firm.party(contacts=[{"name": "孙工", "is_primary": True}])
    offer = firm.create(Quotation, lines=[line(firm.item("186"), "3")], party_id=party.id)
    offers, parties = "/quotation/quotations", "/core/parties"
    paths = [
        "/", "/approvals/", "/search/?q=P001", "/my-account/", f"{offers}/", f"{offers}/new/", f"{offers}/{offer.id}/",
        f"{offers}/{offer.id}/edit", f"{offers}/{offer.id}/compare?left=1&right=1", f"{offers}/?state=expired",
        f"{parties}/", f"{parties}/new/", f"{parties}/{party.id}/", f"{parties}/{party.id}/edit", "/core/items/",
        *(f"/quotation/reports/success/{asked}" for asked in ("", "?date_from=none", "?owner_id=1")),
    ]  # fmt: skip
    person = desk.seat("manager", language=language, width=width, theme=theme)
    found = {path: (person.open(path), person.faults()) for path in paths}
    assert {path: said for path, said in found.items() if said != (422 if "none" in path else 200, [])} == {}


def test_a_page_that_is_not_there_says_so_in_the_shell(desk: Desk) -> None:
    person = desk.seat("rep")
    assert person.open("/quotation/quotations/999/") == 404
    assert "这里没有内容" in text(person.page.locator("main"))
    assert person.page.locator("#menu a").count() > 3


def test_the_menu_opens_on_a_phone(desk: Desk) -> None:
    person = desk.seat("rep", width=390)
    assert not person.page.locator("#menu a").first.is_visible()
    person.page.locator("[aria-controls=menu]").click()
    person.page.locator('#menu a:has-text("客户")').first.wait_for(state="visible")
    person.page.locator('#menu a:has-text("报价单")').first.click()
    person.page.wait_for_url("**/quotation/**")


def test_ctrl_k_finds_a_customer_by_the_initials_of_his_pinyin(desk: Desk, firm: Firm) -> None:
    party = firm.party(name="洛阳轴研科技股份有限公司")
    person = desk.seat("rep")
    person.keys("Control+k")
    person.page.keyboard.type("lyzy")
    person.page.locator("#search-hits .hit").first.wait_for()
    person.keys("Enter")
    person.page.wait_for_url(f"**/core/parties/{party.id}/")


def test_a_list_follows_the_typing_without_a_new_page(desk: Desk, firm: Firm) -> None:
    firm.party(name="洛阳轴研科技股份有限公司")
    firm.party(name="长沙三湘泵业有限公司")
    person = desk.seat("rep")
    person.open("/core/parties/")
    person.page.evaluate("window.stayed = true")
    person.page.locator(".find input[name=search]").press_sequentially("三湘")
    person.page.wait_for_url("**search=**")
    person.page.locator("#rows tbody tr").first.wait_for()
    assert text(person.page.locator("#rows tbody")).count("有限公司") == 1
    assert person.page.evaluate("window.stayed") is True
