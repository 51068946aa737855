"""What the interface refuses, and how: always as a problem, never as a failure, and nothing half written."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text, update
from werkzeug.test import TestResponse

from core.db.engine import open_engine
from core.documents.models import Document
from core.entities.account import Account
from core.entities.item import Item
from core.entities.party import Party
from core.operations.credentials import revoke_token
from core.operations.people import dismiss
from core.testing.api import Api, api_for, said, token_for
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.testing.sites import api_app
from core.tokens import token_hash
from plugins.quotation.documents import Quotation

QUOTATIONS = "/quotation/quotations"
HTML, FORMULA = '"><img src=x onerror=alert(1)>', "=HYPERLINK(1)"


@pytest.fixture
def rep(firm: Firm) -> Api:
    """A representative's program."""
    return api_for(firm, "rep")


def problem(answer: TestResponse, status: int, code: str | None = None) -> dict[str, Any]:
    """The problem of an answer, which has the form that is promised."""
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.mimetype == "application/problem+json"
    found = said(answer)
    assert {"type", "title", "status", "code", "detail", "request_id"} <= set(found)
    assert found["status"] == status
    assert code in (None, found["code"])
    assert answer.headers["X-Request-Id"] == found["request_id"]
    return found


def paths(answer: TestResponse) -> set[str]:
    """The places that a refusal names."""
    return {error["path"] for error in problem(answer, 422)["errors"]}


def counted(firm: Firm) -> list[int]:
    """How many customers, products and documents there are."""
    tables: list[Any] = [Party.__table__, Item.__table__, Document.__table__]
    counts = [select(func.count()).select_from(table).where(table.c.company_id == firm.id) for table in tables]
    return firm.read("boss", lambda w: [w.connection.execute(count).scalar_one() for count in counts])


# Who calls ------------------------------------------------------------------------------------------------------


NO_TOKENS: list[str | None] = [None, "", "Bearer", "Bearer zg_", "Basic cmVwOng=", "Bearer zg_" + "x" * 43]


def test_without_a_valid_token_nothing_is_answered(firm: Firm) -> None:
    """401 with the way to sign in, whatever is missing."""
    client = api_app(firm).test_client()
    for header in NO_TOKENS:
        given = {} if header is None else {"Authorization": header}
        answer = client.get("/api/v1/core/parties", headers=given)
        problem(answer, 401)
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_cookie_is_nothing_to_the_interface(firm: Firm) -> None:
    """A browser that is signed in cannot be made to call."""
    client: FlaskClient = api_app(firm).test_client()
    for name in ("zhanggui", "zhanggui_session", "Authorization"):
        client.set_cookie(name, token_for(firm, "rep"))
    problem(client.get("/api/v1/core/parties"), 401)


def test_a_token_ends_when_it_expires_or_is_revoked_or_its_owner_goes(firm: Firm) -> None:
    """The next request is refused, not the one after."""
    app = api_app(firm)
    expired = Api(app.test_client(), token_for(firm, "rep", expires_in=timedelta(seconds=-1)))
    problem(expired.get("/core/me"), 401, "token.invalid")
    rep, rep2, clerk = (api_for(firm, who, app) for who in ("rep", "rep2", "clerk"))
    assert [api.get("/core/me").status_code for api in (rep, rep2, clerk)] == [200, 200, 200]
    firm.as_program(lambda w: revoke_token(w, 2))
    problem(rep.get("/core/me"), 401, "token.invalid")
    firm.as_program(lambda w: dismiss(w, firm.people["clerk"]))
    problem(clerk.get("/core/me"), 401, "token.invalid")
    account: Any = Account.__table__
    with firm.program.works.installation() as connection:
        connection.execute(update(account).where(account.c.id == firm.people["rep2"]).values(active=False))
    problem(rep2.get("/core/me"), 401)


def test_the_hash_of_a_token_is_no_token(firm: Firm) -> None:
    """Who reads the database cannot call with what is in it."""
    stolen = token_hash(token_for(firm, "rep"))
    for given in (stolen, f"zg_{stolen}"):
        problem(Api(api_app(firm).test_client(), given).get("/core/me"), 401)


# Walls ----------------------------------------------------------------------------------------------------------


