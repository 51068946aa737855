"""Is everything as it should be? ``verify`` asks the data, ``check`` the installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from core.cli.opening import companies, look, opened
from core.cli.speech import WRONG, say
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.records.verify import Finding
    from core.work import Work


@click.command(
    "verify", help=_("Check the data: history, numbers, totals, states, the chain. Names what is wrong.").message
)
@click.option("--company", help=_("Only this company, by its code.").message)
def verify(company: str | None) -> None:
    with opened() as here:
        wrong = 0
        for code, finding in findings(here.program, here.config.anchors, only=company):
            say(f"{code}  {finding.record}: {finding.text}  [{finding.code}]")
            wrong += 1
        if wrong:
            say(_("Wrong: {count}.", count=wrong))
            raise SystemExit(WRONG)
        say(_("Nothing is wrong."))


def findings(program: Program, anchors: Path | None, *, only: str | None = None) -> Iterator[tuple[str, Finding]]:
    """Everything that is wrong with the data, with the code of the company it belongs to."""
    from core.operations.verifying import verify_chain
    from core.records.invariants import verify_figures
    from core.records.verify import verify_anchors, verify_history

    def question(work: Work) -> list[Finding]:
        return [*verify_history(work), *verify_anchors(work, anchors), *verify_figures(work), *verify_chain(work)]

    for row in companies(program):
        if row.active and only in (None, row.code):
            yield from ((row.code, finding) for finding in look(program, row.code, question))


@click.command("check", help=_("Check the installation: database, roles, tables, key, fonts, areas.").message)
def check() -> None:
    from core.cli.installation import inspected

    with opened(at_head=False) as here:
        bad = 0
        for line in inspected(here):
            mark = "✓" if line.good else "✗"
            say(f"{mark} {line.subject}: {line.text}")
            bad += not line.good
        if bad:
            raise SystemExit(WRONG)
