"""A server that dies in the middle of writing: what was acknowledged is there, and a repeated request acts once."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.entities.party import Party
from core.testing.api import token_for
from core.testing.builders import Firm
from core.testing.fixtures import Database
from tests.core.command_line import CommandLine
from tests.core.running import ROOT

KILLS, WRITERS = 2, 3


def begun(environment: Mapping[str, str]) -> tuple[subprocess.Popen[str], str]:
    """A server on a free port, and its address."""
    command = [sys.executable, "-m", "core.cli", "--language", "en", "serve", "--port", "0"]
    server = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    assert server.stdout
    found = re.search(r"http://[\d.:]+", server.stdout.readline())
    assert found
    return server, found[0]


def created(address: str, token: str, name: str) -> dict[str, Any] | None:
    """The customer made under this name, which is the key as well; None when the server went away before it said so."""
    head = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Idempotency-Key": name}
    body = json.dumps({"name": name}).encode()
    asked = urllib.request.Request(f"{address}/api/v1/core/parties", data=body, headers=head)  # noqa: S310 - our own
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - our own server
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError:
        raise
    except (OSError, ValueError, HTTPException):
        # Also an answer that was cut off in the middle.
        return None


class Writers:
    """People who enter customers without a pause until their server is gone."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.acknowledged: dict[str, int] = {}
        self.unknown: list[str] = []

    def write_until_killed(self, server: subprocess.Popen[str], address: str, turn: int) -> None:
        """Let everybody write, kill the server amid it, and wait until all have noticed."""
        before = len(self.acknowledged)
        threads = [threading.Thread(target=self._write, args=(address, f"{turn}-{one}")) for one in range(WRITERS)]
        for thread in threads:
            thread.start()
        until = time.monotonic() + 5
        while len(self.acknowledged) < before + 10 and time.monotonic() < until:
            time.sleep(0.01)
        server.send_signal(signal.SIGKILL)
        server.wait(timeout=5)
        for thread in threads:
            thread.join(timeout=15)

    def _write(self, address: str, mark: str) -> None:
        for number in range(1000):
            name = f"customer-{mark}-{number}"
            found = created(address, self.token, name)
            if found is None:
                self.unknown.append(name)
                return
            self.acknowledged[name] = found["id"]


def test_a_killed_server_loses_nothing_acknowledged_and_doubles_nothing(
    database: Database, firm: Firm, tmp_path: Path
) -> None:
    """Killed twice amid writing; afterwards everything is sent once more and the proof of the records is clean."""
    line = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    writers = Writers(token_for(firm, "rep"))
    for turn in range(KILLS):
        server, address = begun(line.environment)
        try:
            writers.write_until_killed(server, address, turn)
        finally:
            server.kill()
            server.communicate(timeout=5)
    assert len(writers.unknown) == KILLS * WRITERS, "the server was killed while everybody was writing"
    assert len(writers.acknowledged) >= 10
    server, address = begun(line.environment)
    try:
        repeated = {name: created(address, writers.token, name) for name in (*writers.acknowledged, *writers.unknown)}
    finally:
        server.terminate()
        server.communicate(timeout=20)
    assert all(found is not None for found in repeated.values())
    ids = {name: found["id"] for name, found in repeated.items() if found}
    assert {name: ids[name] for name in writers.acknowledged} == writers.acknowledged
    names = select(Party.name, Party.id).where(Party.company_id == firm.id)
    rows = firm.read("admin", lambda w: [tuple(row) for row in w.connection.execute(names)])
    assert sorted(rows) == sorted(ids.items())
    line.fine("verify")
