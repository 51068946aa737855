"""What contracts and orders make people do: sign, release, repeat, mend, collect, archive, and see that they go on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.documents.models import Claim
from core.duties.kinds import Columns, DutyKind, unfollowed
from core.terms import months_after
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract, Order
from plugins.contract.documents.checks import authorised
from plugins.contract.services.owed import asked_by
from plugins.contract.settings import ARCHIVE_YEARS, CONFIRMATION, NEXT_STEP_DAYS, REMIND_DAYS, SIGN_DAYS


def _refused(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.approval == "rejected"


def _unpaid(_work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.part.claim_kind == "milestone"
    yield columns.part.settled < asked_by()


def _out_of_warranty(work: Work, columns: Columns) -> Iterable[Any]:
    yield columns.warranty_until <= months_after(work.today, -12 * work.setting(ARCHIVE_YEARS))


DUTIES = (
    DutyKind(
        key="contract.contract.approved",
        of=Contract,
        label=_("Contracts to be signed by us"),
        title=_("Have the contract with {party} signed by us"),
        states=("approved",),
        since=("date",),
        days=SIGN_DAYS,
        people=authorised,
        owned=True,
    ),
    DutyKind(
        key="contract.contract.sealed",
        of=Contract,
        label=_("Contracts to be signed by the customer"),
        title=_("Have the contract signed by {party}"),
        states=("sealed",),
        since=("date",),
        days=SIGN_DAYS,
    ),
    DutyKind(
        key="contract.contract.signed",
        of=Contract,
        label=_("Signed contracts to release"),
        title=_("Release the contract with {party} to the departments"),
        states=("signed",),
        since=("date",),
        days=SIGN_DAYS,
    ),
    DutyKind(
        key="contract.contract.mend",
        of=Contract,
        label=_("Refused contracts"),
        title=_("Mend the refused contract with {party}"),
        states=("draft",),
        where=_refused,
    ),
    DutyKind(
        key="contract.contract.payment",
        of=Contract,
        label=_("Milestones to collect"),
        title=_("Collect “{what}” from {party}"),
        part=Claim,
        since=lambda c: c.part.due,
        where=_unpaid,
        what=lambda c: c.part.name,
        ahead=REMIND_DAYS,
    ),
    # Completed contracts whose warranty has been over for the company's years (CTR-13).
    DutyKind(
        key="contract.contract.archive",
        of=Contract,
        label=_("Contracts for the archive"),
        title=_("Hand the contract with {party} over to the archive"),
        states=("completed",),
        where=_out_of_warranty,
        right="archive",
        own=False,
    ),
    DutyKind(
        key="contract.order.mend",
        of=Order,
        label=_("Refused orders"),
        title=_("Mend the refused order of {party}"),
        states=("draft",),
        where=_refused,
    ),
    DutyKind(
        key="contract.order.repeat",
        of=Order,
        label=_("Orders to repeat to the customer"),
        title=_("Repeat the order to {party} and have it confirmed"),
        states=("reviewed",),
        since=("date",),
        days=1,
        on=lambda work: bool(work.setting(CONFIRMATION)),
    ),
    DutyKind(
        key="contract.order.release",
        of=Order,
        label=_("Orders to release"),
        title=_("Release the order of {party} to the departments"),
        states=("confirmed",),
        since=("date",),
        days=1,
    ),
    DutyKind(
        key="contract.order.release_reviewed",
        of=Order,
        label=_("Orders to release"),
        title=_("Release the order of {party} to the departments"),
        states=("reviewed",),
        since=("date",),
        days=1,
        on=lambda work: not work.setting(CONFIRMATION),
    ),
    *(
        unfollowed(
            f"contract.{cls.plural.removesuffix('s')}.unfollowed",
            cls,
            _("Released and not gone on with"),
            _("Nothing has followed the order of {party}: {number}"),
            NEXT_STEP_DAYS,
        )
        for cls in (Contract, Order)
    ),
)
