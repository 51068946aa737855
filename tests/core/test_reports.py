"""Reports: pages by key, sums over everything in the database, files without formulas, and the walls of the company."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, func, select, union_all
from sqlalchemy.orm import aliased

from core import reports
from core.documents.models import Document, DocumentLine
from core.entities.item import Item
from core.entities.party import Party
from core.errors import Invalid
from core.exchange import sheets
from core.extension.registry import Registry
from core.hooks.values import Ref
from core.records.models import History
from core.reports import Chosen, Column, Report, running, telling
from core.reports.choosing import Period, begun, choose
from core.roles import GENERAL_MANAGER
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.testing.sites import site_of
from core.text import _
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.command_line import CommandLine

PRICES = ("300", "100", "200", "100", "0.5", "200", "100")
CODE = Column("code", _("Product code"))
PRICE = Column("list_price", _("List price"), "price")
HEIGHT = Column("stock", _("Quantity"), "quantity", total=True)
ANY = Chosen()


def made(rows: Any, *columns: Column, order: tuple[str, ...] = ("-list_price", "code"), **more: Any) -> Report:
    """A report of nobody's, over ``rows``."""
    return Report(
        key="quotation.success",
        label=_("Report"),
        about=_("Report"),
        columns=columns or (CODE, PRICE),
        rows=rows,
        roles=(GENERAL_MANAGER,),
        order=order,
        **more,
    )


def products(work: Work, chosen: Chosen) -> Any:
    """Every product with its price, and something that not every one has."""
    return select(
        Item.code.label("code"),
        Item.list_price.label("list_price"),
        func.nullif(Item.name_en, "", type_=String).label("english"),
    )


@pytest.fixture
def shop(firm: Firm) -> Firm:
    """A company with seven products, some of one price, two of them with an English name."""
    for place, price in enumerate(PRICES):
        firm.item(price, name_en="Lamp" if place in {1, 4} else "")
    return firm


def pages(firm: Firm, report: Report, size: int, who: str = "boss") -> list[list[Any]]:
    """All pages of a report, each as the values of its first column."""

    def look(work: Work) -> list[list[Any]]:
        found, after = [], ""
        while True:
            one = running.page(work, report, ANY, after=after, size=size)
            found.append([row[report.columns[0].key] for row in one.rows])
            after = one.next
            if not after:
                return found

    return firm.read(who, look)


# Pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("order", [("-list_price", "code"), ("list_price", "-code"), ("english", "-code"), ("code",)])
def test_the_pages_together_are_all_rows_in_one_order(shop: Firm, order: tuple[str, ...]) -> None:
    """Whatever the size of a page, no row is missing or comes twice; what has no value comes last."""
    report = made(products, order=order)
    whole = pages(shop, report, 200)
    assert len(whole) == 1
    assert sorted(whole[0]) == [f"P{n:03}" for n in range(1, 8)]
    for size in (1, 2, 3, 7, 200):
        found = pages(shop, report, size)
        assert [code for page in found for code in page] == whole[0], size
        assert all(len(page) == size for page in found[:-1]), size
    if order[0] == "-list_price":
        assert whole[0] == ["P001", "P003", "P006", "P002", "P004", "P007", "P005"]
    if order[0] == "english":
        assert set(whole[0][:2]) == {"P002", "P005"}


def test_rows_that_are_given_whole_are_paged_as_well(firm: Firm) -> None:
    """However many there are, one page shows 200 and the foot adds up all of them."""

    def many(work: Work, chosen: Chosen) -> Iterator[dict[str, Any]]:
        for number in range(450):
            yield {"code": str(number), "stock": Decimal("0.1")}

    report = made(many, CODE, HEIGHT, order=())
    assert [len(page) for page in pages(firm, report, 5000)] == [200, 200, 50]
    found = firm.read("boss", lambda w: running.page(w, report, ANY))
    assert (found.totals["stock"], found.count) == (Decimal("45.0"), 450)


