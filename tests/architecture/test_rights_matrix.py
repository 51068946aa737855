"""Every role meets every route, and every scope every type: what the declarations say is what the doors do.

What is expected is derived from the declarations alone: which right an address takes is written down here by the form
of the address, who holds it by ``Permission.roles``, and how far it reaches by whose the record is. No code that
enforces any of it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.routing import Rule

from core.app import open_program
from core.db.engine import open_engine
from core.documents.faces import faces
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.reading import load
from core.entities.item import Item
from core.entities.party import Party
from core.entities.territory import Territory
from core.extension.loader import load as load_plugins
from core.operations import channels, masters, people
from core.operations.roles import name_role, set_grants
from core.printing.documents import paper_of, papers_of
from core.rights import ADMINISTER, HAND_OVER, READ_HISTORY, SEARCH, sight
from core.roles import STANDARD, USUAL, Scope
from core.schemas import inputs
from core.search.finding import found
from core.testing.api import Api, api_for
from core.testing.builders import Firm
from core.testing.fixtures import ENGINES, database_on
from core.testing.samples import Samples
from core.testing.sites import api_app, site_of
from core.web.api.routes import Route, routes
from core.work import Work
from tests.core.administration_visitor import Visitor

REGISTRY = load_plugins()[0]
PERMISSIONS = REGISTRY.permissions
TYPES: dict[str, Type] = {**REGISTRY.masters, **REGISTRY.documents}
ROUTES = routes(REGISTRY)
NOBODY = "nobody"

# Which right an address of the interface takes, by its method and what follows the type's own address.
NEEDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("GET", ""): ("read",),
    ("POST", ""): ("create",),
    ("GET", "/<int:id>"): ("read",),
    ("PATCH", "/<int:id>"): ("edit",),
    ("PUT", "/<int:id>"): ("edit",),
    ("DELETE", "/<int:id>"): ("edit",),
    ("GET", "/<int:id>/history"): ("read",),
    ("POST", "/preview"): ("create",),
    ("GET", "/<int:id>/moves"): ("read",),
    ("POST", "/<int:id>/withdraw"): ("read",),
    ("POST", "/<int:id>/remind"): ("read",),
    ("GET", "/<int:id>/open"): ("read",),
    ("GET", "/waiting"): ("create",),
    ("POST", "/take"): ("create",),
    ("POST", "/<int:id>/close"): ("close",),
    ("POST", "/<int:id>/reopen"): ("close",),
    ("GET", "/<int:id>/editions"): ("read",),
    ("GET", "/<int:id>/editions/<int:revision>"): ("read",),
    ("GET", "/<int:id>/editions/compare"): ("read",),
    ("GET", "/<int:id>/paper"): ("print",),
    ("GET", "/<int:id>/guidance"): ("read",),
    ("POST", "/<int:id>/guidance"): ("read",),
    ("GET", "/<int:id>/beside"): ("read",),
    ("GET", "/<int:id>/claims"): ("read", "allocate"),
    ("POST", "/<int:id>/allocate"): ("allocate",),
    ("POST", "/<int:id>/take-back"): ("allocate",),
}
# Of a person's own turn, which the approval tests look at: without a turn there is nothing to decide.
TURNS = ("/agree", "/reject")
# Of the house, by what follows /api/v1/core.
HOUSE: dict[str, str] = {
    "/search": SEARCH,
    "/areas": ADMINISTER,
    "/areas/<name>": ADMINISTER,
    "/settings": ADMINISTER,
    "/roles": ADMINISTER,
    "/roles/<name>": ADMINISTER,
    "/people/<int:id>/roles": ADMINISTER,
    "/collisions": ADMINISTER,
    "/history": READ_HISTORY,
    "/audit": READ_HISTORY,
    "/hand-overs": HAND_OVER,
    "/channels": ADMINISTER,
    "/channels/sent": ADMINISTER,
    "/channels/<int:id>": ADMINISTER,
    "/channels/<int:id>/test": ADMINISTER,
}
# By whose it is, or by the record that it hangs on: the tests of each look at it.
WHOSE = ("/imports", "/notices", "/duties", "/tasks", "/messages", "/records/", "/hand-overs")
PERSONAL = ("/me", "/approvals", "/guidance", "/stand-ins", "/why")
# The screens of a type, by the name of the view.
VIEWS: dict[str, str] = {
    "index_view": "read",
    "details_view": "read",
    "create_view": "create",
    "edit_view": "edit",
    "export": "export",
    "moments_view": "read",
    "related_view": "read",
    "waiting_view": "create",
    "compare_view": "read",
    "allocation_view": "allocate",
}


def of_route(route: Route, transition: str = "") -> tuple[str, ...] | None:
    """The rights that an address of the interface takes; none for what is everybody's own, None where it is by turn."""
    if route.report is not None:
        return (route.report.right("read"),)
    if route.cls is None:
        rest = route.path.removeprefix("/api/v1/core")
        if rest.startswith(WHOSE) and (route.method != "GET" or rest not in HOUSE):
            return None
        return () if rest.startswith(PERSONAL) else (HOUSE[rest],)
    kind = kind_of(route.cls)
    rest = route.path.removeprefix(f"/api/v1/{area_of(kind)}/{route.cls.plural}")
    if rest.endswith(TURNS):
        return None
    if rest.endswith("/moves/<transition>"):
        return (f"{kind}.read", f"{kind}.{transition}")
    verbs = NEEDS[route.method, rest]
    if verbs == ("print",) or "edit" in verbs or "close" in verbs:
        verbs = ("read", *verbs)
    return tuple(_right(kind, verb) for verb in verbs)


