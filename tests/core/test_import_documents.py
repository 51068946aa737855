"""Documents come in from files with their lines, as drafts like those made by hand; and so does every other type."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.reading import load
from core.exchange import filled, templates
from core.exchange.fields import TOGETHER, all_columns, columns, guessed, template_columns
from core.exchange.reading import form_of
from core.exchange.reading import rows as file_rows
from core.extension.loader import load as load_types
from core.operations import taking_away
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.testing.samples import Samples
from core.text import CHINESE, ENGLISH, speaking
from core.work import Work
from plugins.billing.documents import Invoice, Receipt
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
    verified,
)

HEAD = ["单据号", "客户", "日期", "产品", "数量", "含税单价"]


def one(firm: Firm, key: int, cls: type[Document] = Quotation) -> Any:
    """The only document that an import has made."""
    (record,) = record_ids(firm, key)
    return firm.as_program(lambda w: load(w, cls, record))


def test_a_quotation_comes_in_with_its_lines_as_if_typed(firm: Firm) -> None:
    party, item = firm.party("manager", contacts=[{"name": "王经理", "mobile": "138"}]), firm.item("100")
    content = csv_file(
        HEAD,
        ["1", party.code, "2026年3月5日", item.code, "2", '"1,130.00"'],
        ["1", party.code, "2026年3月5日", item.name, "3", ""],
    )
    made = one(firm, brought(firm, Quotation, content))
    lines = [line(item, "2", "1130.00"), line(item, "3")]
    typed = firm.create(Quotation, "manager", party_id=party.id, date="2026-03-05", lines=lines)
    own = {"id", "uid", "head", "created_at", "updated_at"}
    for left, right in [(made, firm.as_program(lambda w: load(w, Quotation, typed.id)))]:
        names = [c.key for c in Quotation.__mapper__.columns if c.key not in own]
        assert [(n, getattr(left, n)) for n in names] == [(n, getattr(right, n)) for n in names]
        columns_of = [c.key for c in DocumentLine.__table__.columns if c.key not in {"id", "document_id"}]
        assert [[getattr(x, n) for n in columns_of] for x in left.lines] == [
            [getattr(x, n) for n in columns_of] for x in right.lines
        ]
    assert made.contact_name == "王经理"
    assert verified(firm) == []


def test_lines_follow_their_document_while_its_columns_are_repeated_or_blank(firm: Firm) -> None:
    first, second, item = firm.party("manager"), firm.party("manager"), firm.item("100")
    content = csv_file(
        ["客户", "主题", "产品", "数量"],
        [first.name, "一", item.code, "1"],
        ["", "", item.code, "2"],
        [first.name, "一", item.code, "3"],
        [second.name, "二", item.code, "4"],
    )
    key = brought(firm, Quotation, content)
    found = [firm.as_program(lambda w, k=k: load(w, Quotation, k)) for k in record_ids(firm, key)]  # type: ignore[misc]
    assert [(d.party_id, [x.quantity for x in d.lines]) for d in found] == [
        (first.id, [Decimal(1), Decimal(2), Decimal(3)]),
        (second.id, [Decimal(4)]),
    ]


def test_prices_come_from_the_lists_in_force_as_by_hand(firm: Firm) -> None:
    party, item = firm.party("manager"), firm.item("100")
    head = ["编码", "名称", "Approved", "Prices: Product", "Prices: From quantity", "Prices: Price"]
    brought(
        firm,
        PriceList,
        csv_file(head, ["L", "价", "是", item.code, "0", "90"], ["", "", "", item.code, "10", "80"]),
        "boss",
    )
    content = csv_file(
        ["单据号", *HEAD[1:5]], ["1", party.code, "", item.code, "5"], ["2", party.code, "", item.code, "20"]
    )
    key = brought(firm, Quotation, content)
    found = [firm.as_program(lambda w, k=k: load(w, Quotation, k)).lines[0] for k in record_ids(firm, key)]  # type: ignore[misc]
    assert [x.gross_price for x in found] == [Decimal(90), Decimal(80)]


def test_faults_of_a_line_are_told_at_its_row(firm: Firm) -> None:
    party, item = firm.party("manager"), firm.item("100")
    content = csv_file(
        [*HEAD, "单位"],
        ["1", party.code, "", item.code, "2", "", ""],
        ["1", party.code, "", "没有", "2", "", ""],
        ["2", "没有", "", item.code, "1", "", ""],
        ["3", party.code, "昨天", item.code, "many", "", ""],
        ["4", party.code, "", item.code, "1", "", "箱"],
    )
    key = checked(firm, Quotation, content)
    assert [(row, column) for row, column, _text in faults(firm, key)] == [
        (3, "产品"),
        (4, "客户"),
        (5, "日期"),
        (5, "数量"),
        (6, "单位"),
    ]
    assert counts(firm, key) == ("checked", 0, 0, 0, 4)


def test_rows_of_one_document_that_stand_apart_are_told(firm: Firm) -> None:
    party, item = firm.party("manager"), firm.item("100")
    rows = [[number, party.code, "", item.code, "1", ""] for number in ("1", "2", "1")]
    assert [(row, column) for row, column, _text in faults(firm, checked(firm, Quotation, csv_file(HEAD, *rows)))] == [
        (4, "单据号")
    ]


def test_customers_out_of_reach_cannot_be_named(firm: Firm) -> None:
    theirs, item = firm.party("rep2"), firm.item("100")
    content = csv_file(HEAD, ["1", theirs.code, "", item.code, "1", ""])
    assert [(row, column) for row, column, _text in faults(firm, checked(firm, Quotation, content, "rep"))] == [
        (2, "客户")
    ]


def test_open_invoices_and_receipts_come_in_as_drafts(firm: Firm) -> None:
    party, item = firm.party("manager"), firm.item("100")
    head = ["客户", "日期", "发票号码", "产品", "数量", "含税单价"]
    invoices = csv_file(head, [party.code, "2026-01-05", "12345678", item.code, "2", "113"])
    assert one(firm, brought(firm, Invoice, invoices, "finance"), Invoice).gross == Decimal(226)
    receipts = csv_file(["客户", "日期", "收款金额"], [party.code, "2026-01-05", '"￥1,000.00"'])
    made = one(firm, brought(firm, Receipt, receipts), Receipt)
    assert (made.gross, made.state) == (Decimal(1000), "draft")


def test_documents_are_taken_back_while_they_are_drafts(firm: Firm) -> None:
    party, item = firm.party("manager"), firm.item("100")
    rows = [[str(n), party.code, "", item.code, "1", ""] for n in range(3)]
    key = brought(firm, Quotation, csv_file(HEAD, *rows))
    assert undone(firm, key).state == "undone"
    left = firm.as_program(lambda w: w.session.scalar(select(func.count(DocumentLine.id))))
    assert left == firm.as_program(lambda w: w.session.scalar(select(func.count(Document.id)))) == 0
    assert verified(firm) == []
    key = brought(firm, Quotation, csv_file(HEAD, *rows))
    second = record_ids(firm, key)[1]
    document = firm.as_program(lambda w: load(w, Quotation, second))
    firm.move(document, "submit", "manager")
    after = undone(firm, key)
    assert (after.state, [place for place, _text in after.kept_back]) == ("done", [3])


def test_statements_do_not_grow_with_documents_or_lines(firm: Firm) -> None:
    parties, items = [firm.party("manager") for _n in range(4)], [firm.item("100") for _n in range(3)]

    def told(documents: int, lines: int) -> tuple[int, int]:
        rows = [
            [str(d), parties[d % 4].code, "", items[n % 3].code, "2", ""]
            for d in range(documents)
            for n in range(lines)
        ]
        with counted(firm.program.engine) as checking:
            key = checked(firm, Quotation, csv_file(HEAD, *rows))
        with counted(firm.program.engine) as writing:
            go(firm, key)
        assert counts(firm, key)[1] == documents
        return len(checking), len(writing)

    told(1, 1)
    assert told(4, 3) == told(60, 5)


# Every type -------------------------------------------------------------------------------------------------------

_REGISTRY = load_types()[0]
_EVERY: list[Type] = [*_REGISTRY.masters.values(), *_REGISTRY.documents.values()]
TYPES = {kind_of(cls): cls for cls in _EVERY}
HINTS: Mapping[str, Mapping[str, Any]] = {}


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_every_column_of_every_empty_file_is_read_as_itself(kind: str, language: str) -> None:
    cls = TYPES[kind]
    known = {column.path: column for column in all_columns(cls)}
    with speaking(language):
        shown = template_columns(known, cls)
        found = guessed(known, cls, [templates.heading(column) for column in shown], {})
    assert [found.get(place) for place in range(len(shown))] == [column.path for column in shown]


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_comes_in_by_its_own_file_and_goes_out_as_it_came(firm: Firm, kind: str) -> None:
    """The empty file, filled in with one record, makes that record again; the example row beside it makes none."""
    cls, samples = TYPES[kind], Samples(firm, HINTS)
    sample = samples.document(cls) if issubclass(cls, Document) else samples.master(cls)

    def form(work: Work) -> list[list[str]]:
        content = templates.template(work, cls, "xlsx")
        return [cells for _number, cells in file_rows(content, *form_of(content))]

    def out(key: int) -> list[list[str]]:
        """The record as its file says it; which rows belong together is said by its own number."""

        def look(work: Work) -> list[list[str]]:
            shown = template_columns(columns(work, cls), cls)
            own = [place for place, column in enumerate(shown) if column.path == TOGETHER]
            found = list(filled.told(work, cls, shown, [key]))
            return [["7" if place in own else cell for place, cell in enumerate(row)] for row in found]

        return firm.run("everybody", look)

    head, rows = firm.run("everybody", form), out(sample.id)
    if not issubclass(cls, Document):
        firm.as_program(lambda w: taking_away.take_away(w, cls, [sample.id], reason="again"))
    key = brought(firm, cls, templates.written("csv", [*head, *rows]), "everybody")
    assert faults(firm, key) == []
    assert counts(firm, key) == ("done", 1, 0, 0, 0), batch(firm, key).problem
    (made,) = record_ids(firm, key)
    assert out(made) == rows
    assert verified(firm) == []
