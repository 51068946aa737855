"""Several moves in one call: in turn, all or none, each with all that it is asked when alone; consents by document."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.selling import AREAS, PEOPLE, ready
from core.app import Program
from core.records.verify import verify_history
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.sites import api_app

QUOTATIONS, CONTRACTS, DELIVERIES = "/quotation/quotations", "/contract/contracts", "/logistics/deliveries"
INVOICES, RECEIPTS = "/billing/invoices", "/billing/receipts"


@pytest.fixture
def shop(program: Program) -> Firm:
    """A firm that sells, with stock and credit for one customer, and consents to quotations and contracts."""
    firm = Firm.founded(program, "moves", "连步照明有限公司", areas=AREAS)
    ready(firm, [firm.party(credit_code="91350100M000100Y43").id], [firm.item().id], limit="1000")
    return firm


@pytest.fixture
def people(shop: Firm) -> dict[str, Api]:
    """Everybody's program."""
    app = api_app(shop)
    return {who: api_for(shop, who, app) for who in PEOPLE}


def offered(people: dict[str, Api], quantity: str = "2") -> dict[str, Any]:
    """A quotation of the customer's, submitted as it is made."""
    party = said(people["rep"].get("/core/parties"))["items"][0]["id"]
    item = said(people["rep"].get("/core/items"))["items"][0]["id"]
    lines = [{"item_id": item, "quantity": quantity, "gross_price": "113"}]
    given = {"party_id": party, "lines": lines, "then": [{"name": "submit"}]}
    return people["rep"].made(QUOTATIONS, given)


def accepted(people: dict[str, Api], quantity: str = "2") -> dict[str, Any]:
    """A quotation that the manager has agreed to, and the customer too."""
    quotation = offered(people, quantity)
    at = f"{QUOTATIONS}/{quotation['id']}"
    assert said(people["manager"].post(f"{at}/agree"))["state"] == "approved"
    assert said(people["rep"].post(f"{at}/moves/send", {"then": [{"name": "accept"}]}))["state"] == "accepted"
    return quotation


def taken(source: dict[str, Any], *moves: str, **values: Any) -> dict[str, Any]:
    """The body that takes all lines of a document and makes these moves."""
    wanted = [{"line_id": row["id"]} for row in source["lines"]]
    return {"lines": wanted, "values": values, "then": [{"name": name} for name in moves]}


def signed(shop: Firm, people: dict[str, Api], quantity: str = "2") -> dict[str, Any]:
    """A contract in force, released to the departments."""
    terms = {"deadline": shop.as_program(lambda w: w.today.isoformat()), "payment_terms": "月结30天"}
    contract = people["rep"].made(f"{CONTRACTS}/take", taken(accepted(people, quantity), "submit", **terms))
    assert contract["approval"] == "pending"
    at = f"{CONTRACTS}/{contract['id']}"
    people["manager"].post(f"{at}/agree")
    day = terms["deadline"]
    ours = {"our_signatory_id": shop.people["manager"], "our_signed_on": day}
    theirs = {"customer_signatory": "王经理", "customer_signed_on": day}
    then = [{"name": "countersign", "values": theirs}, {"name": "release"}]
    assert said(people["rep"].post(f"{at}/moves/sign", {"values": ours, "then": then}))["state"] == "released"
    return contract


def steps(api: Api, at: str) -> list[str]:
    """What the history of a record says, the first first."""
    return [entry["what"] for entry in reversed(said(api.get(f"{at}/history"))["items"])]


