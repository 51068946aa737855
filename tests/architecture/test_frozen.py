"""What has happened stays as it was: the database itself refuses to rewrite history and posted content."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.db.base import Base
from core.db.engine import is_sqlite
from core.db.security import ADD_ONLY, LIVING, LIVING_LINE
from core.db.types import Instant, Scaled
from core.documents.faces import own_columns
from core.errors import DomainError
from core.extension.loader import load
from core.operations.attach import attach
from core.testing.builders import Firm, line
from core.work import Work
from plugins.quotation.documents import Quotation

load()
DOCUMENT, LINE = Base.metadata.tables["document"], Base.metadata.tables["document_line"]
CONTENT = sorted(c.name for c in DOCUMENT.columns if c.name not in LIVING | {"id", "company_id"})
LINE_CONTENT = sorted(c.name for c in LINE.columns if c.name not in LIVING_LINE | {"id", "company_id"})
Say = Callable[[str], Any]


@pytest.fixture
def posted(firm: Firm) -> Quotation:
    """A quotation that has been submitted: its content counts from now on."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])
    firm.move(quotation, "submit")
    return firm.move(firm.move(quotation, "revise"), "submit")


@pytest.fixture
def draft(firm: Firm) -> Quotation:
    """A quotation that nobody has submitted."""
    return firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "2")])


def say(firm: Firm, statement: str) -> int:
    """Say a statement to the database as the program would; gives back how many rows it reached."""

    def command(work: Work) -> int:
        return work.connection.execute(text(statement)).rowcount

    return firm.as_program(command)


def refused(firm: Firm, statement: str) -> bool:
    """Whether the database refuses the statement, and nothing else about it is wrong."""
    try:
        say(firm, statement)
    except DomainError as error:
        return error.code == "conflict.check"
    except DBAPIError as error:
        return getattr(error.orig, "sqlstate", "") in {"42501", "23514"}
    return False


def other_value(table: Any, name: str) -> str:
    """A literal that differs from what any row holds, and that the column could hold."""
    kind = table.c[name].type
    if isinstance(kind, Scaled) or kind.python_type is int:
        return "123456"
    if isinstance(kind, Instant):
        return "'2001-02-03 04:05:06'"
    literals = {"bool": "NULL", "date": "'2001-02-03'", "bytes": "NULL"}
    return literals.get(kind.python_type.__name__, "NULL" if table.c[name].nullable else "'xyz'")


@pytest.mark.parametrize("table", ADD_ONLY)
@pytest.mark.parametrize("verb", ["UPDATE {} SET company_id = company_id", "DELETE FROM {}"])
def test_records_are_only_added_to(firm: Firm, posted: Quotation, engine: Engine, table: str, verb: str) -> None:
    """PLT-09: neither a change nor a removal of what was recorded gets through, whoever asks."""
    if table.startswith("anchor"):
        fill_anchor(firm)
    assert refused(firm, verb.format(table))


def test_the_content_of_a_file_may_go_and_never_becomes_another(firm: Firm, posted: Quotation) -> None:
    """PLT-10: its row, its fingerprint and its company stay as they are."""
    firm.run("rep", lambda w: attach(w, Quotation, posted.id, "scan.pdf", b"%PDF-1.7 signed"))
    blob = "x'00'" if is_sqlite(firm.program.engine) else "'\\x00'::bytea"
    assert refused(firm, "DELETE FROM stored_file")
    assert refused(firm, f"UPDATE stored_file SET content = {blob}")
    assert refused(firm, "UPDATE stored_file SET sha256 = 'x'")
    assert say(firm, "UPDATE stored_file SET content = NULL, state = 'dropped'") == 1
    assert say(firm, f"UPDATE stored_file SET content = {blob}, state = 'kept'") == 1


