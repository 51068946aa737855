"""What conditions of approval rules may ask of a contract or an order: kind, special clauses, deviations, warranty."""

from __future__ import annotations

from decimal import Decimal

from core.approvals.facts import Fact
from core.text import _
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.deviations import deviations
from plugins.contract.masters import CONTRACT_KINDS

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
)
