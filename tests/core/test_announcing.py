"""Announcements reach those they concern while they are valid, and it is known who has read them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.entities.announcement import Announcement
from core.errors import Conflict, DomainError, Forbidden, Invalid, Stale, Unknown
from core.operations import announcing, masters, people
from core.operations.attach import attach, detach
from core.records.verify import verify_history
from core.roles import REPRESENTATIVE, SALES_MANAGER
from core.schemas import inputs
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.sites import site_of
from core.text import CHINESE, speak
from core.work import Ask, Work
from tests.core.administration_visitor import Visitor

BOARD = "/core/notices"


def drafted(firm: Firm, who: str = "boss", **values: Any) -> int:
    """A draft of an announcement, as the API takes it; it concerns everybody unless rows are given."""
    given = {"name": "十二月价格调整", "body": "洗墙灯自十二月一日起上调百分之三。", "subject": "price", **values}
    return firm.run(who, lambda w: masters.save(w, Announcement, inputs.read(Announcement, given)).id)


def announced(firm: Firm, who: str = "boss", **values: Any) -> int:
    """An announcement that is out."""
    key = drafted(firm, who, **values)
    firm.run(who, lambda w: announcing.announce(w, key))
    return key


def unread(firm: Firm, who: str) -> list[int]:
    """What somebody still has to read."""
    return [row.id for row in firm.read(who, lambda w: announcing.mine(w, unread=True))]


def missing(firm: Firm, key: int, who: str = "boss") -> set[str]:
    """Who has not read it, by the short names."""
    names = {account: name for name, account in firm.people.items()}

    def look(work: Work) -> set[str]:
        record = announcing.to_read(work, key)
        found = announcing.readers(work, record)
        return {names[one.account_id] for one in found if not announcing.done(record, one)}

    return firm.read(who, look)


def role(firm: Firm, key: str) -> int:
    """The id of a role."""
    return firm.as_program(lambda w: next(one.id for one in w.company.roles.values() if one.key == key))


# Whom it reaches ------------------------------------------------------------------------------------------------------


def test_what_concerns_everybody_reaches_everybody_and_a_draft_nobody(firm: Firm) -> None:
    """PLT-15: once it is announced everybody who works here finds it, and is missing until he has read it."""
    key = drafted(firm)
    assert unread(firm, "rep") == []
    with pytest.raises(Unknown):
        firm.read("rep", lambda w: announcing.to_read(w, key))
    firm.run("boss", lambda w: announcing.announce(w, key))
    assert unread(firm, "rep") == unread(firm, "finance") == [key]
    assert missing(firm, key) == set(firm.people)
    firm.run("rep", lambda w: announcing.read(w, key))
    firm.run("rep", lambda w: announcing.read(w, key))
    assert unread(firm, "rep") == []
    assert missing(firm, key) == set(firm.people) - {"rep"}


def test_it_reaches_a_role_a_department_with_those_below_and_a_person(firm: Firm) -> None:
    """PLT-15: whom it does not concern neither sees nor opens it."""

    def house(work: Work) -> None:
        people.save_department(work, "sales", "销售部")
        people.save_department(work, "north", "北方组", parent="sales")

    firm.run("admin", house)
    sales = firm.as_program(lambda w: min(w.company.departments))
    firm.run("admin", lambda w: people.employ(w, firm.people["engineer"], department="north", roles=["technical"]))
    rows = [
        {"whom": "role", "role_id": role(firm, SALES_MANAGER.key)},
        {"whom": "department", "department_id": sales},
        {"whom": "person", "person_id": firm.people["finance"]},
    ]
    key = announced(firm, concerned=rows)
    for who in ("manager", "engineer", "finance"):
        assert unread(firm, who) == [key]
    assert unread(firm, "rep") == []
    with pytest.raises(Unknown):
        firm.run("rep", lambda w: announcing.read(w, key))
    assert missing(firm, key) == {"manager", "engineer", "finance"}


def test_who_comes_later_sees_what_is_still_valid(firm: Firm) -> None:
    """PLT-15: a new holder of the role finds it; who has left is not waited for, and what he has read stays known."""
    key = announced(firm, concerned=[{"whom": "role", "role_id": role(firm, REPRESENTATIVE.key)}])
    assert unread(firm, "purchaser") == []
    firm.run("admin", lambda w: people.set_roles(w, firm.people["purchaser"], [REPRESENTATIVE.key]))
    assert unread(firm, "purchaser") == [key]
    firm.run("rep2", lambda w: announcing.read(w, key))
    firm.run("admin", lambda w: people.dismiss(w, firm.people["rep2"]))
    firm.run("admin", lambda w: people.dismiss(w, firm.people["rep"]))
    assert missing(firm, key) == {"purchaser"}
    record = firm.read("boss", lambda w: [one.account_id for one in announcing.readers(w, announcing.to_read(w, key))])
    assert firm.people["rep2"] in record


def test_it_counts_between_its_days(firm: Firm) -> None:
    """PLT-15: not before, nor after; then it is among the earlier ones, still to be read."""
    today = firm.as_program(lambda w: w.today)
    first, last = today + timedelta(days=2), today + timedelta(days=3)
    key = announced(firm, valid_from=first.isoformat(), valid_until=last.isoformat())
    for days, here in ((0, []), (2, [key]), (3, [key]), (4, [])):
        firm.today = today + timedelta(days=days)
        assert unread(firm, "rep") == here
    assert [row.id for row in firm.read("rep", announcing.earlier)] == [key]
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: announcing.read(w, key))
    assert firm.read("rep", lambda w: announcing.to_read(w, key).name) == "十二月价格调整"


# Reading and promising ------------------------------------------------------------------------------------------------


def test_where_a_promise_is_asked_for_reading_alone_is_not_enough(firm: Firm) -> None:
    """PLT-15: 「已阅并遵照执行」: it stays to be read until the promise is given."""
    key = announced(firm, promised=True)
    with pytest.raises(Conflict):
        firm.run("rep", lambda w: announcing.read(w, key))
    assert unread(firm, "rep") == [key]
    firm.run("rep", lambda w: announcing.read(w, key, promise=True))
    assert unread(firm, "rep") == []
    assert "rep" not in missing(firm, key)


def test_those_who_have_not_read_it_are_reminded_once_in_a_while(firm: Firm) -> None:
    """PLT-15: only they; a second time not at once, and not when everybody has read it."""
    rows = [{"whom": "person", "person_id": firm.people[who]} for who in ("rep", "rep2")]
    key = announced(firm, concerned=rows)
    firm.run("rep", lambda w: announcing.read(w, key))
    assert firm.run("boss", lambda w: announcing.remind(w, key)) == 1
    (row,) = firm.read("rep2", lambda w: announcing.mine(w, unread=True))
    assert row.reminded_at is not None
    with pytest.raises(Conflict):
        firm.run("boss", lambda w: announcing.remind(w, key))
    ask = firm.ask("boss")
    later = Ask(ask.company, ask.actor, now=ask.now + timedelta(hours=5))
    assert firm.program.works.run(later, lambda w: announcing.remind(w, key)) == 1
    firm.run("rep2", lambda w: announcing.read(w, key))
    with pytest.raises(Conflict, match="Everybody"):
        firm.program.works.run(later, lambda w: announcing.remind(w, key))


# Editions -------------------------------------------------------------------------------------------------------------


def test_a_newer_edition_takes_the_place_and_the_older_stays_to_be_read(firm: Firm) -> None:
    """PLT-15: everybody has to read it anew; what the older one said, and who had read it, is kept."""
    key = announced(firm, concerned=[{"whom": "person", "person_id": firm.people["rep"]}])
    firm.run("rep", lambda w: announcing.read(w, key))
    draft = firm.run("boss", lambda w: announcing.renew(w, key)).id
    with pytest.raises(Conflict):
        firm.run("boss", lambda w: announcing.renew(w, key))
    firm.run("boss", lambda w: masters.save(w, Announcement, {"body": "上调百分之五。"}, key=draft))
    assert unread(firm, "rep") == []
    firm.run("boss", lambda w: announcing.announce(w, draft))
    assert unread(firm, "rep") == [draft]
    old = firm.read("rep", lambda w: announcing.to_read(w, key))
    assert (old.state, old.body) == ("replaced", "洗墙灯自十二月一日起上调百分之三。")
    assert firm.read("rep", lambda w: announcing.newer(w, old)) == draft
    assert missing(firm, key) == set()
    with pytest.raises(Conflict):
        firm.run("boss", lambda w: announcing.withdraw(w, key, reason="错"))
    assert firm.as_program(lambda w: list(verify_history(w))) == []


def test_a_withdrawn_one_is_no_longer_asked_for_and_says_why(firm: Firm) -> None:
    """PLT-15: with a reason; it stays readable for those it concerned, among the earlier ones."""
    key = announced(firm)
    with pytest.raises(Invalid):
        firm.run("boss", lambda w: announcing.withdraw(w, key, reason=""))
    firm.run("boss", lambda w: announcing.withdraw(w, key, reason="价格有误"))
    assert unread(firm, "rep") == []
    old = firm.read("rep", lambda w: announcing.to_read(w, key))
    assert (old.state, old.ended_reason) == ("withdrawn", "价格有误")
    assert [row.id for row in firm.read("rep", announcing.earlier)] == [key]


def test_what_was_announced_is_not_edited(firm: Firm) -> None:
    """People have read it: neither its text, nor whom it concerns, nor taken out of use."""
    key = announced(firm)
    changes: tuple[dict[str, Any], ...] = ({"body": "别的"}, {"concerned": []}, {"active": False})
    for values in changes:
        with pytest.raises(Conflict):
            firm.run("boss", lambda w, v=values: masters.save(w, Announcement, v, key=key))  # type: ignore[misc]
    with pytest.raises(Conflict):
        firm.run("boss", lambda w: announcing.announce(w, key))


def test_papers_of_what_was_announced_stay_as_they_were(firm: Firm) -> None:
    """PLT-15: who has read it has read these papers; others come with a newer edition."""
    key = drafted(firm)
    paper = firm.run("boss", lambda w: attach(w, Announcement, key, "价格表.pdf", b"%PDF-1.7 prices"))
    firm.run("boss", lambda w: announcing.announce(w, key))
    firm.run("rep", lambda w: announcing.read(w, key))
    with pytest.raises(Conflict, match="newer edition"):
        firm.run("boss", lambda w: attach(w, Announcement, key, "another.pdf", b"%PDF-1.7 other"))
    with pytest.raises(Conflict, match="newer edition"):
        firm.run("boss", lambda w: detach(w, Announcement, key, paper, reason="falsch"))
    newer = firm.run("boss", lambda w: announcing.renew(w, key).id)
    assert firm.run("boss", lambda w: attach(w, Announcement, newer, "another.pdf", b"%PDF-1.7 other"))


def test_what_is_over_is_found_page_by_page_whatever_was_announced_first(firm: Firm) -> None:
    """PLT-15: what was written later may have been announced earlier."""
    keys = [drafted(firm) for _n in range(3)]
    order = [keys[2], keys[0], keys[1]]
    for key in order:
        firm.run("boss", lambda w, k=key: announcing.announce(w, k))  # type: ignore[misc]
        firm.run("boss", lambda w, k=key: announcing.withdraw(w, k, reason="überholt"))  # type: ignore[misc]
    seen: list[int] = []
    while rows := firm.read("rep", lambda w: announcing.earlier(w, before=seen[-1] if seen else None, most=1)):
        seen.append(rows[0].id)
    assert seen == order[::-1]


def test_an_announcement_says_something_to_somebody(firm: Firm, other_firm: Firm) -> None:
    """Without a text, for nobody who works here, for strangers, in a day past, or as another saw it: refused."""
    empty = drafted(firm, body="")
    nobody = drafted(firm, concerned=[{"whom": "role", "role_id": role(firm, "archivist")}])
    past = drafted(firm, valid_until="2020-01-01")
    for key in (empty, nobody, past):
        with pytest.raises(Invalid):
            firm.run("boss", lambda w, k=key: announcing.announce(w, k))  # type: ignore[misc]
    for row in (
        {"whom": "person"},
        {"whom": "role", "person_id": firm.people["rep"]},
        {"whom": "person", "person_id": other_firm.people["rep"]},
    ):
        with pytest.raises(Invalid):
            drafted(firm, concerned=[row])
    with pytest.raises(Invalid):
        drafted(firm, valid_from="2026-12-02", valid_until="2026-12-01")
    with pytest.raises(Stale):
        firm.run("boss", lambda w: announcing.announce(w, empty, version=9))


def test_only_who_may_write_them_announces_and_sees_who_has_read(firm: Firm, other_firm: Firm) -> None:
    """A representative reads; another company's announcement is not there at all."""
    with pytest.raises(Forbidden):
        drafted(firm, "rep")
    key = announced(firm)
    for command in (announcing.announce, announcing.renew, announcing.remind):
        with pytest.raises(Forbidden):
            firm.run("rep", lambda w, c=command: c(w, key))  # type: ignore[misc]
    theirs = announced(other_firm)
    for look in (announcing.to_read, announcing.read, announcing.announce, announcing.remind):
        with pytest.raises(DomainError) as refused:
            firm.run("boss", lambda w, c=look: c(w, theirs))  # type: ignore[misc]
        assert isinstance(refused.value, Unknown)


