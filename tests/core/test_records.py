"""Whoever owns the database may rewrite it, but not unnoticed: every kind of tampering is found and named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, func, select, text, update

from core.db.engine import is_sqlite, open_engine
from core.entities.item import Item
from core.entities.party import Party
from core.numbering import series
from core.operations import company, discard, masters
from core.records import anchors
from core.records.anchors import leaf, merkle_root, outside, publish, seal_history
from core.records.chain import seal
from core.records.invariants import apart, verify_figures
from core.records.models import Anchor, AnchorItem, History
from core.records.verify import Finding, verify_anchors, verify_history
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from plugins.quotation.documents import Quotation

_HISTORY: Any = History.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__


@dataclass(frozen=True, slots=True)
class Told:
    """A company with a history that is sealed: what the tests tamper with."""

    firm: Firm
    database: Database
    file: Path
    quotation: int
    party: int
    item: int

    def found(self) -> list[Finding]:
        """Everything ``verify`` finds."""
        return self.firm.as_program(
            lambda w: [*verify_history(w), *verify_anchors(w, self.file), *verify_figures(w)], "verify"
        )

    def codes(self, record: str) -> set[str]:
        """What is found wrong with one record."""
        return {finding.code for finding in self.found() if finding.record.startswith(record)}

    def entries(self, kind: str, key: int) -> list[Any]:
        """The entries of a record, oldest first."""
        where = (_HISTORY.c.kind == kind, _HISTORY.c.record_id == key)
        with owning(self) as connection:
            return list(connection.execute(select(_HISTORY).where(*where).order_by(_HISTORY.c.id)).mappings())

    def seal(self) -> None:
        """Seal what is there and write the anchor outside."""
        self.firm.as_program(seal_history)
        self.firm.as_program(lambda w: publish(w, self.file))


@contextmanager
def owning(told: Told) -> Iterator[Connection]:
    """The database as its owner sees it, with everything switched off that could stand in the way."""
    engine = open_engine(told.database.owner_url)
    try:
        with engine.connect() as connection:
            if is_sqlite(connection):
                raw = connection.connection.dbapi_connection
                raw.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]  # it was just opened
            with connection.begin():
                _disarm(connection, told.firm.id)
                yield connection
    finally:
        engine.dispose()


def _disarm(connection: Connection, company_id: int) -> None:
    if is_sqlite(connection):
        for name in connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return
    connection.execute(select(func.set_config("app.company", str(company_id), True)))
    tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
    for table in tables:
        connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    keys = text(
        "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'f' "
        "AND confrelid::regclass::text IN ('history', 'anchor', 'item', 'party')"
    )
    for table, name in connection.execute(keys).all():
        connection.exec_driver_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


@pytest.fixture
def told(firm: Firm, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A customer edited twice, a quotation of a strict series submitted, a draft discarded, a product; all sealed."""
    monkeypatch.setattr(Quotation, "strict", True)
    party, item = firm.party(), firm.item()
    for n in range(2):
        rename = inputs.read(Party, {"name": f"青岛海天照明{n}有限公司"}, partial=True)
        firm.run("manager", lambda w, v=rename: masters.save(w, Party, v, key=party.id))  # type: ignore[misc]
    quotation = firm.create(Quotation, party_id=party.id, lines=[line(item, "2")])
    quotation = firm.edit(quotation, subject="广场")
    quotation = firm.move(quotation, "submit")
    draft = firm.create(Quotation, party_id=party.id)
    firm.run("rep", lambda w: discard.discard(w, Quotation, draft.id))
    made = Told(firm, database, tmp_path / "anchors.log", quotation.id, party.id, item.id)
    made.seal()
    return made


def test_a_history_that_nobody_touched_is_sound(told: Told) -> None:
    assert told.found() == []


# Chains ----------------------------------------------------------------------------------------------------------

Deed = Callable[[Connection, list[Any]], None]


def rewrite(connection: Connection, entry: Any, **values: Any) -> None:
    """Change an entry in place."""
    connection.execute(update(_HISTORY).where(_HISTORY.c.id == entry["id"]).values(**values))


