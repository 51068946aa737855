"""Customers: codes that were typed in do not stop the series, and nobody learns of another's customers by their ids."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from core.operations import company, create, flow, preview
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Inquiry, Quotation


def test_a_code_that_somebody_typed_is_passed_over_by_the_series(firm: Firm) -> None:
    """After an old list was taken over by hand, the next customer still gets a code."""
    for code in ("C00001", "C00002", "C00004"):
        firm.party("clerk", code=code)
    assert [firm.party("clerk").code for _n in range(2)] == ["C00003", "C00005"]


def test_a_pattern_of_numbers_that_cannot_be_kept_is_refused(firm: Firm) -> None:
    """However often it repeats the year."""
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: company.choose_series(w, "quotation.quotation", "{yyyy}" * 20 + "{n:04}"))
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: company.choose_settings(w, {"core.party_series": "{yyyy}" * 20 + "{n:04}"}))


def test_a_representative_offers_nothing_to_a_customer_of_another(firm: Firm) -> None:
    """Neither a new document, a changed one nor a look ahead tells who the customer is."""
    mine, other = firm.party("rep"), firm.party("rep2", phone="0532-8888 1234")
    own = firm.create(Quotation, party_id=mine.id, lines=[line(firm.item())])
    with pytest.raises(Invalid):
        firm.create(Quotation, party_id=other.id, lines=[line(firm.item())])
    with pytest.raises(Invalid):
        firm.edit(own, party_id=other.id)
    for given in ({"party_id": other.id}, {"id": own.id, "party_id": other.id}):
        found = firm.read("rep", lambda w, g=given: preview.preview(w, Quotation, g))  # type: ignore[misc]
        assert [fault["path"] for fault in found["errors"]] == ["party_id"]
        assert found["header"]["party_name"] != other.name
    assert firm.create(Quotation, "manager", party_id=other.id, lines=[line(firm.item())]).party_name == other.name


def test_who_answers_for_a_document_goes_on_with_it_whoever_has_the_customer(firm: Firm) -> None:
    """A document that was handed over is changed and quoted without the customer's file."""
    other = firm.party("rep2")
    asked = firm.create(
        Inquiry, "manager", party_id=other.id, owner_id=firm.people["rep"], lines=[line(firm.item()), line(firm.item())]
    )
    edited = firm.edit(asked, lines=[{"id": asked.lines[0].id, "quantity": "3"}, {"id": asked.lines[1].id}])
    assert edited.lines[0].quantity == 3
    assert firm.move(edited, "quote").state == "quoted"

    def opened(work: Work) -> int:
        return len(flow.waiting(work, Quotation))

    assert firm.read("rep", opened) == 0


def test_an_operation_may_name_any_customer_of_the_company(firm: Firm) -> None:
    """What the program makes in the course of something else is not asked whose customer it is."""
    other = firm.party("rep2")
    given = inputs.read(Inquiry, {"party_id": other.id})
    assert firm.run("rep", lambda w: create.write(w, Inquiry, given)).party_id == other.id
