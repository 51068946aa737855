"""The job that carries an import on, a step at a time, until somebody has to decide or nothing is left."""

from __future__ import annotations

from core.exchange.steps import step
from core.jobs.job import job
from core.operations import imports
from core.text import _
from core.work import Work


@job(imports.JOB, _("Bring in a file"))
def bring_in(work: Work, *, import_id: int) -> None:
    """One step of an import; the next one is another job, so that nobody waits for long."""
    if step(work, import_id):
        imports.enqueue(work, import_id)
