"""Somebody leaves: what he answers for goes to others in one step, with a record, and can come back for a day."""

from __future__ import annotations

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
from core.duties.models import Duty
from core.entities.hand_over import HandOver, HandOverItem
from core.entities.party import Party
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.operations import company, handing_over, masters, people, standing_in
from core.operations.duties import tasks
from core.operations.guide import answer, guide
from core.operations.handing_over import Share
from core.operations.verifying import verify_chain
from core.records.models import History
from core.records.verify import verify_history
from core.roles import SALES_MANAGER
from core.testing import bulk
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.work import Ask, Work
from plugins.aftersales.documents import Case
from plugins.crm.masters import Tracking
from plugins.logistics.masters.warehouses import Warehouse
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.command_line import CommandLine
from tests.core.test_approval_plans import offered, policy, step
from tests.core.test_races import at_once

HAND_OVERS = "/administration/hand-overs"


def share(firm: Firm, to: str, **values: Any) -> Share:
    """What somebody of the firm gets."""
    return Share(firm.people[to], **values)


def given(firm: Firm, who: str, *shares: Share, by: str = "admin", reason: str = "离职") -> int:
    """A hand-over by the administrator."""
    return firm.run(by, lambda w: handing_over.hand_over(w, firm.people[who], shares, reason=reason))


def owner(firm: Firm, record: Any) -> int | None:
    """Who answers for a record now."""
    table: Any = Document.__table__ if isinstance(record, Document) else type(record).__table__
    where = (table.c.company_id == firm.id, table.c.id == record.id)
    found: int | None = firm.as_program(lambda w: w.connection.execute(select(table.c.owner_id).where(*where)).scalar())
    return found


def told(firm: Firm, record: Any) -> list[str]:
    """What the history of a record says, in order."""
    kind = record.kind
    where = (History.company_id == firm.id, History.kind == kind, History.record_id == record.id)
    return firm.as_program(lambda w: list(w.session.scalars(select(History.what).where(*where).order_by(History.id))))


def sound(firm: Firm) -> None:
    """Histories, hashes and figures hold."""
    assert firm.as_program(lambda w: [*verify_history(w), *verify_chain(w)]) == []


def tracked(firm: Firm, party: Party, who: str = "rep") -> Tracking:
    """A row of the tracking sheet."""
    return firm.run(who, lambda w: masters.save(w, Tracking, {"party_id": party.id}))


# What goes ------------------------------------------------------------------------------------------------------------


def test_everything_that_waits_goes_to_the_successor_and_what_is_over_stays(firm: Firm) -> None:
    """PLT-14, CRM-13: customers, chances and open documents go at once; a cancelled paper keeps who wrote it."""
    party = firm.party()
    chance, open_one, over = tracked(firm, party), offered(firm), offered(firm)
    firm.move(over, "cancel", reason="无需求")
    other = firm.party("rep2")
    key = given(firm, "rep", share(firm, "rep2"))
    for record in (party, chance, open_one):
        assert owner(firm, record) == firm.people["rep2"]
    assert owner(firm, over) == firm.people["rep"]
    assert told(firm, party)[-1] == told(firm, open_one)[-1] == told(firm, chance)[-1] == "handed_over"
    assert told(firm, other) == ["create"]
    row = firm.read("admin", lambda w: handing_over.find(w, key))
    assert (row.from_id, row.by_id, row.reason) == (firm.people["rep"], firm.people["admin"], "离职")
    to = str(firm.people["rep2"])
    assert row.counts["core.party"] == {to: 3}
    assert row.counts["quotation.quotation"] == {to: 1}
    firm.run("rep2", lambda w: masters.save(w, Party, {"phone": "0532-88881111"}, key=party.id))
    sound(firm)


