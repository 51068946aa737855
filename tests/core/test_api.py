"""The REST interface as programs use it: every kind of route, once through."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.entities.item import Item
from core.operations.masters import save
from core.schemas import inputs
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import api_app
from plugins.quotation.documents import Quotation

QUOTATIONS = "/quotation/quotations"


@pytest.fixture
def rep(firm: Firm) -> Api:
    """A representative's program."""
    return api_for(firm, "rep")


def quotation_of(firm: Firm, api: Api, price: str = "113", quantity: str = "2") -> dict[str, object]:
    """A draft made through the interface."""
    party = api.made("/core/parties", {"name": f"青岛第{firm.next('name')}工程有限公司"})
    lines = [{"item_id": firm.item(price).id, "quantity": quantity}]
    return api.made(QUOTATIONS, {"party_id": party["id"], "lines": lines})


def policy(firm: Firm, role: str = "sales_manager", amount: str = "0") -> None:
    """Quotations from ``amount`` on need the consent of ``role``."""
    roles = firm.read("boss", lambda w: {r.key: r.id for r in w.company.roles.values()})
    api_for(firm, "admin").made(
        "/core/approval-policies",
        {
            "name": "Consent",
            "document_kind": "quotation.quotation",
            "transition": "submit",
            "steps": [{"name": "Sales manager", "role_id": roles[role], "from_amount": amount}],
        },
    )


def test_a_program_creates_reads_lists_and_moves_a_quotation(firm: Firm, rep: Api) -> None:
    """From a customer to a numbered quotation without a screen."""
    party = rep.made("/core/parties", {"name": "青岛海天工程有限公司", "contacts": [{"name": "王"}]})
    made = rep.post(QUOTATIONS, {"party_id": party["id"], "lines": [{"item_id": firm.item("113").id, "quantity": "2"}]})
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    key = said(made)["id"]
    assert made.headers["Location"] == f"/api/v1{QUOTATIONS}/{key}"
    assert said(rep.get(f"{QUOTATIONS}/{key}")) == said(made)
    assert [said(made)[name] for name in ("net", "tax", "gross")] == ["200", "26", "226"]
    listed = said(rep.get(QUOTATIONS))
    assert [row["id"] for row in listed["items"]] == [key]
    moved = rep.post(f"{QUOTATIONS}/{key}/moves/submit", {"version": 1})
    assert moved.status_code == 200, moved.text
    assert (said(moved)["state"], said(moved)["version"], moved.headers["ETag"]) == ("approved", 2, '"2"')
    assert said(moved)["number"].endswith("-0001")
    assert said(rep.get(f"{QUOTATIONS}/{key}"))["number"] == said(moved)["number"]


def test_a_customer_is_saved_with_its_contacts_as_one(rep: Api) -> None:
    """Parts keep their ids when they are sent back with them, go when they are left out, and come new without one."""
    party = rep.made("/core/parties", {"name": "甲公司", "contacts": [{"name": "王"}, {"name": "李"}]})
    wang, _li = party["contacts"]
    changed = rep.patch(f"/core/parties/{party['id']}", {"contacts": [{**wang, "name": "王五"}, {"name": "赵"}]}, 1)
    assert changed.status_code == 200, changed.text
    contacts = said(changed)["contacts"]
    assert [row["name"] for row in contacts] == ["王五", "赵"]
    assert contacts[0]["id"] == wang["id"]
    assert said(rep.get(f"/core/parties/{party['id']}")) == said(changed)


def test_a_change_names_the_version_that_was_seen(firm: Firm, rep: Api) -> None:
    """Without If-Match 428, stale 412 with both numbers, current 200 with the next version."""
    key = quotation_of(firm, rep)["id"]
    assert rep("PATCH", f"{QUOTATIONS}/{key}", {"subject": "x"}).status_code == 428
    first = rep.patch(f"{QUOTATIONS}/{key}", {"subject": "x"}, 1)
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    stale = rep.patch(f"{QUOTATIONS}/{key}", {"subject": "y"}, 1)
    assert stale.status_code == 412
    assert (said(stale)["seen"], said(stale)["current"]) == (1, 2)
    assert said(rep.get(f"{QUOTATIONS}/{key}"))["subject"] == "x"
    assert rep("PATCH", f"{QUOTATIONS}/{key}", {"subject": "z"}, If_Match="*").status_code == 200
    assert rep("PATCH", f"{QUOTATIONS}/{key}", {"subject": "z"}, If_Match="three").status_code == 400
    assert rep.post(f"{QUOTATIONS}/{key}/moves/submit", {"version": 1}).status_code == 412
    assert rep.post(f"{QUOTATIONS}/{key}/moves/submit", {}, If_Match='"2"').status_code == 412
    assert rep("DELETE", f"{QUOTATIONS}/{key}", If_Match='"1"').status_code == 412