def _right(kind: str, verb: str) -> str:
    return REGISTRY.allocating[kind].permission if verb == "allocate" else f"{kind}.{verb}"


@dataclass(slots=True)
class House:
    """A firm with one of everything, made by somebody who is nobody's colleague, and a person for each role."""

    firm: Firm
    ids: dict[str, int] = field(default_factory=dict)
    programs: dict[str, Api] = field(default_factory=dict)

    def path(self, route: Route, transition: str = "") -> str:
        """The address with the ids of the firm's own records."""
        key = self.ids[kind_of(route.cls)] if route.cls is not None else self.firm.people["everybody"]
        key = self.ids["channel"] if "/channels/" in route.path else key
        words = {"transition": transition, "name": "quotation", "revision": "1", "id": str(key)}
        path = re.sub(r"<(?:int:)?(\w+)>", lambda m: words[m[1]], route.path.removeprefix("/api/v1"))
        return f"{path}?permission={SEARCH}" if path.endswith("/why") else path


def holds(role: str, rights: tuple[str, ...]) -> bool:
    return all(role in {one.key for one in PERMISSIONS[right].roles} for right in rights)


def narrow(role: str, route: Route) -> bool:
    """Whether the role reaches some records of the type only, by default."""
    scoped = route.cls is not None and (issubclass(route.cls, Document) or route.cls.owned)
    return scoped and USUAL.get(role, Scope.COMPANY) != Scope.COMPANY


