"""The command line as a test speaks to it: words in, exit code and what was said out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from click.testing import CliRunner, Result

from core.cli import main
from core.testing.fixtures import Database
from core.testing.servers import SUPERUSER, Postgres

KEY = "a8Zk-2mQw_7LxPv4RtYn9BcE1HdJ5sGf"
BACKUP = "zhanggui_backup"


@dataclass(slots=True)
class CommandLine:
    """``zhanggui`` over one database, with a data folder of its own."""

    environment: Mapping[str, str]
    said: str = ""
    code: int = 0
    _runner: CliRunner = field(default_factory=CliRunner)

    @classmethod
    def over(cls, url: str, owner_url: str, folder: Path, **further: str) -> CommandLine:
        """For the database at ``url``."""
        given = {"DATABASE_URL": url, "OWNER_URL": owner_url, "DATA_DIR": str(folder), "SECRET_KEY": KEY, **further}
        return cls({"LANG": "C.UTF-8", **{f"ZHANGGUI_{name}": value for name, value in given.items()}})

    def __call__(self, *words: str, given: str = "") -> str:
        """Carry out a command; gives back all that was said. A traceback is a failure of the test."""
        result: Result = self._runner.invoke(main, list(words), env=dict(self.environment), input=given)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.said = result.exit_code, result.output
        return self.said

    def fine(self, *words: str, given: str = "") -> str:
        """Carry out a command that must succeed."""
        said = self(*words, given=given)
        assert self.code == 0, said
        return said

    def refused(self, *words: str, given: str = "", code: int = 1) -> str:
        """Carry out a command that must be refused."""
        said = self(*words, given=given)
        assert self.code == code, said
        return said


def backup_url(database: Database, server: Postgres | None) -> str:
    """The address for copies: a role that sees all rows and writes none; on SQLite the file itself."""
    if server is None:
        return database.url
    import psycopg

    with psycopg.connect(server.url("postgres", role=SUPERUSER).replace("+psycopg", ""), autocommit=True) as link:
        if not link.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [BACKUP]).fetchone():
            link.execute(f"CREATE ROLE {BACKUP} LOGIN BYPASSRLS")
            link.execute(f"GRANT pg_read_all_data TO {BACKUP}")
    return server.url(database.url.rpartition("/")[2], role=BACKUP)
