"""What every command needs first: the configuration, the database, the program, a company and a person by name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from core.cli.holding import held
from core.cli.speech import MISUSED, Refusal
from core.config import Config, read
from core.errors import Fault, Invalid
from core.text import _

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from core.app import Program
    from core.work import Work

T = TypeVar("T")
PURPOSE = "command line"


@dataclass(frozen=True, slots=True)
class Opened:
    """The program over its database, with the configuration it was opened by."""

    config: Config
    program: Program


@contextmanager
def connected(url: str, *, threads: int = 4) -> Iterator[Engine]:
    """An engine that is closed again; a database that does not answer is told in a sentence."""
    from sqlalchemy.exc import OperationalError

    from core.db.engine import open_engine

    engine = open_engine(url, threads=threads)
    try:
        engine.connect().close()
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[0] if error.orig else ""
        raise Refusal([_("The database cannot be reached: {reason}", reason=reason)]) from error
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def opened(config: Config | None = None, *, at_head: bool = True, threads: int = 4) -> Iterator[Opened]:
    """The program over the configured database; refuses one whose tables are not up to date."""
    config = config or read()
    refuse_missing_file(config)
    with in_use(config), connected(config.database_url, threads=threads) as engine:
        from core.app import open_program, settled, store_of

        program = open_program(engine, store=store_of(config.files, config.s3_endpoint))
        program.works.secret, program.works.address = config.secret_key, config.address
        if at_head:
            refuse_pending(program)
        settled()
        yield Opened(config, program)


def in_use(config: Config, *, alone: bool = False) -> AbstractContextManager[None]:
    """The database file held while it is used, or ``alone`` while another takes its place; nothing elsewhere."""
    from sqlalchemy import make_url

    name = make_url(config.database_url).database
    return held(Path(name), alone=alone) if config.embedded and name else nullcontext()


def refuse_missing_file(config: Config) -> None:
    """A database file that is not there is not made by looking at it."""
    from sqlalchemy import make_url

    name = make_url(config.database_url).database
    if config.embedded and name and not Path(name).is_file():
        raise Refusal([_("There is no database yet. Begin with: zhanggui init")])


def refuse_pending(program: Program) -> None:
    """Tables of another release lose data when they are written to; the sentence says what to do."""
    from core.db.revisions import CORE, missing_tables, pending, table_names

    with program.works.installation(reads=True) as connection:
        if "company" not in table_names(connection):
            raise Refusal([_("There is no database yet. Begin with: zhanggui init")])
        behind = pending(connection, program.registry.packages)
        missing = missing_tables(connection)
    if behind:
        names = [str(program.registry.plugins[area].label) if area != CORE else area for area in behind]
        raise Refusal(
            [_("The tables are not up to date: {areas}. First make a backup, then run: zhanggui upgrade", areas=names)]
        )
    if missing:
        raise Refusal([_("These tables are missing, and no migration makes them: {names}.", names=missing)])


def company_id(program: Program, code: str) -> int:
    """The company called ``code``; a refusal when there is none."""
    from sqlalchemy import select

    from core.entities.company import Company

    with program.works.installation(reads=True) as connection:
        found = connection.execute(select(Company.id).where(Company.code == code)).scalar()
    if found is None:
        raise Refusal([_("There is no company with the code {code}.", code=code)])
    return int(found)


def account_id(program: Program, login: str) -> int:
    """The account of ``login``; a refusal when there is none."""
    from sqlalchemy import select

    from core.entities.account import Account

    with program.works.installation(reads=True) as connection:
        found = connection.execute(select(Account.id).where(Account.login == login.strip().lower())).scalar()
    if found is None:
        raise Refusal([_("There is no account {login}.", login=login)])
    return int(found)


def in_company(program: Program, code: str, command: Callable[[Work], T]) -> T:
    """Carry out a command for the company ``code``, as the program on behalf of whoever may use this machine."""
    from core.work import Ask, System

    return program.works.run(Ask(company_id(program, code), System(PURPOSE)), command)


def look(program: Program, code: str, question: Callable[[Work], T]) -> T:
    """Read something of the company ``code``."""
    from core.work import Ask, System

    with program.works.read(Ask(company_id(program, code), System(PURPOSE))) as work:
        return question(work)


def companies(program: Program) -> list[Any]:
    """All companies of the installation, by code."""
    from sqlalchemy import select

    from core.entities.company import Company

    with program.works.installation(reads=True) as connection:
        return list(connection.execute(select(Company.__table__).order_by(Company.code)))


def asked_password(login: str, *, from_stdin: bool) -> str:
    """A new password: from ``ZHANGGUI_PASSWORD``, one line of standard input, or typed twice. Raises ``Invalid``."""
    from core.passwords import weakness

    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else os.environ.get("ZHANGGUI_PASSWORD", "")
    if not password:
        if not sys.stdin.isatty():
            raise Refusal([_("A password is needed: give it by --password-stdin or ZHANGGUI_PASSWORD.")], code=MISUSED)
        password = click.prompt(str(_("Password")), hide_input=True, confirmation_prompt=str(_("Once more")))
    if why := weakness(password, login):
        raise Invalid([Fault("password", why, "weak")])
    return password