def remove(connection: Connection, *entries: Any) -> None:
    """Delete entries."""
    for entry in entries:
        connection.execute(_HISTORY.delete().where(_HISTORY.c.id == entry["id"]))


def swap(connection: Connection, one: Any, other: Any) -> None:
    """Let two entries change places."""
    for old, new in ((one["id"], -1), (other["id"], one["id"]), (-1, other["id"])):
        connection.execute(update(_HISTORY).where(_HISTORY.c.id == old).values(id=new))


DEEDS: dict[str, tuple[Deed, str]] = {
    "the reason of an entry": (lambda c, e: rewrite(c, e[1], reason="so it was not"), "history.edited"),
    "who did it": (lambda c, e: rewrite(c, e[0], actor="somebody else"), "history.edited"),
    "what was changed": (lambda c, e: rewrite(c, e[-1], changes={}), "history.edited"),
    "when it was": (lambda c, e: rewrite(c, e[1], at=e[0]["at"]), "history.edited"),
    "the first goes": (lambda c, e: remove(c, e[0]), "history.removed"),
    "one in the middle goes": (lambda c, e: remove(c, e[1]), "history.removed"),
    "the last goes": (lambda c, e: remove(c, e[-1]), "history.cut"),
    "all go": (lambda c, e: remove(c, *e), "history.gone"),
    "the first two change places": (lambda c, e: swap(c, e[0], e[1]), "history.reordered"),
    "the last two change places": (lambda c, e: swap(c, e[1], e[2]), "history.reordered"),
    "one moves to another record": (lambda c, e: rewrite(c, e[1], record_id=-5, document_id=-5), "history.removed"),
}


def three_entries(told: Told, kind: str) -> int:
    """A record with three entries."""
    firm = told.firm
    if kind == "core.party":
        key = firm.party().id
        for n in range(2):
            values = inputs.read(Party, {"short_name": f"海天{n}"}, partial=True)
            firm.run("manager", lambda w, v=values: masters.save(w, Party, v, key=key))  # type: ignore[misc]
        return key
    quotation = firm.create(Quotation, party_id=told.party, lines=[line(price="7", name="安装")])
    return firm.edit(firm.edit(quotation, subject="广场"), subject="车站").id


@pytest.mark.parametrize("kind", ["core.party", "quotation.quotation"])
def test_an_entry_edited_removed_or_put_elsewhere_is_found(told: Told, kind: str) -> None:
    """Of many customers or quotations each is tampered with in its own way, and each is named with what was done."""
    keys = {name: three_entries(told, kind) for name in DEEDS}
    honest = three_entries(told, kind)
    told.seal()
    entries = {name: told.entries(kind, key) for name, key in keys.items()}
    assert {len(some) for some in entries.values()} == {3}
    with owning(told) as connection:
        for name, (deed, _code) in DEEDS.items():
            deed(connection, entries[name])
    found = told.found()
    named = {name: {f.code for f in found if f.record == f"{kind} {key}"} for name, key in keys.items()}
    missed = {name: codes for name, codes in named.items() if DEEDS[name][1] not in codes}
    assert missed == {}
    assert f"{kind} {honest}" not in {finding.record for finding in found}
    assert {f.code for f in found if f.record.startswith("Anchor")} == {"anchor.entries"}


def test_the_history_of_the_company_itself_is_a_chain_too(told: Told) -> None:
    told.firm.settings(core__duty_days=9)
    entries = told.entries("core.company", told.firm.id)
    with owning(told) as connection:
        remove(connection, entries[-1])
    assert told.codes("core.company") == {"history.cut"}


def test_a_record_deleted_behind_the_program_is_missed(told: Told) -> None:
    """Discarding a draft leaves its entry; a row that just vanished leaves a history without an end."""
    lonely = told.firm.item()
    with owning(told) as connection:
        connection.execute(text("DELETE FROM item WHERE id = :id"), {"id": lonely.id})
    assert told.codes(f"core.item {lonely.id}") == {"record.gone"}
    assert Item.kind == "core.item"


# Anchors ---------------------------------------------------------------------------------------------------------


