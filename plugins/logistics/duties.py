"""What logistics makes people do: ship, tell, chase the signed note, inspect and store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from core.documents import Document
from core.duties.kinds import Columns, DutyKind
from core.text import Text, _
from core.work import Work
from plugins.logistics.documents import Delivery, ReturnReceipt, StockIn
from plugins.logistics.masters import ShippingMethod
from plugins.logistics.settings import SIGNED_NOTE_DAYS, TELL_DEPARTURE


def _untold(_work: Work, columns: Columns) -> Iterable[Any]:
    """Nobody was told, and the customer does not fetch the goods himself."""
    fetched = select(ShippingMethod.id).where(
        ShippingMethod.company_id == columns.company_id,
        ShippingMethod.id == columns.method_id,
        ShippingMethod.way == PICKUP,
    )
    yield columns.told_way == ""
    yield ~fetched.exists()


def _goods(key: str, cls: type[Document], state: str, label: Text, title: Text) -> DutyKind:
    return DutyKind(key=key, of=cls, label=label, title=title, states=(state,), since=("date",), right="store")


PICKUP = "pickup"
INSPECT, STORE = _("Inspect and store {number}"), _("Store {number}")
INSPECTING, STORING = _("Goods to inspect"), _("Goods to store")

DUTIES = (
    DutyKind(
        key="logistics.delivery.ship",
        of=Delivery,
        label=_("Goods to ship"),
        title=_("Ship {number} to {party}"),
        states=("confirmed",),
        since=("deadline", "date"),
        right="ship",
    ),
    DutyKind(
        key="logistics.delivery.tell",
        of=Delivery,
        label=_("Departures to tell"),
        title=_("Tell {party} that {number} has left"),
        states=("shipped",),
        since=("date",),
        where=_untold,
        right="tell",
        on=lambda work: bool(work.setting(TELL_DEPARTURE)),
    ),
    DutyKind(
        key="logistics.delivery.sign",
        of=Delivery,
        label=_("Signed notes that are missing"),
        title=_("The signed note of {number} is missing: {party}"),
        states=("shipped",),
        since=("date",),
        days=SIGNED_NOTE_DAYS,
        workdays=False,
        ahead=0,
        right="sign",
        owned=True,
    ),
    _goods("logistics.stock_in.inspect", StockIn, "arrived", INSPECTING, INSPECT),
    _goods("logistics.stock_in.store", StockIn, "inspected", STORING, STORE),
    _goods("logistics.return_receipt.inspect", ReturnReceipt, "received", INSPECTING, INSPECT),
    _goods("logistics.return_receipt.store", ReturnReceipt, "inspected", STORING, STORE),
)