def test_several_successors_by_customer_by_department_and_by_sort(firm: Firm) -> None:
    """PLT-14: the first share that fits a record counts; what fits none stays."""
    firm.run("admin", lambda w: people.save_department(w, "south", "华南部"))
    south = firm.as_program(lambda w: max(w.company.departments))
    named, of_department = firm.party(), firm.party(department_id=south)
    by_region, rest = firm.party(region_code="370200"), firm.party()
    quotation = offered(firm)
    given(
        firm,
        "rep",
        share(firm, "rep2", party_ids=(named.id,)),
        share(firm, "manager", department_ids=(south,)),
        share(firm, "clerk", regions=("3702",)),
        share(firm, "boss", what=("quotation.quotation",)),
    )
    assert owner(firm, named) == firm.people["rep2"]
    assert owner(firm, of_department) == firm.people["manager"]
    assert owner(firm, by_region) == firm.people["clerk"]
    assert owner(firm, rest) == firm.people["rep"]
    assert owner(firm, quotation) == firm.people["boss"]


def test_documents_follow_their_customers(firm: Firm) -> None:
    """PLT-14: a share of some customers takes their open documents along."""
    quotation, other = offered(firm), offered(firm)
    assert quotation.party_id is not None
    given(firm, "rep", share(firm, "rep2", party_ids=(quotation.party_id,)))
    assert owner(firm, quotation) == firm.people["rep2"]
    assert owner(firm, other) == firm.people["rep"]


def test_consents_that_wait_go_to_the_successor_but_never_to_who_made_it(firm: Firm) -> None:
    """PLT-14: a consent asked of the leaver by name is the successor's; one to the successor's own work stays."""
    policy(firm, step(who="person", person_id=firm.people["manager"]))
    theirs, own = offered(firm), offered(firm, who="clerk")
    firm.move(theirs, "submit")
    firm.move(own, "submit", "clerk")
    plan = [share(firm, "clerk", what=("core.consents",))]
    counts = firm.read("admin", lambda w: handing_over.preview(w, firm.people["manager"], plan))
    found = {(one.to_id, one.unfit): one.count for one in counts if one.key == "core.consents"}
    assert found == {(firm.people["clerk"], False): 1, (None, True): 1}
    given(firm, "manager", *plan)
    assert [task.document_id for task in firm.read("clerk", reading.my_tasks)] == [theirs.id]
    assert [task.document_id for task in firm.read("manager", reading.my_tasks)] == [own.id]
    assert told(firm, theirs)[-1] == "hand_over"
    assert firm.agree(theirs, "clerk").state == "approved"
    sound(firm)


def test_whom_he_stands_in_for_and_what_an_area_declares_go_along(firm: Firm) -> None:
    """PLT-14: standing in for others, and the warehouses somebody keeps."""
    today = firm.as_program(lambda w: w.today)
    firm.run("boss", lambda w: standing_in.stand_in(w, firm.people["manager"], today, today + timedelta(days=5)))
    house = firm.run(
        "boss",
        lambda w: masters.save(w, Warehouse, {"code": "W9", "name": "二号库", "keeper_id": firm.people["manager"]}),
    )
    given(firm, "manager", share(firm, "finance"))
    agreed = firm.read("boss", standing_in.agreements)
    assert [row.to_id for row in agreed] == [firm.people["finance"]]
    where = (Warehouse.id == house.id,)
    assert (
        firm.as_program(lambda w: w.session.scalar(select(Warehouse.keeper_id).where(*where)))
        == (firm.people["finance"])
    )
    assert told(firm, house)[-1] == "handed_over"
    sound(firm)


def test_tasks_that_he_was_given_go_along_and_those_he_has_done_stay(firm: Firm) -> None:
    """PLT-14: what is still to do is the successor's, and comes back with an undoing as long as he has not done it."""
    rep, rep2 = firm.people["rep"], firm.people["rep2"]
    open_one = firm.run("manager", lambda w: tasks.give(w, rep, "寄样品"))
    over = firm.run("manager", lambda w: tasks.give(w, rep, "打电话"))
    firm.run("rep", lambda w: tasks.finish(w, over))

    def whose(work: Work) -> dict[int, int | None]:
        rows = work.session.scalars(select(Duty).where(Duty.company_id == firm.id)).all()
        assert all(row.owner_id == row.account_id for row in rows)
        return {row.id: row.account_id for row in rows}

    key = given(firm, "rep", share(firm, "rep2"))
    assert firm.as_program(whose) == {open_one: rep2, over: rep}
    assert firm.run("admin", lambda w: handing_over.undo(w, key)) == (1, 0)
    assert firm.as_program(whose) == {open_one: rep, over: rep}


