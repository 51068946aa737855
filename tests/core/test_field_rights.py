"""Fields that not everybody sees: costs are as if they were not there, numbers are masked, in every way out."""

from __future__ import annotations

from typing import Any

import pytest

from core.contacts import masked
from core.db.base import Base
from core.documents.reading import load
from core.entities.item import Item
from core.entities.party import Party
from core.operations import roles
from core.printing.documents import paper_of
from core.records.reading import entries
from core.rights import SEE_COST, SEE_PHONE
from core.roles import FINANCE, SALES_MANAGER
from core.search.finding import found
from core.search.index import matching
from core.search.listing import Query, page
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.web.exports import rows
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor

MOBILE, PHONE, WECHAT = "13987651234", "0532-88886666", "wx_lily_2026"
SHOWN = "139****1234"


def without(firm: Firm, role: str, *rights: str) -> None:
    """Take rights from a role."""

    def command(work: Work) -> None:
        held = next(one for one in work.company.roles.values() if one.key == role)
        kept = {grant.permission: grant.scope for grant in held.grants if grant.permission not in rights}
        roles.set_grants(work, role, kept)

    firm.run("admin", command)


@pytest.fixture
def customer(firm: Firm) -> Party:
    """A customer with numbers in every place that has one; finance no longer sees them."""
    without(firm, FINANCE.key, SEE_PHONE)
    contact = {"name": "王经理", "mobile": MOBILE, "phone": PHONE, "wechat": WECHAT}
    address = {"line": "香港中路1号", "contact": "王经理", "phone": MOBILE}
    return firm.party("rep", phone=PHONE, contacts=[contact], addresses=[address])


def test_numbers_are_masked_as_people_know_it() -> None:
    given = {
        MOBILE: SHOWN,
        PHONE: "0532-****6666",
        "88886666": "****6666",
        "400-800-1234": "400-****1234",
        "李工 / 主管 / 13987651234; 王总": "李工 / 主管 / 139****1234; 王总",
        WECHAT: "w****6",
        "": "",
    }
    assert {text: masked(text) for text in given} == given
    assert [masked(shown) for shown in given.values()] == list(given.values())


def test_who_may_not_see_numbers_sees_them_masked_in_every_way_out(firm: Firm, customer: Party) -> None:
    """PLT-05: list, record, export, interface, history and search say what is left of a number and no more."""
    api = api_for(firm, "finance")
    record = said(api.get(f"/core/parties/{customer.id}"))
    listed = said(api.get("/core/parties"))["items"][0]
    assert (record["phone"], listed["phone"]) == ("0532-****6666", "0532-****6666")
    numbers = {name: record["contacts"][0][name] for name in ("mobile", "phone", "wechat")}
    assert numbers == {"mobile": SHOWN, "phone": "0532-****6666", "wechat": "w****6"}
    assert record["addresses"][0]["phone"] == SHOWN
    exported = firm.read("finance", lambda w: [str(cell) for row in rows(w, Party, Query()) for cell in row])
    assert "0532-****6666" in exported
    past = firm.read("finance", lambda w: str(entries(w, Party, customer.id)))
    hits = firm.read("finance", lambda w: str(found(w, customer.name)))
    visitor = Visitor(site_of(firm), firm, "finance")
    pages = [
        visitor.get(path).text
        for path in (
            "/core/parties/",
            f"/core/parties/{customer.id}/",
            f"/core/parties/{customer.id}/moments",
            "/core/parties/export/csv",
            f"/search/?q={customer.name}",
            "/lookup/core.party?q=工程",
        )
    ]
    everything = "\n".join([str(record), str(listed), past, hits, *exported, *pages])
    assert customer.name in everything
    assert SHOWN in everything
    assert [secret for secret in (MOBILE, PHONE, WECHAT, "88886666") if secret in everything] == []


def test_who_may_see_numbers_sees_them_whole(firm: Firm, customer: Party) -> None:
    record = said(api_for(firm, "rep").get(f"/core/parties/{customer.id}"))
    assert (record["phone"], record["contacts"][0]["mobile"]) == (PHONE, MOBILE)
    assert MOBILE in Visitor(site_of(firm), firm, "rep").get(f"/core/parties/{customer.id}/").text


@pytest.mark.parametrize("asked", [MOBILE, "8765", "051234", "88886666", "2 88886666"])
def test_nobody_finds_a_customer_by_a_number_that_he_may_not_see(firm: Firm, customer: Party, asked: str) -> None:
    """A search that answers is as good as the number: four digits are soon tried."""
    assert firm.read("finance", lambda w: matching(w, Party.kind, asked)) in ([], None)
    assert firm.read("finance", lambda w: page(w, Party, Query(search=asked)).rows) in ([], ())
    assert firm.read("finance", lambda w: found(w, asked)) == []


def test_who_may_see_a_number_finds_its_owner_by_it(firm: Firm, customer: Party) -> None:
    for asked in (MOBILE, "8765", "88886666", "王经理", f"王经理 {MOBILE[:5]}"):
        assert [row["id"] for row in firm.read("rep", lambda w, a=asked: page(w, Party, Query(search=a)).rows)] == [  # type: ignore[misc]
            customer.id
        ], asked
    assert [row["id"] for row in firm.read("finance", lambda w: page(w, Party, Query(search="王经理")).rows)] == [
        customer.id
    ]


