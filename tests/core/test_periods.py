"""A closed period, and what is posted in it, stay as they are."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from core.errors import Conflict, Forbidden, Invalid
from core.operations import company, credentials
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation

DAY = date(2026, 6, 30)


def test_nothing_is_posted_or_opened_again_in_a_closed_period(firm: Firm) -> None:
    """After closing, a draft of the period is neither changed nor posted, and what is posted is not revised."""
    firm.today = DAY
    draft = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    posted = firm.move(firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())]), "submit")
    firm.run("admin", lambda w: company.close_books(w, DAY))
    firm.today = DAY + timedelta(days=1)
    for document, move in ((draft, "submit"), (posted, "revise")):
        with pytest.raises(Conflict) as closed:
            firm.move(document, move)
        assert closed.value.code == "period.closed"
    with pytest.raises(Invalid):
        firm.edit(draft, subject="later")
    later = firm.edit(draft, date=str(firm.today))
    assert firm.move(later, "submit").state == "approved"


def test_a_line_is_not_moved_into_a_posted_document(firm: Firm) -> None:
    """The database refuses it, whatever the program says."""
    draft = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    posted = firm.move(firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())]), "submit")
    with pytest.raises((Conflict, IntegrityError)):
        firm.as_program(
            lambda w: w.connection.execute(
                text("UPDATE document_line SET document_id = :posted WHERE document_id = :draft"),
                {"posted": posted.id, "draft": draft.id},
            )
        )


def test_nobody_gets_a_key_that_acts_as_somebody_else(firm: Firm) -> None:
    """An administrator would be maker and approver in one person."""
    with pytest.raises(Forbidden):
        firm.run(
            "admin",
            lambda w: credentials.issue_token(w, "k", "0" * 64, account_id=firm.people["boss"], expires_at=None),
        )