def test_guidance_that_waits_for_his_answer_goes_along(firm: Firm) -> None:
    """PLT-14: the successor answers it; what was answered stays, and nobody gets what he has said himself."""
    offer = offered(firm)
    manager, boss = firm.people["manager"], firm.people["boss"]
    firm.as_program(lambda w: people.employ(w, firm.people["rep"], superior_id=manager, roles=None))
    firm.as_program(lambda w: people.employ(w, manager, superior_id=boss, roles=None))
    keys = [firm.run("manager", lambda w, t=text: guide(w, Quotation, offer.id, t)) for text in ("降价", "催款")]  # type: ignore[misc]
    firm.run("boss", lambda w: guide(w, Quotation, offer.id, "拜访"))
    firm.run("rep", lambda w: answer(w, keys[0], "已办"))
    look = firm.run("admin", lambda w: handing_over.preview(w, firm.people["rep"], [share(firm, "manager")]))
    assert {(one.unfit, one.count) for one in look if one.key == "core.guidance"} == {(False, 1), (True, 1)}
    given(firm, "rep", share(firm, "rep2"))
    firm.run("rep2", lambda w: answer(w, keys[1], "客户月底付款"))
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: answer(w, keys[0], "noch einmal"))


def handled(firm: Firm, technician: str) -> Case:
    """A service request of the representative that somebody handles."""
    case = firm.create(Case, party_id=firm.party().id, fault="灯珠不亮")
    case = firm.move(firm.move(case, "confirm", "boss"), "file", "clerk")
    return firm.move(case, "decide", "engineer", values={"handling": "visit", "technician_id": firm.people[technician]})


def technician(firm: Firm, case: Case) -> int | None:
    """Who handles a request."""
    return firm.as_program(lambda w: load(w, Case, case.id, lines=False).technician_id)


def test_service_requests_have_another_technician_and_both_reasons_come_back(firm: Firm) -> None:
    """PLT-14: also where he is technician and responsible at once; what was changed since stays, for either reason."""
    rep, rep2, engineer = (firm.people[who] for who in ("rep", "rep2", "engineer"))
    both, changed, over = (handled(firm, "rep") for _n in range(3))
    report = {"outcome": "solved", "result": "已更换驱动"}
    over = firm.move(firm.move(over, "report", "engineer", values=report), "inform", "clerk")
    key = given(firm, "rep", share(firm, "rep2", what=("aftersales.case",)), share(firm, "engineer"))
    for case in (both, changed):
        assert (technician(firm, case), owner(firm, case)) == (engineer, rep2)
    assert (technician(firm, over), owner(firm, over)) == (rep, rep)
    assert told(firm, both)[-2:] == ["handed_over", "handed_over"]
    sound(firm)
    firm.move(changed, "report", "engineer", values=report)
    _back, stayed = firm.run("admin", lambda w: handing_over.undo(w, key))
    assert stayed == 2
    assert (technician(firm, both), owner(firm, both)) == (rep, rep)
    assert (technician(firm, changed), owner(firm, changed)) == (engineer, rep2)
    sound(firm)


def test_whom_he_leads_has_the_successor_as_superior(firm: Firm) -> None:
    """PLT-14: subordinates and departments go along; the successor himself does not become his own superior."""
    boss, manager = firm.people["boss"], firm.people["manager"]
    for who in ("rep", "manager"):
        firm.run("admin", lambda w, k=who: people.employ(w, firm.people[k], superior_id=boss, roles=["sales_clerk"]))  # type: ignore[misc]
    firm.run("admin", lambda w: people.save_department(w, "sales", "销售部", head_id=boss))
    key = given(firm, "boss", share(firm, "manager"))
    led = firm.as_program(
        lambda w: {name: w.company.people[firm.people[name]].superior_id for name in ("rep", "manager")}
    )
    assert led == {"rep": manager, "manager": boss}
    assert [head for head, _above in firm.as_program(lambda w: list(w.company.heads.values()))] == [manager]
    firm.run("admin", lambda w: handing_over.undo(w, key))
    assert firm.as_program(lambda w: w.company.people[firm.people["rep"]].superior_id) == boss


