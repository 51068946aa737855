"""The site over HTTP: who gets in, what stays shut, what is saved once, what a stranger cannot read or write."""

from __future__ import annotations

import json
import re
from datetime import date
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from core.documents.models import Document
from core.documents.reading import load
from core.duties.reading import Due
from core.hooks.values import Ref
from core.operations import company
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.text import Text
from core.web import shell
from core.web.entering import safe
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor, token

OFFERS = "/quotation/quotations"


class Seller(Visitor):
    """Somebody who saves forms as the grid does."""

    def save(self, path: str, body: Any, *, method: str = "POST", **headers: str) -> TestResponse:
        """One JSON request with this browser's token."""
        given = {"X-CSRFToken": self.token(), "Accept": "application/json", **headers}
        return self.client.open(f"/c/{self.code}{path}", method=method, json=body, headers=given)


@pytest.fixture
def seller(firm: Firm) -> Seller:
    """A sales representative who has signed in."""
    return Seller(site_of(firm), firm, "rep")


def offer(firm: Firm, **values: Any) -> Quotation:
    """A quotation over 186.00."""
    return firm.create(Quotation, lines=[line(firm.item("186"), "1")], party_id=firm.party().id, **values)


# Getting in


def test_a_stranger_is_sent_to_the_login_and_back(firm: Firm) -> None:
    client = site_of(firm).test_client()
    answer = client.get(f"/c/{firm.code}{OFFERS}/")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/login?next=%2Fc%2Facme%2Fquotation%2Fquotations%2F")


def test_a_password_opens_and_a_wrong_one_slows_down(firm: Firm) -> None:
    """After five wrong attempts the sixth is not even looked at."""
    client = site_of(firm).test_client()
    kept = token(client.get("/login").text)
    for status in [401] * 6 + [429]:
        answer = client.post("/login", data={"csrf_token": kept, "login": "rep@acme", "password": "wrong"})
        assert answer.status_code == status