def test_another_companys_records_are_not_there(firm: Firm, other_firm: Firm, rep: Api) -> None:
    """Reading, changing, moving, referring: an id of another company is like one that was never given."""
    party, item = other_firm.party(), other_firm.item()
    quotation = other_firm.create(Quotation, party_id=party.id, lines=[line(item)])
    at = f"{QUOTATIONS}/{quotation.id}"
    before = counted(other_firm)
    for path in (f"/core/parties/{party.id}", at, f"{at}/history", f"{at}/moves", f"{at}/editions"):
        problem(rep.get(path), 404)
    problem(rep.patch(at, {"subject": "x"}, 1), 404)
    problem(rep("DELETE", at), 404)
    problem(rep.post(f"{at}/moves/submit"), 404)
    problem(rep.post(f"{at}/withdraw"), 404)
    own = rep.made("/core/parties", {"name": "甲公司"})
    body = {"party_id": own["id"], "lines": [{"item_id": item.id, "quantity": "1"}]}
    assert "lines/0/item_id" in paths(rep.post(QUOTATIONS, body))
    assert paths(rep.post(QUOTATIONS, {"party_id": party.id})) == {"party_id"}
    assert paths(rep.patch(f"/core/parties/{own['id']}", {"parent_id": party.id}, 1)) == {"parent_id"}
    mine = firm.create(Quotation, party_id=own["id"], lines=[line(firm.item())])
    foreign_line = {"lines": [{"id": quotation.lines[0].id, "quantity": "1"}]}
    assert "lines/0/id" in paths(rep.patch(f"{QUOTATIONS}/{mine.id}", foreign_line, 1))
    assert counted(other_firm) == before


def test_a_colleagues_records_are_not_there_for_whoever_sees_only_his_own(firm: Firm, rep: Api) -> None:
    """Own records only, in reads, lists and moves alike."""
    key = firm.create(Quotation, "rep2", party_id=firm.party("rep2").id, lines=[line(firm.item())]).id
    problem(rep.get(f"{QUOTATIONS}/{key}"), 404)
    problem(rep.post(f"{QUOTATIONS}/{key}/moves/submit"), 404)
    assert said(rep.get(QUOTATIONS))["items"] == []


def test_an_area_that_is_not_in_use_answers_nothing(program: Any) -> None:
    """PLT-01: every address of an area that is off is as unknown as one that was never there."""
    bare = Firm.founded(program, "bare", "无功能公司", areas=())
    admin, app = api_for(bare, "admin"), api_app(bare)
    for route in app.extensions["zhanggui_api"].extensions["zhanggui_routes"]:
        if route.area != "core":
            path = route.path.removeprefix("/api/v1").replace("<int:id>", "1").replace("<int:revision>", "1")
            path = path.replace("<transition>", "submit")
            body: dict[str, Any] | None = {} if route.takes else None
            problem(admin(route.method, path, body, If_Match='"1"'), 404)


NO_RIGHTS = [
    ("finance", "POST", QUOTATIONS),
    ("finance", "GET", QUOTATIONS),
    ("rep", "POST", "/core/items"),
    ("rep", "POST", "/core/tax-rates"),
    ("rep", "GET", "/core/approval-policies"),
    ("rep", "GET", "/core/areas"),
    ("rep", "PUT", "/core/areas/quotation"),
    ("rep", "GET", "/core/settings"),
    ("rep", "PATCH", "/core/settings"),
    ("finance", "POST", f"{QUOTATIONS}/preview"),
]


def test_who_has_no_right_is_told_so_and_changes_nothing(firm: Firm) -> None:
    """403, whatever the content."""
    before, app = counted(firm), api_app(firm)
    callers = {who: api_for(firm, who, app) for who in ("finance", "rep")}
    for who, method, path in NO_RIGHTS:
        body = None if method == "GET" else {"on": False}
        problem(callers[who](method, path, body), 403, "forbidden")
    assert counted(firm) == before