FORGERIES: tuple[Any, ...] = (
    [], [1], ["100", "P001", 3], [1.5, "P"], [None, {}], ["1e400", "P"], ["x", "P"], [True, "P"], ["0.0000000001", "P"],
    ["1", "\x00"], {"a": 1}, "text", ["99999999999999999999", "P"],
)  # fmt: skip
FORGED = ["x", "====", "W10", "é", "a" * 3000]
FORGED += [base64.urlsafe_b64encode(json.dumps(forged).encode()).decode() for forged in FORGERIES]


def refusals(firm: Firm, report: Report) -> dict[str, list[str]]:
    """By forged mark, what is refused of it."""
    found = {}
    for mark in FORGED:
        try:
            firm.read("boss", lambda w, m=mark: running.page(w, report, ANY, after=m))  # type: ignore[misc]
        except Invalid as refused:
            found[mark] = [fault.path for fault in refused.faults]
    return found


def test_a_page_that_nobody_was_led_to_does_not_exist(shop: Firm) -> None:
    assert refusals(shop, made(products)) == {mark: ["after"] for mark in FORGED}


def test_nor_among_rows_that_are_given_whole(firm: Firm) -> None:
    assert refusals(firm, made(lambda w, c: [], CODE, order=())) == {mark: ["after"] for mark in FORGED}


# Figures ---------------------------------------------------------------------------------------------------------


def test_sums_keep_their_scale(firm: Firm) -> None:
    """Amounts, quantities and prices come back as exact decimals, of whatever they are summed, and never as null."""
    item, party = firm.item("0.33333333"), firm.party()
    firm.create(Quotation, party_id=party.id, lines=[line(item, "3.123456", "0.33333333"), line(item, "2", "10.01")])
    L = DocumentLine  # noqa: N806 - short for a table of formulas

    def look(work: Work) -> dict[str, Any]:
        statement = select(
            reports.total(L.gross).label("gross"),
            reports.total(L.quantity).label("quantity"),
            reports.total(L.gross_price).label("price"),
            reports.total(L.gross - L.net).label("tax"),
            reports.total(reports.absolute(L.net - L.gross)).label("absolute"),
            reports.total(-L.gross).label("minus"),
            reports.total_when(L.quantity == Decimal(2), L.gross).label("some"),
            reports.total_when(L.quantity == Decimal(7), L.gross).label("none"),
            reports.count_when(L.quantity > Decimal(2)).label("count"),
            func.max(L.gross_price).label("dearest"),
        )
        return dict(work.session.execute(statement).one()._mapping)

    found = firm.read("boss", look)
    assert {name: (type(value), str(value)) for name, value in found.items()} == {
        "gross": (Decimal, "21.06"),
        "quantity": (Decimal, "5.123456"),
        "price": (Decimal, "10.34333333"),
        "tax": (Decimal, "2.42"),
        "absolute": (Decimal, "2.42"),
        "minus": (Decimal, "-21.06"),
        "some": (Decimal, "20.02"),
        "none": (Decimal, "0.00"),
        "count": (int, "1"),
        "dearest": (Decimal, "10.01000000"),
    }


def test_figures_of_different_scales_are_never_added() -> None:
    """In the database they are whole numbers: the sum would be wrong without a word."""
    with pytest.raises(TypeError, match="2 and of 6 places"):
        DocumentLine.gross - DocumentLine.quantity
    with pytest.raises(TypeError, match="6 and of 8 places"):
        DocumentLine.quantity + DocumentLine.price


def test_a_difference_is_compared_as_a_decimal(firm: Firm) -> None:
    firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item("113"), "1")])

    def count(work: Work, least: str) -> int:
        taxed = DocumentLine.gross - DocumentLine.net > Decimal(least)
        return int(work.session.execute(select(func.count(DocumentLine.id)).where(taxed)).scalar_one())

    assert [firm.read("boss", lambda w, t=tax: count(w, t)) for tax in ("12.99", "13.00")] == [1, 0]  # type: ignore[misc]


