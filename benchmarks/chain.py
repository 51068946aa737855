"""The chain from quotation to allocated receipt over HTTP, by one and by four clients, beside its writes said bare.

Every call is a transaction of its own, with stock, credit check, consents, history, outbox and idempotency keys on.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from benchmarks.clock import Row, median_ms
from benchmarks.places import Place
from benchmarks.selling import AREAS, PEOPLE, Call, ready, sale, walk, within
from benchmarks.serving import Client, Server, processor_seconds, server
from core.db.base import Base
from core.testing.api import token_for
from core.testing.builders import Firm
from core.testing.counting import counted

SECONDS, CLIENTS, LINES = 8.0, 4, 5
MOVED = {"quotation": 4, "contract": 5, "delivery": 2, "invoice": 1, "receipt": 2}


def chains(place: Place) -> Iterator[Row]:
    """Sales per second, what one costs the server and the database, and how many statements it takes."""
    firm = Firm.founded(place.program, "chain", "链条照明有限公司", areas=AREAS)
    items = [firm.item().id for _n in range(LINES)]
    parties = [firm.party(credit_code="91350100M000100Y43").id, *(firm.party().id for _n in range(CLIENTS - 1))]
    ready(firm, parties, items)
    today, signatory = firm.as_program(lambda w: w.today), firm.people["manager"]
    steps = [partial(sale, party, items, today, signatory) for party in parties]
    made, statements, calls = _counted(firm, steps[0])
    bare = 1000 / median_ms(_bare(place, firm, made), runs=30)
    yield Row(f"statements of a sale of {LINES} lines, {calls} calls", place.engine, statements, "", budget="≤ 130")
    place.analyse()
    tokens = {who: token_for(firm, who) for who in PEOPLE}
    for count, budget in ((1, "≥ 8 /s, goal 15"), (CLIENTS, "≥ 14 /s, goal 30")):
        with _servers(place, count) as running:
            senders = [_sender(running[number % len(running)].port, tokens) for number in range(count)]
            rate, web, base = _rate(running, place, senders, steps)
            told = f"sale from quotation to allocated receipt, {count} client{'s' if count > 1 else ''}"
            told += f" of {len(running)} processes" if len(running) > 1 else ""
            yield Row(told, place.engine, rate, "/s", bare, budget, web)
            if base is not None:
                yield Row(
                    f"{told}: CPU of server and database", place.engine, web + base, "ms", budget="≤ 120 ms, goal 65"
                )


@contextmanager
def _servers(place: Place, clients: int) -> Iterator[list[Server]]:
    """What answers so many clients: SQLite has one process, PostgreSQL one for each core as soon as that helps."""
    with ExitStack() as running:
        count = 1 if place.engine == "SQLite" or clients == 1 else os.cpu_count() or 1
        yield [running.enter_context(server(place)) for _n in range(count)]


def _counted(firm: Firm, steps: Callable[[], Any]) -> tuple[dict[str, int], int, int]:
    """What a warm sale makes, how many statements it takes, and in how many calls."""
    inside = within(firm)
    calls = 0

    def send(call: Call) -> Any:
        nonlocal calls
        calls += 1
        return inside(call)

    walk(steps(), send)
    calls = 0
    with counted(firm.program.engine) as statements:
        made = walk(steps(), send)
    return made, len(statements), calls


def _sender(port: int, tokens: Mapping[str, str]) -> Callable[[Call], Any]:
    """One client with a kept connection for each person."""
    people = {who: Client(port, Authorization=f"Bearer {token}") for who, token in tokens.items()}

    def send(call: Call) -> Any:
        key = {"Idempotency_Key": uuid4().hex} if call.writes else {}
        return people[call.who].ask(call.method, f"/api/v1{call.path}", call.body, **key)

    return send


def _rate(
    running: Sequence[Server],
    place: Place,
    senders: Sequence[Callable[[Call], Any]],
    steps: Sequence[Callable[[], Any]],
) -> tuple[float, float, float | None]:
    """Sales per second of all clients together; CPU of one in the server and, where it has its own, the database."""
    done: Counter[int] = Counter()
    for send, begin in zip(senders, steps, strict=False):
        walk(begin(), send)
    before, base, begun = sum(one.cpu for one in running), _database_cpu(place), time.perf_counter()

    def sell(number: int) -> None:
        while time.perf_counter() < begun + SECONDS:
            walk(steps[number](), senders[number])
            done[number] += 1

    threads = [Thread(target=sell, args=(number,)) for number in range(len(senders))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sales, taken, after = sum(done.values()), time.perf_counter() - begun, _database_cpu(place)
    told = None if base is None or after is None else (after - base) * 1000 / sales
    return sales / taken, (sum(one.cpu for one in running) - before) * 1000 / sales, told


def _database_cpu(place: Place) -> float | None:
    """What the database's processes have computed, in seconds; None where it lives in the program's own."""
    if place.engine == "SQLite":
        return None
    port, head = str(make_url(place.url).port).encode(), 0
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if words[0].endswith(b"/postgres") and b"-p" in words and port in words:
            head = int(folder.name)
    return sum(processor_seconds(key) for key, parent in parents.items() if head in (key, parent))


def _bare(place: Place, firm: Firm, made: Mapping[str, int]) -> Callable[[], None]:
    """The same documents written without the program: each with its lines, then each move as an update with history."""
    tables = ("document", "document_line", "history")
    columns = {table: [c.name for c in Base.metadata.tables[table].columns if c.name != "id"] for table in tables}

    def copied(table: str, changed: dict[str, str], where: str) -> str:
        values = ", ".join(changed.get(n, n) for n in columns[table])
        return f"INSERT INTO {table} ({', '.join(columns[table])}) SELECT {values} FROM {table} WHERE {where}"

    header = text(
        copied("document", {"uid": ":uid", "number": "NULL", "posted_at": "NULL"}, "id = :like") + " RETURNING id"
    )
    lines = text(copied("document_line", {"document_id": ":id"}, "document_id = :like"))
    told = {"uid": ":uid", "record_id": ":id", "document_id": ":id"}
    history = text(copied("history", told, "document_id = :like AND what = 'create'"))
    moved = text("UPDATE document SET version = version + 1, settled = 0 WHERE id = :id AND company_id = :company")

    def one(link: Connection, given: dict[str, Any], first: bool) -> None:
        if place.engine == "PostgreSQL":
            link.execute(text("SELECT set_config('app.company', :key, true)"), {"key": str(firm.id)})
        given["uid"] = uuid4().hex
        if first:
            given["id"] = link.execute(header, given).scalar_one()
            link.execute(lines, given)
        else:
            link.execute(moved, given)
        link.execute(history, given)

    def write() -> None:
        with place.program.engine.connect() as link:
            for name, key in made.items():
                given: dict[str, Any] = {"like": key, "company": firm.id}
                for step in range(MOVED[name] + 1):
                    with link.begin():
                        one(link, given, step == 0)

    return write