def forge(connection: Connection, told: Told) -> None:
    """What an owner who knows everything does: rewrite the last entry, seal it anew, put the head right."""
    of_party = select(_HISTORY).where(_HISTORY.c.kind == "core.party", _HISTORY.c.record_id == told.party)
    entry = dict(connection.execute(of_party.order_by(_HISTORY.c.id.desc())).mappings().first() or {})
    entry["reason"] = "so it was not"
    digest = seal(bytes(entry["prev"]), entry)
    rewrite(connection, entry, reason=entry["reason"], hash=digest)
    table: Any = Party.__table__
    connection.execute(update(table).where(table.c.id == told.party).values(head=digest))


def test_a_chain_forged_to_its_head_no_longer_fits_its_anchor(told: Told) -> None:
    with owning(told) as connection:
        forge(connection, told)
    assert {finding.code for finding in told.found()} == {"anchor.root"}


def test_anchors_forged_as_well_no_longer_fit_the_file_outside(told: Told) -> None:
    with owning(told) as connection:
        forge(connection, told)
        anchor = dict(connection.execute(select(_ANCHOR)).mappings().one())
        joined = select(_HISTORY).join(_ITEM, _ITEM.c.history_id == _HISTORY.c.id).order_by(_ITEM.c.position)
        anchor["root"] = merkle_root([leaf(row) for row in connection.execute(joined)])
        connection.execute(update(_ANCHOR).values(root=anchor["root"], hash=anchors.anchor_hash(anchor)))
    assert {finding.code for finding in told.found()} == {"anchor.differs"}


def test_an_anchor_taken_away_is_missed(told: Told) -> None:
    with owning(told) as connection:
        connection.execute(_ITEM.delete())
        connection.execute(_ANCHOR.delete())
    assert {finding.code for finding in told.found()} == {"anchor.gone"}


def test_an_anchor_edited_or_slipped_in_breaks_the_chain_of_anchors(told: Told) -> None:
    told.firm.settings(core__duty_days=9)
    told.seal()
    with owning(told) as connection:
        connection.execute(update(_ANCHOR).where(_ANCHOR.c.id == 1).values(entries=_ANCHOR.c.entries - 1))
    assert {finding.code for finding in told.found()} == {"anchor.chain", "anchor.entries"}


def test_an_anchor_seals_what_stands_at_which_record(told: Told) -> None:
    """Whole histories exchanged between two records fit each other's heads, but not the anchor."""
    other = told.firm.party()
    told.seal()
    with owning(told) as connection:
        for old, new in ((told.party, -1), (other.id, told.party), (-1, other.id)):
            where = (_HISTORY.c.kind == "core.party", _HISTORY.c.record_id == old)
            connection.execute(update(_HISTORY).where(*where).values(record_id=new))
            connection.execute(text("UPDATE party SET id = :new WHERE id = :old"), {"old": old, "new": new})
        connection.execute(text("UPDATE document SET party_id = :new"), {"new": other.id})
    assert {"anchor.root"} <= {finding.code for finding in told.found()}


def test_an_entry_that_commits_late_under_a_lower_id_is_sealed_with_the_next(told: Told) -> None:
    """The question is what is not sealed yet, never what came after the last."""
    told.firm.settings(core__duty_days=9)
    with owning(told) as connection:
        last = connection.execute(select(func.max(_HISTORY.c.id))).scalar_one()
        connection.execute(update(_HISTORY).where(_HISTORY.c.id == last).values(id=-last))
    assert told.firm.as_program(seal_history) == 1
    assert told.firm.as_program(seal_history) == 0


def test_every_company_has_anchors_of_its_own(told: Told, other_firm: Firm) -> None:
    other_firm.as_program(seal_history)
    other_firm.as_program(lambda w: publish(w, told.file))
    assert len(outside(told.file, told.firm.id)) == len(outside(told.file, other_firm.id)) == 1
    assert told.found() == []


def test_the_file_outside_is_only_added_to_and_survives_half_a_line(told: Told) -> None:
    """A power cut in the middle of a line loses that line alone; the next run writes it again."""
    whole = told.file.read_text(encoding="utf-8")
    told.file.write_text(whole[:-40], encoding="utf-8")
    assert outside(told.file, told.firm.id) == {}
    assert told.firm.as_program(lambda w: publish(w, told.file)) == 1
    assert told.firm.as_program(lambda w: publish(w, told.file)) == 0
    assert told.file.read_text(encoding="utf-8") == f"{whole[:-40]}\n{whole}"
    assert told.found() == []


