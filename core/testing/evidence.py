"""Evidence: what the conformance of a plug-in is judged by, each piece usable in tests of one's own."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

from babel.messages.pofile import read_po
from sqlalchemy import delete, update

from core import build
from core.app import Program
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.reading import load, load_master
from core.duties.reading import my_duties
from core.errors import Conflict
from core.exchange import sheets
from core.extension.registry import Registry
from core.hooks import hookimpl, specs
from core.reports import running, telling
from core.reports.choosing import choose
from core.reports.report import Report
from core.revision import difference
from core.schemas import outputs
from core.search.listing import Query, filter_names, page
from core.testing.builders import Firm
from core.text import ENGLISH, Text, speaking
from core.work import Work


def looked_at(work: Work, cls: Type, record: Any) -> None:
    """Everything that a person meets of a record: its content, its place in the list, what areas say about it."""
    if issubclass(cls, Document):
        found = load(work, cls, record.id)
        assert outputs.document(work, found)["id"] == record.id
        work.hooks.document_panels(found)
    else:
        assert outputs.master(work, load_master(work, cls, record.id))["id"] == record.id
    assert record.id in [row["id"] for row in page(work, cls, Query()).rows]
    if kind_of(cls) == "core.party":
        work.hooks.party_timeline(record.id)
    my_duties(work)
    work.hooks.dashboard_cards()


def thawed(firm: Firm, document: Document) -> list[str]:
    """What the database still lets anybody do to the parts of a document that is posted; it should be nothing."""
    header: Any = Document.__table__
    posted = update(header).where(header.c.id == document.id).values(posted_at=document.created_at)
    firm.as_program(lambda w: w.connection.execute(posted))
    found = []
    for part in type(document).parts:
        table: Any = part.__table__
        mine = table.c.document_id == document.id
        for statement in (update(table).where(mine).values(position=table.c.position + 1), delete(table).where(mine)):
            try:
                firm.as_program(lambda w, s=statement: w.connection.execute(s))  # type: ignore[misc]
            except Conflict:
                continue
            found.append(str(statement))
    return found


def queries(cls: Type, record: Any) -> Iterable[Query]:
    """Every sort both ways, and every filter with the record's own value."""
    for sort in cls.sorts:
        yield Query(sort=sort)
        yield Query(sort=f"-{sort}")
    for name in filter_names(cls):
        column = name if name in cls.filters else name.removesuffix("_from").removesuffix("_to")
        value = getattr(record, column)
        if value is not None:
            yield Query(filters={name: str(value).lower() if isinstance(value, bool) else str(value)})


def told_whole(work: Work, report: Report) -> None:
    """A report page by page and as every kind of file: the same rows, and of every column that it shows a value."""
    chosen = choose(work, report.filters, {name: "" for one in report.filters for name in one.names})
    rows, after = 0, ""
    while True:
        found = running.page(work, report, chosen, after=after, size=1)
        rows, after = rows + len(found.rows), found.next
        for row in found.rows:
            assert {column.key for column in found.columns} <= row.keys(), report.key
        if not after:
            break
    assert rows == found.count == json.loads(sheets.json_text(work, report, chosen))["count"], report.key
    foot = any(column.total for column in found.columns)
    lines = list(csv.reader("".join(sheets.csv_lines(work, report, chosen)).removeprefix("\ufeff").splitlines()))
    assert len(lines) == 1 + rows + foot, report.key
    assert sheets.workbook(work, report, chosen).startswith(b"PK")
    json.dumps(telling.body(work, found))


def listen(program: Program, area: str) -> list[str]:
    """Put a spy in the place of an area's hooks; the answer fills with the names of hooks it hears."""
    heard: list[str] = []
    if program.manager.has_plugin(area):
        program.manager.unregister(name=area)

    def ear(name: str) -> Callable[[], None]:
        def hear() -> None:
            heard.append(name)

        return hookimpl(hear)

    names = [name for name in dir(specs) if hasattr(getattr(specs, name), "zhanggui_spec")]
    spy = ModuleType("spy")
    for name in names:
        setattr(spy, name, ear(name))
    program.manager.register(spy, name=area)
    return heard


def differences(engine: Any, area: str, registry: Registry) -> list[Any]:
    """What models and database disagree about."""
    with engine.connect() as connection:
        ops = difference(connection, area, registry.packages).upgrade_ops
    assert ops is not None
    return list(ops.ops)


def missing_texts(package: Path, po: Path) -> list[str]:
    """The texts in a package's sources that its catalogue does not translate soundly."""
    template = build.gather(package, package.parent)
    texts = [message for message in template if message.id]
    if not texts:
        return []
    with po.open("rb") as source:
        catalogue = read_po(source, locale=build.LOCALE, domain=build.DOMAIN)
    wrong = []
    for message in texts:
        found = catalogue.get(message.id, message.context)
        if found is None or not found.string or found.fuzzy:
            wrong.append(f"{message.id!r} is not translated")
        elif isinstance(found.string, str) and build.placeholders(found.string) != build.placeholders(str(message.id)):
            wrong.append(f"{message.id!r} has other places to fill than its translation")
    return wrong


def same_in_chinese(text: Text) -> bool:
    """Whether a Chinese reader would be given the English words."""
    chinese = str(text)
    with speaking(ENGLISH):
        return chinese == str(text) and any(c.isalpha() for c in chinese)
