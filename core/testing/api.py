"""A program that calls the REST interface, for tests: one person of a firm with a token, within this process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.operations.credentials import issue_token
from core.testing.builders import Firm
from core.testing.sites import api_app
from core.tokens import new_token, token_hash

V1 = "/api/v1"


@dataclass(frozen=True, slots=True)
class Api:
    """Calls in the name of one person; ``language`` is that of the answers."""

    client: FlaskClient
    token: str
    language: str = "en"

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> TestResponse:
        """The answer to one request; header names are written with underscores."""
        given = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.open(f"{V1}{path}", method=method, json=body, headers=given)

    def get(self, path: str, **headers: str) -> TestResponse:
        """Read."""
        return self("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        """Create or do; no body is an empty one."""
        return self("POST", path, {} if body is None else body, **headers)

    def patch(self, path: str, body: Any, version: int, **headers: str) -> TestResponse:
        """Change, as of a version."""
        return self("PATCH", path, body, If_Match=f'"{version}"', **headers)

    def made(self, path: str, body: Any) -> dict[str, Any]:
        """Create, and give back what was made."""
        answer = self.post(path, body)
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return said(answer)


def said(answer: TestResponse) -> dict[str, Any]:
    """The JSON object of an answer."""
    found = answer.get_json()
    assert isinstance(found, dict), answer.get_data(as_text=True)
    return found


def token_for(firm: Firm, who: str, *, expires_in: timedelta | None = None) -> str:
    """A new token of one of the firm's people."""
    token = new_token()
    expires = datetime.now(UTC) + expires_in if expires_in is not None else None
    account, name = firm.people[who], f"tests {firm.next('token')}"
    firm.as_program(lambda w: issue_token(w, name, token_hash(token), account_id=account, expires_at=expires))
    return token


def api_for(firm: Firm, who: str, app: Flask | None = None) -> Api:
    """Calls as one of the firm's people."""
    return Api((app or api_app(firm)).test_client(), token_for(firm, who))
