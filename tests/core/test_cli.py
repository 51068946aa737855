"""Everything an installation needs can be done from the command line, in the user's language, with exit codes."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pyotp
import pytest
from click import Option
from sqlalchemy import delete, select, text

from core.cli.holding import held
from core.cli.speech import wanted
from core.config import FILE, BadConfig, kept_key, read, weak_key
from core.db.engine import open_engine
from core.entities.account import ApiToken, RoleGrant
from core.entities.company import SeenPermission
from core.extension.loader import presets
from core.logs import start_logging, within
from core.operations import two_step
from core.operations.two_step import Vault
from core.passwords import matches
from core.testing.builders import Firm, line
from core.testing.fixtures import ENGINES, Database
from core.testing.servers import APP, OWNER
from core.text import CHINESE, ENGLISH
from core.tokens import token_hash
from core.web import sessions
from core.work import Works
from plugins.quotation.documents import Quotation
from tests.core.command_line import KEY, CommandLine

PASSWORD = "Blue-Lamp-77"


@pytest.fixture
def zhanggui(database: Database, tmp_path: Path) -> CommandLine:
    """The command line over a migrated database."""
    return CommandLine.over(database.url, database.owner_url, tmp_path / "data")


@pytest.fixture(params=ENGINES)
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommandLine]:
    """The command line over a database without any table."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'data' / 'zhanggui.sqlite'}"
        yield CommandLine.over(url, "", tmp_path / "data")
        return
    server = request.getfixturevalue("postgres")
    name = server.create()
    yield CommandLine.over(server.url(name, role=APP), server.url(name, role=OWNER), tmp_path / "data")
    server.drop(name)


# Setting up ------------------------------------------------------------------------------------------------------


def test_an_installation_is_set_up_by_one_command(bare: CommandLine) -> None:
    """Tables, the first company with all areas, its administrator; afterwards data and installation are sound."""
    assert "zhanggui init" in bare.refused("company", "list")
    words = ["--company", "acme", "--name", "大华照明有限公司", "--login", "Anna", "--person", "安娜"]
    assert "anna" in bare.fine("init", *words, "--password-stdin", given=f"{PASSWORD}\n")
    assert "acme" in bare.refused("init", *words, "--password-stdin", given=f"{PASSWORD}\n")
    assert "大华照明有限公司" in bare.fine("company", "list")
    assert "company_administrator" in bare.fine("account", "list", "acme")
    assert "No" not in bare.fine("area", "list", "acme").split()
    bare.fine("verify")
    assert "up to date" in bare.fine("upgrade")
    # The tests' PostgreSQL trades safety for speed, and is told so.
    assert {line.split(":")[0] for line in bare("check").splitlines() if "✗" in line} <= {"✗ Safety of the database"}


def test_nothing_is_written_when_the_administrator_cannot_be_made(bare: CommandLine) -> None:
    words = ["--company", "acme", "--name", "大华照明有限公司", "--login", "anna", "--person", "安娜"]
    assert "characters" in bare.refused("init", *words, "--password-stdin", given="short\n")
    assert "--name" in bare.refused("init", "--company", "acme", code=2)
    assert "acme" not in bare.fine("company", "list")


def test_tables_of_another_release_are_not_written_to(zhanggui: CommandLine, database: Database) -> None:
    """Every command says what to do instead of guessing."""
    engine = open_engine(database.owner_url)
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM alembic_version_quotation"))
    engine.dispose()
    for words in (["serve"], ["worker", "--once"], ["company", "create", "zeta", "中原"]):
        assert "zhanggui upgrade" in zhanggui.refused(*words)
    assert "✗ Tables" in zhanggui.refused("check")


