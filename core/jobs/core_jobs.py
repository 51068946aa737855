"""The jobs of core itself: seal the history, and sweep out what nobody needs any more."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, or_

from core.entities.account import LoginSession, LoginThrottle, SeenRequest
from core.jobs.job import JOBS, job
from core.operations import bringing, imports, late
from core.outbox import Job
from core.records import anchors, outside
from core.text import _
from core.work import Ask, System, Work, Works

SEAL, SWEEP, FILES = "core.seal", "core.sweep", "core.files"
LATE, ONE_LATE = "core.late_consents", "core.late_consent"
REQUESTS_KEPT = timedelta(days=7)
JOBS_KEPT = timedelta(days=30)
THROTTLES_KEPT = timedelta(days=1)

_SESSION: Any = LoginSession.__table__
_THROTTLE: Any = LoginThrottle.__table__
_REQUEST: Any = SeenRequest.__table__
_JOB: Any = Job.__table__


@job(SEAL, _("Seal the history"), every=timedelta(minutes=15))
def seal(work: Work) -> None:
    """Put all entries that no anchor holds yet under a new one."""
    anchors.seal_history(work)


def publish(works: Works, company_id: int, path: Path) -> int:
    """Write the anchors that are not yet outside of the database there; gives back how many."""
    with works.read(Ask(company_id, System(SEAL))) as work:
        return outside.publish(work, path)


@job(SWEEP, _("Sweep out what has expired"), every=timedelta(days=1))
def sweep(work: Work) -> None:
    """Forget ended sessions, old failed sign-ins, answers to old requests, and jobs done long ago."""
    run, now = work.connection.execute, work.now
    run(delete(_SESSION).where(_SESSION.c.expires_at < now))
    unblocked = or_(_THROTTLE.c.blocked_until.is_(None), _THROTTLE.c.blocked_until < now)
    run(delete(_THROTTLE).where(_THROTTLE.c.last_at < now - THROTTLES_KEPT, unblocked))
    run(delete(_REQUEST).where(_REQUEST.c.company_id == work.company.id, _REQUEST.c.at < now - REQUESTS_KEPT))
    imports.sweep(work)
    run(delete(_JOB).where(_JOB.c.company_id == work.company.id, _JOB.c.done_at < now - _kept()))


@job(LATE, _("Look for consents that nobody has given in time"), every=timedelta(minutes=15))
def look_for_late_consents(work: Work) -> None:
    """Leave a job for each consent that is late; one that was left already is not left again."""
    for task, due in late.overdue(work):
        work.enqueue(ONE_LATE, key=f"{ONE_LATE}:{task}:{due.isoformat()}", task=task)


@job(ONE_LATE, _("See to a consent that nobody has given in time"))
def see_to_late_consent(work: Work, task: int) -> None:
    """Do what its rule says; nothing when somebody has decided meanwhile."""
    late.see_to(work, task)


@job(FILES, _("Give up contents of files that nobody keeps"), every=timedelta(days=1))
def sweep_files(work: Work) -> None:
    """Contents that never arrived, and those of files that were taken off long ago."""
    if bringing.sweep_files(work) >= bringing.AT_ONCE:
        work.enqueue(FILES)


def _kept() -> timedelta:
    """A periodic job is remembered for two turns at least, else it would be enqueued a second time in one."""
    return max(JOBS_KEPT, *(kind.every * 2 for kind in JOBS.values() if kind.every))