# As people and programs use it ----------------------------------------------------------------------------------------


def test_the_board_the_first_page_and_the_list_of_readers(firm: Firm) -> None:
    """PLT-15: a card on the first page, the text with its paper, one click to confirm, and who has not."""
    key = drafted(firm, name_en="Prices of December", body_en="Wall washers rise by three percent.", promised=True)
    firm.run("boss", lambda w: attach(w, Announcement, key, "价目表.pdf", b"%PDF-1.7"))
    site = site_of(firm)
    boss, rep = Visitor(site, firm, "boss"), Visitor(site, firm, "rep")
    assert "Announce, and see who has read it" in boss.get(f"/core/announcements/{key}/").text
    assert rep.get(f"{BOARD}/{key}").status_code == 404
    boss.post(f"{BOARD}/{key}/announce", version="1")
    assert "Prices of December" in rep.get("/").text
    page = rep.get(f"{BOARD}/{key}").text
    assert "Wall washers rise by three percent." in page
    assert "Who has read it" not in page
    file = page.partition(f"{BOARD}/{key}/files/")[2].partition('"')[0]
    assert rep.get(f"{BOARD}/{key}/files/{file}").data == b"%PDF-1.7"
    rep.post(f"{BOARD}/{key}/read")
    assert "To be read" in rep.get("/").text
    rep.post(f"{BOARD}/{key}/read", promise="1")
    assert "Prices of December" not in rep.get("/").text
    page = boss.get(f"{BOARD}/{key}").text
    assert f"{len(firm.people) - 1} have not" in page
    boss.post(f"{BOARD}/{key}/remind")
    assert "Reminded" in Visitor(site, firm, "rep2").get("/").text
    assert rep.post(f"{BOARD}/{key}/withdraw", reason="x", version="2").status_code in (303, 403)
    assert firm.read("rep", lambda w: announcing.to_read(w, key).state) == "announced"
    answer = boss.post(f"{BOARD}/{key}/renew")
    assert "/core/announcements/" in answer.headers["Location"]
    chinese = Visitor(site, firm, "rep2", "zh_Hans_CN").get(f"{BOARD}/{key}").text
    assert "洗墙灯自十二月一日起上调百分之三。" in chinese
    assert "我已阅读并将遵照执行" in chinese


