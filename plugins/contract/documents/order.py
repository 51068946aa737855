"""The customer's order: for companies without written contracts, and for what is ordered by phone or fax (CTR-07)."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Name, field
from core.documents import Document, Point, Section, Stage, State, Transition, Workflow, fields_of
from core.text import _
from core.work import Work
from plugins.contract.documents import checks, ending
from plugins.contract.documents.agreed import LINE_COLUMNS, OFFICE, READERS, SELLERS, Agreed, Confirmed
from plugins.contract.settings import ENTRY

WAYS = (
    ("signed", _("Signed order sheet")),
    ("phone", _("Telephone call")),
    ("fax", _("Fax")),
    ("email", _("E-mail message")),
    ("wechat", _("WeChat")),
    ("counter", _("At the counter")),
)
UNSIGNED = frozenset({"phone", "fax"})
PRIORITIES = (("normal", _("Normal")), ("urgent", _("Urgent")))


class Order(Agreed, Confirmed, Document, kind="contract.order"):
    """What a customer orders, when and where he wants it, repeated to him before anybody works on it (CTR-01)."""

    label = _("Customer order")
    label_plural = _("Customer orders")
    plural = "orders"
    icon = "clipboard-list"
    stage = Stage.ORDER
    printed_in = frozenset({"reviewed", "confirmed", "released", "accepted", "completed", "terminated"})
    series = "DD-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "gross", "deadline", "way", "state", "owner_id")
    line_columns = LINE_COLUMNS
    searched = ("number", "party_name", "subject", "reference", "project")
    readers = READERS
    writers = OFFICE
    sections = (
        Section(
            _("Basic data"),
            ("party_id", "date", "reference", "way", "priority", "project", "subject", "deadline", "owner_id"),
        ),
        Section(
            _("Contact and delivery"),
            (
                "contact_name",
                "contact_phone",
                "address",
                "pick_up",
                "pick_up_time",
                "delivery_terms",
                "freight_terms",
                "packing",
            ),
        ),
        Section(
            _("Price and payment"),
            ("currency", "exchange_rate", "prices_include_tax", "payment_terms"),
        ),
        Section(_("Demands and warranty"), ("warranty", "special_demands"), folded=True),
        Section(_("Review"), ("technical_review", "finance_review", "production_review", "leader_review")),
        Section(_("Remarks"), ("remark", "internal_remark")),
    )
    header = fields_of(sections)
    way: Mapped[str] = field(_("Ordered by"), String(10), choices=WAYS, default="signed")
    pick_up: Mapped[bool] = field(_("The customer fetches it"), default=False)
    pick_up_time: Mapped[Name] = field(_("Time of pick-up"), default="")
    priority: Mapped[str] = field(_("Priority"), String(10), choices=PRIORITIES, default="normal")
    leader_review: Mapped[bool] = field(_("Ask the general manager as well"), default=False)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("reviewed", _("Review passed"), "orange", frozen=True),
            State("confirmed", _("Confirmed"), "blue", frozen=True),
            State("released", _("Being fulfilled"), "blue", frozen=True),
            State("accepted", _("Accepted by the customer"), "green", frozen=True),
            State("completed", _("Completed"), "green", frozen=True, ends=True),
            State("terminated", _("Terminated"), "red", frozen=True, ends=True, aside=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "reviewed",
                _("Submit"),
                OFFICE,
                approval=True,
                numbers=True,
                point=Point.ORDER,
                checks=(
                    checks.says_something,
                    checks.is_fully_filled_in,
                    checks.belongs_to_one_agreement,
                    checks.is_ordered_without_signature,
                    checks.departs_from_the_offer,
                    checks.is_reviewed,
                ),
                tone="primary",
            ),
            Transition(
                "confirm",
                "reviewed",
                "confirmed",
                _("The customer has confirmed"),
                OFFICE,
                asks=("confirmed_on", "confirmed_by", "confirmed_way"),
                musts=("confirmed_on", "confirmed_by"),
                tone="primary",
            ),
            Transition(
                "release",
                ("reviewed", "confirmed"),
                "released",
                _("Release to the departments"),
                OFFICE,
                checks=(checks.is_confirmed,),
                releases=True,
                tone="primary",
            ),
            ending.recall("confirmed"),
            ending.ACCEPT,
            ending.COMPLETE,
            Transition("revise", ("reviewed", "confirmed"), "draft", _("Revise"), SELLERS, revises=True),
            ending.terminate(("released", "accepted")),
            ending.cancel(("draft", "reviewed", "confirmed")),
        ),
    )

    @classmethod
    def enters(cls, work: Work) -> bool:
        """Orders come first where the company says so."""
        return bool(work.setting(ENTRY) == "order")