def test_the_foot_is_of_all_rows_and_reckons_with_the_sums(shop: Firm) -> None:
    def rows() -> Any:
        found = select(Item.code.label("code"), Item.list_price.label("list_price"))
        return found.add_columns((Item.id * 0 + 2).label("n"), Item.list_price.label("stock"))

    each = Column("each", _("Price"), "price", total=True, reckon=lambda row, _c: row["stock"] / row["n"])
    report = made(
        lambda w, c: rows(),
        CODE,
        Column("n", _("Quantity"), "int", total=True),
        HEIGHT,
        each,
    )
    found = shop.read("boss", lambda w: running.page(w, report, ANY, size=2))
    assert (len(found.rows), found.count) == (2, 7)
    assert found.totals == {"n": 14, "stock": Decimal("1000.5"), "each": Decimal("1000.5") / 14}
    assert type(found.totals["n"]) is int
    assert found.rows[0]["each"] == Decimal(150)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(1, 3, "0.3333"), (2, 3, "0.6667"), (0, 5, "0"), (1, 0, None), (Decimal("1"), None, None), (5, 4, "1.25")],
)
def test_a_share_is_rounded_half_up_and_is_not_there_without_a_base(
    part: Any, whole: Any, expected: str | None
) -> None:
    found = reports.share(part, whole)
    assert found == (None if expected is None else Decimal(expected))


# Walls -----------------------------------------------------------------------------------------------------------

SUBQUERY = select(Party.code.label("code"), Party.id.label("id")).subquery()
OTHER = aliased(Party)
WAYS: dict[str, Any] = {
    "plain": lambda: select(Party.code.label("code")),
    "subquery": lambda: select(SUBQUERY.c.code),
    "grouped": lambda: select(func.max(Party.code).label("code")).group_by(Party.id),
    "union": lambda: union_all(select(Party.code.label("code")), select(Party.code.label("code"))),
    "exists": lambda: select(Party.code.label("code")).where(select(OTHER.id).where(OTHER.id != Party.id).exists()),
    "counting": lambda: select(Party.code.label("code")).where(
        select(func.count(OTHER.id)).scalar_subquery() > 2  # the other company has three customers, this one two
    ),
    "cte": lambda: select(select(Party.code.label("code")).cte("all_of_them").c.code),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_select_of_a_report_reaches_another_company(firm: Firm, other_firm: Firm, way: str) -> None:
    """Rows, sums and files stay inside whatever the shape of the statement; on SQLite there is no second wall."""
    for place in range(3):
        other_firm.party(code=f"Z{place}")
    for place in range(2):
        firm.party(code=f"A{place}")
    report = made(lambda w, c: WAYS[way](), CODE, order=("code",))
    expected = {"union": ["A0", "A0", "A1", "A1"], "counting": []}.get(way, ["A0", "A1"])
    found = firm.read("boss", lambda w: running.page(w, report, ANY))
    assert [row["code"] for row in found.rows] == expected
    assert found.count == len(expected)
    assert firm.read("boss", lambda w: [row["code"] for row in running.every(w, report, ANY)[0]]) == expected


def test_a_select_of_bare_tables_is_refused(firm: Firm) -> None:
    table: Any = Party.__table__
    report = made(lambda w, c: select(table.c.code), CODE, order=("code",))
    with pytest.raises(TypeError, match="mapped classes"):
        firm.read("boss", lambda w: running.page(w, report, ANY))


def test_one_sees_the_rows_of_ones_own_customers_and_documents(firm: Firm) -> None:
    """The criterion follows the scopes of the right to read the type, through an alias as well."""
    mine, theirs = firm.party("rep", code="MINE"), firm.party("rep2", code="THEIRS")
    firm.create(Quotation, "rep", party_id=mine.id, lines=[line(firm.item(), "1")])
    firm.create(Quotation, "rep2", party_id=theirs.id, lines=[line(firm.item(), "1")])

    def codes(work: Work) -> list[str]:
        place = aliased(Document)
        statement = (
            select(Party.code)
            .join(place, place.party_id == Party.id)
            .where(reports.visible(work, Quotation, place), reports.visible(work, Party))
            .order_by(Party.code)
        )
        return list(work.session.scalars(statement))

    assert firm.read("boss", codes) == ["MINE", "THEIRS"]
    assert (firm.read("rep", codes), firm.read("rep2", codes)) == (["MINE"], ["THEIRS"])
    assert firm.read("admin", codes) == []


# Ways out --------------------------------------------------------------------------------------------------------

EVIL = ("=1+1", "+86", "-2", "@SUM(A1)", "\tx", "＝1")


def evil(work: Work, chosen: Chosen) -> Iterable[dict[str, Any]]:
    """Rows whose texts a spreadsheet would take for formulas."""
    for place, text in enumerate(EVIL):
        yield {
            "code": text,
            "who": Ref("core.party", place + 1, text),
            "on": date(2026, 11, 22),
            "sum": Decimal("-1234.50"),
            "rate": Decimal("0.25") if place else None,
        }


EVERYTHING = (
    CODE,
    Column("who", _("Customer"), "ref", references="core.party"),
    Column("on", _("Date"), "date"),
    Column("sum", _("Amount"), "amount", total=True),
    Column("rate", _("Discount"), "percent"),
)


def test_a_csv_file_holds_no_formula_and_ends_with_the_sums(firm: Firm) -> None:
    report = made(evil, *EVERYTHING, order=())
    text = firm.read("boss", lambda w: "".join(sheets.csv_lines(w, report, ANY)))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))
    assert rows[0] == ["Product code", "Customer", "Date", "Amount", "Discount"]
    assert [row[:2] for row in rows[1:-1]] == [[f"'{text}"] * 2 for text in EVIL]
    assert rows[1][2:] == ["2026-11-22", "-1234.50", "—"]
    assert rows[2][4] == "25.00%"
    assert rows[-1] == ["Total", "", "", "-7407.00", ""]