def test_an_area_that_is_off_hands_nothing_over(firm: Firm) -> None:
    """PLT-01: what a company does not use is neither counted nor moved."""
    chance = tracked(firm, firm.party())
    firm.as_program(lambda w: company.switch_off(w, "crm"))
    with pytest.raises(Invalid):
        given(firm, "rep", share(firm, "rep2", what=("crm.tracking",)))
    given(firm, "rep", share(firm, "rep2"))
    assert owner(firm, chance) == firm.people["rep"]


def test_a_look_says_what_would_happen_and_changes_nothing(firm: Firm) -> None:
    """PLT-14: counts by successor and the records themselves, page by page, are those that then go."""
    parties = [firm.party() for _n in range(5)]
    plan = [share(firm, "rep2", party_ids=(parties[0].id, parties[1].id)), share(firm, "manager")]
    rep = firm.people["rep"]
    counts = {
        one.to_id: one.count
        for one in firm.read("admin", lambda w: handing_over.preview(w, rep, plan))
        if one.key == "core.party"
    }
    assert counts == {firm.people["rep2"]: 2, firm.people["manager"]: 3}
    first = firm.read("admin", lambda w: handing_over.listed(w, rep, plan, "core.party", most=3))
    rest = firm.read("admin", lambda w: handing_over.listed(w, rep, plan, "core.party", after=first[-1].id))
    assert [row.id for row in (*first, *rest)] == [party.id for party in parties]
    assert {owner(firm, party) for party in parties} == {rep}
    key = given(firm, "rep", *plan)
    done = firm.read("admin", lambda w: handing_over.find(w, key)).counts["core.party"]
    assert {int(to): count for to, count in done.items()} == counts


# Who may, and what is refused -----------------------------------------------------------------------------------------


def test_only_who_has_the_right_hands_over(firm: Firm) -> None:
    """A representative and a manager are refused; the leader and the administrator are not."""
    firm.party()
    for who in ("rep", "manager", "finance"):
        with pytest.raises(Forbidden):
            given(firm, "rep", share(firm, "rep2"), by=who)
    key = given(firm, "rep", share(firm, "rep2"), by="boss")
    for who in ("rep", "manager"):
        with pytest.raises(Forbidden):
            firm.run(who, lambda w: handing_over.undo(w, key))


def test_nonsense_is_refused_and_nothing_is_moved(firm: Firm, other_firm: Firm) -> None:
    """To himself, to nobody, to a stranger, an unknown sort or department, an impossible customer; nothing."""
    party = firm.party()
    wrong: tuple[list[Share], ...] = (
        [],
        [share(firm, "rep")],
        [Share(other_firm.people["rep"])],
        [Share(10**9)],
        [share(firm, "rep2", what=("core.moon",))],
        [share(firm, "rep2", department_ids=(10**6,))],
        [share(firm, "rep2", party_ids=(10**30,))],
        [share(firm, "rep2")] * 21,
    )
    for shares in wrong:
        with pytest.raises(Invalid):
            given(firm, "rep", *shares)
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: handing_over.hand_over(w, other_firm.people["rep"], [share(firm, "rep2")]))
    with pytest.raises(Conflict):
        given(firm, "engineer", share(firm, "rep2"))
    assert owner(firm, party) == firm.people["rep"]
    assert firm.read("admin", handing_over.history) == []


def test_another_companys_hand_over_is_not_there(firm: Firm, other_firm: Firm) -> None:
    """Neither its record nor its undoing, nor a customer of it."""
    theirs = other_firm.party()
    key = given(other_firm, "rep", share(other_firm, "rep2"))
    for command in (handing_over.find, handing_over.undo, handing_over.items):
        with pytest.raises(Unknown):
            firm.run("admin", lambda w, c=command: c(w, key))  # type: ignore[misc]
    with pytest.raises(Conflict):
        given(firm, "rep", share(firm, "rep2", party_ids=(theirs.id,)))
    assert owner(other_firm, theirs) == other_firm.people["rep2"]


# Back again -----------------------------------------------------------------------------------------------------------