def test_a_release_grants_its_new_rights_once(zhanggui: CommandLine, firm: Firm) -> None:
    """A right that is new gets its default roles; one that the company took away stays away."""
    new, taken = "quotation.quotation.send", "quotation.quotation.accept"
    grant: Any = RoleGrant.__table__
    seen: Any = SeenPermission.__table__

    def before(work: Any) -> None:
        work.connection.execute(delete(grant).where(grant.c.permission.in_([new, taken])))
        work.connection.execute(delete(seen).where(seen.c.permission == new))

    firm.as_program(before)
    zhanggui.fine("upgrade")
    zhanggui.fine("upgrade")
    granted = firm.as_program(
        lambda w: (
            w.connection.execute(select(grant.c.permission).where(grant.c.permission.in_([new, taken]))).scalars().all()
        )
    )
    assert set(granted) == {new}
    assert len(granted) == len(Quotation.workflow.find("send", "approved").by)


def test_a_demonstration_is_made_once_and_kept(tmp_path: Path) -> None:
    """In a database of its own, whatever else is configured; the second run takes what is there."""
    zhanggui = CommandLine.over("postgresql://nobody@127.0.0.1:1/none", "", tmp_path)
    zhanggui.fine("demo", "--scale", "0.02")
    file = tmp_path / "demo" / "zhanggui.sqlite"
    made = file.stat().st_ino
    assert "Making" not in zhanggui.fine("demo")
    assert file.stat().st_ino == made
    demo = CommandLine({**zhanggui.environment, "ZHANGGUI_DEMO": "1"})
    assert demo.fine("company", "list").count("Yes") == len(list(presets().glob("*.toml")))
    demo.fine("verify")
    assert sorted(path.name for path in file.parent.iterdir()) == ["zhanggui.sqlite", "zhanggui.sqlite.lock"]


# Companies and areas ---------------------------------------------------------------------------------------------


def test_areas_are_switched_with_the_same_checks_as_on_the_screens(zhanggui: CommandLine, firm: Firm) -> None:
    """Off is refused while something is unfinished and says what; afterwards the data stay."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    quotation = firm.move(quotation, "submit")
    said = zhanggui.refused("area", "off", "acme", "quotation")
    assert "1 × Quotation" in said
    firm.move(quotation, "cancel", reason="算错了")
    assert "Hidden and kept: 1" in zhanggui.fine("area", "off", "acme", "quotation")
    assert "not in use" in zhanggui.fine("area", "off", "acme", "quotation")
    assert "Switched on" in zhanggui.fine("area", "on", "acme", "quotation")
    assert firm.read("rep", lambda w: w.areas) == firm.read("boss", lambda w: w.areas)
    assert "Installed" in zhanggui.refused("area", "on", "acme", "astrology")


def test_a_company_is_founded_described_and_listed(zhanggui: CommandLine) -> None:
    zhanggui.fine("company", "create", "zeta", "中原轴承有限公司", "--name-en", "Zhongyuan Bearing", "--no-areas")
    assert "code" in zhanggui.refused("company", "create", "zeta", "又一个").lower()
    assert "code" in zhanggui.refused("company", "create", "Not Allowed", "又一个")
    zhanggui.fine("company", "describe", "zeta", "phone=0532-1234567", "week=123456")
    assert "0532-1234567" in zhanggui.fine("company", "describe", "zeta")
    assert "colours" in zhanggui.refused("company", "describe", "zeta", "colours=2")
    assert "phone" in zhanggui.refused("company", "describe", "zeta", "phone")
    assert "No" in zhanggui.fine("area", "list", "zeta").split()
    assert "nobody" in zhanggui.refused("area", "list", "nobody")


# People ----------------------------------------------------------------------------------------------------------


def password_of(works: Works, login: str) -> str:
    """The hash that is kept."""
    with works.installation(reads=True) as connection:
        return str(
            connection.execute(text("SELECT password_hash FROM account WHERE login = :l"), {"l": login}).scalar_one()
        )


def test_people_are_entered_employed_and_refused(zhanggui: CommandLine, firm: Firm) -> None:
    """The company's history tells of it; a disabled account is refused at its next request."""
    works = firm.program.works
    zhanggui.fine("account", "create", "Bob", "鲍勃", "--password-stdin", given=f"{PASSWORD}\n")
    assert matches(password_of(works, "bob"), PASSWORD)
    zhanggui.fine("account", "employ", "bob", "acme", "--role", "finance", "--role", "legal")
    assert "finance, legal" in zhanggui.fine("account", "list", "acme")
    zhanggui.fine("account", "roles", "bob", "acme", "sales_manager")
    assert "sales_manager" in zhanggui.fine("account", "roles", "bob", "acme")
    assert "nonsense" in zhanggui.refused("account", "roles", "bob", "acme", "nonsense")
    zhanggui.fine("account", "password", "bob", "--password-stdin", given="Green-Lamp-88\n")
    assert matches(password_of(works, "bob"), "Green-Lamp-88")
    assert "password" in zhanggui.refused("account", "password", "bob", "--password-stdin", given="bob\n")
    assert "refused" in zhanggui.fine("account", "disable", "rep@acme")
    with pytest.raises(Exception, match="sign in"):
        firm.read("rep", lambda w: w.today)
    zhanggui.fine("account", "disable", "rep@acme", "--undo")
    assert firm.read("rep", lambda w: w.actor_name) == "rep@acme"
    assert "nobody" in zhanggui.refused("account", "disable", "nobody")
    assert {"employ", "roles", "password", "disable", "enable"} <= set(firm.read("admin", _whats))
    zhanggui.fine("verify")


