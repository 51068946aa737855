"""The statement of one customer's account, 对账明细: each movement of a period with the balance after it."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from core import reports
from core.entities.party import Party
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row
from core.text import _
from core.work import Work
from plugins.billing.documents import accounts
from plugins.billing.reports.shared import CURRENCY, ROLES


def _account(work: Work, chosen: Chosen) -> list[dict[str, Any]]:
    """What moved one customer's account in the period, with the balance after each; nothing until one is chosen."""
    party, period = chosen.id("party_id"), chosen.period()
    if party is None or not work.session.scalar(
        select(Party.id).where(Party.id == party, reports.visible(work, Party))
    ):
        return []
    first, last = period.first or date(1900, 1, 1), period.last or work.today
    found = accounts.of_period(work, party, work.company.currency, first, last)
    balance = found.opening
    rows = [{"place": 0, "kind_label": str(_("Opening balance")), "balance": balance, "document_id": None}]
    for place, one in enumerate(found.movements, 1):
        balance += one.amount
        label = _("Not paid after all") if one.undone else work.types.document(one.kind).label
        rows.append(
            {
                "place": place,
                "date": one.on,
                "kind_label": str(label),
                "number": one.number,
                "charged": None if one.kind in accounts.PAYMENTS else one.amount,
                "paid": -one.amount if one.kind in accounts.PAYMENTS else None,
                "balance": balance,
                "document_id": one.document_id,
                "kind": one.kind,
            }
        )
    return rows


def _moved(work: Work, row: Row, chosen: Chosen) -> Ref | None:
    key = row.get("document_id")
    return Ref(row["kind"], key, row.get("number") or "") if key else None


ACCOUNT = Report(
    key="billing.account",
    label=_("Customer statement"),
    about=_("What moved one customer's account in a period, with the balance after each; choose the customer."),
    icon="list-details",
    columns=(
        Column("date", _("Date"), "date"),
        Column("kind_label", _("Document")),
        Column("number", _("Number")),
        Column("charged", _("Charged"), "amount", total=True),
        Column("paid", _("Received"), "amount", total=True),
        Column("balance", _("Balance"), "amount"),
    ),
    rows=_account,
    order=("place",),
    filters=(reports.party(), reports.period()),
    roles=ROLES,
    drill=_moved,
    notes=(CURRENCY,),
)
