"""People talk on a record: whoever may read it, calling others who may; what was changed or taken back is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, text, update

from core.entities.party import Party
from core.errors import DomainError, Forbidden, Invalid, Unknown
from core.operations import comment as remarks
from core.operations import discard
from core.operations.company import switch_off
from core.operations.verifying import verify_chain
from core.records.anchors import seal_history
from core.records.comments import Comment
from core.records.verify import verify_history
from core.records.verify_anchors import verify_anchors
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.tampering import Told, owning

OFFERS = "/quotation/quotations"


@pytest.fixture
def offer(firm: Firm) -> Quotation:
    """A quotation of the representative."""
    return firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])


def write(firm: Firm, who: str, key: int, words: str, cls: Any = Quotation) -> int:
    return firm.run(who, lambda w: remarks.comment(w, cls, key, words))


def called(firm: Firm, who: str, *, unread: bool = True) -> list[str]:
    """What calls somebody, the latest first."""
    return [row.text for row in firm.read(who, lambda w: remarks.mentions(w, unread=unread))]


def refusal(firm: Firm, who: str, key: int, words: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        write(firm, who, key, words)
    return [fault.code for fault in caught.value.faults]


def test_a_comment_calls_those_it_names_by_name_or_login(firm: Firm, offer: Quotation) -> None:
    """In Chinese without blanks, in English without regard to capitals; an address of a mail calls nobody."""
    write(firm, "rep", offer.id, "请@张伟看一下账期，@clerk@acme 也请看")
    write(firm, "rep", offer.id, "客户的邮箱是 buyer@manager@acme.example，@nobody")
    assert called(firm, "manager") == ["请@张伟看一下账期，@clerk@acme 也请看"]
    write(firm, "manager", offer.id, "@wang xiaoming: fine")
    assert called(firm, "clerk") == ["请@张伟看一下账期，@clerk@acme 也请看"]
    assert called(firm, "rep") == ["@wang xiaoming: fine"]
    assert called(firm, "boss") == []


def test_nobody_is_called_to_what_he_may_not_read(firm: Firm, offer: Quotation) -> None:
    """PLT-05: a colleague who sees only his own, somebody without the right, and nothing was written."""
    assert refusal(firm, "rep", offer.id, "@李娜 看看") == ["unreadable"]
    assert called(firm, "rep2", unread=False) == []
    assert firm.read("rep", lambda w: remarks.comments(w, Quotation, offer.id)) == []
    with pytest.raises(Unknown):
        write(firm, "rep2", offer.id, "我也说一句")


def test_two_people_of_one_name_are_told_apart_by_login(firm: Firm, offer: Quotation) -> None:
    account = firm.people["boss"]
    with firm.program.works.installation() as connection:
        connection.execute(
            text("UPDATE account SET name = '张伟', version = version + 1 WHERE id = :id"), {"id": account}
        )
    firm.settings(core__duty_days=9)
    assert refusal(firm, "rep", offer.id, "@张伟 请看") == ["ambiguous"]
    write(firm, "rep", offer.id, "@boss@acme 请看")
    assert called(firm, "boss") == ["@boss@acme 请看"]
    assert called(firm, "manager") == []


@pytest.mark.parametrize(("words", "code"), [("", "required"), (" \n ", "required"), ("话" * 2001, "too_long")])
def test_a_comment_that_says_nothing_or_too_much_is_refused(
    firm: Firm, offer: Quotation, words: str, code: str
) -> None:
    assert refusal(firm, "rep", offer.id, words) == [code]


def test_what_was_changed_or_taken_back_stays_in_the_history(firm: Firm, offer: Quotation) -> None:
    """PLT-09: who, when, from what to what; the record itself stays as it is, open pages stay fresh."""
    key = write(firm, "rep", offer.id, "账期 30 天")
    firm.run("rep", lambda w: remarks.change(w, Quotation, offer.id, key, "账期 60 天，@张伟"))
    firm.run("rep", lambda w: remarks.change(w, Quotation, offer.id, key, "账期 60 天，@张伟"))
    assert called(firm, "manager") == ["账期 60 天，@张伟"]
    firm.run("rep", lambda w: remarks.take_back(w, Quotation, offer.id, key, reason="写错了"))
    assert called(firm, "manager", unread=False) == []
    told = said(api_for(firm, "boss").get(f"/core/history?record_kind=quotation.quotation&record_id={offer.id}"))
    changes = [(one["what"], one["changes"].get("said"), one["reason"]) for one in told["items"]][:3]
    assert changes == [
        ("remove_comment", ["账期 60 天，@张伟", None], "写错了"),
        ("edit_comment", ["账期 30 天", "账期 60 天，@张伟"], ""),
        ("comment", [None, "账期 30 天"], ""),
    ]
    firm.as_program(seal_history)
    found = firm.as_program(lambda w: [*verify_history(w), *verify_anchors(w, None)])
    assert found == []
    assert firm.edit(offer, subject="广场").version == offer.version + 1


def test_what_was_taken_back_is_read_by_nobody_but_who_reads_the_history_of_everything(
    firm: Firm, offer: Quotation
) -> None:
    key = write(firm, "rep", offer.id, "工资表")
    firm.run("rep", lambda w: remarks.take_back(w, Quotation, offer.id, key))
    clerk = Visitor(site_of(firm), firm, "clerk")
    page = clerk.get(f"{OFFERS}/{offer.id}/").text
    assert "工资表" not in page
    assert "taken back by Wang Xiaoming" in page
    assert "工资表" not in api_for(firm, "clerk").get(f"{OFFERS}/{offer.id}/history").text
    assert "工资表" not in api_for(firm, "clerk").get(f"/core/records/quotation.quotation/{offer.id}/comments").text
    assert "工资表" in Visitor(site_of(firm), firm, "boss").get("/administration/history/").text


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"text": "好的，按九折。"}, "comment.changed"),
        ({"removed_at": datetime(2026, 11, 2, tzinfo=UTC)}, "comment.changed"),
        (None, "comment.gone"),
        ({"id": 999}, "comment.unknown"),
        ({"kind": "core.party"}, "comment.unknown"),
    ],
)
def test_a_comment_says_what_the_history_says_of_it(
    firm: Firm, database: Database, offer: Quotation, values: dict[str, Any] | None, code: str
) -> None:
    """PLT-09: what was changed, taken away or slipped in past the program is found; what people did is in order."""
    one, two = (write(firm, "rep", offer.id, words) for words in ("按原价。", "算了"))
    firm.run("rep", lambda w: remarks.change(w, Quotation, offer.id, one, "按原价，不打折。"))
    firm.run("rep", lambda w: remarks.take_back(w, Quotation, offer.id, two))
    assert firm.as_program(lambda w: list(verify_chain(w))) == []
    table: Any = Comment.__table__
    with owning(Told(firm, database, Path(), 0, 0, 0)) as connection:
        row = dict(connection.execute(select(table).where(table.c.id == one)).mappings().one())
        if values is None:
            connection.execute(delete(table).where(table.c.id == one))
        elif code == "comment.unknown":
            connection.execute(table.insert().values({**row, "id": 998, **values}))
        else:
            connection.execute(update(table).where(table.c.id == one).values(values))
    assert [found.code for found in firm.as_program(lambda w: list(verify_chain(w)))] == [code]


def test_only_who_wrote_it_changes_it_and_an_administrator_may_take_it_back(firm: Firm, offer: Quotation) -> None:
    key = write(firm, "rep", offer.id, "账期 30 天")
    for act in (remarks.change, remarks.take_back):
        given = ("x",) if act is remarks.change else ()
        with pytest.raises(Forbidden):
            firm.run("manager", lambda w, a=act, g=given: a(w, Quotation, offer.id, key, *g))  # type: ignore[misc]
        with pytest.raises(Unknown):
            firm.run("rep2", lambda w, a=act, g=given: a(w, Quotation, offer.id, key, *g))  # type: ignore[misc]
    other = firm.create(Quotation, party_id=firm.party().id)
    with pytest.raises(Unknown):
        firm.run("rep", lambda w: remarks.change(w, Quotation, other.id, key, "x"))


def test_masters_are_commented_on_too(firm: Firm) -> None:
    """PLT-09: a customer's page takes comments, and his history is whole."""
    party = firm.party()
    seller = Visitor(site_of(firm), firm, "rep")
    seller.post(f"/core/parties/{party.id}/comments", text="@刘洋 发票抬头变了")
    page = seller.get(f"/core/parties/{party.id}/").text
    assert "发票抬头变了" in page
    assert called(firm, "clerk") == ["@刘洋 发票抬头变了"]
    assert firm.as_program(lambda w: list(verify_history(w))) == []
    assert Party.kind == "core.party"


