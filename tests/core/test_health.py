"""Whoever watches the processes learns whether one lives, and whether it can serve."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text
from werkzeug.test import Client
from werkzeug.wrappers import Request, Response

from core.app import Program, open_program
from core.db.engine import open_engine
from core.outbox import Job
from core.testing.fixtures import Database
from core.web.health import Health


@Request.application
def inner(request: Request) -> Response:
    """What is asked when nobody asks for health."""
    return Response("inside")


def ask(program: Program, path: str) -> tuple[int, Any]:
    """Status and content of an answer."""
    answer = Client(Health(inner, program)).get(path)
    return answer.status_code, answer.json if answer.is_json else answer.text


def test_a_process_over_a_database_at_head_is_ready(program: Program) -> None:
    assert ask(program, "/healthz") == (200, {"alive": True})
    assert ask(program, "/readyz") == (200, {"database": True, "tables": True, "jobs_wait_seconds": 0})
    assert ask(program, "/c/acme/") == (200, "inside")


def test_how_long_jobs_have_waited_is_told(program: Program) -> None:
    """Jobs of tomorrow wait for nobody; one that was due long ago says that no worker is running."""
    now = datetime.now(UTC)
    with program.works.installation() as connection:
        for due in (now + timedelta(days=1), now - timedelta(minutes=10)):
            connection.execute(insert(Job), {"name": "core.x", "args": {}, "run_at": due, "created_at": now})
    status, told = ask(program, "/readyz")
    assert status == 200
    assert 595 < told["jobs_wait_seconds"] < 700


def test_a_process_is_not_ready_on_tables_of_another_release(program: Program, database: Database) -> None:
    owner = open_engine(database.owner_url)
    with owner.begin() as connection:
        connection.execute(text("UPDATE alembic_version_core SET version_num = 'core_9999'"))
    owner.dispose()
    status, told = ask(program, "/readyz")
    assert (status, told["tables"]) == (503, False)
    assert ask(program, "/healthz")[0] == 200


def test_a_process_without_its_database_lives_but_is_not_ready(tmp_path: Any) -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    assert ask(open_program(engine), "/readyz") == (503, {"database": False})
    engine.dispose()
