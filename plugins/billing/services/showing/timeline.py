"""The customer's invoices, red letters, receipts and statements as moments of his timeline."""

from __future__ import annotations

from collections.abc import Iterator

from core.hooks.values import Moment, Ref
from core.money import told
from core.search import figures
from core.text import _
from core.work import Work
from plugins.billing.documents import CreditNote, Invoice, Receipt, Statement

SHOWN = (
    ("billing.invoice", Invoice),
    ("billing.credit_note", CreditNote),
    ("billing.receipt", Receipt),
    ("billing.statement", Statement),
)
MOST = 12


def of_party(work: Work, party_id: int) -> Iterator[Moment]:
    """The latest of each kind, with their state and amount."""
    for kind, cls in SHOWN:
        if not work.may(f"{kind}.read"):
            continue
        for row in figures.some(work, cls, party_id=party_id, most=MOST):
            state = cls.workflow.state(row.state).label
            title = _("{type} {number}: {state}", type=cls.label, number=figures.title_of(row), state=state)
            amount = row.closing if cls is Statement else row.gross
            body = told(amount, row.currency)
            yield Moment(
                row.created_at, Ref(kind, row.id, figures.title_of(row)), title, body, work.person(row.owner_id)
            )
