"""Files and people that would do harm: what moved on since it was seen, what is hidden, two at once, empty bulk."""

from __future__ import annotations

import io
from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any

import pytest
import xlsxwriter
from sqlalchemy import func, select

from core.entities.item import Item
from core.entities.party import Party
from core.exchange import bringing, filled, reading, steps, templates
from core.exchange.fields import columns
from core.exchange.reading import form_of
from core.exchange.reading import rows as file_rows
from core.exchange.workbook import sheet_rows
from core.operations import imports, masters
from core.operations.company import switch_off, switch_on
from core.schemas import inputs
from core.testing.builders import Firm
from core.work import Work
from plugins.quotation.documents import Quotation
from plugins.quotation.masters import PriceList
from tests.core.importing import batch, brought, checked, counts, csv_file, faults, go, undone, uploaded, verified

HEAD = ["客户编码", "客户名称", "电话"]
SINCE = "Somebody has changed it since."


def parties(firm: Firm) -> dict[str, Party]:
    """All customers by code, as the program sees them."""
    return firm.as_program(lambda w: {p.code: p for p in w.session.scalars(select(Party)).all()})


def changed(firm: Firm, key: int, **values: Any) -> None:
    """Somebody changes a customer by hand."""
    given = inputs.read(Party, values, partial=True)
    firm.run("manager", lambda w: masters.save(w, Party, given, key=key))


# Moved on since it was looked at ----------------------------------------------------------------------------------


def test_a_record_that_moved_on_since_the_check_is_not_written_over(firm: Firm) -> None:
    """Whoever said yes has seen another value; the others of the file come in, and it comes back among the bad."""
    one, two = (
        firm.party("manager", code="K1", name="甲", phone="1"),
        firm.party("manager", code="K2", name="乙", phone="1"),
    )
    key = checked(firm, Party, csv_file(HEAD, ["K1", "甲", "9"], ["K2", "乙", "9"]), way="change", found_by="code")
    assert counts(firm, key) == ("checked", 0, 2, 0, 0)
    changed(firm, one.id, phone="5")
    go(firm, key)
    assert counts(firm, key) == ("done", 0, 1, 0, 1)
    assert faults(firm, key) == [(2, "", SINCE)]
    assert [parties(firm)[code].phone for code in ("K1", "K2")] == ["5", "9"]
    assert two.id in {p.id for p in parties(firm).values()}


def test_a_record_that_said_the_same_at_the_check_and_another_thing_since_is_not_written_over(firm: Firm) -> None:
    one = firm.party("manager", code="K1", name="甲", phone="1")
    firm.party("manager", code="K2", name="乙", phone="1")
    content = csv_file(HEAD, ["K1", "甲", "1"], ["K2", "乙", "2"])
    key = checked(firm, Party, content, way="both", found_by="code")
    changed(firm, one.id, phone="5")
    go(firm, key)
    assert counts(firm, key) == ("done", 0, 1, 0, 1)
    assert parties(firm)["K1"].phone == "5"


def test_a_record_that_came_since_the_check_is_not_changed_as_if_it_had_been_seen(firm: Firm) -> None:
    """And one that has got another code since is not made a second time."""
    old = firm.party("manager", code="K2", name="乙", phone="1")
    rows = [["K1", "甲", "9"], ["K2", "乙二", "9"], ["K3", "丙", "9"]]
    key = checked(firm, Party, csv_file(HEAD, *rows), way="both", found_by="code")
    firm.party("manager", code="K1", name="甲一", phone="1")
    changed(firm, old.id, code="K9")
    go(firm, key)
    assert counts(firm, key) == ("done", 1, 0, 0, 2)
    assert {code: party.phone for code, party in parties(firm).items()} == {"K1": "1", "K9": "1", "K3": "9"}


def test_nothing_is_taken_back_that_moved_on_or_was_used(firm: Firm) -> None:
    one = firm.party("manager", code="K1", name="甲", phone="1")
    key = brought(firm, Party, csv_file(HEAD, ["K1", "甲", "2"], ["K2", "乙", "2"]), way="both", found_by="code")
    firm.create(Quotation, "manager", party_id=parties(firm)["K2"].id, lines=[])
    changed(firm, one.id, phone="3")
    after = undone(firm, key)
    assert (after.state, [place for place, _text in after.kept_back]) == ("done", [2, 3])
    assert (parties(firm)["K1"].phone, set(parties(firm))) == ("3", {"K1", "K2"})


# Two at once ------------------------------------------------------------------------------------------------------


