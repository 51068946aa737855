"""Guidance on records: a superior says what shall be done, the person sees it, answers, and it stays in the history."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.documents.reading import load
from core.entities.party import Party
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.operations import company, discard, guide, people
from core.records import guidance
from core.records.reading import entries
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor

TEXT, DONE = "请客户先付三成再发货", "已与客户谈妥，周五到账"
LIST = "/quotation/quotations"


@pytest.fixture(autouse=True)
def lines_of_command(firm: Firm) -> None:
    """The representatives have the manager as superior, he and the engineer the boss."""
    for who, above in (("rep", "manager"), ("rep2", "manager"), ("manager", "boss"), ("engineer", "boss")):
        below(firm, who, above)


def below(firm: Firm, who: str, above: str, **more: Any) -> None:
    """Let somebody have a superior."""
    superior = firm.people[above]
    firm.run("admin", lambda w: people.employ(w, firm.people[who], superior_id=superior, roles=None, **more))


def quoted(firm: Firm) -> Quotation:
    """A quotation of the representative."""
    return firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])


def guided(firm: Firm, quotation: Quotation, who: str = "manager", to: str | None = None) -> int:
    """What a superior says on a quotation."""
    account = firm.people[to] if to else None
    return firm.run(who, lambda w: guide.guide(w, Quotation, quotation.id, TEXT, to=account))


def told(firm: Firm, quotation: Quotation) -> list[tuple[str, str]]:
    """The entries of the quotation's history, the latest first: what and why."""
    rows = firm.read("rep", lambda w: entries(w, Quotation, quotation.id))
    return [(row["what"], row["reason"]) for row in rows]


def test_a_superior_says_it_the_person_answers_and_both_stand_in_the_history(firm: Firm) -> None:
    """PLT-13: to whoever is responsible unless another is named; answered once, by him alone."""
    quotation = quoted(firm)
    key = guided(firm, quotation)
    (row,) = firm.read("rep", lambda w: guidance.open_for(w, firm.people["rep"]))
    assert (row.id, row.text, row.given_by) == (key, TEXT, firm.people["manager"])
    assert told(firm, quotation)[0] == ("guide", TEXT)
    for who in ("manager", "boss"):
        with pytest.raises(Forbidden):
            firm.run(who, lambda w: guide.answer(w, key, DONE))
    for nothing in ("", " ", "x" * 401):
        with pytest.raises(Invalid):
            firm.run("rep", lambda w, t=nothing: guide.answer(w, key, t))  # type: ignore[misc]
    answered = firm.run("rep", lambda w: guide.answer(w, key, DONE))
    assert (answered.answer, answered.answered_at is not None) == (DONE, True)
    assert told(firm, quotation)[0] == ("answer", DONE)
    assert firm.read("rep", lambda w: guidance.open_for(w, firm.people["rep"])) == []
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: guide.answer(w, key, "又"))
    # Nothing of the document has changed: who has its page open goes on.
    now = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert (now.version, now.edition) == (quotation.version, quotation.edition)


def test_only_a_superior_says_it(firm: Firm) -> None:
    """PLT-13: by the line of superiors at any level, or as head of the department; no colleague, not to oneself."""
    quotation = quoted(firm)
    assert guided(firm, quotation, "boss")
    for who, to in (("rep", "rep"), ("rep", "manager"), ("manager", "boss"), ("clerk", None), ("manager", "engineer")):
        with pytest.raises(Forbidden):
            guided(firm, quotation, who, to)
    head = firm.people["clerk"]
    firm.run("admin", lambda w: people.save_department(w, "sales", "销售部", head_id=head))
    below(firm, "rep2", "manager", department="sales")
    assert guided(firm, quotation, "clerk", "rep2")