def test_a_workbook_has_figures_days_a_head_that_stays_and_sums(firm: Firm) -> None:
    report = made(evil, *EVERYTHING, order=(), notes=(_("Note"),))
    content = firm.read("boss", lambda w: sheets.workbook(w, report, ANY))
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        sheet, styles = (book.read(f"xl/{name}.xml").decode() for name in ("worksheets/sheet1", "styles"))
        about = book.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>" not in sheet
    assert re.search(r'<pane xSplit="1" ySplit="1"[^>]*state="frozen"', sheet)
    assert 'formatCode="#,##0.00"' in styles or 'numFmtId="4"' in styles
    assert 'formatCode="yyyy\\-mm\\-dd"' in styles or 'formatCode="yyyy-mm-dd"' in styles
    assert re.search(r'<c r="D2" s="\d+"><v>-1234\.5</v>', sheet)
    assert re.search(r'<c r="C2" s="\d+"><v>46348</v>', sheet)
    assert re.search(r'<c r="D8" s="\d+"><v>-7407</v>', sheet)
    assert "大华照明有限公司" in about or "Dahua" in about


def test_an_empty_report_is_a_head_and_zeros(firm: Firm) -> None:
    report = made(lambda w, c: [], *EVERYTHING, order=())
    lines = firm.read("boss", lambda w: "".join(sheets.csv_lines(w, report, ANY))).splitlines()
    assert lines[1:] == ["Total,,,0,"]
    assert firm.read("boss", lambda w: sheets.workbook(w, report, ANY)).startswith(b"PK")


def test_what_a_reader_may_not_see_is_in_no_form_of_the_report(shop: Firm) -> None:
    costs = Column("cost", _("Cost"), "price", needs="cost")
    report = made(lambda w, c: products(w, c).add_columns(Item.list_price.label("cost")), CODE, costs)
    for who, sees in (("boss", True), ("clerk", False)):

        def look(work: Work) -> tuple[dict[str, Any], str]:
            told = telling.body(work, running.page(work, report, ANY))
            return told, "".join(sheets.csv_lines(work, report, ANY))

        told, text = shop.read(who, look)
        assert ("cost" in told["items"][0], "Cost" in text) == (sees, sees)


