"""A report from the command line: on the screen of the terminal's reader, or into a file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cli.opening import in_company, opened
from core.cli.speech import MISUSED, Refusal, say
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.work import Work

FORMS = ("csv", "xlsx", "json")


@click.command(
    "report",
    help=_("Write a report of a company, such as quotation.success; --list shows them all.").message,
)
@click.argument("company")
@click.argument("name", required=False, default="", metavar="[AREA.NAME]")
@click.option("--as-of", default="", metavar="YYYY-MM-DD", help=_("Tell the figures as of this day.").message)
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="FIELD=VALUE",
    help=_("Choose, such as date_from=2026-01-01.").message,
)
@click.option("--format", "form", type=click.Choice(FORMS), default="csv", help=_("The form of the file.").message)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write to this file; to the terminal unless given.").message,
)
@click.option("--list", "listed", is_flag=True, help=_("List the reports of the company.").message)
def report(
    company: str, name: str, as_of: str, filters: tuple[str, ...], form: str, out: Path | None, listed: bool
) -> None:
    if form == "xlsx" and out is None and not listed:
        raise Refusal([_("A workbook needs a file: give --out.")], code=MISUSED)
    given = dict(_pair(text) for text in filters) | ({"as_of": as_of} if as_of else {})
    with opened() as here:
        if listed or not name:
            list_reports(here.program, company)
            return
        content = written(here.program, company, name, given, form)
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    out.write_bytes(content)
    say(_("Written: {file}.", file=out))


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise Refusal([_("“{text}” should read field=value.", text=text)])
    return name.strip(), value


def list_reports(program: Program, company: str) -> None:
    """The reports of the areas that the company uses."""
    from core.cli.opening import look
    from core.cli.speech import table

    areas = look(program, company, lambda work: work.areas)
    rows: list[list[object]] = [[_("Report"), _("Name"), _("Filters")]]
    for key, one in program.registry.reports.items():
        if one.area in areas:
            rows.append([key, one.label, " ".join(name for choice in one.filters for name in choice.names)])
    table(rows)


def written(program: Program, company: str, name: str, given: dict[str, str], form: str) -> bytes:
    """The report as a file; that it was taken is entered in the history of the company."""
    from core.exchange import sheets
    from core.operations.exporting import exported
    from core.reports.choosing import choose

    def command(work: Work) -> bytes:
        found = work.types.report(name)
        work.require(found.area)
        chosen = choose(work, found.filters, given)
        exported(work, found, chosen, form)
        if form == "xlsx":
            return sheets.workbook(work, found, chosen)
        if form == "json":
            return sheets.json_text(work, found, chosen).encode()
        return "".join(sheets.csv_lines(work, found, chosen)).encode()

    if name not in program.registry.reports:
        raise Refusal([_("There is no report {name}. See: zhanggui report COMPANY --list", name=name)])
    return in_company(program, company, command)
