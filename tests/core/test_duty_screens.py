"""The pages and the interface of duties and messages: what a person sees, says and chooses there, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core.channels.doors import VARIABLE
from core.jobs.runner import Runner
from core.operations import channels, telling
from core.operations.duties import daily, tasks
from core.testing.api import api_for
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.sites import site_of
from plugins.quotation.documents import Inquiry
from tests.core.administration_visitor import Visitor
from tests.core.carriers import HOST, mail_server

ANSWER = "quotation.inquiry.answer"
KEY = "very-secret-key-of-a-group"


def visitor(firm: Firm, who: str, language: str = "en") -> Visitor:
    """Somebody at a browser."""
    return Visitor(site_of(firm), firm, who, language)


def inquiry(firm: Firm, days: int, who: str = "rep") -> Inquiry:
    """What is to be answered in so many days from today; fewer than none: it is late."""
    today = firm.as_program(lambda w: w.today)
    given: dict[str, Any] = {"party_id": firm.party(who).id, "project": "体育馆亮化"}
    deadline = (today + timedelta(days=days)).isoformat()
    return firm.create(Inquiry, who, lines=[line(firm.item(), "2")], deadline=deadline, **given)


def test_a_person_finds_his_duties_and_says_why_one_is_late(firm: Firm) -> None:
    """PLT-11: late, today and coming on one page; the bell leads there; the reason is written where the duty is."""
    made = inquiry(firm, -3)
    inquiry(firm, 0)
    inquiry(firm, 2)
    rep = visitor(firm, "rep")
    page = rep.get("/duties/").text
    assert 'aria-label="Duties: 3"' in page
    for word in ("Late<span>1</span>", "Today<span>1</span>", "Coming<span>1</span>", "3 days late"):
        assert word in page
    place = {"kind": ANSWER, "record": str(made.id), "part": "0"}
    assert rep.post("/duties/reason", **place, reason="").status_code == 303
    assert "Please say why." in rep.get("/duties/").text
    assert rep.post("/duties/reason", **place, reason="客户图纸<迟到>").status_code == 303
    page = rep.get("/duties/").text
    assert "Reason: 客户图纸&lt;迟到&gt;" in page
    assert "Say why" not in page
    assert "我的待办" in visitor(firm, "rep", "zh").get("/duties/").text


def test_a_strangers_form_does_nothing(firm: Firm, other_firm: Firm) -> None:
    """Neither a colleague, nor another company, nor a form with nonsense in it."""
    made = inquiry(firm, -3)
    place = {"kind": ANSWER, "record": str(made.id), "part": "0", "reason": "x"}
    for somebody in (visitor(firm, "rep2"), visitor(other_firm, "boss")):
        assert somebody.post("/duties/reason", **place).status_code == 303
        assert somebody.post("/duties/remind", **place).status_code == 303
    for wrong in ({"record": "x"}, {"record": str(2**70)}, {"kind": "x" * 500}, {"part": "-1"}):
        assert visitor(firm, "rep").post("/duties/reason", **{**place, **wrong}).status_code == 303
    assert firm.read("rep", lambda w: [d.reason for d in _mine(w)]) == [""]


def _mine(work: Any) -> Any:
    from core.duties.reading import my_duties

    return my_duties(work)


def test_tasks_are_given_on_the_page_and_ticked_there(firm: Firm) -> None:
    """PLT-11: to oneself and to others; a fault is said at its field and what was typed is kept."""
    manager, rep = visitor(firm, "manager"), visitor(firm, "rep")
    refused = manager.post("/duties/tasks", title="", account_id="", due="2020-01-01")
    assert refused.status_code == 422
    assert "This is needed." in refused.text
    assert "This day is past." in refused.text
    given = {"title": "准备样品", "account_id": str(firm.people["rep"]), "due": ""}
    assert manager.post("/duties/tasks", **given).status_code == 303
    assert "Given to others" in manager.get("/duties/").text
    key = firm.read("rep", lambda w: _mine(w)[0].task_id)
    assert "准备样品" in rep.get("/duties/").text
    assert "Zhang Wei asks you: 准备样品" in rep.get("/messages/").text
    assert rep.post(f"/duties/tasks/{key}/done", reason="").status_code == 303
    assert firm.read("rep", _mine) == []


def test_a_leader_sees_his_people_and_reminds_them(firm: Firm) -> None:
    """PLT-11: by person and by kind, late ones first; who leads nobody may not open it."""
    made = inquiry(firm, -3)
    inquiry(firm, 1, "rep2")
    assert visitor(firm, "rep").get("/duties/team/").status_code == 403
    boss = visitor(firm, "boss")
    page = boss.get("/duties/team/").text
    assert "Wang Xiaoming" in page
    assert "Li Na" in page
    rows = page[page.index("Late ones first") :]
    assert rows.index("3 days late") < rows.index("Li Na")
    only = boss.get("/duties/team/", person=firm.people["rep2"]).text
    assert "3 days late" not in only
    assert boss.get("/duties/team/", person="x", kind="no.such").status_code == 200
    place = {"kind": ANSWER, "record": str(made.id), "part": "0", "back": "team"}
    assert boss.post("/duties/remind", **place).headers["Location"].endswith("/duties/team/")
    assert "Chen Zong reminds you" in visitor(firm, "rep").get("/messages/").text
    assert "reminded" in boss.get("/duties/team/").text


@pytest.mark.parametrize("number", [1, 12])
def test_the_pages_cost_the_same_however_much_is_due(firm: Firm, number: int) -> None:
    for _n in range(number):
        inquiry(firm, -3)
    rep, boss = visitor(firm, "rep"), visitor(firm, "boss")
    rep.get("/duties/")
    boss.get("/duties/team/")
    with counted(firm.program.engine) as mine:
        rep.get("/duties/")
    with counted(firm.program.engine) as team:
        boss.get("/duties/team/")
    # One of them is the list of companies, which is kept for some seconds.
    assert len(mine) <= 10, str(mine)
    # Six of them are the bell's and the list of companies, which are kept for some seconds.
    assert len(team) <= 12, str(team)


def test_channels_are_set_up_tested_and_logged_without_their_secrets(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PLT-11: for administrators alone; a secret is never sent back to a browser."""
    monkeypatch.setenv(VARIABLE, HOST)
    assert visitor(firm, "boss").get("/administration/channels/").status_code == 403
    admin = visitor(firm, "admin")
    assert "Messages are shown in the program only." in admin.get("/administration/channels/").text
    assert admin.get("/administration/channels/new/pigeon").status_code == 404
    url = f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={KEY}"
    refused = admin.post("/administration/channels/new/wecom", name="销售群", url=f"https://evil.example/{KEY}")
    assert refused.status_code == 422
    assert "This is no address of such a robot." in refused.text
    assert KEY not in refused.text
    made = admin.post("/administration/channels/new/wecom", name="销售群", url=url, topic="alarm")
    assert made.status_code == 303
    (row,) = firm.run("admin", lambda w: channels.channels_of(w))
    for path in ("/administration/channels/", f"/administration/channels/{row.id}", "/administration/history/"):
        page = admin.get(path).text
        assert KEY not in page, path
    with mail_server("none") as box:
        fields = {"host": HOST, "port": str(box.port), "security": "none", "sender": "erp@example.com"}
        admin.post("/administration/channels/new/mail", name="邮件", topic="alarm", **fields)
        _row, mail = firm.run("admin", lambda w: channels.channels_of(w))
        # Without an address there is nowhere to send it to, and the log says so.
        assert admin.post(f"/administration/channels/{mail.id}/test").status_code == 303
        kinds = {telling.SEND: firm.program.jobs[telling.SEND]}
        Runner(firm.program.works, kinds=kinds).run_due()
        page = admin.get("/administration/channels/").text
    assert "given up" in page
    assert "no e-mail address" in page


