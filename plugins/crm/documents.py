"""The talk: no contact with a customer without a record, and the manager's guidance on it (CRM-01, PLT-13)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import String
from sqlalchemy.orm import Mapped

from core.db.base import Line, Long, Name, field
from core.documents import Document, State, Transition, Workflow
from core.errors import Objection
from core.rights import PHONE
from core.roles import (
    AFTER_SALES,
    GENERAL_MANAGER,
    PRESALES_ENGINEER,
    REPRESENTATIVE,
    SALES_CLERK,
    SALES_MANAGER,
)
from core.text import _
from core.work import Work
from plugins.crm.settings import WAYS

TALKERS = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, PRESALES_ENGINEER, AFTER_SALES)
LEADERS = (SALES_MANAGER, GENERAL_MANAGER)

OUTCOMES = (
    ("", _("Not known")),
    ("first", _("First contact")),
    ("needs", _("Needs confirmed")),
    ("offer", _("Offer suggested")),
    ("won", _("Won")),
    ("lost", _("Lost")),
)


def says_what_was_said(work: Work, talk: Talk) -> Iterator[Objection]:
    """A record without content records nothing."""
    if not talk.content.strip():
        yield Objection("talk.empty", _("Please write down what was said."))


def happened(work: Work, talk: Talk) -> Iterator[Objection]:
    """What lies ahead is a plan, not a record."""
    if talk.date > work.today:
        yield Objection("talk.future", _("The talk is dated {day}; it has not happened yet.", day=talk.date))


def of_another(work: Work, talk: Talk) -> Iterator[Objection]:
    """Nobody gives guidance to himself."""
    if work.actor_id in {talk.created_by, talk.submitted_by}:
        yield Objection("talk.own", _("Somebody else gives guidance on this talk."))


class Talk(Document, kind="crm.talk"):
    """The record of a talk with a customer, 客户洽谈记录 (CRM-01)."""

    label = _("Customer talk")
    label_plural = _("Customer talks")
    plural = "talks"
    icon = "message"
    has_lines = False
    series = "QT-{yyyy}{MM}{dd}-{n:04}"
    columns = ("number", "date", "party_name", "topic", "way", "next_on", "state", "owner_id")
    searched = ("number", "party_name", "topic", "their_people", "competitor")
    sorts = ("date", "party_name")
    readers = (*TALKERS, GENERAL_MANAGER)
    writers = TALKERS
    header = (
        "party_id",
        "date",
        "way",
        "topic",
        "time",
        "place",
        "contact_name",
        "contact_phone",
        "owner_id",
        "our_people",
        "their_people",
        "content",
        "needs",
        "competitor",
        "agreed",
        "open_points",
        "next_step",
        "next_on",
        "outcome",
        "internal_remark",
    )

    way: Mapped[str] = field(_("Way"), String(10), choices=WAYS, default="visit")
    topic: Mapped[Name] = field(_("Topic"), required=True)
    time: Mapped[str] = field(_("From – to"), String(40), default="")
    place: Mapped[Name] = field(_("Place"), default="")
    our_people: Mapped[Line] = field(_("Our people"), default="")
    their_people: Mapped[Line] = field(
        _("Customer's people"),
        default="",
        help=_("Name, title and phone of each, separated by semicolons."),
        needs=PHONE,
        masked=True,
    )
    content: Mapped[Long] = field(_("What was said"), default="", multiline=True)
    needs: Mapped[Long] = field(_("The customer's needs and opinions"), default="", multiline=True)
    competitor: Mapped[Line] = field(_("Competitors"), default="")
    agreed: Mapped[Long] = field(_("What was agreed"), default="", multiline=True)
    open_points: Mapped[Long] = field(_("Open points"), default="", multiline=True)
    next_step: Mapped[Line] = field(_("Next step"), default="")
    next_on: Mapped[date | None] = field(_("Next contact on"))
    outcome: Mapped[str] = field(_("Outcome"), String(10), choices=OUTCOMES, default="")
    guidance: Mapped[Line] = field(_("Manager's guidance"), default="", writable=False, living=True)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            # Nothing must follow: the manager reads and answers where he wants to.
            State("submitted", _("Submitted"), "blue", frozen=True, ends=True),
            State("reviewed", _("Reviewed"), "green", frozen=True, ends=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "submitted",
                _("Submit"),
                TALKERS,
                checks=(says_what_was_said, happened),
                tone="primary",
            ),
            Transition(
                "review",
                "submitted",
                "reviewed",
                _("Give guidance"),
                LEADERS,
                checks=(of_another,),
                reason=True,
                keeps="guidance",
                tone="success",
            ),
            Transition("return", "submitted", "draft", _("Send back"), LEADERS, reason=True),
            Transition("cancel", "draft", "cancelled", _("Cancel"), TALKERS, reason=True, closes=True),
        ),
    )
