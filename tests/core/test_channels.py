"""Channels: mail and groups' robots, each message once, tried again where that helps, secrets never shown."""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from core.channels.doors import VARIABLE, is_public
from core.entities.account import Account
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.jobs.runner import Runner
from core.messages import reading
from core.messages.models import Channel, Message, Sending
from core.operations import channels, credentials, own_account, people, telling
from core.operations.jobs import retry
from core.operations.telling import Note
from core.outbox import Job
from core.records.models import History
from core.testing.builders import Firm
from core.text import Text
from tests.core.carriers import HOST, Mailbox, Robot, certificate, mail_server, robot

_JOB: Any = Job.__table__
_ACCOUNT: Any = Account.__table__
_SENDING: Any = Sending.__table__
SECRET = "a secret of the installation, for tests alone"


@pytest.fixture(autouse=True)
def here(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """The installation lets companies use servers of this machine; everybody has an address."""
    monkeypatch.setenv(VARIABLE, f"{HOST},localhost")
    firm.program.works.secret = SECRET
    with firm.program.works.installation() as connection:
        for who, key in firm.people.items():
            values = {"email": f"{who}@example.com", "language": "en" if who == "boss" else "zh_Hans_CN"}
            connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == key).values(values))


@pytest.fixture
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A certificate that this process trusts."""
    path = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    return path


def mail(firm: Firm, box: Mailbox, security: str = "none", **more: str) -> int:
    """A mail channel to ``box`` that carries everything."""
    options = {"host": HOST, "port": str(box.port), "security": security, "sender": "erp@example.com", **more}
    return firm.run("admin", lambda w: channels.save(w, "mail", "邮件", options, telling.TOPICS))


def group(firm: Firm, kind: str, machine: Robot, **more: str) -> int:
    """A robot's channel that carries alarms."""
    options = {"url": machine.url, **more}
    return firm.run("admin", lambda w: channels.save(w, kind, f"群 {kind}", options, ["alarm"]))


def tell(firm: Firm, who: str, key: str = "k", topic: str = "alarm") -> int:
    """Tell somebody something."""
    note = Note(firm.people[who], topic, Text("Due today: {today}. Late: {late}.", (("today", 1), ("late", 2))), key)
    return firm.as_program(lambda w: telling.tell(w, [note]))


def run(firm: Firm) -> None:
    """Do all sendings that are due."""
    kinds = {name: kind for name, kind in firm.program.jobs.items() if name == telling.SEND}
    Runner(firm.program.works, kinds=kinds).run_due()


def job(firm: Firm) -> Any:
    """The only sending's job."""
    with firm.program.works.installation(reads=True) as connection:
        return connection.execute(select(_JOB).where(_JOB.c.name == telling.SEND)).one()


def soon(firm: Firm) -> None:
    """Let what waits for another try be due."""
    with firm.program.works.installation() as connection:
        connection.execute(update(_JOB).where(_JOB.c.done_at.is_(None)).values(run_at=datetime.now(UTC)))


# Mail -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("security", ["none", "starttls", "tls"])
def test_mail_goes_out_in_the_receivers_language(firm: Firm, security: str, trusted: Path) -> None:
    """PLT-11: encrypted as the company chose, signed in where the server asks, once for each person."""
    asks = security == "starttls"
    more = {"user": "erp", "password": "right"} if asks else {}
    with mail_server(security, None if security == "none" else trusted, asks=asks) as box:
        mail(firm, box, security, **more)
        assert tell(firm, "rep", "one") == 1
        assert tell(firm, "rep", "one") == 0
        assert tell(firm, "boss", "two") == 1
        run(firm)
        run(firm)
    chinese, english = sorted(box.taken, key=lambda m: str(m["To"]), reverse=True)
    assert (chinese["To"], english["To"]) == ("rep@example.com", "boss@example.com")
    assert chinese["Subject"] == "今日到期：1。逾期：2。"
    assert english["Subject"] == "Due today: 1. Late: 2."
    assert chinese["Message-ID"] != english["Message-ID"]
    assert english["Message-ID"].endswith("@example.com>")
    assert "please do not answer" in english.get_content()
    assert box.encrypted == [security != "none"] * 2
    assert set(box.signed_in) == ({("erp", "right")} if asks else set())
    assert [row.sent_at is not None for row in firm.read("admin", reading.log)] == [True, True]


