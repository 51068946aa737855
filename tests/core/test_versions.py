"""Two versions of a document side by side: fields and lines in pairs, what differs marked, for readers and programs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from core.operations import editions
from core.testing.api import api_for, said
from core.testing.builders import Firm, line
from core.testing.sites import site_of
from core.web.comparing import pieces
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor

OFFERS = "/quotation/quotations"


@pytest.fixture
def revised(firm: Firm) -> Quotation:
    """A quotation in its second version: a line changed, one removed from the middle, one added, two changed places."""
    items = [firm.item(price) for price in ("100", "200", "300", "400")]
    made = firm.create(
        Quotation,
        party_id=firm.party().id,
        subject="海天广场外立面泛光照明工程第一期",
        lines=[line(item, "2") for item in items],
    )
    firm.move(made, "submit")
    made = firm.move(made, "revise")
    first, second, third, fourth = (row.id for row in made.lines)
    rows: list[dict[str, Any]] = [{"id": first, "quantity": "5"}, {"id": fourth}, {"id": third}]
    rows.append(line(firm.item("500"), "1"))
    assert second not in [row["id"] for row in rows if "id" in row]
    return firm.edit(made, subject="海天广场外立面泛光照明工程第二期", lines=rows)


def compared(firm: Firm, document: Quotation, who: str = "rep") -> editions.Comparison:
    from core.documents.reading import load

    return firm.read(who, lambda w: editions.compare(w, load(w, Quotation, document.id), 1, 2))


def test_rows_are_paired_by_identity_whatever_their_order(firm: Firm, revised: Quotation) -> None:
    """PLT-09, QTN-09: changed, removed where it stood, moved, added."""
    found = [(row.status, row.places) for row in compared(firm, revised).lines]
    assert found == [
        ("changed", (1, 1)),
        ("removed", (2, None)),
        ("same", (4, 2)),
        ("same", (3, 3)),
        ("added", (None, 4)),
    ]
    changed = compared(firm, revised).lines[0].changed
    assert {"quantity", "gross"} <= set(changed)
    assert "id" not in changed


def test_the_page_shows_both_sides_and_marks_what_differs(firm: Firm, revised: Quotation) -> None:
    """PLT-09, PLT-12: down to the word, in both languages; what is the same may be left out."""
    visitor = Visitor(site_of(firm), firm, "rep")
    path = f"{OFFERS}/{revised.id}/compare"
    page = visitor.get(path, left="1", right="2").text
    assert "工程第<del>一</del>期" in page
    assert "工程第<ins>二</ins>期" in page
    assert "4 → 2" in page
    assert [page.count(f">{word}</span>") for word in ("Added", "Removed", "Differs")] == [1, 1, 1]
    assert "fields and 3 rows differ." in page
    assert "Not in V2" in page
    fields, only = page.count("<tr"), visitor.get(path, left="1", right="2", only="1").text
    assert only.count("<tr") < fields
    assert "工程第<ins>二</ins>期" in only
    chinese = Visitor(site_of(firm), firm, "rep", "zh_Hans_CN").get(path, left="1", right="2").text
    assert "只看不同" in chinese
    same = visitor.get(path, left="2", right="2").text
    assert "Both versions say the same." in same
    assert not re.search("<del>|<ins>", same)


def test_programs_read_the_difference(firm: Firm, revised: Quotation) -> None:
    """PLT-09: pairs of lines with their status and the names of the values that differ."""
    found = said(api_for(firm, "rep").get(f"{OFFERS}/{revised.id}/editions/compare?left=1&right=2"))
    assert [one["status"] for one in found["lines"]] == ["changed", "removed", "same", "same", "added"]
    assert "quantity" in found["lines"][0]["changed"]
    assert "subject" in {one["name"] for one in found["fields"]}
    assert "date" not in {one["name"] for one in found["fields"]}


def test_what_one_may_not_see_differs_for_nobody(firm: Firm, revised: Quotation) -> None:
    """PLT-05: costs are in neither side for who has no right to them."""
    for row in compared(firm, revised).lines:
        for side in (row.left, row.right):
            assert side is None or "cost_price" not in side
        assert not any("cost" in name for name in row.changed)


@pytest.mark.parametrize(
    ("left", "right", "before", "after"),
    [
        ("30 days after delivery", "60 days after delivery", "[30] days after delivery", "[60] days after delivery"),
        ("款到发货，含运费和安装", "货到付款，含运费和安装", None, None),
        ("in all 1,200.00 yuan", "in all 1,600.00 yuan", "in all [1,200.00] yuan", "in all [1,600.00] yuan"),
        ("short", "shirt", "[short]", "[shirt]"),
        ("", "new text here", "", "[new text here]"),
        ("same", "same", "same", "same"),
        ("entirely another sentence", "nothing of 以前的 remains", "[entirely another sentence]", None),
    ],
)
def test_texts_are_marked_where_they_differ(left: str, right: str, before: str | None, after: str | None) -> None:
    one, two = pieces(left, right)
    assert ("".join(text for text, _own in one), "".join(text for text, _own in two)) == (left, right)
    shown = ["".join(f"[{text}]" if own else text for text, own in side) for side in (one, two)]
    assert shown[0] == (before if before is not None else shown[0])
    assert shown[1] == (after if after is not None else shown[1])
    assert [text for text, own in one if not own] == [text for text, own in two if not own]
