"""Accounts and tokens, from the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from core.cli.opening import account_id, asked_password, companies, company_id, in_company, look, opened
from core.cli.speech import Refusal, say, table
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.work import Work


@click.group(help=_("Accounts: who may sign in, and where they work.").message)
def account() -> None:
    """Group of commands."""


@account.command("create", help=_("A new account, without a company yet.").message)
@click.argument("login")
@click.argument("name")
@click.option("--name-en", default="", help=_("The name in English.").message)
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input.").message)
def create(login: str, name: str, name_en: str, password_stdin: bool) -> None:
    from core.operations import people

    with opened() as here:
        people.check_login(login, name, name_en)
        password = asked_password(login, from_stdin=password_stdin)
        people.create_account(here.program.works, login, name, name_en=name_en, password=password)
        say(_("The account {login} is there.", login=login))


@account.command("list", help=_("List the people of a company and their roles.").message)
@click.argument("company")
def list_people(company: str) -> None:
    with opened() as here:
        table(look(here.program, company, _people))


def _people(work: Work) -> list[list[object]]:
    rows: list[list[object]] = [[_("Sign-in name"), _("Name"), _("Roles")]]
    for person in sorted(work.company.people.values(), key=lambda p: p.login):
        held = [
            work.company.roles[role].key
            for role, holders in work.company.holders.items()
            if role in work.company.roles and any(who == person.id for who, _grant in holders)
        ]
        rows.append([person.login, work.person(person.id), ", ".join(sorted(held))])
    return rows


@account.command("password", help=_("Give an account a new password; all its sessions end.").message)
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help=_("Read the password from standard input.").message)
def password(login: str, password_stdin: bool) -> None:
    from core.operations import credentials

    with opened() as here:
        key = account_id(here.program, login)
        new = asked_password(login, from_stdin=password_stdin)
        with here.program.works.installation() as connection:
            credentials.check_password(connection, key, new)
            credentials.change_password(connection, key, new)
        _enter(here.program, key, "password")
        say(_("The password was changed."))


@account.command("employ", help=_("Let an account work for a company.").message)
@click.argument("login")
@click.argument("company")
@click.option("--role", "roles", multiple=True, help=_("A role by its key; may be given several times.").message)
@click.option("--department", default="", help=_("A department by its code.").message)
@click.option("--title", default="", help=_("What the person is called there.").message)
def employ(login: str, company: str, roles: tuple[str, ...], department: str, title: str) -> None:
    from core.operations import people

    with opened() as here:
        key = account_id(here.program, login)
        in_company(
            here.program,
            company,
            lambda work: people.employ(work, key, department=department, title=title, roles=roles),
        )
        say(_("{login} works for {company}.", login=login, company=company))


@account.command("roles", help=_("Let a person hold exactly these roles; without any, list those there are.").message)
@click.argument("login")
@click.argument("company")
@click.argument("roles", nargs=-1)
def roles(login: str, company: str, roles: tuple[str, ...]) -> None:
    from core.operations import people

    with opened() as here:
        key = account_id(here.program, login)
        if not roles:
            table(look(here.program, company, lambda work: [[r.key, r.name] for r in work.company.roles.values()]))
            return
        in_company(here.program, company, lambda work: people.set_roles(work, key, roles))
        say(_("{login} now holds: {roles}.", login=login, roles=list(roles)))


@account.command("disable", help=_("Refuse an account everywhere, from its next request on.").message)
@click.argument("login")
@click.option("--undo", is_flag=True, help=_("Let it sign in again.").message)
def disable(login: str, undo: bool) -> None:
    from core.operations import credentials

    with opened() as here:
        key = account_id(here.program, login)
        with here.program.works.installation() as connection:
            credentials.set_active(connection, key, undo)
        _enter(here.program, key, "enable" if undo else "disable")
        say(_("{login} may sign in again.", login=login) if undo else _("{login} is refused from now on.", login=login))


@account.command("sessions", help=_("Show where an account is signed in, or end all of it.").message)
@click.argument("login")
@click.option("--end", is_flag=True, help=_("Sign the account out everywhere.").message)
def sessions(login: str, end: bool) -> None:
    from sqlalchemy import select

    from core.entities.account import LoginSession
    from core.operations import credentials

    session: Any = LoginSession.__table__
    with opened() as here:
        key = account_id(here.program, login)
        if end:
            with here.program.works.installation() as connection:
                count = credentials.end_all_sessions(connection, key)
            _enter(here.program, key, "end_sessions")
            say(_("{count} sessions have ended.", count=count))
            return
        rows: list[list[object]] = [[_("Since"), _("Last seen"), _("Address"), _("Browser")]]
        with here.program.works.installation(reads=True) as connection:
            for row in connection.execute(
                select(session).where(session.c.account_id == key, session.c.expires_at > datetime.now(UTC))
            ):
                rows.append([f"{row.created_at:%F %H:%M}", f"{row.seen_at:%F %H:%M}", row.address, row.agent[:60]])
        table(rows)


@account.command("two-step", help=_("Say whether an account signs in by two steps, or switch that off.").message)
@click.argument("login")
@click.option("--off", is_flag=True, help=_("Switch it off for somebody who has lost every code.").message)
def second_step(login: str, off: bool) -> None:
    from core.operations import credentials, two_step

    with opened() as here:
        key = account_id(here.program, login)
        if off:
            with here.program.works.installation() as connection:
                two_step.forget(connection, key)
                credentials.end_all_sessions(connection, key)
            _enter(here.program, key, "drop_two_step")
        with here.program.works.installation(reads=True) as connection:
            is_on = two_step.in_force(connection, key)
        say(
            _("{login} signs in by two steps.", login=login)
            if is_on
            else _("{login} signs in by one step.", login=login)
        )


@account.command("link", help=_("Let SUBJECT of the configured sign-on provider sign in as an account.").message)
@click.argument("login")
@click.argument("subject")
@click.option("--undo", is_flag=True, help=_("Take the link away.").message)
def link(login: str, subject: str, undo: bool) -> None:
    from core.operations import identities

    with opened() as here:
        if here.config.sign_on is None:
            raise Refusal([_("No provider is configured: see ZHANGGUI_OIDC_ISSUER.")])
        issuer, key = here.config.sign_on.issuer, account_id(here.program, login)
        with here.program.works.installation() as connection:
            if undo:
                identities.unlink_subject(connection, key, issuer, subject)
            else:
                identities.link(connection, key, issuer, subject, subject)
        say(_("The link is taken away.") if undo else _("{subject} signs in as {login}.", subject=subject, login=login))


@account.command("why", help=_("Why LOGIN may, or may not, exercise PERMISSION in COMPANY.").message)
@click.argument("login")
@click.argument("company")
@click.argument("permission")
@click.option("--record", type=click.IntRange(1, 10**18), help=_("On the record with this id.").message)
def why(login: str, company: str, permission: str, record: int | None) -> None:
    from core.operations.explaining import explain
    from core.work import Ask

    with opened() as here:
        ask = Ask(company_id(here.program, company), account_id(here.program, login))
        with here.program.works.read(ask) as work:
            found = explain(work, permission, record)
            marks = {True: "+", False: "-", None: " "}
            say(_("Allowed") if found.allowed else _("Refused"))
            table([[marks[one.allows], one.text] for one in found.grounds])


@account.command("collisions", help=_("List whose roles bring together what the company keeps apart.").message)
@click.argument("company")
def collide(company: str) -> None:
    with opened() as here:
        table(look(here.program, company, _collisions))


def _collisions(work: Work) -> list[list[object]]:
    from core.operations.separating import collisions

    rows: list[list[object]] = [[_("Sign-in name"), _("What does not go together"), _("One by"), _("The other by")]]
    for one in collisions(work):
        login = work.company.people[one.account_id].login
        rows.append([login, one.pair.label, ", ".join(one.first), ", ".join(one.second)])
    return rows


def _enter(program: Program, account: int, what: str) -> None:
    """Enter what happened to an account in the history of each company it works for."""
    from core.operations.company import record

    for row in companies(program):
        if row.active and look(program, row.code, lambda work: account in work.company.people):
            in_company(program, row.code, lambda work: record(work, what, {"account": [None, account]}))


@click.group(help=_("Tokens with which other programs use the API.").message)
def token() -> None:
    """Group of commands."""


@token.command("issue", help=_("A new token: it acts as LOGIN in COMPANY. It is shown this once.").message)
@click.argument("login")
@click.argument("company")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3650), help=_("How long it is valid; forever unless given.").message)
def issue(login: str, company: str, name: str, days: int | None) -> None:
    from core.operations import credentials
    from core.tokens import new_token, token_hash

    with opened() as here:
        key, secret = account_id(here.program, login), new_token()
        until = datetime.now(UTC) + timedelta(days=days) if days else None
        in_company(
            here.program,
            company,
            lambda work: credentials.issue_token(work, name, token_hash(secret), account_id=key, expires_at=until),
        )
        say(secret)


@token.command("list", help=_("List the tokens of a company; the tokens themselves are not kept.").message)
@click.argument("company")
def list_tokens(company: str) -> None:
    with opened() as here:
        table(look(here.program, company, _tokens))


def _tokens(work: Work) -> list[list[object]]:
    from sqlalchemy import select

    from core.entities.account import ApiToken

    token: Any = ApiToken.__table__
    rows: list[list[object]] = [[_("Id"), _("Name"), _("Acts as"), _("Valid until"), _("Revoked")]]
    for row in work.connection.execute(select(token).where(token.c.company_id == work.company.id).order_by(token.c.id)):
        person = work.company.people.get(row.account_id)
        until = f"{row.expires_at:%Y-%m-%d}" if row.expires_at else "–"
        rows.append([row.id, row.name, person.login if person else "–", until, _("Yes") if row.revoked_at else _("No")])
    return rows


@token.command("revoke", help=_("Refuse a token from now on; its id is in the list.").message)
@click.argument("company")
@click.argument("token", type=int)
def revoke(company: str, token: int) -> None:
    from core.operations import credentials

    with opened() as here:
        in_company(here.program, company, lambda work: credentials.revoke_token(work, token))
        say(_("The token is refused from now on."))
