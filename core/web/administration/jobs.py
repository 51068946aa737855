"""Jobs: what the program has yet to do for the company, what it could not do and why, and once more."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.operations.jobs import retry
from core.outbox import Job
from core.text import _
from core.web.administration.forms import Administered
from core.web.current import run, work
from core.web.screens import Page, say
from core.web.serving import program
from core.web.showing import moment
from core.work import Work

MOST = 100
RECENT = 20


class Jobs(Administered):
    """Failed, waiting and lately done jobs of the company."""

    label = _("Jobs")
    icon = "progress-check"

    @expose("/")
    def index(self) -> Page:
        """All of them."""
        return self.page("jobs.html", **_page(work()))

    @expose("/<int:key>", methods=("POST",))
    def again_(self, key: int) -> ResponseReturnValue:
        """Try a failed job once more."""
        if run(lambda opened: retry(opened, key)):
            say(_("The job will be tried again in a moment."))
        else:
            say(_("The job is not failed any more."), "info")
        return redirect(url_for(".index"), 303)


def _page(work: Work) -> dict[str, Any]:
    mine = select(Job).where(Job.company_id == work.company.id)
    failed = work.session.scalars(
        mine.where(Job.failed_at.is_not(None)).order_by(Job.failed_at.desc(), Job.id.desc()).limit(MOST)
    )
    waiting = work.session.scalars(
        mine.where(Job.done_at.is_(None), Job.failed_at.is_(None)).order_by(Job.run_at, Job.id).limit(MOST)
    )
    done = work.session.scalars(
        mine.where(Job.done_at.is_not(None)).order_by(Job.done_at.desc(), Job.id.desc()).limit(RECENT)
    )
    return {
        "page": {
            "title": str(_("Jobs")),
            "failed": [_row(work, job) for job in failed],
            "waiting": [_row(work, job) for job in waiting],
            "done": [_row(work, job) for job in done],
        }
    }


def _row(work: Work, job: Job) -> dict[str, Any]:
    kind = program().jobs.get(job.name)
    runs = job.leased_until is not None and job.leased_until > work.now
    return {
        "label": str(kind.label) if kind else job.name,
        "name": job.name,
        "area": _area(work, job.name),
        "at": moment(work, job.failed_at or job.done_at or job.run_at),
        "since": moment(work, job.created_at),
        "attempts": job.attempts,
        "error": job.error,
        "runs": runs,
        "progress": job.progress if runs else 0,
        "retry_url": url_for(".again_", key=job.id) if job.failed_at else "",
    }


def _area(work: Work, name: str) -> str:
    plugin = work.types.plugins.get(name.partition(".")[0])
    return str(plugin.label) if plugin else str(_("General"))