def fill_anchor(firm: Firm) -> None:
    """An anchor over one entry, so that there is a row to be protected."""
    for statement in (
        "INSERT INTO anchor (company_id, at, entries, root, prev, hash) "
        f"SELECT company_id, at, 1, hash, prev, hash FROM history WHERE company_id = {firm.id} LIMIT 1",
        "INSERT INTO anchor_item (company_id, history_id, anchor_id, position) "
        f"SELECT h.company_id, h.id, a.id, 1 FROM history h, anchor a WHERE h.company_id = {firm.id} LIMIT 1",
    ):
        assert say(firm, statement) == 1


def test_every_content_column_of_a_posted_document_is_frozen(firm: Firm, posted: Quotation) -> None:
    changing = [
        name
        for name in CONTENT
        if name not in {"kind", "net", "tax", "gross"}
        and not refused(firm, f"UPDATE document SET {name} = {other_value(DOCUMENT, name)} WHERE id = {posted.id}")
    ]
    assert changing == []
    assert refused(firm, f"UPDATE document SET net = net + 1, gross = gross + 1 WHERE id = {posted.id}")


def test_every_content_column_of_a_posted_line_is_frozen(firm: Firm, posted: Quotation) -> None:
    changing = [
        name
        for name in LINE_CONTENT
        if name not in {"net", "tax", "gross", "document_id"}
        and not refused(
            firm, f"UPDATE document_line SET {name} = {other_value(LINE, name)} WHERE document_id = {posted.id}"
        )
    ]
    assert changing == []
    assert refused(firm, f"UPDATE document_line SET net = net+1, gross = gross+1 WHERE document_id = {posted.id}")


def test_what_an_area_adds_to_a_posted_document_is_frozen_too(firm: Firm, posted: Quotation) -> None:
    table = Quotation.__mapper__.local_table
    changing = [
        name
        for name in sorted(own_columns(Quotation))
        if not refused(firm, f"UPDATE {table.name} SET {name} = {other_value(table, name)} WHERE id = {posted.id}")  # type: ignore[attr-defined]  # a local table is a Table here
    ]
    # What a move keeps on a posted document, such as why an offer was lost, is declared as living.
    assert changing == [name for name in sorted(own_columns(Quotation)) if table.c[name].info.get("living")]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM document_line WHERE document_id = {id}",
        "DELETE FROM document WHERE id = {id}",
        "DELETE FROM quotation_quotation WHERE id = {id}",
        "INSERT INTO document_line SELECT * FROM document_line WHERE document_id = {id}",
    ],
)
def test_posted_rows_neither_come_nor_go(firm: Firm, posted: Quotation, statement: str) -> None:
    assert refused(firm, statement.format(id=posted.id))


@pytest.mark.parametrize("name", ["state", "approval", "closure", "version", "settled", "prints"])
def test_what_later_steps_write_stays_open(firm: Firm, posted: Quotation, name: str) -> None:
    value = {"state": "'sent'", "approval": "'approved'", "closure": "'closed'"}.get(name, "7")
    assert say(firm, f"UPDATE document SET {name} = {value} WHERE id = {posted.id}") == 1


def test_a_draft_is_not_frozen(firm: Firm, draft: Quotation) -> None:
    assert say(firm, f"UPDATE document SET subject = 'x' WHERE id = {draft.id}") == 1
    assert say(firm, f"UPDATE document_line SET remark = 'x' WHERE document_id = {draft.id}") == 1
    assert say(firm, f"UPDATE quotation_quotation SET warranty = 'x' WHERE id = {draft.id}") == 1


def test_a_revision_opens_the_content_again_and_keeps_what_was(firm: Firm, posted: Quotation) -> None:
    revised = firm.move(posted, "revise")
    again = firm.edit(revised, lines=[{"id": revised.lines[0].id, "quantity": "3"}], warranty="两年")
    assert again.lines[0].quantity == 3
    kept = firm.as_program(
        lambda w: w.connection.execute(
            text("SELECT content FROM document_edition WHERE document_id = :id ORDER BY revision"), {"id": posted.id}
        ).all()
    )
    assert len(kept) == 2
