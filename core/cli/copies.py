"""Backup and restore."""

from __future__ import annotations

import click

from core.text import _


@click.command("backup", help=_("Write a verified copy of the database to FILE, while others go on working.").message)
def backup() -> None:
    click.echo("")


@click.command("restore", help=_("Bring a copy back.").message)
def restore() -> None:
    click.echo("")
