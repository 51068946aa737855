"""Customers are contacted again in time: by their class, by their own interval, or as agreed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from core.documents.reading import load_master
from core.duties.reading import my_duties
from core.entities.party import Party
from core.errors import Forbidden, Invalid, Unknown
from core.extension.core_settings import REMINDER_DAYS
from core.operations import masters
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import CHINESE, speaking
from plugins.crm.masters import Tracking
from plugins.quotation.documents import Quotation
from tests.plugins.crm.test_talks import recorded, talk


def row(firm: Firm, party_id: int) -> Tracking:
    """The customer's row on the tracking sheet."""
    return firm.read(
        "manager", lambda w: w.session.scalars(select(Tracking).where(Tracking.party_id == party_id)).one()
    )


def track(firm: Firm, party: Party, who: str = "rep", **values: Any) -> Tracking:
    """A row that somebody opens by hand."""
    given = {"party_id": party.id, **values}
    return firm.run(who, lambda w: masters.save(w, Tracking, inputs.read(Tracking, given)))


def follow_ups(firm: Firm, who: str) -> list[tuple[str, date | None]]:
    """The calls somebody has to make or to see to."""
    with speaking(CHINESE):
        found = firm.read(who, lambda w: my_duties(w, ahead=w.setting(REMINDER_DAYS)))
        return [(str(d.title), d.due) for d in found if d.key.startswith("crm.tracking")]


@pytest.mark.parametrize(("party_class", "days"), [("A", 7), ("B", 14), ("C", 30), ("", 14)])
def test_the_first_talk_opens_the_customers_row_with_the_interval_of_its_class(
    firm: Firm, party_class: str, days: int
) -> None:
    """CRM-02: at the first talk on record the tracking sheet begins; a draft does not begin it."""
    party = firm.party(party_class=party_class)
    written = talk(firm, party_id=party.id, way="phone")
    assert firm.read("manager", lambda w: w.session.scalars(select(Tracking.id)).all()) == []
    firm.move(written, "submit")
    found, today = row(firm, party.id), firm.read("rep", lambda w: w.today)
    assert (found.last_contact, found.last_way, found.next_contact) == (today, "phone", today + timedelta(days=days))
    assert (found.party_name, found.owner_id) == (party.name, firm.people["rep"])


def test_the_company_chooses_the_intervals_and_a_customer_may_have_its_own(firm: Firm) -> None:
    """CRM-02: by the class, or as the case demands (依实际情况)."""
    firm.settings(crm__days_a=3)
    usual, special = firm.party(party_class="A"), firm.party(party_class="A")
    track(firm, special, interval_days=90)
    today = firm.read("rep", lambda w: w.today)
    for party, days in ((usual, 3), (special, 90)):
        recorded(firm, party_id=party.id)
        assert row(firm, party.id).next_contact == today + timedelta(days=days)


def test_the_day_agreed_in_the_talk_goes_before_the_interval(firm: Firm) -> None:
    """CRM-02: what was agreed with the customer counts."""
    today = firm.read("rep", lambda w: w.today)
    done = recorded(firm, next_on=str(today + timedelta(days=2)))
    assert row(firm, done.party_id or 0).next_contact == today + timedelta(days=2)


def test_a_talk_recorded_late_does_not_turn_the_clock_back(firm: Firm) -> None:
    party, today = firm.party(), firm.read("rep", lambda w: w.today)
    recorded(firm, party_id=party.id)
    before = row(firm, party.id)
    recorded(firm, party_id=party.id, date=str(today - timedelta(days=20)))
    after = row(firm, party.id)
    assert (after.last_contact, after.next_contact, after.version) == (today, before.next_contact, before.version)