def test_programs_read_a_report_page_by_page(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    for price in PRICES:
        firm.item(price)
    report = made(products, CODE, Column("list_price", _("Price"), "amount", total=True), filters=(reports.as_of(),))
    monkeypatch.setitem(firm.program.registry.reports, report.key, report)
    api = api_for(firm, "boss")
    first = said(api.get("/quotation/reports/success?size=5&as_of=2026-11-22"))
    assert first["chosen"] == {"as_of": "2026-11-22"}
    assert (len(first["items"]), first["count"], first["totals"]) == (5, 7, {"list_price": "1000.5"})
    assert first["items"][0] == {"code": "P001", "list_price": "300"}
    rest = said(api.get(f"/quotation/reports/success?size=5&after={first['next']}"))
    assert (len(rest["items"]), rest["next"], rest["totals"]) == (2, None, first["totals"])
    for wrong in ("size=0", "size=201", "as_of=2026-02-30", "as_of=x", "colour=1", "after=x"):
        assert api.get(f"/quotation/reports/success?{wrong}").status_code == 422, wrong
    assert api.get("/quotation/reports/failure").status_code == 404
    assert api_for(firm, "engineer").get("/quotation/reports/success").status_code == 403


def exports(firm: Firm) -> list[Any]:
    """What the history tells of reports that were taken out."""

    def look(work: Work) -> list[Any]:
        rows = work.session.scalars(select(History).where(History.what == "report").order_by(History.id))
        return [(row.actor, row.changes) for row in rows]

    return firm.as_program(look)


def test_taking_a_report_out_is_a_right_and_stands_in_the_history(firm: Firm) -> None:
    """The entry is there before the file; reading alone leaves none."""
    where = "/quotation/reports/success"
    boss = Visitor(site_of(firm), firm, "boss")
    assert boss.get(f"{where}/").status_code == 200
    assert exports(firm) == []
    assert boss.get(f"{where}/export/xlsx", date_from="2026-01-01", date_to="").data[:2] == b"PK"
    assert boss.get(f"{where}/export/csv").text.startswith("\ufeff")
    assert boss.get(f"{where}/export/pdf").status_code == 404
    assert boss.get(f"{where}/export/csv", date_from="x").status_code == 422
    (actor, first), (_actor, second) = exports(firm)
    assert actor == f"boss@{firm.code}"
    assert {name: first[name] for name in ("report", "form", "chosen")} == {
        "report": [None, "quotation.success"],
        "form": [None, "xlsx"],
        "chosen": [None, {"date_from": "2026-01-01"}],
    }
    assert second["form"] == [None, "csv"]
    page = Visitor(site_of(firm), firm, "boss").get("/administration/audit/").text
    assert "took a report out" in page
    assert "Quotation success" in page
    assert Visitor(site_of(firm), firm, "engineer").get(f"{where}/export/csv").status_code == 403


def test_the_screen_shows_the_page_the_sums_and_the_way_on(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    def many(work: Work, chosen: Chosen) -> list[dict[str, Any]]:
        return [{"code": f"<b>{n}</b>", "stock": Decimal(2)} for n in range(401)]

    monkeypatch.setitem(firm.program.registry.reports, "quotation.success", made(many, CODE, HEIGHT, order=()))
    boss = Visitor(site_of(firm), firm, "boss")
    first = boss.get("/quotation/reports/success/").text
    assert (first.count("&lt;b&gt;"), "<b>0</b>" in first) == (200, False)
    assert "200 of 401 rows" in first
    assert ">802<" in first
    mark = re.search(r'rel="next" href="[^"]*[?&;]after=([^"&]+)"', first)
    assert mark
    assert "200 of 401 rows" in boss.get("/quotation/reports/success/", after=mark[1]).text
    assert boss.get("/quotation/reports/success/", after="x").status_code == 422


def test_the_command_line_writes_every_form(firm: Firm, database: Database, tmp_path: Path) -> None:
    zhanggui = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    made_one = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item("50"), "2")])
    firm.move(made_one, "submit")
    words = ("report", firm.code, "quotation.success")
    chosen = ("--filter", "date_from=2020-01-01", "--filter", "date_to=")
    assert zhanggui.fine(*words, *chosen).splitlines()[-1] == "Total,1,100.00,0,0.00,0.00%,0.00%"
    told = json.loads(zhanggui.fine(*words, *chosen, "--format", "json"))
    assert (told["count"], told["totals"]["amount"]) == (1, "100")
    book = tmp_path / "success.xlsx"
    zhanggui.fine(*words, "--format", "xlsx", "--out", str(book))
    assert book.read_bytes()[:2] == b"PK"
    assert [actor for actor, _changes in exports(firm)] == ["system:command line"] * 3
    assert "quotation.success" in zhanggui.fine("report", firm.code, "--list")
    zhanggui.refused(*words, "--format", "xlsx", code=2)
    assert "quotation.failure" in zhanggui.refused("report", firm.code, "quotation.failure")
    assert "as_of" in zhanggui.refused(*words, "--as-of", "2026-11-22")
    assert "date_from" in zhanggui.refused(*words, "--filter", "date_from=yesterday")
    zhanggui.refused(*words, "--filter", "date_from")


