"""Has the history been tampered with? Every chain is followed, every anchor rebuilt and held against the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import exists, literal, select

from core.documents.models import Document
from core.entities.company import ZERO, Company
from core.records.anchors import anchor_hash, leaf, merkle_root, outside
from core.records.chain import seal
from core.records.models import Anchor, AnchorItem, History
from core.text import Text, _
from core.work import Work

_HISTORY: Any = History.__table__
_DOCUMENT: Any = Document.__table__
_COMPANY: Any = Company.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__
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


def unhurried(work: Work) -> None:
    """Let the questions take their time; the limits are made for screens."""
    if work.connection.dialect.name == "postgresql":
        for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
            work.connection.exec_driver_sql(f"SET LOCAL {limit} = 0")


def _follow(work: Work) -> Iterator[Finding | Chain]:
    rows = work.connection.execute(
        select(_HISTORY)
        .where(_HISTORY.c.company_id == work.company.id)
        .order_by(_HISTORY.c.kind, _HISTORY.c.record_id, _HISTORY.c.id),
        execution_options=STREAMED,
    )
    for (kind, record_id), group in groupby(rows.mappings(), key=lambda row: (row["kind"], row["record_id"])):
        entries = list(group)
        record = f"{kind} {record_id}"
        yield from (Finding(code, record, text) for code, text in broken_links(entries))
        yield Chain(kind, record_id or 0, bytes(entries[-1]["hash"]), entries[-1]["what"] == "discard")


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


# Anchors ---------------------------------------------------------------------------------------------------------


def verify_anchors(work: Work, path: Path | None) -> Iterator[Finding]:
    """Every anchor rebuilt from the entries it seals, the chain of anchors, and both against the file outside."""
    unhurried(work)
    anchors = work.connection.execute(
        select(_ANCHOR).where(_ANCHOR.c.company_id == work.company.id).order_by(_ANCHOR.c.id)
    )
    known = {row["id"]: row for row in anchors.mappings()}
    expected = ZERO
    for key, anchor in known.items():
        if bytes(anchor["prev"]) != expected or anchor_hash(anchor) != bytes(anchor["hash"]):
            yield Finding("anchor.chain", _name(key), _("It does not fit the anchor before it, or was edited."))
        expected = bytes(anchor["hash"])
    roots = _roots(work)
    for key, anchor in known.items():
        count, root = roots.get(key, (0, ZERO))
        if count != anchor["entries"]:
            missing = anchor["entries"] - count
            yield Finding("anchor.entries", _name(key), _("Of its entries, {count} are missing.", count=missing))
        elif root != bytes(anchor["root"]):
            yield Finding("anchor.root", _name(key), _("Entries that it seals were rewritten."))
    yield from _against_outside(work, path, {key: bytes(row["hash"]).hex() for key, row in known.items()})


def _roots(work: Work) -> dict[int, tuple[int, bytes]]:
    """Count and root of what is left under each anchor."""
    found = {}
    for key, group in groupby(_sealed(work), key=lambda pair: pair[0]):
        leaves = [hashed for _anchor, hashed in group]
        found[key] = len(leaves), merkle_root(leaves)
    return found


def _sealed(work: Work) -> Iterator[tuple[int, bytes]]:
    """The leaf of each entry that is still there, anchor by anchor, in the order of their places.

    Entries are fetched by their ids, some at a time: a join of two large tables that were never analysed takes hours.
    """
    items = iter(
        work.connection.execute(
            select(_ITEM.c.anchor_id, _ITEM.c.history_id)
            .where(_ITEM.c.company_id == work.company.id)
            .order_by(_ITEM.c.anchor_id, _ITEM.c.position),
            execution_options=STREAMED,
        )
    )
    columns = (_HISTORY.c.id, _HISTORY.c.kind, _HISTORY.c.record_id, _HISTORY.c.document_id, _HISTORY.c.hash)
    while batch := list(islice(items, AT_ONCE)):
        ids = [item.history_id for item in batch]
        entries = select(*columns).where(_HISTORY.c.company_id == work.company.id, _HISTORY.c.id.in_(ids))
        leaves = {row.id: leaf(row) for row in work.connection.execute(entries)}
        yield from ((item.anchor_id, leaves[item.history_id]) for item in batch if item.history_id in leaves)


def _against_outside(work: Work, path: Path | None, known: dict[int, str]) -> Iterator[Finding]:
    written = outside(path, work.company.id) if path else {}
    for key, digest in written.items():
        if key not in known:
            yield Finding("anchor.gone", _name(key), _("It stands in the file outside and is missing here."))
        elif known[key] != digest:
            yield Finding("anchor.differs", _name(key), _("It differs from what was written in the file outside."))
    last = max(written, default=0)
    for key in known:
        if key < last and key not in written:
            yield Finding("anchor.unknown", _name(key), _("The file outside never heard of it."))


def _name(key: int) -> str:
    return str(_("Anchor {id}", id=key))
