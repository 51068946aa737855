"""Double checks: others compare a document with what it came from, and confirm a move before it is made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from core.app import open_program
from core.approvals import reading
from core.db.engine import open_engine
from core.documents.models import Document
from core.documents.reading import load
from core.entities.double_check import DoubleCheck
from core.errors import Conflict, Forbidden, Invalid, Refused, Unknown
from core.messages import reading as messages
from core.operations import decide, edit, masters, people, standing_in, telling, turning
from core.operations.duties import daily
from core.operations.roles import set_grants
from core.operations.side_by_side import Beside, side_by_side
from core.operations.verifying import verify_chain
from core.records.models import History
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, WAREHOUSE, Role, Scope
from core.schemas import inputs
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.work import Work
from plugins.billing.documents import Invoice
from plugins.contract.documents import Order
from plugins.logistics.documents import Delivery
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import offered, policy, states, step
from tests.core.test_flow import SAID, again, ordered, shipped, switch_off, taken
from tests.core.test_races import at_once
from tests.core.test_reach import house, placed, reach

SEND = ("quotation.quotation", "send")
READ = "quotation.quotation.read"


def double_check(firm: Firm, kind: str, move: str, persons: int = 1, role: Role | None = None, **more: Any) -> int:
    """The rule for one move, as an administrator writes it."""

    def write(work: Work) -> int:
        roles = {one.key: one.id for one in work.company.roles.values()}
        given = {"document_kind": kind, "transition": move, "persons": persons, **more}
        given |= {"role_id": roles[role.key]} if role else {}
        return masters.save(work, DoubleCheck, inputs.read(DoubleCheck, given)).id

    return firm.run("admin", write)


def to_send(firm: Firm) -> Quotation:
    """A quotation of the representative that he has asked to send."""
    quotation = offered(firm)
    firm.move(quotation, "submit")
    return firm.move(quotation, "send")


def told(firm: Firm, document: Document) -> list[str]:
    """What its history says, in order."""
    mine = (History.company_id == firm.id, History.document_id == document.id)
    return firm.as_program(lambda w: list(w.session.scalars(select(History.what).where(*mine).order_by(History.id))))


# Who confirms ---------------------------------------------------------------------------------------------------------


def test_another_person_confirms_before_the_move_is_made(firm: Firm) -> None:
    """PLT-08: the move waits for one further person, is in that person's box, and says so in the history."""
    double_check(firm, *SEND)
    quotation = to_send(firm)
    assert (quotation.state, quotation.approval) == ("approved", "pending")
    (task,) = firm.read("clerk", reading.my_tasks)
    assert (task.document_id, task.purpose) == (quotation.id, "check")
    assert firm.read("rep", reading.my_tasks) == []
    sent = firm.agree(quotation, "clerk", "与询价一致")
    assert (sent.state, sent.approval) == ("sent", "none")
    assert told(firm, quotation) == ["create", "submit", "ask", "double_check", "send"]
    assert firm.read("clerk", reading.my_tasks) == []
    assert firm.as_program(lambda w: list(verify_chain(w))) == []


def test_nobody_confirms_what_he_made_or_asked_for(firm: Firm) -> None:
    """PLT-08: neither who made the document nor who makes the move; where nobody else is there it is refused."""
    double_check(firm, *SEND)
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.move(quotation, "send", "clerk")
    for who in ("rep", "clerk"):
        with pytest.raises(Forbidden):
            firm.agree(quotation, who)
    assert firm.agree(quotation, "manager").state == "sent"
    firm.run("admin", lambda w: masters.save(w, DoubleCheck, {"persons": 9}, key=_rule(w)))
    other = offered(firm)
    firm.move(other, "submit")
    with pytest.raises(Refused, match="nobody for the step"):
        firm.move(other, "send")


def _rule(work: Work) -> int:
    key = work.session.scalars(select(DoubleCheck.id)).one()
    return int(key)