def test_what_makes_no_sense_is_refused(firm: Firm, other_firm: Firm) -> None:
    """Nothing said, too much, a stranger, somebody who left, a record of others, or one that is not there."""
    quotation = quoted(firm)
    for text in ("", "  ", "x" * 401, "\x00"):
        with pytest.raises(Invalid):
            firm.run("manager", lambda w, t=text: guide.guide(w, Quotation, quotation.id, t))  # type: ignore[misc]
    with pytest.raises(Invalid):
        firm.run("manager", lambda w: guide.guide(w, Quotation, quotation.id, TEXT, to=other_firm.people["rep"]))
    with pytest.raises(Unknown):
        firm.run("manager", lambda w: guide.guide(w, Quotation, 10**9, TEXT))
    with pytest.raises(Unknown):
        other_firm.run("boss", lambda w: guide.guide(w, Quotation, quotation.id, TEXT))
    key = guided(firm, quotation)
    with pytest.raises(Unknown):
        other_firm.run("rep", lambda w: guide.answer(w, key, DONE))
    with pytest.raises(Unknown):
        firm.run("rep2", lambda w: guide.answer(w, key, DONE))
    firm.run("admin", lambda w: people.dismiss(w, firm.people["rep2"]))
    with pytest.raises(Invalid):
        guided(firm, quotation, "manager", "rep2")


def test_whom_it_is_for_reads_that_one_record(firm: Firm) -> None:
    """PLT-05: an engineer without a right to offers reads the one that he shall look at, and no other."""
    quotation, other = quoted(firm), quoted(firm)

    def reads(work: Work) -> None:
        load(work, Quotation, quotation.id)

    with pytest.raises(Forbidden):
        firm.read("purchaser", reads)
    below(firm, "purchaser", "boss")
    guided(firm, quotation, "boss", "purchaser")
    firm.read("purchaser", reads)
    with pytest.raises(Forbidden):
        firm.read("purchaser", lambda w: load(w, Quotation, other.id))


def test_customers_and_products_take_guidance_too(firm: Firm) -> None:
    """PLT-13: on any master that the superior may read; where nobody is responsible somebody is named."""
    party, item = firm.party(), firm.item()
    key = firm.run("manager", lambda w: guide.guide(w, Party, party.id, TEXT))
    firm.run("rep", lambda w: guide.answer(w, key, DONE))
    rows = firm.read("rep", lambda w: entries(w, Party, party.id))
    assert [(row["what"], row["reason"]) for row in rows[:2]] == [("answer", DONE), ("guide", TEXT)]
    with pytest.raises(Invalid):
        firm.run("manager", lambda w: guide.guide(w, type(item), item.id, TEXT))
    assert firm.run("manager", lambda w: guide.guide(w, type(item), item.id, TEXT, to=firm.people["rep"]))


def test_on_the_page_in_the_box_and_on_the_desk(firm: Firm) -> None:
    """PLT-13: the form names one's own people only; the addressee sees it on three screens, and answers on the page."""
    quotation = quoted(firm)
    here = f"{LIST}/{quotation.id}"
    manager, rep = (Visitor(site_of(firm), firm, who) for who in ("manager", "rep"))
    page = manager.get(f"{here}/").text
    choices = re.search(r'<select[^>]*name="to_id".*?</select>', page, re.S)
    assert choices
    assert {"Wang Xiaoming", "Li Na"} <= set(re.findall(r">([^<]+)</option>", choices[0]))
    assert "Chen Zong" not in choices[0]
    assert "Give guidance on it" not in rep.get(f"{here}/").text
    to = str(firm.people["rep"])
    assert manager.post(f"{here}/guidance", to_id=to, text="").status_code == 303
    assert "Please write something" in manager.get(f"{here}/").text
    assert manager.post(f"{here}/guidance", to_id="x", text=TEXT).status_code == 303
    assert "Name whom it is for" in manager.get(f"{here}/").text
    assert manager.post(f"{here}/guidance", to_id=to, text=TEXT).status_code == 303
    for address in (f"{here}/", "/guidance/", "/"):
        assert TEXT in rep.get(address).text, address
    note = re.search(rf'action="/c/\w+({here}/guidance/\d+)"', rep.get(f"{here}/").text)
    assert note
    assert rep.post(note[1].replace(f"/{quotation.id}/", "/999999/"), answer=DONE).status_code == 404
    assert rep.post(note[1], answer=DONE).status_code == 303
    assert DONE in manager.get("/guidance/given").text
    assert TEXT not in rep.get("/").text
    assert "gave guidance" in rep.get(f"{here}/").text
    assert rep.get("/guidance/nonsense").status_code == 404
    party = firm.party()
    assert manager.post(f"/core/parties/{party.id}/guidance", to_id=to, text=TEXT).status_code == 303
    assert TEXT in rep.get(f"/core/parties/{party.id}/").text