def test_rights_are_explained_and_collisions_listed(zhanggui: CommandLine, firm: Firm) -> None:
    """Why somebody may do something, by the role that gives it, and whose roles do not go together."""
    said = zhanggui.fine("account", "why", "rep@acme", "acme", "core.party.read")
    assert "Allowed" in said
    assert "“Sales representative” gives" in said
    assert "Refused" in zhanggui.fine("account", "why", "rep@acme", "acme", "core.company.administer")
    party = firm.party("rep2")
    assert "is responsible" in zhanggui.fine(
        "account", "why", "rep@acme", "acme", "core.party.read", "--record", str(party.id)
    )
    zhanggui.refused("account", "why", "rep@acme", "acme", "core.nothing.read")
    zhanggui.refused("account", "why", "nobody", "acme", "core.party.read")
    zhanggui.fine("account", "roles", "purchaser@acme", "acme", "finance", "sales_representative")
    assert "purchaser@acme" in zhanggui.fine("account", "collisions", "acme")


def _whats(work: Any) -> list[str]:
    return list(work.connection.execute(text("SELECT what FROM history WHERE kind = 'core.company'")).scalars())


def test_a_token_is_shown_once_and_only_its_hash_is_kept(zhanggui: CommandLine, firm: Firm) -> None:
    secret = zhanggui.fine("token", "issue", "rep@acme", "acme", "网店", "--days", "30").strip()
    assert secret.startswith("zg_")
    table = ApiToken.__table__
    with firm.program.works.installation(reads=True) as connection:
        row = connection.execute(select(table)).one()
    assert (row.token_hash, row.account_id) == (token_hash(secret), firm.people["rep"])
    assert secret not in str(tuple(row))
    listed = zhanggui.fine("token", "list", "acme")
    assert "网店" in listed
    assert secret not in listed
    zhanggui.fine("token", "revoke", "acme", str(row.id))
    assert zhanggui.fine("token", "list", "acme").split()[-1] == "Yes"
    assert "exist" in zhanggui.refused("token", "revoke", "acme", "999")


# Looking after ---------------------------------------------------------------------------------------------------


def test_verify_names_the_document_that_is_wrong(zhanggui: CommandLine, database: Database, firm: Firm) -> None:
    """Exit code 1, in the language asked for."""
    quotation = firm.create(Quotation, party_id=firm.party().id, lines=[line(firm.item())])
    assert "Nothing is wrong" in zhanggui.fine("verify")
    firm.as_program(lambda w: w.connection.execute(text("UPDATE document SET gross = gross + 1, net = net + 1")))
    said = zhanggui.refused("verify", "--company", "acme")
    assert f"acme  Quotation {quotation.id}: Its total is" in said
    assert f"报价单 {quotation.id}" in zhanggui.refused("--language", "zh", "verify")


