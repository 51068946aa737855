"""The command line: set up, run, look after. ``zhanggui --help`` lists the words.

Each command imports what it needs when it is carried out, so that asking for help does not load the program.
"""

from __future__ import annotations

import click

from core.cli import (
    channels,
    checking,
    companies,
    copies,
    handing,
    imports,
    installing,
    people,
    presets,
    reports,
    serving,
)
from core.cli.speech import Root
from core.text import _


@click.group(
    cls=Root,
    help=_("Zhanggui: sales from the first contact to the payment.").message,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--language", metavar="zh|en", help=_("Speak this language; that of the terminal unless given.").message)
@click.version_option(package_name="zhanggui", message="%(package)s %(version)s")
def main(language: str | None) -> None:
    """The group above all commands; ``Root`` has read the language already."""


for command in (
    installing.init,
    installing.upgrade_tables,
    serving.demo,
    serving.serve,
    serving.worker,
    companies.company,
    companies.area,
    presets.preset,
    reports.report,
    imports.imports,
    people.account,
    people.token,
    handing.hand_over,
    channels.channel,
    checking.verify,
    checking.anchor,
    checking.check,
    copies.backup,
    copies.restore,
):
    main.add_command(command)