def test_who_is_called_sees_it_in_the_bell_and_in_a_box_until_it_was_read(firm: Firm, offer: Quotation) -> None:
    """In both languages; answering reads it, and so does the button."""
    site = site_of(firm)
    write(firm, "rep", offer.id, "@张伟 第一")
    write(firm, "rep", offer.id, "@张伟 第二")
    manager = Visitor(site, firm, "manager")
    box = manager.get("/approvals/mentions").text
    assert "@张伟 第二" in box
    assert "Not read yet" in box
    assert f'href="/c/{firm.code}{OFFERS}/{offer.id}/#history"' in box
    assert "提到我的" in Visitor(site, firm, "manager", "zh_Hans_CN").get("/approvals/mentions").text
    keys = [row.id for row in firm.read("manager", lambda w: remarks.mentions(w))]
    manager.post("/approvals/read", id=keys[0])
    assert called(firm, "manager") == ["@张伟 第一"]
    # Others' are not touched by whatever ids one sends.
    Visitor(site, firm, "rep").post("/approvals/read", id=keys[1])
    assert called(firm, "manager") == ["@张伟 第一"]
    manager.post(f"{OFFERS}/{offer.id}/comments", text="好")
    assert called(firm, "manager") == []
    assert "Has been read" in manager.get("/approvals/mentions").text


