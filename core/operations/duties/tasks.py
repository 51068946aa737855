"""Free tasks: what one person asks of another, or of himself, beside what the records demand; these are ticked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import and_, insert, or_, select, update

from core.approvals import candidates
from core.documents.reading import LARGEST_ID
from core.duties import team
from core.duties.models import TASK, Duty
from core.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from core.hooks.values import Ref
from core.operations.duties.acts import urge
from core.operations.telling import REMINDER, Note, Somebody, tell
from core.operations.telling import TASK as GIVEN
from core.schemas.inputs import sentence
from core.text import Text, _
from core.work import Work

_DUTY: Any = Duty.__table__
PAGE = Ref("core.duties", 0, "")


def give(work: Work, account_id: int | None, what: str, due: date | None = None) -> int:
    """Give somebody a task; without an account it is one's own. Gives back its key.

    Raises ``Invalid`` for nobody of the company, without a text, or with a day that is past.
    """
    title = sentence(what, "title")
    to = account_id or work.actor_id
    faults = [] if title else [Fault("title", _("This is needed."), "required")]
    if to is None or not candidates.here(work, to):
        faults.append(Fault("account_id", _("Nobody of this company."), "reference"))
    if due is not None and due < work.today:
        faults.append(Fault("due", _("This day is past."), "range"))
    if faults:
        raise Invalid(faults)
    values = {
        "company_id": work.company.id,
        "kind": TASK,
        "account_id": to,
        "owner_id": to,
        "asked_by": work.actor_id,
        "title": title,
        "due": due,
        "opened_at": work.now,
    }
    key = int(work.connection.execute(insert(_DUTY).returning(_DUTY.c.id), values).scalar_one())
    if to != work.actor_id:
        text = _("{person} asks you: {title}", person=Somebody(work.actor_id), title=title)
        tell(work, [Note(int(to or 0), GIVEN, text, f"task:{key}", PAGE)])
    return key


def finish(work: Work, key: int, *, reason: str = "") -> None:
    """Tick one's own task off; a late one needs its reason. Raises ``Unknown``, ``Conflict`` and ``Invalid``."""
    row = _task(work, key)
    if row.account_id != work.actor_id:
        raise Forbidden(_("Only who has the task ticks it off."))
    late = row.due is not None and row.due < work.today
    said = sentence(reason, "reason", needed=late)
    values: dict[str, Any] = {"closed_at": work.now}
    if late:
        values |= {
            "late_at": row.late_at or work.now,
            "reason": said,
            "reason_by": work.actor_id,
            "reason_at": work.now,
        }
    work.connection.execute(_at(work, key).values(values))


def withdraw(work: Work, key: int) -> None:
    """Take back a task that one has given. Raises ``Unknown``, ``Forbidden`` and ``Conflict``."""
    row = _task(work, key)
    if row.asked_by != work.actor_id:
        raise Forbidden(_("Only who gave the task takes it back."))
    work.connection.execute(_at(work, key).values(closed_at=work.now, late_at=None))


def remind(work: Work, key: int) -> None:
    """Remind of a task that one has given, or that somebody has whom one leads. Raises as ``acts.remind``."""
    row = _task(work, key)
    led = team.team(work)
    if row.asked_by != work.actor_id and led is not None and row.account_id not in led:
        raise Forbidden(_("Only who gave the task or leads these people may remind."))
    if row.account_id == work.actor_id:
        raise Conflict(_("There is nobody to be reminded."), code="duty.nobody")
    urge(work, row)
    text = _("{person} reminds you: {title}", person=Somebody(work.actor_id), title=_said(row))
    tell(work, [Note(row.account_id, REMINDER, text, f"remind:{key}:{work.now.isoformat()}", PAGE)])


def given(work: Work) -> list[Any]:
    """The open tasks that the actor has given to others."""
    wanted = select(_DUTY).where(
        _DUTY.c.company_id == work.company.id,
        _DUTY.c.asked_by == work.actor_id,
        _DUTY.c.closed_at.is_(None),
        and_(_DUTY.c.kind == TASK, or_(_DUTY.c.account_id.is_(None), _DUTY.c.account_id != work.actor_id)),
    )
    return list(work.connection.execute(wanted.order_by(_DUTY.c.due, _DUTY.c.id).limit(100)))


def _said(row: Any) -> Text:
    return Text("{text}", (("text", row.title),))


def _task(work: Work, key: int) -> Any:
    """An open task that the actor has, has given, or whose person he leads, locked."""
    if not 0 < key <= LARGEST_ID:
        raise Unknown()
    wanted = (_DUTY.c.company_id == work.company.id, _DUTY.c.kind == TASK, _DUTY.c.id == key)
    row = work.connection.execute(select(_DUTY).where(*wanted).with_for_update()).first()
    led = team.team(work)
    if row is None or not (work.actor_id in (row.account_id, row.asked_by) or led is None or row.account_id in led):
        raise Unknown()
    if row.closed_at is not None:
        raise Conflict(_("This is done already."), code="duty.closed")
    return row


def _at(work: Work, key: int) -> Any:
    return update(_DUTY).where(_DUTY.c.company_id == work.company.id, _DUTY.c.id == key)