def test_programs_write_announce_read_and_ask_who_has_read(firm: Firm) -> None:
    """PLT-15: over the interface as on the board."""
    boss, rep = api_for(firm, "boss"), api_for(firm, "rep")
    draft = boss.made("/core/announcements", {"name": "返利政策", "body": "满十万返一个点。", "concerned": []})
    at = f"/core/notices/{draft['id']}"
    firm.run("boss", lambda w: attach(w, Announcement, draft["id"], "返利表.pdf", b"%PDF-1.7 table"))
    for path in (at, f"{at}/files", f"{at}/files/1"):
        assert rep.get(path).status_code == 404
    assert rep.post(f"{at}/announce").status_code == 403
    assert said(boss.post(f"{at}/announce"))["state"] == "announced"
    assert [row["id"] for row in said(rep.get("/core/notices"))["items"]] == [draft["id"]]
    (paper,) = said(rep.get(f"{at}/files"))["items"]
    taken = rep.get(f"{at}/files/{paper['id']}")
    assert (paper["name"], taken.data) == ("返利表.pdf", b"%PDF-1.7 table")
    assert taken.headers["Content-Disposition"].startswith("attachment")
    assert said(rep.post(f"{at}/read", {}))["name"] == "返利政策"
    assert rep.get(f"{at}/readers").status_code == 403
    done = {row["account_id"]: row["done"] for row in said(boss.get(f"{at}/readers"))["items"]}
    assert done[firm.people["rep"]] is True
    assert done[firm.people["rep2"]] is False
    assert said(boss.post(f"{at}/remind"))["reminded"] == len(firm.people) - 1
    newer = boss.made(f"{at}/renew", {})
    said(boss.post(f"/core/notices/{newer['id']}/announce"))
    assert said(rep.get(at))["replaced_by"] == newer["id"]
    assert boss.post(f"{at}/withdraw", {"reason": "晚了"}).status_code == 409
    assert [row["id"] for row in said(rep.get("/core/notices/earlier"))["items"]] == [draft["id"]]


def test_it_is_told_in_the_readers_language(firm: Firm) -> None:
    """Both texts of one announcement; the Chinese one where there is no English one."""
    key = announced(firm, name_en="Prices", body_en="Up by three percent.")
    record = firm.read("rep", lambda w: announcing.to_read(w, key))
    assert announcing.text_of(record) == ("Prices", "Up by three percent.")
    speak(CHINESE)
    assert announcing.text_of(record) == ("十二月价格调整", "洗墙灯自十二月一日起上调百分之三。")
