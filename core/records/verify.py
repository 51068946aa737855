"""Has the history been tampered with? Every chain is followed from its first entry to the head in its record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any

from sqlalchemy import exists, literal, select

from core.documents.models import Document
from core.entities.company import ZERO, Company
from core.records.chain import seal
from core.records.models import ACCESS, History
from core.text import Text, _
from core.work import Work

_HISTORY: Any = History.__table__
_DOCUMENT: Any = Document.__table__
_COMPANY: Any = Company.__table__
COMPANY_KIND = "core.company"
AT_ONCE = 500
# A history of millions is read in pieces; the option belongs to the statement, on the connection it would stay.
STREAMED = {"yield_per": 1000}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong: a code for programs, the record it is wrong with, a sentence."""

    code: str
    record: str
    text: Text


@dataclass(frozen=True, slots=True)
class Chain:
    """What is left of a record's chain once its entries were followed."""

    kind: str
    record_id: int
    last: bytes
    gone: bool


def verify_history(work: Work) -> Iterator[Finding]:
    """Everything in the company's history that was edited, removed, reordered or cut off, record by record."""
    unhurried(work)
    chains = _follow(work)
    while batch := list(islice(chains, AT_ONCE)):
        yield from _ends(work, [one for one in batch if isinstance(one, Chain)])
        yield from (one for one in batch if isinstance(one, Finding))
    yield from _without_history(work)
    yield from _accesses(work)


def unhurried(work: Work) -> None:
    """Let the questions take their time; the limits are made for screens."""
    if work.connection.dialect.name == "postgresql":
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
            work.connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


def _follow(work: Work) -> Iterator[Finding | Chain]:
    rows = work.connection.execute(
        select(_HISTORY)
        .where(_HISTORY.c.company_id == work.company.id, _HISTORY.c.kind != ACCESS)
        .order_by(_HISTORY.c.kind, _HISTORY.c.record_id, _HISTORY.c.id),
        execution_options=STREAMED,
    )
    for (kind, record_id), group in groupby(rows.mappings(), key=lambda row: (row["kind"], row["record_id"])):
        entries = list(group)
        record = f"{kind} {record_id}"
        yield from (Finding(code, record, text) for code, text in broken_links(entries))
        yield Chain(kind, record_id or 0, bytes(entries[-1]["hash"]), entries[-1]["what"] == "discard")


def _accesses(work: Work) -> Iterator[Finding]:
    """Entries of the audit log that were edited; that one is missing is found by its anchor alone."""
    rows = work.connection.execute(
        select(_HISTORY)
        .where(_HISTORY.c.company_id == work.company.id, _HISTORY.c.kind == ACCESS)
        .order_by(_HISTORY.c.at, _HISTORY.c.id),
        execution_options=STREAMED,
    )
    for row in rows.mappings():
        entry: Any = row
        if bytes(entry["prev"]) != ZERO or seal(ZERO, entry) != bytes(entry["hash"]):
            about = {"what": entry["what"], "at": entry["at"], "actor": entry["actor"], "id": entry["id"]}
            text = _("Entry {id} ({what}, {at}, {actor}) was edited.", **about)
            yield Finding("history.edited", f"{ACCESS} {entry['id']}", text)


def broken_links(entries: Sequence[Any]) -> Iterator[tuple[str, Text]]:
    """What is wrong between the entries of one record, in the order of their ids."""
    hashes = {bytes(entry["hash"]) for entry in entries}
    expected = ZERO
    for entry in entries:
        prev = bytes(entry["prev"])
        about = {"what": entry["what"], "at": entry["at"], "actor": entry["actor"], "id": entry["id"]}
        if seal(prev, entry) != bytes(entry["hash"]):
            yield "history.edited", _("Entry {id} ({what}, {at}, {actor}) was edited.", **about)
        if prev != expected:
            if prev in hashes or prev == ZERO:
                yield "history.reordered", _("Entry {id} ({what}, {at}, {actor}) does not stand in its place.", **about)
            else:
                yield "history.removed", _("What stood before entry {id} ({what}, {at}, {actor}) is missing.", **about)
        expected = bytes(entry["hash"])


def _ends(work: Work, chains: Iterable[Chain]) -> Iterator[Finding]:
    """A chain ends where its record says; what was cut off at the end shows only here."""
    by_kind: dict[str, list[Chain]] = defaultdict(list)
    for chain in chains:
        by_kind[chain.kind].append(chain)
    for kind, some in by_kind.items():
        heads = _heads(work, kind, [chain.record_id for chain in some])
        for chain in some:
            head = heads.get(chain.record_id)
            record = f"{kind} {chain.record_id}"
            if head is None and not chain.gone:
                yield Finding("record.gone", record, _("The record is gone, and nobody discarded it."))
            elif head is not None and head != chain.last:
                yield Finding("history.cut", record, _("The end of its history is missing or was added to."))


def _heads(work: Work, kind: str, ids: Sequence[int]) -> dict[int, bytes]:
    if kind == COMPANY_KIND:
        statement = select(_COMPANY.c.id, _COMPANY.c.head).where(_COMPANY.c.id == work.company.id)
    else:
        master = work.types.masters.get(kind)
        table: Any = master.__table__ if master else _DOCUMENT
        statement = select(table.c.id, table.c.head).where(table.c.company_id == work.company.id, table.c.id.in_(ids))
    return {row.id: bytes(row.head) for row in work.connection.execute(statement)}


def _without_history(work: Work) -> Iterator[Finding]:
    """Records of which no entry is left at all."""
    spines = [(_DOCUMENT, _DOCUMENT.c.kind)]
    spines += [(master.__table__, literal(kind)) for kind, master in work.types.masters.items()]
    for table, kind in spines:
        told = exists().where(
            _HISTORY.c.company_id == work.company.id, _HISTORY.c.kind == kind, _HISTORY.c.record_id == table.c.id
        )
        untold = select(table.c.id, kind.label("kind")).where(
            table.c.company_id == work.company.id, table.c.head != ZERO, ~told
        )
        for row in work.connection.execute(untold):
            yield Finding("history.gone", f"{row.kind} {row.id}", _("Its whole history is missing."))
