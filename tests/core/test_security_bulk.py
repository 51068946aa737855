"""Moving many documents at once: what is out of reach is neither moved nor named."""

from __future__ import annotations

from core.testing.builders import Firm, line
from core.testing.sites import site_of
from plugins.quotation.documents import Quotation
from tests.core.administration_visitor import Visitor
from tests.core.test_screens import OFFERS


def test_a_guessed_id_among_many_is_neither_moved_nor_named(firm: Firm) -> None:
    """A colleague's document answers like one that is not there, and what is no number is left out."""
    theirs = firm.create(Quotation, "rep2", lines=[line(firm.item("1"), "1")], party_id=firm.party("rep2").id)
    number = firm.move(theirs, "submit", "rep2").number
    assert number
    seller = Visitor(site_of(firm), firm, "rep")
    answer = seller.post(f"{OFFERS}/bulk", id=[str(theirs.id), "²", "9" * 30], move="mark_sent")
    assert answer.status_code == 200
    assert number not in answer.text
