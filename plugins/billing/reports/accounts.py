"""Customer accounts, 往来余额: what each owed before a period, what moved it, and what he owes at its end."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, select

from core import reports
from core.entities.party import Party
from core.reports import Another, Chosen, Column, Report, Row, Statement
from core.text import _
from core.work import Work
from plugins.billing.documents import accounts
from plugins.billing.documents.accounts import INVOICE
from plugins.billing.reports.shared import CURRENCY, ROLES


def _accounts(work: Work, chosen: Chosen) -> Statement:
    """By customer what was owed before the period, what moved it, and what was owed at its end."""
    period = chosen.period()
    moved = accounts.posted(work, work.company.currency, chosen.id("party_id")).subquery("moved")
    within, before = period.holds(moved.c.on_day), moved.c.on_day < (period.first or date.min)
    until = moved.c.on_day <= (period.last or date.max)
    paid = moved.c.kind.in_(accounts.PAYMENTS)
    statement = (
        select(
            Party.id.label("party_id"),
            Party.owner_id.label("owner_id"),
            reports.total_when(before, moved.c.amount).label("opening"),
            reports.total_when(and_(within, moved.c.kind == INVOICE), moved.c.amount).label("charged"),
            reports.total_when(and_(within, moved.c.kind == accounts.CREDIT_NOTE), moved.c.amount).label("corrected"),
            reports.total_when(and_(within, paid), -moved.c.amount).label("paid"),
            reports.total_when(until, moved.c.amount).label("closing"),
        )
        .join(moved, and_(moved.c.party_id == Party.id, moved.c.company_id == Party.company_id))
        .where(reports.visible(work, Party))
        .group_by(Party.id, Party.owner_id)
    )
    owner = chosen.id("owner_id")
    return statement if owner is None else statement.where(Party.owner_id == owner)


def _detail(work: Work, row: Row, chosen: Chosen) -> Another:
    period = chosen.period()
    days = (("date_from", period.first), ("date_to", period.last))
    written = ((name, day.isoformat() if day else "") for name, day in days)
    return Another("billing.account", (("party_id", str(row["party_id"])), *written))


ACCOUNTS = Report(
    key="billing.accounts",
    label=_("Customer accounts"),
    about=_("By customer: owed before the period, invoiced, credited, received, and owed at its end."),
    icon="book",
    columns=(
        Column("party_id", _("Customer"), "ref", references="core.party"),
        Column("owner_id", _("Responsible"), "ref", references="core.account"),
        Column("opening", _("Opening balance"), "amount", total=True),
        Column("charged", _("Invoiced in the period"), "amount", total=True),
        Column("corrected", _("Credited in the period"), "amount", total=True),
        Column("paid", _("Received in the period"), "amount", total=True),
        Column("closing", _("Closing balance"), "amount", total=True),
    ),
    rows=_accounts,
    order=("-closing", "party_id"),
    filters=(reports.period(), reports.party(), reports.person()),
    roles=ROLES,
    drill=_detail,
    notes=(CURRENCY,),
)
