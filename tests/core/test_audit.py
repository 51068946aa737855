"""Who came and who took what out is in the audit log, from where and why not, before anything leaves the house."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, select, text, update

from core.db.engine import is_sqlite
from core.errors import Forbidden
from core.operations import access
from core.operations.credentials import change_password
from core.records.anchors import seal_history
from core.records.log import ACCESSES, Wanted, log
from core.records.models import ACCESS, History
from core.records.outside import publish
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.work import Ask, Origin, Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor, token
from tests.core.tampering import Told, owning

OFFERS, PASSWORD = "/quotation/quotations", "four tall maples"
_HISTORY: Any = History.__table__


@pytest.fixture(autouse=True)
def nothing_lately(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test begins in another minute: ids come again in other databases."""
    monkeypatch.setattr(access, "_lately", type(access._lately)(64))


def entries(firm: Firm, what: str = "") -> list[Any]:
    """The entries of the audit log, the oldest first."""
    found = firm.as_program(lambda w: log(w, Wanted(audit=True, what=what, size=200)).rows)
    return list(reversed(found))


def offer(firm: Firm, who: str = "rep") -> Quotation:
    return firm.create(Quotation, who, party_id=firm.party(who).id, lines=[line(firm.item(), "2")])


def sign_in(site: Flask, login: str, password: str, address: str) -> int:
    client = site.test_client()
    page = client.get("/login")
    data = {"csrf_token": token(page.text), "login": login, "password": password}
    at = {"REMOTE_ADDR": address, "HTTP_USER_AGENT": "Browser/1.0"}
    status = client.post("/login", data=data, environ_overrides=at).status_code
    if status == 303:
        out = {"csrf_token": token(client.get(f"/c/{login.partition('@')[2]}/my-account/").text)}
        client.post("/logout", data=out, environ_overrides=at)
    return status


# Coming and going ------------------------------------------------------------------------------------------------


def test_signing_in_failing_to_and_out_are_entered_with_the_address(firm: Firm, other_firm: Firm) -> None:
    """PLT-09: with who, when, from where and how; of a login that nobody has there is no company to tell."""
    site = site_of(firm)
    with firm.program.works.installation() as connection:
        change_password(connection, firm.people["rep"], PASSWORD)
    assert sign_in(site, "rep@acme", "wrong", "192.0.2.7") == 401
    assert sign_in(site, "nobody@acme", "wrong", "192.0.2.8") == 401
    assert sign_in(site, "rep@acme", PASSWORD, "192.0.2.9") == 303
    found = [(e.what, e.actor, e.target, e.changes.get("agent"), e.changes.get("way")) for e in entries(firm)]
    assert found == [
        ("sign_in_failed", "rep@acme", "192.0.2.7", "Browser/1.0", "password"),
        ("sign_in", "rep@acme", "192.0.2.9", "Browser/1.0", "password"),
        ("sign_out", "rep@acme", "192.0.2.9", "Browser/1.0", None),
    ]
    assert entries(other_firm) == []


# Taking out ------------------------------------------------------------------------------------------------------


def test_lists_papers_and_files_that_are_taken_out_are_entered(firm: Firm) -> None:
    """PLT-09: exports with what they were narrowed to, prints with their language, files with their hash."""
    document = firm.move(offer(firm), "submit")
    visitor = Visitor(site_of(firm), firm, "manager")
    there = f"{OFFERS}/{document.id}"
    visitor.post(f"{there}/files", file=(BytesIO(b"%PDF-1.7 signed"), "合同.pdf"))
    place = visitor.get(f"{there}/").text.split(f"{there}/files/")[1].split('"')[0]
    assert visitor.get(f"{there}/files/{place}").data == b"%PDF-1.7 signed"
    assert visitor.get(f"{OFFERS}/export/csv", state="approved", search="青岛").status_code == 200
    assert visitor.get(f"{OFFERS}/export/xlsx").data[:2] == b"PK"
    assert visitor.post(f"{there}/paper/en").data[:4] == b"%PDF"
    assert visitor.get(f"{OFFERS}/export/pdf").status_code == 404
    download, csv, xlsx, paper = [e for e in entries(firm) if e.what != "sign_in"]
    assert (download.what, download.source, download.record_id) == ("download", "quotation.quotation", document.id)
    assert download.changes["file"] == "合同.pdf"
    assert len(download.changes["sha256"]) == 64
    assert (csv.what, csv.changes["form"]) == ("export", [None, "csv"])
    assert csv.changes["chosen"] == [None, {"state": "approved", "search": "青岛"}]
    assert xlsx.changes["form"] == [None, "xlsx"]
    assert (paper.what, paper.record_id, paper.changes["language"]) == ("print", document.id, "en")
    assert {e.target for e in (download, csv, xlsx, paper)} == {"127.0.0.1"}
    assert {e.actor_id for e in (download, csv, xlsx, paper)} == {firm.people["manager"]}


