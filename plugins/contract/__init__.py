"""Contracts and orders: what was agreed, by whom it was signed, when it is paid, and what became of it."""

from __future__ import annotations

from core.extension import Plugin
from core.roles import GENERAL_MANAGER, SALES_MANAGER
from core.separation import Office
from core.text import _

plugin = Plugin(
    name="contract",
    label=_("Contracts and orders"),
    place=30,
    icon="file-certificate",
    about=_(
        "Contracts with clauses, review, signatures and payment milestones; customer orders; ledger and fulfilment."
    ),
    offices=((Office.SELL, ("contract.contract.create", "contract.order.create")),),
    permissions=(("contract.contract.authority", _("Sign in the company's name"), (SALES_MANAGER, GENERAL_MANAGER)),),
)