def test_as_many_confirm_as_the_company_says_each_once(firm: Firm) -> None:
    """PLT-08: two further persons; the same one does not count twice."""
    double_check(firm, *SEND, persons=2)
    quotation = to_send(firm)
    assert firm.agree(quotation, "clerk").approval == "pending"
    with pytest.raises(Forbidden):
        firm.agree(quotation, "clerk")
    assert firm.read("clerk", reading.my_tasks) == []
    assert firm.agree(quotation, "manager").state == "sent"


@pytest.mark.parametrize("given", [{"persons": 0}, {"active": False}], ids=["nobody", "not in force"])
def test_there_may_be_none(firm: Firm, given: dict[str, Any]) -> None:
    """PLT-08: with no further person, and with a rule out of force, the move goes through at once."""
    double_check(firm, *SEND, **given)
    assert to_send(firm).state == "sent"


def test_only_who_holds_the_role_confirms_where_one_is_named(firm: Firm) -> None:
    """PLT-08: the manager may, the clerk may not."""
    double_check(firm, *SEND, role=SALES_MANAGER)
    quotation = to_send(firm)
    assert firm.read("clerk", reading.my_tasks) == []
    with pytest.raises(Forbidden):
        firm.agree(quotation, "clerk")
    assert firm.agree(quotation, "manager").state == "sent"


def test_who_may_not_read_it_does_not_confirm_it(firm: Firm) -> None:
    """Without a role whoever may read it confirms: not the purchaser, nor a representative who sees only his own."""
    double_check(firm, *SEND)
    quotation = to_send(firm)
    for who in ("purchaser", "rep2"):
        assert firm.read(who, reading.my_tasks) == []
        with pytest.raises((Forbidden, Unknown)):
            firm.agree(quotation, who)


def test_who_stands_in_for_the_maker_is_no_further_person(firm: Firm) -> None:
    """PLT-08: for the maker nobody confirms; who confirms for another has used up that other's confirmation too."""
    double_check(firm, *SEND, persons=2, role=REPRESENTATIVE)
    firm.run("admin", lambda w: people.set_roles(w, firm.people["manager"], [REPRESENTATIVE.key, SALES_MANAGER.key]))
    quotation = to_send(firm)
    today = firm.as_program(lambda w: w.today)
    week = today + timedelta(days=6)
    firm.run("rep", lambda w: standing_in.stand_in(w, firm.people["engineer"], today, week))
    with pytest.raises(Forbidden):
        firm.agree(quotation, "engineer")
    firm.run("rep2", lambda w: standing_in.stand_in(w, firm.people["engineer"], today, week))
    assert firm.agree(quotation, "engineer").approval == "pending"
    with pytest.raises(Forbidden):
        firm.agree(quotation, "rep2")
    assert firm.agree(quotation, "manager").state == "sent"


def test_a_check_that_was_given_away_is_the_others_alone(firm: Firm) -> None:
    """PLT-08: he may read that one document by being asked; whoever could have confirmed before reads no more by it."""
    double_check(firm, *SEND)
    quotation = to_send(firm)
    task = firm.task(quotation, "clerk")
    firm.run("clerk", lambda w: turning.hand_over(w, task, firm.people["purchaser"], reason="请采购核对"))
    with pytest.raises(Unknown):
        firm.read("rep2", lambda w: load(w, Quotation, quotation.id))
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "purchaser").state == "sent"


def consents(firm: Firm, who: str) -> list[str]:
    """What somebody was told of consents and checks."""

    def look(work: Work) -> list[str]:
        found = [one for one in messages.mine(work) if one.topic == "consent"]
        return [str(telling.told(work, one.text, one.details)) for one in found]

    return firm.read(who, look)


def test_only_who_may_confirm_is_told_of_a_check_and_once(firm: Firm) -> None:
    """PLT-08: with two further persons everybody hears of it once; not who wrote it, nor who may not even read it."""
    double_check(firm, *SEND, persons=2)
    quotation = firm.edit(offered(firm), "clerk", subject="广场")
    firm.move(quotation, "submit")
    quotation = firm.move(quotation, "send")
    firm.as_program(daily.tell_asked)
    told = {who: consents(firm, who) for who in firm.people}
    title = f"Quotation {quotation.number} {quotation.party_name}"
    assert {who for who, texts in told.items() if texts} == {"manager", "boss"}
    assert told["boss"] == [f"You are asked to double-check: {title}"]
    assert firm.as_program(daily.tell_asked) == 0


