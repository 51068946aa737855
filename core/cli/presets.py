"""Companies that come in one file, from the command line."""

from __future__ import annotations

from pathlib import Path

import click

from core.cli.opening import asked_password, opened
from core.cli.speech import Refusal, say, table
from core.text import _, in_language


@click.group(help=_("Presets: companies that come in one file.").message)
def preset() -> None:
    """Group of commands."""


@preset.command("list", help=_("List the presets that come with the program.").message)
def list_presets() -> None:
    from core.extension.loader import presets
    from core.extension.preset import find_presets

    rows: list[list[object]] = [[_("Preset"), _("Company"), _("Name"), _("Areas")]]
    for one in find_presets(presets()):
        rows.append([one.key, one.company.code, in_language(one.name, one.name_en), ", ".join(one.areas)])
    table(rows)


@preset.command("load", help=_("Set up the company of a preset: PRESET is one from the list, or a file.").message)
@click.argument("preset")
@click.option(
    "--password-stdin", is_flag=True, help=_("Read the password of all its people from standard input.").message
)
def load(preset: str, password_stdin: bool) -> None:
    from core.extension.loader import presets
    from core.extension.preset import read_preset
    from core.operations.set_up import load_preset

    path = Path(preset) if preset.endswith(".toml") else presets() / f"{preset}.toml"
    if not path.is_file():
        raise Refusal([_("There is no preset {name}; see: zhanggui preset list", name=preset)])
    with opened() as here:
        company = read_preset(path).company.code
        password = asked_password(company, from_stdin=True) if password_stdin else ""
        load_preset(here.program.works, path, password=password)
        say(_("The company {code} is there.", code=company))
        if not password:
            say(_("Nobody has a password yet. Give one: zhanggui account password LOGIN"))