def test_a_number_that_one_may_not_see_is_not_written_over(firm: Firm, customer: Party) -> None:
    """PLT-05: a masked field cannot be written, and a change of something else leaves it as it is."""
    without(firm, SALES_MANAGER.key, SEE_PHONE)
    api = api_for(firm, "manager")
    place = f"/core/parties/{customer.id}"
    for body in ({"phone": "13000000000"}, {"contacts": [{"name": "李", "mobile": "13000000000"}]}):
        unknown = api.patch(place, body, customer.version)
        assert unknown.status_code == 422
        made_up = api.patch(place, {"no_such_field": "x"}, customer.version)
        assert {e["code"] for e in said(unknown)["errors"]} == {e["code"] for e in said(made_up)["errors"]}
        assert {e["message"] for e in said(unknown)["errors"]} == {e["message"] for e in said(made_up)["errors"]}
    seen = said(api.get(place))
    rows = [{"id": seen["contacts"][0]["id"], "title": "总经理"}]
    assert api.patch(place, {"contacts": rows, "remark": "改"}, seen["version"]).status_code == 200
    now = said(api_for(firm, "rep").get(place))
    assert (now["phone"], now["contacts"][0]["mobile"], now["contacts"][0]["title"]) == (PHONE, MOBILE, "总经理")


def test_a_form_neither_shows_nor_takes_what_its_reader_may_not_see(firm: Firm, customer: Party) -> None:
    """PLT-05: what the screens save goes through the same gate as what programs send."""
    without(firm, SALES_MANAGER.key, SEE_PHONE, SEE_COST)
    manager = Visitor(site_of(firm), firm, "manager")
    item = firm.item(cost="7654.32", floor_price="6543.21")
    form, goods = manager.get(f"/core/parties/{customer.id}/edit").text, manager.get(f"/core/items/{item.id}/edit").text
    assert [secret for secret in (MOBILE, PHONE, SHOWN, "7654.32", "6543.21") if secret in form + goods] == []
    for kind, key, version, body in (
        ("parties", customer.id, customer.version, {"phone": "13000000000"}),
        ("items", item.id, item.version, {"cost": "1"}),
    ):
        answer = manager.client.put(
            f"/c/{firm.code}/core/{kind}/{key}/save",
            json=body,
            headers={"X-CSRFToken": manager.token(), "If-Match": f'"{version}"'},
        )
        assert answer.status_code == 422, answer.text
    kept = firm.as_program(lambda w: w.session.get_one(Item, item.id))
    assert str(kept.cost) == "7654.32000000"


def test_papers_name_numbers_only_to_who_may_see_them(firm: Firm, customer: Party) -> None:
    """PLT-05: what somebody prints says no more than what he sees."""
    quoted = firm.create(Quotation, "rep", party_id=customer.id, lines=[line(firm.item())])
    assert quoted.contact_phone == MOBILE
    without(firm, SALES_MANAGER.key, SEE_PHONE)

    def printed(work: Work) -> str:
        return str(paper_of(work, load(work, Quotation, quoted.id), "zh_Hans_CN"))

    assert MOBILE in firm.read("rep", printed)
    told = firm.read("manager", printed)
    assert MOBILE not in told
    assert PHONE not in told
    assert SHOWN in told


def test_documents_carry_the_number_on_for_who_may_see_it(firm: Firm, customer: Party) -> None:
    """What the program copies is whole, whoever made it copy."""
    without(firm, SALES_MANAGER.key, SEE_PHONE)
    quoted = firm.create(Quotation, "manager", party_id=customer.id, lines=[line(firm.item())])
    assert quoted.contact_phone == MOBILE
    api = api_for(firm, "manager")
    assert said(api.get(f"/quotation/quotations/{quoted.id}"))["contact_phone"] == SHOWN
    page_of = Visitor(site_of(firm), firm, "manager").get(f"/quotation/quotations/{quoted.id}/").text
    assert MOBILE not in page_of
    assert SHOWN in page_of


SECRET_FIELDS: list[tuple[type[Base], str]] = [(Item, "cost"), (Item, "floor_price"), (Quotation, "cost_total")]


@pytest.mark.parametrize(("cls", "name"), SECRET_FIELDS)
def test_a_hidden_field_is_answered_like_one_that_is_not_there(firm: Firm, cls: Any, name: str) -> None:
    """PLT-05: sort, filter and write say of a hidden field what they say of one that nobody declared."""
    without(firm, SALES_MANAGER.key, SEE_COST)
    api = api_for(firm, "manager")
    place = "/core/items" if cls is Item else "/quotation/quotations"
    for way in ("sort={}", "sort=-{}", "{}=1", "{}_from=1", "{}_to=1"):
        hidden, unknown = (api.get(f"{place}?{way.format(one)}") for one in (name, "zzz"))
        assert (hidden.status_code, unknown.status_code) == (422, 422)
        assert _without(said(hidden), name) == _without(said(unknown), "zzz")
    body = {"name": "x", "unit": "套", "lines": []} if cls is Item else {"party_id": firm.party("rep").id, "lines": []}
    answers = [_faults(api, place, {**body, one: "1"}) for one in (name, "zzz")]
    assert answers[0] == answers[1] != set()


def _without(problem: dict[str, Any], name: str) -> str:
    return str({k: v for k, v in problem.items() if k != "request_id"}).replace(name, "…")


def _faults(api: Api, place: str, body: dict[str, Any]) -> set[tuple[str, str]]:
    errors = said(api.post(place, body)).get("errors", ())
    return {(e["code"], e["message"]) for e in errors if e["path"] in {*body} - {"party_id", "lines", "name", "unit"}}
