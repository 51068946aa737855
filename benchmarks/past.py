"""A long past: pages of one document's 10,000 entries, sealing them, and following every chain of the company."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from sqlalchemy import select, text

from benchmarks.bare import beside
from benchmarks.clock import Row
from benchmarks.places import Place
from core.operations import access
from core.records.anchors import seal_history
from core.records.log import Wanted, log
from core.records.models import History
from core.records.reading import entries
from core.records.verify import verify_history
from core.records.verify_anchors import verify_anchors
from core.testing.builders import line
from core.testing.long_history import long_history
from core.work import Work
from plugins.quotation.documents import Quotation

ENTRIES, ACCESSES = 10_000, 10_000
PAGE_BUDGET = "≤ 25 ms as a page"
_HISTORY: Any = History.__table__


def past(place: Place) -> Iterator[Row]:
    """The history of one document, the audit log, and what proving all of it takes."""
    firm = place.firm
    document = firm.create(Quotation, party_id=place.party.id, lines=[line(place.items[0])])
    long_history(firm, document, ENTRIES)
    firm.as_program(_accesses)
    place.analyse()
    ids = firm.as_program(lambda w: [row["id"] for row in entries(w, Quotation, document.id, most=1)])
    for name, before in (("latest", None), ("from the middle", ids[0] - ENTRIES // 2)):
        page = partial(entries, cls=Quotation, key=document.id, before=before, most=101)
        ours, cpu, bare = beside(place, firm, "manager", page)
        yield Row(
            f"history of {ENTRIES // 1000} k entries: 100 {name}", place.engine, ours, "ms", bare, PAGE_BUDGET, cpu
        )
    for name, wanted in (
        ("latest", Wanted(audit=True)),
        ("of one kind", Wanted(audit=True, what="refuse")),
        ("from one address", Wanted(audit=True, address="192.0.2.77")),
    ):
        ours, cpu, bare = beside(place, firm, "boss", partial(log, wanted=wanted))
        what = f"audit log of {ACCESSES // 1000} k entries: 50 {name}"
        yield Row(what, place.engine, ours, "ms", bare, PAGE_BUDGET, cpu)
    count = firm.as_program(_unsealed)
    yield _rate(place, "entries sealed under an anchor", lambda w: seal_history(w), count)
    total = firm.as_program(lambda w: w.connection.execute(text("SELECT count(*) FROM history")).scalar_one())
    yield _rate(place, "entries followed along their chains", lambda w: sum(1 for _found in verify_history(w)), total)
    yield _rate(place, "entries held against their anchor", lambda w: sum(1 for _found in verify_anchors(w)), total)


def _accesses(work: Work) -> None:
    for n in range(ACCESSES):
        what = "refuse" if n % 100 == 0 else "download"
        access.enter(work, what, record=("quotation.quotation", n), file=f"{n}.pdf", sha256="0" * 64)


def _unsealed(work: Work) -> int:
    return len(work.connection.execute(select(_HISTORY.c.id)).all())


def _rate(place: Place, what: str, act: Callable[[Work], object], count: int) -> Row:
    begun = time.perf_counter()
    place.firm.as_program(act)
    return Row(what, place.engine, count / (time.perf_counter() - begun), "/s")
