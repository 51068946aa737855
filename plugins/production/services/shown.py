"""How far an order is, on the pages of the documents where it began: to be told to the customer at any time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from core.documents import Document, Stage
from core.hooks.values import Panel, Ref
from core.operations import flow
from core.text import _
from core.work import Work
from plugins.production.documents import FollowUp, ProductionOrder

TYPES: dict[str, type[ProductionOrder] | type[FollowUp]] = {
    "production.order": ProductionOrder,
    "production.follow_up": FollowUp,
}


def panels(work: Work, document: Document) -> Iterator[Panel]:
    """On a contract or an order: what is made or bought for it, by when, and how far it is."""
    readable = [kind for kind in TYPES if work.may(f"{kind}.read")]
    if document.stage is not Stage.ORDER or not readable:
        return
    rows = tuple(_progress(work, document, readable))
    if rows:
        yield Panel(
            key="production.progress",
            title=_("Supply"),
            columns=(_("Document"), _("State"), _("Deadline"), _("Expected on"), _("Progress (percent)"), _("Problem")),
            rows=rows,
            empty=_("Nothing is planned yet."),
            place=30,
        )


def _progress(work: Work, document: Document, readable: list[str]) -> Iterator[tuple[Any, ...]]:
    ids = flow.descendants(work, document.id)
    for kind in readable if ids else ():
        cls = TYPES[kind]
        progress = ProductionOrder.progress if cls is ProductionOrder else cls.finished_on
        statement = select(
            cls.id, cls.number, cls.state, cls.deadline, cls.expected_on, progress.label("progress"), cls.problem
        ).where(cls.id.in_(ids))
        for row in work.session.execute(statement.order_by(cls.id)):
            ref = Ref(kind, row.id, row.number or str(row.id))
            done = row.progress if cls is ProductionOrder else (100 if row.progress else None)
            yield ref, cls.workflow.state(row.state).label, row.deadline, row.expected_on, done, row.problem