def test_what_has_not_changed_is_not_sent_again(firm: Firm, rep: Api) -> None:
    """A reader who has the version is told so, and gets the new one after a change."""
    key = quotation_of(firm, rep)["id"]
    seen = rep.get(f"{QUOTATIONS}/{key}")
    same = rep.get(f"{QUOTATIONS}/{key}", If_None_Match=seen.headers["ETag"])
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", '"1"')
    rep.patch(f"{QUOTATIONS}/{key}", {"subject": "x"}, 1)
    assert rep.get(f"{QUOTATIONS}/{key}", If_None_Match='"1"').status_code == 200


def test_a_record_is_replaced_whole(firm: Firm, rep: Api) -> None:
    """What a replacement does not name goes back to its default; a change leaves it."""
    quotation = quotation_of(firm, rep)
    path, party = f"{QUOTATIONS}/{quotation['id']}", quotation["party_id"]
    rep.patch(path, {"subject": "照明", "remark": "急"}, 1)
    changed = said(rep.patch(path, {"subject": "灯"}, 2))
    assert (changed["subject"], changed["remark"], len(changed["lines"])) == ("灯", "急", 1)
    replaced = rep("PUT", path, {"party_id": party, "subject": "路灯"}, If_Match='"3"')
    assert replaced.status_code == 200, replaced.text
    assert [said(replaced)[n] for n in ("subject", "remark", "lines", "gross")] == ["路灯", "", [], "0"]


def test_a_replacement_leaves_what_its_writer_may_not_see(firm: Firm) -> None:
    """Somebody without a view of cost does not erase it by replacing the rest."""
    item = firm.item("100", cost="40")
    clerk = api_for(firm, "clerk")
    body = {"code": item.code, "name": "新名", "unit": "套"}
    answer = clerk("PUT", f"/core/items/{item.id}", body, If_Match='"1"')
    assert answer.status_code == 200, answer.text
    assert "cost" not in said(answer)
    seen = said(api_for(firm, "manager").get(f"/core/items/{item.id}"))
    assert (seen["name"], seen["cost"], seen["list_price"]) == ("新名", "40", "0")


def test_lists_are_filtered_sorted_searched_and_paged_both_ways(firm: Firm, rep: Api) -> None:
    """Pages follow each other by cursor and lead back; filters and search narrow them."""
    for n in range(5):
        rep.made("/core/parties", {"name": f"客户{n}号", "party_class": "AB"[n % 2]})
    first = said(rep.get("/core/parties?size=2&sort=-name"))
    assert [row["name"] for row in first["items"]] == ["客户4号", "客户3号"]
    assert first["previous"] is None
    second = said(rep.get(f"/core/parties?size=2&sort=-name&after={first['next']}"))
    assert [row["name"] for row in second["items"]] == ["客户2号", "客户1号"]
    back = said(rep.get(f"/core/parties?size=2&sort=-name&after={second['previous']}"))
    assert back["items"] == first["items"]
    last = said(rep.get(f"/core/parties?size=2&sort=-name&after={second['next']}"))
    assert (len(last["items"]), last["next"]) == (1, None)
    of_a = said(rep.get("/core/parties?party_class=A"))
    assert [row["name"] for row in of_a["items"]] == ["客户0号", "客户2号", "客户4号"]
    assert [row["name"] for row in said(rep.get("/core/parties?search=C00004"))["items"]] == ["客户3号"]


def test_open_moves_say_who_must_agree_and_closed_ones_why(firm: Firm, rep: Api) -> None:
    """Before one submits, the caller knows whose consent will be asked for."""
    policy(firm)
    key = quotation_of(firm, rep)["id"]
    moves = {move["name"]: move for move in said(rep.get(f"{QUOTATIONS}/{key}/moves"))["moves"]}
    assert moves["submit"]["open"]
    assert [(c["role"], c["people"]) for c in moves["submit"]["consents"]] == [("Sales manager", ["Zhang Wei"])]
    assert moves["cancel"]["needs_reason"]
    assert not moves["accept"]["open"]
    assert moves["accept"]["closed"]["code"] == "move.illegal"
    assert "expire" not in moves
    empty = rep.made(QUOTATIONS, {"party_id": rep.made("/core/parties", {"name": "空公司"})["id"]})
    moves = {move["name"]: move for move in said(rep.get(f"{QUOTATIONS}/{empty['id']}/moves"))["moves"]}
    assert moves["submit"]["closed"]["objections"][0]["code"] == "quotation.empty"