def test_nobody_steps_in_without_a_password_outside_of_the_demo(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    site = site_of(firm)
    monkeypatch.setitem(site.config, "ZHANGGUI_DEMO", False)
    client = site.test_client()
    page = client.get("/login").text
    assert 'name="demo"' not in page
    answer = client.post("/login", data={"csrf_token": token(page), "demo": "admin@acme"})
    assert answer.status_code == 404


def test_the_demo_shows_everybody_and_all_areas(firm: Firm) -> None:
    client = site_of(firm).test_client()
    client.set_cookie("zhanggui_language", "en")
    page = client.get("/login").text
    people = firm.read("admin", lambda w: [p.login for p in w.company.people.values()])
    assert sorted(re.findall(r'name="demo" value="([^"]+)"', page)) == sorted(people)
    line = re.findall(r'demo-line">(.*?)</p>', page)[0]
    named = firm.read("admin", lambda w: [str(w.types.plugins[name].label) for name in w.areas])
    assert sorted(line.split(", ")) == sorted(named)
    assert line.index("Quotations") < line.index("Contracts") < line.index("Invoices") < line.index("After-sales")


def test_the_first_page_says_what_is_at_zero_in_one_line_and_counts_every_duty(
    seller: Seller, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(firm)
    person = firm.read("rep", lambda w: w.actor_id)
    late = [Due(f"x:{n}", Text(f"Duty {n}"), Ref("core.party", n, "x"), date(2020, 1, 1), person) for n in range(1, 31)]
    monkeypatch.setattr(shell, "duties", lambda work: late)
    page = seller.get("/").text
    cards, quiet = re.findall(r'stat-label">.*?</svg>(.*?)</span>', page), page[page.index('class="quiet"') :]
    quiet = quiet[: quiet.index("</p>")]
    assert "Quotations in the making" in cards
    assert "Sent, waiting for an answer" not in cards
    assert "Sent, waiting for an answer" in quiet
    assert "Quotations in the making" not in quiet
    assert "Overdue<span>30</span>" in page
    assert all(f"Duty {n}<" in page for n in range(1, 31))


def test_signing_out_ends_the_session_and_not_only_the_cookie(seller: Seller) -> None:
    cookie = seller.client.get_cookie("zhanggui_session")
    assert cookie is not None
    seller.client.post("/logout", data={"csrf_token": seller.token()})
    seller.client.set_cookie("zhanggui_session", cookie.value)
    assert seller.get(f"{OFFERS}/").status_code == 303


@pytest.mark.parametrize(
    "path", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "x"]
)
def test_the_way_back_stays_within_the_site(path: str) -> None:
    assert safe(path) == ""


# What stays shut


def test_a_form_without_its_token_changes_nothing(seller: Seller, firm: Firm) -> None:
    document = offer(firm)
    answer = seller.client.post(f"/c/{firm.code}{OFFERS}/{document.id}/moves/submit")
    assert answer.status_code == 400
    assert firm.read("rep", lambda w: load(w, Quotation, document.id)).state == "draft"


def test_another_companys_documents_are_not_there(seller: Seller, other_firm: Firm) -> None:
    """Neither under their company's address, where one does not work, nor under one's own."""
    document = offer(other_firm)
    assert seller.client.get(f"/c/{other_firm.code}{OFFERS}/{document.id}/").status_code == 404
    for path in ("", "edit", "compare?left=1&right=1"):
        assert seller.get(f"{OFFERS}/{document.id + 10_000}/{path}").status_code == 404
    assert seller.get(f"{OFFERS}/?party_id={document.party_id}").text.count("<tr") <= 1


def test_a_closed_area_has_no_addresses(seller: Seller, firm: Firm) -> None:
    """Its list, forms, exports and searches answer like pages that never were, and the menu forgets it."""
    firm.run("admin", lambda w: company.switch_off(w, "quotation"))
    for path in ("/", "/new/", "/1/", "/1/edit", "/export/csv"):
        assert seller.get(f"{OFFERS}{path}").status_code == 404
    assert seller.save(f"{OFFERS}/save", {}).status_code == 404
    assert OFFERS not in seller.get("/").text


def test_who_may_not_write_gets_no_form_and_no_save(firm: Firm) -> None:
    engineer = Seller(site_of(firm), firm, "purchaser")
    assert engineer.get("/core/parties/new/").status_code == 403
    assert engineer.save("/core/parties/save", {"name": "某某公司"}).status_code in {403, 404}


def test_every_page_carries_the_policy_and_is_kept_by_nobody(seller: Seller) -> None:
    head = seller.get("/").headers
    assert head["Content-Security-Policy"].startswith("default-src 'self'; img-src 'self' data:; object-src 'none'")
    assert head["Cache-Control"] == "no-store"
    assert head["X-Content-Type-Options"] == "nosniff"


def test_what_people_write_is_never_markup(seller: Seller, firm: Firm) -> None:
    document = offer(firm, reference="<script>alert(1)</script>", remark='"><img src=x>')
    for path in ("/", f"/{document.id}/", f"/{document.id}/edit"):
        page = seller.get(f"{OFFERS}{path}").text
        assert "<script>alert" not in page
        assert "<img src=x>" not in page


@pytest.mark.parametrize(
    "query", ["state=nonsense", "sort=cost_total", "after=abc", "date_from=2026-13-45", "party_id=x"]
)
def test_a_list_refuses_what_it_does_not_know_in_words(seller: Seller, query: str) -> None:
    answer = seller.get(f"{OFFERS}/?{query}")
    assert answer.status_code == 422
    assert "There is no such" in answer.text or "not" in answer.text


# Saving


def test_a_repeated_save_makes_one_document(seller: Seller, firm: Firm) -> None:
    """The answer was lost on the way, so the browser asks again with the same key."""
    body = {"party_id": firm.party().id, "lines": [{"item_id": firm.item("186").id, "quantity": "2"}]}
    key = uuid4().hex
    first, second = (seller.save(f"{OFFERS}/save", body, **{"Idempotency-Key": key}) for _time in range(2))
    assert first.status_code == 200
    assert second.get_json() == first.get_json()
    assert firm.read("rep", lambda w: w.session.query(Document).count()) == 1


def test_a_fault_names_its_cell(seller: Seller, firm: Firm) -> None:
    body = {"party_id": firm.party().id, "lines": [{"item_id": firm.item().id}, {"item_id": 999_999, "quantity": "x"}]}
    answer = seller.save(f"{OFFERS}/save", body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert "lines/1/quantity" in {fault["path"] for fault in answer.get_json()["errors"]}


def test_a_stale_save_is_given_what_was_saved_meanwhile(seller: Seller, firm: Firm) -> None:
    document = offer(firm)
    firm.edit(document, "clerk", reference="PO-1")
    stale = {"If-Match": f'"{document.version}"'}
    answer = seller.save(f"{OFFERS}/{document.id}/save", {"reference": "PO-2"}, method="PUT", **stale)
    assert answer.status_code == 412
    assert answer.get_json()["current"]["reference"] == "PO-1"
    assert firm.read("rep", lambda w: load(w, Quotation, document.id)).reference == "PO-1"


def test_the_preview_calculates_and_keeps_nothing(seller: Seller, firm: Firm) -> None:
    """Unfinished lines stay empty, finished ones have price, tax and amount; no number is taken, no row written."""
    item = firm.item("186")
    body = {
        "lines": [{"item_id": item.id, "quantity": "3"}, {"remark": "not yet"}, {"item_id": item.id, "quantity": "x"}]
    }
    answer = seller.save(f"{OFFERS}/preview", body).get_json()
    assert answer["lines"][0]["gross"] == "558.00"
    assert answer["lines"][1] == {}
    assert answer["totals"][-1]["value"] == "¥744.00"
    assert firm.read("rep", lambda w: w.session.query(Document).count()) == 0


def test_a_preview_survives_whatever_is_typed(seller: Seller) -> None:
    huge = {"party_id": "x", "lines": [{"quantity": "9" * 40}]}
    given: tuple[Any, ...] = ([], "x", None, {"lines": "x"}, {"lines": [1, None]}, huge)
    for body in given:
        answer = seller.save(f"{OFFERS}/preview", body)
        assert answer.status_code < 500, json.dumps(body)


# Moving, talking, printing


def test_a_move_from_a_page_that_is_out_of_date_is_refused(seller: Seller, firm: Firm) -> None:
    document = offer(firm)
    seen = document.version
    firm.edit(document, "clerk", reference="PO-1")
    seller.post(f"{OFFERS}/{document.id}/moves/submit", version=seen)
    assert firm.read("rep", lambda w: load(w, Quotation, document.id)).state == "draft"
    assert "has changed this in the meantime" in seller.get(f"{OFFERS}/{document.id}/").text


def test_a_comment_stands_in_the_timeline_and_changes_nothing_else(seller: Seller, firm: Firm) -> None:
    document = offer(firm)
    seller.post(f"{OFFERS}/{document.id}/comments", text="客户要求 30 天账期")
    now = firm.read("rep", lambda w: load(w, Quotation, document.id))
    assert (now.version, now.edition) == (document.version, document.edition)
    assert "客户要求 30 天账期" in seller.get(f"{OFFERS}/{document.id}/").text


def test_a_copy_is_a_new_draft_with_the_same_lines(seller: Seller, firm: Firm) -> None:
    document = offer(firm, reference="PO-1")
    answer = seller.post(f"{OFFERS}/{document.id}/copy")
    copied = int(answer.headers["Location"].split("/")[-2])
    now = firm.read("rep", lambda w: load(w, Quotation, copied))
    assert (now.number, now.reference, now.gross) == (None, "", document.gross)


def test_an_export_is_what_the_list_shows_and_no_cell_is_a_formula(firm: Firm) -> None:
    offer(firm)
    firm.party(name="=1+1 公司")
    manager = Seller(site_of(firm), firm, "manager")
    text = manager.get("/core/parties/export/csv").text
    assert text.startswith("\ufeff")
    assert "'=1+1 公司" in text
    assert manager.get("/core/parties/export/xlsx").data[:2] == b"PK"


def test_the_language_is_remembered(seller: Seller, firm: Firm) -> None:
    assert "Quotations" in seller.get(f"{OFFERS}/").text
    seller.client.post("/language", data={"csrf_token": seller.token(), "language": "zh_Hans_CN"})
    page = seller.get(f"{OFFERS}/").text
    assert '<html lang="zh-Hans-CN"' in page
    assert "报价单" in page


def test_a_list_is_paged_by_key(seller: Seller, firm: Firm) -> None:
    """Every document once, none twice, there and back."""
    party, item = firm.party(), firm.item()
    for _n in range(53):
        firm.create(Quotation, lines=[line(item, "1")], party_id=party.id)
    first = seller.get(f"{OFFERS}/").text
    after = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = seller.client.get(after).text
    assert (first.count('data-label="Number"'), second.count('data-label="Number"')) == (50, 3)
    before = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
    assert seller.client.get(before).text.count('data-label="Number"') == 50


# Files


def test_a_file_hangs_on_its_document_and_is_handed_out_to_its_readers_only(seller: Seller, firm: Firm) -> None:
    """PLT-10: it is found, opened, in the history, and never shown as a page; a stranger to the document gets none."""
    document = offer(firm)
    path = f"{OFFERS}/{document.id}/files"
    seller.post(path, file=(BytesIO(b"%PDF-1.7 signed"), "../../合同 扫描.pdf"))
    page = seller.get(f"{OFFERS}/{document.id}/").text
    assert "合同 扫描.pdf" in page
    assert "attached a file" in page
    there = page.split(f'href="/c/{firm.code}{path}/')[1].split('"')[0]
    answer = seller.get(f"{path}/{there}")
    assert answer.data == b"%PDF-1.7 signed"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    other = Seller(site_of(firm), firm, "rep2")
    assert other.get(f"{path}/{there}").status_code == 404


POOR = (("empty.pdf", b""), ("", b"x"), ("..", b"x"), ("large.pdf", b"%PDF-1.7" + bytes(1001)))


@pytest.mark.parametrize(("name", "content"), POOR)
def test_a_file_that_says_nothing_is_refused(
    seller: Seller, firm: Firm, monkeypatch: pytest.MonkeyPatch, name: str, content: bytes
) -> None:
    monkeypatch.setattr("core.operations.attach.MB", 100)
    document = offer(firm)
    seller.post(f"{OFFERS}/{document.id}/files", file=(BytesIO(content), name))
    assert "No attachments." in seller.get(f"{OFFERS}/{document.id}/").text


def test_a_file_is_taken_off_with_a_reason_and_stays_in_the_history(seller: Seller, firm: Firm) -> None:
    """PLT-10, PLT-09: by who attached it and nobody else; its content is kept."""
    party = firm.party()
    path = f"/core/parties/{party.id}"
    seller.post(f"{path}/files", file=(BytesIO(b"\x89PNG\r\n\x1a\n licence"), "执照.png"))
    there = int(seller.get(f"{path}/").text.split(f"{path}/files/")[1].split('"')[0])
    Seller(site_of(firm), firm, "manager").post(f"{path}/files/{there}/remove", reason="no")
    assert f"{path}/files/{there}" in seller.get(f"{path}/").text
    seller.post(f"{path}/files/{there}/remove", reason="")
    assert f"{path}/files/{there}" in seller.get(f"{path}/").text
    seller.post(f"{path}/files/{there}/remove", reason="过期")
    page = seller.get(f"{path}/").text
    assert f"{path}/files/{there}" not in page
    assert "took a file off" in page
    assert "过期" in page


# Many at once


def test_a_move_with_many_tells_which_were_refused_and_why(seller: Seller, firm: Firm) -> None:
    """Each by itself: an empty one does not hold the others back."""
    good, empty = offer(firm), firm.create(Quotation, party_id=firm.party().id)
    page = seller.post(f"{OFFERS}/bulk", id=[str(good.id), str(empty.id), "999999", "x"], move="submit")
    assert "Done: 1." in page.text
    assert "Refused: 2." in page.text
    assert firm.read("rep", lambda w: load(w, Quotation, good.id)).state != "draft"
    assert firm.read("rep", lambda w: load(w, Quotation, empty.id)).state == "draft"
