"""A job that was given up is tried once more, when somebody has removed the cause."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from core.errors import Unknown
from core.operations.company import record
from core.outbox import Job
from core.rights import ADMINISTER
from core.work import Work

_JOB: Any = Job.__table__


def retry(work: Work, job_id: int) -> bool:
    """Let a failed job of the company begin anew; False when it is not failed any more. Raises ``Unknown``."""
    work.demand(ADMINISTER)
    mine = (_JOB.c.id == job_id, _JOB.c.company_id == work.company.id)
    name = work.connection.execute(select(_JOB.c.name).where(*mine)).scalar()
    if name is None:
        raise Unknown()
    done = work.connection.execute(
        update(_JOB)
        .where(*mine, _JOB.c.failed_at.is_not(None))
        .values(failed_at=None, attempts=0, run_at=work.now, leased_until=None, leased_by=None, progress=0)
    )
    if done.rowcount:
        record(work, "retry", {"job": [None, name]})
    return bool(done.rowcount)
