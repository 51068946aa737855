"""Set an installation up, and bring it to the next release."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from core.cli.companies import found
from core.cli.opening import asked_password, companies, connected, in_company, opened
from core.cli.speech import MISUSED, Refusal, say
from core.config import Config, read
from core.text import _

if TYPE_CHECKING:
    from core.app import Program


@click.command("init", help=_("Set up: tables, the first company, its first administrator.").message)
@click.option("--company", "code", help=_("The company's code, in its addresses: small letters and digits.").message)
@click.option("--name", help=_("The company's name.").message)
@click.option("--name-en", default="", help=_("The name in English.").message)
@click.option("--area", "areas", multiple=True, help=_("Use only these areas, and what they need.").message)
@click.option("--no-areas", is_flag=True, help=_("Begin with customers and products alone.").message)
@click.option("--login", help=_("The administrator's sign-in name.").message)
@click.option("--person", help=_("The administrator's name.").message)
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input.").message)
@click.option("--tables-only", is_flag=True, help=_("Make the tables and nothing else.").message)
def init(
    code: str | None,
    name: str | None,
    name_en: str,
    areas: tuple[str, ...],
    no_areas: bool,
    login: str | None,
    person: str | None,
    password_stdin: bool,
    tables_only: bool,
) -> None:
    from core.operations import people
    from core.roles import ADMINISTRATOR

    config = read()
    make_tables(config)
    with opened(config) as here:
        if tables_only:
            return
        if there := [row.code for row in companies(here.program)]:
            raise Refusal([_("It is set up already, for: {companies}.", companies=there)])
        code, name = _asked(code, "--company", _("Company code")), _asked(name, "--name", _("Company name"))
        login, person = _asked(login, "--login", _("Sign-in name")), _asked(person, "--person", _("Your name"))
        login = people.check_login(login, person)
        password = asked_password(login, from_stdin=password_stdin)
        found(here.program, code, name, name_en=name_en, areas=() if no_areas else areas or None)
        key = people.create_account(here.program.works, login, person, password=password)
        in_company(here.program, code, lambda work: people.employ(work, key, roles=[ADMINISTRATOR.key]))
        say(_("Ready. {login} administers {company}. Now run: zhanggui serve", login=login, company=name))


def _asked(given: str | None, option: str, label: object) -> str:
    """What was given, else what is typed at a terminal."""
    if given:
        return given
    if not sys.stdin.isatty():
        raise Refusal([_("{option} is needed.", option=option)], code=MISUSED)
    answer: str = click.prompt(str(label))
    return answer


def make_tables(config: Config) -> list[str]:
    """Bring all tables to head as their owner, secured for the program's role; gives back the areas that changed."""
    from core.db.migrate import upgrade
    from core.extension.loader import load

    with connected(config.owner_url) as engine:
        return upgrade(engine, load()[0].packages, app_role=config.app_role)


@click.command("upgrade", help=_("After a new release: bring the tables up to date, grant default rights.").message)
def upgrade_tables() -> None:
    config = read()
    changed = make_tables(config)
    with opened(config) as here:
        grant_new(here.program)
        tell_what_was_received(here.program)
        say(_("Changed: {areas}.", areas=changed) if changed else _("The tables are up to date."))


def grant_new(program: Program) -> None:
    """Grant rights that came with a release to their default roles, in every company, once."""
    from core.operations.company import grant_defaults
    from core.work import Work

    def command(work: Work) -> None:
        areas = {"core", *work.areas}
        grant_defaults(work, [key for key, right in work.types.permissions.items() if right.area in areas])

    for row in companies(program):
        if row.active:
            in_company(program, row.code, command)


def tell_what_was_received(program: Program) -> None:
    """Reckon what was received for documents that a release wrote which did not keep it, in every company, once."""
    from core.operations.flow.collecting import reckon

    for row in companies(program):
        in_company(program, row.code, reckon)
