"""Credit is applied for by sales, reviewed by finance, approved by management; a consent holds for its amount."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, update

from core.approvals.models import ApprovalPolicy
from core.duties.reading import my_duties
from core.errors import Conflict, Forbidden, Invalid, Refused
from core.operations import masters
from core.testing.builders import Firm, line
from plugins.billing.documents import Invoice
from plugins.credit.documents import Application
from plugins.credit.masters import CreditFile
from plugins.credit.services.standing import Standing, standing
from tests.plugins.credit.test_limits import trusted


def applied(firm: Firm, party: int | None = None, who: str = "rep", **values: Any) -> Application:
    """An application for a limit."""
    given: dict[str, Any] = {
        "party_id": party or firm.party().id,
        "reason": "年度框架合同",
        "amount": "300000",
        "grade": "B",
    }
    return firm.create(Application, who, **(given | values))


def stands(firm: Firm, party: int | None) -> Standing:
    """Where a customer with a file stands."""
    found = firm.read("finance", lambda w: standing(w, party or 0))
    assert found is not None
    return found


def test_sales_propose_finance_reviews_and_the_leader_approves(strict_firm: Firm) -> None:
    """CRD-03: proposed by sales, reviewed by finance, approved by management; reviewed again when it is time."""
    firm = strict_firm
    today = firm.as_program(lambda w: w.today)
    application = applied(firm, valid_until=(today + timedelta(days=20)).isoformat())
    assert firm.move(application, "submit").approval == "pending"
    assert firm.read("finance", lambda w: standing(w, application.party_id or 0)) is None
    assert firm.agree(application, "finance").state == "draft"
    assert firm.agree(application, "boss").state == "granted"
    now = stands(firm, application.party_id)
    assert (now.grade, now.limit) == ("B", Decimal(300000))
    reviews = [d.key for d in firm.read("rep", lambda w: list(my_duties(w))) if d.key.startswith("credit.")]
    assert reviews == [f"credit.file.review:{now.file_id}"]


def test_a_second_application_changes_the_same_file(firm: Firm) -> None:
    first = firm.move(applied(firm), "submit")
    second = firm.move(applied(firm, first.party_id, amount="500000", grade="A"), "submit")
    now = stands(firm, first.party_id)
    assert (now.grade, now.limit) == ("A", Decimal(500000))
    assert (second.grade_before, second.limit_before) == ("B", Decimal(300000))
    with pytest.raises(Conflict):
        firm.edit(second, amount="600000")


def test_temporary_credit_comes_on_top_and_earlier_grants_stay(firm: Firm) -> None:
    party = trusted(firm, "1000")
    today = firm.as_program(lambda w: w.today)
    days = {"valid_from": today.isoformat(), "valid_until": (today + timedelta(days=5)).isoformat()}
    for amount in ("200", "300"):
        firm.move(applied(firm, party, asks_for="temporary", amount=amount, **days), "submit")
    assert stands(firm, party).allowed == 1500


def test_temporary_credit_needs_an_amount_and_days(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        firm.move(applied(firm, asks_for="temporary", amount="0", reason=""), "submit")
    assert [o.code for o in refused.value.objections] == ["credit.temporary", "credit.reason"]


def test_a_customer_is_frozen_and_thawed_by_application(firm: Firm) -> None:
    party = trusted(firm, "1000")
    firm.move(applied(firm, party, "finance", asks_for="freeze", reason="诉讼", amount="0"), "submit", "finance")
    assert stands(firm, party).frozen
    firm.move(applied(firm, party, "finance", asks_for="thaw", reason="和解", amount="0"), "submit", "finance")
    now = stands(firm, party)
    assert (now.frozen, now.limit) == (False, Decimal(1000))


def test_a_file_that_goes_out_of_use_thaws_nobody(firm: Firm) -> None:
    """A frozen customer gets nothing, whatever becomes of his file, until he is thawed by an application."""
    party = trusted(firm, "1000", frozen=True, frozen_why="诉讼")
    key = stands(firm, party).file_id
    with pytest.raises(Invalid) as refused:
        firm.run("boss", lambda w: masters.save(w, CreditFile, {"active": False}, key=key))
    assert [fault.code for fault in refused.value.faults] == ["frozen"]
    firm.run("boss", lambda w: masters.save(w, CreditFile, {"frozen": False}, key=key))
    firm.run("boss", lambda w: masters.save(w, CreditFile, {"active": False}, key=key))
    assert firm.read("finance", lambda w: standing(w, party)) is None
    firm.move(applied(firm, party, "finance", asks_for="freeze", reason="诉讼", amount="0"), "submit", "finance")
    assert stands(firm, party).frozen
    firm.as_program(lambda w: w.connection.execute(update(CreditFile.__table__).values(active=False)))  # type: ignore[arg-type]
    assert stands(firm, party).frozen, "a file from before this was asked"
    firm.move(applied(firm, party, "finance", asks_for="thaw", reason="和解", amount="0"), "submit", "finance")
    assert firm.read("finance", lambda w: standing(w, party)) is None
    firm.move(applied(firm, party, amount="7000"), "submit")
    assert stands(firm, party).allowed == 7000


def test_nobody_but_management_writes_into_a_file_by_hand(firm: Firm) -> None:
    party = trusted(firm, "1000")
    key = firm.read("finance", lambda w: w.session.scalar(select(CreditFile.id).where(CreditFile.party_id == party)))
    for who in ("rep", "manager", "clerk", "finance"):
        with pytest.raises(Forbidden):
            firm.run(who, lambda w: masters.save(w, CreditFile, {"amount": Decimal(9)}, key=key))


# Consent to an excess ---------------------------------------------------------------------------------------------


def bill(firm: Firm, party: int, amount: str) -> Invoice:
    """A draft invoice that no order went before, so that issuing it binds."""
    number = f"26370000{firm.next('fapiao'):012}"
    given = {"party_id": party, "invoice_number": number, "tax_number": "91370200MA3TEST00X"}
    return firm.create(Invoice, "clerk", lines=[line(firm.item(amount))], **given)


def test_an_excess_is_agreed_to_by_who_the_company_named(firm: Firm) -> None:
    firm.settings(credit__at_order="approve", credit__leader_from="100000")
    party = trusted(firm, "1000")
    small, large = bill(firm, party, "1100"), bill(firm, party, "101000")
    assert firm.move(small, "issue", "clerk").approval == "pending"
    with pytest.raises(Forbidden):
        firm.agree(small, "boss")
    assert firm.agree(small, "finance").state == "issued"
    firm.move(large, "issue", "clerk")
    assert firm.agree(large, "boss").state == "issued"


def test_a_consent_is_for_that_excess_and_no_more(firm: Firm) -> None:
    firm.settings(credit__at_order="approve")
    party = trusted(firm, "1000")
    one, two = bill(firm, party, "1100"), bill(firm, party, "1050")
    firm.move(one, "issue", "clerk")
    firm.move(two, "issue", "clerk")
    assert firm.agree(one, "finance").state == "issued"
    with pytest.raises(Conflict):
        firm.agree(two, "finance")


def test_a_company_begins_with_the_usual_consents_and_keeps_its_own(strict_firm: Firm) -> None:
    statement = select(ApprovalPolicy.transition).where(ApprovalPolicy.document_kind == "credit.application")
    assert strict_firm.read("admin", lambda w: list(w.session.scalars(statement))) == ["submit"]


def test_days_that_have_passed_are_not_applied_for(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        firm.move(applied(firm, valid_from="2026-02-01", valid_until=date(2026, 1, 1).isoformat()), "submit")
    assert [o.code for o in refused.value.objections] == ["credit.days", "credit.over"]