def test_consent_is_asked_for_given_and_withdrawn(firm: Firm, rep: Api) -> None:
    """A submitted quotation waits for the manager; withdrawn it waits for nobody; agreed to it moves."""
    policy(firm)
    manager, key = api_for(firm, "manager"), quotation_of(firm, rep)["id"]
    asked = rep.post(f"{QUOTATIONS}/{key}/moves/submit")
    assert (asked.status_code, said(asked)["approval"], said(asked)["state"]) == (200, "pending", "draft")
    assert said(rep.get("/core/approvals"))["items"] == []
    (task,) = said(manager.get("/core/approvals"))["items"]
    assert task["document"]["url"] == f"/api/v1{QUOTATIONS}/{key}"
    assert rep.post(f"/core/approvals/{task['id']}/agree").status_code == 403
    assert rep.patch(f"{QUOTATIONS}/{key}", {"subject": "x"}, 2).status_code == 409
    withdrawn = rep.post(f"{QUOTATIONS}/{key}/withdraw", {"reason": "价格有误"})
    assert (withdrawn.status_code, said(withdrawn)["approval"]) == (200, "withdrawn")
    assert rep.post(f"{QUOTATIONS}/{key}/withdraw").status_code == 409
    assert manager.post(f"/core/approvals/{task['id']}/agree").status_code == 409
    rep.post(f"{QUOTATIONS}/{key}/moves/submit")
    (again,) = said(manager.get("/core/approvals"))["items"]
    agreed = manager.post(f"/core/approvals/{again['id']}/agree", {"opinion": "同意"})
    assert agreed.status_code == 200, agreed.text
    assert (said(agreed)["state"], said(agreed)["approval"]) == ("approved", "approved")
    assert said(agreed)["number"] == said(rep.get(f"{QUOTATIONS}/{key}"))["number"]


def test_a_refusal_needs_its_reason(firm: Firm, rep: Api) -> None:
    """Who refuses says why; the document goes back to its maker."""
    policy(firm)
    manager, key = api_for(firm, "manager"), quotation_of(firm, rep)["id"]
    rep.post(f"{QUOTATIONS}/{key}/moves/submit")
    (task,) = said(manager.get("/core/approvals"))["items"]
    silent = manager.post(f"/core/approvals/{task['id']}/reject")
    assert (silent.status_code, said(silent)["errors"][0]["path"]) == (422, "opinion")
    refused = manager.post(f"/core/approvals/{task['id']}/reject", {"opinion": "价格太低"})
    assert (refused.status_code, said(refused)["approval"]) == (200, "rejected")


def test_editions_are_kept_and_compared(firm: Firm, rep: Api) -> None:
    """QTN-09: a revision keeps what was said before, and both are set side by side."""
    quotation = quotation_of(firm, rep)
    path = f"{QUOTATIONS}/{quotation['id']}"
    for move in ("submit", "send", "revise"):
        assert rep.post(f"{path}/moves/{move}", {"reason": "x"}).status_code == 200
    version = said(rep.get(path))["version"]
    changed = rep.patch(path, {"lines": [{"id": quotation["lines"][0]["id"], "quantity": "5"}]}, version)  # type: ignore[index]
    assert said(changed)["revision"] == 2, changed.text
    assert [row["revision"] for row in said(rep.get(f"{path}/editions"))["items"]] == [1, 2]
    first = said(rep.get(f"{path}/editions/1"))["content"]
    assert first["lines"][0]["quantity"] == "2"
    assert rep.get(f"{path}/editions/9").status_code == 404
    compared = said(rep.get(f"{path}/editions/compare"))
    assert (compared["left"], compared["right"]) == (1, 2)
    assert (compared["lines"][0]["left"]["quantity"], compared["lines"][0]["right"]["quantity"]) == ("2", "5")
    assert {"name": "gross", "left": "226", "right": "565"} in compared["fields"]


def test_the_history_of_a_record_is_read_page_by_page(firm: Firm, rep: Api) -> None:
    """Who did what and when, the latest first."""
    path = f"{QUOTATIONS}/{quotation_of(firm, rep)['id']}"
    rep.patch(path, {"subject": "照明"}, 1)
    rep.post(f"{path}/moves/submit")
    page = said(rep.get(f"{path}/history?size=2"))
    assert [entry["what"] for entry in page["items"]] == ["submit", "edit"]
    assert page["items"][1]["changes"] == {"subject": ["", "照明"]}
    assert page["items"][0]["actor"] == "Wang Xiaoming"
    rest = said(rep.get(f"{path}/history?size=2&before={page['next']}"))
    assert ([entry["what"] for entry in rest["items"]], rest["next"]) == (["create"], None)


