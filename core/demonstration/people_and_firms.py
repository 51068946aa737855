"""Invented Chinese people and firms: the same seed always gives the same, and none of them exists.

Names are made of rare characters, mobile numbers lie in prefixes no operator uses, landlines begin with a
digit no exchange has, banks are invented and mail goes to `.example`: nobody real can be called or paid.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from core.demonstration.words import parted, plain, readings, words
from core.identifiers import CREDIT_CODE_CHARACTERS, credit_code_for

_SOLE_TRADERS = ("灯具经营部", "轴承销售中心", "饲料经营部")
_SOURCES = ("fair", "referral", "phone", "web", "advertisement", "cold_call", "tender", "email", "returning")
_SOURCE_WEIGHTS = (16, 20, 12, 12, 6, 14, 10, 6, 4)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody's name in both scripts, with the salutation 先生 or 女士."""

    name: str
    name_en: str
    salutation: str


@dataclass(frozen=True, slots=True)
class Region:
    """A district by its GB/T 2260 code, with the names of all three levels and the telephone prefix."""

    code: str
    province: str
    city: str
    district: str
    city_en: str
    phone_prefix: str

    def __str__(self) -> str:
        return (self.city if self.province == self.city else self.province + self.city) + self.district


@dataclass(frozen=True, slots=True)
class FirmContact:
    """A person at a firm, with the part this person has in a decision to buy (CRM-05)."""

    name: str
    name_en: str
    salutation: str
    title: str
    mobile: str
    email: str
    birthday: datetime.date
    decision_part: str
    primary: bool


@dataclass(frozen=True, slots=True)
class FirmTaxTitle:
    """What an invoice to the firm says about the firm."""

    title: str
    tax_number: str
    address: str
    phone: str
    bank: str
    account: str


@dataclass(frozen=True, slots=True)
class Firm:
    """An invented customer: the basics, the people and the invoicing data of the customer file (CRM-03)."""

    name: str
    short_name: str
    name_en: str
    credit_code: str
    kind: str
    sector: str
    industry: str
    customer_class: str
    source: str
    region: Region
    street: str
    phone: str
    email: str
    founded: int
    legal_representative: str
    contacts: tuple[FirmContact, ...]
    tax_titles: tuple[FirmTaxTitle, ...]

    @property
    def address(self) -> str:
        """Province to house number, from large to small, without commas."""
        return f"{self.region}{self.street}"


def repeatable(*parts: object) -> Random:
    """A source of chance that always gives the same for the same parts, such as a seed and a purpose."""
    return Random("-".join(map(str, parts)))


def make_person(random: Random) -> Person:
    """One invented person; surnames with unusual readings (单, 仇, 翟, 解) come up as often as others."""
    surname, surname_en = random.choice(readings("surnames"))
    gender = random.choice(("male", "female"))
    last, last_en = random.choice(readings(f"{gender}_last"))
    first, first_en = random.choice((*readings(f"{gender}_first"), ("", "")))
    given_en = (first_en + last_en).capitalize()
    return Person(surname + first + last, f"{surname_en} {given_en}", "先生" if gender == "male" else "女士")


def make_mobile(random: Random) -> str:
    """Eleven digits in a mobile prefix that no operator has been given."""
    return random.choice(plain("mobile_prefixes")) + f"{random.randrange(10**8):08d}"


