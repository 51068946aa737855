"""Parts are saved with their document: created, changed, looked at before, copied, discarded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from core.documents.reading import find, load
from core.entities.item import Item
from core.errors import Conflict, Invalid, Stale
from core.operations import discard, editions, parts
from core.operations.ledger import Entry
from core.operations.preview import preview
from core.records.reading import entries
from core.schemas import outputs
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.web.document_screen import copy
from plugins.quotation.documents import Quotation
from tests.parts.sampler.documents import Deal, DealMilestone

THREE = (
    {"name": "预付", "percent": "0.3", "due": "2026-12-01"},
    {"name": "发货", "percent": "0.6"},
    {"name": "质保", "percent": "0.1"},
)


def deal(firm: Firm, item: Item, *, milestones: Iterable[dict[str, Any]] = THREE, **values: Any) -> Deal:
    """A deal over two thousand."""
    lines = [line(item, "2", "1000")]
    return firm.create(Deal, party_id=firm.party().id, lines=lines, milestones=list(milestones), **values)


def again(firm: Firm, one: Deal, who: str = "rep") -> Deal:
    """The deal as it is in the database."""
    return firm.read(who, lambda w: load(w, Deal, one.id))


def shown(one: Deal) -> list[tuple[str, Decimal, Decimal]]:
    """Name, share and amount of every milestone, in their order."""
    return [(m.name, m.percent, m.amount) for m in one.milestones]


def paths(refusal: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [fault.path for fault in refusal.value.faults]


def test_a_document_is_created_with_its_parts_in_their_order(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    read = again(firm, made)
    assert shown(read) == [
        ("预付", Decimal("0.3"), Decimal(600)),
        ("发货", Decimal("0.6"), Decimal(1200)),
        ("质保", Decimal("0.1"), Decimal(200)),
    ]
    assert read.milestones[0].due == date(2026, 12, 1)
    assert [m.id for m in made.milestones] == [m.id for m in read.milestones]
    assert read.opinions == []


def test_a_document_read_without_its_lines_has_empty_lists(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    bare = firm.as_program(lambda w: find(w, Deal, made.id, lines=False))
    assert bare is not None
    assert (bare.lines, bare.milestones, bare.opinions) == ([], [], [])
    assert Deal(company_id=firm.id).milestones == []


def test_rows_are_changed_added_moved_and_taken_away(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    first, second, third = made.milestones
    rows = [{"id": third.id}, {"id": first.id, "percent": "0.5"}, {"name": "验收", "percent": "0.2"}]
    firm.edit(made, milestones=rows)
    read = again(firm, made)
    assert shown(read) == [
        ("质保", Decimal("0.1"), Decimal(200)),
        ("预付", Decimal("0.5"), Decimal(1000)),
        ("验收", Decimal("0.2"), Decimal(400)),
    ]
    assert [m.id for m in read.milestones][:2] == [third.id, first.id]
    assert second.id not in {m.id for m in read.milestones}
    assert read.version == made.version + 1
    assert read.edition == made.edition + 1


def test_what_is_not_given_is_left_alone_but_reckoned_anew(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    renamed = firm.edit(made, subject="another")
    assert shown(again(firm, renamed)) == shown(made)
    doubled = firm.edit(renamed, lines=[{"id": made.lines[0].id, "quantity": "4"}])
    assert [m.amount for m in again(firm, doubled).milestones] == [1200, 2400, 400]


def test_an_edit_that_changes_nothing_leaves_no_trace(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    same = firm.edit(made, milestones=[{"id": m.id} for m in made.milestones])
    assert same.version == made.version
    assert len(firm.read("admin", lambda w: entries(w, Deal, made.id))) == 1


def test_two_who_change_the_parts_at_once_are_kept_apart(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    firm.edit(made, milestones=[])
    with pytest.raises(Stale):
        firm.edit(made, milestones=[{"id": made.milestones[0].id}])
    assert again(firm, made).milestones == []


@pytest.mark.parametrize(
    ("rows", "path"),
    [
        ([{"percent": "0.3"}], "milestones/0/name"),
        ([{"name": "a"}, {"name": "b", "percent": "2"}], "milestones/1/percent"),
        ([{"name": "a", "percent": "0.7"}, {"name": "b", "percent": "0.4"}], "milestones/1/percent"),
        ([{"name": "a", "id": 9_999}], "milestones/0/id"),
        ([{"name": "a", "item_id": 9_999}], "milestones/0/item_id"),
        ([{"name": "a", "owner_id": 9_999}], "milestones/0/owner_id"),
        ([{"name": "a", "amount": "5"}], "milestones/0/amount"),
        ([{"name": "a", "done_on": "2026-01-01"}], "milestones/0/done_on"),
        ([{"name": "a", "document_id": 1}], "milestones/0/document_id"),
        ([{"name": "a", "colour": "red"}], "milestones/0/colour"),
        ("three", "milestones"),
    ],
)
def test_what_is_wrong_with_a_row_is_said_at_its_place(firm: Firm, item: Item, rows: Any, path: str) -> None:
    made = deal(firm, item, milestones=())
    with pytest.raises(Invalid) as refusal:
        firm.create(Deal, party_id=made.party_id, milestones=rows)
    assert paths(refusal) == [path]
    with pytest.raises(Invalid) as refusal:
        firm.edit(made, milestones=rows)
    assert paths(refusal) == [path]
    assert again(firm, made).milestones == []


def test_a_row_of_another_document_is_refused(firm: Firm, item: Item) -> None:
    one, other = deal(firm, item), deal(firm, item)
    with pytest.raises(Invalid) as refusal:
        firm.edit(one, milestones=[{"id": other.milestones[0].id, "name": "mine"}])
    assert paths(refusal) == ["milestones/0/id"]
    assert shown(again(firm, other)) == shown(other)


def test_the_checks_of_a_document_speak_at_creation_and_change(firm: Firm, item: Item) -> None:
    with pytest.raises(Invalid) as refusal:
        deal(firm, item, subject="nothing")
    assert paths(refusal) == ["subject"]
    made = deal(firm, item)
    with pytest.raises(Invalid) as refusal:
        firm.edit(made, subject="nothing", milestones=[{"name": "a", "percent": "1"}, {"name": "b", "percent": "1"}])
    assert paths(refusal) == ["subject", "milestones/1/percent"]


def test_a_look_before_saving_shows_the_parts_and_their_faults(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    given: dict[str, Any] = {"id": made.id, "lines": [line(item, "1", "1000")]}
    untouched = firm.read("rep", lambda w: preview(w, Deal, given))
    assert [m["amount"] for m in untouched["milestones"]] == ["300", "600", "100"]
    given["milestones"] = [{"percent": "x"}, {"id": made.milestones[1].id, "percent": "0.5"}, {"name": "c"}]
    looked = firm.read("rep", lambda w: preview(w, Deal, given))
    assert {e["path"] for e in looked["errors"]} == {"milestones/0/percent"}
    assert [m and m["name"] for m in looked["milestones"]] == [None, "发货", "c"]
    given["milestones"] = [{"name": "a", "percent": "0.8"}, {"name": "b", "percent": "0.8"}]
    looked = firm.read("rep", lambda w: preview(w, Deal, given))
    assert [e["path"] for e in looked["errors"]] == ["milestones/1/percent"]
    assert looked["opinions"] == []
    assert shown(again(firm, made)) == shown(made)


def test_a_copy_takes_the_parts_over_without_their_days(firm: Firm, item: Item) -> None:
    made = deal(firm, item, opinions=[{"body": "fine"}])
    key = firm.run("rep", lambda w: copy(w, Deal, made.id))
    copied = firm.read("rep", lambda w: load(w, Deal, key))
    assert shown(copied) == shown(made)
    assert [m.due for m in copied.milestones] == [None, None, None]
    assert [o.body for o in copied.opinions] == ["fine"]
    assert {m.id for m in copied.milestones} & {m.id for m in made.milestones} == set()


def test_a_discarded_draft_takes_its_parts_with_it_but_not_from_the_history(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    firm.run("rep", lambda w: discard.discard(w, Deal, made.id))
    count = "SELECT count(*) FROM sampler_milestone"
    assert firm.as_program(lambda w: w.connection.execute(text(count)).scalar()) == 0
    last = firm.read("admin", lambda w: entries(w, Deal, made.id))[0]
    assert [m["name"] for m in last["changes"]["milestones"][0]] == ["预付", "发货", "质保"]


def test_the_history_tells_what_was_said_and_what_changed(firm: Firm, item: Item) -> None:
    made = deal(firm, item, opinions=[{"body": "fine", "margin": "0.2"}])
    first, second, third = made.milestones
    firm.edit(made, milestones=[{"id": first.id, "percent": "0.2"}, {"id": second.id}, {"name": "new"}])
    changed, created = firm.read("admin", lambda w: entries(w, Deal, made.id))
    assert [m["name"] for m in created["changes"]["milestones"][1]] == ["预付", "发货", "质保"]
    found = changed["changes"]["milestones"]
    assert found["changed"] == {str(first.id): {"percent": ["0.3", "0.2"], "amount": ["600", "400"]}}
    assert [row["name"] for row in found["removed"].values()] == ["质保"]
    assert list(found["removed"]) == [str(third.id)]
    assert [row["name"] for row in found["added"].values()] == ["new"]
    seen = firm.read("rep", lambda w: entries(w, Deal, made.id))[-1]
    assert seen["changes"]["opinions"][1][0].keys() == {"body", "position"}


def test_hidden_columns_of_parts_are_left_out(firm: Firm, item: Item) -> None:
    made = deal(firm, item, opinions=[{"body": "fine"}])
    by_rep = firm.read("rep", lambda w: outputs.document(w, load(w, Deal, made.id)))
    by_manager = firm.read("manager", lambda w: outputs.document(w, load(w, Deal, made.id)))
    assert by_rep["opinions"] == [{"id": made.opinions[0].id, "body": "fine"}]
    assert by_manager["opinions"] == [{"id": made.opinions[0].id, "body": "fine", "margin": "0"}]
    assert by_rep["milestones"][0]["amount"] == "600"


def test_a_revision_keeps_the_parts_as_they_were_and_compares_them(firm: Firm, item: Item) -> None:
    made = deal(firm, item, opinions=[{"body": "fine", "margin": "0.2"}])
    signed = firm.move(made, "sign")
    with pytest.raises(Conflict):
        firm.edit(signed, milestones=[])
    revised = firm.move(signed, "revise")
    assert shown(again(firm, revised)) == shown(made)
    rows = [{"id": made.milestones[0].id, "percent": "0.4"}, {"name": "rest", "percent": "0.6"}]
    firm.edit(revised, milestones=rows)
    found = firm.read("manager", lambda w: editions.compare(w, load(w, Deal, made.id), 1, 2))
    pairs = [
        (one.left and one.left["percent"], one.right and one.right["percent"]) for one in found.parts["milestones"]
    ]
    assert pairs == [("0.3", "0.4"), ("0.6", None), ("0.1", None), (None, "0.6")]
    assert found.parts["opinions"][0][0] is not None
    assert "margin" in found.parts["opinions"][0][0]
    hidden = firm.read("rep", lambda w: editions.compare(w, load(w, Deal, made.id), 1, 2)).parts["opinions"][0][0]
    assert hidden is not None
    assert "margin" not in hidden


# What lives on ----------------------------------------------------------------------------------------------------


def finish(firm: Firm, one: Deal, values: dict[int, dict[str, Any]], entry: Entry | None = None) -> None:
    """Write living columns of milestones, as an area's operation would."""

    def command(work: Any) -> None:
        document = find(work, Deal, one.id, lock=True, lines=False)
        assert document is not None
        parts.touch(work, document, DealMilestone, values, entry)

    firm.run("rep", command)