def test_a_check_that_only_another_team_could_confirm_is_refused(firm: Firm) -> None:
    """PLT-08: a right that does not reach the document makes nobody a further person; nothing waits for nobody."""
    double_check(firm, *SEND)
    house(firm)
    placed(firm, rep="east", manager="west", clerk="west")
    for role in (SALES_MANAGER, SALES_CLERK):
        reach(firm, role.key, Scope.TEAM)
    reach(firm, GENERAL_MANAGER.key, Scope.OWN)
    quotation = offered(firm)
    firm.move(quotation, "submit")
    with pytest.raises(Refused, match="nobody for the step"):
        firm.move(quotation, "send")
    placed(firm, clerk="east")
    assert firm.move(quotation, "send").approval == "pending"
    firm.as_program(daily.tell_asked)
    assert (consents(firm, "manager"), len(consents(firm, "clerk"))) == ([], 1)
    assert firm.agree(quotation, "clerk").state == "sent"


def test_nobody_confirms_what_he_wrote_before_another_changed_it(firm: Firm) -> None:
    """PLT-08: not in his box, not by the interface, not handed to him, and he is not told; of a revision it is anew."""
    double_check(firm, *SEND)
    quotation = firm.edit(offered(firm), "manager", subject="机场")
    quotation = firm.edit(quotation, "rep", remark="请核对")
    firm.move(quotation, "submit")
    quotation = firm.move(quotation, "send")
    assert firm.read("manager", reading.my_tasks) == []
    assert len(firm.read("clerk", reading.my_tasks)) == 1
    assert api_for(firm, "manager").post(f"/quotation/quotations/{quotation.id}/agree", {}).status_code == 403
    firm.as_program(daily.tell_asked)
    assert (consents(firm, "manager"), len(consents(firm, "clerk"))) == ([], 1)
    with pytest.raises(Forbidden, match="what he made"):
        firm.agree(quotation, "manager")
    task = firm.task(quotation, "clerk")
    with pytest.raises(Invalid):
        firm.run("clerk", lambda w: turning.hand_over(w, task, firm.people["manager"]))
    assert firm.agree(quotation, "clerk").state == "sent"


