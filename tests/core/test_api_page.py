"""The commands of docs/api.md do what the page says, from top to bottom."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from core.testing.api import said, token_for
from core.testing.builders import Firm
from core.testing.sites import api_app
from tests.core.test_api import policy

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def commands() -> list[tuple[str, str]]:
    """Every curl command of the page with what is said after it."""
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    text = "\n".join(blocks).replace("\\\n", " ")
    return re.findall(r"^(curl .*?)\s+# (.*)$", text, flags=re.MULTILINE)


def run(client: FlaskClient, command: str) -> TestResponse:
    """A curl command as a call within this process."""
    words = iter(shlex.split(command)[1:])
    method, path, body, headers = "GET", "", None, {}
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            case "--json":
                body = next(words)
                headers["Content-Type"] = "application/json"
                method = "POST" if method == "GET" else method
            case "-o":
                next(words)
            case _:
                path = word
    return client.open(path, method=method, data=body, headers=headers)


def test_every_command_of_the_page_is_answered_as_the_page_says(firm: Firm) -> None:
    """Names that stand after a status are the ids that the next commands use."""
    policy(firm)
    client, token, ids = api_app(firm).test_client(), token_for(firm, "rep"), dict[str, str]()
    found = commands()
    for command, promised in found:
        written = command.replace("$AT", "/api/v1").replace("$TOKEN", token)
        for name, key in ids.items():
            written = written.replace(name, key)
        status, _blank, name = promised.partition(" ")
        answer = run(client, written)
        assert answer.status_code == int(status), (command, answer.get_data(as_text=True))
        if name:
            ids[name] = str(said(answer)["id"])
    assert len(found) > 15