def test_moves_are_made_in_turn_and_each_is_in_the_history(shop: Firm, people: dict[str, Api]) -> None:
    """From a contract to the paid invoice: every step is told as if it had been called for alone; the chain holds."""
    contract = signed(shop, people)
    assert steps(people["rep"], f"{CONTRACTS}/{contract['id']}") == [
        *("create", "ask", "agree", "submit", "sign", "countersign", "release")
    ]
    delivery = people["clerk"].made(f"{DELIVERIES}/take", taken(contract, "confirm", "ship"))
    assert (delivery["state"], delivery["version"]) == ("shipped", 2)
    assert steps(people["clerk"], f"{DELIVERIES}/{delivery['id']}") == ["create", "confirm", "ship"]
    title = {"invoice_number": "12345678901234567890", "buyer": "青岛海天", "tax_number": "91350100M000100Y43"}
    invoice = people["finance"].made(f"{INVOICES}/take", taken(delivery, "issue", **title))
    paid = {"party_id": invoice["party_id"], "amount": invoice["gross"], "then": [{"name": "confirm"}]}
    receipt = people["finance"].made(RECEIPTS, paid)
    assert receipt["state"] == "confirmed"
    uses = [{"document_id": invoice["id"], "amount": invoice["gross"]}]
    at = f"{RECEIPTS}/{receipt['id']}"
    assert people["finance"].post(f"{at}/allocate", {"uses": uses}).status_code == 200
    settled = said(people["finance"].get(f"{at}/claims"))["settlements"]
    assert [(row["document_id"], row["amount"]) for row in settled] == [(invoice["id"], invoice["gross"])]
    assert people["finance"].post(f"{at}/allocate", {"uses": uses}).status_code == 409
    assert shop.as_program(lambda w: list(verify_history(w))) == []


def test_one_refusal_undoes_all_of_them(shop: Firm, people: dict[str, Api]) -> None:
    """What the second move is refused leaves neither the draft nor the first move, and the lines wait as before."""
    contract = signed(shop, people)
    asked = taken(contract, "confirm", "ship", "ship")
    refused = people["clerk"].post(f"{DELIVERIES}/take", asked)
    assert (refused.status_code, said(refused)["code"]) == (409, "move.illegal")
    assert said(people["clerk"].get(DELIVERIES))["items"] == []
    waiting = said(people["clerk"].get(f"{DELIVERIES}/waiting"))["items"]
    assert [row["quantity"] for row in waiting] == ["2"]
    assert people["clerk"].post(f"{DELIVERIES}/take", taken(contract, "confirm", "ship")).status_code == 201


def test_each_move_asks_for_its_own_right(shop: Firm, people: dict[str, Api]) -> None:
    """Who may make a draft may not ship it for that."""
    contract = signed(shop, people)
    refused = people["finance"].post(f"{DELIVERIES}/take", taken(contract, "confirm", "ship"))
    assert refused.status_code in (403, 404)
    assert said(people["clerk"].get(DELIVERIES))["items"] == []


def test_moves_behind_a_consent_are_left(people: dict[str, Api]) -> None:
    """The quotation waits for its consent; nobody sends it before."""
    party = said(people["rep"].get("/core/parties"))["items"][0]["id"]
    item = said(people["rep"].get("/core/items"))["items"][0]["id"]
    moves = [{"name": "submit"}, {"name": "send"}]
    made = people["rep"].made(QUOTATIONS, {"party_id": party, "lines": [{"item_id": item}], "then": moves})
    assert (made["state"], made["approval"]) == ("draft", "pending")
    assert steps(people["rep"], f"{QUOTATIONS}/{made['id']}") == ["create", "ask"]


def test_the_limit_holds_for_what_is_made_and_moved_at_once(shop: Firm, people: dict[str, Api]) -> None:
    """Of 1,000 that the customer may owe, 791 are bound: a contract over 226 more is not even submitted."""
    signed(shop, people, "7")
    quotation = accepted(people)
    refused = people["rep"].post(f"{CONTRACTS}/take", taken(quotation, "submit"))
    assert refused.status_code == 409, refused.text
    codes = {one["code"] for one in said(refused)["objections"]}
    assert "credit.limit" in codes
    assert len(said(people["rep"].get(CONTRACTS))["items"]) == 1