def test_what_one_may_not_see_is_nowhere(firm: Firm) -> None:
    """Cost is not in records, lists, lines, histories or editions, and cannot be written or sorted by."""
    item = firm.item("100", cost="41.37", floor_price="55.5")
    rep, manager = api_for(firm, "rep"), api_for(firm, "manager")
    party = rep.made("/core/parties", {"name": "甲公司"})
    made = rep.post(QUOTATIONS, {"party_id": party["id"], "lines": [{"item_id": item.id, "quantity": "2"}]})
    at = f"{QUOTATIONS}/{said(made)['id']}"
    for move in ("submit", "send", "revise"):
        rep.post(f"{at}/moves/{move}")
    answers = [made, rep.post(f"{QUOTATIONS}/preview", {"id": said(made)["id"]})]
    pages = ("", "/history", "/editions/1", "/editions/compare?left=1&right=2", "/moves")
    answers += [rep.get(f"{at}{page}") for page in pages]
    answers += [rep.get(path) for path in (QUOTATIONS, "/core/items", f"/core/items/{item.id}")]
    answers += [rep.get(f"/core/items/{item.id}/history")]
    for answer in answers:
        shown = answer.get_data(as_text=True)
        assert answer.status_code == 200 or answer is made, shown
        assert not [word for word in ("41.37", "82.74", "55.5", '"cost"', "cost_total", "floor_price") if word in shown]
    assert "41.37" in manager.get(f"/core/items/{item.id}").get_data(as_text=True)
    assert "82.74" in manager.get(at).get_data(as_text=True)
    for query in ("sort=cost", "sort=-cost", "cost=1", "cost_from=1", "floor_price_to=9"):
        problem(rep.get(f"/core/items?{query}"), 422)
    clerk = api_for(firm, "clerk")
    assert paths(clerk.patch(f"/core/items/{item.id}", {"cost": "1"}, 1)) == {"cost"}
    problem(clerk.post("/core/items", {"code": "c", "name": "c", "unit": "个", "floor_price": "1"}), 422)
    assert said(manager.get(f"/core/items/{item.id}"))["cost"] == "41.37"


# What is sent ---------------------------------------------------------------------------------------------------


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({}, "party_id", "required"),
    ({"party_id": None}, "party_id", "required"),
    ({"party_id": "1"}, "party_id", "type"),
    ({"party_id": True}, "party_id", "type"),
    ({"party_id": 999_999}, "party_id", "reference"),
    ({"party_id": 2**63}, "party_id", "invalid_number"),
    ({"party_id": -1}, "party_id", "reference"),
    ({"subject": "x" * 201}, "subject", "too_long"),
    ({"subject": 5}, "subject", "type"),
    ({"subject": "a\u0000b"}, "subject", "control"),
    ({"subject": "\ud800"}, "subject", "control"),
    ({"date": "2026-02-30"}, "date", "invalid_date"),
    ({"date": "20260201"}, "date", "type"),
    ({"date": "9999-01-01"}, "date", "invalid_date"),
    ({"currency": "XXY"}, "currency", "reference"),
    ({"prices_include_tax": "yes"}, "prices_include_tax", "type"),
    ({"owner_id": 999_999}, "owner_id", "reference"),
    ({"lines": {}}, "lines", "invalid"),
    ({"lines": [5]}, "lines/0", "type"),
    ({"lines": [{"quantity": "1"}]}, "lines/0/item_id", "invalid"),
    ({"lines": [{"name": "x", "quantity": "NaN"}]}, "lines/0/quantity", "type"),
    ({"lines": [{"name": "x", "quantity": "1,5"}]}, "lines/0/quantity", "type"),
    ({"lines": [{"name": "x", "quantity": "0.0000001"}]}, "lines/0/quantity", "places"),
    ({"lines": [{"name": "x", "quantity": "1e3"}]}, "lines/0/quantity", "type"),
    ({"lines": [{"name": "x", "quantity": "9" * 19}]}, "lines/0/quantity", "invalid_number"),
    ({"lines": [{"name": "x", "discount_rate": "1.5"}]}, "lines/0/discount_rate", "most"),
    ({"lines": [{"name": "x", "tax_rate_id": 999_999}]}, "lines/0/tax_rate_id", "invalid"),
    ({"lines": [{"name": "x", "unit": "x" * 21}]}, "lines/0/unit", "too_long"),
    ({"lines": [{"name": "x", "cost": "1"}]}, "lines/0/cost", "unknown"),
    ({"lines": [{"name": "x"}] * 2001}, "lines", "too_many"),
    ({"nothing": 1}, "nothing", "unknown"),
    *(
        ({name: value}, name, "unknown")
        for name, value in (
            ("id", 1),
            ("company_id", 2),
            ("kind", "x"),
            ("number", "BJ-1"),
            ("state", "approved"),
            ("approval", "approved"),
            ("version", 9),
            ("revision", 9),
            ("edition", 9),
            ("gross", "1"),
            ("net", "1"),
            ("tax", "1"),
            ("created_by", 1),
            ("created_at", "2026-01-01"),
            ("posted_at", "2026-01-01"),
            ("submitted_by", 1),
            ("head", "x"),
            ("closure", "closed"),
        )
    ),
]


