"""Is everything as it should be? ``verify`` asks the data, ``check`` the installation."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from core.cli.opening import Opened, companies, in_company, look, opened
from core.cli.speech import WRONG, Refusal, say
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.records.verify import Finding
    from core.work import Work


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(
    "verify", help=_("Check the data: history, numbers, totals, states, the chain. Names what is wrong.").message
)
@click.option("--company", help=_("Only this company, by its code.").message)
@click.option(
    "--anchors",
    "copies",
    type=FILE,
    multiple=True,
    help=_("Hold the history against this copy of the anchors as well, such as a mail; may be given again.").message,
)
def verify(company: str | None, copies: tuple[Path, ...]) -> None:
    with opened() as here:
        wrong = 0
        for code, finding in findings(here.program, here.config.anchors, *copies, only=company):
            say(f"{code}  {finding.record}: {finding.text}  [{finding.code}]")
            wrong += 1
        for note in _turns(here.program, here.config.anchors, company):
            say(note)
        if wrong:
            say(_("Wrong: {count}.", count=wrong))
            raise SystemExit(WRONG)
        say(_("Nothing is wrong."))


def findings(
    program: Program, anchors: Path | None, *copies: Path, only: str | None = None
) -> Iterator[tuple[str, Finding]]:
    """Everything that is wrong with the data, with the code of the company it belongs to."""
    from core.operations.verifying import verify_chain
    from core.operations.verifying.files import verify_files
    from core.records.invariants import verify_figures
    from core.records.verify import Finding, verify_history
    from core.records.verify_anchors import verify_anchors

    def question(work: Work) -> list[Finding]:
        records = [*verify_history(work), *verify_anchors(work, anchors, *copies), *verify_files(work)]
        return [*records, *verify_figures(work), *verify_chain(work)]

    rows = companies(program)
    for row in rows:
        if only not in (None, row.code):
            continue
        if row.active:
            yield from ((row.code, finding) for finding in look(program, row.code, question))
        else:
            text = _("The company is not in use; nothing of it was looked at.")
            yield row.code, Finding("company.closed", row.code, text)
    here = {row.id for row in rows}
    for code in sorted({code for path in (anchors, *copies) if path for code in _gone(path, here)}):
        if only in (None, code):
            text = _("The whole company stands in the file outside and is missing here.")
            yield code, Finding("company.gone", code, text)


def _gone(path: Path, here: set[int]) -> set[str]:
    """The companies of which a file tells and the database does not."""
    from core.records import outside

    return {code for key, code in outside.companies(path).items() if key not in here}


def _turns(program: Program, path: Path, only: str | None) -> Iterator[str]:
    """When backups were brought back, as the file outside was told."""
    from core.records import outside

    for row in companies(program):
        for turn in outside.read(path, row.id).turns if only in (None, row.code) else ():
            text = _(
                "{at}: a backup was brought back; {count} anchors after anchor {last} are no longer in the database.",
                at=turn.at[:16].replace("T", " "),
                count=turn.count,
                last=turn.last,
            )
            yield f"{row.code}  {text}"


@click.command(
    "anchor",
    help=_("Seal the history now and print the newest anchor of each company, to be kept elsewhere.").message,
)
@click.option("--company", help=_("Only this company, by its code.").message)
@click.option(
    "--restored",
    metavar="REASON",
    help=_("Tell the file outside and the history that an older copy of the database was put back by hand.").message,
)
def anchor(company: str | None, restored: str | None) -> None:
    from core.records import outside

    with opened() as here:
        rows = [row for row in companies(here.program) if row.active and company in (None, row.code)]
        if company and not rows:
            raise Refusal([_("There is no company with the code {code}.", code=company)])
        for row in rows:
            if restored is not None:
                _tell(here, row.code, restored)
            line = _sealed(here, row.code)
            if line is not None:
                click.echo(outside.written([line]), nl=False)


def _tell(here: Opened, code: str, reason: str) -> None:
    """The file and the history learn that time was turned back."""
    from core.operations.company import record
    from core.records import outside

    if not reason.strip() or len(reason) > 400:
        raise Refusal([_("Please say why.")])
    lost = look(here.program, code, lambda work: outside.restored(work, here.config.anchors))
    in_company(
        here.program, code, lambda work: record(work, "restore", {"anchors": [lost, None]}, reason=reason.strip())
    )


def _sealed(here: Opened, code: str) -> dict[str, Any] | None:
    """The newest anchor of a company, once all that is there is sealed and written outside."""
    from core.records import anchors, outside

    in_company(here.program, code, anchors.seal_history)

    def told(work: Work) -> dict[str, Any] | None:
        outside.publish(work, here.config.anchors)
        row = outside.newest(work)
        return outside.line(work, row) if row else None

    return look(here.program, code, told)


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
