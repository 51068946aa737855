"""The invoice request: sales ask for an invoice, the company agrees, finance issues (开票申请)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Line, field, refers
from core.db.types import BigId
from core.documents import Document, Stage, State, Transition, Workflow
from core.text import _
from core.work import Work
from plugins.billing.documents import checks
from plugins.billing.documents.common import ASKING, EVERYBODY, TITLE_FIELDS, Titled
from plugins.billing.settings import REQUESTS


class Request(Titled, Document, kind="billing.request"):
    """A request for an invoice over what was ordered or delivered, with the buyer's title (BIL-01)."""

    __table_args__ = (refers("milestone_id", "claim"),)
    label = _("Invoice request")
    label_plural = _("Invoice requests")
    plural = "invoice-requests"
    icon = "file-plus"
    stage = Stage.INVOICE
    readers = EVERYBODY
    writers = ASKING
    series = "KP-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "invoice_kind", "gross", "expected_on", "state", "owner_id")
    header = (
        "party_id",
        "date",
        *TITLE_FIELDS,
        "in_advance",
        "expected_on",
        "contact_name",
        "contact_phone",
        "owner_id",
        "payment_terms",
        "prices_include_tax",
        "on_invoice",
        "remark",
        "internal_remark",
    )
    searched = ("number", "party_name", "subject", "reference", "buyer")

    in_advance: Mapped[bool] = field(
        _("In advance"), default=False, help=_("The invoice comes before the goods or the money.")
    )
    expected_on: Mapped[date | None] = field(_("Payment expected on"))
    on_invoice: Mapped[Line] = field(_("Remark on the invoice"), default="")
    milestone_id: Mapped[int | None] = mapped_column(BigId)

    @classmethod
    def enters(cls, work: Work) -> bool:
        """What is to be invoiced comes here first where invoices are asked for."""
        return bool(work.setting(REQUESTS))

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("agreed", _("To be invoiced"), "orange", frozen=True),
            State("invoiced", _("Invoiced"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "agreed",
                _("Submit"),
                ASKING,
                approval=True,
                numbers=True,
                checks=(checks.has_amount, checks.has_title),
                releases="billing.invoice",
                tone="primary",
            ),
            Transition("finish", "agreed", "invoiced", _("Invoiced"), system=True),
            Transition("reopen", "agreed", "draft", _("Take back"), ASKING, reason=True, undoes=True),
            Transition("cancel", "draft", "cancelled", _("Cancel"), ASKING, reason=True, closes=True),
        ),
    )