def test_a_person_chooses_how_he_is_told(firm: Firm) -> None:
    """PLT-11: his channels and his quiet hours; a time that is none is said at its field."""
    options = {"host": "mail.example.com", "port": "587", "security": "starttls", "sender": "erp@example.com"}
    key = firm.run("admin", lambda w: channels.save(w, "mail", "公司邮件", options, ["alarm"]))
    rep = visitor(firm, "rep")
    assert "公司邮件" in rep.get("/messages/").text
    refused = rep.post("/messages/", quiet_from="25:00", quiet_until="07:30", channel=str(key))
    assert refused.status_code == 422
    assert "A time is written like 21:30." in refused.text
    assert rep.post("/messages/", quiet_from="21:30", quiet_until="07:30").status_code == 303
    chosen = firm.read("rep", channels.choice)
    assert chosen is not None
    assert (chosen.silent, chosen.quiet_from, chosen.quiet_until) == ({"channels": [key]}, "21:30", "07:30")
    firm.run("manager", lambda w: tasks.give(w, firm.people["rep"], "准备样品"))
    assert '<span class="tag tag-blue">new</span>' in rep.get("/messages/").text
    rep.post("/messages/read")
    assert '<span class="tag tag-blue">new</span>' not in rep.get("/messages/").text


def test_programs_read_and_answer_duties(firm: Firm) -> None:
    """PLT-11: the same over the REST interface, with the same refusals."""
    made = inquiry(firm, -3)
    firm.as_program(daily.go_round)
    rep, boss = api_for(firm, "rep"), api_for(firm, "boss")
    (duty,) = rep.get("/core/duties").get_json()["items"]
    assert (duty["kind"], duty["late"], duty["record"]["id"]) == (ANSWER, True, made.id)
    assert duty["record"]["url"] == f"/api/v1/quotation/inquiries/{made.id}"
    assert rep.get("/core/duties/team").status_code == 403
    told = boss.get("/core/duties/team?kind=quotation.inquiry.answer").get_json()
    assert [one["account_id"] for one in told["items"]] == [firm.people["rep"]]
    assert {"kind": ANSWER, "account_id": firm.people["rep"], "account": "Wang Xiaoming"}.items() <= next(
        one for one in told["counts"] if one["kind"] == ANSWER
    ).items()
    place = {"kind": ANSWER, "record_id": made.id}
    assert boss.post("/core/duties/remind", place).status_code == 200
    assert boss.post("/core/duties/remind", place).status_code == 409
    assert rep.post("/core/duties/reason", {**place, "reason": " "}).status_code == 422
    assert boss.post("/core/duties/reason", {**place, "reason": "x"}).status_code == 404
    assert rep.post("/core/duties/reason", {**place, "reason": "等图纸"}).status_code == 200
    key = boss.post("/core/tasks", {"title": "准备样品", "account_id": firm.people["rep"]}).get_json()["id"]
    assert boss.post(f"/core/tasks/{key}/remind", {}).status_code == 200
    assert boss.post(f"/core/tasks/{key}/done", {}).status_code == 403
    assert rep.post(f"/core/tasks/{key}/done", {}).status_code == 200
    topics = [one["topic"] for one in rep.get("/core/messages").get_json()["items"]]
    assert [topic for topic in topics if topic != "morning"] == ["reminder", "task", "reminder"]
    assert rep.post("/core/messages/read", {}).status_code == 200
    assert all(one["read_at"] for one in rep.get("/core/messages").get_json()["items"])