def test_check_finds_a_database_role_that_may_too_much(database: Database, tmp_path: Path) -> None:
    """On PostgreSQL the program's role owns nothing; on SQLite the pragmas keep what was acknowledged."""
    proper = CommandLine.over(database.url, database.owner_url, tmp_path)
    as_owner = CommandLine.over(database.owner_url, database.owner_url, tmp_path)
    said = proper("check")
    if database.engine == "sqlite":
        assert proper.code == 0
        assert "✓ Safety of the database" in said
        return
    assert "✓ Database role" in said
    # The test's server trades safety for speed, and is told so.
    assert "✗ Safety of the database: fsync" in said
    assert "✗ Database role: zhanggui_owner may too much" in as_owner.refused("check")


def test_check_finds_a_wall_that_was_taken_down(zhanggui: CommandLine, database: Database) -> None:
    engine = open_engine(database.owner_url)
    with engine.begin() as connection:
        if database.engine == "sqlite":
            connection.execute(text("DROP TRIGGER keep_history_update"))
        else:
            connection.execute(text("ALTER TABLE party NO FORCE ROW LEVEL SECURITY"))
    engine.dispose()
    said = zhanggui.refused("check")
    assert "✗ Walls" in said
    assert ("keep_history_update" if database.engine == "sqlite" else "party") in said
    zhanggui.fine("upgrade")
    assert "✓ Walls" in zhanggui("check")


# Language and help -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "environment", "language"),
    [
        (["--language", "zh", "serve"], {"LANG": "en_GB.UTF-8"}, CHINESE),
        (["--language=en"], {"LANG": "zh_CN.UTF-8"}, ENGLISH),
        ([], {"LANG": "zh_CN.UTF-8"}, CHINESE),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, ENGLISH),
        ([], {"ZHANGGUI_LANGUAGE": "zh", "LC_ALL": "C"}, CHINESE),
        ([], {}, ENGLISH),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_terminals(
    words: list[str], environment: dict[str, str], language: str
) -> None:
    assert wanted(words, environment) == language


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every command and group below ``group``, with the words that lead there."""
    for name, command in group.commands.items():
        yield (*path, name), command
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


def test_every_command_and_option_explains_itself_in_both_languages(tmp_path: Path) -> None:
    """No help is missing, and in Chinese nothing is left in English."""
    from core.cli import main

    zhanggui = CommandLine.over("", "", tmp_path)
    for path, command in commands(main):
        english, chinese = zhanggui.fine(*path, "--help"), zhanggui.fine("--language", "zh", *path, "--help")
        texts = [command.written, *(vars(p)["written"] for p in command.params if isinstance(p, Option))]
        assert all(texts), path
        for one in texts:
            assert one.split()[0] in english
            assert one not in " ".join(chinese.split()), (path, one)
        assert "用法" in chinese


def test_asking_for_help_does_not_load_the_program() -> None:
    program = (
        "import sys; import core.cli; "
        "print([name for name in ('sqlalchemy', 'flask', 'environs', 'plugins.quotation') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# Configuration ---------------------------------------------------------------------------------------------------


def test_everything_wrong_with_the_configuration_is_said_at_once(tmp_path: Path) -> None:
    """Each variable with what is expected, in the user's language, and never its value when it is a secret."""
    zhanggui = CommandLine.over(
        "postgresql://app:hunter2@db/x",
        "mysql://a/b",
        tmp_path,
        SECRET_KEY="too-short-to-be-one",
        PORT="http",
        THREADS="0",
    )
    said = zhanggui.refused("serve", code=2)
    names = [line.split(":")[0] for line in said.splitlines()[1:]]
    assert sorted(names) == [f"ZHANGGUI_{name}" for name in ("OWNER_URL", "PORT", "SECRET_KEY", "THREADS")]
    assert "hunter2" not in said
    assert "too-short" not in said
    assert "ZHANGGUI_PORT: 需要" in zhanggui.refused("--language", "zh", "serve", code=2)


