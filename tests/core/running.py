"""Real servers for tests, and a visitor who speaks to them: pages with a cookie, the API with a token."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def served(environment: Mapping[str, str], *words: str) -> Iterator[str]:
    """A ``zhanggui serve`` of one's own on a free port; gives its address. It ends with the block."""
    command = [sys.executable, "-m", "core.cli", "--language", "en", "serve", "--port", "0", *words]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environment}, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        said = process.stdout.readline()
        found = re.search(r"http://[\d.:]+", said)
        assert found, f"the server did not start: {said}"
        yield found[0]
    finally:
        process.terminate()
        process.wait(timeout=20)
        process.stdout.close()
    assert process.returncode == 0


@dataclass(slots=True)
class Visitor:
    """Somebody at one server."""

    address: str
    token: str = ""
    _jar: CookieJar = field(default_factory=CookieJar)

    def ask(self, path: str, *, form: Mapping[str, str] | None = None, body: Any = None) -> tuple[int, str]:
        """The status and the text of an answer; redirects are followed."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        headers = {"Accept-Language": "en"}
        if body is not None:
            data, headers = json.dumps(body).encode(), {**headers, "Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        request = urllib.request.Request(self.address + path, data=data, headers=headers)  # noqa: S310  (our own server)
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def page(self, path: str) -> str:
        """A page that must be there."""
        status, text = self.ask(path)
        assert status == 200, f"{path}: {status}"
        return text

    def send(self, page: str, path: str, **values: str) -> str:
        """Send a form of ``page`` as its own button would."""
        found = re.search(r'name="csrf_token" value="([^"]+)"', self.page(page))
        assert found
        status, text = self.ask(path, form={"csrf_token": found[1], **values})
        assert status == 200, f"{path}: {status}"
        return text

    def api(self, path: str, body: Any = None) -> tuple[int, Any]:
        """An answer of the interface, read."""
        status, text = self.ask(f"/api/v1{path}", body=body)
        return status, json.loads(text)