def test_two_imports_of_the_same_rows_at_once_make_each_record_once(firm: Firm) -> None:
    """Both were checked while nothing was there; each row comes in by one of them, the other tells its rows."""
    rows = [[f"K{n}", f"第{n}照明公司", "1"] for n in range(30)]
    keys = [checked(firm, Party, csv_file(HEAD, *rows)), checked(firm, Party, csv_file(HEAD, *reversed(rows)))]
    for key in keys:
        firm.run("manager", lambda w, k=key: bringing.go(w, k))  # type: ignore[misc]
    together, wrong = Barrier(2), list[BaseException]()

    def carry(key: int) -> None:
        together.wait()
        try:
            steps.carry_on(firm.program.works, firm.id, key)
        except BaseException as error:
            wrong.append(error)

    threads = [Thread(target=carry, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    told = [counts(firm, key) for key in keys]
    assert [state for state, *_rest in told] == ["done", "done"]
    assert (sum(one[1] for one in told), sum(one[4] for one in told)) == (30, 30)
    assert len(parties(firm)) == 30
    assert verified(firm) == []


def test_two_imports_that_change_the_same_records_at_once_lose_nothing(firm: Firm) -> None:
    firm.party("manager", code="K1", name="甲", phone="1")
    keys = [
        checked(firm, Party, csv_file(HEAD, ["K1", "甲", value]), way="change", found_by="code") for value in ("2", "3")
    ]
    for key in keys:
        go(firm, key)
    assert [counts(firm, key)[2:5:2] for key in keys] == [(1, 0), (0, 1)]
    assert parties(firm)["K1"].phone == "2"


# What somebody may not see ----------------------------------------------------------------------------------------


def test_a_field_that_somebody_does_not_see_is_neither_read_nor_written_nor_told(firm: Firm) -> None:
    """The cost of a product: the clerk neither fills it in, nor learns it from a preview, nor gets it in a file."""
    item = firm.item("100")
    values = inputs.read(Item, {"cost": "77.77"}, partial=True)
    firm.as_program(lambda w: masters.write(w, Item, values, key=item.id))
    people = ("clerk", "manager")
    who = next((p for p in people if not firm.read(p, lambda w: "cost" in columns(w, Item))), "")
    assert who, "somebody who edits products and sees no cost"
    head = ["产品编码", "产品名称", "成本"]
    key = uploaded(firm, Item, csv_file(head, [item.code, item.name, "1"]), who)
    assert "cost" not in batch(firm, key).mapping.values()
    out = firm.read(who, lambda w: list(filled.rows(w, Item, [item.id])))
    assert not any("77.77" in cell for row in out for cell in row)


def test_an_area_that_is_switched_off_in_the_middle_stops_the_import_and_nothing_is_half_done(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "RECORDS_AT_ONCE", 2)
    key = checked(firm, PriceList, csv_file(["编码", "名称"], *[[f"L{n}", f"价{n}"] for n in range(5)]))
    firm.run("manager", lambda w: bringing.go(w, key))
    firm.as_program(lambda w: steps.step(w, key))
    areas = ("contract", "quotation")
    dependants = firm.as_program(lambda w: sorted(w.areas))
    for area in areas:
        firm.as_program(lambda w, a=area: switch_off(w, a))  # type: ignore[misc]
    steps.carry_on(firm.program.works, firm.id, key)

    def state(work: Work) -> tuple[str, int]:
        row = work.connection.execute(select(imports._BATCH).where(imports._BATCH.c.id == key)).one()
        made = work.session.scalar(select(func.count(PriceList.id)).where(PriceList.code.like("L%")))
        return row.state, int(made or 0)

    assert firm.as_program(state) == ("failed", 2)
    for area in sorted(set(dependants) & set(areas), reverse=True):
        firm.as_program(lambda w, a=area: switch_on(w, a))  # type: ignore[misc]
    assert undone(firm, key).state == "undone"
    assert firm.as_program(state) == ("undone", 0)


def test_a_customer_of_another_company_is_nobody_here(firm: Firm, other_firm: Firm) -> None:
    theirs = other_firm.party("manager", code="OTHER", name="别家公司")
    for word in ("OTHER", "别家公司", str(theirs.id)):
        key = checked(firm, Party, csv_file([*HEAD, "集团"], [f"K{word}", f"子{word}", "1", word]))
        assert [(row, column) for row, column, _text in faults(firm, key)] == [(2, "集团")]
    key = checked(firm, Party, csv_file(HEAD, ["OTHER", "别家公司", "1"]), way="change", found_by="code")
    assert counts(firm, key) == ("checked", 0, 0, 0, 1)


# Bulk that says nothing, and formulas on the way out ----------------------------------------------------------------


def blank_rows(count: int) -> bytes:
    """A workbook of a heading, so many rows that only have a height, and one row."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"constant_memory": True})
    sheet = book.add_worksheet()
    grey = book.add_format({"bg_color": "#EEEEEE"})
    for across, text in enumerate(HEAD):
        sheet.write(0, across, text)
    for down in range(1, count + 1):
        sheet.write_blank(down, 0, None, grey)
    sheet.write_row(count + 1, 0, ["K1", "甲公司", "1"])
    book.close()
    return target.getvalue()


def test_nobody_waits_at_the_upload_for_rows_that_say_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, the beginning is looked at; the one row behind them comes in all the same."""
    content = blank_rows(40_000)
    seen: list[int] = []
    real: Callable[..., Any] = sheet_rows

    def counting(content: bytes, until: int) -> Any:
        seen.append(until)
        return real(content, until)

    monkeypatch.setattr(reading, "sheet_rows", counting)
    key = uploaded(firm, Party, content)
    assert seen == [bringing.LOOKED_AT]
    firm.run("manager", lambda w: bringing.check(w, key))
    steps.carry_on(firm.program.works, firm.id, key)
    assert counts(firm, key) == ("checked", 1, 0, 0, 0)


def test_a_beginning_is_read_without_the_rest() -> None:
    content = b"a,b\n" + b",\n" * 100_000 + b"c,d\n"
    assert list(file_rows(content, *form_of(content), until=2000)) == [(1, ["a", "b"])]
    assert [number for number, _cells in file_rows(content, *form_of(content))] == [1, 100_002]


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "＝1"])
def test_a_formula_that_came_in_goes_out_as_text(firm: Firm, cell: str) -> None:
    """In bad rows and in a list that is exported to be changed, as xlsx and as CSV."""
    key = checked(firm, Party, csv_file(HEAD, ["K1", "", cell]))
    for form in templates.FORMS:
        out = firm.run("manager", lambda w, f=form: templates.written(f, templates.bad_rows(w, imports.find(w, key))))  # type: ignore[misc]
        if form == "csv":
            line = out.decode("utf-8-sig").splitlines()[1]
            assert all(not part.strip('"').startswith(("=", "+", "-", "@", "\t", "＝")) for part in line.split(","))
        assert list(file_rows(out, *form_of(out)))[1][1][2] == cell.strip()
