"""Customers, products and prices come in from files: checked cell by cell, all good ones at once, taken back whole."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from core.documents.reading import load_master
from core.entities.item import Item
from core.entities.master import Master
from core.entities.party import Contact, Party
from core.errors import Conflict, Forbidden, Invalid, Unknown
from core.exchange import bringing, steps, templates
from core.exchange.reading import form_of
from core.exchange.reading import rows as file_rows
from core.jobs.core_jobs import sweep
from core.jobs.runner import Runner
from core.operations import imports, masters
from core.operations import people as staff
from core.records.imports import ImportFile
from core.records.models import History
from core.schemas import inputs
from core.search import index
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import CHINESE, speaking
from core.work import Ask, System, Work
from plugins.quotation.documents import Quotation
from plugins.quotation.masters import PriceList
from tests.core.importing import (
    batch,
    brought,
    checked,
    counts,
    csv_file,
    faults,
    go,
    record_ids,
    undone,
    uploaded,
    verified,
    workbook,
)

ROOT = Path(__file__).resolve().parents[2]
HEAD = ["客户编码", "客户名称", "电话", "联系人", "手机"]


def parties(firm: Firm) -> dict[str, Party]:
    """All customers by code, as the program sees them."""
    return firm.as_program(lambda w: {p.code: p for p in w.session.scalars(select(Party)).all()})


def whole(firm: Firm, cls: type[Master], key: int) -> Any:
    """A record with its parts."""
    return firm.as_program(lambda w: load_master(w, cls, key))


def people(firm: Firm, party: Party) -> list[str]:
    """The names of a customer's contacts."""
    return [c.name for c in whole(firm, Party, party.id).contacts]


def many(count: int, first: int = 1) -> bytes:
    """A file of so many customers with a contact each."""
    rows = [
        [f"K{n:05}", f"青岛第{n}照明有限公司", "0532-1", f"王{n}", "13800000000"] for n in range(first, first + count)
    ]
    return csv_file(HEAD, *rows)


# Coming in --------------------------------------------------------------------------------------------------------


def test_customers_come_in_with_their_contacts_as_if_made_by_hand(firm: Firm) -> None:
    content = csv_file(
        ["客户编码", "客户名称", "业务员", "客户等级", "联系人", "手机"],
        ["K1", "青岛照明有限公司", "王小明", "A", "王经理", "13800000000"],
        ["", "", "", "", "李工", ""],
        ["K2", "大连电气有限公司", f"rep2@{firm.code}", "", "", ""],
    )
    key = brought(firm, Party, content)
    assert counts(firm, key) == ("done", 2, 0, 0, 0)
    one, two = (parties(firm)[code] for code in ("K1", "K2"))
    assert (one.name, one.owner_id, one.party_class) == ("青岛照明有限公司", firm.people["rep"], "A")
    assert (two.owner_id, two.created_by) == (firm.people["rep2"], firm.people["manager"])
    assert people(firm, one) == ["王经理", "李工"]
    assert record_ids(firm, key) == [one.id, two.id]


def test_what_comes_in_is_kept_like_what_is_typed(firm: Firm) -> None:
    """The same entry of the history, the same columns, found by the same words; and its chain verifies."""
    given = {"name": "青岛照明有限公司", "phone": "0532-1", "contacts": [{"name": "王经理", "mobile": "138"}]}
    typed = firm.party("manager", code="A1", **given)
    content = csv_file(
        ["编码", "名称", "电话", "联系人", "手机"], ["A2", "大连照明有限公司", "0532-1", "王经理", "138"]
    )
    brought(firm, Party, content)
    came = parties(firm)["A2"]

    def entries(work: Work, key: int) -> list[dict[str, Any]]:
        mine = (History.kind == "core.party", History.record_id == key)
        return [dict(row.changes) for row in work.session.scalars(select(History).where(*mine))]

    by_hand, by_file = (firm.as_program(lambda w, k=key: entries(w, k)) for key in (typed.id, came.id))  # type: ignore[misc]
    own = {"code", "name"}
    assert [{k: v for k, v in one.items() if k not in own} for one in by_hand] == [
        {k: v for k, v in one.items() if k not in own} for one in by_file
    ]
    plain = {"id", "code", "name", "name_key", "head", "created_at", "updated_at"}
    columns = [c.key for c in Party.__table__.columns if c.key not in plain]
    assert [getattr(typed, c) for c in columns] == [getattr(came, c) for c in columns]
    assert firm.as_program(lambda w: index.matching(w, "core.party", "大连")) == [came.id]
    assert verified(firm) == []


