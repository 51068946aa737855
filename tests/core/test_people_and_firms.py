"""Invented people, firms, talks and projects are well-formed, different from each other and repeatable."""

from __future__ import annotations

import datetime
import re
import unicodedata

import pytest

from core.demonstration.people_and_firms import Firm, firms, regions
from core.demonstration.talks_and_projects import projects, talk_notes

MARKETS = ("lighting", "bearing", "software", "feed")
SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DAYS = [datetime.date(2026, 9, 1) + datetime.timedelta(days=n) for n in range(60)]
HAN = re.compile(r"[\u4e00-\u9fff]")


def is_valid_credit_code(code: str) -> bool:
    """GB 32100 the other way round: with its check character the weighted sum is a multiple of 31."""
    weighted = sum(SIGNS.index(sign) * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return len(code) == 18 and (weighted + SIGNS.index(code[17])) % 31 == 0


@pytest.fixture(scope="module", params=MARKETS)
def market(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def many(market: str) -> list[Firm]:
    return firms(7, market, 600)


def test_the_check_of_credit_codes_used_here_knows_right_from_wrong() -> None:
    assert is_valid_credit_code("91350100M000100Y43")
    assert not is_valid_credit_code("91350200M000100Y43")


def test_every_firm_has_a_valid_credit_code_of_its_own(many: list[Firm]) -> None:
    codes = [firm.credit_code for firm in many]
    assert all(is_valid_credit_code(code) for code in codes)
    assert len(set(codes)) == len(codes)


def test_the_credit_code_names_the_district_the_firm_lies_in(market: str, many: list[Firm]) -> None:
    known = {region.code: region for region in regions(market)[0]}
    for firm in many:
        assert firm.credit_code[2:8] == firm.region.code
        assert known[firm.region.code] == firm.region
        assert firm.region.district in firm.address
        assert firm.address.startswith(firm.region.province)


def test_district_codes_lie_in_the_same_province_and_city_as_their_names() -> None:
    provinces: dict[str, set[str]] = {}
    cities: dict[str, set[str]] = {}
    for name in MARKETS:
        for region in regions(name)[0]:
            assert re.fullmatch(r"\d{6}", region.code)
            provinces.setdefault(region.code[:2], set()).add(region.province)
            cities.setdefault(region.code[:4], set()).add(region.city)
    assert all(len(names) == 1 for names in provinces.values())
    assert all(len(names) == 1 for names in cities.values())


def test_no_two_firms_have_the_same_name_even_after_normalising(many: list[Firm]) -> None:
    for names in ([firm.name for firm in many], [firm.short_name for firm in many]):
        normalised = {unicodedata.normalize("NFKC", name).casefold() for name in names}
        assert len(normalised) == len(names)


def test_firms_are_called_in_chinese_and_in_english(many: list[Firm]) -> None:
    for firm in many:
        assert HAN.search(firm.name)
        assert firm.name_en.isascii()
        assert firm.name.startswith(firm.short_name)


def test_mobile_numbers_look_right_but_lie_in_prefixes_no_operator_has(many: list[Firm]) -> None:
    mobiles = [contact.mobile for firm in many for contact in firm.contacts]
    assert all(re.fullmatch(r"1[3-9]\d{9}", mobile) for mobile in mobiles)
    assert {mobile[:3] for mobile in mobiles} <= {"154", "160", "161", "163", "164", "168", "169", "194"}


def test_landlines_have_the_city_prefix_and_a_first_digit_no_exchange_has(
    many: list[Firm],
) -> None:
    for firm in many:
        prefix, number = firm.phone.split("-")
        assert prefix == firm.region.phone_prefix
        assert re.fullmatch(r"9\d{6,7}", number)


def test_mail_goes_nowhere(many: list[Firm]) -> None:
    addresses = [firm.email for firm in many] + [one.email for firm in many for one in firm.contacts]
    assert all(re.fullmatch(r"[a-z.]+@[a-z-]+\.example", address) for address in addresses)


def test_every_firm_has_exactly_one_primary_contact(many: list[Firm]) -> None:
    for firm in many:
        assert [contact.primary for contact in firm.contacts].count(True) == 1
        assert len({contact.name for contact in firm.contacts}) == len(firm.contacts)


def test_the_invoicing_data_belong_to_the_firm(many: list[Firm]) -> None:
    for firm in many:
        (title,) = firm.tax_titles
        assert (title.title, title.tax_number) == (firm.name, firm.credit_code)
        assert re.fullmatch(r"\d{16,19}", title.account)
        assert title.bank.endswith("支行")


def test_most_customers_are_of_class_c_and_fewest_of_class_a(many: list[Firm]) -> None:
    counts = [sum(firm.customer_class == letter for firm in many) for letter in "ABC"]
    assert 0 < counts[0] < counts[1] < counts[2]


def test_the_same_seed_gives_the_same_firms_and_another_seed_others(market: str) -> None:
    assert firms(3, market, 40) == firms(3, market, 40)
    assert firms(3, market, 40) == firms(3, market, 80)[:40]
    assert not {one.name for one in firms(3, market, 40)} & {one.name for one in firms(4, market, 40)}


def test_an_unknown_market_is_refused() -> None:
    with pytest.raises(FileNotFoundError):
        firms(1, "cheese", 1)


def test_talks_are_full_sentences_with_a_contact_of_the_firm(market: str, many: list[Firm]) -> None:
    notes = talk_notes(7, market, many, 800, days=DAYS)
    assert [note.on for note in notes] == sorted(note.on for note in notes)
    for note in notes:
        assert note.contact in many[note.firm].contacts
        assert 1 <= note.content.count("。") <= 2
        assert note.content.endswith("。")
        assert not re.search(r"[{}|]", note.content + note.subject + note.next_step)
        assert (note.next_on is None) == (note.next_step == "")
        assert note.next_on is None or note.next_on > note.on


def test_talks_are_varied(market: str, many: list[Firm]) -> None:
    notes = talk_notes(7, market, many, 800, days=DAYS)
    assert len({note.content for note in notes}) > 200
    assert len({note.method for note in notes}) >= 4


def test_customers_of_class_a_are_talked_to_most(market: str, many: list[Firm]) -> None:
    notes = talk_notes(7, market, many, 800, days=DAYS)
    per_firm = {
        letter: sum(many[note.firm].customer_class == letter for note in notes)
        / sum(firm.customer_class == letter for firm in many)
        for letter in "ABC"
    }
    assert per_firm["A"] > per_firm["B"] > per_firm["C"]


def test_projects_have_their_own_name_a_budget_and_a_day_of_decision(market: str, many: list[Firm]) -> None:
    asked = projects(7, market, many, 300, days=DAYS)
    assert len({project.name for project in asked}) == 300
    for project in asked:
        assert not re.search(r"[{}|]", project.name)
        assert project.budget > 0
        assert project.budget % 1000 == 0
        assert project.decides_on > project.asked_on
        assert project.asked_on in DAYS


def test_talks_and_projects_are_repeatable(market: str, many: list[Firm]) -> None:
    assert talk_notes(5, market, many, 50, days=DAYS) == talk_notes(5, market, many, 50, days=DAYS)
    assert projects(5, market, many, 50, days=DAYS) == projects(5, market, many, 50, days=DAYS)
    assert projects(5, market, many, 50, days=DAYS) != projects(6, market, many, 50, days=DAYS)


def test_no_firm_no_talk(market: str, many: list[Firm]) -> None:
    with pytest.raises(ValueError, match="firm"):
        talk_notes(1, market, [], 1, days=DAYS)
    with pytest.raises(ValueError, match="day"):
        projects(1, market, many, 1, days=[])


def test_more_projects_than_there_are_names_are_refused_instead_of_searched_for_ever() -> None:
    with pytest.raises(ValueError, match="too few"):
        projects(1, "bearing", firms(1, "bearing", 1), 5000, days=DAYS)
