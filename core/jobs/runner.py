"""The runner: takes jobs from the outbox one by one and does each exactly once.

A job is leased, so that a runner that dies gives it back by time. What the job does and the mark that it is done commit
in one transaction, guarded by the lease: killed in between, neither has happened, and a runner that lost its lease
changes nothing.
"""

from __future__ import annotations

import logging
import os
import random
import socket
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex
from threading import Event, Thread
from typing import Any

from sqlalchemy import Update, and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.company import Company
from core.errors import DomainError, Unknown
from core.jobs import core_jobs
from core.jobs.job import JOBS, PROGRESS, Hopeless, JobType, works_for
from core.outbox import Job
from core.work import Ask, System, Work, Works

_log = logging.getLogger("zhanggui.jobs")
_JOB: Any = Job.__table__
LEASE = timedelta(seconds=60)
POLL = 2.0
FIRST_DELAY, LONGEST_DELAY = timedelta(seconds=10), timedelta(hours=1)
LONGEST_ERROR = 2000


class LeaseLost(Exception):
    """Another runner has taken the job meanwhile; what was done for it is undone."""


@dataclass(frozen=True, slots=True)
class Leased:
    """A job in our hands until its lease runs out."""

    id: int
    kind: JobType
    company_id: int
    args: Mapping[str, Any]
    attempts: int
    token: str