def test_living_columns_are_written_on_a_posted_document(firm: Firm, item: Item) -> None:
    signed = firm.move(deal(firm, item), "sign")
    first, second, _third = again(firm, signed).milestones
    values = {first.id: {"done_on": date(2026, 11, 1)}, second.id: {"done_on": date(2026, 11, 2)}}
    finish(firm, signed, values, Entry("edit", {}, reason="paid"))
    read = again(firm, signed)
    assert [m.done_on for m in read.milestones] == [date(2026, 11, 1), date(2026, 11, 2), None]
    assert read.version == signed.version + 1
    last = firm.read("admin", lambda w: entries(w, Deal, signed.id))[0]
    assert last["reason"] == "paid"
    assert last["changes"]["milestones"]["changed"][str(first.id)] == {"done_on": [None, "2026-11-01"]}
    finish(firm, signed, values)
    assert again(firm, signed).version == read.version


def test_only_living_columns_of_rows_that_are_there_are_written(firm: Firm, item: Item) -> None:
    made = deal(firm, item)
    with pytest.raises(ValueError, match="percent"):
        finish(firm, made, {made.milestones[0].id: {"percent": Decimal(1)}})
    with pytest.raises(Conflict):
        finish(firm, made, {99_999: {"done_on": date(2026, 1, 1)}})
    assert again(firm, made).version == made.version