def test_each_wrong_value_is_named_and_nothing_is_saved(firm: Firm, rep: Api) -> None:
    """Missing, wrong, oversize, unknown and server-owned content: 422 with the place and a code."""
    party = firm.party().id
    before = counted(firm)
    for body, place, code in WRONG:
        given = body if "party_id" in body or not body else {"party_id": party, **body}
        found = problem(rep.post(QUOTATIONS, given), 422, "invalid")["errors"]
        assert (place, code) in {(error["path"], error["code"]) for error in found}, (place, code, found)
        assert all(error["message"] for error in found)
    assert counted(firm) == before


NOT_JSON = [
    (b"", "application/json", 400),
    (b"{", "application/json", 400),
    (b"{'a': 1}", "application/json", 400),
    (b'{"name": "a", "name": "b"}', "application/json", 400),
    (b'{"name": NaN}', "application/json", 400),
    (b'{"name": -Infinity}', "application/json", 400),
    (b'{"name": ' + b"9" * 100_000 + b"}", "application/json", 400),
    (b'{"name": 1e' + b"9" * 100 + b"}", "application/json", 400),
    (b'{"name": 1e99999}', "application/json", 422),
    (b"[" * 100_000, "application/json", 400),
    (b'{"name":' * 20 + b"1" + b"}" * 20, "application/json", 400),
    (b'\xef\xbb\xbf{"name": "a"}', "application/json", 400),
    (b'{"name": "\xff"}', "application/json", 400),
    ('{"name": "a"}'.encode("utf-16"), "application/json", 400),
    (b'{"na\\u0000me": "a"}', "application/json", 400),
    (b'{"' + b"x" * 101 + b'": "a"}', "application/json", 400),
    (b"[]", "application/json", 422),
    (b"null", "application/json", 422),
    (b'"text"', "application/json", 422),
    (b"7", "application/json", 422),
    (b'{"name": "a"}', "text/plain", 415),
    (b"name=a", "application/x-www-form-urlencoded", 415),
    (b'{"name": "' + b"x" * 5_000_000 + b'"}', "application/json", 413),
]


def test_a_body_that_is_not_strict_json_is_refused(firm: Firm, rep: Api) -> None:
    """Malformed, doubled, bottomless, endless, in another form: 4xx, and nothing is saved."""
    before = counted(firm)
    headers = {"Authorization": f"Bearer {rep.token}"}
    for raw, kind, status in NOT_JSON:
        answer = rep.client.post("/api/v1/core/parties", data=raw, content_type=kind, headers=headers)
        assert answer.status_code == status, (raw[:60], answer.get_data(as_text=True))
        problem(answer, status)
    assert counted(firm) == before


ABSURD = [
    "size=0",
    "size=201",
    "size=100000",
    "size=-1",
    "size=x",
    "size=1&size=2",
    "sort=nothing",
    "sort=id;drop table document",
    "sort=gross desc",
    "after=x",
    "after=" + "A" * 3000,
    "after=WyJcdTAwMDAiLDEsMF0",
    "after=WzEsMSwwXQ",
    "after=W10",
    "after=Ww",
    "state=nothing",
    "state=draft' or 1=1",
    "date_from=yesterday",
    "date_from=2026-13-01",
    "date=2026-01-01",
    "party_id=x",
    "party_id=99999999999999999999",
    "owner_id=1,,2",
    "party_id=" + "1," * 60,
    "nothing=1",
    "company_id=2",
    "state=",
    "search=" + "x" * 201,
    "search=a%00b",
    "%00=1",
]


def test_an_absurd_page_sort_or_filter_is_refused(firm: Firm, rep: Api) -> None:
    """422, never another list than was asked for."""
    for query in ABSURD:
        answer = rep.get(f"{QUOTATIONS}?{query}")
        assert answer.status_code == 422, (query, answer.get_data(as_text=True))
        problem(answer, 422, "invalid")


