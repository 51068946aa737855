"""A file is brought in with the mouse and the keyboard, on a desk and on a phone; nothing stands in anybody's way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlalchemy import select

from core.entities.party import Party
from core.jobs.runner import Runner
from core.testing.builders import Firm
from tests.browser.visitor import Desk, text
from tests.core.importing import batch, csv_file

ROWS = (
    ["客户编码", "客户名称", "电话", "联系人", "手机"],
    ["K1", "青岛照明有限公司", "0532-99", "王经理", "13800000000"],
    ["K2", "", "0532-2", "李工", ""],
    ["K3", "大连电气有限公司", "0411-3", "", ""],
    ["K4", "宁波机电设备有限公司", "#REF!", "赵", ""],
)


@pytest.mark.parametrize(("language", "width"), [("zh_Hans_CN", 1440), ("en", 390)])
def test_a_file_is_brought_in_and_taken_back(desk: Desk, firm: Firm, tmp_path: Path, language: str, width: int) -> None:
    """No page of the way is closed to anybody, is wider than its window, or breaks a rule of the browser."""
    firm.party("manager", code="K1", name="青岛照明有限公司", phone="0532-1")
    file = tmp_path / "客户.csv"
    file.write_bytes(csv_file(*ROWS))
    person = desk.seat("manager", language=language, width=width)
    page, faults = person.page, dict[str, list[str]]()
    person.open("/imports/?kind=core.party")
    faults["the list"] = person.faults()
    page.set_input_files("#f-file", str(file))
    page.locator("form[enctype] .btn-primary").click()
    page.wait_for_url(re.compile(r"/imports/\d+/$"))
    faults["the columns"] = person.faults()
    assert page.locator("#f-column-0, [name=column-0]").input_value() == "code"
    page.locator("#f-way").select_option("both")
    page.locator(".card-foot .btn-primary").click()
    page.wait_for_selector("[hx-trigger]")
    faults["while it is checked"] = person.faults()
    Runner(firm.program.works).run_due()
    # The page looks again by itself.
    page.wait_for_selector("#bad-title")
    faults["what would become of it"] = person.faults()
    assert "0532-99" in text(page.locator("section[aria-labelledby=changes-title]"))
    page.locator(".head-actions .btn-primary").click()
    page.wait_for_selector("[hx-trigger]")
    Runner(firm.program.works).run_due()
    page.wait_for_selector("form[action$=undo]")
    faults["the report"] = person.faults()
    key = int(re.findall(r"(\d+)/?$", page.url)[0])
    assert (batch(firm, key).made, batch(firm, key).changed, batch(firm, key).bad) == (1, 1, 2)
    page.locator("form[action$=undo] button").click()
    page.locator("#ask button[value=yes]").click()
    page.wait_for_selector("[hx-trigger]")
    Runner(firm.program.works).run_due()
    page.wait_for_selector(".tag-grey")
    assert firm.as_program(lambda w: [p.phone for p in w.session.scalars(select(Party))]) == ["0532-1"]
    assert {place: found for place, found in faults.items() if found} == {}
