"""Channels, from the command line: list, set up, test, and what became of what was sent."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from core.cli.opening import account_id, in_company, look, opened
from core.cli.speech import Refusal, say, table
from core.text import _

if TYPE_CHECKING:
    from core.work import Work


@click.group("channel", help=_("Channels: how messages leave a company.").message)
def channel() -> None:
    """Group of commands."""


@channel.command("list", help=_("List the channels of a company.").message)
@click.argument("company")
def list_channels(company: str) -> None:
    from core.operations import channels

    def rows(work: Work) -> list[list[object]]:
        found: list[list[object]] = [[_("Name"), _("Kind"), _("In use"), _("Messages")]]
        for row in channels.channels_of(work):
            used = _("Yes") if row.active else _("No")
            found.append([row.name, row.kind, used, ", ".join(row.topics["topics"])])
        return found

    with opened() as here:
        table(look(here.program, company, rows))


@channel.command("set", help=_("Set a channel up, or change what is said of it: host=…, port=….").message)
@click.argument("company")
@click.argument("name")
@click.argument("values", nargs=-1, metavar="[OPTION=VALUE]…")
@click.option("--kind", type=click.Choice(["mail", "wecom", "dingtalk", "feishu"]), help=_("Of a new one.").message)
@click.option(
    "--topic", "topics", multiple=True, help=_("Carry these messages only; may be given several times.").message
)
@click.option(
    "--secrets-stdin", is_flag=True, help=_("Read what is secret from standard input, as OPTION=VALUE.").message
)
@click.option("--on/--off", "active", default=None, help=_("Use it, or let it rest.").message)
def save(
    company: str,
    name: str,
    values: tuple[str, ...],
    kind: str | None,
    topics: tuple[str, ...],
    secrets_stdin: bool,
    active: bool | None,
) -> None:
    from core.operations import channels
    from core.operations.telling import TOPICS

    given = dict(_pair(value) for value in values)
    hidden = dict(_pair(line.rstrip("\r\n")) for line in sys.stdin if line.strip()) if secrets_stdin else {}

    def command(work: Work) -> None:
        row = next((one for one in channels.channels_of(work) if one.name == name), None)
        if row is None and kind is None:
            raise Refusal([_("There is no channel {name}. Say --kind to make it.", name=name)])
        _keep_hidden(row.kind if row else kind, given)
        usual: list[str] = row.topics["topics"] if row else list(TOPICS) if kind == "mail" else ["alarm"]
        channels.save(
            work,
            kind or "",
            name,
            {**_usual(row, kind), **given, **hidden},
            topics or usual,
            key=row.id if row else None,
            active=active if active is not None else row.active if row else True,
            strict=True,
        )

    with opened() as here:
        in_company(here.program, company, command)
        say(_("The channel is saved."))


def _usual(row: Any, kind: str | None) -> Mapping[str, str]:
    from core.channels import KINDS

    if row is not None:
        return dict(row.options)
    return {option.key: option.default for option in KINDS[kind or ""].options if option.default}


def _keep_hidden(kind: str | None, given: Mapping[str, str]) -> None:
    """What stands on a command line is seen by whoever lists the processes of the machine."""
    from core.channels import KINDS

    if shown := [option.key for option in KINDS[kind or ""].options if option.secret and option.key in given]:
        raise Refusal(
            [_("Give {options} by --secrets-stdin: others see what stands on a command line.", options=shown)]
        )


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.partition("=")
    if not mark:
        raise Refusal([_("“{text}” should read field=value.", text=text)])
    return name.strip(), value


@channel.command("test", help=_("Send somebody of the company a test by a channel.").message)
@click.argument("company")
@click.argument("name")
@click.argument("login")
def test(company: str, name: str, login: str) -> None:
    from core.operations import channels

    with opened() as here:
        to = account_id(here.program, login)

        def command(work: Work) -> None:
            row = next((one for one in channels.channels_of(work) if one.name == name), None)
            if row is None:
                raise Refusal([_("There is no channel {name}. Say --kind to make it.", name=name)])
            channels.send_test(work, row.id, to)

        in_company(here.program, company, command)
        say(_("A test is on its way; “zhanggui channel log” says what became of it."))


@channel.command("log", help=_("What left the company lately, what waits, and what was given up and why.").message)
@click.argument("company")
def log(company: str) -> None:
    from core.messages import reading

    def rows(work: Work) -> list[list[object]]:
        found: list[list[object]] = [[_("Time"), _("Channel"), _("Person"), _("State"), _("Answer")]]
        for row in reading.log(work, most=50):
            state = _("sent") if row.sent_at else _("given up") if row.failed_at else _("Waiting")
            at = row.sent_at or row.failed_at or row.run_at or row.created_at
            said = row.answer if row.sent_at else row.error or ""
            found.append([f"{at:%Y-%m-%d %H:%M}", row.name, work.person(row.account_id), state, said])
        return found

    with opened() as here:
        table(look(here.program, company, rows))
