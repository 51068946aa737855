"""Jobs run once, whatever dies: leased, repeated, given up, and never for an area that is off."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from core.app import Program, open_program
from core.db.engine import is_sqlite, open_engine
from core.entities.account import LoginSession, LoginThrottle, SeenRequest
from core.entities.company import Company
from core.errors import Conflict
from core.jobs.core_jobs import SEAL, SWEEP, sweep
from core.jobs.job import JOBS, JobType, progress
from core.jobs.runner import Runner, delay
from core.operations.company import record, switch_off
from core.outbox import Job
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.text import _
from core.work import Work
from tests.core.job_worker import KINDS, marks

ROOT = Path(__file__).resolve().parents[2]
_JOB: Any = Job.__table__
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(database: Database, tmp_path: Path) -> Iterator[Start]:
    """Start a worker process that waits for the file ``go``; none outlives the test."""
    running: list[subprocess.Popen[str]] = []

    def begin(lease: float = 60) -> subprocess.Popen[str]:
        command = [
            sys.executable,
            "-W",
            "error",
            "-m",
            "tests.core.job_worker",
            database.url,
            str(tmp_path),
            str(lease),
        ]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in running:
        process.kill()
        process.wait()
        assert process.stdout
        process.stdout.close()


def jobs(program: Program) -> list[Any]:
    """Every job there is, oldest first."""
    with program.works.installation(reads=True) as connection:
        return list(connection.execute(select(_JOB).order_by(_JOB.c.id)))


def kind(command: Callable[..., None], **about: Any) -> dict[str, JobType]:
    """One kind of job, for a runner of the test."""
    return {"core.test": JobType("core.test", _("Test"), command, **about)}


def count(firm: Firm, mark: str) -> int:
    """How often an effect happened."""
    return firm.read("admin", lambda work: marks(work, mark))


def answer(process: subprocess.Popen[str]) -> int:
    """What a worker says when it has done everything."""
    assert process.stdout
    return int(process.stdout.readline())


# Once ------------------------------------------------------------------------------------------------------------


def test_two_processes_share_the_jobs_and_do_each_once(firm: Firm, start: Start, tmp_path: Path) -> None:
    """Also what is periodic: both enqueue the turn, it runs once for each company."""
    for n in range(24):
        firm.as_program(lambda work, n=n: work.enqueue("core.mark", mark=f"mark-{n}"))  # type: ignore[misc]
    first, second = start(), start()
    (tmp_path / "go").touch()
    assert answer(first) + answer(second) == 25
    assert [count(firm, f"mark-{n}") for n in range(24)] == [1] * 24
    assert count(firm, "turn") == 1
    assert all(job.done_at and job.attempts == 1 and job.progress == 100 for job in jobs(firm.program))


def test_a_killed_worker_leaves_nothing_and_its_job_is_done_again_once(
    firm: Firm, start: Start, tmp_path: Path
) -> None:
    """kill -9 after the effect and before the commit: another runner does it after the lease, and once."""
    (tmp_path / "hang").touch()
    firm.as_program(lambda work: work.enqueue("core.hang", mark="effect", folder=str(tmp_path)))
    worker = start(lease=3)
    (tmp_path / "go").touch()
    while not (tmp_path / "effect").exists():
        time.sleep(0.02)
    worker.kill()
    worker.wait()
    (tmp_path / "hang").unlink()
    runner = Runner(firm.program.works, kinds=KINDS)
    before = [job.leased_until for job in jobs(firm.program) if job.name == "core.hang"]
    runner.run_due()
    if before[0] > datetime.now(UTC):
        assert count(firm, "effect") == 0
    while before[0] > datetime.now(UTC):
        time.sleep(0.1)
    runner.run_due()
    assert count(firm, "effect") == 1
    job = next(job for job in jobs(firm.program) if job.name == "core.hang")
    assert job.done_at
    assert job.attempts == 2


def test_a_job_with_a_key_is_enqueued_once(firm: Firm) -> None:
    for _turn in range(3):
        firm.as_program(lambda work: work.enqueue("core.mark", key="reminder-7", mark="reminded"))
    assert Runner(firm.program.works, kinds={"core.mark": KINDS["core.mark"]}).run_due() == 1
    assert count(firm, "reminded") == 1


def test_a_periodic_job_comes_once_in_every_turn(firm: Firm, other_firm: Firm) -> None:
    """Per company, and again in the next turn."""
    hourly = kind(lambda work: record(work, "hour", {}), every=timedelta(hours=1))
    now = datetime(2026, 11, 25, 10, 5, tzinfo=UTC)
    runners = [Runner(firm.program.works, kinds=hourly) for _twice in range(2)]
    assert [runner.enqueue_periodic(now) for runner in runners] == [2, 0]
    assert runners[0].enqueue_periodic(now + timedelta(minutes=54)) == 0
    assert [runner.enqueue_periodic(now + timedelta(minutes=55)) for runner in runners] == [2, 0]


def test_what_a_work_undoes_is_never_enqueued(firm: Firm) -> None:
    def command(work: Work) -> None:
        work.enqueue("core.mark", mark="never")
        raise Conflict(_("No."))

    with pytest.raises(Conflict):
        firm.as_program(command)
    assert jobs(firm.program) == []


# Failing ---------------------------------------------------------------------------------------------------------


def test_a_failing_job_is_tried_later_and_given_up_at_last(firm: Firm) -> None:
    """What it did is undone each time; the wait grows; the reason is kept."""

    def fail(work: Work) -> None:
        record(work, "half", {})
        raise Conflict(_("The bank does not answer."))

    firm.as_program(lambda work: work.enqueue("core.test"))
    runner, waits = Runner(firm.program.works, kinds=kind(fail, attempts=3)), []
    for _attempt in range(3):
        assert runner.run_due() == 1
        job = jobs(firm.program)[0]
        waits.append((job.run_at - datetime.now(UTC)).total_seconds())
        hurry(firm.program)
    assert 8 < waits[0] < 12 < 17 < waits[1] < 23
    assert job.failed_at
    assert job.error == "The bank does not answer."
    assert count(firm, "half") == 0
    assert runner.run_due() == 0
    assert delay(30) < timedelta(minutes=67)


def hurry(program: Program) -> None:
    """Let every waiting job be due now."""
    with program.works.installation() as connection:
        connection.execute(update(_JOB).values(run_at=datetime.now(UTC) - timedelta(seconds=1)))


def test_a_job_that_kills_its_process_is_not_tried_for_ever(firm: Firm) -> None:
    """Each lease counts as an attempt, so the one that never ends is given up."""
    firm.as_program(lambda work: work.enqueue("core.test"))
    with firm.program.works.installation() as connection:
        connection.execute(update(_JOB).values(attempts=2, leased_until=datetime.now(UTC) - timedelta(seconds=1)))
    runner = Runner(firm.program.works, kinds=kind(lambda work: record(work, "tried", {}), attempts=2))
    assert runner.run_due() == 1
    assert count(firm, "tried") == 0
    assert jobs(firm.program)[0].failed_at


def test_a_runner_that_lost_its_lease_changes_nothing(firm: Firm) -> None:
    """A slow runner whose job was taken by another one undoes its own work."""

    def slow(work: Work) -> None:
        record(work, "slow", {})
        work.connection.execute(update(_JOB).values(leased_by="somebody else"))

    firm.as_program(lambda work: work.enqueue("core.test"))
    assert Runner(firm.program.works, kinds=kind(slow)).step()
    assert count(firm, "slow") == 0
    assert jobs(firm.program)[0].done_at is None


def test_a_job_of_a_release_that_is_not_here_waits(firm: Firm) -> None:
    """A worker of an older release leaves what it does not know to the newer one."""
    firm.as_program(lambda work: work.enqueue("core.of_tomorrow"))
    assert Runner(firm.program.works, kinds=kind(lambda work: None)).run_due() == 0
    job = jobs(firm.program)[0]
    assert (job.done_at, job.failed_at, job.attempts) == (None, None, 0)


# Areas and companies ---------------------------------------------------------------------------------------------


def test_a_job_of_an_area_that_was_switched_off_is_skipped_and_says_so(firm: Firm, other_firm: Firm) -> None:
    """The same job runs for the company that uses the area; nothing periodic is enqueued for the other."""

    def remind(work: Work) -> None:
        record(work, "reminded", {})

    name = "quotation.test"
    kinds = {name: JobType(name, _("Test"), remind, every=timedelta(hours=1))}
    for one in (firm, other_firm):
        one.as_program(lambda work: work.enqueue(name))
    firm.as_program(lambda work: switch_off(work, "quotation"))
    runner = Runner(firm.program.works, kinds=kinds)
    assert runner.run_due() == 3
    assert (count(firm, "reminded"), count(other_firm, "reminded")) == (0, 2)
    skipped = [job for job in jobs(firm.program) if job.company_id == firm.id]
    assert [job.error for job in skipped] == ["skipped: the company does not use the area"]
    assert all(job.done_at for job in skipped)


def test_a_job_of_a_closed_company_is_skipped(firm: Firm) -> None:
    firm.as_program(lambda work: work.enqueue("core.test"))
    table: Any = Company.__table__
    with firm.program.works.installation() as connection:
        connection.execute(update(table).values(active=False))
    assert Runner(firm.program.works, kinds=kind(lambda work: None)).run_due() == 1
    assert jobs(firm.program)[0].error.startswith("skipped")


# Long jobs -------------------------------------------------------------------------------------------------------


def test_the_lease_of_a_long_job_is_renewed_and_its_progress_shown(database: Database, firm: Firm) -> None:
    """A job that outlives its lease is not taken by another runner while its own is alive."""
    seen, other = [], open_program(open_engine(database.url))

    def long(work: Work) -> None:
        progress(work, 40)
        time.sleep(1.6)

    firm.as_program(lambda work: work.enqueue("core.test"))
    first = Runner(firm.program.works, kinds=kind(long), lease=timedelta(seconds=0.6))
    second = Runner(other.works, kinds=kind(lambda work: record(work, "stolen", {})))
    thread = Thread(target=first.run_due)
    thread.start()
    time.sleep(1.0)
    if not is_sqlite(other.engine):
        assert not second.step()
        seen = [job.progress for job in jobs(other)]
    thread.join()
    assert second.run_due() == 0
    assert count(firm, "stolen") == 0
    assert seen in ([], [40])
    assert jobs(other)[0].progress == 100
    other.engine.dispose()


def test_a_runner_ends_when_told_to(firm: Firm) -> None:
    """It goes on through faults of the database and stops at the sign."""
    stop, runner = Event(), Runner(firm.program.works, kinds={"core.mark": KINDS["core.mark"]})
    thread = Thread(target=runner.run, args=(stop,), kwargs={"poll": 0.05})
    thread.start()
    firm.as_program(lambda work: work.enqueue("core.mark", mark="soon"))
    until = time.monotonic() + 10
    while count(firm, "soon") == 0 and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    thread.join(timeout=5)
    assert not thread.is_alive()
    assert count(firm, "soon") == 1


# Core's own ------------------------------------------------------------------------------------------------------


def test_core_seals_and_sweeps_for_every_company(firm: Firm, other_firm: Firm, tmp_path: Path) -> None:
    own = {name: JOBS[name] for name in (SEAL, SWEEP)}
    runner = Runner(firm.program.works, kinds=own, anchors=tmp_path / "anchors.log")
    assert runner.run_due() == 4
    assert runner.run_due() == 0
    assert len((tmp_path / "anchors.log").read_text(encoding="utf-8").splitlines()) == 2


def test_sweeping_forgets_what_has_expired_and_nothing_else(firm: Firm) -> None:
    """Sessions that ended, failed sign-ins of days ago, answers after a week, jobs a month after they were done."""
    now = datetime.now(UTC)
    ages = [timedelta(days=days) for days in (0, 8, 31)]

    def prepare(work: Work) -> None:
        account = firm.people["rep"]
        for n, age in enumerate(ages):
            session = {"key_hash": f"{n}", "account_id": account, "created_at": now, "seen_at": now}
            work.connection.execute(insert(LoginSession), session | {"expires_at": now - age + timedelta(hours=1)})
            work.connection.execute(insert(LoginThrottle), {"key": f"{n}", "last_at": now - age})
            answered = {"company_id": firm.id, "account_id": account, "key": f"{n}", "fingerprint": "", "at": now - age}
            work.connection.execute(insert(SeenRequest), answered)
            job = {"company_id": firm.id, "name": "core.test", "args": {}, "run_at": now, "created_at": now}
            work.connection.execute(insert(Job), job | {"done_at": now - age})

    firm.as_program(prepare)
    firm.as_program(sweep)

    def left(work: Work) -> list[int]:
        tables: list[Any] = [LoginSession.__table__, LoginThrottle.__table__, SeenRequest.__table__, _JOB]
        return [len(work.connection.execute(select(table)).all()) for table in tables]

    assert firm.read("admin", left) == [1, 1, 1, 2]
