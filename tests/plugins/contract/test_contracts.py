"""A contract is complete before it is reviewed, in force when both have signed, and owed by its milestones."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from core.documents.reading import load
from core.errors import Conflict, IllegalMove, Invalid, Refused
from core.operations import flow
from core.testing.builders import Firm, line
from plugins.contract.documents import Contract
from plugins.production.documents import ProductionOrder
from tests.plugins.contract.agreements import USUAL, day, drafted, released, sealed, signed


def read(firm: Firm, contract: Contract, who: str = "rep") -> Contract:
    """The contract as it stands."""
    return firm.read(who, lambda w: load(w, Contract, contract.id))


def claims(firm: Firm, contract: Contract) -> list[Any]:
    """What is owed by a contract."""
    return firm.read("finance", lambda w: flow.claims.of(w, [contract.id]))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """Why something was refused."""
    return [o.code for o in refused.value.objections]


# What it must say -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("clause", ["duties", "quality", "breach", "delivery_terms", "deadline"])
def test_a_missing_obligatory_clause_blocks_the_submission(firm: Firm, clause: str) -> None:
    contract = drafted(firm)
    gap: dict[str, Any] = {clause: None if clause == "deadline" else ""}
    firm.edit(contract, **gap)
    with pytest.raises(Refused) as refused:
        firm.move(contract, "submit")
    assert codes(refused) == ["contract.incomplete"]


def test_a_contract_without_payment_or_goods_is_not_submitted(firm: Firm) -> None:
    contract = drafted(firm)
    unpaid = firm.edit(contract, payment_terms="", settlement="")
    with pytest.raises(Refused, match="Payment"):
        firm.move(unpaid, "submit")
    empty = firm.create(Contract, party_id=firm.party().id, lines=[{"line_kind": "text", "name": "说明"}])
    with pytest.raises(Refused) as refused:
        firm.move(empty, "submit")
    assert "contract.empty" in codes(refused)


def test_milestones_that_do_not_make_up_the_total_block_the_submission(firm: Firm) -> None:
    contract = drafted(firm, milestones=[{"event": "signing", "percent": "0.3"}])
    with pytest.raises(Refused) as refused:
        firm.move(contract, "submit")
    assert codes(refused) == ["contract.milestones"]
    whole = firm.edit(contract, milestones=[{"event": "signing", "percent": "0.3"}, {"event": "day", "amount": "7000"}])
    assert firm.move(whole, "submit").state == "approved"


def test_a_milestone_without_a_figure_is_told(firm: Firm) -> None:
    contract = drafted(firm, milestones=[{"event": "signing", "percent": "1"}, {"event": "acceptance"}])
    with pytest.raises(Refused) as refused:
        firm.move(contract, "submit")
    assert codes(refused) == ["contract.milestone"]


# Signatures -----------------------------------------------------------------------------------------------------------


def test_only_who_is_authorised_signs_for_the_company(firm: Firm) -> None:
    contract = drafted(firm)
    firm.move(contract, "submit")
    today = day(firm).isoformat()
    with pytest.raises(Refused) as refused:
        firm.move(contract, "sign", values={"our_signatory_id": firm.people["rep"], "our_signed_on": today})
    assert codes(refused) == ["contract.authority"]
    with pytest.raises(Invalid):
        firm.move(contract, "sign", values={"our_signatory_id": firm.people["boss"]})
    tomorrow = (day(firm) + timedelta(days=1)).isoformat()
    with pytest.raises(Refused) as refused:
        firm.move(contract, "sign", values={"our_signatory_id": firm.people["boss"], "our_signed_on": tomorrow})
    assert codes(refused) == ["contract.future"]
    done = firm.move(contract, "sign", values={"our_signatory_id": firm.people["manager"], "our_signed_on": today})
    assert (done.state, done.our_signatory_id) == ("sealed", firm.people["manager"])


def test_a_contract_is_in_force_only_with_both_signatures(firm: Firm) -> None:
    """CTR-17: the authorised person signs for us, the customer signs, and only then is anything released."""
    contract = drafted(firm)
    firm.move(contract, "submit")
    for state in ("approved", "sealed"):
        assert read(firm, contract).signed_on is None
        with pytest.raises(IllegalMove):
            firm.move(contract, "release")
        if state == "approved":
            values = {"our_signatory_id": firm.people["boss"], "our_signed_on": day(firm).isoformat()}
            firm.move(contract, "sign", values=values)
    with pytest.raises(Invalid):
        firm.move(contract, "countersign", values={"customer_signatory": "林总"})
    yesterday = day(firm) - timedelta(days=1)
    values = {"customer_signatory": "林总", "customer_signed_on": yesterday.isoformat()}
    assert firm.move(contract, "countersign", values=values).state == "signed"
    assert read(firm, contract).signed_on == day(firm)
    assert firm.move(contract, "release").state == "released"


def test_signing_makes_the_milestones_owed_and_the_advance_due(firm: Firm) -> None:
    contract = drafted(
        firm,
        milestones=[
            {"event": "signing", "percent": "0.3", "days": 7},
            {"event": "shipment", "percent": "0.6"},
            {"event": "warranty", "percent": "0.1", "name": "质保金"},
        ],
    )
    signed(firm, contract)
    rows = claims(firm, contract)
    assert [(r.name, r.amount, r.due) for r in rows] == [
        ("预付款（签订后）", Decimal("3000.00"), day(firm) + timedelta(days=7)),
        ("发货前", Decimal("6000.00"), None),
        ("质保金", Decimal("1000.00"), None),
    ]
    assert read(firm, contract).first_gross == Decimal("10000.00")


def test_acceptance_makes_the_rest_due_and_begins_the_warranty(firm: Firm) -> None:
    """CTR-14: advance, before shipment, on acceptance, retention until the end of the warranty; percent or amount."""
    contract = drafted(
        firm,
        warranty_months=18,
        milestones=[
            {"event": "signing", "percent": "0.3"},
            {"event": "shipment", "percent": "0.3"},
            {"event": "acceptance", "amount": "3000", "rule": "month_end", "days": 10},
            {"event": "warranty", "percent": "0.1"},
        ],
    )
    released(firm, contract)
    firm.move(contract, "accept", values={"accepted_on": "2026-08-31", "accepted_by": "林总"})
    assert read(firm, contract).warranty_until == date(2028, 2, 29)
    assert [r.due for r in claims(firm, contract)] == [
        day(firm),
        date(2026, 8, 31),
        date(2026, 9, 10),
        date(2028, 2, 29),
    ]


def test_revising_a_signed_contract_takes_its_claims_and_signatures_back(firm: Firm) -> None:
    contract = drafted(firm, milestones=USUAL)
    signed(firm, contract)
    revised = firm.move(contract, "revise")
    assert (revised.state, revised.revision) == ("draft", 2)
    assert claims(firm, contract) == []
    fresh = read(firm, contract)
    assert (fresh.our_signed_on, fresh.customer_signatory, fresh.signed_on) == (None, "", None)
    firm.edit(fresh, lines=[{"id": fresh.lines[0].id, "quantity": "20"}])
    signed(firm, contract)
    again = read(firm, contract)
    assert (again.first_gross, again.gross) == (Decimal("10000.00"), Decimal("20000.00"))
    assert [r.amount for r in claims(firm, contract)] == [Decimal("6000.00"), Decimal("14000.00")]


def test_what_was_released_is_not_revised(firm: Firm) -> None:
    contract = drafted(firm)
    released(firm, contract)
    with pytest.raises(IllegalMove):
        firm.move(contract, "revise")


# The technical agreement ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", ["submit", "sign", "release"])
def test_the_technical_agreement_is_signed_when_the_company_says(firm: Firm, gate: str) -> None:
    """CTR-03: before the review, before signing, or before the release; who signed and when is kept."""
    firm.settings(contract__technical_agreement=gate)
    contract = drafted(firm, technical_needed=True)
    today = day(firm).isoformat()
    facts = {"technical_number": "JS26-001", "technical_signed_on": today, "technical_signatory": "周工"}
    if gate == "submit":
        with pytest.raises(Refused) as refused:
            firm.move(contract, "submit")
        assert codes(refused) == ["contract.technical"]
        assert firm.move(firm.edit(contract, **facts), "submit").state == "approved"
        return
    firm.move(contract, "submit")
    if gate == "sign":
        with pytest.raises(Refused) as refused:
            firm.move(contract, "sign", values={"our_signatory_id": firm.people["boss"], "our_signed_on": today})
        assert codes(refused) == ["contract.technical"]
        assert firm.move(contract, "agree_technically", values=facts).state == "approved"
    values = {"our_signatory_id": firm.people["boss"], "our_signed_on": today}
    firm.move(contract, "sign", values=values)
    firm.move(contract, "countersign", values={"customer_signatory": "林总", "customer_signed_on": today})
    if gate == "release":
        with pytest.raises(Refused):
            firm.move(contract, "release")
        firm.move(contract, "agree_technically_later", values=facts)
    assert firm.move(contract, "release").state == "released"
    assert read(firm, contract).technical_signatory == "周工"


# Release and the end --------------------------------------------------------------------------------------------------


def test_releasing_gives_the_works_their_task_with_its_day(firm: Firm) -> None:
    contract = drafted(firm)
    released(firm, contract)
    orders = firm.read("rep", lambda w: flow.descendants(w, contract.id))
    assert len(orders) == 1
    order = firm.read("rep", lambda w: load(w, ProductionOrder, orders[0]))
    assert (order.state, order.deadline) == ("planned", contract.deadline)
    assert [x.quantity for x in order.lines] == [Decimal(10)]


def test_a_recall_takes_untouched_tasks_back_and_names_touched_ones(firm: Firm) -> None:
    contract = drafted(firm)
    released(firm, contract)
    assert firm.move(contract, "recall", "manager", reason="客户推迟").state == "signed"
    assert firm.read("rep", lambda w: flow.descendants(w, contract.id)) == []
    firm.move(contract, "release")
    key = firm.read("rep", lambda w: flow.descendants(w, contract.id))[0]
    order = firm.read("rep", lambda w: load(w, ProductionOrder, key))
    firm.edit(order, workshop="一车间")
    with pytest.raises(Conflict):
        firm.move(contract, "recall", "manager", reason="客户推迟")


def test_a_terminated_contract_keeps_its_reason_and_binds_nobody(firm: Firm) -> None:
    contract = drafted(firm)
    signed(firm, contract)
    done = firm.move(contract, "terminate", "manager", reason="双方协商解除")
    assert (done.state, done.outcome, done.uninvoiced) == ("terminated", "双方协商解除", Decimal(0))


def test_completing_what_is_not_delivered_is_confirmed_first(firm: Firm) -> None:
    contract = drafted(firm)
    released(firm, contract)
    with pytest.raises(Refused) as refused:
        firm.move(contract, "complete")
    warned = codes(refused)
    assert "contract.undelivered" in warned
    assert firm.move(contract, "complete", confirmed=warned).state == "completed"


def test_the_archive_waits_for_payment_warranty_and_the_years(firm: Firm) -> None:
    """CTR-13: all paid, the warranty over, two years gone; not before."""
    contract = drafted(firm, milestones=[{"event": "acceptance", "percent": "1"}], warranty_months=1)
    released(firm, contract)
    firm.move(contract, "accept", values={"accepted_on": (day(firm) - timedelta(days=40)).isoformat()})
    warnings = ("contract.undelivered", "contract.uninvoiced")
    firm.move(contract, "complete", confirmed=warnings)
    values = {"archive_number": "A-26-001", "archive_place": "三号柜", "archived_on": day(firm).isoformat()}
    with pytest.raises(Refused) as refused:
        firm.move(contract, "archive", "manager", values=values)
    assert codes(refused) == ["contract.unpaid", "contract.early"]


# Drafts, fill, cancel -------------------------------------------------------------------------------------------------


def test_a_cancelled_contract_frees_what_it_bound(firm: Firm) -> None:
    contract = drafted(firm)
    sealed(firm, contract)
    assert read(firm, contract).uninvoiced == Decimal("10000.00")
    done = firm.move(contract, "cancel", reason="客户不签")
    assert (done.state, done.uninvoiced) == ("cancelled", Decimal(0))


def test_a_new_contract_says_what_the_usual_template_says(firm: Firm) -> None:
    contract = drafted(firm)
    assert contract.template_id is not None
    assert contract.quality.startswith("产品为全新产品")
    own = firm.edit(contract, quality="按图纸 GS-100")
    assert firm.move(own, "fill", values={"template_id": contract.template_id}).state == "draft"
    assert read(firm, contract).quality == "按图纸 GS-100"


def test_filling_in_puts_wording_only_where_nothing_is_written(firm: Firm) -> None:
    contract = drafted(firm)
    bare = firm.edit(contract, quality="", breach="违约金千分之一")
    firm.move(bare, "fill", values={"template_id": contract.template_id})
    filled = read(firm, contract)
    assert filled.quality.startswith("产品为全新产品")
    assert filled.breach == "违约金千分之一"


def test_lines_of_several_days_need_no_day_of_the_whole(firm: Firm) -> None:
    lines = [line(firm.item(), "1", deadline="2027-01-05"), line(firm.item(), "1", deadline="2027-02-05")]
    contract = drafted(firm, lines=lines)
    bare = firm.edit(contract, deadline=None)
    assert firm.move(bare, "submit").state == "approved"
