"""Taking the time: medians of repeated runs within a bound, and the table in which they are told."""

from __future__ import annotations

import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: what was done, where, how fast, how fast the bare database was, and what we promise."""

    what: str
    engine: str
    ours: float
    unit: str
    bare: float | None = None
    budget: str = ""
    cpu: float | None = None

    def cells(self) -> tuple[str, ...]:
        """The line as texts."""
        ratio = ""
        if self.bare:
            ratio = f"{self.ours / self.bare:.1f} ×" if self.unit == "ms" else f"{self.bare / self.ours:.1f} ×"
        bare = f"{self.bare:,.2f}" if self.bare else ""
        cpu = f"{self.cpu:,.2f} ms" if self.cpu is not None else ""
        return (self.what, self.engine, f"{self.ours:,.2f} {self.unit}", cpu, bare, ratio, self.budget)


def median_ms(act: Callable[[], object], *, runs: int = 15, bound: float = 3.0) -> float:
    """The median duration of ``act`` in milliseconds; at most ``runs`` times, at most ``bound`` seconds."""
    act()
    taken: list[float] = []
    end = time.perf_counter() + bound
    while len(taken) < runs and (not taken or time.perf_counter() < end):
        start = time.perf_counter()
        act()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def median_and_cpu(act: Callable[[], object], *, runs: int = 15, bound: float = 3.0) -> tuple[float, float]:
    """The median duration of ``act``, and what of it this process itself computed; both in milliseconds.

    The second says what the work costs however busy the machine is with other things.
    """
    act()
    spent: list[float] = []

    def watched() -> None:
        start = time.process_time()
        act()
        spent.append((time.process_time() - start) * 1000)

    return median_ms(watched, runs=runs, bound=bound), statistics.median(spent)


def machine() -> str:
    """The machine that was measured on, in one line."""
    cpu = next(
        (
            part.split(":", 1)[1].strip()
            for part in _read("/proc/cpuinfo").splitlines()
            if part.startswith("model name")
        ),
        platform.processor(),
    )
    cores = _read("/proc/cpuinfo").count("processor\t")
    memory = next((int(p.split()[1]) for p in _read("/proc/meminfo").splitlines() if p.startswith("MemTotal")), 0)
    load = _read("/proc/loadavg").split()[:1]
    return (
        f"{cores} × {cpu}, {memory / 1024 / 1024:.0f} GiB, {platform.system()} {platform.release()}, "
        f"Python {platform.python_version()}; load at the end {' '.join(load)}"
    )


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8")
    except OSError:
        return ""


def table(rows: list[Row]) -> str:
    """The lines as a Markdown table."""
    head = ("what", "engine", "ours", "our CPU, each", "bare SQL", "ratio", "budget")
    lines = [head, tuple("-" * len(h) for h in head), *(row.cells() for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
