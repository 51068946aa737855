"""The demonstration: four companies with a season of invented customers, talks and offers, the same every time.

Customers belong to core and are made here; each area makes its own records in its `demo`, in one function
`season(demo)`, called in the order of the chain. An area may also have a function `workday(desk)`, called for every
working day of the last months once all seasons are made, and one `ending(demo)`, called at last.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select

from core.app import Program
from core.demonstration.desk import Desk, consents
from core.demonstration.people_and_firms import Firm, firms, repeatable
from core.documents.kinds import area_of
from core.documents.stage import Stage
from core.entities.item import Item
from core.entities.party import Party
from core.extension.loader import presets
from core.extension.preset import Preset, read_preset
from core.operations import masters
from core.operations.set_up import load_preset
from core.roles import REPRESENTATIVE
from core.schemas import inputs
from core.work import Ask, System, Work

T = TypeVar("T")
PASSWORD = "zhanggui-demo"  # noqa: S105  (everybody's in the demonstration, shown on its login page)
PRESETS = ("led_distributor", "bearing_manufacturer", "it_company", "feed_mill")
SEED = 88
BEFORE = datetime.timedelta(days=300)  # how long ago the first customers were entered
SEASON = 120  # working days
HALF = 0.5  # a demonstration of less than this scale lives through a third of the season


@dataclass(frozen=True, slots=True)
class Demonstration:
    """One company to be filled: who works there, its customers, and the working days of its season, oldest first.

    `parties` are the customers' ids in the order of `firms`, `owners` the logins of who answers for them, `items`
    the products' ids by code. `scale` says how much of everything is wanted.
    """

    program: Program
    company: int
    preset: Preset
    accounts: Mapping[str, int]
    days: Sequence[datetime.date]
    firms: Sequence[Firm]
    parties: Sequence[int]
    owners: Sequence[str]
    items: Mapping[str, int]
    scale: float
    areas: frozenset[str] = frozenset()

    @property
    def market(self) -> str:
        """Which word file its customers, talks and projects come from."""
        return str(self.preset.demonstration["market"])

    @property
    def today(self) -> datetime.date:
        """The day on which the demonstration is shown."""
        return self.days[-1]

    def chance(self, what: str) -> Random:
        """A source of chance of its own for each purpose, so that areas do not disturb each other's."""
        return repeatable(SEED, self.preset.key, what)

    def holders(self, role: str) -> list[str]:
        """The logins of those who hold a role."""
        return [one.login for one in self.preset.people if role in one.roles]

    def ask(self, who: str, day: datetime.date, hour: float = 10) -> Ask:
        """What `who` (a login, or `system` for the program) asks for at an hour of a past day."""
        actor = System("demo") if who == "system" else self.accounts[who]
        now = min(moment(self.preset, day, hour), datetime.datetime.now(datetime.UTC))
        return Ask(self.company, actor, today=day, now=now)

    def run(self, who: str, day: datetime.date, command: Callable[[Work], T], *, hour: float = 10) -> T:
        """Let somebody carry out a command at an hour of a past day."""
        return self.program.works.run(self.ask(who, day, hour), command)


def moment(preset: Preset, day: datetime.date, hour: float) -> datetime.datetime:
    """An hour of a day in the company's time zone; 9.5 is half past nine."""
    start = datetime.datetime.combine(day, datetime.time(), ZoneInfo(preset.company.zone))
    return (start + datetime.timedelta(hours=hour)).astimezone(datetime.UTC)


def load_demo(
    program: Program, *, today: datetime.date | None = None, scale: float = 1.0, names: Sequence[str] = PRESETS
) -> list[int]:
    """Make the companies of the demonstration and their season up to `today`; gives back their ids.

    `scale` makes fewer or more of everything, `names` are the presets to use. Raises Conflict when one of the
    companies is there already.
    """
    return [_company(program, presets() / f"{name}.toml", today, scale) for name in names]


def _company(program: Program, path: Path, today: datetime.date | None, scale: float) -> int:
    preset = read_preset(path)
    company = load_preset(program.works, path, password=PASSWORD)
    with program.works.read(Ask(company, System("demo"), today=today)) as work:
        accounts = {person.login: key for key, person in work.company.people.items()}
        last = work.today
        days = [day for day in _every_day(last) if work.workdays.is_workday(day)]
        items = {item.code: item.id for item in work.session.scalars(select(Item))}
        areas = [area for area in work.types.plugins if area in work.areas]
    known = firms(SEED, preset.demonstration["market"], max(12, int(preset.demonstration["firms"] * scale)))
    owners = [owner_of(preset, firm) for firm in known]
    parties = _customers(program, company, preset, accounts, days, known, owners)
    demo = Demonstration(
        program, company, preset, accounts, days, known, parties, owners, items, scale, frozenset(areas)
    )
    modules = _modules(program, areas)
    for module in modules:
        if hasattr(module, "season"):
            module.season(demo)
    _workdays(demo, [module for module in modules if hasattr(module, "workday")])
    for module in modules:
        if hasattr(module, "ending"):
            module.ending(demo)
    return company