def test_a_draft_is_discarded_and_a_numbered_document_is_not(firm: Firm, rep: Api) -> None:
    """Nothing that has a number is ever deleted."""
    draft, kept = quotation_of(firm, rep)["id"], quotation_of(firm, rep)["id"]
    gone = rep("DELETE", f"{QUOTATIONS}/{draft}")
    assert (gone.status_code, gone.data) == (204, b"")
    assert rep.get(f"{QUOTATIONS}/{draft}").status_code == 404
    rep.post(f"{QUOTATIONS}/{kept}/moves/submit")
    assert rep("DELETE", f"{QUOTATIONS}/{kept}").status_code == 409


def test_unsaved_content_is_reckoned_and_nothing_is_written(firm: Firm, rep: Api) -> None:
    """Prices, taxes, totals and the amount in words, before anything is saved."""
    item, party = firm.item("113"), firm.party()
    body = {"party_id": party.id, "lines": [line(item, "2"), {"name": "安装", "quantity": "1", "gross_price": "10.5"}]}
    looked = rep.post(f"{QUOTATIONS}/preview", body)
    assert looked.status_code == 200, looked.text
    assert [row["gross"] for row in said(looked)["lines"]] == ["226", "10.5"]
    assert said(looked)["gross"] == "236.50"
    assert said(looked)["words"]["zh"] == "人民币贰佰叁拾陆元伍角整"
    assert said(rep.get(QUOTATIONS))["items"] == []
    wrong = rep.post(f"{QUOTATIONS}/preview", {"lines": [{"quantity": "x"}]})
    assert wrong.status_code == 422
    assert {error["path"] for error in said(wrong)["errors"]} == {"party_id", "lines/0/quantity"}


def test_a_preview_of_a_saved_document_keeps_what_it_does_not_name(firm: Firm, rep: Api) -> None:
    """A changed quantity is reckoned with the price that the line has."""
    quotation = quotation_of(firm, rep, price="113")
    lines = [{"id": quotation["lines"][0]["id"], "quantity": "3"}]  # type: ignore[index]
    looked = rep.post(f"{QUOTATIONS}/preview", {"id": quotation["id"], "lines": lines})
    assert (looked.status_code, said(looked)["gross"]) == (200, "339.00")
    assert said(rep.get(f"{QUOTATIONS}/{quotation['id']}"))["gross"] == "226"


def test_a_paper_is_given_as_pdf_once_it_may_leave_the_house(firm: Firm, rep: Api) -> None:
    """QTN-05: a draft is refused; an approved quotation is set in the language asked for, and the print is kept."""
    at = f"{QUOTATIONS}/{quotation_of(firm, rep)['id']}"
    draft = rep.get(f"{at}/paper?language=zh")
    assert (draft.status_code, said(draft)["objections"][0]["code"]) == (409, "print.draft")
    rep.post(f"{at}/moves/submit")
    for language in ("zh", "en", "both"):
        paper = rep.get(f"{at}/paper?language={language}", Accept="application/pdf")
        assert (paper.status_code, paper.mimetype, paper.data[:5]) == (200, "application/pdf", b"%PDF-")
        assert paper.headers["Content-Disposition"].startswith("attachment")
    assert rep.get(f"{at}/paper?language=fr").status_code == 422
    assert rep.get(f"{at}/paper", Accept="text/html").status_code == 406
    printed = [entry["what"] for entry in said(rep.get(f"{at}/history"))["items"]]
    assert printed == ["print", "print", "print", "submit", "create"]


def test_everything_is_found_by_what_one_remembers(firm: Firm, rep: Api) -> None:
    """By the initials of a customer's name, and only what the caller may read."""
    rep.made("/core/parties", {"name": "苏州电子有限公司"})
    hits = said(rep.get("/core/search?q=szdz"))["items"]
    assert [(hit["kind"], hit["title"]) for hit in hits] == [("core.party", "苏州电子有限公司")]
    assert rep.get(hits[0]["url"].removeprefix("/api/v1")).status_code == 200
    assert said(api_for(firm, "rep2").get("/core/search?q=szdz"))["items"] == []