def test_customers_without_a_code_get_the_next_ones_and_typed_ones_are_passed_over(firm: Firm) -> None:
    firm.party("manager", code="C00002")
    brought(firm, Party, csv_file(["客户名称"], *[[f"第{n}照明有限公司"] for n in range(4)]))
    codes = sorted(code for code in parties(firm) if code != "C00002")
    assert len(codes) == 4
    assert "C00002" not in codes


def test_products_come_in_with_units_and_prices_from_a_workbook(firm: Firm) -> None:
    content = workbook(
        ["产品编码*", "产品名称", "单位", "单价", "成本", "税率", "Further units: Unit", "Further units: Factor"],
        ["P-1", "洗墙灯", "套", 1234.5, "￥1,000.00", "13%", "箱", 12],
        [None, None, None, None, None, None, "托", "1,200"],
        ["P-2", "安装", "次", "100", None, "6%", None, None],
    )
    assert counts(firm, brought(firm, Item, content))[:2] == ("done", 2)
    items = firm.as_program(lambda w: {i.code: i for i in w.session.scalars(select(Item)).all()})
    lamp = whole(firm, Item, items["P-1"].id)
    assert (lamp.list_price, lamp.cost) == (Decimal("1234.5"), Decimal(1000))
    assert [(u.unit, u.factor) for u in lamp.units] == [("箱", Decimal(12)), ("托", Decimal(1200))]
    rates = {t.id: t.rate for t in firm.as_program(lambda w: w.company.taxes)}
    assert [rates[items[code].tax_rate_id or 0] for code in ("P-1", "P-2")] == [Decimal("0.13"), Decimal("0.06")]


def test_a_price_list_comes_in_with_prices_of_products_named_by_their_code(firm: Firm) -> None:
    first, second = firm.item(), firm.item()
    content = csv_file(
        ["编码", "名称", "Prices: Product", "Prices: From quantity", "Prices: Price"],
        ["L1", "零售价", first.code, "0", "90"],
        ["L1", "零售价", first.code, "10", "80"],
        ["L1", "零售价", second.code, "0", "70"],
    )
    assert counts(firm, brought(firm, PriceList, content)) == ("done", 1, 0, 0, 0)
    (key,) = firm.as_program(lambda w: list(w.session.scalars(select(PriceList.id))))
    found = whole(firm, PriceList, key)
    assert [(p.item_id, p.minimum, p.price) for p in found.prices] == [
        (first.id, 0, 90),
        (first.id, 10, 80),
        (second.id, 0, 70),
    ]


# What is wrong ----------------------------------------------------------------------------------------------------


def test_every_fault_is_told_at_its_cell_in_the_readers_language(firm: Firm) -> None:
    firm.party("manager", code="OLD", name="老客户有限公司")
    content = csv_file(
        ["客户编码", "客户名称", "统一社会信用代码", "业务员", "客户等级"],
        ["K1", "", "", "", ""],
        ["K2", "甲公司", "91370200XXXX", "", ""],
        ["K3", "乙公司", "", "没有这个人", "Z"],
        ["K4", "老客户有限公司", "", "", ""],
        ["OLD", "丙公司", "", "", ""],
        ["K6", "好公司", "", "", ""],
    )
    key = checked(firm, Party, content)
    assert counts(firm, key) == ("checked", 1, 0, 0, 5)
    with speaking(CHINESE):
        told = faults(firm, key)
    assert [(row, column) for row, column, _text in told] == [
        (2, "客户名称"),
        (3, "统一社会信用代码"),
        (4, "业务员"),
        (4, "客户等级"),
        (5, "客户名称"),
        (6, "客户编码"),
    ]
    assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for _row, _column, text in told)