NO_MOVES: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("draft", "accept", {}, 409, "move.illegal"),
    ("draft", "nothing", {}, 409, "move.unknown"),
    ("draft", "expire", {}, 409, "move.illegal"),
    ("draft", "cancel", {}, 422, "invalid"),
    ("draft", "cancel", {"reason": "  "}, 422, "invalid"),
    ("draft", "cancel", {"reason": "x" * 401}, 422, "invalid"),
    ("draft", "submit", {"version": 0}, 412, "stale"),
    ("draft", "submit", {"version": "1"}, 422, "invalid"),
    ("draft", "submit", {"confirmed": "all"}, 422, "invalid"),
    ("draft", "submit", {"confirmed": [1]}, 422, "invalid"),
    ("draft", "submit", {"state": "approved"}, 422, "invalid"),
    ("approved", "submit", {}, 409, "move.illegal"),
    ("approved", "send", {"version": 1}, 412, "stale"),
]


def test_a_move_that_is_not_possible_leaves_everything_as_it_is(firm: Firm, rep: Api) -> None:
    """Illegal, unexplained, stale or misspelt: the document keeps its state and its version."""
    party, item = firm.party(), firm.item()
    keys = {state: firm.create(Quotation, party_id=party.id, lines=[line(item)]).id for state in ("draft", "approved")}
    assert rep.post(f"{QUOTATIONS}/{keys['approved']}/moves/submit").status_code == 200
    for state, move, body, status, code in NO_MOVES:
        at = f"{QUOTATIONS}/{keys[state]}"
        before = said(rep.get(at))
        problem(rep.post(f"{at}/moves/{move}", body), status, code)
        assert said(rep.get(at)) == before


def test_what_stands_against_a_move_is_told_with_its_code(firm: Firm, rep: Api) -> None:
    """Every objection, with code, sentence and strength."""
    quotation = firm.create(Quotation, party_id=firm.party().id)
    found = problem(rep.post(f"{QUOTATIONS}/{quotation.id}/moves/submit"), 409, "move.refused")
    assert [(o["code"], o["strength"]) for o in found["objections"]] == [("quotation.empty", "block")]
    assert found["objections"][0]["message"]


def test_posted_content_stays_as_it_is(firm: Firm, rep: Api) -> None:
    """What was approved can only be revised."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    at = f"{QUOTATIONS}/{quotation.id}"
    rep.post(f"{at}/moves/submit")
    problem(rep.patch(at, {"subject": "x"}, 2), 409, "document.frozen")


TEXTS = [HTML, FORMULA, "{{7*7}}", "'; DROP TABLE party; --", "a\r\nSet-Cookie: x=1", "😀‮"]


def test_text_is_text(rep: Api) -> None:
    """Markup, formulas, templates and line breaks are kept as they were sent and mean nothing."""
    for n, kept in enumerate(TEXTS):
        made = rep.made("/core/parties", {"name": f"客户{n}号", "remark": kept})
        assert said(rep.get(f"/core/parties/{made['id']}"))["remark"] == kept


def test_what_exists_already_is_a_conflict_of_this_company_alone(firm: Firm, other_firm: Firm) -> None:
    """A code that another company uses says nothing here."""
    body = {"code": "P1", "name": "灯", "unit": "个"}
    here, there = api_for(firm, "manager"), api_for(other_firm, "manager")
    assert [api.post("/core/items", body).status_code for api in (here, there)] == [201, 201]
    problem(here.post("/core/items", body), 409, "conflict.duplicate")


# How it is asked ------------------------------------------------------------------------------------------------


NOWHERE = [
    ("GET", "/nothing", 404),
    ("GET", "/core/nothing", 404),
    ("POST", "/core/parties/x", 404),
    ("GET", "/core/parties/-1", 404),
    ("GET", "/core/parties/99999999999999999999999", 404),
    ("GET", "/core/parties/0", 404),
    ("GET", f"{QUOTATIONS}/1.5", 404),
    ("DELETE", "/core/parties", 405),
    ("DELETE", "/core/parties/1", 405),
    ("PATCH", QUOTATIONS, 405),
    ("GET", f"{QUOTATIONS}/1/moves/submit", 405),
    ("TRACE", "/core/parties", 405),
    ("OPTIONS", "/core/parties", 405),
    ("BREW", "/core/parties", 405),
]


def test_an_address_or_a_method_there_is_not_is_a_problem_too(rep: Api) -> None:
    """Not the server's page, but the answer that programs read."""
    for method, path, status in NOWHERE:
        answer = rep(method, path)
        problem(answer, status)
        if status == 405:
            assert {"GET", "POST"} & set(answer.headers["Allow"].split(", ")), (method, path)


