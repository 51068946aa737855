"""Customers brought in from files: how many a second are checked and written, and what memory it takes.

``python -m benchmarks.bringing URL FIRM KEY`` carries the steps of one import on in a process of its own, and prints by
how many megabytes that process grew.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.clock import Row
from benchmarks.places import Place
from core.app import open_program, settled
from core.db.engine import open_engine
from core.entities.party import Party
from core.exchange import bringing, steps
from core.exchange.templates import written
from core.operations import imports
from core.work import Ask, System

HEAD = ["客户编码", "客户名称", "电话", "地区", "地址", "业务员", "客户等级", "行业", "联系人", "手机", "邮箱", "备注"]


def imported(place: Place, size: int) -> Iterator[Row]:
    """``size`` customers of twelve columns: a workbook and CSV, checked, brought in, and taken back."""
    for form in ("csv", "xlsx"):
        content = _file(form, size)
        who = place.firm.ask("manager")
        run = place.program.works.run
        start = time.perf_counter()
        key = run(who, lambda w, c=content, f=form: bringing.upload(w, Party, f"customers.{f}", c))  # type: ignore[misc]
        uploaded = (time.perf_counter() - start) * 1000
        run(who, lambda w, k=key: bringing.check(w, k))  # type: ignore[misc]
        checked, looking, grown = _alone(place, key)
        run(who, lambda w, k=key: bringing.go(w, k))  # type: ignore[misc]
        brought, writing, further = _alone(place, key)
        made = place.firm.as_program(lambda w, k=key: imports.find(w, k).made)  # type: ignore[misc]
        if made != size:
            raise RuntimeError(f"{made} of {size} customers came in")
        told = f"{size:,} customers from {form}"
        yield Row(f"{told}: uploaded and looked at", place.engine, uploaded, "ms")
        yield Row(f"{told}: checked", place.engine, size / checked, "/s", cpu=looking / size)
        yield Row(f"{told}: brought in", place.engine, size / brought, "/s", budget="≥ 3,000 /s", cpu=writing / size)
        yield Row(f"{told}: memory added", place.engine, max(grown, further), "MB", budget="≤ 60 MB")
        run(who, lambda w, k=key: imports.undo(w, k))  # type: ignore[misc]
        back, undoing, _grown = _alone(place, key)
        state = place.firm.as_program(lambda w, k=key: imports.find(w, k).state)  # type: ignore[misc]
        if state != "undone":
            raise RuntimeError(f"the import is {state}")
        yield Row(f"{told}: taken back", place.engine, size / back, "/s", cpu=undoing / size)


def _file(form: str, size: int) -> bytes:
    def row(n: int) -> list[str]:
        name = f"青岛海天{n:06}照明工程有限公司"
        code = f"B{form[0]}{n:06}"
        return [
            code,
            name,
            f"0532-{n:08}",
            "山东青岛",
            f"市南区香港中路 {n} 号",
            "",
            "ABC"[n % 3],
            "照明",
            f"王{n}",
            f"138{n:08}",
            f"w{n}@example.com",
            "",
        ]

    rows = [HEAD, *(row(n) for n in range(size))]
    if form == "xlsx":
        return written("xlsx", rows)
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode()


def _alone(place: Place, key: int) -> tuple[float, float, float]:
    """Seconds, milliseconds of CPU and megabytes that the steps take in a process of their own, its start left out."""
    command = [sys.executable, "-m", "benchmarks.bringing", place.url, str(place.firm.id), str(key)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return float(told[0]), float(told[1]), float(told[2])


def main(url: str, firm: str, key: str) -> None:
    """Carry the import on, and say how long that took and how much the process grew."""
    works = open_program(open_engine(url)).works
    with works.read(Ask(int(firm), System(imports.JOB))) as work:
        imports.find(work, int(key))
    settled()
    before, start = _peak(), time.perf_counter()
    spent = time.process_time()
    steps.carry_on(works, int(firm), int(key))
    taken, spent = time.perf_counter() - start, (time.process_time() - spent) * 1000
    print(taken, spent, (_peak() - before) / 1024)


def _peak() -> int:
    """The most that this process has held, in KB; what ``resource`` tells begins with what its parent held."""
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(row.split()[1]) for row in status.splitlines() if row.startswith("VmHWM"))


if __name__ == "__main__":
    main(*sys.argv[1:])
