"""A company from one file by one command."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.testing.fixtures import Database
from tests.core.command_line import CommandLine

PASSWORD = "Blue-Lamp-77"


@pytest.fixture
def zhanggui(database: Database, tmp_path: Path) -> CommandLine:
    """The command line over a migrated database."""
    return CommandLine.over(database.url, database.owner_url, tmp_path / "data")


def test_the_presets_are_listed_and_each_is_set_up_by_one_command(zhanggui: CommandLine) -> None:
    listed = zhanggui.fine("preset", "list")
    assert "led_distributor" in listed
    assert "bearing_manufacturer" in listed
    assert "led" in zhanggui.fine("preset", "load", "led_distributor", "--password-stdin", given=f"{PASSWORD}\n")
    assert "zhanggui account password" in zhanggui.fine("preset", "load", "bearing_manufacturer")
    zhanggui.fine("preset", "load", "it_company")
    zhanggui.fine("preset", "load", "feed_mill")
    companies = zhanggui.fine("company", "list")
    assert "青岛曜澜亮化照明有限公司" in companies
    assert "苏州衡钧轴承制造有限公司" in companies
    assert "杭州澈数信息技术有限公司" in companies
    assert "潍坊禾旺饲料有限公司" in companies
    assert "sales_manager" in zhanggui.fine("account", "list", "led")


def test_a_preset_that_is_not_there_or_was_loaded_before_is_refused_in_a_sentence(
    zhanggui: CommandLine, tmp_path: Path
) -> None:
    assert "zhanggui preset list" in zhanggui.refused("preset", "load", "pharmacy")
    broken = tmp_path / "broken.toml"
    broken.write_text("[company]\ncode = 'x'\n", "utf-8")
    assert "company:" in zhanggui.refused("preset", "load", str(broken))
    zhanggui.fine("preset", "load", "led_distributor")
    assert "sunli" in zhanggui.refused("preset", "load", "led_distributor")