def regions(industry: str) -> tuple[list[Region], list[int]]:
    """Every district a market is active in, and how often each should come up."""
    market = words("regions")["markets"][industry]
    found: list[Region] = []
    weights: list[int] = []
    for province, weight in zip(market["provinces"], market["weights"], strict=True):
        districts = list(_districts(province))
        found += districts
        weights += [weight * 1000 // len(districts)] * len(districts)
    return found, weights


def _districts(province: str) -> Iterator[Region]:
    for city, place in words("regions")["places"][province].items():
        for code, district in place["districts"].items():
            yield Region(code, province, city, district, place["en"], place["phone"])


def firms(seed: int, industry: str, count: int) -> list[Firm]:
    """`count` customers of a market such as `lighting` or `feed`, names, short names and codes all different.

    A longer list begins with the shorter one of the same seed. Raises FileNotFoundError for another market.
    """
    random = repeatable(seed, industry, "firms")
    sectors = words(industry)["sectors"]
    places, place_weights = regions(industry)
    taken: set[str] = set()
    made: list[Firm] = []
    while len(made) < count:
        sector = random.choices(list(sectors), [sector["weight"] for sector in sectors.values()])[0]
        region = random.choices(places, place_weights)[0]
        firm = _firm(random, sector, sectors[sector], region)
        names = {firm.name, firm.short_name, firm.credit_code}
        if taken.isdisjoint(names):
            taken |= names
            made.append(firm)
    return made


def _firm(random: Random, key: str, sector: dict[str, Any], region: Region) -> Firm:
    first, last = random.choice(readings("trade_first")), random.choice(readings("trade_last"))
    suffix, suffix_en = parted(random.choice(sector["suffixes"]))
    place = region.city.removesuffix("市")
    trade_en = (first[1] + last[1]).capitalize()
    name = f"{place}{first[0]}{last[0]}{suffix}"
    organisation = "MA" + "".join(random.choices(CREDIT_CODE_CHARACTERS, k=6))
    code = credit_code_for(organisation, region.code, kind="2" if suffix in _SOLE_TRADERS else "1")
    street, phone = _street(random), _landline(random, region)
    domain = f"{trade_en}-{region.city_en}".lower().replace("'", "") + ".example"
    return Firm(
        name=name,
        short_name=f"{place}{first[0]}{last[0]}",
        name_en=f"{region.city_en} {trade_en} {suffix_en}",
        credit_code=code,
        kind=sector["kind"],
        sector=key,
        industry=sector["industry"],
        customer_class=random.choices("ABC", (15, 35, 50))[0],
        source=random.choices(_SOURCES, _SOURCE_WEIGHTS)[0],
        region=region,
        street=street,
        phone=phone,
        email=f"info@{domain}",
        founded=random.randint(1996, 2023),
        legal_representative=make_person(random).name,
        contacts=tuple(_contacts(random, sector["titles"], domain)),
        tax_titles=(FirmTaxTitle(name, code, f"{region}{street}", phone, *_bank(random, region)),),
    )


def _contacts(random: Random, titles: list[str], domain: str) -> Iterator[FirmContact]:
    chosen = random.sample(titles, random.randint(1, min(4, len(titles))))
    names: set[str] = set()
    for entry in chosen:
        title, part = parted(entry)
        person = make_person(random)
        while person.name_en in names:
            person = make_person(random)
        mailbox = ".".join(reversed(person.name_en.lower().split()))
        birthday = datetime.date(random.randint(1966, 1997), random.randint(1, 12), random.randint(1, 28))
        primary = not names
        names.add(person.name_en)
        yield FirmContact(
            person.name, person.name_en, person.salutation, title, make_mobile(random),
            f"{mailbox}@{domain}", birthday, part, primary,
        )  # fmt: skip


def _street(random: Random) -> str:
    street, number = random.choice(plain("streets")), random.randint(1, 388)
    if random.random() < 0.5:
        return f"{street}{number}号"
    place = random.choice(plain("places"))
    return f"{street}{number}号{place}{random.randint(1, 12)}号楼{random.randint(101, 1808)}室"


def _landline(random: Random, region: Region) -> str:
    digits = 7 if region.phone_prefix in ("0552", "0717", "0714", "0452", "0813", "0917") else 8
    return f"{region.phone_prefix}-9{random.randrange(10 ** (digits - 1)):0{digits - 1}d}"


def _bank(random: Random, region: Region) -> tuple[str, str]:
    district = region.district if len(region.district) == 2 else region.district.rstrip("区市县")
    bank = f"{random.choice(plain('banks'))}{region.city.removesuffix('市')}{district}支行"
    return bank, str(random.randint(10**15, 10 ** random.choice((16, 17, 18, 19)) - 1))
