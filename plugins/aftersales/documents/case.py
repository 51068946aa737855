"""The service request: confirmed, filed, handled by the technical department, told to the customer (AFS-01)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Line, Long, field
from core.db.types import BigId
from core.documents import Document, State, Transition, Workflow
from core.roles import (
    AFTER_SALES,
    GENERAL_MANAGER,
    QUALITY,
    REPRESENTATIVE,
    SALES_CLERK,
    SALES_MANAGER,
    SELLING,
    TECHNICAL,
)
from core.text import _
from plugins.aftersales.documents import checks

KINDS = (
    ("repair", _("Repair")),
    ("installation", _("Installation")),
    ("commissioning", _("Commissioning")),
    ("support", _("Technical support")),
    ("training", _("Training")),
    ("return", _("Return")),
    ("exchange", _("Exchange")),
    ("complaint", _("Complaint")),
)
URGENCIES = (("normal", _("Normal")), ("urgent", _("Urgent")), ("low", _("Can wait")))
HANDLINGS = (
    ("", _("Not decided")),
    ("remote", _("By telephone or remotely")),
    ("visit", _("Visit")),
    ("workshop", _("In our workshop")),
    ("maker", _("By the maker")),
    ("none", _("Nothing to do")),
)
OUTCOMES = (
    ("", _("Not known yet")),
    ("solved", _("Solved")),
    ("replaced", _("Replaced")),
    ("returned", _("To be returned")),
    ("unsolved", _("Not solved")),
)
CONTENT = (
    ("", _("Not asked")),
    ("very", _("Very satisfied")),
    ("content", _("Satisfied")),
    ("fair", _("Fairly satisfied")),
    ("discontent", _("Not satisfied")),
)
TECHNICIANS = (TECHNICAL, AFTER_SALES)


class Case(Document, kind="aftersales.case"):
    """What a customer needs after the sale; every step is recorded with who took it and when (AFS-01)."""

    label = _("Service request")
    label_plural = _("Service requests")
    plural = "cases"
    icon = "tool"
    takes = False
    ends_business = True
    priced = False
    series = "SH-{yyyy}{MM}{dd}-{n:04}"
    readers = (*SELLING, *TECHNICIANS, QUALITY)
    writers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, AFTER_SALES)
    columns = ("number", "date", "party_name", "case_kind", "subject", "urgency", "deadline", "state", "owner_id")
    line_columns = ("item_id", "name", "specification", "quantity", "unit", "remark")
    searched = ("number", "party_name", "subject", "reference", "serials")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "case_kind",
        "urgency",
        "subject",
        "fault",
        "serials",
        "bought_on",
        "reference",
        "deadline",
        "contact_name",
        "contact_phone",
        "address",
        "owner_id",
        "remark",
        "internal_remark",
    )

    case_kind: Mapped[str] = field(_("Kind of service"), String(15), choices=KINDS, default="repair")
    urgency: Mapped[str] = field(_("Urgency"), String(10), choices=URGENCIES, default="normal")
    fault: Mapped[Long] = field(_("What is wrong"), default="", multiline=True)
    serials: Mapped[Line] = field(_("Serial or batch numbers"), default="")
    bought_on: Mapped[date | None] = field(
        _("Bought on"), help=_("Only where no delivery of ours says it: the warranty is counted from here.")
    )
    # What the technical department finds, decides and does.
    handling: Mapped[str] = field(_("Handling"), String(10), choices=HANDLINGS, default="", living=True)
    technician_id: Mapped[int | None] = field(
        _("Technician"), BigId, ForeignKey("account.id"), references="core.account", living=True
    )
    visit_on: Mapped[date | None] = field(_("Visit on"), living=True)
    cause: Mapped[Line] = field(_("Cause"), default="", living=True)
    outcome: Mapped[str] = field(_("Service outcome"), String(10), choices=OUTCOMES, default="", living=True)
    result: Mapped[Line] = field(_("Result"), default="", living=True)
    labour: Mapped[Amount] = field(_("Labour"), default=Decimal(0), least=0, living=True)
    material: Mapped[Amount] = field(_("Parts"), default=Decimal(0), least=0, living=True)
    travel: Mapped[Amount] = field(_("Travel"), default=Decimal(0), least=0, living=True)
    charged: Mapped[bool] = field(_("Charged to the customer"), default=False, living=True)
    satisfaction: Mapped[str] = field(_("Satisfaction"), String(12), choices=CONTENT, default="", living=True)

    workflow = Workflow(
        states=(
            State("requested", _("Requested")),
            State("confirmed", _("Confirmed"), "blue"),
            State("filed", _("Filed"), "blue", frozen=True),
            State("handled", _("Being handled"), "orange", frozen=True),
            State("reported", _("Result known"), "green", frozen=True),
            State("closed", _("Customer informed"), "green", frozen=True, ends=True),
            State("refused", _("Turned down"), "red", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "confirm",
                "requested",
                "confirmed",
                _("Confirm"),
                (SALES_MANAGER, GENERAL_MANAGER),
                checks=(checks.says_what_is_wrong,),
                tone="primary",
            ),
            Transition(
                "file",
                "confirmed",
                "filed",
                _("File the form"),
                (SALES_CLERK, AFTER_SALES),
                checks=(checks.says_what_is_wrong,),
                tone="primary",
            ),
            Transition(
                "decide",
                "filed",
                "handled",
                _("Decide on the handling"),
                TECHNICIANS,
                asks=("handling", "technician_id", "visit_on", "cause"),
                musts=("handling",),
                tone="primary",
            ),
            Transition(
                "report",
                "handled",
                "reported",
                _("Report the result"),
                TECHNICIANS,
                asks=("outcome", "result", "cause", "labour", "material", "travel", "charged"),
                musts=("outcome", "result"),
                tone="primary",
            ),
            Transition(
                "inform",
                "reported",
                "closed",
                _("Representative informed"),
                (SALES_CLERK, AFTER_SALES),
                asks=("satisfaction",),
                tone="success",
            ),
            Transition(
                "resume",
                "reported",
                "handled",
                _("Not solved, go on"),
                (SALES_CLERK, SALES_MANAGER, *TECHNICIANS),
                reason=True,
            ),
            Transition(
                "refuse",
                ("requested", "confirmed", "filed"),
                "refused",
                _("Turn down"),
                (SALES_MANAGER, GENERAL_MANAGER, *TECHNICIANS),
                reason=True,
                closes=True,
            ),
        ),
    )