def test_programs_give_and_answer_it(firm: Firm) -> None:
    """PLT-13: on a record, in the boxes, and its answer; with the refusals of the screens."""
    quotation = quoted(firm)
    manager, rep, rep2 = (api_for(firm, who) for who in ("manager", "rep", "rep2"))
    made = manager.made(f"{LIST}/{quotation.id}/guidance", {"text": TEXT})
    assert (made["to_id"], made["answered_at"]) == (firm.people["rep"], None)
    assert manager.post(f"{LIST}/{quotation.id}/guidance", {"text": TEXT, "more": 1}).status_code == 422
    assert manager.post(f"{LIST}/{quotation.id}/guidance", {"text": TEXT, "to_id": 10**9}).status_code == 422
    assert rep.post(f"{LIST}/{quotation.id}/guidance", {"text": TEXT}).status_code == 403
    assert rep2.get(f"{LIST}/{quotation.id}/guidance").status_code == 404
    assert [one["id"] for one in said(rep.get("/core/guidance"))["items"]] == [made["id"]]
    assert [one["id"] for one in said(manager.get("/core/guidance/given"))["items"]] == [made["id"]]
    answer = f"/core/guidance/{made['id']}/answer"
    assert rep2.post(answer, {"answer": DONE}).status_code == 404
    assert rep.post(answer, {"answer": ""}).status_code == 422
    assert said(rep.post(answer, {"answer": DONE}))["answer"] == DONE
    assert rep.post(answer, {"answer": DONE}).status_code == 409
    (on_it,) = said(rep.get(f"{LIST}/{quotation.id}/guidance"))["items"]
    assert on_it["answer"] == DONE


def test_boxes_go_on_page_by_page_and_are_silent_about_areas_that_are_off(firm: Firm) -> None:
    """PLT-01: nothing is left out, nothing comes twice; what belongs to an area that is off is not told."""
    quotation = quoted(firm)
    keys = [guided(firm, quotation) for _n in range(3)]
    api = api_for(firm, "rep")
    first = said(api.get("/core/guidance?size=2"))
    second = said(api.get(f"/core/guidance?size=2&before={first['next']}"))
    assert [one["id"] for one in first["items"] + second["items"]] == keys[::-1]
    assert second["next"] is None
    firm.as_program(lambda w: company.switch_off(w, "quotation"))
    assert said(api.get("/core/guidance"))["items"] == []
    assert api.post(f"/core/guidance/{keys[0]}/answer", {"answer": DONE}).status_code == 404


def test_a_draft_with_guidance_is_still_discarded(firm: Firm) -> None:
    """What was said stays in the history of what was discarded."""
    quotation = quoted(firm)
    guided(firm, quotation)
    firm.run("rep", lambda w: discard.discard(w, Quotation, quotation.id))
    assert firm.read("rep", lambda w: guidance.open_for(w, firm.people["rep"])) == []
    rows = firm.as_program(lambda w: entries(w, Quotation, quotation.id))
    assert ("guide", TEXT) in [(row["what"], row["reason"]) for row in rows]
