"""Two addresses for whoever watches the process: is it alive, and can it serve?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from core.db.revisions import current, scripts
from core.outbox import Job

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from core.app import Program

LIVE, READY = "/healthz", "/readyz"
_JOB: Any = Job.__table__


class Health:
    """Answers ``/healthz`` (200 while the process answers at all) and ``/readyz`` before anything else is asked.

    Ready means: the database answers and its tables are at head. How long the oldest due job has waited is told, in
    seconds; it is a matter of the workers and makes no server unready. Nothing here is secret.
    """

    def __init__(self, inner: WSGIApplication, program: Program) -> None:
        self._inner, self._works = inner, program.works
        self._scripts = scripts(program.registry.packages)
        self._heads = {one.area: one.head for one in self._scripts}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == LIVE:
            return _answer(start_response, "200 OK", {"alive": True})
        if path == READY:
            ready, told = self.state()
            return _answer(start_response, "200 OK" if ready else "503 Service Unavailable", told)
        return self._inner(environ, start_response)

    def state(self) -> tuple[bool, dict[str, Any]]:
        """Whether the process can serve, and what was found."""
        due = (_JOB.c.done_at.is_(None), _JOB.c.failed_at.is_(None), _JOB.c.run_at <= func.current_timestamp())
        try:
            with self._works.installation(reads=True) as connection:
                at_head = all(current(connection, one) == self._heads[one.area] for one in self._scripts)
                oldest = connection.execute(select(func.min(_JOB.c.run_at)).where(*due)).scalar() if at_head else None
        except SQLAlchemyError:
            return False, {"database": False}
        waited = (datetime.now(UTC) - oldest).total_seconds() if oldest else 0
        return at_head, {"database": True, "tables": at_head, "jobs_wait_seconds": round(max(waited, 0))}


def _answer(start_response: StartResponse, status: str, told: dict[str, Any]) -> Iterable[bytes]:
    body = json.dumps(told).encode()
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, headers)
    return [body]
