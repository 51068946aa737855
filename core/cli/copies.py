"""Backup and restore: a verified copy of everything, and the way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cli.installing import make_tables
from core.cli.opening import companies, connected, in_company, in_use, look, opened, refuse_missing_file
from core.cli.speech import WRONG, say
from core.config import Config, read
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.db.backup import Copy

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup", help=_("Write a verified copy of the database to FILE, while others go on working.").message)
@click.argument("file", type=FILE)
def backup(file: Path) -> None:
    from core.db import backup as copies

    config = read()
    refuse_missing_file(config)
    copy = copies.backup(config.backup_url, file)
    say(_("{file}: {count} rows of {tables} tables, verified.", file=file, count=copy.total, tables=len(copy.rows)))


@click.command("restore", help=_("Bring the copy in FILE back, all of it or nothing. Stop the program first.").message)
@click.argument("file", type=FILE)
@click.option("--force", is_flag=True, help=_("Replace a database that is not empty.").message)
def restore(file: Path, force: bool) -> None:
    from core.cli.checking import findings
    from core.db import backup as copies

    config = read()
    copy = copies.described(file)
    with in_use(config, alone=True):
        copies.restore(copy, config.owner_url, force=force)
    _compare(config, copy)
    make_tables(config)
    with opened(config) as here:
        for row in companies(here.program):
            if row.active:
                _enter(here.program, row.code, config, copy.sha256)
        wrong = sum(1 for _finding in findings(here.program, config.anchors))
    say(_("{file} is back: {count} rows of {tables} tables.", file=file, count=copy.total, tables=len(copy.rows)))
    if wrong:
        say(_("But the data are not as they should be; see: zhanggui verify"))
        raise SystemExit(WRONG)


def _compare(config: Config, copy: Copy) -> None:
    """Count again on PostgreSQL, where another program has brought the rows back."""
    from core.db import backup as copies

    if not config.embedded:
        with connected(config.backup_url) as engine, engine.connect() as connection:
            copies.compared(copy, copies.counted(connection))


def _enter(program: Program, code: str, config: Config, digest: str) -> None:
    """Tell the file outside and the history that time was turned back."""
    from core.operations.company import record
    from core.records import outside

    look(program, code, lambda work: outside.restored(work, config.anchors))
    in_company(program, code, lambda work: record(work, "restore", {"copy": [None, digest]}))
