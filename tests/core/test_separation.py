"""Separation of duties: who made a document does not check it, who took the money in does not set it against claims."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.errors import Conflict, Refused
from core.operations import people
from core.operations.flow.claims import Use
from core.operations.separating import CODE, collisions
from core.roles import ADMINISTRATOR, FINANCE, REPRESENTATIVE
from core.separation import PAIRS, Office
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.sites import site_of
from plugins.billing.documents import Receipt
from plugins.billing.services import allocation
from tests.core.administration_visitor import Visitor

RECEIPTS, ALLOCATED = "core.separate_make_check", "core.separate_collect_allocate"


def receipt(firm: Firm, who: str) -> Receipt:
    """Money that came in, as somebody has entered it."""
    return firm.create(Receipt, who, party_id=firm.party(who if who != "finance" else "rep").id, amount="100")


def second(firm: Firm) -> None:
    """Somebody else who holds all that finance holds."""
    firm.as_program(lambda w: people.set_roles(w, firm.people["purchaser"], [FINANCE.key]))


def strict(firm: Firm, **chosen: str) -> None:
    firm.settings(**{f"core__separate_{pair}": how for pair, how in chosen.items()})


def refused(firm: Firm, act: Any) -> set[str]:
    """The codes of what stands against it."""
    with pytest.raises(Refused) as error:
        act()
    return {objection.code for objection in error.value.objections}


def test_who_made_a_document_does_not_check_it_where_somebody_else_may(firm: Firm) -> None:
    """PLT-08: maker and checker are two people; one person alone is not stopped by a rule that nobody could keep."""
    strict(firm, make_check="possible", collect_allocate="off")
    alone = receipt(firm, "finance")
    assert firm.move(alone, "confirm", "finance").state == "confirmed"
    second(firm)
    mine, other = receipt(firm, "finance"), receipt(firm, "rep")
    assert refused(firm, lambda: firm.move(mine, "confirm", "finance")) == {CODE}
    assert firm.move(mine, "confirm", "purchaser").state == "confirmed"
    assert firm.move(other, "confirm", "finance").state == "confirmed"


def test_who_changed_a_document_has_made_it_as_well(firm: Firm) -> None:
    strict(firm, make_check="always")
    changed = firm.edit(receipt(firm, "rep"), "finance", amount="90")
    assert refused(firm, lambda: firm.move(changed, "confirm", "finance")) == {CODE}
    # Whoever changes it after him makes it no less his.
    changed = firm.edit(changed, "rep", amount="91")
    assert refused(firm, lambda: firm.move(changed, "confirm", "finance")) == {CODE}


@pytest.mark.parametrize(("how", "stopped"), [("off", False), ("shown", False), ("possible", False), ("always", True)])
def test_the_company_says_how_strict_it_is(firm: Firm, how: str, stopped: bool) -> None:
    """The company chooses; where there is nobody else, only what is always refused stops a person."""
    strict(firm, make_check=how)
    made = receipt(firm, "finance")
    if stopped:
        assert refused(firm, lambda: firm.move(made, "confirm", "finance")) == {CODE}
    else:
        assert firm.move(made, "confirm", "finance").state == "confirmed"


def test_who_took_money_in_does_not_set_it_against_claims(firm: Firm) -> None:
    """Receipt and allocation are two people's, whichever way they are asked for, one after the other too."""
    strict(firm, make_check="off", collect_allocate="always")
    taken = firm.move(receipt(firm, "finance"), "confirm", "finance")

    def allocate(who: str) -> Any:
        return firm.run(who, lambda w: allocation.allocate(w, taken.id, [Use(Decimal(1), 1)]))

    assert refused(firm, lambda: allocate("finance")) == {CODE}
    assert refused(firm, lambda: firm.move(taken, "settle", "finance")) == {CODE}
    second(firm)
    with pytest.raises(Conflict) as other:
        firm.move(taken, "settle", "purchaser")
    assert other.value.code == "billing.nothing_owed"
    api = api_for(firm, "finance")
    body = {"then": [{"name": "settle"}]}
    at_once = api.post(f"/billing/receipts/{receipt(firm, 'rep').id}/moves/confirm", body)
    assert at_once.status_code == 409
    assert CODE in {o["code"] for o in said(at_once)["objections"]}


def test_a_refusal_says_why_and_the_page_says_it_before(firm: Firm) -> None:
    strict(firm, make_check="always")
    made = receipt(firm, "finance")
    api = api_for(firm, "finance")
    moves = {one["name"]: one for one in said(api.get(f"/billing/receipts/{made.id}/moves"))["moves"]}
    assert moves["confirm"]["closed"]["objections"][0]["code"] == CODE
    assert "Somebody else has to do this." in moves["confirm"]["closed"]["objections"][0]["message"]
    page = Visitor(site_of(firm), firm, "finance").get(f"/billing/receipts/{made.id}/").text
    assert "Somebody else has to do this." in page


def test_what_two_roles_must_not_come_to_is_refused_where_the_company_says_so(firm: Firm) -> None:
    """Who sells does not take the money in, if the company keeps these apart altogether."""
    strict(firm, make_check="off", sell_collect="always")
    made = receipt(firm, "rep2")
    firm.as_program(lambda w: people.set_roles(w, firm.people["rep"], [REPRESENTATIVE.key, FINANCE.key]))
    assert refused(firm, lambda: firm.move(made, "confirm", "rep")) == {CODE}
    assert firm.move(made, "confirm", "finance").state == "confirmed"


def test_the_administrator_sees_whose_roles_collide(firm: Firm) -> None:
    """One page names every person, what does not go together, and the roles that bring it."""
    before = {(one.account_id, one.pair.key) for one in firm.as_program(collisions)}
    firm.as_program(lambda w: people.set_roles(w, firm.people["rep"], [REPRESENTATIVE.key, FINANCE.key]))
    firm.as_program(lambda w: people.set_roles(w, firm.people["admin"], [ADMINISTRATOR.key, FINANCE.key]))
    found = {(one.account_id, one.pair.key): one for one in firm.as_program(collisions)}
    new = {(who, pair) for who, pair in found.keys() - before if who == firm.people["rep"]}
    assert (firm.people["rep"], "core.separate_sell_collect") in new
    assert (firm.people["admin"], "core.separate_administer_collect") in found
    page = Visitor(site_of(firm), firm, "admin").get("/administration/separation/").text
    assert "Wang Xiaoming" in page
    told = said(api_for(firm, "admin").get("/core/collisions"))["items"]
    duties = {(one["person_id"], one["duties"]) for one in told}
    assert (firm.people["rep"], "Making sales – Taking money in") in duties
    firm.settings(core__separate_sell_collect="off")
    assert (firm.people["rep"], "core.separate_sell_collect") not in {
        (one.account_id, one.pair.key) for one in firm.as_program(collisions)
    }


def test_areas_that_are_off_separate_nobody(firm: Firm) -> None:
    """PLT-01: what nobody can do here collides with nothing."""
    bare = Firm.founded(firm.program, "bare", "无模块有限公司", areas=())
    bare.as_program(lambda w: people.set_roles(w, bare.people["rep"], [REPRESENTATIVE.key, FINANCE.key]))
    assert bare.as_program(collisions) == []


def test_every_pair_is_of_two_offices_and_may_be_chosen(firm: Firm) -> None:
    settings = firm.program.registry.settings
    assert [pair.key for pair in PAIRS if pair.first is pair.second or pair.key not in settings] == []
    used = {office for pair in PAIRS for office in (pair.first, pair.second)}
    assert used == set(Office)
