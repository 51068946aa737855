"""A backup is verified when it is made and when it is brought back; afterwards nothing is wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from core.db.backup import about, described, tool
from core.entities.party import Party
from core.operations import masters, roles
from core.records import anchors, outside
from core.rights import READ_HISTORY
from core.roles import SALES_CLERK
from core.schemas import inputs
from core.testing.builders import Firm, line
from core.testing.fixtures import Database
from core.testing.servers import APP, OWNER, SUPERUSER, Postgres
from plugins.quotation.documents import Quotation
from tests.core.command_line import BACKUP, CommandLine, backup_url

Elsewhere = Callable[[], CommandLine]


@pytest.fixture
def server(database: Database, request: pytest.FixtureRequest) -> Postgres | None:
    """The PostgreSQL under test, if it is one."""
    return request.getfixturevalue("postgres") if database.engine == "postgresql" else None


@pytest.fixture
def zhanggui(database: Database, server: Postgres | None, tmp_path: Path) -> CommandLine:
    """The command line over a database that holds a company, with a role of its own for copies."""
    copies = backup_url(database, server)
    return CommandLine.over(database.url, database.owner_url, tmp_path / "data", BACKUP_URL=copies)


@pytest.fixture
def elsewhere(server: Postgres | None, tmp_path: Path) -> Elsewhere:
    """The command line over an empty database on another machine."""

    def empty() -> CommandLine:
        if server is None:
            return CommandLine.over(f"sqlite:///{tmp_path}/new/zhanggui.sqlite", "", tmp_path / "new")
        name = server.create()
        url, owner, copies = (server.url(name, role=role) for role in (APP, OWNER, BACKUP))
        return CommandLine.over(url, owner, tmp_path / "new", BACKUP_URL=copies)

    return empty


@pytest.fixture
def busy(firm: Firm, tmp_path: Path) -> Firm:
    """A company with customers, a numbered quotation and a sealed history."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item(), "3")])
    firm.move(quotation, "submit")
    firm.as_program(anchors.seal_history)
    firm.as_program(lambda w: outside.publish(w, tmp_path / "data" / "anchors.log"))
    return firm


def names(firm: Firm) -> list[str]:
    """The customers there are."""
    return firm.read("boss", lambda w: list(w.connection.execute(text("SELECT name FROM party")).scalars()))