def test_good_rows_come_in_and_bad_ones_come_back_with_what_is_wrong(firm: Firm) -> None:
    rows = [["K1", "甲公司", "", "", ""], ["K2", "", "=cmd()", "", ""], ["K3", "丙公司", "", "", ""]]
    key = brought(firm, Party, csv_file(HEAD, *rows))
    assert counts(firm, key) == ("done", 2, 0, 0, 1)
    assert set(parties(firm)) == {"K1", "K3"}

    def back(form: str) -> list[list[str]]:
        content = firm.run("manager", lambda w: templates.written(form, templates.bad_rows(w, imports.find(w, key))))
        return [cells for _number, cells in file_rows(content, *form_of(content))]

    for form in ("csv", "xlsx"):
        head, bad = back(form)
        assert head[:5] == HEAD
        assert bad[:3] == ["K2", "", "=cmd()"]
        assert "客户名称: This is needed." in bad[5]


def test_what_came_back_is_corrected_and_comes_in(firm: Firm) -> None:
    """The column of what was wrong is read as nothing."""
    key = checked(firm, Party, csv_file(HEAD, ["K1", "", "", "", ""]))
    content = firm.run("manager", lambda w: templates.written("csv", templates.bad_rows(w, imports.find(w, key))))
    corrected = content.decode().replace("K1,,", "K1,甲公司,").encode()
    assert counts(firm, brought(firm, Party, corrected)) == ("done", 1, 0, 0, 0)


def test_the_same_twice_in_one_file_is_told_with_the_first_row_wherever_it_stands(firm: Firm) -> None:
    """Also when more rows lie between them than are looked at together."""
    between = [[f"X{n}", f"第{n}公司", "", "", ""] for n in range(steps.RECORDS_AT_ONCE)]
    rows = [["K1", "甲公司", "", "", ""], ["k2", "甲公司", "", "", ""], *between, ["K1", "乙公司", "", "", ""]]
    key = checked(firm, Party, csv_file(HEAD, *rows))
    told = faults(firm, key)
    assert [(row, column) for row, column, _text in told] == [(3, "客户名称"), (len(rows) + 1, "客户编码")]
    assert "2" in told[1][2]


def test_a_name_that_several_records_have_asks_for_the_code(firm: Firm) -> None:
    for code in ("P-1", "P-2"):
        firm.item(code=code, name="同名灯")
    content = csv_file(["编码", "名称", "Prices: Product", "Prices: Price"], ["L1", "零售价", "同名灯", "90"])
    assert [text for _row, _column, text in faults(firm, checked(firm, PriceList, content))] == [
        "“同名灯” names 2 records; give the code."
    ]


def test_what_the_database_alone_refuses_spoils_no_other_row(firm: Firm) -> None:
    """Two prices for the same quantity: found only when it is written; the other lists come in."""
    item = firm.item()
    head = ["编码", "名称", "Prices: Product", "Prices: From quantity", "Prices: Price"]
    bad = [["L2", "二", item.code, "0", "90"], ["L2", "二", item.code, "0", "80"]]
    rows = [["L1", "一", item.code, "0", "90"], *bad, ["L3", "三", item.code, "0", "90"]]
    key = brought(firm, PriceList, csv_file(head, *rows))
    assert counts(firm, key) == ("done", 2, 0, 0, 1)
    assert [(row, text) for row, _column, text in faults(firm, key)] == [(3, "This already exists.")]


