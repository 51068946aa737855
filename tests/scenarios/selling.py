"""A company that sells as tests like it: no stock is kept, nobody waits for consents, papers say all they must."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.app import Program
from core.testing.actions import Actions, Hints
from core.testing.builders import Firm

AREAS = ("quotation", "contract", "production", "logistics", "billing", "credit", "aftersales")
SETTINGS = {
    "contract.entry": "order",
    "contract.drafts": "false",
    "contract.confirmation": "false",
    "production.drafts": "false",
    "logistics.negative_stock": "true",
    "logistics.drafts": "false",
    "billing.drafts": "false",
    "credit.at_order": "off",
    "credit.at_delivery": "off",
}


def _number(firm: Firm) -> str:
    return f"26370000{firm.next('fapiao'):012}"


TITLE: dict[str, Any] = {"buyer": "买方有限公司", "tax_number": "91350100M000100Y43"}
AGREED: dict[str, Any] = {
    "contact_name": "李工",
    "contact_phone": "13800138000",
    "deadline": "2026-12-20",
    "address": "青岛市市南区香港中路1号",
}
CLAUSES = dict.fromkeys(("duties", "quality", "breach", "delivery_terms", "settlement"), "照约定")
HINTS: Hints = {
    "contract.order": AGREED,
    "contract.contract": {**AGREED, **CLAUSES},
    "contract.order.confirm": {"confirmed_by": "李工"},
    "aftersales.return": {"reason_kind": "quality"},
    "aftersales.return.examine": {"finding": "坏了"},
    "logistics.return_receipt.inspect": {"disposal": "scrap"},
    "logistics.delivery.sign": {"received": "complete"},
    "logistics.delivery.tell": {"told_way": "phone"},
    "billing.request": TITLE,
    "billing.invoice": {**TITLE, "invoice_number": _number},
    "billing.credit_note": {**TITLE, "invoice_number": _number, "confirmation": "01"},
}


def company(program: Program, areas: Iterable[str], code: str = "sub", **settings: str) -> Actions:
    """A new company that uses these areas, and people at work in it."""
    firm = Firm.founded(program, code, "青岛任意照明有限公司", areas=list(areas))
    return at_work(firm, areas, **settings)


def at_work(firm: Firm, areas: Iterable[str], **settings: str) -> Actions:
    """People at work in a company that uses these areas."""
    chosen = {key: value for key, value in SETTINGS.items() if key.partition(".")[0] in set(areas)}
    named = {key.replace("__", "."): value for key, value in settings.items()}
    firm.settings(**{key.replace(".", "__"): value for key, value in {**chosen, **named}.items()})
    return Actions(firm, HINTS)