def test_customers_are_locked_before_documents(shop: Firm, people: dict[str, Api]) -> None:
    """In one order for everybody, also where a draft is made and moved in one call."""
    contract = signed(shop, people)
    with counted(shop.program.engine) as statements:
        people["clerk"].made(f"{DELIVERIES}/take", taken(contract, "confirm", "ship"))
    locks = [text for text in statements.texts if "FOR NO KEY UPDATE" in text]
    if shop.program.engine.dialect.name == "sqlite":
        assert locks == []
        return
    assert locks[0].index("FROM party") < locks[0].index("FROM document ")
    assert not any("FROM party" in text for text in locks[1:])
    first = statements.texts.index(locks[0])
    assert not any(text.startswith(("INSERT INTO document", "UPDATE open_line")) for text in statements.texts[:first])


def test_a_key_covers_all_moves_of_a_call(people: dict[str, Api]) -> None:
    """Sent twice with one key, the document is made once, with the answer that was given first."""
    party = said(people["rep"].get("/core/parties"))["items"][0]["id"]
    body = {"party_id": party, "amount": "5.00", "then": [{"name": "confirm"}]}
    answers = [people["finance"].post(RECEIPTS, body, Idempotency_Key="once") for _n in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].data == answers[1].data
    assert len(said(people["finance"].get(RECEIPTS))["items"]) == 1


def test_a_document_is_agreed_to_or_refused_where_it_stands(people: dict[str, Api]) -> None:
    """Nobody need look for the consent first; who may not give it is told so, and a decided one is not there."""
    quotation = offered(people)
    at = f"{QUOTATIONS}/{quotation['id']}"
    assert people["rep"].post(f"{at}/agree").status_code == 403
    assert people["manager"].post(f"{at}/reject", {}).status_code == 422
    refused = said(people["manager"].post(f"{at}/reject", {"opinion": "价格太低"}))
    assert (refused["state"], refused["approval"]) == ("draft", "rejected")
    assert people["manager"].post(f"{at}/agree").status_code == 404
    # Under the address of another type it is not there either.
    assert people["manager"].post(f"{CONTRACTS}/{quotation['id']}/agree").status_code == 404


def test_who_decides_decides_on_what_he_has_seen(people: dict[str, Api]) -> None:
    """PLT-06: taken back, changed and asked for anew while the manager read it: his consent to the old one is none."""
    quotation = offered(people)
    at = f"{QUOTATIONS}/{quotation['id']}"
    seen = people["manager"].get(at).headers["ETag"]
    back = said(people["rep"].post(f"{at}/withdraw", {}))
    changed = said(people["rep"].patch(at, {"subject": "让价"}, back["version"]))
    people["rep"].post(f"{at}/moves/submit", {}, If_Match=f'"{changed["version"]}"')
    for act, body in (("agree", {}), ("reject", {"opinion": "太低"})):
        assert people["manager"].post(f"{at}/{act}", body, If_Match=seen).status_code == 412
    now = people["manager"].get(at).headers["ETag"]
    assert said(people["manager"].post(f"{at}/agree", {}, If_Match=now))["state"] == "approved"


def test_what_comes_next_is_read_as_strictly_as_the_rest(firm: Firm) -> None:
    """An unknown field, a move without a name and one that there is not are told in their places."""
    rep = api_for(firm, "rep")
    body = {"party_id": firm.party().id, "lines": [line(firm.item())]}
    for then, path in (([{"name": "send", "version": 1}], "then/0/version"), ([{}], "then/0/name"), ("send", "then")):
        refused = rep.post(QUOTATIONS, body | {"then": then})
        assert (refused.status_code, said(refused)["errors"][0]["path"]) == (422, path), refused.text
    assert said(rep.post(QUOTATIONS, body | {"then": [{"name": "fly"}]}))["code"] == "move.unknown"
    assert said(rep.get(QUOTATIONS))["items"] == []
    made = rep.made(QUOTATIONS, body)
    at = f"{QUOTATIONS}/{made['id']}"
    changed = rep.patch(at, {"then": [{"name": "submit"}]}, made["version"])
    assert said(changed)["errors"][0]["path"] == "then"
