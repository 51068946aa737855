"""Every preset file is a whole, consistent company; a file that is not says where it is wrong."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import Invalid
from core.extension.preset import Preset, find_presets, read_preset
from core.identifiers import credit_code
from core.numbering import series
from core.roles import BY_KEY, REPRESENTATIVE, Scope

LEADERS = {"general_manager", "deputy_general_manager"}
FOLDER = Path(__file__).parents[2] / "plugins" / "presets"
PRESETS = {preset.key: preset for preset in find_presets(FOLDER)}
AREAS = {
    "crm", "quotation", "contract", "logistics", "billing", "credit", "aftersales",
    "production", "worklog", "expense", "materials", "performance", "oversight", "analytics",
}  # fmt: skip


@pytest.fixture(params=PRESETS.values(), ids=lambda preset: preset.key)
def preset(request: pytest.FixtureRequest) -> Preset:
    found: Preset = request.param
    return found


def test_there_are_the_four_companies() -> None:
    assert set(PRESETS) >= {"led_distributor", "bearing_manufacturer", "it_company", "feed_mill"}


def test_feed_is_sold_exempt_or_at_nine_percent_as_each_product_says() -> None:
    rates = {item["tax_rate"] for item in PRESETS["feed_mill"].items if item["kind"] == "goods"}
    assert rates == {"exempt", "9"}


def test_a_contract_template_says_all_twelve_clauses(preset: Preset) -> None:
    templates = preset.masters["contract.template"]
    assert [one["usual"] for one in templates].count(True) >= 1
    for one in templates:
        assert len({clause["topic"] for clause in one["clauses"]}) == 12
        assert all(clause["wording"].strip() for clause in one["clauses"])


def test_the_feed_mill_begins_with_orders_and_the_it_company_ships_nothing() -> None:
    assert PRESETS["feed_mill"].settings["contract.entry"] == "order"
    assert {one["contract_kind"] for one in PRESETS["feed_mill"].masters["contract.template"]} == {"sale", "processing"}
    assert "logistics" not in PRESETS["it_company"].areas
    assert PRESETS["it_company"].settings["core.billing_point"] == "milestones"


def test_a_preset_is_found_under_its_own_name(preset: Preset) -> None:
    assert read_preset(FOLDER / f"{preset.key}.toml") == preset


def test_no_two_presets_share_a_company_code_or_a_login() -> None:
    codes = Counter(one.company.code for one in PRESETS.values())
    logins = Counter(person.login for one in PRESETS.values() for person in one.people)
    assert max(codes.values()) == 1
    assert max(logins.values()) == 1


def test_the_company_has_a_valid_credit_code_and_both_its_names(preset: Preset) -> None:
    assert credit_code(preset.company.tax_number) == preset.company.tax_number
    assert preset.company.tax_number[2:6] == preset.company.region_code[:4]
    assert preset.company.address.startswith(preset.company.region)
    assert preset.company.name_en.isascii()


def test_areas_are_areas_of_the_product(preset: Preset) -> None:
    assert set(preset.areas) | set(preset.optional_areas) <= AREAS
    assert not set(preset.areas) & set(preset.optional_areas)
    assert {"crm", "quotation"} <= set(preset.areas)


def test_departments_form_one_tree(preset: Preset) -> None:
    parents = {one.key: one.parent for one in preset.departments}
    assert len(parents) == len(preset.departments)
    assert {_top(parents, key) for key in parents} == {"management"}


def _top(above: dict[str, str | None], key: str) -> str:
    for _step in above:
        parent = above[key]
        if parent is None:
            return key
        key = parent
    raise AssertionError(f"{key} is in a circle")


def test_everybody_answers_in_the_end_to_the_general_manager(preset: Preset) -> None:
    superiors = {person.login: person.superior for person in preset.people}
    assert len(superiors) == len(preset.people)
    tops = {_top(superiors, login) for login in superiors}
    assert [one.roles for one in preset.people if one.login in tops] == [("general_manager",)]


def test_there_is_a_person_for_every_role(preset: Preset) -> None:
    assert {role for person in preset.people for role in person.roles} == {role.key for role in preset.roles}


def test_a_representative_sees_the_own_customers_and_finance_all(preset: Preset) -> None:
    scopes = {role.key: role.scope for role in preset.roles}
    assert scopes["sales_representative"] == Scope.OWN
    assert scopes["finance"] == Scope.COMPANY
    assert all((role.like or role.key) in BY_KEY for role in preset.roles)


def test_every_province_of_the_market_is_somebodys_territory(preset: Preset) -> None:
    sellers = [one for one in preset.people if REPRESENTATIVE.key in one.roles]
    assert len(sellers) >= 3
    assert all(re.fullmatch(r"\d{2,6}", code) for one in sellers for code in one.territory)
    claimed = Counter(code for one in sellers for code in one.territory)
    assert max(claimed.values()) == 1


def test_an_offer_needs_the_manager_and_a_major_one_the_leader(preset: Preset) -> None:
    policy, *_further = [one for one in preset.policies if one.kind == "quotation.quotation"]
    assert policy.condition == ""
    assert [step.role for step in policy.steps] == ["sales_manager", "general_manager"]
    assert policy.steps[0].from_amount == 0
    assert policy.steps[1].from_amount > 0


def test_the_amount_of_a_major_offer_is_each_companys_own() -> None:
    amounts = {key: preset.policies[0].steps[1].from_amount for key, preset in PRESETS.items()}
    assert amounts["led_distributor"] == Decimal("100000.00")
    assert amounts["bearing_manufacturer"] == Decimal("300000.00")


def test_prices_below_the_floor_amounts_and_clauses_have_rules_of_their_own(preset: Preset) -> None:
    """PLT-06, PLT-07: the matrix of authority comes as data: who agrees at which price, amount and clause."""
    further = [one for one in preset.policies if one.condition]
    by_kind: dict[str, str] = {}
    for one in further:
        by_kind[one.kind] = f"{by_kind.get(one.kind, '')} {one.condition}"
    assert "below_floor" in by_kind["quotation.quotation"]
    assert all(word in by_kind["contract.contract"] for word in ("amount >= ", "special_terms", "payment_days"))
    assert all(one.name and one.steps[-1].role in LEADERS for one in further)
    assert any(step.beside for one in further for step in one.steps)
    assert any(step.days and step.late for one in further for step in one.steps)


def test_number_series_of_a_company_do_not_look_alike(preset: Preset) -> None:
    starts = Counter(pattern.split("{")[0] for pattern in preset.series.values())
    assert max(starts.values()) == 1


def test_offers_are_numbered_anew_each_day_or_each_year() -> None:
    day = date(2026, 11, 25)
    daily, yearly = (
        series(PRESETS[key].series["quotation.quotation"]) for key in ("led_distributor", "bearing_manufacturer")
    )
    assert (daily.render(7, day), daily.period(day)) == ("BJ-20261125-007", "20261125")
    assert (yearly.render(7, day), yearly.period(day)) == ("GF26-00007", "2026")


def test_settings_series_and_approvals_belong_to_areas_of_the_company(preset: Preset) -> None:
    names = [*preset.settings, *preset.series, *(one.kind for one in preset.policies)]
    assert {name.split(".")[0] for name in names} <= {"core", *preset.areas, *preset.optional_areas}


def test_the_distributor_works_on_saturdays_and_the_maker_does_not() -> None:
    assert PRESETS["led_distributor"].company.week == "123456"
    assert PRESETS["bearing_manufacturer"].company.week == "12345"


def test_items_have_codes_of_their_own_and_prices_in_the_right_order(preset: Preset) -> None:
    codes = [item["code"] for item in preset.items]
    assert len(preset.items) >= 60
    assert len(set(codes)) == len(codes)
    for item in preset.items:
        cost, floor, listed = (Decimal(item[key]) for key in ("cost", "floor_price", "list_price"))
        assert 0 < cost < floor < listed
        assert item["class"] in "ABC"
        assert re.fullmatch(r"\d{19}", item["tax_code"])
        assert item["tax_rate"] in ("13", "9", "6", "exempt")
        assert all(item[key] for key in ("name", "specification", "unit"))
        assert item["name_en"].isascii()


def test_all_three_classes_and_some_services_are_offered(preset: Preset) -> None:
    assert {item["class"] for item in preset.items} == {"A", "B", "C"}
    assert sum(item["kind"] == "service" for item in preset.items) >= 4


def test_price_lists_are_last_years_this_years_and_next_years(preset: Preset) -> None:
    assert [one["year"] for one in preset.prices["lists"]] == [-1, 0, 1]
    assert {tier["customer_class"] for tier in preset.prices["tiers"]} == {"A", "B", "C"}
    for tier in preset.prices["tiers"]:
        quantities = [Decimal(one) for one in tier["quantities"]]
        factors = [Decimal(one) for one in tier["factors"]]
        assert quantities[0] == 1
        assert quantities == sorted(set(quantities))
        assert len(factors) == len(quantities)
        assert factors == sorted(factors, reverse=True)
        assert Decimal("0.5") < factors[-1] < factors[0] < 1


def changed(folder: Path, *changes: tuple[str, str]) -> Path:
    """A copy of the distributor's preset in `folder` with some words replaced."""
    shutil.copytree(FOLDER / "data", folder / "data")
    text = (FOLDER / "led_distributor.toml").read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    copy = folder / "led_distributor.toml"
    copy.write_text(text, "utf-8")
    return copy


