"""The inquiry: what a customer asks for or invites to tender for, and whether the company takes part."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Line, Name, field
from core.documents import Document, Stage, State, Transition, Workflow
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _
from plugins.quotation.documents import checks

SELLERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
LEADERS = (SALES_MANAGER, GENERAL_MANAGER)

INQUIRY_KINDS = (("inquiry", _("Inquiry")), ("tender", _("Invitation to tender")))
WAYS = (
    ("", _("Not known")),
    ("email", _("E-mail message")),
    ("phone", _("Telephone call")),
    ("wechat", _("WeChat")),
    ("visit", _("Visit")),
    ("fair", _("Fair")),
    ("website", _("Website")),
    ("platform", _("Tender platform")),
    ("letter", _("Letter or fax")),
)
PRIORITIES = (("normal", _("Normal")), ("urgent", _("Urgent")), ("low", _("Can wait")))


class Inquiry(Document, kind="quotation.inquiry"):
    """What a customer asks for, or is invited to tender for; the manager hears of it at once (QTN-01)."""

    label = _("Inquiry")
    label_plural = _("Inquiries")
    plural = "inquiries"
    icon = "inbox"
    stage = Stage.OFFER
    entry = True
    priced = False
    series = "XJ-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "project", "inquiry_kind", "deadline", "state", "owner_id")
    line_columns = ("item_id", "name", "specification", "quantity", "unit", "deadline", "remark")
    searched = ("number", "party_name", "subject", "reference", "project")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "inquiry_kind",
        "project",
        "deadline",
        "priority",
        "way",
        "reference",
        "contact_name",
        "contact_phone",
        "expected_amount",
        "owner_id",
        "remark",
        "internal_remark",
    )

    inquiry_kind: Mapped[str] = field(_("Kind of inquiry"), String(10), choices=INQUIRY_KINDS, default="inquiry")
    project: Mapped[Name] = field(_("Project"), default="")
    way: Mapped[str] = field(_("Received by"), String(10), choices=WAYS, default="")
    priority: Mapped[str] = field(_("Priority"), String(10), choices=PRIORITIES, default="normal")
    expected_amount: Mapped[Amount] = field(_("Expected amount"), default=Decimal(0), least=0)
    outcome: Mapped[Line] = field(_("Why it was dropped"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("received", _("To be answered"), "orange"),
            # What was decided on does not change; what is offered is corrected in the quotation.
            State("accepted", _("We take part"), "blue", frozen=True),
            State("quoted", _("Quoted"), "green", frozen=True, ends=True),
            State("dropped", _("Dropped"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "accept",
                "received",
                "accepted",
                _("Take part"),
                LEADERS,
                approval=True,
                checks=(checks.is_major,),
                tone="primary",
            ),
            Transition(
                "quote",
                ("received", "accepted"),
                "quoted",
                _("Make the quotation"),
                SELLERS,
                checks=(checks.is_decided, checks.has_lines),
                releases="quotation.quotation",
                tone="primary",
            ),
            Transition(
                "drop",
                ("received", "accepted"),
                "dropped",
                _("Drop"),
                (*SELLERS, GENERAL_MANAGER),
                reason=True,
                closes=True,
                keeps="outcome",
            ),
        ),
    )
