"""The report on what became of the quotations: sums in the database, on both engines, within one's reach."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import Forbidden, Invalid, NotEnabled
from core.operations import company
from core.reports.choosing import choose
from core.reports.running import Page, page
from core.reports.telling import body
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Quotation

KEY = "quotation.success"


def looked(firm: Firm, who: str, **given: str) -> Page:
    """The report as somebody sees it."""

    def look(work: Work) -> Page:
        report = work.types.report(KEY)
        return page(work, report, choose(work, report.filters, given))

    return firm.read(who, look)


def told(firm: Firm, who: str, **given: str) -> dict[str, Any]:
    """The same as programs get it."""

    def look(work: Work) -> dict[str, Any]:
        report = work.types.report(KEY)
        return body(work, page(work, report, choose(work, report.filters, given)))

    return json.loads(json.dumps(firm.read(who, look)))  # type: ignore[no-any-return]


def offered(firm: Firm, who: str, price: str, *moves: str, **values: Any) -> Quotation:
    """A quotation that somebody made and moved on."""
    made = firm.create(
        Quotation, who, party_id=firm.party(who).id, lines=[line(firm.item(price), "2", price)], **values
    )
    for name in moves:
        made = firm.move(made, name, who, **({"reason": "价格太高"} if name in {"decline", "cancel"} else {}))
    return made


WON, LOST = ("submit", "send", "accept"), ("submit", "send", "decline")


@pytest.fixture
def season(firm: Firm) -> Firm:
    """Two representatives: one won one of two, the other lost the only one; drafts and cancelled ones do not count."""
    firm.today = date(2026, 11, 22)
    offered(firm, "rep", "1000.55", *WON)
    offered(firm, "rep", "500", "submit")
    offered(firm, "rep", "9999", "submit", "cancel")
    offered(firm, "rep", "9999")
    offered(firm, "rep2", "2000", *LOST)
    return firm


def test_each_person_has_the_quotations_made_and_accepted(season: Firm) -> None:
    """The sums are exact amounts, the shares of numbers and of amounts; the totals are of all rows."""
    found = told(season, "manager")
    rows = {row["owner_id"]["name"]: row for row in found["items"]}
    assert [row["owner_id"]["name"] for row in found["items"]] == ["Li Na", "Wang Xiaoming"]
    mine = rows["Wang Xiaoming"]
    assert (mine["made"], mine["amount"], mine["accepted"], mine["accepted_amount"]) == (2, "3001.1", 1, "2001.1")
    assert (mine["rate"], mine["amount_rate"]) == ("0.5", "0.6668")
    assert (rows["Li Na"]["accepted"], rows["Li Na"]["accepted_amount"], rows["Li Na"]["rate"]) == (0, "0", "0")
    assert found["totals"] == {
        "made": 3,
        "amount": "7001.1",
        "accepted": 1,
        "accepted_amount": "2001.1",
        "rate": "0.3333",
        "amount_rate": "0.2858",
    }
    assert (found["count"], found["next"]) == (2, None)


def test_whoever_sees_only_what_is_his_is_told_of_nothing_else(season: Firm) -> None:
    found = looked(season, "rep2")
    assert [row["owner_id"] for row in found.rows] == [season.people["rep2"]]
    assert found.totals["amount"] == Decimal("4000.00")


def test_another_company_is_never_counted(season: Firm, other_firm: Firm) -> None:
    other_firm.today = season.today
    offered(other_firm, "rep", "77", *WON)
    assert looked(season, "boss").totals["made"] == 3
    assert looked(other_firm, "boss").totals["amount"] == Decimal("154.00")


def test_the_period_and_the_customer_may_be_chosen(season: Firm) -> None:
    assert looked(season, "boss", date_from="2026-11-23", date_to="").count == 0
    assert looked(season, "boss", date_from="2026-11-22", date_to="2026-11-22").totals["made"] == 3
    party = season.party("rep").id
    assert looked(season, "boss", party_id=str(party)).count == 0
    assert looked(season, "boss", owner_id=str(season.people["rep"])).totals["made"] == 2


def test_where_nothing_was_offered_there_is_no_rate(season: Firm) -> None:
    """Nothing is divided by nothing: the rate is not there instead of being zero."""
    found = looked(season, "boss", date_from="2027-01-01", date_to="")
    assert (found.totals["made"], found.totals["amount"]) == (0, Decimal(0))
    assert found.totals["rate"] is None


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"date_from": "2026-13-01"}, "date_from"),
        ({"date_from": "20260101"}, "date_from"),
        ({"date_from": "2026-02-01", "date_to": "2026-01-01"}, "date_to"),
        ({"party_id": "9" * 19}, "party_id"),
        ({"party_id": "-1"}, "party_id"),
        ({"owner_id": "x"}, "owner_id"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_cannot_be_chosen_is_named(firm: Firm, given: dict[str, str], place: str) -> None:
    with pytest.raises(Invalid) as refused:
        looked(firm, "boss", **given)
    assert [fault.path for fault in refused.value.faults] == [place]


def test_it_takes_the_right_and_the_area(firm: Firm) -> None:
    with pytest.raises(Forbidden):
        looked(firm, "engineer")
    firm.as_program(lambda w: company.switch_off(w, "quotation"))
    with pytest.raises(NotEnabled):
        looked(firm, "boss")