# Declarations ----------------------------------------------------------------------------------------------------


def test_a_report_brings_its_two_rights(firm: Firm) -> None:
    registry = Registry()
    registry.add_reports("quotation", [made(products)])
    assert {key: right.roles for key, right in registry.permissions.items()} == {
        "quotation.report_success.read": (GENERAL_MANAGER,),
        "quotation.report_success.export": (GENERAL_MANAGER,),
    }


def test_a_declaration_that_cannot_be_is_refused_at_once() -> None:
    fine = made(products)
    for wrong in (
        {"key": "success"},
        {"key": "Quotation.success"},
        {"columns": (CODE, CODE)},
        {"filters": (reports.as_of(), reports.as_of())},
        {"filters": (reports.words("after", _("Text")),)},
        {"filters": (reports.period(default="decade"),)},
    ):
        with pytest.raises(ValueError, match=r"quotation|success|twice|cannot"):
            replace(fine, **wrong)
    for kind, total in (("colour", False), ("text", True), ("percent", True)):
        with pytest.raises(ValueError, match="x"):
            Column("x", _("Text"), kind, total)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("month", "2026-11-01", "2026-11-30"),
        ("last_month", "2026-10-01", "2026-10-31"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("year", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_period_begins_as_declared(name: str, first: str, last: str) -> None:
    found = begun(date(2026, 11, 22), name)
    assert found == Period(date.fromisoformat(first), date.fromisoformat(last))


def test_what_was_chosen_is_typed(firm: Firm) -> None:
    colours = (("red", _("Red")), ("green", _("Green")))
    filters = (
        reports.as_of(),
        reports.day("since", _("Date")),
        reports.period("paid", default="all"),
        reports.party(),
        reports.person(),
        reports.choice("colour", _("Colour"), colours),
        reports.choice("light", _("Colour"), colours, default="green"),
        reports.words("text", _("Text")),
    )
    given = {"since": "2026-02-28", "paid_to": "2026-03-01", "party_id": "7", "colour": "red", "text": " 灯 "}

    def look(work: Work) -> tuple[Any, ...]:
        c = choose(work, filters, given)
        words = (c.text("colour"), c.text("light"), c.text("text"))
        return (
            c.day() == work.today,
            c.day_or_none("since"),
            c.period("paid"),
            c.id("party_id"),
            c.id("owner_id"),
            words,
        )

    assert firm.read("boss", look) == (
        True,
        date(2026, 2, 28),
        Period(None, date(2026, 3, 1)),
        7,
        None,
        ("red", "green", "灯"),
    )
    for wrong in (
        {"colour": "blue"},
        {"text": "x" * 201},
        {"since": "2026-02-29"},
        {"as_of": "0000-01-01"},
        {"as_of": "0001-01-01"},
        {"as_of": "9999-12-31"},
    ):
        with pytest.raises(Invalid):
            firm.read("boss", lambda w, g=wrong: choose(w, filters, g))  # type: ignore[misc]