def test_late_follow_ups_alarm_who_answers_and_the_manager(firm: Firm) -> None:
    """CRM-02: due ones are with the representative, late ones with the manager too, and with nobody else."""
    done, today = recorded(firm), firm.read("rep", lambda w: w.today)
    due = today + timedelta(days=14)
    assert follow_ups(firm, "rep") == []
    firm.today = due - timedelta(days=7)
    mine = [(f"再次联系{done.party_name}", due)]
    assert follow_ups(firm, "rep") == mine
    assert follow_ups(firm, "manager") == []
    firm.today = due
    assert (follow_ups(firm, "rep"), follow_ups(firm, "manager")) == (mine, [])
    firm.today = due + timedelta(days=1)
    assert follow_ups(firm, "rep") == mine
    assert follow_ups(firm, "manager") == [(f"王小明逾期：再次联系{done.party_name}", due)]
    assert follow_ups(firm, "rep2") == []
    recorded(firm, party_id=done.party_id)
    assert (follow_ups(firm, "rep"), follow_ups(firm, "manager")) == ([], [])


def test_an_offer_that_was_sent_counts_as_a_contact(firm: Firm, engine: Engine) -> None:
    """CRM-02: sending begins the interval anew, for customers on the sheet; sending stays cheap."""
    tracked, stranger = firm.party(party_class="A"), firm.party()
    recorded(firm, party_id=tracked.id)
    first = row(firm, tracked.id).next_contact
    offers = [firm.create(Quotation, party_id=p.id, lines=[line(firm.item())]) for p in (tracked, stranger)]
    for offer in offers:
        firm.move(offer, "submit")
    firm.today = first - timedelta(days=1)
    firm.read("rep", lambda w: w.roles())
    with counted(engine) as statements:
        firm.move(offers[0], "send")
    assert len(statements) <= 10
    firm.move(offers[1], "send")
    found = row(firm, tracked.id)
    assert (found.last_contact, found.last_way) == (firm.today, "offer")
    assert found.next_contact == firm.today + timedelta(days=7)
    assert firm.read("manager", lambda w: len(w.session.scalars(select(Tracking.id)).all())) == 1


def test_a_customer_has_one_row(firm: Firm) -> None:
    party = firm.party()
    opened = track(firm, party, heat="hot", wanted="洗墙灯", expected_amount="50000", chance=60)
    assert opened.next_contact == firm.read("rep", lambda w: w.today) + timedelta(days=14)
    with pytest.raises(Invalid) as refused:
        track(firm, party)
    with speaking(CHINESE):
        assert str(refused.value.faults[0].text) == f"{party.name}已在客户跟踪表中。"
    firm.run("rep", lambda w: masters.save(w, Tracking, {"heat": "interested"}, key=opened.id))
    assert row(firm, party.id).heat == "interested"


def test_a_representative_keeps_his_own_rows_only(firm: Firm) -> None:
    """A colleague's row is not there; the manager sees and changes it; finance has no right to the sheet."""
    opened = track(firm, firm.party())
    with pytest.raises(Unknown):
        firm.read("rep2", lambda w: load_master(w, Tracking, opened.id))
    firm.run("manager", lambda w: masters.save(w, Tracking, {"heat": "hot"}, key=opened.id))
    with pytest.raises(Forbidden):
        firm.read("finance", lambda w: load_master(w, Tracking, opened.id))


def test_a_customer_of_another_company_cannot_be_tracked(firm: Firm, other_firm: Firm) -> None:
    theirs = other_firm.party()
    with pytest.raises(Invalid) as refused:
        track(firm, theirs)
    assert refused.value.faults[0].path == "party_id"


def test_the_first_page_counts_who_is_to_be_called_and_who_was_talked_to(firm: Firm) -> None:
    recorded(firm)
    recorded(firm, "rep2")

    def figures(who: str) -> tuple[object, ...]:
        cards = {c.key: c.value for c in firm.read(who, lambda w: w.hooks.dashboard_cards())}
        return cards.get("crm.tracking.due"), cards.get("crm.talk.recent")

    assert (figures("rep"), figures("manager"), figures("finance")) == ((0, 1), (0, 2), (None, None))
    firm.today = firm.read("rep", lambda w: w.today) + timedelta(days=15)
    assert (figures("rep"), figures("manager")) == ((1, 1), (2, 2))