def test_a_file_of_headings_alone_or_of_too_many_rows_is_refused(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    assert batch(firm, checked(firm, Party, csv_file(HEAD))).state == "failed"
    monkeypatch.setattr(steps, "MOST_ROWS", 3)
    key = checked(firm, Party, many(4))
    assert batch(firm, key).state == "failed"
    assert "divide" in str(imports.unpacked(batch(firm, key).problem[0]))


def test_a_file_without_what_is_needed_is_not_checked(firm: Firm) -> None:
    key = uploaded(firm, Party, csv_file(["电话"], ["1"]))
    with pytest.raises(Invalid) as refused:
        firm.run("manager", lambda w: bringing.check(w, key))
    assert "Full name" in str(refused.value.faults[0].text)


# Columns ----------------------------------------------------------------------------------------------------------


def test_the_reading_of_columns_is_chosen_and_remembered_by_company_and_type(firm: Firm, other_firm: Firm) -> None:
    content = csv_file(["买方", "什么"], ["甲公司", "0532"])
    key = uploaded(firm, Party, content)
    assert batch(firm, key).mapping == {}
    firm.run("manager", lambda w: bringing.check(w, key, mapping={"买方": "name", "1": "phone"}))
    steps.carry_on(firm.program.works, firm.id, key)
    go(firm, key)
    again = uploaded(firm, Party, csv_file(["什么", "买方"], ["1", "乙公司"]))
    assert batch(firm, again).mapping == {"0": "phone", "1": "name"}
    assert batch(other_firm, uploaded(other_firm, Party, content)).mapping == {}
    assert batch(firm, uploaded(firm, Item, content)).mapping == {}


@pytest.mark.parametrize("mapping", [{"9": "name"}, {"0": "weather"}, {"0": "name", "1": "name"}, {"nowhere": "name"}])
def test_a_column_or_field_that_is_not_there_is_refused(firm: Firm, mapping: dict[str, str]) -> None:
    key = uploaded(firm, Party, csv_file(["买方", "名"], ["甲公司", "乙"]))
    with pytest.raises(Invalid):
        firm.run("manager", lambda w: bringing.check(w, key, mapping=mapping))


def test_fields_that_somebody_does_not_see_cannot_be_filled(firm: Firm) -> None:
    """The clerk sees no cost."""
    content = csv_file(["产品编码", "产品名称", "单位", "成本"], ["P1", "灯", "套", "7"])
    key = uploaded(firm, Item, content, "clerk")
    assert "cost" not in batch(firm, key).mapping.values()
    with pytest.raises(Invalid):
        firm.run(
            "clerk", lambda w: bringing.check(w, key, mapping={"0": "code", "1": "name", "2": "unit", "3": "cost"})
        )


# Changes ----------------------------------------------------------------------------------------------------------


def test_records_are_found_by_code_and_changed_with_what_differs_shown_before(firm: Firm) -> None:
    old = firm.party("manager", code="K1", name="甲公司", phone="1", contacts=[{"name": "王经理", "mobile": "1"}])
    same = firm.party("manager", code="K2", name="乙公司", phone="2")
    content = csv_file(
        HEAD, ["K1", "甲公司", "9", "王经理", "8"], ["K2", "乙公司", "", "", ""], ["K3", "丙公司", "3", "", ""]
    )
    key = checked(firm, Party, content, way="both", found_by="code")
    assert counts(firm, key) == ("checked", 1, 1, 1, 0)
    (shown,) = firm.as_program(lambda w: imports.rows(w, key, changed=True))
    assert shown.before == {"phone": ["1", "9"], "contacts": [None, 1]}
    go(firm, key)
    now = whole(firm, Party, old.id)
    assert (now.phone, now.version, [(c.name, c.mobile) for c in now.contacts]) == ("9", 2, [("王经理", "8")])
    assert parties(firm)["K2"].version == same.version
    assert "K3" in parties(firm)
    assert verified(firm) == []


def test_only_changes_makes_nothing_new_and_only_new_changes_nothing(firm: Firm) -> None:
    firm.party("manager", code="K1", name="甲公司", phone="1")
    content = csv_file(HEAD, ["K1", "甲公司", "9", "", ""], ["K2", "乙公司", "", "", ""])
    key = checked(firm, Party, content, way="change", found_by="code")
    assert counts(firm, key) == ("checked", 0, 1, 0, 1)
    assert faults(firm, key) == [(3, "客户编码", "There is no such record to change.")]
    assert counts(firm, checked(firm, Party, content)) == ("checked", 1, 0, 0, 1)


def test_customers_are_found_by_name_and_by_credit_code_however_written(firm: Firm) -> None:
    firm.party("manager", code="K1", name="青岛照明有限公司", credit_code="91350100M000100Y43")
    by_name = csv_file(["客户名称", "电话"], ["青岛 照明有限公司", "1"])
    assert counts(firm, brought(firm, Party, by_name, way="change", found_by="name"))[2] == 1
    by_code = csv_file(["信用代码", "电话"], ["9135 0100-M000100Y43", "2"])
    assert counts(firm, brought(firm, Party, by_code, way="change", found_by="credit_code"))[2] == 1
    assert parties(firm)["K1"].phone == "2"


def test_a_change_is_checked_like_one_by_hand(firm: Firm) -> None:
    firm.party("manager", code="K1", name="甲公司")
    firm.party("manager", code="K2", name="乙公司")
    key = checked(firm, Party, csv_file(HEAD, ["K1", "乙公司", "", "", ""]), way="change", found_by="code")
    assert [(row, column) for row, column, _text in faults(firm, key)] == [(2, "客户名称")]


def test_who_reaches_only_his_own_customers_changes_no_others(firm: Firm) -> None:
    firm.party("rep2", code="K1", name="甲公司", phone="1")
    firm.party("rep", code="K2", name="乙公司", phone="1")
    content = csv_file(["客户编码", "电话"], ["K1", "2"], ["K2", "2"])
    key = brought(firm, Party, content, "rep", way="change", found_by="code")
    assert counts(firm, key) == ("done", 0, 1, 0, 1)
    assert {code: p.phone for code, p in parties(firm).items()} == {"K1": "1", "K2": "2"}


# Taking back ------------------------------------------------------------------------------------------------------


def test_an_import_is_taken_back_whole(firm: Firm) -> None:
    """What it made is gone, what it changed is as before, also in the rows of parts; history tells both."""
    old = firm.party("manager", code="K1", name="甲公司", phone="1", contacts=[{"name": "王经理", "mobile": "1"}])
    rows = [["K1", "甲公司", "9", "王经理", "8"], ["", "", "", "李工", ""], ["K2", "乙公司", "2", "赵", ""]]
    key = brought(firm, Party, csv_file(HEAD, *rows), way="both", found_by="code")
    assert counts(firm, key)[1:3] == (1, 1)
    assert people(firm, old) == ["王经理", "李工"]
    gone = parties(firm)["K2"]
    assert undone(firm, key).state == "undone"
    now = whole(firm, Party, old.id)
    assert (now.phone, [(c.name, c.mobile) for c in now.contacts]) == ("1", [("王经理", "1")])
    assert set(parties(firm)) == {"K1"}
    assert firm.as_program(lambda w: w.session.scalar(select(func.count()).where(Contact.party_id == gone.id))) == 0
    assert firm.as_program(lambda w: index.matching(w, "core.party", "乙公司")) == []
    assert verified(firm) == []
    # The same file comes in again.
    assert counts(firm, brought(firm, Party, csv_file(HEAD, *rows), way="both", found_by="code"))[1:3] == (1, 1)


def test_nothing_is_taken_back_while_something_was_built_on_a_row(firm: Firm) -> None:
    key = brought(firm, Party, csv_file(HEAD, *[[f"K{n}", f"第{n}公司", "", "", ""] for n in range(1, 5)]))
    made, item = parties(firm), firm.item()
    firm.create(Quotation, "manager", party_id=made["K2"].id, lines=[line(item)])
    values = inputs.read(Party, {"phone": "5"}, partial=True)
    firm.run("manager", lambda w: masters.save(w, Party, values, key=made["K4"].id))
    after = undone(firm, key)
    assert after.state == "done"
    assert [(place, str(imports.unpacked(text))) for place, text in after.kept_back] == [
        (3, "Something else refers to it by now."),
        (5, "Something has happened to it since."),
    ]
    assert set(parties(firm)) == {"K1", "K2", "K3", "K4"}


def test_a_change_is_not_taken_back_over_a_later_one(firm: Firm) -> None:
    old = firm.party("manager", code="K1", name="甲公司", phone="1")
    key = brought(firm, Party, csv_file(HEAD, ["K1", "甲公司", "2", "", ""]), way="change", found_by="code")
    values = inputs.read(Party, {"phone": "3"}, partial=True)
    firm.run("manager", lambda w: masters.save(w, Party, values, key=old.id))
    assert [place for place, _text in undone(firm, key).kept_back] == [2]
    assert parties(firm)["K1"].phone == "3"


def test_records_of_one_file_that_name_each_other_go_together(firm: Firm) -> None:
    brought(firm, Party, csv_file(HEAD, ["G1", "集团公司", "", "", ""]))
    content = csv_file(["客户编码", "客户名称", "集团"], ["K1", "甲公司", "G1"])
    key = brought(firm, Party, content)
    assert parties(firm)["K1"].parent_id == parties(firm)["G1"].id
    assert undone(firm, key).state == "undone"
    assert set(parties(firm)) == {"G1"}


# Once, and no more ------------------------------------------------------------------------------------------------


def test_nothing_happens_twice(firm: Firm) -> None:
    key = brought(firm, Party, many(3))
    for again in (
        lambda w: bringing.go(w, key),
        lambda w: bringing.check(w, key),
        lambda w: imports.drop(w, key),
    ):
        with pytest.raises(Conflict):
            firm.run("manager", again)
    steps.carry_on(firm.program.works, firm.id, key)
    Runner(firm.program.works).run_due()
    assert len(parties(firm)) == 3
    undone(firm, key)
    with pytest.raises(Conflict):
        firm.run("manager", lambda w: imports.undo(w, key))


def test_jobs_carry_an_import_on_by_themselves(firm: Firm) -> None:
    """The runner does every step; nobody has to wait for it in a request."""
    key = uploaded(firm, Party, many(3))
    firm.run("manager", lambda w: bringing.check(w, key))
    Runner(firm.program.works).run_due()
    assert batch(firm, key).state == "checked"
    firm.run("manager", lambda w: bringing.go(w, key))
    Runner(firm.program.works).run_due()
    assert counts(firm, key) == ("done", 3, 0, 0, 0)


def test_a_killed_worker_loses_no_row_and_brings_none_in_twice(
    firm: Firm, database: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kill -9 in the middle of writing; another carries on where the last whole step ended."""
    key = checked(firm, Party, many(60))
    firm.run("manager", lambda w: bringing.go(w, key))
    command = [sys.executable, "-m", "tests.core.import_worker", database.url, str(firm.id), str(key), str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while not (tmp_path / "third").exists():
            assert process.poll() is None
            time.sleep(0.02)
    finally:
        process.kill()
        process.wait()
    half = batch(firm, key)
    assert (half.state, half.made) == ("writing", 20)
    assert len(parties(firm)) == 20
    steps.carry_on(firm.program.works, firm.id, key)
    assert counts(firm, key) == ("done", 60, 0, 0, 0)
    assert sorted(parties(firm)) == [f"K{n:05}" for n in range(1, 61)]


def test_the_file_is_forgotten_once_it_is_in(firm: Firm) -> None:
    key = brought(firm, Party, many(2))
    assert firm.as_program(lambda w: w.session.scalar(select(func.count(ImportFile.import_id)))) == 0
    with pytest.raises(Unknown):
        firm.as_program(lambda w: imports.content(w, key))


def test_the_very_same_file_is_recognised(firm: Firm) -> None:
    key = brought(firm, Party, many(2))
    again = uploaded(firm, Party, many(2))
    assert firm.as_program(lambda w: imports.earlier(w, imports.find(w, again)).id) == key
    undone(firm, key)
    assert firm.as_program(lambda w: imports.earlier(w, imports.find(w, again))) is None


# Who may ----------------------------------------------------------------------------------------------------------


def test_who_may_not_make_records_brings_none_in(firm: Firm) -> None:
    with pytest.raises(Forbidden):
        uploaded(firm, Party, many(1), "finance")
    assert Party not in firm.read("finance", imports.importable)


def test_an_import_is_seen_by_whoever_made_it_and_by_administrators(firm: Firm, other_firm: Firm) -> None:
    key = uploaded(firm, Party, many(1))
    for who in ("rep", "finance"):
        with pytest.raises(Unknown):
            firm.read(who, lambda w: imports.find(w, key))
    with pytest.raises(Unknown):
        other_firm.read("manager", lambda w: imports.find(w, key))
    assert [row.id for row in firm.read("manager", imports.latest)] == [key]
    assert firm.read("rep", imports.latest) == []
    assert other_firm.read("manager", imports.latest) == []


def test_rights_lost_on_the_way_stop_it(firm: Firm) -> None:
    key = checked(firm, Party, many(2))
    firm.run("manager", lambda w: bringing.go(w, key))
    firm.run("admin", lambda w: staff.set_roles(w, firm.people["manager"], ["finance"]))
    steps.carry_on(firm.program.works, firm.id, key)
    assert batch(firm, key).state == "failed"
    assert parties(firm) == {}


def test_what_was_in_when_rights_were_lost_can_still_be_taken_back(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is neither checked once more nor forgotten."""
    monkeypatch.setattr(steps, "RECORDS_AT_ONCE", 2)
    key = checked(firm, Party, many(4))
    firm.run("manager", lambda w: bringing.go(w, key))
    firm.as_program(lambda w: steps.step(w, key))
    firm.run("admin", lambda w: staff.set_roles(w, firm.people["manager"], ["finance"]))
    steps.carry_on(firm.program.works, firm.id, key)
    assert (batch(firm, key).state, len(parties(firm))) == ("failed", 2)
    firm.run("admin", lambda w: staff.set_roles(w, firm.people["manager"], ["sales_manager"]))
    with pytest.raises(Conflict):
        firm.run("manager", lambda w: imports.drop(w, key))
    with pytest.raises(Conflict):
        firm.run("manager", lambda w: bringing.check(w, key))
    assert undone(firm, key).state == "undone"
    assert parties(firm) == {}


def test_files_that_nobody_brings_in_are_forgotten_after_a_month(firm: Firm) -> None:
    old, done = uploaded(firm, Party, many(1)), brought(firm, Party, many(2))
    later = Ask(firm.id, System("test"), now=datetime.now(UTC) + timedelta(days=31))
    firm.program.works.run(later, sweep)
    with pytest.raises(Unknown):
        batch(firm, old)
    assert batch(firm, done).state == "done"


# How much ---------------------------------------------------------------------------------------------------------


def statements(firm: Firm, count: int, first: int) -> tuple[int, int]:
    """How many statements the check and the writing of so many customers take."""
    key = uploaded(firm, Party, many(count, first))
    firm.run("manager", lambda w: bringing.check(w, key))
    with counted(firm.program.engine) as checking:
        steps.carry_on(firm.program.works, firm.id, key)
    firm.run("manager", lambda w: bringing.go(w, key))
    with counted(firm.program.engine) as writing:
        steps.carry_on(firm.program.works, firm.id, key)
    assert counts(firm, key)[1] == count
    return len(checking), len(writing)


def test_statements_do_not_grow_with_the_rows_of_a_batch(firm: Firm) -> None:
    statements(firm, 2, 1)
    few, more = statements(firm, 5, 100), statements(firm, 200, 1000)
    assert few == more
    assert more[0] <= 32
    assert more[1] <= 32


def test_changes_and_their_way_back_take_no_more_statements_for_more_rows(firm: Firm) -> None:
    brought(firm, Party, many(200))

    def told(rows: Sequence[int]) -> tuple[int, int]:
        content = csv_file(["客户编码", "电话"], *[[f"K{n:05}", f"9{n}"] for n in rows])
        key = checked(firm, Party, content, way="change", found_by="code")
        firm.run("manager", lambda w: bringing.go(w, key))
        with counted(firm.program.engine) as writing:
            steps.carry_on(firm.program.works, firm.id, key)
        assert counts(firm, key)[2] == len(rows)
        firm.run("manager", lambda w: imports.undo(w, key))
        with counted(firm.program.engine) as back:
            steps.carry_on(firm.program.works, firm.id, key)
        assert batch(firm, key).state == "undone"
        return len(writing), len(back)

    told([1])
    assert told(range(2, 7)) == told(range(10, 200))
