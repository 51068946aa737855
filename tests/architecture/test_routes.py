"""Every address of the site: closed where the area is off or the record another company's, and harmless to look at."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.entities.party import Party
from core.exchange import bringing
from core.extension.loader import load
from core.operations import channels, people
from core.operations.duties import tasks
from core.testing.builders import Firm
from core.testing.counting import counted
from core.testing.samples import Samples
from core.testing.sites import site_of
from tests.core.administration_visitor import Visitor

REGISTRY = load()[0]
TYPES: dict[str, Type] = {**REGISTRY.masters, **REGISTRY.documents}
PLACES = {f"/{kind.partition('.')[0]}/{cls.plural}/": kind for kind, cls in TYPES.items()}
# Open to whoever comes, before any company is chosen.
OPEN = ("/login", "/logout", "/invitations/", "/language", "/static/", "/health")
# Of the company itself or of the person, whichever areas are on.
HOUSE = (
    "/administration/",
    "/approvals/",
    "/duties/",
    "/messages/",
    "/lookup/",
    "/my-account/",
    "/search/",
    "/history/",
    "/core/",
    "/imports/",
    "/guidance/",
)
# Words in addresses that are no ids.
WORDS = {
    "area": "quotation",
    "act": "done",
    "box": "mine",
    "kind": "core.party",
    "export_type": "csv",
    "form": "xlsx",
    "transition": "submit",
    "tongue": "zh",
    "year": "2026",
    "name": "x",
}
# Looking at these is itself entered in the history (who took which data out).
ENTERED = ("export", "file_view", "paper")
SEEN = re.compile(r"(UPDATE|INSERT INTO) (login_session|login_throttle)\b")


def rules(site: Flask) -> list[tuple[Rule, str]]:
    """Every rule with each of its methods."""
    return [
        (rule, method)
        for rule in sorted(site.url_map.iter_rules(), key=lambda r: (r.rule, sorted(r.methods or ())))
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
    ]


def area_of_rule(rule: Rule) -> str | None:
    """The area whose screens the rule opens; None for those of the house."""
    first = rule.rule.split("/")[1]
    return first if first in REGISTRY.plugins else None


def kind_of_rule(rule: Rule) -> str | None:
    """The kind of record that ``key`` stands for, on screens of a type."""
    return next((kind for place, kind in PLACES.items() if rule.rule.startswith(place)), None)


@dataclass(slots=True)
class House:
    """A site, a firm with one of everything, and somebody in it who holds every role."""

    site: Flask
    firm: Firm
    visitor: Visitor
    ids: dict[str, int]

    def path(self, rule: Rule, keys: dict[str, int] | None = None) -> str:
        """The address of a rule with ids, those of this firm unless others are given."""
        ids = self.ids if keys is None else keys
        own = kind_of_rule(rule)
        found = own or next((name for name in ids if rule.rule.startswith(name)), "")

        def fill(match: re.Match[str]) -> str:
            name = match[1].rpartition(":")[2]
            if name in WORDS:
                return WORDS[name]
            if name == "key" and "int:" not in match[1]:
                return "sales_manager"
            return str(ids.get(found, 1) if name == "key" else ids.get(name, 1))

        return re.sub(r"<([^>]+)>", fill, rule.rule)

    def ask(self, method: str, path: str, *, token: str = "") -> TestResponse:
        """The answer to a request within the firm; a token goes along where one is needed."""
        headers = {"X-CSRFToken": token} if token else {}
        body: dict[str, Any] = {} if method == "GET" else {"json": {}} if "/save" in path else {"data": {"text": "x"}}
        return self.visitor.client.open(f"/c/{self.firm.code}{path}", method=method, headers=headers, **body)


def opened(firm: Firm, *, filled: bool = True) -> House:
    """A house over the firm, with one record of every type of its areas."""
    samples, ids = Samples(firm), dict[str, int]()
    for kind, cls in TYPES.items():
        if filled:
            ids[kind] = (samples.document(cls) if issubclass(cls, Document) else samples.master(cls)).id
    if filled:
        firm.as_program(lambda w: people.save_department(w, "z9", "测试部"))
        file = "名称\n甲公司".encode()
        ids["/imports/"] = firm.run("everybody", lambda w: bringing.upload(w, Party, "k.csv", file))
        ids["/administration/departments/"] = firm.as_program(lambda w: max(w.company.departments))
        ids["/administration/people/"] = firm.people["everybody"]
        robot = {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1"}
        ids["/administration/channels/"] = firm.as_program(lambda w: channels.save(w, "wecom", "群", robot, ["alarm"]))
        ids["/duties/tasks/"] = firm.run("everybody", lambda w: tasks.give(w, None, "样品"))
        ids["/administration/approval-rules/"] = ids["core.approval_policy"]
    site = site_of(firm)
    return House(site, firm, Visitor(site, firm, "everybody"), ids)


@pytest.fixture
def house(firm: Firm) -> House:
    """The site of a firm that uses everything."""
    return opened(firm)


def test_every_address_belongs_to_an_area_or_to_the_house(house: House) -> None:
    """An address that nobody thought of would be in none of the tests below."""
    strangers = [
        rule.rule
        for rule, _method in rules(house.site)
        if rule.rule != "/" and area_of_rule(rule) is None and not rule.rule.startswith((*OPEN, *HOUSE))
    ]
    assert strangers == []
    assert {kind_of(cls) for cls in TYPES.values()} <= {kind_of_rule(r) for r, _m in rules(house.site)} | {
        kind for kind, cls in TYPES.items() if not getattr(cls, "in_menu", True)
    }


def test_a_company_that_uses_no_area_finds_none_of_their_addresses(house: House) -> None:
    """PLT-01: every route of every area, with every method, is not there."""
    bare = opened(Firm.founded(house.firm.program, "bare", "无模块有限公司", areas=()), filled=False)
    token = bare.visitor.token()
    answers = {
        (method, rule.rule): bare.ask(method, house.path(rule), token=token).status_code
        for rule, method in rules(bare.site)
        if area_of_rule(rule)
    }
    assert len(answers) > 10
    assert {asked: status for asked, status in answers.items() if status != 404} == {}


def test_no_address_opens_a_record_of_another_company(house: House) -> None:
    """RELIABILITY: every route with an id, asked with another company's."""
    other = opened(Firm.founded(house.firm.program, "zeta", "别家照明有限公司"))
    foreign = {name: key for name, key in other.ids.items() if house.ids.get(name) != key}
    foreign["/my-account/sessions/"] = foreign_session(other)
    token = house.visitor.token()
    answers = {}
    for rule, method in rules(house.site):
        known = kind_of_rule(rule) in foreign or any(rule.rule.startswith(name) for name in foreign)
        if "<int:key>" in rule.rule and known:
            answers[method, rule.rule] = house.ask(method, house.path(rule, foreign), token=token).status_code
    assert len(answers) > 20
    assert {asked: status for asked, status in answers.items() if status != 404} == {}