def _modules(program: Program, areas: Sequence[str]) -> list[Any]:
    """The `demo` of each area that has one, in the order of the chain: by the first stage an area has documents of."""

    def stage(area: str) -> int:
        own = [cls for kind, cls in program.registry.documents.items() if area_of(kind) == area]
        if any(cls.brings_back for cls in own):
            return len(order)
        return min((order.index(cls.stage) for cls in own if cls.stage is not None), default=-1)

    order = list(Stage)
    parts = [f"{program.registry.packages[area]}.demo" for area in sorted(areas, key=stage)]
    return [import_module(part) for part in parts if find_spec(part)]


def _workdays(demo: Demonstration, modules: Sequence[Any]) -> None:
    """Let everybody work through the last months, day by day."""
    kinds = [kind for kind in demo.program.registry.documents if area_of(kind) not in ("crm", "quotation")]
    seen: dict[tuple[int, str], int] = {}
    span = SEASON if demo.scale >= HALF else SEASON // 3
    for place in range(max(0, len(demo.days) - span), len(demo.days)):
        desk = Desk(demo, place, seen)
        consents(desk, kinds)
        for module in modules:
            module.workday(desk)


def _every_day(last: datetime.date) -> list[datetime.date]:
    return [last - datetime.timedelta(days=n) for n in range(BEFORE.days, -1, -1)]


def owner_of(preset: Preset, firm: Firm) -> str:
    """The representative in whose territory the firm lies: the longest beginning of its region code wins."""
    sellers = [one for one in preset.people if REPRESENTATIVE.key in one.roles]
    claims = [(len(code), one.login) for one in sellers for code in one.territory if firm.region.code.startswith(code)]
    return max(claims)[1] if claims else sellers[0].login


def _customers(
    program: Program,
    company: int,
    preset: Preset,
    accounts: Mapping[str, int],
    days: Sequence[datetime.date],
    known: Sequence[Firm],
    owners: Sequence[str],
) -> list[int]:
    """Enter every firm on some day by the person who answers for it; gives back the ids in the order of `known`."""
    random = repeatable(SEED, preset.key, "customers")
    entered: dict[tuple[datetime.date, str], list[int]] = defaultdict(list)
    for index, owner in enumerate(owners):
        entered[random.choice(days[: len(days) * 2 // 3 : 4]), owner].append(index)
    found: dict[int, int] = {}
    for (day, owner), indices in sorted(entered.items()):
        values = [inputs.read(Party, customer(known[index])) for index in indices]
        ask = Ask(company, accounts[owner], today=day, now=moment(preset, day, 9.5))
        saved = program.works.run(ask, lambda work, v=values: [masters.save(work, Party, one).id for one in v])  # type: ignore[misc]  # the default binds the loop's value
        found.update(zip(indices, saved, strict=True))
    return [found[index] for index in range(len(known))]


def customer(firm: Firm) -> dict[str, object]:
    """An invented firm as somebody would enter it."""
    contacts = [
        {
            "name": one.name, "title": one.title, "decision_part": one.decision_part, "mobile": one.mobile,
            "email": one.email, "birthday": one.birthday.isoformat(), "is_primary": one.primary,
        }
        for one in firm.contacts
    ]  # fmt: skip
    titles = [
        {
            "title": one.title, "tax_number": one.tax_number, "address": one.address, "phone": one.phone,
            "bank": one.bank, "account": one.account, "is_default": True,
        }
        for one in firm.tax_titles
    ]  # fmt: skip
    return {
        "name": firm.name,
        "name_en": firm.name_en,
        "short_name": firm.short_name,
        "credit_code": firm.credit_code,
        "party_class": firm.customer_class,
        "phone": firm.phone,
        "email": firm.email,
        "region": str(firm.region),
        "region_code": firm.region.code,
        "address": firm.address,
        "industry": firm.industry,
        "contacts": contacts,
        "addresses": [{"address_kind": "delivery", "region": str(firm.region), "line": firm.address}],
        "tax_titles": titles,
    }