def test_a_server_that_nobody_vouches_for_gets_nothing(firm: Firm, tmp_path: Path) -> None:
    with mail_server("tls", certificate(tmp_path)) as box:
        mail(firm, box, "tls")
        tell(firm, "rep")
        run(firm)
        assert box.taken == []
    assert "CERTIFICATE_VERIFY_FAILED" in job(firm).error


def test_what_cannot_be_taken_now_is_tried_again_with_the_same_mark(firm: Firm) -> None:
    """PLT-11: 4xx, and a server that is away, come again later, each time later."""
    with mail_server("none") as box:
        mail(firm, box)
        box.answers = ["450 try later"]
        tell(firm, "rep")
        run(firm)
        waiting = job(firm)
        assert (waiting.attempts, waiting.failed_at, waiting.error) == (1, None, "Later: 450 try later")
        assert waiting.run_at > datetime.now(UTC) + timedelta(seconds=5)
        run(firm)
        assert job(firm).attempts == 1
        soon(firm)
        run(firm)
        assert len(box.taken) == 1
    tell(firm, "rep2", "away")
    run(firm)
    (row, _first) = firm.read("admin", reading.log)
    assert (row.sent_at, row.failed_at, row.attempts) == (None, None, 1)


def test_what_is_refused_for_good_is_given_up_and_can_be_sent_once_more(firm: Firm) -> None:
    """PLT-11: 5xx is a dead letter at once; the administrator sees why and tries again when the cause is gone."""
    with mail_server("none") as box:
        mail(firm, box)
        box.answers = ["550 no such user"]
        tell(firm, "rep")
        run(firm)
        dead = job(firm)
        assert (dead.attempts, dead.failed_at is not None, dead.error) == (1, True, "550 no such user")
        soon(firm)
        run(firm)
        assert box.taken == []
        (row,) = firm.read("admin", reading.log)
        assert (row.error, row.failed_at is not None) == ("550 no such user", True)
        firm.run("admin", lambda w: retry(w, dead.id))
        run(firm)
        assert len(box.taken) == 1


def test_a_wrong_password_is_final(firm: Firm, trusted: Path) -> None:
    with mail_server("starttls", trusted, asks=True) as box:
        mail(firm, box, "starttls", user="erp", password="wrong")
        tell(firm, "rep")
        run(firm)
    assert job(firm).failed_at is not None
    assert job(firm).error.startswith("535")


def test_a_program_that_dies_after_sending_sends_with_the_same_mark(firm: Firm) -> None:
    """The mark of a message is the same at every try, so that a reader can tell it was sent twice."""
    with mail_server("none") as box:
        mail(firm, box)
        tell(firm, "rep")
        run(firm)
        # As if the mark that it was sent had not been committed any more.
        with firm.program.works.installation() as connection:
            connection.execute(update(_JOB).values(done_at=None, leased_until=None))
        firm.as_program(lambda w: w.connection.execute(update(_SENDING).values(sent_at=None)))
        run(firm)
    first, second = box.taken
    assert first["Message-ID"] == second["Message-ID"]


def test_a_name_cannot_write_into_the_head_of_a_message(firm: Firm) -> None:
    with mail_server("none") as box:
        mail(firm, box)
        note = Note(firm.people["boss"], "alarm", Text("{x}", (("x", "Hi\r\nBcc: all@example.com"),)), "k")
        firm.as_program(lambda w: telling.tell(w, [note]))
        run(firm)
    (message,) = box.taken
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: all@example.com"


# Robots ---------------------------------------------------------------------------------------------------------------

