"""The command line speaks the language of whoever types, and says no in sentences."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from core.config import BadConfig
from core.errors import DomainError, Invalid, Refused
from core.text import CHINESE, ENGLISH, Text, _, catalogue, load_catalogues, speaking

WRONG, MISUSED = 1, 2
VARIABLES = ("ZHANGGUI_LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
# What click itself says; gathered here so that the catalogue has it.
CLICK_SAYS = (
    _("Usage:"),
    _("Options"),
    _("Commands"),
    _("Error: {message}"),
    _("Try '{command} {option}' for help."),
    _("Invalid value: {message}"),
    _("Invalid value for {param_hint}: {message}"),
    _("Missing command."),
    _("Missing argument"),
    _("Missing option"),
    _("No such option {name!r}."),
    _("No such command {name!r}."),
    _("Show this message and exit."),
    _("Show the version and exit."),
    _("Aborted!"),
)


def wanted(arguments: Sequence[str], environment: Mapping[str, str]) -> str:
    """The language: ``--language``, then the environment's; English where a terminal names none."""
    for place, word in enumerate(arguments):
        if word == "--language" and place + 1 < len(arguments):
            return _nearest(arguments[place + 1])
        if word.startswith("--language="):
            return _nearest(word.partition("=")[2])
    return _nearest(next((environment[name] for name in VARIABLES if environment.get(name)), ""))


def _nearest(code: str) -> str:
    return CHINESE if code.lower().startswith("zh") else ENGLISH


class Root(click.Group):
    """The group above all commands: it chooses the language before anything is said, and answers refusals."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **options: Any) -> Any:
        """Run a command as click does, in the language of the user."""
        given = list(sys.argv[1:] if args is None else args)
        code = wanted(given, os.environ)
        load_catalogues([Path(__file__).parents[1] / "translations"])
        with speaking(code), _click_in(code):
            translate(self)
            return super().main(given, *rest, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Turn what the program refuses into a sentence and an exit code; anything else is a bug and shows itself."""
        try:
            return super().invoke(ctx)
        except BadConfig as error:
            raise Refusal([_("The configuration cannot be used:"), *str(error).splitlines()], code=MISUSED) from error
        except DomainError as error:
            raise Refusal(sentences(error)) from error


class Refusal(click.ClickException):
    """The command was not carried out, for these reasons."""

    def __init__(self, lines: Sequence[Text | str], *, code: int = WRONG) -> None:
        super().__init__("\n".join(str(line) for line in lines))
        vars(self)["exit_code"] = code

    def show(self, file: Any = None) -> None:
        """The reasons on the error stream, without decoration."""
        click.echo(self.message, err=True)


def sentences(error: DomainError) -> list[Text | str]:
    """Everything a refusal says, one line each."""
    if isinstance(error, Invalid):
        return [error.text, *(f"{fault.path}: {fault.text}" for fault in error.faults)]
    if isinstance(error, Refused):
        return [error.text, *(objection.text for objection in error.objections)]
    return [error.text]


def translate(command: click.Command) -> None:
    """Put the help of a command, its options and its subcommands into the current language."""
    _say(command)
    for parameter in command.params:
        _say(parameter)
    for one in getattr(command, "commands", {}).values():
        translate(one)


def _say(thing: Any) -> None:
    message = vars(thing).setdefault("written", getattr(thing, "help", None))
    if message:
        thing.help = catalogue().gettext(message)


@contextmanager
def _click_in(code: str) -> Iterator[None]:
    """Let click's own words, which it takes from the process's catalogue, be found in ours."""
    import gettext

    domain, before = gettext.textdomain(), os.environ.get("LANGUAGE")
    gettext.bindtextdomain("zhanggui", str(Path(__file__).parents[1] / "translations"))
    gettext.textdomain("zhanggui")
    os.environ["LANGUAGE"] = code
    try:
        yield
    finally:
        gettext.textdomain(domain)
        if before is None:
            del os.environ["LANGUAGE"]
        else:
            os.environ["LANGUAGE"] = before


def say(text: Text | str = "") -> None:
    """A line for the user."""
    click.echo(str(text))


def table(rows: Sequence[Sequence[object]]) -> None:
    """Rows in columns as wide as their widest text; Chinese characters take two places."""
    written = [[str(cell) for cell in row] for row in rows]
    widths = [max(_width(cell) for cell in column) for column in zip(*written, strict=True)]
    for row in written:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        click.echo("  ".join(cells).rstrip())


def _width(text: str) -> int:
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)