def test_sessions_and_second_steps_end_from_the_command_line(zhanggui: CommandLine, firm: Firm) -> None:
    """For accounts of several companies, and when every administrator has lost the telephone."""
    account, vault = firm.people["rep"], Vault(KEY)
    with firm.program.works.installation() as connection:
        sessions.begin(connection, account, address="192.0.2.1", agent="Firefox")
        two_step.begin(connection, account, vault)
        seed = two_step.pending_seed(connection, account, vault)
        assert seed
        two_step.confirm(connection, account, pyotp.TOTP(seed).now(), vault)
    assert "192.0.2.1" in zhanggui.fine("account", "sessions", "rep@acme")
    assert "two steps" in zhanggui.fine("account", "two-step", "rep@acme")
    assert "one step" in zhanggui.fine("account", "two-step", "rep@acme", "--off")
    assert "192.0.2.1" not in zhanggui.fine("account", "sessions", "rep@acme")
    assert "0 sessions" in zhanggui.fine("account", "sessions", "rep@acme", "--end")
    assert {"end_sessions", "drop_two_step"} <= set(firm.read("admin", _whats))


def test_a_key_is_made_at_the_first_start_and_kept_for_the_owner_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHANGGUI_DATA_DIR", str(tmp_path / "data"))
    for name in ("SECRET_KEY", "DATABASE_URL"):
        monkeypatch.delenv(f"ZHANGGUI_{name}", raising=False)
    first, second = read(), read()
    assert first.secret_key == second.secret_key == kept_key(tmp_path / "data")
    assert weak_key(first.secret_key) is None
    assert (tmp_path / "data" / "secret.key").stat().st_mode & 0o777 == 0o600
    assert first.secret_key not in repr(first)
    assert first.embedded
    assert read(demo=True).database_url == f"sqlite:///{tmp_path}/data/demo/zhanggui.sqlite"


def test_a_database_server_needs_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A default or short key is refused outside of the demonstration: whoever knows it signs in as anybody."""
    monkeypatch.setenv("ZHANGGUI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHANGGUI_DATABASE_URL", "postgresql://app@db/x")
    monkeypatch.delenv("ZHANGGUI_SECRET_KEY", raising=False)
    for key in ("", "short", "change-me-change-me-change-me-change-me", "a" * 40):
        monkeypatch.setenv("ZHANGGUI_SECRET_KEY", key)
        with pytest.raises(BadConfig) as error:
            read()
        assert list(error.value.faults) == ["ZHANGGUI_SECRET_KEY"]
    monkeypatch.setenv("ZHANGGUI_SECRET_KEY", "a8Zk-2mQw_7LxPv4RtYn9BcE1HdJ5sGf")
    config = read()
    assert config.database_url == "postgresql+psycopg://app@db/x"
    assert config.app_role == "app"


@pytest.mark.parametrize("given", ["erp.example.com", "ftp://erp.example.com", "https://", "https://a.example/?x=1"])
def test_an_address_that_people_could_not_open_is_named(
    given: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ZHANGGUI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("ZHANGGUI_ADDRESS", given)
    with pytest.raises(BadConfig) as error:
        read()
    assert list(error.value.faults) == ["ZHANGGUI_ADDRESS"]
    monkeypatch.setenv("ZHANGGUI_ADDRESS", "https://erp.example.com/sales/")
    assert read().address == "https://erp.example.com/sales"


# Logs ------------------------------------------------------------------------------------------------------------


def test_a_line_of_the_log_names_its_request_and_no_secret() -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = StringIO()
    try:
        start_logging("INFO", "json", stream)
        with within(request_id="r-1", api_token="zg_abc"):
            logging.getLogger("zhanggui.test").info("asked postgresql+psycopg://app:hunter2@db/x")
    finally:
        root.handlers[:], root.level = handlers, level
    told = json.loads(stream.getvalue())
    assert (told["request_id"], told["level"], told["logger"]) == ("r-1", "info", "zhanggui.test")
    assert "hunter2" not in stream.getvalue()
    assert "zg_abc" not in stream.getvalue()


def test_a_demonstration_in_use_is_not_taken_away(tmp_path: Path) -> None:
    """Beginning anew would delete the file under the running program; it is refused with the reason."""
    file = tmp_path / "demo" / FILE
    zhanggui = CommandLine({"ZHANGGUI_DATA_DIR": str(tmp_path), "LANG": "C.UTF-8"})
    with held(file):
        assert "Stop it first" in zhanggui.refused("demo", "--fresh")
    assert not file.exists()