def test_of_an_area_that_is_off_nobody_is_called(firm: Firm, offer: Quotation) -> None:
    """PLT-01: the mention is silent while its area is off, and comes back with it."""
    write(firm, "rep", offer.id, "@张伟 看")
    for area in ("crm", "contract", "credit", "billing", "logistics", "production", "aftersales", "quotation"):
        try:
            firm.as_program(lambda w, a=area: switch_off(w, a))  # type: ignore[misc]
        except DomainError:
            continue
    if "quotation" in firm.as_program(lambda w: w.areas):
        pytest.fail("the area could not be switched off")
    assert called(firm, "manager", unread=False) == []
    assert firm.read("manager", remarks.count_unread) == 0


def test_a_draft_with_comments_can_be_discarded(firm: Firm, offer: Quotation) -> None:
    write(firm, "rep", offer.id, "@张伟 看")
    firm.run("rep", lambda w: discard.discard(w, Quotation, offer.id))
    manager = Visitor(site_of(firm), firm, "manager")
    assert manager.get("/approvals/mentions").status_code == 200
    assert firm.as_program(lambda w: list(verify_history(w))) == []


def test_programs_comment_change_and_take_back(firm: Firm, offer: Quotation) -> None:
    """PLT-09: over the interface as on the screens."""
    rep, manager = api_for(firm, "rep"), api_for(firm, "manager")
    at = f"/core/records/quotation.quotation/{offer.id}/comments"
    made = rep.made(at, {"text": "@张伟 看一下"})
    assert (made["text"], made["by"], made["edited_at"]) == ("@张伟 看一下", "Wang Xiaoming", None)
    (mention,) = said(manager.get("/core/mentions"))["items"]
    assert mention["url"] == f"/api/v1{OFFERS}/{offer.id}"
    assert said(manager.post(f"/core/mentions/{mention['id']}/read")) == {"count": 1}
    assert said(manager.post(f"/core/mentions/{mention['id']}/read")) == {"count": 0}
    changed = rep("PATCH", f"{at}/{made['id']}", {"text": "不用了"})
    assert (said(changed)["text"], changed.status_code) == ("不用了", 200)
    assert manager("PATCH", f"{at}/{made['id']}", {"text": "x"}).status_code == 403
    assert said(rep.post(f"{at}/{made['id']}/take-back"))["removed_at"] is not None
    assert rep.post(f"{at}/{made['id']}/take-back").status_code == 404
    assert [one["text"] for one in said(rep.get(at))["items"]] == [""]
    assert api_for(firm, "rep2").get(at).status_code == 404
    assert rep.post(at, {"text": ""}).status_code == 422
    assert rep.post(f"{at}/{2**70}/take-back").status_code == 404
    for nowhere in (f"quotation.nothing/{offer.id}", "core.party/99999", f"core.party/{2**80}"):
        assert rep.get(f"/core/records/{nowhere}/comments").status_code == 404


def test_other_companies_comments_are_never_met(firm: Firm, other_firm: Firm, offer: Quotation) -> None:
    key = write(firm, "rep", offer.id, "@张伟 看")
    assert other_firm.as_program(lambda w: remarks.comments(w, Quotation, offer.id)) == []
    with pytest.raises(Unknown):
        other_firm.run("manager", lambda w: remarks.change(w, Quotation, offer.id, key, "x"))
    assert called(other_firm, "manager", unread=False) == []


def test_a_page_with_comments_takes_one_statement_more_however_many_there_are(firm: Firm, offer: Quotation) -> None:
    visitor, path = Visitor(site_of(firm), firm, "rep"), f"{OFFERS}/{offer.id}/"

    def cost() -> int:
        visitor.get(path)
        with counted(firm.program.engine) as statements:
            visitor.get(path)
        return len(statements)

    before = cost()
    for n in range(3):
        write(firm, "rep", offer.id, f"第 {n} 句")
    assert cost() == before + 1
    for n in range(9):
        write(firm, "rep", offer.id, f"又 {n} 句")
    assert cost() == before + 1