def foreign_session(other: House) -> int:
    """The id of somebody else's session."""
    with other.firm.program.works.installation(reads=True) as link:
        return int(
            link.execute(
                text("SELECT max(id) FROM login_session WHERE account_id = :who"),
                {"who": other.firm.people["everybody"]},
            ).scalar_one()
        )


def test_looking_changes_nothing(house: House) -> None:
    """Every GET, twice; the log of statements shows no write but when somebody was last seen, or took data out."""
    wrong: dict[str, Any] = {}
    house.visitor.get("/my-account/")
    for rule, method in rules(house.site):
        if method != "GET" or rule.rule.startswith(OPEN):
            continue
        path = house.path(rule)
        with counted(house.firm.program.engine) as said:
            status = house.ask("GET", path).status_code
        writes = [w for w in said.writes if not SEEN.match(w)]
        if rule.endpoint.rpartition(".")[2].startswith(ENTERED):
            writes = [w for w in writes if not w.startswith(("INSERT INTO history", "UPDATE", "SELECT company.head"))]
        if writes or status >= 500:
            wrong[rule.rule] = (status, writes)
    assert wrong == {}


def test_nothing_is_done_without_the_token_of_the_page(house: House) -> None:
    """Every address that does something refuses a request that no page of ours sent, and writes nothing."""
    wrong: dict[Any, Any] = {}
    for rule, method in rules(house.site):
        if method == "GET":
            continue
        with counted(house.firm.program.engine) as said:
            status = house.ask(method, house.path(rule)).status_code
        writes = [w for w in said.writes if not SEEN.match(w)]
        if status != 400 or writes:
            wrong[method, rule.rule] = (status, writes)
    assert wrong == {}


def test_a_list_and_a_page_stay_within_their_budgets(house: House) -> None:
    """A list takes at most 6 statements, a document's page 15; a customer's page asks each area for its own part."""
    over: dict[str, str] = {}
    for rule, _method in rules(house.site):
        kind, name = kind_of_rule(rule), rule.endpoint.rpartition(".")[2]
        most = {"index_view": 6, "details_view": 15 if kind in REGISTRY.documents else 20}.get(name)
        if kind is None or most is None:
            continue
        path = house.path(rule)
        house.ask("GET", path)
        with counted(house.firm.program.engine) as said:
            assert house.ask("GET", path).status_code == 200, path
        if len(said) > most:
            over[path] = f"{len(said)} of {most}\n{said}"
    assert over == {}, "\n".join(over.values())
