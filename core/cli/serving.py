"""Run the program: for a try, for everybody, or for the jobs alone."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.holding import held
from core.cli.opening import Opened, connected, opened
from core.cli.speech import Refusal, say
from core.config import FILE, Config, read
from core.text import _

if TYPE_CHECKING:
    from core.jobs.runner import Runner

HOST = _("The address to listen on.").message
PORT = _("The port to listen on.").message


@click.command("demo", help=_("Try it with made-up companies, in a database of their own.").message)
@click.option("--serve", "serving", is_flag=True, help=_("Start the server and say its address.").message)
@click.option("--host", help=HOST)
@click.option("--port", type=click.IntRange(0, 65535), help=PORT)
@click.option("--fresh", is_flag=True, help=_("Begin anew; what was entered is lost.").message)
@click.option(
    "--scale",
    type=click.FloatRange(0.01, 100),
    default=1.0,
    help=_("How much of everything a fresh one has; 1 is a season.").message,
)
def demo(serving: bool, host: str | None, port: int | None, fresh: bool, scale: float) -> None:
    config = _listening(read(demo=True), host, port)
    path = config.data_dir / FILE
    if fresh or not path.is_file():
        with held(path, alone=True):
            _remove(path)
            say(_("Making the companies of the demonstration…"))
            _fill(config, path, scale)
    from core.cli.installing import make_tables

    make_tables(config)
    if serving:
        with opened(config, threads=config.threads) as here:
            _serve(here, jobs=True)
    else:
        say(_("Ready. Start it with: zhanggui demo --serve"))


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _fill(config: Config, path: Path, scale: float) -> None:
    """Fill a database beside its place and move it there when it is whole, so that a broken try leaves nothing."""
    from core.app import open_program
    from core.cli.installing import make_tables
    from core.demonstration.companies import load_demo

    half = path.with_name("half.sqlite")
    _remove(half)
    url = f"sqlite:///{half}"
    make_tables(replace(config, database_url=url, owner_url=url))
    with connected(url) as engine:
        load_demo(open_program(engine), scale=scale)
        with engine.connect() as connection:
            connection.connection.dbapi_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # type: ignore[union-attr]  # open
    shutil.move(half, path)
    _remove(half)


@click.command("serve", help=_("Run the program for everybody; on one machine this is all it needs.").message)
@click.option("--host", help=HOST)
@click.option("--port", type=click.IntRange(0, 65535), help=PORT)
@click.option("--threads", type=click.IntRange(1, 64), help=_("How many requests are answered at a time.").message)
@click.option(
    "--jobs/--no-jobs",
    default=None,
    help=_("Do jobs in this process as well; so it is on SQLite, elsewhere run: zhanggui worker").message,
)
def serve(host: str | None, port: int | None, threads: int | None, jobs: bool | None) -> None:
    config = _listening(read(), host, port)
    if threads:
        config = replace(config, threads=threads)
    with opened(config, threads=config.threads) as here:
        _serve(here, jobs=config.embedded if jobs is None else jobs)


def _listening(config: Config, host: str | None, port: int | None) -> Config:
    return replace(config, host=config.host if host is None else host, port=config.port if port is None else port)


def _serve(here: Opened, *, jobs: bool) -> None:
    """Answer requests until told to stop; then let what was begun end."""
    from waitress.server import create_server

    from core.logs import start_logging
    from core.memory import share_arenas
    from core.web.app import create_web
    from core.web.health import Health

    config = here.config
    start_logging(config.log_level, config.log_format)
    share_arenas()
    app = Health(create_web(here.program, config), here.program)
    proxy: dict[str, Any] = {}
    if config.trusted_proxy:
        names = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-forwarded-port"}
        proxy = {"trusted_proxy": config.trusted_proxy, "trusted_proxy_headers": names}
    try:
        server = create_server(app, host=config.host, port=config.port, threads=config.threads, ident=None, **proxy)
    except OSError as error:
        where = f"{config.host}:{config.port}"
        raise Refusal([_("It cannot listen on {where}: {reason}", where=where, reason=error.strerror)]) from error
    host = config.host if ":" not in config.host else f"[{config.host}]"
    port = getattr(server, "effective_port", config.port)
    say(_("Zhanggui answers at {address}", address=f"http://{host}:{port}/"))
    with _stopped_by_signals(), _jobs_beside(here, jobs):
        server.run()


@contextmanager
def _stopped_by_signals() -> Iterator[None]:
    """End like Ctrl-C when the system asks the process to."""

    def leave(*_about: object) -> None:
        raise SystemExit(0)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextmanager
def _jobs_beside(here: Opened, wanted: bool) -> Iterator[None]:
    """Do jobs in a thread of this process while it serves."""
    if not wanted:
        yield
        return
    from threading import Event, Thread

    stop = Event()
    thread = Thread(target=_runner(here).run, args=(stop,), name="jobs", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=30)


def _runner(here: Opened) -> Runner:
    from core.jobs.runner import Runner

    return Runner(here.program.works, anchors=here.config.anchors)


@click.command("worker", help=_("Do jobs until told to stop; several may run, on several machines.").message)
@click.option("--once", is_flag=True, help=_("Do what is due now, then stop.").message)
def worker(once: bool) -> None:
    from threading import Event

    from core.logs import start_logging

    with opened() as here:
        start_logging(here.config.log_level, here.config.log_format)
        runner = _runner(here)
        if once:
            say(_("Jobs done: {count}.", count=runner.run_due()))
            return
        stop = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_about: stop.set())
        say(_("Waiting for jobs; process {number}.", number=os.getpid()))
        runner.run(stop)
