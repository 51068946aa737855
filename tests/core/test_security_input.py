"""Crafted requests at the screens: refused in words or not there, never a failure of ours, and nothing is learnt."""

from __future__ import annotations

from typing import Any

import pytest

from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.web.exports import harmless
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_screens import OFFERS, Seller, offer

SECRET = "秘密客户有限公司"


@pytest.fixture
def seller(firm: Firm) -> Seller:
    """A sales representative who has signed in."""
    return Seller(site_of(firm), firm, "rep")


def test_a_colleagues_customer_has_no_name_for_whoever_guesses_the_id(seller: Seller, firm: Firm) -> None:
    """Neither in a new form, nor as a filter of a list, nor in a preview; the customer's owner sees it in all."""
    theirs = firm.party("rep2", name=SECRET).id
    owner = Seller(seller.client.application, firm, "rep2")
    for path in (f"{OFFERS}/new/", f"{OFFERS}/"):
        assert SECRET not in seller.get(path, party_id=theirs).text
        assert SECRET in owner.get(path, party_id=theirs).text
    assert SECRET not in seller.save(f"{OFFERS}/preview", {"party_id": theirs, "lines": []}).text


def test_a_colleagues_document_under_way_is_not_told_by_taking_it_back(seller: Seller, firm: Firm) -> None:
    """A document out of reach answers like one that is not there."""
    theirs = firm.create(Quotation, "rep2", lines=[line(firm.item("1"), "1")], party_id=firm.party("rep2").id)
    for key in (theirs.id, theirs.id + 1000):
        assert seller.post(f"{OFFERS}/{key}/consents/0", act="withdraw").status_code == 404


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_a_number_that_is_none_is_no_failure(seller: Seller, firm: Firm, number: str) -> None:
    made = offer(firm)
    assert seller.get(f"{OFFERS}/new/", party_id=number).status_code == 200
    assert seller.get(f"{OFFERS}/{made.id}/compare", left=number, right="1").status_code == 404
    assert seller.post(f"{OFFERS}/{made.id}/discard", version=number).status_code == 303


@pytest.mark.parametrize("body", ["[" * 100_000, '{"lines":' * 20 + "1" + "}" * 20, "{"])
def test_a_body_nested_without_end_is_refused(seller: Seller, firm: Firm, body: str) -> None:
    head = {"X-CSRFToken": seller.token(), "Accept": "application/json"}
    for path in (f"{OFFERS}/preview", f"{OFFERS}/save", "/core/parties/save"):
        at = f"/c/{firm.code}{path}"
        answer = seller.client.post(at, data=body, content_type="application/json", headers=head)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


@pytest.mark.parametrize("lines", [5, {"a": 1}, True])
def test_lines_that_are_no_list_are_none(seller: Seller, lines: Any) -> None:
    answer = seller.save(f"{OFFERS}/preview", {"lines": lines})
    assert (answer.status_code, answer.get_json()["lines"]) == (200, [])


def test_characters_that_no_database_keeps_are_refused_everywhere(seller: Seller, firm: Firm) -> None:
    """In an address as in a form, on both engines alike."""
    admin = Visitor(seller.client.application, firm, "admin")
    made = offer(firm)
    assert admin.get("/administration/history/", kind="a\0").status_code == 400
    assert admin.post("/administration/people/employ", known_login="a\0").status_code == 400
    assert seller.post("/my-account/tokens", token_name="a\0").status_code == 400
    assert seller.post(f"{OFFERS}/{made.id}/comments", text="a\0b").status_code == 400
    assert seller.post(f"{OFFERS}/{made.id}/comments", text="两行\r\n\t字").status_code == 303


def test_an_id_beyond_all_ids_is_not_there(seller: Seller, firm: Firm) -> None:
    admin = Visitor(seller.client.application, firm, "admin")
    huge = 10**25
    for path in (f"/my-account/sessions/{huge}", f"/my-account/tokens/{huge}"):
        assert seller.post(path).status_code == 404
    assert admin.post(f"/administration/people/{huge}/password", password="tall maples 4").status_code == 404
    assert admin.post(f"/administration/jobs/{huge}").status_code == 404


@pytest.mark.parametrize("asked", [{"sort": "cost_total"}, {"state": "x"}, {"date_from": "x"}])
def test_an_export_of_what_cannot_be_asked_is_refused_before_it_begins(firm: Firm, asked: dict[str, str]) -> None:
    manager = Visitor(site_of(firm), firm, "manager")
    for kind in ("csv", "xlsx"):
        assert manager.get(f"{OFFERS}/export/{kind}", **asked).status_code == 422


def test_every_answer_to_one_person_is_kept_from_others(seller: Seller) -> None:
    """Pages and plain answers alike depend on the cookie and are stored by nobody."""
    for path in ("/", "/lookup/core.item", "/core/parties/999999/"):
        answer = seller.get(path)
        assert (answer.headers["Cache-Control"], "Cookie" in answer.vary) == ("no-store", True)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a"])
def test_no_cell_begins_like_a_formula_in_any_width(text: str) -> None:
    """Chinese spreadsheets read the wide signs as the narrow ones."""
    assert harmless(text) == f"'{text}"