def faults(path: Path) -> dict[str, Any]:
    with pytest.raises(Invalid) as refused:
        read_preset(path)
    return {fault.path: str(fault.text) for fault in refused.value.faults}


def test_names_that_lead_nowhere_are_all_told_at_once(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        ('head = "yumin"', 'head = "nobody"'),
        ('department = "office"', 'department = "attic"'),
        ('superior = "zhengguodong"', 'superior = "ghost"'),
        ('{ role = "general_manager", ', '{ role = "emperor", '),
        ('"BJ-{yyyy}{MM}{dd}-{n:03}"', '"BJ-{dd}"'),
    )
    assert set(faults(path)) == {
        "departments/purchasing/head", "people/hejing/department", "people/mazhiqiang/department",
        "people/gaowenjie/superior", "people/caoliang/superior",
        "approvals/quotation.quotation", "approvals/contract.contract", "approvals/contract.order",
        "approvals/aftersales.return",
        "series/quotation.quotation",
    }  # fmt: skip


def test_an_unknown_word_in_a_table_is_told(tmp_path: Path) -> None:
    assert set(faults(changed(tmp_path, ('colour = "orange"', 'color = "orange"')))) == {"company/color"}


def test_a_missing_word_is_told_by_name(tmp_path: Path) -> None:
    (told,) = faults(changed(tmp_path, ('tax_number = "91370212MA3YAXANXN"\n', ""))).items()
    assert told[0] == "company"
    assert "tax_number" in told[1]


def test_an_amount_that_is_none_is_told(tmp_path: Path) -> None:
    assert "approvals/0/steps/1" in faults(changed(tmp_path, ('"100000.00"', '"much"')))


def test_a_file_that_is_no_toml_is_told(tmp_path: Path) -> None:
    assert set(faults(changed(tmp_path, ("[preset]", "[preset")))) == {"led_distributor.toml"}


@pytest.mark.parametrize("name", ["data/none.json", "../../secret.json"])
def test_only_files_beside_the_preset_are_read(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (tmp_path / "secret.json").write_text('{"items": []}', "utf-8")
    assert set(faults(changed(folder, ("data/led_items.json", name)))) == {"items"}