def test_within_a_day_everything_comes_back_but_what_was_changed_since(firm: Firm) -> None:
    """PLT-14: what the successor has worked on stays with him, and is told; the rest is as before."""
    kept, changed, quotation = firm.party(), firm.party(), offered(firm)
    key = given(firm, "rep", share(firm, "rep2"))
    firm.run("rep2", lambda w: masters.save(w, Party, {"phone": "0532-88881111"}, key=changed.id))
    back, stayed = firm.run("admin", lambda w: handing_over.undo(w, key))
    assert (back, stayed) == (3, 1)
    assert owner(firm, kept) == owner(firm, quotation) == firm.people["rep"]
    assert owner(firm, changed) == firm.people["rep2"]
    (left,) = firm.read("admin", lambda w: handing_over.items(w, key, stayed=True))
    assert (left.what, left.record) == ("core.party", changed.id)
    assert told(firm, kept) == ["create", "handed_over", "handed_back"]
    with pytest.raises(Conflict):
        firm.run("admin", lambda w: handing_over.undo(w, key))
    sound(firm)


def test_a_consent_that_was_given_since_does_not_come_back(firm: Firm) -> None:
    """PLT-14: the successor has decided; what still waits is the leaver's again."""
    policy(firm, step(who="person", person_id=firm.people["manager"]))
    first, second = offered(firm), offered(firm)
    for quotation in (first, second):
        firm.move(quotation, "submit")
    key = given(firm, "manager", share(firm, "boss", what=("core.consents",)))
    firm.agree(first, "boss")
    assert firm.run("admin", lambda w: handing_over.undo(w, key)) == (1, 1)
    assert [task.document_id for task in firm.read("manager", reading.my_tasks)] == [second.id]
    sound(firm)


def test_a_day_later_it_stays(firm: Firm) -> None:
    """Who wants it otherwise then hands over once more."""
    party = firm.party()
    key = given(firm, "rep", share(firm, "rep2"))
    ask = firm.ask("admin")
    late = Ask(ask.company, ask.actor, now=ask.now + timedelta(days=1, minutes=1))
    with pytest.raises(Conflict):
        firm.program.works.run(late, lambda w: handing_over.undo(w, key))
    assert owner(firm, party) == firm.people["rep2"]


# Many, and at once ----------------------------------------------------------------------------------------------------


def test_a_thousand_customers_take_as_many_statements_as_ten(firm: Firm) -> None:
    """PLT-14: set-wise, and each record's history is whole."""

    def customers(count: int) -> None:
        record = firm.party()
        firm.as_program(lambda w: bulk.masters(w.connection, record, count - 1))

    customers(1)
    given(firm, "rep", share(firm, "rep2"))
    customers(10)
    with counted(firm.program.engine) as few:
        given(firm, "rep", share(firm, "rep2"))
    customers(1000)
    with counted(firm.program.engine) as many:
        given(firm, "rep", share(firm, "rep2"))
    assert len(many) == len(few)
    mine = (HandOverItem.company_id == firm.id,)
    assert len(firm.as_program(lambda w: list(w.session.scalars(select(HandOverItem.id).where(*mine))))) == 1011


@pytest.fixture
def crowd(database: Database) -> Iterator[Firm]:
    """A firm whose program lets many people act at once."""
    engine = open_engine(database.url, threads=6)
    yield Firm.founded(open_program(engine), "crowd", "人多照明有限公司")
    engine.dispose()


def test_two_hand_overs_at_the_same_moment_give_each_record_once(crowd: Firm) -> None:
    """One goes first; the other finds nothing left, or is told to look again."""
    parties = [crowd.party() for _n in range(20)]
    acts = [lambda one=to: given(crowd, "rep", share(crowd, one)) for to in ("rep2", "manager")]
    answers = at_once(acts)
    assert sorted(isinstance(one, Conflict) for one in answers) == [False, True]
    assert len({owner(crowd, party) for party in parties}) == 1
    mine = (HandOver.company_id == crowd.id,)
    assert len(crowd.as_program(lambda w: list(w.session.scalars(select(HandOver.id).where(*mine))))) == 1
    sound(crowd)


# As people and programs use it ----------------------------------------------------------------------------------------


