"""What conditions of approval rules may ask of a contract or an order: kind, clauses, deviations, payment, warranty."""

from __future__ import annotations

from decimal import Decimal

from core.approvals.facts import Fact, Value
from core.money import half_up
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.deviations import deviations
from plugins.contract.documents.milestones import Milestone
from plugins.contract.documents.payment import amounts
from plugins.contract.masters import CONTRACT_KINDS

MONTH = 30


def _advance(_work: Work, contract: Contract) -> Value:
    """The share of the price that is due on signing; zero where no such payment is agreed."""
    if not contract.gross:
        return None
    each = zip(contract.milestones, amounts(contract.gross, contract.milestones), strict=True)
    return half_up(sum((sum_ for one, sum_ in each if one.event == "signing"), Decimal(0)) / contract.gross * 100, 2)


def _payment_days(_work: Work, contract: Contract) -> Value:
    """The most days between delivery or acceptance and a payment, months as thirty days; a retention is no delay."""
    return Decimal(max((_days(contract, one) for one in contract.milestones), default=0))


def _days(contract: Contract, one: Milestone) -> int:
    if one.event == "day":
        return max(0, (one.day - (contract.deadline or contract.date)).days) if one.day else 0
    if one.event not in ("delivery", "acceptance"):
        return 0
    return one.days if one.rule == "days" else one.days + MONTH


FACTS = (
    Fact(
        "contract_kind",
        _("Kind of contract"),
        "text",
        lambda _work, contract: contract.contract_kind,
        lambda cls: cls is Contract,
        CONTRACT_KINDS,
    ),
    Fact(
        "special_terms",
        _("Has special clauses"),
        "flag",
        lambda _work, contract: contract.special_terms,
        lambda cls: cls is Contract,
    ),
    Fact(
        "deviates",
        _("Differs from the approved offer"),
        "flag",
        lambda work, document: bool(deviations(work, document)),
        lambda cls: cls in (Contract, Order),
    ),
    Fact(
        "warranty_months",
        _("Warranty (months)"),
        "number",
        lambda _work, contract: Decimal(contract.warranty_months),
        lambda cls: cls is Contract,
    ),
    Fact("advance", _("Paid on signing (%)"), "percent", _advance, lambda cls: cls is Contract),
    Fact("payment_days", _("Longest time to pay (days)"), "number", _payment_days, lambda cls: cls is Contract),
)
