"""What stands outside of the database finds what nothing inside can: cut ends, histories gone, time turned back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select, text, update

from core.entities.company import ZERO, Company
from core.entities.party import Party
from core.operations import masters
from core.records import outside
from core.records.anchors import anchor_hash, leaf, merkle_root, seal_history
from core.records.models import Anchor, AnchorItem, History
from core.records.verify_anchors import verify_anchors
from core.schemas import inputs
from core.testing.builders import Firm
from core.testing.fixtures import Database
from core.work import Ask, System
from plugins.quotation.documents import Quotation
from tests.core.command_line import CommandLine
from tests.core.tampering import Told, cut, forge, owning, sealed

_HISTORY: Any = History.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__


@pytest.fixture
def told(firm: Firm, database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Told:
    """A history under two anchors, both written outside."""
    monkeypatch.setattr(Quotation, "strict", True)
    made = sealed(firm, database, tmp_path / "data" / "anchors.log")
    firm.settings(core__duty_days=9)
    made.seal()
    return made


@pytest.fixture
def zhanggui(told: Told, database: Database, tmp_path: Path) -> CommandLine:
    """The command line over the same database and the same file outside."""
    return CommandLine.over(database.url, database.owner_url, tmp_path / "data")


def codes(told: Told, *copies: Path) -> list[str]:
    return [finding.code for finding in told.anchors(*copies)]


def last_anchor(told: Told, *, keep: bool = False) -> int:
    """The newest anchor; taken away with what it seals unless it is kept."""
    with owning(told) as connection:
        last = int(connection.execute(select(func.max(_ANCHOR.c.id))).scalar_one())
        if not keep:
            items = select(_ITEM.c.history_id).where(_ITEM.c.anchor_id == last)
            gone = list(connection.execute(items).scalars())
            connection.execute(delete(_ITEM).where(_ITEM.c.anchor_id == last))
            connection.execute(delete(_ANCHOR).where(_ANCHOR.c.id == last))
            connection.execute(delete(_HISTORY).where(_HISTORY.c.id.in_(gone)))
            before = select(_HISTORY.c.hash).where(_HISTORY.c.kind == "core.company").order_by(_HISTORY.c.id.desc())
            table: Any = Company.__table__
            connection.execute(update(table).values(head=connection.execute(before.limit(1)).scalar_one()))
        return last


def test_an_end_cut_off_with_the_head_put_right_is_found_by_the_anchor(told: Told) -> None:
    """PLT-09: nothing in the history itself tells that its newest entry is gone; its anchor counts one less."""
    assert told.found() == []
    with owning(told) as connection:
        cut(connection, told)
    assert [finding.code for finding in told.found()] == ["anchor.entries"]


def test_a_whole_history_taken_away_with_all_heads_and_anchors_is_found_outside(told: Told) -> None:
    """PLT-09: a database that looks as if nothing had ever happened is held against the file."""
    with owning(told) as connection:
        for table in ("anchor_item", "anchor", "history"):
            connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - names of our own tables
        for table in ("company", "document", "party", "item", *masters_with_heads(told)):
            connection.execute(text(f"UPDATE {table} SET head = :zero"), {"zero": ZERO})  # noqa: S608 - as above
    assert {finding.code for finding in told.anchors()} == {"anchor.gone"}
    assert {f.code for f in told.found() if f.code.startswith(("history", "record"))} == set()


def masters_with_heads(told: Told) -> set[str]:
    """The tables of all masters."""
    found = {cls.__tablename__ for cls in told.firm.program.registry.masters.values()}
    return found - {"party", "item"}


def test_newest_entries_taken_away_with_their_anchor_are_missed_outside(told: Told) -> None:
    """PLT-09: and so is an older copy that was put back by hand; both are told as what they look like."""
    last = last_anchor(told)
    (found,) = told.found()
    assert (found.code, found.record) == ("anchor.rewound", f"Anchor {last - 1}")
    assert "outside stand 1 more" in str(found.text)


def test_what_was_done_on_an_older_copy_is_told_as_another_history(told: Told) -> None:
    """PLT-09: the anchors of the same numbers no longer are those that stand outside."""
    last = last_anchor(told)
    for days in (3, 4):
        told.firm.settings(core__duty_days=days)
        told.firm.as_program(seal_history)
    with owning(told) as connection:
        # A copy that was put back counts on from where it was made.
        newer = connection.execute(select(_ANCHOR.c.id).where(_ANCHOR.c.id > last).order_by(_ANCHOR.c.id)).scalars()
        for key, old in enumerate(newer.all(), last):
            connection.execute(update(_ITEM).where(_ITEM.c.anchor_id == old).values(anchor_id=key))
            connection.execute(update(_ANCHOR).where(_ANCHOR.c.id == old).values(id=key))
    told.firm.as_program(lambda w: outside.publish(w, told.file))
    (found,) = [f for f in told.anchors() if f.code != "anchor.unknown"]
    assert (found.code, found.record) == ("anchor.forked", f"Anchor {last - 1}")


def test_an_older_copy_that_is_owned_up_to_is_noted_and_no_longer_wrong(told: Told, zhanggui: CommandLine) -> None:
    last = last_anchor(told)
    assert f"Anchor {last - 1}" in zhanggui.refused("verify")
    zhanggui.refused("anchor", "--restored", " ")
    zhanggui.fine("anchor", "--restored", "disk of the old machine")
    said = zhanggui.fine("verify")
    assert f"1 anchors after anchor {last - 1} are no longer in the database" in said
    entries = told.entries("core.company", told.firm.id)
    assert (entries[-1]["what"], entries[-1]["reason"]) == ("restore", "disk of the old machine")
    assert entries[-1]["changes"] == {"anchors": [1, None]}


def test_anchors_rewritten_as_a_whole_fit_no_copy(told: Told, tmp_path: Path) -> None:
    """PLT-09: whoever rewrites history, anchors and the file on the same machine does not reach the copy elsewhere."""
    copy = tmp_path / "mail.txt"
    copy.write_text(f"From: zhanggui\n\n{told.file.read_text(encoding='utf-8')}\n-- \n", encoding="utf-8")
    assert codes(told, copy) == []
    with owning(told) as connection:
        forge(connection, told)
        prev = ZERO
        for row in connection.execute(select(_ANCHOR).order_by(_ANCHOR.c.id)).mappings().all():
            joined = select(_HISTORY).join(_ITEM, _ITEM.c.history_id == _HISTORY.c.id)
            sealed_here = joined.where(_ITEM.c.anchor_id == row["id"]).order_by(_ITEM.c.position)
            anchor = {**row, "prev": prev, "root": merkle_root([leaf(e) for e in connection.execute(sealed_here)])}
            prev = anchor["hash"] = anchor_hash(anchor)
            values = {name: anchor[name] for name in ("root", "prev", "hash")}
            connection.execute(update(_ANCHOR).where(_ANCHOR.c.id == row["id"]).values(values))
    told.file.unlink()
    told.firm.as_program(lambda w: outside.publish(w, told.file))
    assert codes(told) == []
    assert codes(told, copy) == ["anchor.differs", "anchor.differs"]


def test_a_file_outside_that_vanished_is_missed(told: Told) -> None:
    told.file.unlink()
    assert codes(told) == ["anchor.outside"]
    told.firm.as_program(lambda w: outside.publish(w, told.file))
    assert codes(told) == []


def test_an_older_file_outside_is_missed_once_newer_anchors_had_their_time(told: Told) -> None:
    """PLT-09: whoever puts an older file there hides what was sealed since."""
    old = told.file.read_bytes()
    told.firm.settings(core__duty_days=3)
    told.seal()
    assert len(outside.read(told.file, told.firm.id).anchors) == 3
    told.file.write_bytes(old)
    assert codes(told) == []  # the next one may be about to be written
    works = told.firm.program.works
    later = Ask(told.firm.id, System("verify"), now=datetime.now(UTC) + timedelta(hours=2))
    assert works.run(later, lambda w: [f.code for f in verify_anchors(w, told.file)]) == ["anchor.behind"]
    assert works.run(later, lambda w: [f.code for f in verify_anchors(w, None, told.file)]) == []
    told.firm.as_program(lambda w: outside.publish(w, told.file))
    assert works.run(later, lambda w: [f.code for f in verify_anchors(w, told.file)]) == []


def test_a_company_hidden_or_removed_is_named(
    told: Told, other_firm: Firm, zhanggui: CommandLine, tmp_path: Path
) -> None:
    """PLT-09: what is switched off in the table is not passed over, and what the file tells of must be there."""
    zhanggui.fine("verify")
    with owning(told) as connection:
        connection.execute(text("UPDATE company SET active = :no WHERE id = :id"), {"no": False, "id": other_firm.id})
    assert "[company.closed]" in zhanggui.refused("verify")
    with owning(told) as connection:
        connection.execute(text("UPDATE company SET active = :yes"), {"yes": True})
    strange = {"company": 987, "code": "gone", "anchor": 1, "at": "2026-11-25T10:00:00+00:00", "hash": "00"}
    copy = tmp_path / "copy.log"
    copy.write_text(json.dumps(strange), encoding="utf-8")
    assert "gone: The whole company stands in the file outside" in zhanggui.refused("verify", "--anchors", str(copy))


def test_the_anchor_is_printed_for_paper_and_mail_and_verified_from_there(
    told: Told, zhanggui: CommandLine, tmp_path: Path
) -> None:
    """PLT-09: sealed at once, a line for each company; the same line proves the history later."""
    told.firm.settings(core__duty_days=3)
    printed = zhanggui.fine("anchor", "--company", told.firm.code)
    line = json.loads(printed)
    assert (line["code"], line["entries"], len(line["hash"])) == (told.firm.code, 1, 64)
    paper = tmp_path / "paper.txt"
    paper.write_text(printed, encoding="utf-8")
    zhanggui.fine("verify", "--anchors", str(paper))
    paper.write_text(printed.replace(line["hash"], "0" * 64), encoding="utf-8")
    assert f"Anchor {line['anchor']}: It differs" in zhanggui.refused("verify", "--anchors", str(paper))
    zhanggui.refused("anchor", "--company", "nobody")


def test_the_file_outside_may_be_anywhere(told: Told, database: Database, tmp_path: Path) -> None:
    there = tmp_path / "elsewhere" / "seals.log"
    zhanggui = CommandLine.over(database.url, database.owner_url, tmp_path / "data", ANCHORS=str(there))
    assert "[anchor.outside]" in zhanggui.refused("verify")
    shutil.copytree(told.file.parent, there.parent)
    zhanggui.fine("anchor")
    assert len(outside.read(there, told.firm.id).anchors) == 2
    zhanggui.fine("verify")


def test_every_customer_renamed_later_is_sealed_with_the_next_anchor(told: Told) -> None:
    values = inputs.read(Party, {"short_name": "海天"}, partial=True)
    told.firm.run("manager", lambda w: masters.save(w, Party, values, key=told.party))
    told.seal()
    with owning(told) as connection:
        cut(connection, told)
    assert codes(told) == ["anchor.entries"]
