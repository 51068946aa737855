"""Measure everything and print one table: ``python -m benchmarks [--quick] [--most N] [--engine NAME]``."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from benchmarks.approving import approvals
from benchmarks.books import Books
from benchmarks.bringing import imported
from benchmarks.chain import chains
from benchmarks.clock import Row, machine, table
from benchmarks.doing import duties
from benchmarks.handing import hand_overs
from benchmarks.past import past
from benchmarks.places import places
from benchmarks.reading import lists
from benchmarks.reporting import orders, reports
from benchmarks.serving import over_http
from benchmarks.writing import documents

SIZES, QUICK = (10_000, 100_000, 1_000_000), (10_000,)
# Consents that somebody has given before.
PAST, PAST_QUICK = 100_000, 5_000
ENGINES = ("SQLite", "PostgreSQL")
MOST_HANDED = 100_000


def main(arguments: list[str]) -> None:
    """Measure at each size, write as we go, and tell the whole at the end."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--quick", action="store_true", help="10,000 documents only; under a minute")
    asked.add_argument("--engine", choices=ENGINES, action="append", help="only this one")
    asked.add_argument("--most", type=int, default=max(SIZES), help="at most this many documents")
    asked.add_argument("--write", type=Path, help="also write the table to this file")
    chosen = asked.parse_args(arguments)
    begun, rows = time.perf_counter(), list[Row]()
    sizes = [size for size in (QUICK if chosen.quick else SIZES) if size <= chosen.most]
    with places(tuple(chosen.engine or ENGINES)) as found:
        for place in found:
            rows += _tell(list(documents(place)))
            rows += _tell(list(approvals(place, PAST_QUICK if chosen.quick else PAST)))
            rows += _tell(list(imported(place, 10_000 if chosen.quick else 100_000)))
            for size in sizes:
                place.grow(size)
                rows += _tell(list(lists(place)))
            rows += _tell(list(hand_overs(place, min(max(sizes), MOST_HANDED))))
            books = Books.begun(place)
            for size in sizes:
                books.grow(size)
                rows += _tell(list(reports(books)))
                rows += _tell(list(duties(books)))
            rows += _tell(list(orders(books)))
            rows += _tell(list(past(place)))
            rows += _tell(list(over_http(place)))
            rows += _tell(list(chains(place)))
    taken = f"It took {time.perf_counter() - begun:.0f} s. Medians; “bare SQL” is the same done by the driver alone."
    told = f"{machine()}\n\n{taken}\n\n{table(rows)}\n"
    sys.stdout.write(f"\n{told}")
    if chosen.write:
        chosen.write.write_text(f"# Measured\n\n{told}", encoding="utf-8")


def _tell(rows: list[Row]) -> list[Row]:
    for row in rows:
        sys.stderr.write("  ".join(row.cells()) + "\n")
    return rows


if __name__ == "__main__":
    main(sys.argv[1:])
