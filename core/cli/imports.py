"""Bringing in files from the command line, on behalf of somebody who works in the company."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from core.cli.opening import account_id, company_id, look, opened
from core.cli.speech import MISUSED, Refusal, say, table
from core.text import _

if TYPE_CHECKING:
    from core.app import Program
    from core.work import Work

T = TypeVar("T")
FORMS = ("xlsx", "csv")
AS = click.option("--as", "login", required=True, metavar="LOGIN", help=_("On behalf of this person.").message)


@click.group("import", help=_("Bring files of Excel or CSV in as records, and take them back.").message)
def imports() -> None:
    """Group of commands."""


@imports.command(
    "file", help=_("Check a file for records of KIND, such as core.party; with --go bring the good rows in.").message
)
@click.argument("company")
@click.argument("kind")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@AS
@click.option("--go", is_flag=True, help=_("Bring the good rows in.").message)
@click.option(
    "--map", "maps", multiple=True, metavar="HEADING=FIELD", help=_("Read a column as this field; empty: not.").message
)
@click.option(
    "--way",
    type=click.Choice(("new", "change", "both")),
    default="new",
    help=_("New records, changes or both.").message,
)
@click.option("--by", default="", metavar="FIELD", help=_("Find the records to change by this field.").message)
@click.option(
    "--bad",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write the bad rows to this file (xlsx or csv).").message,
)
def bring_in(
    company: str,
    kind: str,
    file: Path,
    login: str,
    go: bool,
    maps: tuple[str, ...],
    way: str,
    by: str,
    bad: Path | None,
) -> None:
    with opened() as here:
        from core.exchange import bringing

        run = _person(here.program, company, login)
        key = run(lambda work: bringing.upload(work, _type(work, kind), file.name, file.read_bytes()))
        given = dict(_pair(text) for text in maps)
        run(lambda work: bringing.check(work, key, mapping=_mapping(work, key, given), way=way, found_by=by))
        _carry_on(here.program, company, key)
        told = run(lambda work: _told(work, key))
        if go and told["state"] == "checked" and told["records"] > told["bad"]:
            run(lambda work: bringing.go(work, key))
            _carry_on(here.program, company, key)
            told = run(lambda work: _told(work, key))
        if bad is not None and told["bad"]:
            bad.write_bytes(run(lambda work: _bad(work, key, bad.suffix.lstrip("."))))
    _say(told)
    if told["problems"]:
        raise Refusal(told["problems"])


@imports.command("list", help=_("List what was brought in.").message)
@click.argument("company")
def list_imports(company: str) -> None:
    with opened() as here:
        rows = look(here.program, company, _rows)
    table(
        [
            [_("Import"), _("Type of record"), _("File"), _("State"), _("Newly made"), _("Changed records"), _("Bad")],
            *rows,
        ]
    )


@imports.command("undo", help=_("Take back everything that an import has brought in, or nothing.").message)
@click.argument("company")
@click.argument("number", type=int)
@AS
def undo(company: str, number: int, login: str) -> None:
    with opened() as here:
        from core.operations import imports as operations

        run = _person(here.program, company, login)
        run(lambda work: operations.undo(work, number))
        _carry_on(here.program, company, number)
        told = run(lambda work: _told(work, number))
    if told["kept_back"]:
        raise Refusal([_("Nothing was taken back: these rows stand against it"), *told["kept_back"]])
    _say(told)


@imports.command("resume", help=_("Carry on what was interrupted.").message)
@click.argument("company")
@click.argument("number", type=int)
@AS
def resume(company: str, number: int, login: str) -> None:
    with opened() as here:
        run = _person(here.program, company, login)
        run(lambda work: _told(work, number))
        _carry_on(here.program, company, number)
        _say(run(lambda work: _told(work, number)))


@imports.command("template", help=_("Write the empty file of KIND, such as core.party.").message)
@click.argument("company")
@click.argument("kind")
@AS
@click.option("--format", "form", type=click.Choice(FORMS), default="xlsx", help=_("The form of the file.").message)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=_("Write to this file; to the terminal unless given.").message,
)
def template(company: str, kind: str, login: str, form: str, out: Path | None) -> None:
    if form == "xlsx" and out is None:
        raise Refusal([_("A workbook needs a file: give --out.")], code=MISUSED)
    with opened() as here:
        from core.exchange import templates

        run = _person(here.program, company, login)
        content = run(lambda work: templates.template(work, _type(work, kind), form))
    if out is None:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    else:
        out.write_bytes(content)
        say(_("Written: {file}.", file=out))


def _person(program: Program, company: str, login: str) -> Callable[[Callable[[Work], T]], T]:
    """Carries commands out on behalf of a person of the company."""
    from core.work import Ask

    key, account = company_id(program, company), account_id(program, login)
    return lambda command: program.works.run(Ask(key, account), command)


def _carry_on(program: Program, company: str, key: int) -> None:
    from core.exchange.steps import carry_on

    carry_on(program.works, company_id(program, company), key)


def _type(work: Work, kind: str) -> Any:
    from core.documents.kinds import kind_of
    from core.operations import imports as operations

    found = {kind_of(cls): cls for cls in operations.importable(work)}
    if kind not in found:
        raise Refusal([_("There is no such type of record: {kind}. There are: {kinds}.", kind=kind, kinds=list(found))])
    return found[kind]


def _pair(text: str) -> tuple[str, str]:
    name, mark, value = text.rpartition("=")
    if not mark:
        raise Refusal([_("“{text}” should read field=value.", text=text)])
    return name.strip(), value.strip()


def _mapping(work: Work, key: int, given: dict[str, str]) -> dict[str, str] | None:
    """The fields as the columns were read, but for those that are named."""
    from core.operations import imports as operations

    if not given:
        return None
    batch = operations.find(work, key)
    named = {str(batch.columns.index(name)) if name in batch.columns else name: path for name, path in given.items()}
    return {**batch.mapping, **named}


def _bad(work: Work, key: int, form: str) -> bytes:
    from core.exchange import templates
    from core.operations import imports as operations

    return templates.written(form, templates.bad_rows(work, operations.find(work, key)))


def _told(work: Work, key: int) -> dict[str, Any]:
    from core.exchange import bringing
    from core.operations import imports as operations

    batch = operations.find(work, key)
    rows = operations.rows(work, key, states=["bad"], most=20)
    kept = [(place, operations.unpacked(text)) for place, text in batch.kept_back]
    return {
        "id": key,
        "columns": [(header, batch.mapping.get(str(at), "")) for at, header in enumerate(batch.columns)],
        "problems": [operations.unpacked(text) for text in batch.problem],
        "kept_back": [_("Row {row}: {reason}", row=place, reason=text) for place, text in kept],
        "faults": [one for row in rows for one in bringing.told(batch, row)],
        **{name: getattr(batch, name) for name in ("state", "records", "made", "changed", "same", "bad")},
    }


def _rows(work: Work) -> list[list[object]]:
    from core.operations import imports as operations

    found = operations.latest(work, most=100)
    return [
        [row.id, row.record_kind, row.file_name, row.state, row.made, row.changed, row.bad] for row in reversed(found)
    ]


def _say(told: dict[str, Any]) -> None:
    say(_("Import {id}: {state}", id=told["id"], state=told["state"]))
    for header, path in told["columns"] if told["state"] == "checked" else ():
        say(f"  {header} → {path or '–'}")
    counts = [told[name] for name in ("records", "made", "changed", "same", "bad")]
    say(
        _(
            "Records: {records}; new {made}, changed {changed}, as before {same}, bad {bad}.",
            **dict(zip(("records", "made", "changed", "same", "bad"), counts, strict=True)),
        )
    )
    for one in told["faults"]:
        where = _("Row {row}", row=one.row)
        say(f"  {where}, {one.column or '–'}: {one.text}")
