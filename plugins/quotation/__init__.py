"""Quotations: inquiries, price lists and offers, approved before anybody outside sees them."""

from __future__ import annotations

from core.extension import Plugin
from core.roles import GENERAL_MANAGER, SALES_MANAGER
from core.separation import Office
from core.text import _

plugin = Plugin(
    name="quotation",
    label=_("Quotations"),
    place=20,
    icon="file-dollar",
    about=_("Inquiries, price lists and quotations with approval, versions and papers."),
    offices=((Office.SELL, ("quotation.quotation.create",)),),
    permissions=(("quotation.price_list.approve", _("Approve price lists"), (SALES_MANAGER, GENERAL_MANAGER)),),
)