def test_a_token_knows_who_it_acts_as(firm: Firm, rep: Api) -> None:
    """Account, company, roles and rights; nothing secret."""
    me = said(rep.get("/core/me"))
    assert (me["login"], me["company"]["code"]) == ("rep@acme", "acme")
    assert [role["key"] for role in me["roles"]] == ["sales_representative"]
    assert me["rights"]["quotation.quotation.create"] == ["own"]
    assert "core.company.administer" not in me["rights"]
    assert not {"password_hash", "token_hash"} & set(me)


def test_an_administrator_switches_areas_and_sees_what_it_means(firm: Firm, rep: Api) -> None:
    """PLT-01: switching off is refused while something is unfinished; the data stay and come back."""
    admin = api_for(firm, "admin")
    key = quotation_of(firm, rep)["id"]
    assert rep.get("/core/areas").status_code == 403
    rep.post(f"{QUOTATIONS}/{key}/moves/submit")
    shown = {area["name"]: area for area in said(admin.get("/core/areas"))["items"]}
    assert shown["quotation"]["on"]
    assert shown["quotation"]["hidden"]
    assert shown["quotation"]["reasons"]
    assert admin("PUT", "/core/areas/quotation", {"on": False}).status_code == 409
    rep.post(f"{QUOTATIONS}/{key}/moves/cancel", {"reason": "取消"})
    off = admin("PUT", "/core/areas/quotation", {"on": False})
    assert (off.status_code, said(off)["on"]) == (200, False), off.text
    assert rep.get(f"{QUOTATIONS}/{key}").status_code == 404
    on = admin("PUT", "/core/areas/quotation", {"on": True})
    assert (on.status_code, said(on)["on"]) == (200, True)
    assert rep.get(f"{QUOTATIONS}/{key}").status_code == 200
    assert admin("PUT", "/core/areas/nothing", {"on": True}).status_code == 404


def test_an_administrator_chooses_settings(firm: Firm, rep: Api) -> None:
    """All or none, by key; null goes back to the default."""
    admin = api_for(firm, "admin")
    chosen = admin("PATCH", "/core/settings", {"core.duty_days": 9, "core.prices_include_tax": False})
    assert chosen.status_code == 200, chosen.text
    values = {s["key"]: s["value"] for s in said(admin.get("/core/settings"))["items"]}
    assert (values["core.duty_days"], values["core.prices_include_tax"]) == ("9", "false")
    assert said(chosen)["items"] == said(admin.get("/core/settings"))["items"]
    wrong = admin("PATCH", "/core/settings", {"core.duty_days": 5, "core.nothing": "x"})
    assert (wrong.status_code, said(wrong)["errors"][0]["path"]) == (422, "core.nothing")
    back = said(admin("PATCH", "/core/settings", {"core.duty_days": None}))["items"]
    assert {s["key"]: s["value"] for s in back}["core.duty_days"] == "7"
    assert rep("PATCH", "/core/settings", {}).status_code == 403


def test_answers_speak_the_callers_language(firm: Firm, rep: Api) -> None:
    """Accept-Language first, else the language of the account."""
    english = rep.get(f"{QUOTATIONS}/999", Accept_Language="en-GB")
    chinese = rep.get(f"{QUOTATIONS}/999", Accept_Language="zh-CN,zh;q=0.9")
    plain = (
        api_app(firm).test_client().get("/api/v1/core/parties/999", headers={"Authorization": f"Bearer {rep.token}"})
    )
    assert said(english)["title"] == "There is nothing here"
    assert said(chinese)["title"] == said(plain)["title"] == "这里没有内容"


def test_figures_keep_every_digit(firm: Firm) -> None:
    """Eight decimals of a price come back as they were sent, as text."""
    manager = api_for(firm, "manager")
    made = manager.made("/core/items", {"code": "X", "name": "x", "unit": "个", "list_price": "0.12345678"})
    assert made["list_price"] == "0.12345678"
    as_number = manager.made("/core/items", {"code": "Y", "name": "y", "unit": "个", "list_price": 12.5})
    assert Decimal(as_number["list_price"]) == Decimal("12.5")


def test_the_interface_and_the_program_see_the_same(firm: Firm, rep: Api) -> None:
    """What is saved by the program is what the interface shows."""
    item = firm.run("manager", lambda w: save(w, Item, inputs.read(Item, {"code": "Z", "name": "z", "unit": "个"})))
    assert said(rep.get(f"/core/items/{item.id}"))["code"] == "Z"
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    assert said(rep.get(f"{QUOTATIONS}/{quotation.id}"))["version"] == quotation.version
