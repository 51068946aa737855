"""The boxes, the panel of consents, the editor of rules, and who stands in, as people use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest

from core.approvals import reading
from core.documents.reading import load
from core.operations import decide, people
from core.roles import GENERAL_MANAGER, PURCHASING, SALES_CLERK, SALES_MANAGER, TECHNICAL
from core.testing.builders import Firm
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import offered, policy, states, step, waiting

BOXES, AWAY, RULES = "/approvals/", "/approvals/stand-ins/", "/administration/approval-rules/"
Visit = Callable[[str], Visitor]


@pytest.fixture
def visit(firm: Firm) -> Visit:
    """A person of the firm before the screens; the engineer and the purchaser may read offers."""
    for who, role in (("engineer", TECHNICAL), ("purchaser", PURCHASING)):
        firm.run("admin", lambda w, k=who, r=role: people.set_roles(w, firm.people[k], [r.key, SALES_CLERK.key]))  # type: ignore[misc]
    return lambda who: Visitor(site_of(firm), firm, who)


def path(quotation: Quotation) -> str:
    """The page of a quotation."""
    return f"/quotation/quotations/{quotation.id}/"


def act(visitor: Visitor, quotation: Quotation, name: str, **fields: str) -> str:
    """Use the panel of consents; gives back what the next page says."""
    page = visitor.get(path(quotation)).text
    found = re.search(rf'action="/c/\w+({path(quotation)}consents/\d+)"', page)
    assert found, "there is nothing to decide"
    assert visitor.post(found[1], act=name, **fields).status_code == 303
    return visitor.get(path(quotation)).text


def test_the_panel_shows_whose_turn_it_is_and_lets_him_do_all_he_may(firm: Firm, visit: Visit) -> None:
    """PLT-06: call in, hand over, send back, agree; the others see names and opinions, and no buttons."""
    policy(firm, step(SALES_MANAGER), step(PURCHASING, beside=True), step(GENERAL_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    rep, manager, purchaser = visit("rep"), visit("manager"), visit("purchaser")
    page = rep.get(path(quotation)).text
    assert "Zhang Wei" in page
    assert 'value="agree"' not in page
    assert 'value="withdraw"' in page
    page = act(manager, quotation, "call_in", called_id=str(firm.people["engineer"]), way="before", opinion="请看")
    assert "Zhou Gong" in page
    assert "Called in before" in page
    assert "is asked already" in act(purchaser, quotation, "hand_over", heir_id=str(firm.people["engineer"]))
    assert "This is needed" in act(purchaser, quotation, "hand_over", heir_id="x")
    act(visit("engineer"), quotation, "agree", opinion="技术可行")
    assert "技术可行" in rep.get(path(quotation)).text
    act(manager, quotation, "send_back", to="0", resume="straight", opinion="请补交期")
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).approval == "rejected"
    assert visit("rep").post(f"{path(quotation)}consents/1", act="nonsense").status_code == 404


def test_the_dialog_asks_whom_the_asker_names(firm: Firm, visit: Visit) -> None:
    """PLT-06: before submitting one reads who will have to agree, and names whom the rule leaves open."""
    policy(firm, step(SALES_MANAGER, who="chosen"), step(GENERAL_MANAGER))
    quotation = offered(firm)
    rep = visit("rep")
    page = rep.get(path(quotation)).text
    name = re.search(r'name="(approver-\d+-0)"', page)
    assert name
    assert "Zhang Wei" in page
    assert "General manager" in page
    move = f"{path(quotation)}moves/submit"
    rep.post(move, version="1")
    assert waiting(firm, quotation) == []
    rep.post(move, version="1", **{name[1]: str(firm.people["manager"])})
    assert states(firm, quotation) == ["open", "waiting"]


def test_the_four_boxes_and_agreeing_to_several_at_once(firm: Firm, visit: Visit) -> None:
    """PLT-06: 待我审批, 我已审批, 我发起的, 抄送我的; each of the chosen is decided for itself, and told."""
    policy(firm, step(SALES_MANAGER), step(PURCHASING, mode="copy"))
    made = [offered(firm) for _n in range(3)]
    for one in made:
        firm.move(one, "submit")
    manager, purchaser, rep = visit("manager"), visit("purchaser"), visit("rep")
    page = manager.get(BOXES).text
    tasks = re.findall(r'name="id" value="(\d+)"', page)
    assert len(tasks) == 3
    firm.run("rep", lambda w: decide.withdraw(w, Quotation, made[2].id))
    answer = manager.post(f"{BOXES}agree", id=tasks, opinion="同意")
    assert answer.status_code == 303
    told = manager.get(BOXES).text
    assert "2 agreed to." in told
    assert "decided already" in told
    assert manager.get(f"{BOXES}done").text.count("Agreed</span>") >= 2
    mine = rep.get(f"{BOXES}mine").text
    assert "Withdrawn" in mine
    copies = purchaser.get(f"{BOXES}copies").text
    assert copies.count("Not read yet</span>") == 2
    act(purchaser, made[0], "read")
    assert purchaser.get(f"{BOXES}copies").text.count("Not read yet</span>") == 1
    assert purchaser.get(f"{BOXES}nonsense").status_code == 404


def test_a_box_goes_on_page_by_page(firm: Firm, visit: Visit) -> None:
    """Nothing is left out, nothing comes twice."""
    policy(firm, step(SALES_MANAGER))
    party, item = firm.party().id, firm.item()
    for _n in range(52):
        made = firm.create(Quotation, party_id=party, lines=[{"item_id": item.id, "quantity": "1"}])
        firm.move(made, "submit")
    rep, seen, address = visit("rep"), list[str](), f"{BOXES}mine"
    for _page in range(2):
        page = rep.get(address).text
        seen += re.findall(r'href="/c/\w+(/quotation/quotations/\d+/?)"', page)
        further = re.search(r'href="/c/\w+(/approvals/mine\?before=\d+)"', page)
        address = further[1] if further else ""
    assert address == ""
    assert len(seen) == len(set(seen)) == 52


def test_an_administrator_writes_a_rule_with_all_it_can_say(firm: Firm, visit: Visit) -> None:
    """PLT-06: who, how many, beside, condition, days; a wrong condition comes back at its field with what was typed."""
    admin = visit("admin")
    roles = {role.key: str(role.id) for role in firm.read("admin", lambda w: w.company.roles.values())}
    written = {
        "name": "大额会签",
        "move": "quotation.quotation:submit",
        "condition": "amount >= 50000",
        "active": "1",
        "who-0": "role",
        "role-0": roles["finance"],
        "mode-0": "one",
        "condition-0": "discount >> 3",
        "who-1": "superior",
        "role-1": "",
        "levels-1": "2",
        "beside-1": "1",
        "days-1": "3",
    }
    refused = admin.send(f"{RULES}new", **written)
    assert refused.status_code == 422
    assert "discount &gt;&gt; 3" in refused.text
    assert admin.send(f"{RULES}new", **{**written, "condition-0": "discount > 3"}).status_code == 303
    listed = admin.get(RULES).text
    assert "amount &gt;= 50000" in listed
    key = re.search(r'approval-rules/(\d+)">大额会签', listed)
    assert key
    page = admin.get(f"{RULES}{key[1]}").text
    assert 'value="superior" selected' in page
    assert 'value="discount &gt; 3"' in page
    assert "below_floor" in page
    tried = admin.get(RULES, move="quotation.quotation:submit", amount="60000").text
    assert "if amount &gt;= 50000 and discount &gt; 3" in tried


def test_somebody_says_who_stands_in_and_ends_it(firm: Firm, visit: Visit) -> None:
    """PLT-06: the agreement is listed for both, takes effect at once, and ends with a click."""
    policy(firm, step(SALES_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    manager, today = visit("manager"), firm.as_program(lambda w: w.today)
    refused = manager.send(AWAY, to=str(firm.people["purchaser"]), first=today.isoformat(), last="")
    assert refused.status_code == 422
    last = (today + timedelta(days=3)).isoformat()
    answer = manager.send(AWAY, to=str(firm.people["purchaser"]), first=today.isoformat(), last=last, reason="休假")
    assert answer.status_code == 303
    assert "Sun Qiang for Zhang Wei" in visit("purchaser").get(AWAY).text
    assert len(firm.read("purchaser", reading.my_tasks)) == 1
    ended = re.search(r'action="/c/\w+(/approvals/stand-ins/\d+/end)"', manager.get(AWAY).text)
    assert ended
    manager.post(ended[1])
    assert firm.read("purchaser", reading.my_tasks) == []
    assert "Sun Qiang" not in manager.get(AWAY).text