# Figures ---------------------------------------------------------------------------------------------------------


CHANGES = {
    "UPDATE document SET net = net + 1, gross = gross + 1 WHERE id = :id": {"total.differs"},
    "UPDATE document_line SET gross = gross + 1, tax = tax + 1 WHERE document_id = :id": {"total.differs"},
    "UPDATE document SET state = 'paid' WHERE id = :id": {"state.undeclared"},
    "UPDATE document SET state = 'accepted' WHERE id = :id": {"state.unreached"},
    "UPDATE document SET number = 'X-1' WHERE id = :id": {"number.foreign"},
}


def test_figures_changed_behind_the_program_are_found_at_the_document(told: Told) -> None:
    """Totals that are no sums, states nobody declared or reached, numbers of no series."""
    ids = {statement: three_entries(told, "quotation.quotation") for statement in CHANGES}
    assert told.found() == []
    with owning(told) as connection:
        for statement, key in ids.items():
            connection.execute(text(statement), {"id": key})
    found = told.found()
    named = {statement: {f.code for f in found if f.record == f"Quotation {key}"} for statement, key in ids.items()}
    foreign = next(statement for statement in CHANGES if "number" in statement)
    named[foreign] |= {f.code for f in found if f.record == "Quotation X-1"}
    assert named == CHANGES


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE document SET number = NULL", "number.gap"),
        ("UPDATE counter SET last = last + 2 WHERE kind = 'quotation.quotation'", "number.gap"),
        ("UPDATE counter SET last = 0 WHERE kind = 'quotation.quotation'", "number.beyond"),
    ],
)
def test_a_number_that_vanished_or_came_from_nowhere_is_named(told: Told, statement: str, code: str) -> None:
    with owning(told) as connection:
        connection.execute(text(statement))
    found = told.found()
    assert [finding.code for finding in found] == [code]
    assert found[0].record.startswith("Quotation")


def test_numbers_are_gapless_through_a_change_of_series(told: Told) -> None:
    """Every series the company ever used is remembered in its history."""
    firm = told.firm
    firm.as_program(lambda w: company.choose_series(w, "quotation.quotation", "Q{yyyy}/{n:03}"))
    for _n in range(2):
        firm.move(firm.create(Quotation, party_id=told.party, lines=[line(firm.item())]), "submit")
    firm.as_program(lambda w: company.choose_series(w, "quotation.quotation", ""))
    firm.move(firm.create(Quotation, party_id=told.party, lines=[line(firm.item())]), "submit")
    assert told.found() == []


@pytest.mark.parametrize(
    ("pattern", "number", "period", "count"),
    [
        ("BJ-{yyyy}{MM}{dd}-{n:04}", "BJ-20261125-0007", "20261125", 7),
        ("BJ-{yyyy}{MM}{dd}-{n:04}", "BJ-20261125-10007", "20261125", 10007),
        ("{n:03}/{yy}", "012/26", "2026", 12),
        ("{yyyy}{MM}{n:02}-{yyyy}", "20261103-2026", "202611", 3),
        ("{n:05}", "00042", "", 42),
    ],
)
def test_a_number_tells_its_period_and_its_count(pattern: str, number: str, period: str, count: int) -> None:
    taken = apart(number, series(pattern))
    assert taken is not None
    assert (taken.period, taken.count) == (period, count)
    if period:
        day = date(int(period[:4]), int(period[4:6] or 1), int(period[6:8] or 1))
        assert series(pattern).render(count, day) == number
    assert apart(f"{number}x", series(pattern)) is None


def test_a_merkle_root_depends_on_every_leaf_and_their_order() -> None:
    leaves = [bytes([n]) * 32 for n in range(5)]
    root = merkle_root(leaves)
    assert root != merkle_root(leaves[:-1])
    assert root != merkle_root([leaves[1], leaves[0], *leaves[2:]])
    assert merkle_root([leaves[0]]) == leaves[0]
    assert merkle_root([]) == bytes(32)