class Runner:
    """Does jobs of one installation. Several may run, in several processes and on several machines.

    ``anchors`` is the file outside of the database for the seals over the history. ``lease`` is how long after a
    crash a job comes back; while a job is running its lease is renewed.
    """

    def __init__(
        self,
        works: Works,
        *,
        anchors: Path | None = None,
        lease: timedelta = LEASE,
        kinds: Mapping[str, JobType] | None = None,
    ) -> None:
        areas = {"core", *works.registry.plugins}
        self._works = works
        self._kinds = {name: kind for name, kind in (kinds or JOBS).items() if kind.area in areas}
        self._lease = lease
        self._anchors = anchors
        self._enqueued: dict[tuple[str, int], int] = {}

    # What there is to do ----------------------------------------------------------------------------------------

    def run(self, stop: Event, *, poll: float = POLL) -> None:
        """Do jobs until ``stop`` is set; a failing database is waited for."""
        while not stop.is_set():
            try:
                self.enqueue_periodic()
                while not stop.is_set() and self.step():
                    continue
            except Exception:
                _log.exception("the runner goes on after a fault")
            stop.wait(poll * random.uniform(0.8, 1.2))

    def run_due(self) -> int:
        """Do everything that is due now; gives back how many jobs were taken."""
        self.enqueue_periodic()
        count = 0
        while self.step():
            count += 1
        return count

    def enqueue_periodic(self, now: datetime | None = None) -> int:
        """Enqueue each periodic job once per company and turn, however many runners do so; gives back how many were."""
        now = now or datetime.now(UTC)
        rows = [row for company_id in self._companies() for row in self._turns(company_id, now)]
        if not rows:
            return 0
        with self._works.installation() as connection:
            new = (sqlite if is_sqlite(connection) else postgresql).insert(Job)
            statement = new.on_conflict_do_nothing(index_elements=[Job.key]).returning(Job.id)
            made = sum(connection.execute(statement, row).scalar() is not None for row in rows)
        for row in rows:
            self._enqueued[row["name"], row["company_id"]] = int(row["key"].rpartition("@")[2])
        return made

    def _companies(self) -> list[int]:
        with self._works.installation(reads=True) as connection:
            return list(connection.execute(select(Company.id).where(Company.active).order_by(Company.id)).scalars())

    def _turns(self, company_id: int, now: datetime) -> Iterator[dict[str, Any]]:
        new = [
            kind
            for kind in self._kinds.values()
            if kind.every and self._enqueued.get((kind.name, company_id)) != kind.period(now)
        ]
        if not new:
            return
        with self._works.read(Ask(company_id, System("jobs"))) as work:
            for kind in new:
                if works_for(work, kind):
                    key = f"{kind.name}@{company_id}@{kind.period(now)}"
                    row = {"company_id": company_id, "name": kind.name, "args": {}, "key": key}
                    yield row | {"run_at": now, "created_at": now}

    # One job ----------------------------------------------------------------------------------------------------

    def step(self) -> bool:
        """Take one job that is due and do it; False when there was none."""
        job = self._take()
        if job is None:
            return False
        if job.attempts > job.kind.attempts:
            self._give_up(job, "the process ended while the job was running")
            return True
        try:
            self._do(job)
        except LeaseLost:
            _log.warning("job %s (%s): another runner took it", job.id, job.kind.name)
        except Exception as error:
            self._failed(job, error)
        return True

    def _take(self) -> Leased | None:
        now = datetime.now(UTC)
        free = or_(_JOB.c.leased_until.is_(None), _JOB.c.leased_until < now)
        due = and_(_JOB.c.done_at.is_(None), _JOB.c.failed_at.is_(None), _JOB.c.run_at <= now, free)
        known = and_(due, _JOB.c.name.in_(sorted(self._kinds)))
        next_one = select(_JOB.c.id).where(known).order_by(_JOB.c.run_at, _JOB.c.id).limit(1)
        with self._works.installation(reads=True) as connection:
            if connection.execute(next_one).scalar() is None:
                return None
        token = f"{socket.gethostname()[:24]}:{os.getpid()}:{token_hex(6)}"
        mine: Update = (
            update(_JOB)
            .where(_JOB.c.id == next_one.with_for_update(skip_locked=True).scalar_subquery())
            .values(leased_until=now + self._lease, leased_by=token, attempts=_JOB.c.attempts + 1)
        )
        with self._works.installation() as connection:
            row = connection.execute(mine.returning(*_JOB.c)).one_or_none()
        if row is None:
            return None
        return Leased(row.id, self._kinds[row.name], row.company_id or 0, row.args, row.attempts, token)

    def _do(self, job: Leased) -> None:
        """The job and its mark in one transaction; afterwards what must leave the database."""
        begun: list[Work] = []

        def command(work: Work) -> str:
            begun[:] = [work]
            skipped = "" if works_for(work, job.kind) else "skipped: the company does not use the area"
            if not skipped:
                _unhurried(work)
                done(work)
                work.finish()
            self._mark(work, job, skipped)
            return skipped

        ask = Ask(job.company_id, System(job.kind.name), request_id=f"job-{job.id}-{job.attempts}")
        with self._renewed(job, begun):
            try:
                done = self._outside(job, ask) if job.kind.outside else _inside(job)
                skipped = self._works.run(ask, command)
            except Unknown as error:
                if begun:
                    raise
                skipped = f"skipped: {error.text.message}"
                self._close(job, done_at=datetime.now(UTC), error=skipped)
        if not skipped and job.kind.name == core_jobs.SEAL and self._anchors:
            core_jobs.publish(self._works, job.company_id, self._anchors)

    def _outside(self, job: Leased, ask: Ask) -> Callable[[Work], Any]:
        """Read what is to be done, do it while no transaction is open, and give back what is to be written of it."""
        with self._works.read(ask) as work:
            act = job.kind.command(work, **job.args) if works_for(work, job.kind) else None
        after: Callable[[Work], Any] = act() if act is not None else _nothing
        return after

    def _mark(self, work: Work, job: Leased, reason: str) -> None:
        done = work.connection.execute(
            self._of(job).values(done_at=datetime.now(UTC), leased_until=None, progress=100, error=reason)
        )
        if done.rowcount != 1:
            raise LeaseLost

    def _of(self, job: Leased) -> Update:
        """The job's row, while we hold its lease."""
        return update(_JOB).where(_JOB.c.id == job.id, _JOB.c.leased_by == job.token, _JOB.c.done_at.is_(None))

    @contextmanager
    def _renewed(self, job: Leased, begun: list[Work]) -> Iterator[None]:
        """Renew the lease in a thread while the job is running, and show its progress."""
        ended = Event()

        def renew() -> None:
            while not ended.wait(self._lease.total_seconds() / 3):
                try:
                    progress = int(begun[0].kept.get(PROGRESS, 0)) if begun else 0
                    self._close(job, leased_until=datetime.now(UTC) + self._lease, progress=progress)
                except Exception:
                    _log.warning("job %s: the lease could not be renewed", job.id, exc_info=True)

        # On SQLite a job that writes keeps all other writers out, so nobody can take it; there is nothing to renew.
        alone = is_sqlite(self._works.engine) and not job.kind.outside
        thread = None if alone else Thread(target=renew, name="lease", daemon=True)
        if thread:
            thread.start()
        try:
            yield
        finally:
            ended.set()
            if thread:
                thread.join()

    def _close(self, job: Leased, **values: Any) -> None:
        with self._works.installation() as connection:
            connection.execute(self._of(job).values(**values))

    def _failed(self, job: Leased, error: Exception) -> None:
        """Give the job back for later, or give it up after its last attempt."""
        said = str(error) if isinstance(error, DomainError | Hopeless) else f"{type(error).__name__}: {error}"
        if not isinstance(error, DomainError | Hopeless):
            _log.error("job %s (%s) failed:\n%s", job.id, job.kind.name, traceback.format_exc())
        if job.attempts >= job.kind.attempts or isinstance(error, Hopeless):
            self._give_up(job, said)
            return
        later = datetime.now(UTC) + delay(job.attempts)
        self._close(job, run_at=later, leased_until=None, error=said[:LONGEST_ERROR])

    def _give_up(self, job: Leased, reason: str) -> None:
        _log.error("job %s (%s) is given up after %s attempts: %s", job.id, job.kind.name, job.kind.attempts, reason)
        self._close(job, failed_at=datetime.now(UTC), leased_until=None, error=reason[:LONGEST_ERROR])


def _inside(job: Leased) -> Callable[[Work], Any]:
    return lambda work: job.kind.command(work, **job.args)


def _nothing(_work: Work) -> None:
    """There is nothing to be written."""


def _unhurried(work: Work) -> None:
    """A job may think for longer than a request may."""
    if not is_sqlite(work.connection):
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
            work.connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


def delay(attempts: int) -> timedelta:
    """How long to wait after the ``attempts``-th failure: twice as long each time, an hour at most."""
    wait: timedelta = min(FIRST_DELAY * 2 ** (attempts - 1), LONGEST_DELAY)
    return wait * random.uniform(0.9, 1.1)
