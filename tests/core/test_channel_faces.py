"""Channels for programs and on the command line; what leaves leads back to what it is about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.entities.announcement import Announcement
from core.hooks.values import Ref
from core.messages import reading
from core.operations import announcing, channels, telling
from core.operations.telling import Note
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.text import Text
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.carriers import HOST, mail_server, robot
from tests.core.command_line import CommandLine
from tests.core.test_announcing import announced, drafted
from tests.core.test_channels import GOOD, group, here, mail, run

CHANNELS, OFFER = "/core/channels", "quotation.quotation"
URL = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0f9a"
__all__ = ["here"]


# Links ----------------------------------------------------------------------------------------------------------------


def test_what_leaves_leads_to_its_record_where_the_installation_says_how_it_is_reached(firm: Firm) -> None:
    """PLT-11: by mail and by robot, below a path as well; without an address nothing is made up."""
    offer = firm.create(Quotation, party_id=firm.party().id)
    works = firm.program.works
    with mail_server("none") as box, robot(GOOD["wecom"]) as machine:
        mail(firm, box)
        group(firm, "wecom", machine)
        for place in ("https://erp.example.com/sales", ""):
            works.address = place
            note = Note(firm.people["rep"], "alarm", Text("x"), f"k{place}", Ref(OFFER, offer.id, ""))
            firm.as_program(lambda w, n=note: telling.tell(w, [n]))  # type: ignore[misc]
            run(firm)
        linked, plain = (one.get_content() for one in box.taken)
        link = f"https://erp.example.com/sales/c/{firm.code}/messages/to/{OFFER}/{offer.id}"
        assert link in linked.splitlines()
        assert "/messages/to/" not in plain
        texts = [body["text"]["content"] for _query, body in machine.asked]
        assert [text.splitlines()[-1] == link for text in texts] == [True, False]
    rep = Visitor(site_of(firm), firm, "rep")
    at = link.partition(f"/c/{firm.code}")[2]
    assert rep.get(at).headers["Location"].rstrip("/").endswith(f"/quotation/quotations/{offer.id}")
    assert rep.get("/messages/to/core.duties/0").headers["Location"].endswith("/duties/")
    assert rep.get("/messages/to/no.such/1").status_code == 404
    assert Visitor(site_of(firm), firm, "rep2").get(at).status_code == 302


# Announcements --------------------------------------------------------------------------------------------------------


def notices(firm: Firm, who: str) -> list[str]:
    """What somebody was told of announcements, the latest first."""

    def look(work: Any) -> list[str]:
        found = [one for one in reading.mine(work) if one.topic == telling.NOTICE]
        return [str(telling.told(work, one.text, one.details)) for one in found]

    return firm.read(who, look)


def test_an_announcement_and_its_reminders_go_by_the_channels(firm: Firm) -> None:
    """PLT-15: to those it concerns, each in his language; a reminder only to those who have not read it."""
    only = [{"whom": "person", "person_id": firm.people[who]} for who in ("rep", "rep2")]
    with mail_server("none") as box:
        mail(firm, box)
        key = announced(firm, name_en="Prices from December", concerned=only)
        run(firm)
        assert {str(one["To"]) for one in box.taken} == {"rep@example.com", "rep2@example.com"}
        assert str(box.taken[0]["Subject"]) == "新公告：十二月价格调整"
        assert notices(firm, "rep") == ["A new announcement: Prices from December"]
        firm.run("rep", lambda w: announcing.read(w, key))
        firm.run("boss", lambda w: announcing.remind(w, key))
        run(firm)
        assert [str(one["To"]) for one in box.taken[2:]] == ["rep2@example.com"]
        assert str(box.taken[2]["Subject"]) == "陈总提醒您阅读：十二月价格调整"
    page = Visitor(site_of(firm), firm, "rep2").get("/messages/").text
    assert f"/core/notices/{key}" in page


def test_what_holds_only_later_is_told_on_its_day(firm: Firm) -> None:
    """PLT-15: not before, and once; a draft and what was withdrawn by then are told to nobody."""
    today = firm.as_program(lambda w: w.today)
    later = today.replace(year=today.year + 1)
    key = announced(firm, valid_from=later.isoformat())
    drafted(firm, valid_from=later.isoformat())
    gone = announced(firm, valid_from=later.isoformat())
    firm.run("boss", lambda w: announcing.withdraw(w, gone, reason="doch nicht"))
    firm.as_program(announcing.tell_begun)
    assert notices(firm, "rep") == []
    firm.today = later
    assert firm.as_program(announcing.tell_begun) == len(firm.people)
    assert firm.as_program(announcing.tell_begun) == 0
    assert len(notices(firm, "rep")) == 1
    row = firm.read("rep", reading.mine)[0]
    assert (row.record_kind, row.record_id) == (Announcement.kind, key)


# Setting up -----------------------------------------------------------------------------------------------------------


def test_programs_set_channels_up_change_test_and_read_the_log(firm: Firm) -> None:
    """PLT-11: as on the screen; a secret goes in and never comes out."""
    admin, boss = api_for(firm, "admin"), api_for(firm, "boss")
    made = admin.made(CHANNELS, {"kind": "wecom", "name": "群", "options": {"url": URL}, "topics": ["alarm"]})
    assert (made["secrets"], made["options"], made["active"]) == (["url"], {}, True)
    at = f"{CHANNELS}/{made['id']}"
    changed = said(admin.patch(at, {"name": "销售群", "topics": ["alarm", "notice"]}, made["version"]))
    assert (changed["name"], changed["secrets"], changed["topics"]) == ("销售群", ["url"], ["alarm", "notice"])
    assert admin.patch(at, {"active": False}, made["version"]).status_code == 412
    with mail_server("none") as box:
        options = {"host": HOST, "port": str(box.port), "security": "none", "sender": "erp@example.com"}
        post = admin.made(CHANNELS, {"kind": "mail", "name": "邮件", "options": options, "topics": []})
        assert said(admin.post(f"{CHANNELS}/{post['id']}/test", {})) == {"done": True}
        assert [row["state"] for row in said(admin.get(f"{CHANNELS}/sent"))["items"]] == ["waiting"]
        run(firm)
        assert [str(one["To"]) for one in box.taken] == ["admin@example.com"]
    (row,) = said(admin.get(f"{CHANNELS}/sent"))["items"]
    assert (row["state"], row["channel"], row["said"]) == ("sent", "邮件", "admin@example.com")
    assert [one["name"] for one in said(admin.get(CHANNELS))["items"]] == ["销售群", "邮件"]
    assert URL not in admin.get(CHANNELS).text
    for path in (CHANNELS, at, f"{CHANNELS}/sent"):
        assert boss.get(path).status_code == 403
    assert admin.get(f"{CHANNELS}/999").status_code == 404
    history = said(admin.get("/core/history?record_kind=core.company"))["items"]
    assert URL not in str(history)


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"kind": "pigeon"}, "kind"),
        ({"options": {}}, "options/url"),
        ({"options": {"url": "https://169.254.169.254/"}}, "options/url"),
        ({"options": {"url": URL, "hots": "x"}}, "options/hots"),
        ({"topics": ["gossip"]}, "topics"),
        ({"name": ""}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_is_wrong_with_a_channel_is_named_in_its_place(firm: Firm, given: dict[str, Any], path: str) -> None:
    whole = {"kind": "wecom", "name": "群", "options": {"url": URL}, "topics": ["alarm"]}
    answer = api_for(firm, "admin").post(CHANNELS, {**whole, **given})
    assert answer.status_code == 422, answer.text
    assert [one["path"] for one in answer.json["errors"]] == [path]  # type: ignore[index]
    assert firm.run("admin", channels.channels_of) == []


def test_the_command_line_sets_channels_up_and_tests_them(firm: Firm, database: Database, tmp_path: Path) -> None:
    """PLT-11: for the operator of the machine; a secret does not stand among the words."""
    zhanggui = CommandLine.over(
        database.url, database.owner_url, tmp_path / "data", CHANNEL_HOSTS=HOST, ADDRESS="https://erp.example.com"
    )
    with mail_server("none") as box:
        words = ("channel", "set", firm.code, "邮件", f"host={HOST}", f"port={box.port}", "security=none")
        assert "--kind" in zhanggui.refused(*words)
        zhanggui.fine(*words, "sender=erp@example.com", "--kind", "mail")
        assert "notice" in zhanggui.fine("channel", "list", firm.code)
        zhanggui.fine("channel", "test", firm.code, "邮件", f"rep@{firm.code}")
        zhanggui.fine("worker", "--once")
        assert [str(one["To"]) for one in box.taken] == ["rep@example.com"]
    assert "rep@example.com" in zhanggui.fine("channel", "log", firm.code)
    assert "--secrets-stdin" in zhanggui.refused("channel", "set", firm.code, "群", f"url={URL}", "--kind", "wecom")
    zhanggui.fine("channel", "set", firm.code, "群", "--kind", "wecom", "--secrets-stdin", given=f"url={URL}\n")
    zhanggui.fine("channel", "set", firm.code, "群", "--off", "--topic", "alarm")
    row = firm.run("admin", channels.channels_of)[-1]
    assert (row.name, row.active, row.topics["topics"]) == ("群", False, ["alarm"])
    assert URL not in zhanggui.fine("channel", "list", firm.code)
    zhanggui.refused("channel", "test", firm.code, "群", f"rep@{firm.code}")
