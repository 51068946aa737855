"""Credit: how much a customer may owe, what he owes by now, and who lets it grow beyond."""

from __future__ import annotations

from core.extension import Plugin
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.separation import Office
from core.text import _

plugin = Plugin(
    name="credit",
    label=_("Customer credit"),
    place=70,
    icon="shield-check",
    about=_("Credit files with grade and limit, applications, and the check of every order, delivery and invoice."),
    permissions=(
        (
            "credit.exposure.read",
            _("See what a customer owes against his limit"),
            (FINANCE, GENERAL_MANAGER, SALES_MANAGER, SALES_CLERK, REPRESENTATIVE),
        ),
    ),
    offices=((Office.CREDIT, ("credit.file.create", "credit.file.edit")),),
)