GOOD: Mapping[str, Any] = {
    "wecom": {"errcode": 0, "errmsg": "ok"},
    "dingtalk": {"errcode": 0, "errmsg": "ok"},
    "feishu": {"code": 0, "msg": "success", "data": {}},
}
KEY = "SEC000000000000000000000"


@pytest.fixture(params=sorted(GOOD))
def kind(request: pytest.FixtureRequest) -> str:
    """Each kind of robot."""
    return str(request.param)


@pytest.fixture
def machine(kind: str) -> Iterator[Robot]:
    """A robot of the kind that judges the signature as the real one does."""

    def judge(query: dict[str, list[str]], body: dict[str, Any]) -> tuple[int, Any]:
        now = datetime.now(UTC).timestamp()
        if kind == "dingtalk":
            stamp = query["timestamp"][0]
            wanted = b64encode(hmac.new(KEY.encode(), f"{stamp}\n{KEY}".encode(), sha256).digest()).decode()
            good = query["sign"] == [wanted] and abs(now - int(stamp) / 1000) < 3600
            return 200, GOOD[kind] if good else {"errcode": 310000, "errmsg": "sign not match"}
        if kind == "feishu":
            stamp = body["timestamp"]
            wanted = b64encode(hmac.new(f"{stamp}\n{KEY}".encode(), digestmod=sha256).digest()).decode()
            good = body["sign"] == wanted and abs(now - int(stamp)) < 3600
            return 200, GOOD[kind] if good else {"code": 19021, "msg": "sign match fail"}
        return 200, GOOD[kind]

    with robot(GOOD[kind]) as made:
        made.judge = judge
        yield made


def key_of(kind: str) -> dict[str, str]:
    """The signing secret, where the kind has one."""
    return {} if kind == "wecom" else {"key": KEY}


def test_a_robot_is_told_once_with_its_signature(firm: Firm, kind: str, machine: Robot) -> None:
    """PLT-11: the payload and the signature that each of the three wants, in the receiver's language, once."""
    group(firm, kind, machine, **key_of(kind))
    tell(firm, "rep")
    run(firm)
    run(firm)
    ((query, body),) = machine.asked
    assert query["access_token"] == ["abc"]
    said = body["content"] if kind == "feishu" else body["text"]
    text = said["text"] if kind == "feishu" else said["content"]
    assert body["msg_type" if kind == "feishu" else "msgtype"] == "text"
    assert text.splitlines()[0] == "王小明: 今日到期：1。逾期：2。"
    assert job(firm).done_at is not None


def test_a_wrong_signing_secret_is_a_dead_letter(firm: Firm, kind: str, machine: Robot) -> None:
    if kind == "wecom":
        machine.judge, machine.answers = None, [(200, {"errcode": 93000, "errmsg": "invalid webhook url"})]
    group(firm, kind, machine, **({} if kind == "wecom" else {"key": "other"}))
    tell(firm, "rep")
    run(firm)
    assert job(firm).failed_at is not None
    assert len(machine.asked) == 1


def test_a_robot_that_is_busy_is_asked_again(firm: Firm, kind: str, machine: Robot) -> None:
    """PLT-11: too many messages, a fault of the server, an answer that nobody understands: later."""
    busy = {"wecom": {"errcode": 45009}, "dingtalk": {"errcode": 130101}, "feishu": {"code": 9499}}[kind]
    machine.answers = [(200, busy), (503, {}), (429, {}), (200, "not an answer")]
    group(firm, kind, machine, **key_of(kind))
    tell(firm, "rep")
    for _try in range(5):
        run(firm)
        soon(firm)
    assert len(machine.asked) == 5
    assert (job(firm).attempts, job(firm).done_at is not None) == (5, True)


def test_a_robot_that_sends_one_elsewhere_is_not_followed(firm: Firm, kind: str, machine: Robot) -> None:
    machine.answers = [(302, {})]
    group(firm, kind, machine, **key_of(kind))
    tell(firm, "rep")
    run(firm)
    assert job(firm).error == "HTTP 302"