def test_an_answer_in_another_form_is_not_given(firm: Firm, rep: Api) -> None:
    """406 for whoever takes neither JSON nor anything."""
    problem(rep.get("/core/parties", Accept="text/html"), 406)
    assert rep.get("/core/parties", Accept="text/html, */*;q=0.1").status_code == 200


def test_every_answer_is_private_and_cannot_be_taken_for_a_page(rep: Api) -> None:
    """No sniffing, no framing, no caching without asking again."""
    for answer in (rep.get("/core/parties"), rep.get("/nothing"), rep.post("/core/parties", {})):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers
    made = rep.made("/core/parties", {"name": "甲公司"})
    assert rep.get(f"/core/parties/{made['id']}").headers["Cache-Control"] == "private, no-cache"


def test_a_busy_database_is_told_with_the_time_to_wait(firm: Firm, rep: Api, database: Database) -> None:
    """503 with Retry-After when somebody holds what is needed; nothing was changed, and then it works."""
    at = f"{QUOTATIONS}/{firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())]).id}"
    hurried, is_lite = firm.program.engine, database.engine == "sqlite"
    hurried.dispose()

    @event.listens_for(hurried, "connect")
    def _hurry(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA busy_timeout=50" if is_lite else "SET lock_timeout = '50ms'")
        connection.commit()

    holder = open_engine(database.owner_url)
    with holder.begin() as held:
        if not is_lite:
            held.execute(text("LOCK TABLE document IN EXCLUSIVE MODE"))
        answer = rep.post(f"{at}/moves/submit", {}, Idempotency_Key="k")
        problem(answer, 503, "busy")
        assert answer.headers["Retry-After"] == "1"
    holder.dispose()
    assert said(rep.get(at))["version"] == 1
    assert rep.post(f"{at}/moves/submit", {}, Idempotency_Key="k").status_code == 200


def test_a_mistake_of_ours_is_recorded_and_told_without_its_inside(
    firm: Firm, rep: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """500 with the id under which the failure is recorded, and not a word about what failed."""

    def break_down(*_given: Any) -> None:
        raise RuntimeError("secret of the house")

    monkeypatch.setattr("core.search.listing.matching", break_down)
    answer = rep.get("/core/parties?search=abc")
    found = problem(answer, 500, "internal")
    assert "secret" not in answer.get_data(as_text=True)
    assert found["request_id"] in caplog.text
    assert "secret of the house" in caplog.text


def test_no_address_tells_another_companys_ids_from_ids_there_are_not(firm: Firm, other_firm: Firm) -> None:
    """Every route that names a record answers the same for both, word for word, and changes nothing there."""
    app = api_app(firm)
    theirs, ours = api_for(other_firm, "manager"), api_for(firm, "manager", app)
    party, item = other_firm.party("manager"), other_firm.item()
    quotation = other_firm.create(Quotation, "manager", party_id=party.id, lines=[line(item)])
    known = {
        "/core/parties": party.id,
        "/core/items": item.id,
        "/core/tax-rates": said(theirs.get("/core/tax-rates"))["items"][0]["id"],
        QUOTATIONS: quotation.id,
    }
    before = counted(other_firm), said(theirs.get(f"{QUOTATIONS}/{quotation.id}"))
    tried = 0
    for route in app.extensions["zhanggui_api"].extensions["zhanggui_routes"]:
        place = route.path.removeprefix("/api/v1").partition("/<int:id>")[0]
        if "<int:id>" in route.path and place in known:
            path = route.path.removeprefix("/api/v1").replace("<int:revision>", "1").replace("<transition>", "submit")
            answers = [
                ours(route.method, path.replace("<int:id>", str(key)), {} if route.takes else None, If_Match='"1"')
                for key in (known[place], 10**9)
            ]
            found, missing = ({**said(answer), "request_id": ""} for answer in answers)
            assert found == missing, route.name
            assert found["status"] >= 400
            tried += 1
    assert tried > 20
    assert (counted(other_firm), said(theirs.get(f"{QUOTATIONS}/{quotation.id}"))) == before
