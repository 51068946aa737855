"""Every preset file is a whole, consistent company: each name in it leads to something that is there."""

from __future__ import annotations

import json
import re
import tomllib
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.numbering import check_pattern, series
from core.roles import BY_KEY, Scope

PRESETS = Path(__file__).parents[2] / "plugins" / "presets"
FILES = sorted(PRESETS.glob("*.toml"))
AREAS = {
    "crm", "quotation", "contract", "logistics", "billing", "credit", "aftersales",
    "production", "worklog", "expense", "materials", "performance", "oversight", "analytics",
}  # fmt: skip


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return Path(request.param)


@pytest.fixture(scope="module")
def preset(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def items(preset: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((PRESETS / preset["items"]["file"]).read_text("utf-8"))["items"]
    return found


def test_there_are_the_two_companies() -> None:
    assert {path.stem for path in FILES} >= {"led_distributor", "bearing_manufacturer"}


def test_a_preset_is_found_under_its_own_name(path: Path, preset: dict[str, Any]) -> None:
    assert preset["preset"]["key"] == path.stem


def test_no_two_presets_share_a_company_code_or_a_login() -> None:
    files = [tomllib.loads(path.read_text("utf-8")) for path in FILES]
    codes = Counter(one["company"]["code"] for one in files)
    logins = Counter(person["login"] for one in files for person in one["people"])
    assert max(codes.values()) == 1
    assert max(logins.values()) == 1


def test_areas_are_areas_of_the_rulebook(preset: dict[str, Any]) -> None:
    areas = preset["areas"]
    assert set(areas["on"]) | set(areas["optional"]) <= AREAS
    assert not set(areas["on"]) & set(areas["optional"])
    assert {"crm", "quotation"} <= set(areas["on"])


def test_departments_form_one_tree_with_heads_from_the_company(preset: dict[str, Any]) -> None:
    logins = {person["login"] for person in preset["people"]}
    parents = {one["key"]: one.get("parent") for one in preset["departments"]}
    assert len(parents) == len(preset["departments"])
    assert [key for key, parent in parents.items() if parent is None] == ["management"]
    assert all(one["head"] in logins for one in preset["departments"])
    for key in parents:
        assert _top(parents, key) == "management"


def _top(above: dict[str, str | None], key: str) -> str:
    for _step in above:
        parent = above[key]
        if parent is None:
            return key
        key = parent
    raise AssertionError(f"{key} is in a circle")


def test_people_have_a_department_a_superior_and_roles_of_the_company(preset: dict[str, Any]) -> None:
    departments = {one["key"] for one in preset["departments"]}
    superiors = {person["login"]: person.get("superior") for person in preset["people"]}
    assert len(superiors) == len(preset["people"])
    for person in preset["people"]:
        assert person["department"] in departments
        assert person["roles"]
        assert set(person["roles"]) <= set(preset["roles"])
        assert "general_manager" in person["roles"] or person["superior"] in superiors
        leader = next(one for one in preset["people"] if one["login"] == _top(superiors, person["login"]))
        assert leader["roles"] == ["general_manager"]


def test_the_distributor_works_on_saturdays_and_the_maker_does_not() -> None:
    weeks = {path.stem: tomllib.loads(path.read_text("utf-8"))["company"]["week"] for path in FILES}
    assert weeks["led_distributor"] == "123456"
    assert weeks["bearing_manufacturer"] == "12345"


def test_there_is_a_person_for_every_role(preset: dict[str, Any]) -> None:
    filled = {role for person in preset["people"] for role in person["roles"]}
    assert filled == set(preset["roles"])


def test_every_approval_step_is_a_role_with_somebody_in_it(preset: dict[str, Any]) -> None:
    offers = [one for one in preset["approvals"] if one["kind"] == "quotation.quotation"]
    assert [step["role"] for step in offers[0]["steps"]] == ["sales_manager", "general_manager"]
    assert Decimal(offers[0]["steps"][1]["from_amount"]) > 0
    assert "from_amount" not in offers[0]["steps"][0]
    for policy in preset["approvals"]:
        assert all(step["role"] in preset["roles"] for step in policy["steps"])


def test_number_series_are_patterns_that_can_number_documents(preset: dict[str, Any]) -> None:
    for pattern in preset["series"].values():
        check_pattern(pattern)
    starts = Counter(pattern.split("{")[0] for pattern in preset["series"].values())
    assert max(starts.values()) == 1


def test_offers_are_numbered_anew_each_day_or_each_year() -> None:
    patterns = {
        path.stem: tomllib.loads(path.read_text("utf-8"))["series"]["quotation.quotation"] for path in FILES
    }
    day = date(2026, 11, 25)
    assert series(patterns["led_distributor"]).render(7, day) == "BJ-20261125-007"
    assert series(patterns["led_distributor"]).period(day) == "20261125"
    assert series(patterns["bearing_manufacturer"]).render(7, day) == "GF26-00007"
    assert series(patterns["bearing_manufacturer"]).period(day) == "2026"


def test_roles_are_standard_ones_or_say_which_one_they_resemble(preset: dict[str, Any]) -> None:
    for key, role in preset["roles"].items():
        assert role.get("like", key) in BY_KEY
        assert role["scope"] in set(Scope)
        assert role["name"]
        assert role["name_en"].isascii()


def test_settings_series_and_approvals_belong_to_areas_of_the_company(preset: dict[str, Any]) -> None:
    areas = {"core", *preset["areas"]["on"], *preset["areas"]["optional"]}
    names = [*preset["settings"], *preset["series"], *(one["kind"] for one in preset["approvals"])]
    assert {name.split(".")[0] for name in names} <= areas


def test_items_have_codes_of_their_own_and_prices_in_the_right_order(items: list[dict[str, Any]]) -> None:
    codes = [item["code"] for item in items]
    assert len(items) >= 110
    assert len(set(codes)) == len(codes)
    for item in items:
        cost, floor, listed = (Decimal(item[key]) for key in ("cost", "floor_price", "list_price"))
        assert 0 < cost < floor < listed
        assert item["class"] in "ABC"
        assert re.fullmatch(r"\d{19}", item["tax_code"])
        assert item["tax_rate"] in ("13", "9", "6")
        assert all(item[key] for key in ("name", "specification", "unit"))
        assert item["name_en"].isascii()


def test_all_three_classes_and_some_services_are_offered(items: list[dict[str, Any]]) -> None:
    assert {item["class"] for item in items} == {"A", "B", "C"}
    assert sum(item["kind"] == "service" for item in items) >= 4


def test_price_lists_are_last_years_this_years_and_next_years(preset: dict[str, Any]) -> None:
    prices = tomllib.loads((PRESETS / preset["prices"]["file"]).read_text("utf-8"))
    assert [one["year"] for one in prices["lists"]] == [-1, 0, 1]
    assert {tier["customer_class"] for tier in prices["tiers"]} == {"A", "B", "C"}
    for tier in prices["tiers"]:
        quantities = [Decimal(one) for one in tier["quantities"]]
        factors = [Decimal(one) for one in tier["factors"]]
        assert quantities[0] == 1
        assert quantities == sorted(set(quantities))
        assert len(factors) == len(quantities)
        assert factors == sorted(factors, reverse=True)
        assert Decimal("0.5") < factors[-1] < factors[0] < 1
