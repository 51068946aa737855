"""Brings in ten records a step, and waits to be killed in its third: ``import_worker URL FIRM KEY FOLDER``."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

from core.app import open_program
from core.db.engine import open_engine
from core.exchange import steps
from core.operations import imports
from core.work import Ask, System, Work


def main(url: str, firm: str, key: str, folder: str) -> None:
    """Carry out two steps, and all of the third but its end."""
    works = open_program(open_engine(url)).works
    steps.RECORDS_AT_ONCE = 10
    ask = Ask(int(firm), System(imports.JOB))
    for _step in range(2):
        works.run(ask, lambda work: steps.step(work, int(key)))

    def hang(work: Work) -> Any:
        steps.step(work, int(key))
        work.finish()
        Path(folder, "third").touch()
        time.sleep(60)

    works.run(ask, hang)


if __name__ == "__main__":
    main(*sys.argv[1:])