def test_the_screen_looks_first_then_hands_over_and_undoes(firm: Firm) -> None:
    """PLT-14: whose, to whom, the counts and the list, the record with every name, and back again."""
    party = firm.party()
    firm.run("admin", lambda w: people.set_roles(w, firm.people["rep"], ["sales_representative", SALES_MANAGER.key]))
    firm.run("admin", lambda w: people.set_roles(w, firm.people["manager"], ["sales_clerk"]))
    admin = Visitor(site_of(firm), firm, "admin")
    assert (
        f"{HAND_OVERS}/new?from={firm.people['rep']}" in admin.get(f"/administration/people/{firm.people['rep']}").text
    )
    fields = {"from_id": str(firm.people["rep"]), "to-0": str(firm.people["rep2"]), "reason": "离职"}
    page = admin.post(f"{HAND_OVERS}/new", **fields, look="1").text
    assert "1 to Li Na" in page
    assert party.name in page
    assert "Sales manager" in page
    assert owner(firm, party) == firm.people["rep"]
    wrong = admin.post(f"{HAND_OVERS}/new", **fields | {"customers-0": "C99999"}, look="1").text
    assert "There is no customer C99999." in wrong
    answer = admin.post(f"{HAND_OVERS}/new", **fields, make="1")
    assert answer.status_code == 303
    record = answer.headers["Location"].partition(f"/c/{firm.code}")[2]
    page = admin.get(record).text
    assert party.name in page
    assert "离职" in page
    assert owner(firm, party) == firm.people["rep2"]
    admin.post(f"{record}/undo")
    assert owner(firm, party) == firm.people["rep"]
    assert admin.post(f"{HAND_OVERS}/new", make="1").status_code == 422
    assert Visitor(site_of(firm), firm, "rep2").get(f"{HAND_OVERS}/").status_code == 403


def test_programs_look_hand_over_read_and_undo(firm: Firm) -> None:
    """PLT-14: over the interface as on the screen, with every wrong place named."""
    party = firm.party()
    admin, rep = api_for(firm, "admin"), api_for(firm, "rep")
    plan = {"from_id": firm.people["rep"], "shares": [{"to_id": firm.people["rep2"]}], "reason": "离职"}
    looked = said(admin.post("/core/hand-overs/preview", plan))["items"]
    assert {"what": "core.party", "count": 1}.items() <= looked[0].items()
    assert rep.post("/core/hand-overs", plan).status_code == 403
    wrong = {**plan, "shares": [{"to_id": firm.people["rep"]}]}
    answer = admin.post("/core/hand-overs", wrong)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [one["path"] for one in answer.json["errors"]] == ["shares/0/to_id"]
    made = admin.made("/core/hand-overs", plan)
    assert owner(firm, party) == firm.people["rep2"]
    at = f"/core/hand-overs/{made['id']}"
    assert said(admin.get(at))["counts"]["core.party"] == {str(firm.people["rep2"]): 1}
    assert said(admin.get("/core/hand-overs"))["items"][0]["id"] == made["id"]
    assert said(admin.get(f"{at}/items"))["items"][0]["title"] == party.name
    assert said(admin.post(f"{at}/undo", {})) == {"back": 1, "stayed": 0}
    assert admin.post(f"{at}/undo", {}).status_code == 409


def test_the_command_line_looks_hands_over_lists_and_undoes(firm: Firm, database: Database, tmp_path: Any) -> None:
    """PLT-14: for the operator of the machine."""
    party = firm.party()
    zhanggui = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    whose, to = f"rep@{firm.code}", f"rep2@{firm.code}=core.party"
    looked = zhanggui.fine("hand-over", "look", firm.code, whose, "--to", to)
    assert "core.party" in looked
    assert "Li Na" in looked
    zhanggui.fine("hand-over", "make", firm.code, whose, "--to", to, "--reason", "离职")
    assert owner(firm, party) == firm.people["rep2"]
    assert "离职" in zhanggui.fine("hand-over", "list", firm.code)
    (row,) = firm.read("admin", handing_over.history)
    zhanggui.fine("hand-over", "undo", firm.code, str(row.id))
    assert owner(firm, party) == firm.people["rep"]
    zhanggui.refused("hand-over", "undo", firm.code, str(row.id))
    zhanggui.refused("hand-over", "look", firm.code, whose, "--to", whose)
