"""What quotations make people do: decide on inquiries and answer them, ask for answers, mend what was refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import case

from core.duties.kinds import Columns, DutyKind, unfollowed
from core.text import _
from core.work import Work
from plugins.quotation.documents import Inquiry, Quotation
from plugins.quotation.settings import ANSWER_DAYS, EXPIRING_DAYS, GO_NO_GO, NEXT_STEP_DAYS

OPEN = ("received", "accepted")
ACCEPT = "quotation.inquiry.accept"


def _asked_for(columns: Columns) -> Any:
    return case((columns.project != "", columns.project), else_=columns.subject)


def _with_a_day(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.deadline.is_not(None)


def _without_a_day(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.deadline.is_(None)


def _refused(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.approval == "rejected"


ANSWER = DutyKind(
    key="quotation.inquiry.answer",
    of=Inquiry,
    label=_("Inquiries to answer"),
    title=_("Quote {party}: {what}"),
    states=OPEN,
    since=("deadline",),
    where=_with_a_day,
    what=_asked_for,
    leads=ACCEPT,
)
HEARD = replace(
    ANSWER,
    key="quotation.inquiry.heard",
    label=_("New inquiries"),
    states=("received",),
    since=("deadline", "date"),
    where=None,
    right=ACCEPT,
    own=False,
    others=True,
    filed=False,
    leads="",
    on=lambda work: not work.setting(GO_NO_GO),
)

DUTIES = (
    ANSWER,
    replace(ANSWER, key="quotation.inquiry.answer_soon", since=("date",), days=ANSWER_DAYS, where=_without_a_day),
    # The manager hears of it at once (QTN-01), to decide where the company decides first.
    HEARD,
    replace(
        HEARD,
        key="quotation.inquiry.decide",
        label=_("Inquiries to decide on"),
        title=_("Decide whether to take part: {party}, {what}"),
        others=False,
        on=lambda work: bool(work.setting(GO_NO_GO)),
    ),
    DutyKind(
        key="quotation.quotation.expiring",
        of=Quotation,
        label=_("Quotations about to expire"),
        title=_("Ask {party} for an answer before the quotation expires"),
        states=("sent",),
        since=("valid_until",),
        ahead=EXPIRING_DAYS,
    ),
    DutyKind(
        key="quotation.quotation.refused",
        of=Quotation,
        label=_("Refused quotations"),
        title=_("Mend the refused quotation for {party}"),
        states=("draft",),
        where=_refused,
    ),
    unfollowed(
        "quotation.quotation.unfollowed",
        Quotation,
        _("Accepted and not gone on with"),
        _("Nothing has followed what {party} has accepted: {number}"),
        NEXT_STEP_DAYS,
    ),
)
