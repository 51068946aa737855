"""Documents from creation over approval to revision."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.errors import Conflict, Forbidden, Invalid, Stale, Unknown
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation


def test_a_quotation_is_priced_taxed_and_summed_line_by_line(firm: Firm) -> None:
    """Gross is quantity × price; tax is what is left when the net is taken out of it."""
    lamp = firm.item("113")
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(lamp, "2"), line(lamp, "1", "100")])
    assert (quotation.net, quotation.tax, quotation.gross) == (
        Decimal("288.50"),
        Decimal("37.50"),
        Decimal("326.00"),
    )
    again = firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert [row.gross for row in again.lines] == [Decimal("226.00"), Decimal("100.00")]
    assert again.number is None
    assert again.version == 1


def test_no_document_is_in_money_whose_least_part_could_not_be_kept(firm: Firm) -> None:
    """A dinar has a thousand parts; two decimals would lose nine of ten of them in silence."""
    given: dict[str, Any] = {"party_id": firm.party().id, "exchange_rate": "23.4", "lines": [line(firm.item())]}
    with pytest.raises(Invalid) as no:
        firm.create(Quotation, currency="KWD", **given)
    assert [(fault.path, fault.code) for fault in no.value.faults] == [("currency", "places")]
    assert firm.create(Quotation, currency="JPY", **given).currency == "JPY"


def test_nobody_sees_a_document_of_another_company(firm: Firm, other_firm: Firm) -> None:
    """An id of another company is as unknown as one that was never given."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    with pytest.raises(Unknown):
        other_firm.read("boss", lambda w: load(w, Quotation, quotation.id))


def test_a_stale_change_is_refused(firm: Firm) -> None:
    """Who saw an older version overwrites nothing."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    firm.edit(quotation, subject="甲")
    with pytest.raises(Stale):
        firm.edit(quotation, subject="乙")


def test_a_quotation_without_policy_is_numbered_when_submitted(firm: Firm) -> None:
    """Without a policy the move goes through at once and takes a number; the content is frozen from then on."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    done = firm.move(quotation, "submit")
    assert done.state == "approved"
    assert str(done.number).endswith("-0001")
    with pytest.raises(Conflict):
        firm.edit(done, subject="x")
    revised = firm.move(done, "revise")
    assert (revised.state, revised.revision) == ("draft", 2)
    again = firm.edit(revised, lines=[{"id": revised.lines[0].id, "quantity": "5"}])
    assert again.lines[0].quantity == 5


def test_a_representative_works_on_his_own_only(firm: Firm) -> None:
    """A colleague's quotation is not there for a representative; the manager sees it."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    with pytest.raises(Unknown):
        firm.read("rep2", lambda w: load(w, Quotation, quotation.id))
    assert firm.read("manager", lambda w: load(w, Quotation, quotation.id)).id == quotation.id
    with pytest.raises(Forbidden):
        firm.create(Quotation, who="finance", party_id=firm.party().id)


def test_a_customer_is_registered_once(firm: Firm) -> None:
    """CRM-06: the same name, written otherwise, and the same code are refused and told to whom they belong."""
    firm.party(name="青岛海天 照明（工程）有限公司", credit_code="91350100M000100Y43")
    with pytest.raises(Invalid) as same_name:
        firm.party(name="青岛海天照明(工程)有限公司")
    assert same_name.value.faults[0].path == "name"
    with pytest.raises(Invalid) as same_code:
        firm.party(name="别的公司", credit_code="91350100m000100y43")
    assert same_code.value.faults[0].path == "credit_code"