@pytest.mark.parametrize(
    "url",
    [
        "http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1",
        "https://169.254.169.254/latest/meta-data",
        "https://qyapi.weixin.qq.com@evil.example/x",
        "https://qyapi.weixin.qq.com.evil.example/x",
        "https://10.0.0.1/",
        "file:///etc/passwd",
        "no address",
        "",
    ],
)
def test_robots_live_where_their_kind_lives(firm: Firm, url: str) -> None:
    """No company makes the program ask addresses of the network that it runs in."""
    with pytest.raises(Invalid) as refused:
        firm.run("admin", lambda w: channels.save(w, "wecom", "群", {"url": url}, ["alarm"]))
    assert refused.value.faults[0].path == "url"


def test_a_mail_server_within_the_network_must_be_named_by_the_installation(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mail_server("none") as box:
        mail(firm, box)
        tell(firm, "rep")
        monkeypatch.delenv(VARIABLE)
        run(firm)
        assert box.taken == []
    assert VARIABLE in job(firm).error
    assert job(firm).failed_at is not None


@pytest.mark.parametrize("address", ["rep@example.com, other@example.net", "rep", "@example.com", "a@b@c.example"])
def test_mail_goes_to_one_mailbox_and_to_nobody_besides(firm: Firm, address: str) -> None:
    """Nobody has the company's server write to others by what he says of himself."""
    with pytest.raises(Invalid) as refused:
        firm.run("rep", lambda w: own_account.describe_oneself(w, {"email": address}))
    assert [fault.path for fault in refused.value.faults] == ["email"]
    with firm.program.works.installation() as connection:
        connection.execute(update(_ACCOUNT).where(_ACCOUNT.c.id == firm.people["rep"]).values(email=address))
    with mail_server("none") as box:
        mail(firm, box)
        tell(firm, "rep")
        run(firm)
        assert box.taken == []
    assert job(firm).error == "What the person gave is not one e-mail address."
    firm.run("rep", lambda w: own_account.describe_oneself(w, {"email": "王小明 <rep@example.com>"}))


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("64:ff9b::5db8:d70e", True),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        ("2002:7f00:1::", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("fec0::1", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("fe80::1%eth0", False),
    ],
)
def test_an_address_that_carries_another_leads_no_further_than_that_one(address: str, public: bool) -> None:
    """No way round through the addresses in which IPv6 wraps those of one's own network."""
    assert is_public(address) is public


# Setting up -----------------------------------------------------------------------------------------------------------


def test_secrets_are_locked_and_kept_when_left_empty(firm: Firm) -> None:
    """Neither the table, nor the history, nor what is read back holds them in the open."""
    options = {"host": "mail.example.com", "port": "587", "security": "starttls", "sender": "erp@example.com"}
    hidden = {"user": "erp", "password": "very secret"}
    key = firm.run("admin", lambda w: channels.save(w, "mail", "邮件", {**options, **hidden}, ["alarm"]))
    changed = {**options, "user": "erp", "port": "2525"}
    firm.run("admin", lambda w: channels.save(w, "", "邮件", changed, ["alarm"], key=key))

    def look(work: Any) -> tuple[Any, dict[str, str], str]:
        row = work.connection.execute(select(Channel.__table__)).one()
        history = "".join(str(row) for row in work.connection.execute(select(History.__table__)))
        return row, channels.secrets(work, row), history

    row, opened, history = firm.as_program(look)
    assert opened == {"password": "very secret"}
    assert row.options["port"] == "2525"
    assert "very secret" not in str(row)
    assert "very secret" not in history
    firm.program.works.secret = "another key of another installation, as after a move"
    assert firm.as_program(look)[1] == {}


@pytest.mark.parametrize(
    ("kind", "options", "path"),
    [
        ("mail", {"host": ""}, "host"),
        ("mail", {"port": "0"}, "port"),
        ("mail", {"port": "x"}, "port"),
        ("mail", {"port": "99999"}, "port"),
        ("mail", {"sender": "nobody"}, "sender"),
        ("mail", {"security": "perhaps"}, "security"),
        ("mail", {"security": "none", "user": "u", "password": "p"}, "security"),
        ("mail", {"password": "p"}, "user"),
        ("mail", {"host": "x" * 1001}, "host"),
        ("pigeon", {}, "kind"),
    ],
)
def test_what_cannot_be_is_said_field_by_field(firm: Firm, kind: str, options: dict[str, str], path: str) -> None:
    usual = {"host": "mail.example.com", "port": "587", "security": "starttls", "sender": "erp@example.com"}
    with pytest.raises(Invalid) as refused:
        firm.run("admin", lambda w: channels.save(w, kind, "邮件", {**usual, **options}, ["alarm"]))
    assert [fault.path for fault in refused.value.faults] == [path]


def test_only_an_administrator_sets_channels_up(firm: Firm, other_firm: Firm) -> None:
    with mail_server("none") as box:
        key = mail(firm, box)
        for refused in (
            lambda w: channels.save(w, "mail", "x", {}, []),
            lambda w: channels.channels_of(w),
            lambda w: channels.find(w, key),
            lambda w: channels.test(w, key),
        ):
            with pytest.raises(Forbidden):
                firm.run("boss", refused)
        with pytest.raises(Unknown):
            other_firm.run("admin", lambda w: channels.test(w, key))
        assert other_firm.run("admin", lambda w: channels.channels_of(w)) == []


def test_a_test_goes_to_the_administrator_and_shows_in_the_log(firm: Firm) -> None:
    with mail_server("none") as box:
        key = mail(firm, box)
        firm.run("admin", lambda w: channels.test(w, key))
        run(firm)
        assert [str(m["To"]) for m in box.taken] == ["admin@example.com"]
        (row,) = firm.read("admin", reading.log)
        assert (row.topic, row.answer, row.account_id) == ("test", "admin@example.com", firm.people["admin"])
        options = {"host": HOST, "port": str(box.port), "security": "none", "sender": "erp@example.com"}
        firm.run("admin", lambda w: channels.save(w, "", "邮件", options, ["alarm"], key=key, active=False))
        with pytest.raises(Conflict):
            firm.run("admin", lambda w: channels.test(w, key))
        assert tell(firm, "rep") == 1
        run(firm)
        assert len(box.taken) == 1


def test_who_has_left_meanwhile_gets_nothing_any_more(firm: Firm) -> None:
    """PLT-11: what waited for the end of the quiet hours or for another try stays here; the log says why."""
    with mail_server("none") as box:
        mail(firm, box)
        tell(firm, "rep", "a")
        tell(firm, "rep2", "b")
        last = firm.as_program(lambda w: w.today) - timedelta(days=1)
        firm.as_program(lambda w: people.employ(w, firm.people["rep"], roles=None, valid_until=last))
        with firm.program.works.installation() as connection:
            credentials.set_active(connection, firm.people["rep2"], False)
        run(firm)
        assert box.taken == []
        rows = firm.read("admin", reading.log)
        assert [row.error for row in rows] == ["李娜已不在本公司任职。", "王小明已不在本公司任职。"]
        assert all(row.failed_at for row in rows)


def test_what_a_channel_did_not_carry_because_it_was_switched_off_is_told_and_can_be_sent_later(firm: Firm) -> None:
    """PLT-11: it does not wait for ever without anybody knowing."""
    with mail_server("none") as box:
        key = mail(firm, box)
        tell(firm, "rep")
        options = {"host": HOST, "port": str(box.port), "security": "none", "sender": "erp@example.com"}
        for active in (False, True):
            firm.run("admin", lambda w, on=active: channels.save(w, "", "邮件", options, ["alarm"], key=key, active=on))  # type: ignore[misc]
            run(firm)
            (row,) = firm.read("admin", reading.log)
            assert (row.error, bool(row.failed_at), row.sent_at) == ("该渠道已停用。", True, None)
        firm.run("admin", lambda w: retry(w, row.job_id))
        run(firm)
        assert [str(m["To"]) for m in box.taken] == ["rep@example.com"]


# What people want -----------------------------------------------------------------------------------------------------


def test_a_person_turns_a_channel_off_for_himself(firm: Firm) -> None:
    """PLT-11: he is still told in the program; others go on as before."""
    with mail_server("none") as box:
        key = mail(firm, box)
        firm.run("rep", lambda w: channels.choose(w, [key]))
        tell(firm, "rep", "a")
        tell(firm, "rep2", "b")
        run(firm)
        assert [str(m["To"]) for m in box.taken] == ["rep2@example.com"]
        assert firm.read("rep", reading.unread) == 1
        firm.run("rep", telling.mark_read)
        assert firm.read("rep", reading.unread) == 0
        firm.run("rep", lambda w: channels.choose(w, []))
        tell(firm, "rep", "c")
        run(firm)
        assert [str(m["To"]) for m in box.taken] == ["rep2@example.com", "rep@example.com"]


def test_topics_that_a_channel_does_not_carry_stay_in_the_program(firm: Firm) -> None:
    with robot(GOOD["wecom"]) as machine:
        group(firm, "wecom", machine)
        tell(firm, "rep", topic="task")
        run(firm)
        assert machine.asked == []
        assert firm.read("rep", reading.unread) == 1


@pytest.mark.parametrize(
    ("first", "last", "at", "until"),
    [
        ("21:30", "07:30", "2026-11-02T23:00:00+08:00", "2026-11-03T07:30:00+08:00"),
        ("21:30", "07:30", "2026-11-03T06:00:00+08:00", "2026-11-03T07:30:00+08:00"),
        ("21:30", "07:30", "2026-11-03T07:30:00+08:00", "2026-11-03T07:30:00+08:00"),
        ("21:30", "07:30", "2026-11-03T12:00:00+08:00", "2026-11-03T12:00:00+08:00"),
        ("12:00", "14:00", "2026-11-03T13:00:00+08:00", "2026-11-03T14:00:00+08:00"),
        ("", "", "2026-11-03T23:00:00+08:00", "2026-11-03T23:00:00+08:00"),
    ],
)
def test_in_quiet_hours_nothing_leaves_the_program(firm: Firm, first: str, last: str, at: str, until: str) -> None:
    """PLT-11: by the company's clock; what was held back goes out when they are over."""
    from core.work import Ask, System

    with mail_server("none") as box:
        mail(firm, box)
        firm.run("rep", lambda w: channels.choose(w, [], first, last))
        note = Note(firm.people["rep"], "alarm", Text("x"), "k")
        ask = Ask(firm.id, System("test"), now=datetime.fromisoformat(at))
        firm.program.works.run(ask, lambda w: telling.tell(w, [note]))
    assert job(firm).run_at == datetime.fromisoformat(until)


@pytest.mark.parametrize(("first", "last"), [("25:00", "07:00"), ("7:00", "08:00"), ("21:30", ""), ("", "07:30")])
def test_times_that_are_none_are_refused(firm: Firm, first: str, last: str) -> None:
    with pytest.raises(Invalid):
        firm.run("rep", lambda w: channels.choose(w, [], first, last))


def test_nobody_reads_what_others_were_told(firm: Firm, other_firm: Firm) -> None:
    tell(firm, "rep")
    assert len(firm.read("rep", reading.mine)) == 1
    assert firm.read("boss", reading.mine) == []
    assert other_firm.read("rep", reading.mine) == []
    with firm.program.works.installation() as connection:
        connection.execute(update(_ACCOUNT).values(email=""))
    assert firm.as_program(lambda w: w.connection.execute(select(Message.__table__)).one()).key == "k"