@pytest.fixture(scope="module")
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The house on SQLite: doors do not depend on the engine, rows do, and these are looked at on both below."""
    with database_on("sqlite", request, tmp_path_factory.mktemp("matrix")) as database:
        engine = open_engine(database.url)
        samples = Samples.founded(open_program(engine), "matrix", list(REGISTRY.plugins))
        made = House(samples.firm)
        for kind, cls in TYPES.items():
            made.ids[kind] = (samples.document(cls) if issubclass(cls, Document) else samples.master(cls)).id
        mail = {"host": "mail.example", "port": "587", "security": "starttls", "sender": "erp@example.com"}
        made.ids["channel"] = samples.firm.as_program(lambda w: channels.save(w, "mail", "mail", mail, ()))
        app = api_app(samples.firm)
        for role in (*(one.key for one in STANDARD), NOBODY):
            account = people.create_account(samples.firm.program.works, f"{role}@matrix", role, name_en=role)
            samples.firm.people[role] = account
            held = [] if role == NOBODY else [role]
            samples.firm.as_program(lambda w, a=account, h=held: people.employ(w, a, roles=h))  # type: ignore[misc]
            made.programs[role] = api_for(samples.firm, role, app)
        yield made
        engine.dispose()


def cases() -> list[tuple[Route, str]]:
    """Every address, each move of a document apart; what discards a record comes last."""
    found: list[tuple[Route, str]] = []
    for route in sorted(ROUTES, key=lambda one: one.method == "DELETE"):
        if route.path.endswith("/moves/<transition>") and route.cls is not None and issubclass(route.cls, Document):
            found += [(route, move.name) for move in route.cls.workflow.transitions if not move.system]
        else:
            found.append((route, ""))
    return found


def asked(house: House, role: str, route: Route, transition: str) -> int:
    body: dict[str, Any] | None = None if route.method == "GET" else {}
    for end, said in (("/areas/<name>", {"on": True}), ("/close", {"reason": "x"})):
        body = said if body == {} and route.path.endswith(end) else body
    mark = {"If_Match": "*"} if route.method in {"PATCH", "PUT", "DELETE"} else {}
    return house.programs[role](route.method, house.path(route, transition), body, **mark).status_code


def test_every_address_says_which_right_it_takes() -> None:
    """An address that nobody thought of would be in none of the tests below."""
    named = {right for route, move in cases() for right in of_route(route, move) or ()}
    assert named - PERMISSIONS.keys() == set()
    unreached = PERMISSIONS.keys() - named
    elsewhere = re.compile(
        r".*\.(export|approve|authority)|core\.see\..*|core\.duty\.oversee|billing\.receivable\.read|credit\.exposure\.read"
    )
    assert {right for right in unreached if not elsewhere.fullmatch(right)} == set()


def test_no_role_gets_through_an_address_without_its_right(house: House) -> None:
    """PLT-05: role × address of the interface; who lacks the right is refused, who has only his own finds nothing."""
    wrong: dict[tuple[str, str, str, str], int] = {}
    count = 0
    for route, move in cases():
        needed = of_route(route, move)
        for role in (*house.programs,) if needed else ():
            if holds(role, needed or ()):
                if narrow(role, route) and "<int:id>" in route.path:
                    count, status = count + 1, asked(house, role, route, move)
                    # A whole record is read for itself first: its faults tell nothing of the one out of reach.
                    if status not in ({404, 422} if route.method == "PUT" else {404}):
                        wrong[role, route.method, route.path, move] = status
                continue
            count, status = count + 1, asked(house, role, route, move)
            # Who may not read it at all, or only his own, need not learn whether it is there.
            allowed = {403, 404} if narrow(role, route) else {403}
            # Whoever reads the document sees its state, and is told first that the move does not leave from there.
            allowed |= set() if begins(route, move) else {409}
            if status not in allowed:
                wrong[role, route.method, route.path, move] = status
    assert count > 2000
    assert wrong == {}


def test_every_role_gets_through_where_it_has_the_right(house: House) -> None:
    """PLT-05: a door that is closed to who holds the right would be as wrong; what it says then is another matter."""
    wrong: dict[tuple[str, str, str, str], int] = {}
    for route, move in cases():
        needed = of_route(route, move)
        for role in house.programs if needed is not None and route.method == "GET" else ():
            reached = not (narrow(role, route) and "<int:id>" in route.path)
            if holds(role, needed or ()) and reached and asked(house, role, route, move) in {401, 403, 404, 500}:
                wrong[role, route.method, route.path, move] = asked(house, role, route, move)
    for route, move in cases():
        needed = of_route(route, move)
        able = [role for role in house.programs if needed and holds(role, needed) and not narrow(role, route)]
        if able and route.method != "GET" and asked(house, able[0], route, move) in {401, 403, 500}:
            wrong[able[0], route.method, route.path, move] = asked(house, able[0], route, move)
    assert wrong == {}


def begins(route: Route, move: str) -> bool:
    """Whether the move, if it is one, can be made of a new document."""
    cls = route.cls
    return not (move and cls is not None and issubclass(cls, Document)) or any(
        one.name == move for one in cls.workflow.open_from(cls.workflow.initial)
    )


def of_rule(rule: Rule) -> str | None:
    """The right that a screen takes; None for those of everybody and those that are looked at elsewhere."""
    view = rule.endpoint.rpartition(".")[2]
    for kind, cls in TYPES.items():
        if rule.rule.startswith(f"/{area_of(kind)}/{cls.plural}/"):
            known = view in VIEWS and (view != "allocation_view" or kind in REGISTRY.allocating)
            return _right(kind, VIEWS[view]) if known else None
    for report in REGISTRY.reports.values():
        if rule.rule.startswith(f"/{report.area}/reports/{report.name}/"):
            return report.right("export" if view == "export" else "read")
    if rule.rule.startswith("/administration/"):
        screen = rule.rule.split("/")[2]
        return {"history": READ_HISTORY, "audit": READ_HISTORY, "hand-overs": HAND_OVER}.get(screen, ADMINISTER)
    return None


def test_no_role_opens_a_screen_without_its_right(house: House) -> None:
    """PLT-05: role × screen, each looked at by whoever may and whoever may not."""
    site, firm = site_of(house.firm), house.firm
    rules = [rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ()) and of_rule(rule)]
    assert len(rules) > 150
    wrong: dict[tuple[str, str], int] = {}
    for role in house.programs:
        visitor = Visitor(site, firm, role)
        for rule in rules:
            right = of_rule(rule) or ""
            if holds(role, (right,)):
                continue
            status = visitor.get(filled(house, rule)).status_code
            # A screen that reads first says 404 of a record out of reach, and of one of a type that is not read at all.
            if status not in {403, 404}:
                wrong[role, rule.rule] = status
    assert wrong == {}


def filled(house: House, rule: Rule) -> str:
    kind = next((k for k, c in TYPES.items() if rule.rule.startswith(f"/{area_of(k)}/{c.plural}/")), "")
    words = {"export_type": "csv", "year": "2026", "area": "quotation", "name": "x"}

    def fill(match: re.Match[str]) -> str:
        name = match[1].rpartition(":")[2]
        return words.get(name, str(house.ids.get(kind, 1)) if "int:" in match[1] else "sales_manager")

    return re.sub(r"<([^>]+)>", fill, rule.rule)


# How far: every scope and every type, on both engines ----------------------------------------------------------------

PLACES = ("mine", "mate", "land", "stranger")
EXPECTED = {
    Scope.OWN: {"mine"},
    Scope.TEAM: {"mine", "mate"},
    Scope.TERRITORY: {"mine", "land"},
    Scope.COMPANY: {"mine", "mate", "land", "stranger"},
}
SECRETS = {"cost": Decimal("7654.32"), "floor_price": Decimal("6543.21")}
NUMBERS = {"phone": "0532-87654321", "mobile": "13987654321", "contact_phone": "13612345678"}
PLAIN = tuple({*(f"{value}" for value in SECRETS.values()), "7,654.32", "6,543.21", *NUMBERS.values(), "87654321"})


@dataclass(slots=True)
class Land:
    """A firm with a record of every type that belongs to somebody, in each of four places as seen by one person."""

    firm: Firm
    ids: dict[str, dict[str, int]] = field(default_factory=dict)


@pytest.fixture(scope="module", params=ENGINES)
def land(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Land]:
    """Records of four people: me, one of my department, one whose customer lies in my territory, and a stranger."""
    with database_on(request.param, request, tmp_path_factory.mktemp("land")) as database:
        engine = open_engine(database.url)
        samples = Samples.founded(open_program(engine), "land", list(REGISTRY.plugins))
        yield settled(samples)
        engine.dispose()


def settled(samples: Samples) -> Land:
    firm, made = samples.firm, Land(samples.firm)
    every = firm.as_program(lambda w: [role.key for role in w.company.roles.values()])
    firm.as_program(lambda w: people.save_department(w, "ours", "我部"))
    for who in PLACES:
        account = people.create_account(firm.program.works, f"{who}@land", who, name_en=who)
        firm.people[who] = account
        place = "ours" if who in {"mine", "mate"} else ""
        firm.as_program(lambda w, a=account, p=place: people.employ(w, a, department=p, roles=every))  # type: ignore[misc]
    holder = {"account_id": firm.people["mine"]}
    given = {"code": "qd", "name": "青岛", "regions": "3702", "holders": [holder]}
    firm.as_program(lambda w: masters.save(w, Territory, inputs.read(Territory, given)))
    parties = {who: customer(firm, who, "370203" if who == "land" else "110000") for who in PLACES}
    firm.people["everybody"], keeper = firm.people["stranger"], firm.people["everybody"]
    for kind, cls in TYPES.items():
        if not (issubclass(cls, Document) or cls.owned):
            continue
        made.ids[kind] = {}
        for who in PLACES:
            made.ids[kind][who] = parties[who] if cls is Party else record(samples, cls, who, parties[who])
    firm.people["everybody"] = keeper
    return made


def customer(firm: Firm, who: str, region: str) -> int:
    contact = {"name": "王经理", "mobile": NUMBERS["mobile"], "phone": NUMBERS["phone"]}
    given = {"name": f"客户{who}有限公司", "region_code": region, "phone": NUMBERS["phone"], "contacts": [contact]}
    return firm.run(who, lambda w: masters.save(w, Party, inputs.read(Party, given))).id


def record(samples: Samples, cls: Type, who: str, party: int) -> int:
    """A record of the type that ``who`` has made for a customer."""
    samples._made["core.party"] = party
    if "core.item" not in samples._made:
        goods = {
            "code": "G1",
            "name": "洗墙灯",
            "unit": "套",
            "list_price": "100",
            **{k: str(v) for k, v in SECRETS.items()},
        }
        item = samples.firm.run("mine", lambda w: masters.save(w, Item, inputs.read(Item, goods)))
        samples._made["core.item"] = item.id
    samples.firm.people["everybody"] = samples.firm.people[who]
    if not issubclass(cls, Document):
        return samples.master(cls).id
    return samples.document(cls).id


def held(land: Land, scope: Scope, *hidden: str) -> None:
    """Let the person hold every right, those that can be narrowed as far as ``scope``, and none of the ``hidden``."""

    def command(work: Work) -> None:
        name_role(work, "probe", "试探")
        rights = {
            key: scope.value if right.scoped else Scope.COMPANY.value
            for key, right in work.types.permissions.items()
            if key not in hidden
        }
        set_grants(work, "probe", rights)
        people.set_roles(work, land.firm.people["mine"], ["probe"])

    land.firm.as_program(command)


@pytest.mark.parametrize("scope", list(Scope))
def test_every_type_is_seen_as_far_as_the_scope_says(land: Land, scope: Scope) -> None:
    """PLT-05: scope × type, in list, page, export, by the id and to change; own, team, territory, all."""
    held(land, scope)
    api, visitor = api_for(land.firm, "mine"), Visitor(site_of(land.firm), land.firm, "mine")
    wrong: dict[tuple[str, str], Any] = {}
    for kind, ids in land.ids.items():
        cls = TYPES[kind]
        at = f"/{area_of(kind)}/{cls.plural}"
        expected = {ids[who] for who in EXPECTED[scope]}
        if not _locates(cls):
            expected = {ids[who] for who in EXPECTED[scope] - {"land"} or {"mine"}} | (
                {ids["land"]} if scope is Scope.COMPANY else set()
            )
        listed = {row["id"] for row in api.get(f"{at}?size=200").get_json()["items"]} & set(ids.values())
        opened = {key for key in ids.values() if api.get(f"{at}/{key}").status_code == 200}
        changed = {key for key in ids.values() if api.patch(f"{at}/{key}", {}, 999_999).status_code != 404}
        pages = {key for key in ids.values() if visitor.get(f"{at}/{key}/").status_code == 200}
        exported = visitor.get(f"{at}/export/csv").text.count("\n")
        for name, seen in (("list", listed), ("record", opened), ("change", changed), ("page", pages)):
            if seen != expected:
                wrong[kind, name] = (sorted(seen), sorted(expected))
        if exported - 1 != len(api.get(f"{at}?size=200").get_json()["items"]):
            wrong[kind, "export"] = exported
    assert wrong == {}


def _locates(cls: Type) -> bool:
    return cls.needs_party if issubclass(cls, Document) else cls is Party or "party_id" in cls.__mapper__.columns


# What is hidden: every field, every way out ------------------------------------------------------------------------


def test_no_way_out_tells_what_is_hidden_or_masked(land: Land) -> None:
    """PLT-05: with every right but those to see, no list, form, export, history, search, paper or refusal tells."""
    needs = {face.needs for cls in (*TYPES.values(), DocumentLine) for face in faces(cls).values() if face.needs}
    held(land, Scope.COMPANY, *(sight(one) for one in needs))
    assert {sight(one) for one in needs} <= PERMISSIONS.keys()
    said = dict(told(land))
    assert len(said) > 300
    assert {place: secret for place, text in said.items() for secret in PLAIN if secret in text} == {}


def test_the_probes_find_what_is_not_hidden(land: Land) -> None:
    """With the rights to see, the same probes do find each of the secrets: they can fail."""
    held(land, Scope.COMPANY)
    text = "\n".join(text for _place, text in told(land))
    assert [secret for secret in ("7654.32", "6543.21", "13987654321", "87654321") if secret not in text] == []


def told(land: Land) -> Iterator[tuple[str, str]]:
    """Everything that the person can get out of the house, by the way out."""
    firm = land.firm
    api, visitor = api_for(firm, "mine"), Visitor(site_of(firm), firm, "mine")
    item = firm.read("mine", lambda w: w.session.scalars(select(Item.id).where(Item.code == "G1")).one())
    ids = {**{kind: places["mine"] for kind, places in land.ids.items()}, Item.kind: item}
    for kind, key in ids.items():
        yield from told_of(land, api, visitor, TYPES[kind], key)
    for report in REGISTRY.reports.values():
        yield report.key, api.get(f"/{report.area}/reports/{report.name}").get_data(as_text=True)
    for words in ("客户", "洗墙灯", *NUMBERS.values(), "8765"):
        yield f"search {words}", str(firm.read("mine", lambda w, a=words: found(w, a)))  # type: ignore[misc]
        yield f"screen {words}", visitor.get("/search/", q=words).text.replace(words, "")
        for kind in (Party.kind, Item.kind):
            yield f"lookup {kind} {words}", visitor.get(f"/lookup/{kind}", q=words).text
    for path in ("/administration/history/", "/", "/approvals/"):
        yield path, visitor.get(path).text


def told_of(land: Land, api: Api, visitor: Visitor, cls: Type, key: int) -> Iterator[tuple[str, str]]:
    """Everything about one record of a type, and all that may be asked of its list."""
    at = f"/{area_of(kind_of(cls))}/{cls.plural}"
    for path in (f"{at}?size=200", f"{at}/{key}", f"{at}/{key}/history", *more(cls, at, key)):
        yield f"api {path}", api.get(path).get_data(as_text=True)
    for path in (f"{at}/", f"{at}/{key}/", f"{at}/{key}/edit", f"{at}/new/", f"{at}/export/csv"):
        yield f"page {path}", visitor.get(path).text
    for query in asks(cls):
        yield f"api {at}?{query}", api.get(f"{at}?{query}").get_data(as_text=True)
        yield f"page {at}/?{query}", visitor.get(f"{at}/?{query}").text
    yield f"stale {at}", api.patch(f"{at}/{key}", {"remark": "x"}, 999_999).get_data(as_text=True)
    if issubclass(cls, Document):
        yield f"paper {at}", land.firm.read("mine", lambda w: printed(w, cls, key))


def more(cls: Type, at: str, key: int) -> Iterator[str]:
    if issubclass(cls, Document):
        yield from (f"{at}/{key}/{rest}" for rest in ("moves", "open", "editions", "editions/1", "editions/compare"))


def asks(cls: Type) -> Iterator[str]:
    """Sorts and filters by every field that needs a right."""
    for name, face in faces(cls).items():
        if face.needs:
            value = SECRETS.get(name, NUMBERS.get(name, "1"))
            yield from (f"sort={name}", f"sort=-{name}", f"{name}_from={value}", f"{name}_to=1", f"{name}=1")


def printed(work: Work, cls: type[Document], key: int) -> str:
    document = load(work, cls, key)
    return "\n".join(str(paper_of(work, document, "zh_Hans_CN", name)) for name in papers_of(work, cls))


@pytest.mark.parametrize("kind", [k for k, c in TYPES.items() if any(f.needs for f in faces(c).values())])
def test_a_hidden_field_is_refused_as_one_that_nobody_declared(land: Land, kind: str) -> None:
    """PLT-05: sort, filter and write by a hidden field get the very answer of an unknown one."""
    cls = TYPES[kind]
    names = [name for name, face in faces(cls).items() if face.needs]
    held(land, Scope.COMPANY, *(sight(faces(cls)[name].needs or "") for name in names))
    api, at = api_for(land.firm, "mine"), f"/{area_of(kind)}/{cls.plural}"
    for name in names:
        for form in ("sort={}", "sort=-{}", "{}=1", "{}_from=1", "{}_to=2"):
            answers = []
            for one in (name, "zz_nothing"):
                answer = api.get(f"{at}?{form.format(one)}")
                body = {k: v for k, v in answer.get_json().items() if k != "request_id"}
                answers.append((answer.status_code, str(body).replace(one, "…")))
            assert answers[0] == answers[1], form.format(name)
            assert answers[0][0] == 422
        written = []
        for one in (name, "zz_nothing"):
            errors = api.post(at, {one: "1"}).get_json()["errors"]
            written.append([(e["code"], e["message"]) for e in errors if e["path"] == one])
        assert written[0] == written[1] != []