# What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [3, 60])
def test_saving_and_reading_take_the_same_statements_for_any_number_of_rows(firm: Firm, item: Item, count: int) -> None:
    rows = [{"name": f"m{n}", "percent": "0.01"} for n in range(count)]
    party, engine = firm.party().id, firm.program.engine
    with counted(engine) as bare:
        without = firm.create(Deal, party_id=party, lines=[line(item)])
    with counted(engine) as creating:
        made = firm.create(Deal, party_id=party, lines=[line(item)], milestones=rows)
    assert len(creating) == len(bare) + 1, creating
    with counted(engine) as reading:
        again(firm, made)
    with counted(engine) as reading_none:
        again(firm, without)
    assert len(reading) == len(reading_none)
    changed = [{"id": m.id, "name": f"{m.name}!"} for m in made.milestones[1:]]
    with counted(engine) as changing:
        firm.edit(made, milestones=[*changed, {"name": "new"}, {"name": "newer"}])
    own = [t for t in changing.texts if "sampler_milestone" in t]
    assert len(own) == 4, changing


def test_a_type_without_parts_pays_nothing_for_them(firm: Firm, item: Item) -> None:
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(item)])
    with counted(firm.program.engine) as reading:
        firm.read("rep", lambda w: load(w, Quotation, quotation.id))
    assert len([t for t in reading.texts if "FROM document" in t]) == 2, reading
