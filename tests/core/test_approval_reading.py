"""Whoever is asked for a consent reads that one document, by every way out, and goes on doing so; nobody else does."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.documents.reading import load
from core.errors import Forbidden, Unknown
from core.operations import company, decide, move, people, roles, standing_in, turning
from core.operations.attach import attach, handed_out
from core.operations.comment import comment
from core.printing.documents import print_document
from core.roles import SALES_MANAGER, TECHNICAL
from core.search.listing import Query, page
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.web.lookups import everywhere
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_approval_plans import offered, policy, step
from tests.core.test_approval_turns import turn

LIST = "/quotation/quotations"


@pytest.fixture(autouse=True)
def strangers(firm: Firm) -> None:
    """The engineer, the purchaser and finance have no right to read offers; a store keeper has none to anything."""
    for who in ("engineer", "purchaser", "finance"):
        firm.run("admin", lambda w, k=who: people.set_roles(w, firm.people[k], [TECHNICAL.key]))  # type: ignore[misc]
    without = {"quotation.quotation.read", "quotation.quotation.print"}

    def narrow(work: Work) -> None:
        role = next(r for r in work.company.roles.values() if r.key == TECHNICAL.key)
        kept = {one.permission: one.scope for one in role.grants if one.permission not in without}
        roles.set_grants(work, TECHNICAL.key, kept)

    firm.run("admin", narrow)


def reads(firm: Firm, who: str, quotation: Quotation) -> bool:
    """Whether somebody may read a document."""
    try:
        firm.read(who, lambda w: load(w, Quotation, quotation.id))
    except (Forbidden, Unknown):
        return False
    return True


def asked_for(firm: Firm, who: str = "engineer") -> Quotation:
    """A quotation on which the manager has called ``who`` in."""
    policy(firm, step(SALES_MANAGER))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    turn(firm, "manager", quotation, turning.call_in, [firm.people[who]], "before", opinion="请看")
    return quotation


def test_who_is_asked_reads_the_one_document_by_every_way_out(firm: Firm) -> None:
    """PLT-06: page, related, files, history, API, and the paper once it may be printed; no list, no search."""
    other = offered(firm)
    quotation = asked_for(firm)
    file = firm.run("rep", lambda w: attach(w, Quotation, quotation.id, "图纸.pdf", b"%PDF-1.7 drawing"))
    hidden = firm.run("rep", lambda w: attach(w, Quotation, other.id, "别的.pdf", b"%PDF-1.7 other"))
    visitor, api = Visitor(site_of(firm), firm, "engineer"), api_for(firm, "engineer")
    here, there = f"{LIST}/{quotation.id}", f"{LIST}/{other.id}"
    for way in ("/", "/related", f"/files/{file}"):
        assert visitor.get(f"{here}{way}").status_code == 200, way
    assert "图纸.pdf" in visitor.get(f"{here}/").text
    for way in ("", "/history", "/moves", "/editions", "/editions/1"):
        assert api.get(f"{here}{way}").status_code == 200, way
        assert api.get(f"{there}{way}").status_code == 403, way
    for way in ("/", "/related", f"/files/{hidden}"):
        assert visitor.get(f"{there}{way}").status_code == 403, way
    assert visitor.get(f"{here}/files/{hidden}").status_code == 404
    # In no list, no search, no lookup.
    assert visitor.get(f"{LIST}/").status_code == 403
    assert api.get(LIST).status_code == 403
    assert firm.read("engineer", lambda w: everywhere(w, firm.read("rep", lambda r: r.company.code))) == []
    with pytest.raises(Forbidden):
        firm.read("engineer", lambda w: page(w, Quotation, Query()))
    # He decides on the page, and reads on; the paper is his too once it may leave the house.
    assert api.get(f"{here}/paper").status_code == 409 or api.get(f"{here}/paper").status_code == 422
    firm.agree(quotation, "engineer", "可行")
    firm.agree(quotation, "manager")
    assert "可行" in visitor.get(f"{here}/").text
    assert visitor.post(f"{here}/paper/zh_Hans_CN").data.startswith(b"%PDF")
    assert api.get(f"{here}/paper").status_code == 200
    with pytest.raises(Forbidden):
        print_document(firm.program.works, firm.ask("engineer"), Quotation, other.id)


def test_reading_is_all_it_gives(firm: Firm) -> None:
    """PLT-05: no change, no move, no file, no discarding; and cost stays hidden as it is from his role."""
    quotation = asked_for(firm)
    with pytest.raises(Forbidden):
        firm.edit(quotation, "engineer", subject="改")
    with pytest.raises((Forbidden, Unknown)):
        firm.run("engineer", lambda w: move.move(w, Quotation, quotation.id, "cancel", reason="x"))
    with pytest.raises(Forbidden):
        firm.run("engineer", lambda w: attach(w, Quotation, quotation.id, "x.pdf", b"x"))
    with pytest.raises(Forbidden):
        firm.run("engineer", lambda w: decide.withdraw(w, Quotation, quotation.id))
    before = firm.read("rep", lambda w: load(w, Quotation, quotation.id)).version
    firm.run("engineer", lambda w: comment(w, Quotation, quotation.id, "已看"))
    assert firm.read("rep", lambda w: load(w, Quotation, quotation.id)).version == before
    body = said(api_for(firm, "engineer").get(f"{LIST}/{quotation.id}"))
    assert "cost_total" not in body


def test_who_was_not_asked_reads_nothing(firm: Firm, other_firm: Firm) -> None:
    """PLT-05: not a colleague of the same role, nor whose turn has not come, nor another company."""
    policy(firm, step(SALES_MANAGER), step(who="person", person_id=firm.people["purchaser"], name="采购"))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    assert [reads(firm, who, quotation) for who in ("engineer", "purchaser", "finance")] == [False] * 3
    firm.agree(quotation, "manager")
    assert [reads(firm, who, quotation) for who in ("engineer", "purchaser", "finance")] == [False, True, False]
    assert api_for(other_firm, "boss").get(f"{LIST}/{quotation.id}").status_code == 404


def test_who_was_asked_once_goes_on_reading(firm: Firm) -> None:
    """PLT-06: called off, handed over, refused, withdrawn: what one was asked about can be looked up again."""
    quotation = asked_for(firm)
    turn(firm, "engineer", quotation, turning.hand_over, firm.people["purchaser"], reason="请采购看")
    assert [reads(firm, who, quotation) for who in ("engineer", "purchaser", "finance")] == [True, True, False]
    turn(firm, "purchaser", quotation, turning.hand_over, firm.people["finance"], reason="请财务看")
    task = firm.task(quotation, "finance")
    firm.run("manager", lambda w: turning.call_off(w, task))
    firm.run("rep", lambda w: decide.withdraw(w, Quotation, quotation.id))
    assert [reads(firm, who, quotation) for who in ("engineer", "purchaser", "finance")] == [True] * 3
    firm.run("admin", lambda w: people.dismiss(w, firm.people["finance"]))
    with pytest.raises(Unknown):
        firm.read("finance", lambda w: load(w, Quotation, quotation.id))


def test_of_a_role_reads_whoever_held_it_when_it_was_asked(firm: Firm) -> None:
    """PLT-05: all holders while it waits; afterwards those who held it then, not who came to it later."""
    policy(firm, step(TECHNICAL))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    today = firm.as_program(lambda w: w.today)
    assert reads(firm, "purchaser", quotation)
    tomorrow = today + timedelta(days=1)

    def later(work: Work) -> None:
        people.set_roles(work, firm.people["purchaser"], [TECHNICAL.key], valid_from=tomorrow)

    firm.run("admin", later)
    assert not reads(firm, "purchaser", quotation)
    firm.agree(quotation, "engineer")
    firm.today = tomorrow
    assert [reads(firm, who, quotation) for who in ("engineer", "finance", "purchaser")] == [True, True, False]


def test_who_stands_in_reads_what_he_may_decide_and_what_he_has_decided(firm: Firm) -> None:
    """PLT-06: as long as he stands in; afterwards only where he has decided."""
    policy(firm, step(SALES_MANAGER))
    first, second = offered(firm), offered(firm)
    for one in (first, second):
        firm.move(one, "submit")
    today = firm.as_program(lambda w: w.today)
    assert not reads(firm, "engineer", first)
    key = firm.run("manager", lambda w: standing_in.stand_in(w, firm.people["engineer"], today, today))
    assert [reads(firm, "engineer", one) for one in (first, second)] == [True, True]
    firm.agree(first, "engineer")
    firm.run("manager", lambda w: standing_in.end(w, key))
    assert [reads(firm, "engineer", one) for one in (first, second)] == [True, False]


def test_who_was_sent_it_for_reading_reads_it(firm: Firm) -> None:
    """PLT-06: 抄送 opens the document to its reader, not before it has come to him."""
    policy(firm, step(SALES_MANAGER), step(TECHNICAL, mode="copy"))
    quotation = offered(firm)
    firm.move(quotation, "submit")
    assert not reads(firm, "engineer", quotation)
    firm.agree(quotation, "manager")
    visitor = Visitor(site_of(firm), firm, "engineer")
    assert visitor.get(f"{LIST}/{quotation.id}/").status_code == 200
    assert firm.run("engineer", lambda w: decide.read(w, quotation.id))
    assert reads(firm, "engineer", quotation)


def test_an_area_that_is_off_is_silent_for_who_was_asked_too(firm: Firm) -> None:
    """PLT-01: neither page nor interface answers."""
    quotation = asked_for(firm)
    firm.reject(quotation, "engineer")
    firm.as_program(lambda w: company.switch_off(w, "quotation"))
    assert Visitor(site_of(firm), firm, "engineer").get(f"{LIST}/{quotation.id}/").status_code == 404
    assert api_for(firm, "engineer").get(f"{LIST}/{quotation.id}").status_code == 404


def test_files_of_others_stay_closed(firm: Firm) -> None:
    """PLT-10: a file is handed out with its own record only."""
    quotation, other = asked_for(firm), offered(firm)
    hidden = firm.run("rep", lambda w: attach(w, Quotation, other.id, "别的.pdf", b"%PDF-1.7 other"))
    with pytest.raises(Unknown):
        firm.read("engineer", lambda w: handed_out(w, Quotation, quotation.id, hidden))
    with pytest.raises(Forbidden):
        firm.read("engineer", lambda w: handed_out(w, Quotation, other.id, hidden))
