"""Over HTTP: the program as it is installed, in a process of its own, asked by one and by four clients at once."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from benchmarks.clock import Row, median_ms
from benchmarks.places import Place
from core.testing.api import token_for
from core.testing.builders import line
from core.web import sessions

SECONDS = 4.0


class Server:
    """A running server: its port, how long it took to answer, how much memory it holds."""

    def __init__(self, port: int, process: subprocess.Popen[bytes], started: float) -> None:
        self.port, self.process, self.started = port, process, started

    @property
    def memory(self) -> float:
        """What the process holds, in MB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        return next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS"))

    @property
    def cpu(self) -> float:
        """What the process has computed since it started, in seconds."""
        return processor_seconds(self.process.pid)


def processor_seconds(pid: int) -> float:
    """What a process has computed since it started, in seconds; nothing where it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Client:
    """One kept connection, in the name of one person."""

    def __init__(self, port: int, **headers: str) -> None:
        self._link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {name.replace("_", "-"): value for name, value in headers.items()}

    def ask(self, method: str, path: str, body: Any = None, **further: str) -> Any:
        """The answer's JSON, or its text; raises RuntimeError for a refusal."""
        given = None if body is None else json.dumps(body)
        headers = self._headers | ({"Content-Type": "application/json"} if body is not None else {})
        headers |= {name.replace("_", "-"): value for name, value in further.items()}
        self._link.request(method, path, given, headers)
        answer = self._link.getresponse()
        read = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {read[:300]!r}")
        return json.loads(read) if "json" in answer.headers["Content-Type"] else read


@contextmanager
def server(place: Place) -> Iterator[Server]:
    """The installed program over the place's database, on a free port of the loopback."""
    with socket.socket() as probe, tempfile.TemporaryDirectory(prefix="zhanggui-bench-") as folder:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
        probe.close()
        environment = {
            **os.environ,
            "ZHANGGUI_DATABASE_URL": place.url,
            "ZHANGGUI_DATA_DIR": folder,
            "ZHANGGUI_SECRET_KEY": secrets.token_hex(32),
            "ZHANGGUI_LOG_LEVEL": "WARNING",
        }
        begun = time.perf_counter()
        command = [sys.executable, "-m", "core.cli", "serve", "--port", str(port), "--no-jobs"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        try:
            _await(port, process)
            yield Server(port, process, time.perf_counter() - begun)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=20)


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer."""
    while process.poll() is None:
        try:
            link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            link.request("GET", "/login")
            if link.getresponse().status < 500:
                link.close()
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("The server did not start.")


def over_http(place: Place) -> Iterator[Row]:
    """Start, memory, pages and writes per second."""
    with server(place) as running:
        started = running.cpu * 1000
        yield Row("start to the first answer", place.engine, running.started, "s", budget="≤ 2.0 s", cpu=started)
        tokens = [token_for(place.firm, "rep") for _n in range(4)]
        calling = [Client(running.port, Authorization=f"Bearer {token}") for token in tokens]
        with place.program.works.installation() as link:
            key = sessions.begin(link, place.firm.people["manager"], address="127.0.0.1", agent="benchmarks")
        browser = Client(running.port, Cookie=f"{sessions.COOKIE}={key}", Accept="text/html")
        size = f"{place.quotations // 1000} k"
        page = f"/c/{place.firm.code}/quotation/quotations/"
        for what, client, path, budget in (
            ("list of 80 as a finished page", browser, page, "≤ 25 ms"),
            ("list of 80 as JSON", calling[0], "/api/v1/quotation/quotations?size=80", ""),
        ):
            taken, cpu = _each(running, client, path)
            yield Row(f"{size}: {what}", place.engine, taken, "ms", budget=budget, cpu=cpu)
        lines = [line(place.items[n % 5], str(n + 1)) for n in range(5)]

        def quotation(client: Client) -> None:
            made = client.ask("POST", "/api/v1/quotation/quotations", {"party_id": place.party.id, "lines": lines})
            client.ask("POST", f"/api/v1/quotation/quotations/{made['id']}/moves/submit", {})

        def customer(client: Client) -> None:
            client.ask("POST", "/api/v1/core/parties", {"name": f"新客户 {secrets.token_hex(6)} 有限公司"})

        for what, act, one, four in (
            ("quotations of 5 lines created and submitted", quotation, "≥ 60 /s", "≥ 100 /s"),
            ("customers created", customer, "≥ 200 /s", ""),
        ):
            for clients, budget in ((calling[:1], one), (calling, four)):
                rate, cpu = _rate(running, clients, act)
                told = f"{what}, {len(clients)} client{'s' if len(clients) > 1 else ''}"
                yield Row(told, place.engine, rate, "/s", budget=budget, cpu=cpu)
        yield Row("memory of the server afterwards", place.engine, running.memory, "MB", budget="≤ 130 MB")


def _each(running: Server, client: Client, path: str) -> tuple[float, float]:
    """The median time of a page and what it cost the server on average, in milliseconds."""
    runs = 0

    def ask() -> None:
        nonlocal runs
        client.ask("GET", path)
        runs += 1

    ask()
    runs, before = 0, running.cpu
    taken = median_ms(ask, runs=60)
    return taken, (running.cpu - before) * 1000 / runs


def _rate(running: Server, clients: list[Client], act: Callable[[Client], None]) -> tuple[float, float]:
    """How often per second all clients together carry out ``act``, and what one costs the server in milliseconds."""
    done = [0] * len(clients)
    act(clients[0])
    before, begun = running.cpu, time.perf_counter()

    def work(place: int, client: Client) -> None:
        while time.perf_counter() < begun + SECONDS:
            act(client)
            done[place] += 1

    threads = [Thread(target=work, args=pair) for pair in enumerate(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - begun), (running.cpu - before) * 1000 / sum(done)
