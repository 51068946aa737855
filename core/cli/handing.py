"""Hand-overs, from the command line: look, hand over, list, undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from core.cli.opening import account_id, in_company, look, opened
from core.cli.speech import say, table
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.operations.handing_over import Share
    from core.work import Work


@click.group("hand-over", help=_("Hand over what somebody answers for, when he leaves.").message)
def hand_over() -> None:
    """Group of commands."""


_TO = click.option(
    "--to",
    "successors",
    multiple=True,
    required=True,
    metavar="LOGIN[=SORT,…]",
    help=_("A successor, and what he gets; everything unless said. Of several the first that fits counts.").message,
)


@hand_over.command("look", help=_("Count what would go to whom; nothing is changed.").message)
@click.argument("company")
@click.argument("login")
@_TO
def preview(company: str, login: str, successors: tuple[str, ...]) -> None:
    from core.operations import handing_over

    with opened() as here:
        whose, shares = account_id(here.program, login), _shares(here.program, successors)

        def counted(work: Work) -> list[list[object]]:
            rows: list[list[object]] = [[_("Sort"), _("Records"), _("Count"), _("To")]]
            for one in handing_over.preview(work, whose, shares):
                to = work.person(one.to_id) or (_("cannot take them") if one.unfit else _("stay"))
                rows.append([one.key, one.label, one.count, to])
            return rows

        table(look(here.program, company, counted))


@hand_over.command("make", help=_("Hand everything over in one step.").message)
@click.argument("company")
@click.argument("login")
@_TO
@click.option("--reason", default="", help=_("Why, for the record.").message)
def make(company: str, login: str, successors: tuple[str, ...], reason: str) -> None:
    from core.operations import handing_over

    with opened() as here:
        whose, shares = account_id(here.program, login), _shares(here.program, successors)
        key = in_company(here.program, company, lambda work: handing_over.hand_over(work, whose, shares, reason=reason))
        found = look(here.program, company, lambda work: handing_over.find(work, key))
        count = sum(sum(one.values()) for one in found.counts.values())
        say(_("{count} records are handed over; the record of it is {id}.", count=count, id=key))


@hand_over.command("list", help=_("List the hand-overs of a company.").message)
@click.argument("company")
def list_all(company: str) -> None:
    from core.operations import handing_over

    def rows(work: Work) -> list[list[object]]:
        found: list[list[object]] = [[_("Id"), _("Carried out at"), _("From"), _("Records"), _("Reason"), _("Undone")]]
        for row in handing_over.history(work, most=1000):
            count = sum(sum(one.values()) for one in row.counts.values())
            undone = _("Yes") if row.undone_at else _("No")
            found.append([row.id, f"{row.at:%Y-%m-%d %H:%M}", work.person(row.from_id), count, row.reason, undone])
        return found

    with opened() as here:
        table(look(here.program, company, rows))


@hand_over.command("undo", help=_("Take a hand-over back within a day, but for what was changed since.").message)
@click.argument("company")
@click.argument("key", type=int)
def undo(company: str, key: int) -> None:
    from core.operations import handing_over

    with opened() as here:
        back, stayed = in_company(here.program, company, lambda work: handing_over.undo(work, key))
        say(_("{count} records went back.", count=back))
        if stayed:
            say(_("{count} were changed since, and stay where they are.", count=stayed))


def _shares(program: Program, successors: tuple[str, ...]) -> list[Share]:
    from core.operations.handing_over import Share

    found = []
    for one in successors:
        login, _equals, what = one.partition("=")
        sorts = tuple(sort.strip() for sort in what.split(",") if sort.strip())
        found.append(Share(account_id(program, login), sorts))
    return found