def test_the_check_comes_before_all_consents_and_uses_nobody_up(firm: Firm) -> None:
    """PLT-08: first the further person, then who agrees; nobody does both."""
    double_check(firm, "quotation.quotation", "submit", role=SALES_CLERK)
    policy(firm, step(SALES_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    with pytest.raises(Forbidden):
        firm.agree(quotation, "manager")
    assert firm.agree(quotation, "clerk").approval == "pending"
    done = firm.agree(quotation, "manager")
    assert (done.state, done.approval) == ("approved", "approved")


def test_a_consent_that_was_given_before_still_stands_after_a_check(firm: Firm) -> None:
    """A check of a later move neither takes a consent away nor gives one."""
    policy(firm, step(SALES_MANAGER))
    double_check(firm, *SEND)
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.agree(quotation, "manager")
    firm.move(quotation, "send")
    sent = firm.agree(quotation, "clerk")
    assert (sent.state, sent.approval) == ("sent", "approved")


# What was changed, and what is refused --------------------------------------------------------------------------------


def test_a_refusal_needs_a_reason_and_sends_it_back(firm: Firm) -> None:
    """PLT-08: it stays where it was, its maker sees why, and it can be asked for again."""
    double_check(firm, *SEND)
    quotation = to_send(firm)
    with pytest.raises(Invalid):
        firm.reject(quotation, "clerk", "")
    back = firm.reject(quotation, "clerk", "税率与合同不符")
    assert (back.state, back.approval) == ("approved", "rejected")
    assert told(firm, quotation)[-1] == "double_check_refused"
    firm.move(quotation, "send")
    assert firm.agree(quotation, "clerk").approval == "none"


def test_what_is_changed_is_confirmed_anew(firm: Firm) -> None:
    """PLT-08: a confirmation is to what the document said; after a change, straight back or not, it counts no more."""
    double_check(firm, "quotation.quotation", "submit", persons=2)
    quotation = offered(firm)
    firm.move(quotation, "submit")
    firm.agree(quotation, "clerk")
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: edit.edit(w, Quotation, quotation.id, {"remark": "改"}))
    task = firm.task(quotation, "manager")
    firm.run("manager", lambda w: turning.send_back(w, task, opinion="补规格", resume="straight"))
    firm.run("rep", lambda w: edit.edit(w, Quotation, quotation.id, {"remark": "改"}))
    firm.move(quotation, "submit")
    assert states(firm, quotation) == ["open", "open"]
    firm.agree(quotation, "manager")
    assert firm.agree(quotation, "clerk").state == "approved"


def test_a_rule_names_a_move_that_people_make(firm: Firm) -> None:
    """Nobody relies on a rule that never counts, nor is the same move named twice."""
    for kind, move in (
        ("quotation.nothing", "send"),
        ("quotation.quotation", "fly"),
        ("quotation.quotation", "expire"),
    ):
        with pytest.raises(Invalid):
            double_check(firm, kind, move)
    with pytest.raises(Invalid):
        double_check(firm, *SEND, persons=10)
    double_check(firm, *SEND)
    with pytest.raises(Conflict):
        double_check(firm, *SEND)
    with pytest.raises(Forbidden):
        firm.run("manager", lambda w: masters.save(w, DoubleCheck, {"persons": 0}, key=_rule(w)))


# At the same moment ---------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(database: Database) -> Iterator[Firm]:
    """A firm whose program lets many people act at once."""
    engine = open_engine(database.url, threads=6)
    yield Firm.founded(open_program(engine), "crowd", "人多照明有限公司")
    engine.dispose()


def test_two_who_confirm_at_the_same_moment_both_count(crowd: Firm) -> None:
    """PLT-08: both were shown the same page; each takes a seat, a third one is too late, and the move is made once."""
    double_check(crowd, *SEND, persons=2)
    for _round in range(3):
        quotation = to_send(crowd)
        task = crowd.task(quotation, "manager")

        def confirm(who: str, key: int = task) -> str:
            return str(crowd.run(who, lambda w: decide.agree(w, key)).state)

        answers = at_once([lambda one=who: confirm(one) for who in ("manager", "clerk", "boss")])  # type: ignore[misc]
        assert {one for one in answers if isinstance(one, str)} == {"approved", "sent"}
        assert sum(isinstance(one, Conflict) for one in answers) == 1
        assert told(crowd, quotation).count("send") == 1
        assert told(crowd, quotation).count("double_check") == 2


# Side by side ---------------------------------------------------------------------------------------------------------


def beside(firm: Firm, document: Document, who: str = "boss") -> list[Beside]:
    """What stands beside a document for somebody."""
    return firm.read(who, lambda w: side_by_side(w, load(w, type(document), document.id)))


@pytest.fixture
def trading(firm: Firm) -> Firm:
    """Orders without production, nobody keeps stock, drafts are made by hand."""
    firm.as_program(lambda w: switch_off(w, "production", "aftersales", "credit"))
    firm.settings(contract__entry="order", contract__drafts="false", logistics__negative_stock="true")
    return firm


def test_a_delivery_stands_beside_its_order(trading: Firm) -> None:
    """PLT-08: lines are put side by side by the chain; another quantity and a line that is missing are marked."""
    firm = trading
    order = ordered(firm, "10", "5", "3")
    whole, part, _missing = order.lines
    delivery = taken(firm, Delivery, [(whole.id, "10"), (part.id, "2")])
    (found,) = beside(firm, delivery)
    assert found.document.id == order.id
    first, second, third = found.lines
    assert (first.this["quantity"], first.other["quantity"], first.differs) == (10, 10, frozenset())  # type: ignore[index]
    assert (second.this["quantity"], second.other["quantity"]) == (2, 5)  # type: ignore[index]
    assert "quantity" in second.differs
    assert third.this is None
    assert third.other is not None
    assert third.other["quantity"] == 3


def test_an_invoice_stands_beside_its_order_and_what_was_delivered(trading: Firm) -> None:
    """PLT-08: the price of the order and the quantity that went out, whatever the invoice was taken from."""
    firm = trading
    firm.settings(core__billing_point="order")
    order = ordered(firm, "10", price="100")
    shipped(firm, (order.lines[0].id, "4"))
    invoice = taken(firm, Invoice, [(order.lines[0].id, "10")])
    by_kind = {one.document.kind: one for one in beside(firm, invoice)}
    assert set(by_kind) == {"contract.order", "logistics.delivery"}
    (against_order,) = by_kind["contract.order"].lines
    assert against_order.differs == frozenset()
    assert against_order.this["gross_price"] == against_order.other["gross_price"] == 100  # type: ignore[index]
    (against_delivery,) = by_kind["logistics.delivery"].lines
    assert (against_delivery.this["quantity"], against_delivery.other["quantity"]) == (10, 4)  # type: ignore[index]


def test_whoever_may_not_read_the_order_sees_goods_and_no_prices(trading: Firm) -> None:
    """The warehouse compares quantities; what the customer pays is not shown."""
    firm = trading
    firm.run("admin", lambda w: people.set_roles(w, firm.people["engineer"], [WAREHOUSE.key]))
    order = ordered(firm, "10")
    delivery = taken(firm, Delivery, [(order.lines[0].id, "10")])
    (found,) = beside(firm, delivery, "engineer")
    assert not found.readable
    assert found.header == ()
    assert found.lines[0].other is not None
    assert "quantity" in found.lines[0].other
    assert not {"gross_price", "gross"} & found.lines[0].other.keys()


def test_a_delivery_is_checked_before_it_leaves(trading: Firm) -> None:
    """PLT-08: what the move asks for is kept while it waits, and the goods are posted with the confirmation."""
    firm = trading
    order = ordered(firm, "10")
    delivery = taken(firm, Delivery, [(order.lines[0].id, "10")])
    firm.move(delivery, "confirm", "clerk")
    double_check(firm, "logistics.delivery", "ship")
    waits = firm.move(delivery, "ship", "clerk", values={"plate": "鲁B12345"})
    assert (waits.state, waits.approval) == ("confirmed", "pending")
    assert again(firm, order).lines[0].delivered == 0
    gone = firm.agree(delivery, "manager")
    assert (gone.state, gone.plate) == ("shipped", "鲁B12345")
    assert again(firm, order).lines[0].delivered == 10
    assert firm.as_program(lambda w: list(verify_chain(w))) == []


def test_an_order_from_nowhere_has_nothing_beside_it(trading: Firm) -> None:
    """It says so, rather than comparing it with somebody else's."""
    order = trading.create(Order, party_id=trading.party().id, lines=[line(trading.item(), "1")], **SAID)
    assert beside(trading, order) == []


# As people and programs use it ----------------------------------------------------------------------------------------

RULES = "/administration/double-checks/"


def test_the_administrator_names_moves_and_the_checker_compares_and_confirms(firm: Firm) -> None:
    """PLT-08: the page of rules, the box with its count, both papers side by side, and the panel's two buttons."""
    site = site_of(firm)
    admin, rep, clerk = (Visitor(site, firm, who) for who in ("admin", "rep", "clerk"))
    page = admin.post(RULES, move="quotation.quotation:send", persons="12").text
    assert "A whole number from 0 to 9." in page
    assert admin.post(RULES, move="quotation.quotation:send", persons="2", active="1").status_code == 303
    assert admin.post(RULES, move="quotation.quotation:send", persons="1", active="1").status_code == 303
    page = admin.get(RULES).text
    assert "Quotation: Mark as sent" in page
    assert "one person confirms" in page
    assert clerk.get(RULES).status_code == 403
    quotation = offered(firm)
    firm.move(quotation, "submit")
    at = f"/quotation/quotations/{quotation.id}/"
    assert "Double check" in rep.get(at).text
    assert rep.post(f"{at}moves/send").status_code == 303
    assert f"{at}comparison" in clerk.get("/approvals/checks").text
    assert quotation.party_name not in clerk.get("/approvals/").text
    page = clerk.get(f"{at}comparison").text
    assert "Nothing comes before it." in page
    assert 'value="agree"' in page
    assert 'value="agree"' not in rep.get(at).text
    found = re.search(rf'action="/c/\w+({at}consents/\d+)"', page)
    assert found
    clerk.post(found[1], act="reject", opinion="")
    assert again(firm, quotation).approval == "pending"
    clerk.post(found[1], act="agree", opinion="已核对")
    assert again(firm, quotation).state == "sent"
    assert "double-checked it" in rep.get(at).text
    assert "复核" in Visitor(site, firm, "admin", "zh_Hans_CN").get(RULES).text


def test_programs_set_rules_compare_and_confirm(trading: Firm) -> None:
    """PLT-08: over the interface: the rule, what a move asks for, both papers, and the confirmation."""
    firm = trading
    admin, clerk, boss = (api_for(firm, who) for who in ("admin", "clerk", "boss"))
    rule = {"document_kind": "logistics.delivery", "transition": "confirm", "persons": 1}
    made = admin.made("/core/double-checks", rule)
    assert admin.post("/core/double-checks", rule).status_code == 409
    assert clerk.post("/core/double-checks", rule).status_code == 403
    assert admin.post("/core/double-checks", {**rule, "transition": "fly"}).status_code == 422
    assert admin.patch(f"/core/double-checks/{made['id']}", {"persons": 11}, 1).status_code == 422
    order = ordered(firm, "10")
    delivery = taken(firm, Delivery, [(order.lines[0].id, "4")])
    at = f"/logistics/deliveries/{delivery.id}"
    moves = {one["name"]: one for one in said(clerk.get(f"{at}/moves"))["moves"]}
    assert [step["purpose"] for step in moves["confirm"]["consents"]] == ["check"]
    assert said(clerk.post(f"{at}/moves/confirm"))["approval"] == "pending"
    (task,) = said(boss.get("/core/approvals"))["items"]
    assert task["purpose"] == "check"
    (found,) = said(boss.get(f"{at}/beside"))["items"]
    assert (found["kind"], found["lines"][0]["differs"]) == ("contract.order", ["gross", "quantity"])
    assert clerk.post(f"{at}/agree").status_code == 403
    assert boss.post(f"/core/approvals/{task['id']}/reject", {"opinion": ""}).status_code == 422
    assert said(boss.post(f"/core/approvals/{task['id']}/agree"))["state"] == "confirmed"


def test_whose_right_does_not_reach_the_document_is_nobody_to_confirm_it(firm: Firm) -> None:
    """PLT-08: those who may read quotations of their own department alone are not here: refused, not left to wait."""
    double_check(firm, *SEND)
    quotation = offered(firm)
    firm.move(quotation, "submit")

    def narrow(scope: str) -> None:
        def command(work: Work) -> None:
            for role in work.company.roles.values():
                kept = {one.permission: one.scope for one in role.grants}
                if kept.get(READ) and role.key != REPRESENTATIVE.key:
                    set_grants(work, role.key, kept | {READ: scope})

        firm.run("admin", command)

    narrow("team")
    with pytest.raises(Refused):
        firm.move(quotation, "send")
    firm.run("admin", lambda w: people.employ(w, firm.people["rep"], superior_id=firm.people["clerk"], roles=None))
    firm.move(quotation, "send")
    assert [row.document_id for row in firm.read("clerk", reading.my_tasks)] == [quotation.id]
    assert firm.read("boss", reading.my_tasks) == []
    assert firm.agree(quotation, "clerk").state == "sent"
