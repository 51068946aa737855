"""The delivery: outbound slip and delivery note in one, from the confirmation to the customer's acceptance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from core.db.base import Amount, Code, Line, Name, Quantity, field, refers
from core.db.types import BigId
from core.documents import Document, DocumentLine, Point, Stage, State, Transition, Workflow
from core.roles import (
    FINANCE,
    GENERAL_MANAGER,
    LOGISTICS,
    REPRESENTATIVE,
    SALES_CLERK,
    SALES_MANAGER,
    SELLING,
    WAREHOUSE,
)
from core.text import _
from plugins.logistics.documents import checks

if TYPE_CHECKING:
    from core.work import Work

MAKERS = (SALES_CLERK, SALES_MANAGER, LOGISTICS, REPRESENTATIVE)
SHIPPERS = (WAREHOUSE, LOGISTICS, SALES_CLERK)
SIGNED_BY = (REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, LOGISTICS)

KINDS = (
    ("sale", _("Sale")),
    ("sample", _("Sample")),
    ("gift", _("Gift")),
    ("policy", _("Promotional goods")),
    ("exchange", _("Exchange")),
    ("other", _("Other")),
)
FREIGHT = (("", _("Not agreed")), ("us", _("Borne by us")), ("customer", _("Borne by the customer")))
TOLD = (
    ("", _("Not yet")),
    ("phone", _("Telephone call")),
    ("sms", _("Text message")),
    ("wechat", _("WeChat")),
    ("email", _("E-mail message")),
)
RECEIVED = (
    ("", _("Not yet known")),
    ("complete", _("Complete and undamaged")),
    ("short", _("Short")),
    ("damaged", _("Damaged")),
    ("short_damaged", _("Short and damaged")),
    ("defective", _("Defective")),
)
REMEDIES = (
    ("", _("None")),
    ("make_up", _("Make up what is missing")),
    ("exchange", _("Exchange")),
    ("return", _("Return")),
    ("repair", _("Repair")),
    ("discount", _("Price reduction")),
)


class Delivery(Document, kind="logistics.delivery"):
    """Goods on their way to a customer: confirmed, shipped, signed for, accepted (LOG-01, LOG-05, LOG-06, LOG-10)."""

    __table_args__ = (
        refers("warehouse_id", "logistics_warehouse"),
        refers("method_id", "logistics_shipping_method"),
        refers("carrier_id", "logistics_carrier"),
    )
    label = _("Delivery order")
    label_plural = _("Delivery orders")
    plural = "deliveries"
    icon = "truck-delivery"
    stage = Stage.DELIVERY
    entry = True
    printed_in = frozenset({"confirmed", "shipped", "signed", "accepted"})
    series = "CK-{yyyy}{MM}{dd}-{n:04}"
    readers = (*SELLING, WAREHOUSE, LOGISTICS, FINANCE)
    writers = (*MAKERS, WAREHOUSE)
    columns = ("number", "date", "party_name", "warehouse_id", "gross", "tracking", "signed_on", "state", "owner_id")
    line_columns = ("item_id", "specification", "quantity", "unit", "gross_price", "gross", "remark")
    searched = ("number", "party_name", "subject", "reference", "tracking", "plate")
    sorts = ("date", "party_name")
    header = (
        "party_id",
        "date",
        "delivery_kind",
        "warehouse_id",
        "method_id",
        "carrier_id",
        "expected_on",
        "contact_name",
        "contact_phone",
        "address",
        "packages",
        "weight",
        "freight",
        "freight_by",
        "reference",
        "owner_id",
        "remark",
        "internal_remark",
    )

    delivery_kind: Mapped[str] = field(_("Kind of delivery"), String(10), choices=KINDS, default="sale")
    warehouse_id: Mapped[int | None] = field(_("Warehouse"), BigId, references="logistics.warehouse")
    method_id: Mapped[int | None] = field(_("Shipping method"), BigId, references="logistics.shipping_method")
    carrier_id: Mapped[int | None] = field(_("Carrier"), BigId, references="logistics.carrier")
    expected_on: Mapped[date | None] = field(_("Expected arrival"), living=True)
    packages: Mapped[int | None] = field(_("Packages"), least=0, most=100_000)
    weight: Mapped[Quantity | None] = field(_("Weight (kg)"), least=0)
    freight: Mapped[Amount] = field(_("Freight"), default=Decimal(0), least=0)
    freight_by: Mapped[str] = field(_("Freight"), String(10), choices=FREIGHT, default="")
    # What is known only when the goods leave, and when the note comes back.
    tracking: Mapped[Code] = field(_("Tracking number"), default="", living=True)
    plate: Mapped[Code] = field(_("Number plate"), default="", living=True)
    driver: Mapped[Name] = field(_("Driver"), default="", living=True)
    driver_phone: Mapped[Code] = field(_("Driver's phone"), default="", living=True)
    told_way: Mapped[str] = field(_("Customer told by"), String(10), choices=TOLD, default="", living=True)
    signed_by: Mapped[Name] = field(_("Signed by"), default="", living=True)
    signed_on: Mapped[date | None] = field(_("Signed on"), living=True)
    received: Mapped[str] = field(_("Condition on arrival"), String(15), choices=RECEIVED, default="", living=True)
    differences: Mapped[Line] = field(_("Differences"), default="", living=True)
    remedy: Mapped[str] = field(_("Remedy"), String(10), choices=REMEDIES, default="", living=True)
    returned_to: Mapped[int | None] = field(
        _("Signed note is with"), BigId, ForeignKey("account.id"), references="core.account", living=True
    )

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("confirmed", _("To be shipped"), "blue", frozen=True),
            State("shipped", _("On its way"), "orange", frozen=True),
            State("signed", _("Signed for"), "green", frozen=True),
            State("accepted", _("Accepted by the customer"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "confirm",
                "draft",
                "confirmed",
                _("Confirm"),
                MAKERS,
                approval=True,
                numbers=True,
                checks=(
                    checks.names_goods,
                    checks.has_warehouse,
                    checks.is_ordered,
                    checks.ways_are_usable,
                    checks.is_in_stock,
                ),
                tone="primary",
            ),
            Transition(
                "ship",
                "confirmed",
                "shipped",
                _("Ship"),
                SHIPPERS,
                approval=True,
                checks=(checks.ways_are_usable, checks.is_on_hand),
                point=Point.DELIVERY,
                releases=True,
                asks=("tracking", "plate", "driver", "driver_phone", "expected_on"),
                tone="primary",
            ),
            Transition(
                "tell",
                "shipped",
                "shipped",
                _("Customer told of the departure"),
                (*SHIPPERS, REPRESENTATIVE),
                checks=(checks.somebody_waits,),
                asks=("told_way",),
                musts=("told_way",),
            ),
            Transition(
                "sign",
                "shipped",
                "signed",
                _("Signed note is back"),
                SIGNED_BY,
                asks=("signed_by", "signed_on", "received", "differences", "remedy", "returned_to"),
                musts=("signed_by", "signed_on", "received"),
                tone="primary",
            ),
            Transition(
                "accept",
                "signed",
                "accepted",
                _("Goods accepted"),
                SIGNED_BY,
                checks=(checks.nothing_is_wrong,),
                point=Point.ACCEPTANCE,
                releases=True,
                tone="success",
            ),
            Transition(
                "correct",
                "confirmed",
                "draft",
                _("Correct"),
                (*MAKERS, WAREHOUSE),
                reason=True,
                revises=True,
            ),
            Transition(
                "cancel", "draft", "cancelled", _("Cancel"), (*MAKERS, GENERAL_MANAGER), reason=True, closes=True
            ),
            # A move of its own, since it gives back what was reserved.
            Transition(
                "stop",
                "confirmed",
                "cancelled",
                _("Stop shipping"),
                (*MAKERS, WAREHOUSE, GENERAL_MANAGER),
                reason=True,
                closes=True,
            ),
        ),
    )

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Goods are delivered; services, charges and discounts are not."""
        return line.line_kind == "item"
