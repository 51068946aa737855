"""What the documents of money share: who works with them, the kinds of invoices, and the buyer's title."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Code, Line, Name, field
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_ADMINISTRATOR, SALES_CLERK, SALES_MANAGER
from core.text import _

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, FINANCE)
ASKING = (*SELLERS, SALES_ADMINISTRATOR)
EVERYBODY = (*ASKING, GENERAL_MANAGER)
CASHIERS = (FINANCE,)
CLERKS = (SALES_CLERK, FINANCE)

INVOICE_KINDS = (
    ("digital_special", _("Digital special VAT invoice")),
    ("digital_ordinary", _("Digital ordinary invoice")),
    ("paper_special", _("Special VAT invoice on paper")),
    ("paper_ordinary", _("Ordinary VAT invoice on paper")),
    ("receipt", _("Plain receipt")),
    ("none", _("No invoice")),
)
DIGITAL = frozenset({"digital_special", "digital_ordinary"})
ON_PAPER = frozenset({"paper_special", "paper_ordinary"})
SPECIAL = frozenset({"digital_special", "paper_special"})
TITLE_KINDS = (
    ("company", _("Company")),
    ("person", _("Private person")),
    ("institution", _("Institution")),
)
TITLE_FIELDS = (
    "invoice_kind",
    "title_kind",
    "buyer",
    "tax_number",
    "title_address",
    "title_phone",
    "title_bank",
    "title_account",
    "send_to",
)


class Titled:
    """What an invoice says about the buyer, as it was when the document was made (发票抬头)."""

    invoice_kind: Mapped[str] = field(_("Invoice kind"), String(20), choices=INVOICE_KINDS, default="digital_special")
    title_kind: Mapped[str] = field(_("Kind of title"), String(20), choices=TITLE_KINDS, default="company")
    buyer: Mapped[Name] = field(_("Invoice title"), default="", help=_("The buyer's full name as registered."))
    tax_number: Mapped[Code] = field(_("Tax number"), default="")
    title_address: Mapped[Line] = field(_("Registered address"), default="")
    title_phone: Mapped[Code] = field(_("Registered telephone"), default="")
    title_bank: Mapped[Name] = field(_("Bank"), default="")
    title_account: Mapped[Code] = field(_("Bank account"), default="")
    send_to: Mapped[Line] = field(_("Send to"), default="", help=_("An e-mail address, or where to mail it."))
