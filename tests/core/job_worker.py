"""A worker in a process of its own, with jobs that can be watched and killed: ``job_worker URL FOLDER LEASE MODE``."""

from __future__ import annotations

import sys
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from core.app import open_program
from core.db.engine import open_engine
from core.jobs.job import JobType
from core.jobs.runner import Runner
from core.operations.company import record
from core.records.models import History
from core.text import _
from core.work import Work

_HISTORY: Any = History.__table__


def leave_a_mark(work: Work, *, mark: str) -> None:
    """The effect: one entry in the company's history."""
    record(work, mark, {})


def hang(work: Work, *, mark: str, folder: str) -> None:
    """The effect, and then no end: somebody kills the process before it can commit."""
    record(work, mark, {})
    Path(folder, mark).touch()
    if Path(folder, "hang").exists():
        time.sleep(60)


def each_turn(work: Work) -> None:
    """Something periodic."""
    record(work, "turn", {})


KINDS = {
    "core.mark": JobType("core.mark", _("Mark"), leave_a_mark),
    "core.hang": JobType("core.hang", _("Hang"), hang),
    "core.turn": JobType("core.turn", _("Turn"), each_turn, every=timedelta(days=3650)),
}


def marks(work: Work, mark: str) -> int:
    """How often an effect is in the history."""
    statement = select(func.count()).where(_HISTORY.c.company_id == work.company.id, _HISTORY.c.what == mark)
    return int(work.connection.execute(statement).scalar_one())


def main(url: str, folder: str, lease: str) -> None:
    """Wait for the starting sign, do what is due, say how many jobs that were."""
    runner = Runner(open_program(open_engine(url)).works, lease=timedelta(seconds=float(lease)), kinds=KINDS)
    print("ready", flush=True)
    while not Path(folder, "go").exists():
        time.sleep(0.01)
    print(runner.run_due(), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
