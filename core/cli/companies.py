"""Companies and their areas, from the command line: the same checks and reasons as on the screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from core.cli.opening import companies, company_id, in_company, look, opened
from core.cli.speech import Refusal, say, table
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.work import Work


@click.group(help=_("Companies of this installation.").message)
def company() -> None:
    """Group of commands."""


@company.command("create", help=_("Found a company. It uses all areas unless some are named.").message)
@click.argument("code")
@click.argument("name")
@click.option("--name-en", default="", help=_("The name in English.").message)
@click.option("--area", "areas", multiple=True, help=_("Use only these areas, and what they need.").message)
@click.option("--no-areas", is_flag=True, help=_("Begin with customers and products alone.").message)
def create(code: str, name: str, name_en: str, areas: tuple[str, ...], no_areas: bool) -> None:
    with opened() as here:
        found(here.program, code, name, name_en=name_en, areas=() if no_areas else areas or None)
        say(_("The company {code} is there.", code=code))


def found(program: Program, code: str, name: str, *, name_en: str = "", areas: Iterable[str] | None = None) -> int:
    """A new company that uses ``areas``, all installed ones unless given; gives back its id."""
    from core.operations import company as operations
    from core.operations import people

    wanted = list(program.registry.plugins if areas is None else areas)
    for area in wanted:
        _installed(program, area)
    key = people.found(program.works, code, name, name_en=name_en)
    for area in wanted:
        in_company(program, code, lambda work, a=area: operations.switch_on(work, a))  # type: ignore[misc]
    return key


@company.command("list", help=_("List the companies.").message)
def list_companies() -> None:
    with opened() as here:
        rows: list[list[object]] = [[_("Code"), _("Name"), _("Areas"), _("Active")]]
        for row in companies(here.program):
            areas = look(here.program, row.code, lambda work: len(work.areas)) if row.active else 0
            rows.append([row.code, row.name, areas, _("Yes") if row.active else _("No")])
        table(rows)


@company.command(
    "describe", help=_("Show what a company says about itself, or change it: phone=…, address=…, week=123456.").message
)
@click.argument("code")
@click.argument("values", nargs=-1, metavar="[FIELD=VALUE]…")
def describe(code: str, values: tuple[str, ...]) -> None:
    from core.operations import company as operations

    with opened() as here:
        if values:
            given = dict(_pair(value) for value in values)
            in_company(here.program, code, lambda work: operations.describe(work, given))
        table(look(here.program, code, lambda work: [[name, work.company.row[name]] for name in operations.EDITABLE]))


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise Refusal([_("“{text}” should read field=value.", text=text)])
    return name.strip(), value


@click.group(help=_("Areas that a company uses.").message)
def area() -> None:
    """Group of commands."""


@area.command("list", help=_("List the areas and whether a company uses them.").message)
@click.argument("company")
def list_areas(company: str) -> None:
    with opened() as here:
        used = look(here.program, company, lambda work: work.areas)
        rows: list[list[object]] = [[_("Area"), _("Name"), _("In use"), _("Needs")]]
        for name, plugin in here.program.registry.plugins.items():
            rows.append([name, plugin.label, _("Yes") if name in used else _("No"), ", ".join(plugin.requires)])
        table(rows)


@area.command("on", help=_("Let a company use an area, and what the area needs.").message)
@click.argument("company")
@click.argument("area")
def switch_on(company: str, area: str) -> None:
    from core.operations import company as operations

    with opened() as here:
        _installed(here.program, area)
        made = in_company(here.program, company, lambda work: operations.switch_on(work, area))
        labels = [str(here.program.registry.plugins[name].label) for name in made]
        say(_("Switched on: {areas}.", areas=labels) if made else _("It is in use already."))


@area.command("off", help=_("Hide an area from a company. Its data stay.").message)
@click.argument("company")
@click.argument("area")
def switch_off(company: str, area: str) -> None:
    from core.operations import company as operations

    with opened() as here:
        _installed(here.program, area)
        hidden = look(here.program, company, lambda work: operations.area_change(work, area, on=False).hidden)

        def command(work: Work) -> bool:
            operations.switch_off(work, area)
            return area in work.company.areas

        if not in_company(here.program, company, command):
            say(_("It is not in use."))
            return
        say(_("Switched off: {areas}.", areas=[str(here.program.registry.plugins[area].label)]))
        for label, count in hidden:
            say(_("Hidden and kept: {count} × {type}.", count=count, type=label))


def _installed(program: Program, area: str) -> None:
    if area not in program.registry.plugins:
        names = list(program.registry.plugins)
        raise Refusal([_("There is no area {area}. Installed: {areas}.", area=area, areas=names)])


__all__ = ["area", "company", "company_id", "found"]