def test_a_copy_brings_everything_back_and_says_so_in_the_history(
    zhanggui: CommandLine, busy: Firm, tmp_path: Path
) -> None:
    """What came after the copy is gone, the file outside knows why, and ``verify`` finds nothing wrong."""
    file = tmp_path / "copies" / "monday.backup"
    assert "verified" in zhanggui.fine("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    before = names(busy)
    busy.party(name="周二才来的公司")
    busy.as_program(anchors.seal_history)
    busy.as_program(lambda w: outside.publish(w, tmp_path / "data" / "anchors.log"))
    assert "--force" in zhanggui.refused("restore", str(file))
    assert "周二才来的公司" in names(busy)
    busy.program.engine.dispose()
    assert "is back" in zhanggui.fine("restore", str(file), "--force")
    assert names(busy) == before
    zhanggui.fine("verify")
    restores = text("SELECT count(*) FROM history WHERE what = 'restore'")
    assert busy.read("boss", lambda w: w.connection.execute(restores).scalar_one()) == 1
    # Work goes on: numbers, history and seals continue where the copy ended.
    quotation = busy.create(Quotation, party_id=busy.party().id, lines=[line(busy.item())])
    assert str(busy.move(quotation, "submit").number).endswith("-0002")
    busy.as_program(anchors.seal_history)
    busy.as_program(lambda w: outside.publish(w, tmp_path / "data" / "anchors.log"))
    zhanggui.fine("verify")


def test_a_copy_is_brought_to_an_empty_database_elsewhere(
    zhanggui: CommandLine, busy: Firm, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """With its walls: the installation there is as sound as the one it came from."""
    zhanggui.fine("backup", str(tmp_path / "copy"))
    there = elsewhere()
    there.fine("restore", str(tmp_path / "copy"))
    assert "大华照明有限公司" in there.fine("company", "list")
    there.fine("verify")
    assert "✓ Walls" in there("check")


def test_a_copy_is_whole_while_others_write(zhanggui: CommandLine, busy: Firm, tmp_path: Path) -> None:
    """The counts beside the copy are those of the copy, whatever is written meanwhile."""
    values = inputs.read(Party, {"name": "正在录入的公司"})

    def write(work: Any) -> None:
        masters.save(work, Party, values)
        work.finish()
        if busy.program.engine.dialect.name == "postgresql":
            zhanggui.fine("backup", str(tmp_path / "copy"))

    busy.run("manager", write)
    if busy.program.engine.dialect.name == "sqlite":
        zhanggui.fine("backup", str(tmp_path / "copy"))
    later = len(names(busy))
    copied = described(tmp_path / "copy").rows["party"]
    assert copied == later - (busy.program.engine.dialect.name == "postgresql")


@pytest.mark.parametrize("damage", ["one byte", "half", "no description"])
def test_a_damaged_copy_is_refused_and_nothing_is_touched(
    zhanggui: CommandLine, busy: Firm, tmp_path: Path, damage: str
) -> None:
    file = tmp_path / "copy"
    zhanggui.fine("backup", str(file))
    content = bytearray(file.read_bytes())
    if damage == "one byte":
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    elif damage == "half":
        file.write_bytes(content[: len(content) // 2])
    else:
        about(file).unlink()
    before = names(busy)
    said = zhanggui.refused("restore", str(file), "--force")
    assert ("missing" if damage == "no description" else "damaged") in said
    assert names(busy) == before


def test_a_right_given_since_the_copy_is_gone_with_it(zhanggui: CommandLine, busy: Firm, tmp_path: Path) -> None:
    """Also in a process that went on running and had read the right before."""
    zhanggui.fine("backup", str(tmp_path / "copy"))
    busy.run("admin", lambda w: roles.set_grants(w, SALES_CLERK.key, {READ_HISTORY: "company"}))
    assert busy.read("clerk", lambda w: w.may(READ_HISTORY))
    busy.program.engine.dispose()
    zhanggui.fine("restore", str(tmp_path / "copy"), "--force")
    assert not busy.read("clerk", lambda w: w.may(READ_HISTORY))


def test_a_copy_never_replaces_another(zhanggui: CommandLine, busy: Firm, tmp_path: Path) -> None:
    zhanggui.fine("backup", str(tmp_path / "copy"))
    assert "already" in zhanggui.refused("backup", str(tmp_path / "copy"))
    assert [path.name for path in sorted(tmp_path.glob("copy*"))] == ["copy", "copy.json"]


def test_a_restore_that_loses_rows_is_noticed(
    zhanggui: CommandLine, busy: Firm, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    """The counts beside the copy are held against what is there afterwards."""
    file = tmp_path / "copy"
    zhanggui.fine("backup", str(file))
    told = json.loads(about(file).read_text(encoding="utf-8"))
    told["rows"]["party"] += 1
    about(file).write_text(json.dumps(told), encoding="utf-8")
    assert "party" in elsewhere().refused("restore", str(file))


def test_a_role_that_does_not_see_all_rows_makes_no_copy(
    database: Database, busy: Firm, server: Postgres | None, tmp_path: Path
) -> None:
    """Behind row-level security a copy would be empty; the sentence says what to do. SQLite knows no roles."""
    owner = CommandLine.over(database.url, database.owner_url, tmp_path / "data")
    if server is None:
        owner.fine("backup", str(tmp_path / "copy"))
        return
    assert "BYPASSRLS" in owner.refused("backup", str(tmp_path / "copy"))
    assert list(tmp_path.glob("copy*")) == []
    name = database.url.rpartition("/")[2]
    as_superuser = CommandLine.over(
        database.url, database.owner_url, tmp_path, BACKUP_URL=server.url(name, role=SUPERUSER)
    )
    as_superuser.fine("backup", str(tmp_path / "copy"))
    assert Path(tool("pg_restore")).is_file()