def refuse_entries(firm: Firm, database: Database) -> None:
    """Let the database take no entry of the audit log, as when its disk is full."""
    told = Told(firm, database, None, 0, 0, 0)  # type: ignore[arg-type]  # only its database is looked at
    with owning(told) as connection:
        if is_sqlite(connection):
            connection.exec_driver_sql(
                "CREATE TRIGGER full BEFORE INSERT ON history WHEN NEW.kind = 'core.access' "
                "BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        else:
            connection.exec_driver_sql("ALTER TABLE history ADD CONSTRAINT f CHECK (kind <> 'core.access') NOT VALID")


def test_nothing_leaves_that_could_not_be_entered(firm: Firm, database: Database) -> None:
    """PLT-09: a file, a list and a paper stay where they are when the log cannot take it."""
    document = firm.move(offer(firm), "submit")
    visitor, there = Visitor(site_of(firm), firm, "manager"), f"{OFFERS}/{document.id}"
    visitor.post(f"{there}/files", file=(BytesIO(b"%PDF-1.7 signed"), "a.pdf"))
    place = visitor.get(f"{there}/").text.split(f"{there}/files/")[1].split('"')[0]
    csrf = visitor.token()
    refuse_entries(firm, database)
    answers = [
        visitor.get(f"{there}/files/{place}"),
        visitor.get(f"{OFFERS}/export/csv"),
        visitor.client.post(f"/c/{firm.code}{there}/paper/en", data={"csrf_token": csrf}),
    ]
    assert not any(b"signed" in answer.data or answer.data[:4] == b"%PDF" for answer in answers)
    assert "青岛" not in answers[1].text
    assert entries(firm, "download") == entries(firm, "export") == entries(firm, "print") == []


# Refusals --------------------------------------------------------------------------------------------------------


def test_refusals_are_entered_with_the_right_or_the_record(firm: Firm, other_firm: Firm) -> None:
    """PLT-05, PLT-09: a wrong role, a colleague's record, a record that is not here, and a stranger's company."""
    document = offer(firm)
    colleague = Visitor(site_of(firm), firm, "rep2")
    assert colleague.get(f"{OFFERS}/{document.id}/").status_code == 404
    assert colleague.get("/administration/settings/").status_code == 403
    assert colleague.get(f"{OFFERS}/987654/").status_code == 404
    assert colleague.get(f"{OFFERS}/nothing/").status_code == 404
    assert colleague.client.get(f"/c/{other_firm.code}{OFFERS}/").status_code == 404
    theirs, role, absent = entries(firm, "refuse")
    assert (theirs.actor, theirs.source, theirs.record_id) == ("rep2@acme", "quotation.quotation", document.id)
    assert theirs.changes["path"] == f"GET {OFFERS}/{document.id}/"
    assert role.changes["right"] == "core.company.administer"
    assert absent.record_id == 987654
    (stranger,) = entries(other_firm, "refuse")
    assert (stranger.actor, stranger.changes["stranger"]) == ("rep2@acme", True)


def test_a_program_that_is_refused_is_entered_as_such(firm: Firm) -> None:
    """PLT-09: by the interface as on the screens, and writes as reads."""
    document, api = offer(firm), api_for(firm, "rep2")
    assert api.get(f"{OFFERS}/{document.id}").status_code == 404
    assert api.post(f"{OFFERS}/{document.id}/moves/submit").status_code in (403, 404)
    assert api.get("/core/settings").status_code == 403
    found = entries(firm, "refuse")
    assert [e.changes["face"] for e in found] == ["api"] * 3
    assert [e.record_id for e in found][:2] == [document.id, document.id]


def test_the_same_refusal_again_and_again_is_one_entry_a_minute(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    document, api = offer(firm), api_for(firm, "rep2")
    for _n in range(5):
        api.get(f"{OFFERS}/{document.id}")
    assert len(entries(firm, "refuse")) == 1
    monkeypatch.setattr(access, "ALIKE", 0.0)
    api.get(f"{OFFERS}/{document.id}")
    assert len(entries(firm, "refuse")) == 2


def test_a_refused_command_leaves_nothing_but_the_entry(firm: Firm) -> None:
    document = offer(firm)
    ask = Ask(firm.id, firm.people["rep"], origin=Origin("192.0.2.1"))

    def command(work: Work) -> None:
        work.connection.execute(text("UPDATE document SET prints = 5"))
        raise Forbidden(access_text())

    with pytest.raises(Forbidden):
        firm.program.works.run(ask, command)
    assert firm.as_program(lambda w: w.connection.execute(text("SELECT max(prints) FROM document")).scalar()) == 0
    (found,) = entries(firm, "refuse")
    assert (found.target, found.reason) == ("192.0.2.1", "No.")
    assert document.prints == 0


def access_text() -> Any:
    from core.text import _

    return _("No.")


# Reading it ------------------------------------------------------------------------------------------------------


def test_an_administrator_reads_it_by_what_who_where_and_when(firm: Firm) -> None:
    """PLT-09: on a page with filters, and nobody else does."""
    document = offer(firm)
    Visitor(site_of(firm), firm, "rep2").get(f"{OFFERS}/{document.id}/")
    boss = Visitor(site_of(firm), firm, "boss")
    page = boss.get("/administration/audit/").text
    assert "was refused" in page
    assert "signed in" in page
    assert f'href="/c/{firm.code}{OFFERS}/{document.id}/"' in page
    assert "was refused</span>" not in boss.get("/administration/audit/", what="sign_in").text
    assert "Nothing matches" in boss.get("/administration/audit/", address="192.0.2.99").text
    assert "signed in" in boss.get("/administration/audit/", address="127.0.0.1").text
    assert "Nothing matches" in boss.get("/administration/audit/", until="2020-01-01").text
    assert "This is not a day." in boss.get("/administration/audit/", since="x").text
    assert "Nothing matches" in boss.get("/administration/audit/", person=firm.people["clerk"]).text
    assert Visitor(site_of(firm), firm, "clerk").get("/administration/audit/").status_code == 403
    chinese = Visitor(site_of(firm), firm, "boss", "zh_Hans_CN").get("/administration/audit/").text
    assert "访问日志" in chinese


def test_programs_read_the_history_and_the_audit_log_page_by_page(firm: Firm) -> None:
    """PLT-09: with the same filters, by cursor, for the same right."""
    document, boss = offer(firm), api_for(firm, "boss")
    colleague = api_for(firm, "rep2")
    for n in range(3):
        colleague.get(f"{OFFERS}/{document.id + n}")
    first = said(boss.get("/core/audit?what=refuse&size=2"))
    rest = said(boss.get(f"/core/audit?what=refuse&size=2&after={first['next'].replace('+', '%2B')}"))
    found = [*first["items"], *rest["items"]]
    assert [one["record"]["id"] for one in found] == [document.id + 2, document.id + 1, document.id]
    assert rest["next"] is None
    assert (found[0]["actor"], found[0]["face"], found[0]["about"]["code"]) == ("Li Na", "api", "not_found")
    narrowed = f"record_kind=quotation.quotation&record_id={document.id}"
    assert len(said(boss.get(f"/core/audit?{narrowed}"))["items"]) == 1
    told = said(boss.get(f"/core/history?{narrowed}"))["items"]
    assert [(one["what"], one["actor"]) for one in told] == [("create", "Wang Xiaoming")]
    assert said(boss.get(f"/core/history?person={firm.people['clerk']}"))["items"] == []
    for wrong in ("what=x", "since=x", "record_id=1", "size=0"):
        assert boss.get(f"/core/audit?{wrong}").status_code == 422, wrong
    for path in ("/core/audit", "/core/history"):
        assert colleague.get(path).status_code == 403


def test_the_log_of_another_company_is_never_seen(firm: Firm, other_firm: Firm) -> None:
    Visitor(site_of(firm), firm, "rep")
    assert [e.what for e in entries(firm)] == ["sign_in"]
    assert entries(other_firm) == []
    assert said(api_for(other_firm, "boss").get("/core/audit"))["items"] == []


@pytest.mark.parametrize("asked", [{}, {"what": "sign_in"}, {"actor": 1}, {"address": "192.0.2.1"}])
def test_every_way_of_looking_goes_by_an_index_of_the_log_alone(firm: Firm, asked: dict[str, Any]) -> None:
    said_: list[tuple[str, Any]] = []

    def look(work: Work) -> str:
        def keep(link: Any, cursor: Any, statement: str, parameters: Any, *more: Any) -> None:
            said_.append((statement, parameters))

        event.listen(firm.program.engine, "before_cursor_execute", keep)
        log(work, Wanted(audit=True, **asked))
        event.remove(firm.program.engine, "before_cursor_execute", keep)
        if not is_sqlite(work.connection):
            for name in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
                work.connection.exec_driver_sql(f"SET LOCAL {name} = off")
        explain = "EXPLAIN QUERY PLAN" if is_sqlite(work.connection) else "EXPLAIN"
        rows = work.connection.exec_driver_sql(f"{explain} {said_[-1][0]}", said_[-1][1])
        return "\n".join(str(row[-1]) for row in rows)

    plan = firm.as_program(look)
    assert "ix_history_access" in plan, plan
    assert "Sort" not in plan
    assert "TEMP B-TREE" not in plan, plan


# What it costs ---------------------------------------------------------------------------------------------------


def test_looking_writes_nothing_and_a_print_is_one_row_more(firm: Firm) -> None:
    """The usual path knows nothing of the log; an entry goes with the rows that are written anyway."""
    document = firm.move(offer(firm), "submit")
    visitor = Visitor(site_of(firm), firm, "rep")
    for path in ("/", f"{OFFERS}/", f"{OFFERS}/{document.id}/"):
        visitor.get(path)
        with counted(firm.program.engine) as statements:
            visitor.get(path)
        assert statements.writes == [], path
    visitor.post(f"{OFFERS}/{document.id}/paper/en")
    with counted(firm.program.engine) as statements:
        visitor.client.post(f"/c/{firm.code}{OFFERS}/{document.id}/paper/en", data={"csrf_token": visitor.token()})
    assert len([s for s in statements.writes if "INSERT INTO history" in s]) == 1


# Tampering -------------------------------------------------------------------------------------------------------


@pytest.fixture
def told(firm: Firm, database: Database, tmp_path: Any) -> Told:
    """A log of a few entries, sealed."""
    document = offer(firm)
    for who in ("rep2", "rep"):
        Visitor(site_of(firm), firm, who).get(f"{OFFERS}/{document.id}/")
    made = Told(firm, database, tmp_path / "anchors.log", document.id, 0, 0)
    firm.as_program(seal_history)
    firm.as_program(lambda w: publish(w, made.file))
    assert made.found() == []
    return made


@pytest.mark.parametrize("values", [{"actor": "x"}, {"target": "192.0.2.1"}, {"changes": {}}, {"source": ""}])
def test_an_entry_of_the_log_that_was_edited_is_found(told: Told, values: dict[str, Any]) -> None:
    """PLT-09: it stands in no chain and is sealed all the same."""
    with owning(told) as connection:
        where = (_HISTORY.c.kind == ACCESS, _HISTORY.c.what == "refuse")
        key = connection.execute(select(_HISTORY.c.id).where(*where)).scalar_one()
        connection.execute(update(_HISTORY).where(_HISTORY.c.id == key).values(values))
    assert [(f.code, f.record) for f in told.found()] == [("history.edited", f"{ACCESS} {key}")]


def test_an_entry_of_the_log_that_was_taken_away_or_put_elsewhere_is_found_by_its_anchor(told: Told) -> None:
    """PLT-09: also one that now speaks of another record."""
    with owning(told) as connection:
        connection.execute(update(_HISTORY).where(_HISTORY.c.what == "refuse").values(record_id=5))
    assert [f.code for f in told.found()] == ["anchor.root"]
    with owning(told) as connection:
        connection.execute(delete(_HISTORY).where(_HISTORY.c.what == "refuse"))
    assert [f.code for f in told.found()] == ["anchor.entries"]


def test_every_kind_of_entry_has_words(firm: Firm) -> None:
    from core.web.administration.deeds import DEEDS

    assert set(ACCESSES) <= DEEDS.keys()
