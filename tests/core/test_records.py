"""Whoever owns the database may rewrite it, but not unnoticed: every kind of tampering is found and named."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from core.entities.item import Item
from core.numbering import series
from core.operations import company
from core.records import anchors, outside
from core.records.anchors import leaf, merkle_root, seal_history
from core.records.invariants import apart
from core.records.models import Anchor, AnchorItem, History
from core.records.outside import publish
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from plugins.quotation.documents import Quotation
from tests.core.tampering import Deed, Told, forge, owning, remove, rewrite, sealed, swap, three_entries

_HISTORY: Any = History.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__


@pytest.fixture
def told(firm: Firm, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A sealed history to tamper with."""
    monkeypatch.setattr(Quotation, "strict", True)
    return sealed(firm, database, tmp_path / "anchors.log")


def test_a_history_that_nobody_touched_is_sound(told: Told) -> None:
    assert told.found() == []


# Chains ----------------------------------------------------------------------------------------------------------

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
    assert len(outside.read(told.file, told.firm.id).anchors) == 1
    assert len(outside.read(told.file, other_firm.id).anchors) == 1
    assert told.found() == []


def test_the_file_outside_is_only_added_to_and_survives_half_a_line(told: Told) -> None:
    """A power cut in the middle of a line loses that line alone; the next run writes it again."""
    whole = told.file.read_text(encoding="utf-8")
    told.file.write_text(whole[:-40], encoding="utf-8")
    assert outside.read(told.file, told.firm.id).anchors == {}
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
