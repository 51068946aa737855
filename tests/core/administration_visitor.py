"""Somebody at a browser, for the tests of the administration: signs in, opens pages, fills in forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from core.testing.builders import Firm


class Visitor:
    """One person's browser within one company. ``language`` is that of the pages."""

    def __init__(self, site: Flask, firm: Firm, who: str, language: str = "en") -> None:
        self.client, self.firm, self.code = site.test_client(), firm, firm.code
        self.client.set_cookie("zhanggui_language", language)
        page = self.client.get("/login")
        data = {"csrf_token": token(page.text), "demo": f"{who}@{firm.code}"}
        assert self.client.post("/login", data=data).status_code == 303

    def get(self, path: str, **query: Any) -> TestResponse:
        """Open a page of the company."""
        return self.client.get(f"/c/{self.code}{path}", query_string=query or None)

    def post(self, path: str, **fields: Any) -> TestResponse:
        """Send a form of the company with this browser's token."""
        return self.client.post(f"/c/{self.code}{path}", data={"csrf_token": self.token(), **fields})

    def send(self, page: str, path: str | None = None, **changed: Any) -> TestResponse:
        """Open ``page``, change some of the fields of the form that goes to ``path``, and send it."""
        fields = self.form(page, path)
        for name, value in changed.items():
            fields[name.replace("__", ".")] = value
        return self.client.post(f"/c/{self.code}{path or page}", data=fields)

    def form(self, page: str, path: str | None = None) -> dict[str, Any]:
        """The fields of the form on ``page`` that goes to ``path``, as a browser would send them untouched."""
        return fields_of(self.get(page).text, f"/c/{self.code}{path or page}")

    def token(self) -> str:
        """The request token of this browser."""
        return token(self.get("/my-account/").text)


def token(html: str) -> str:
    """The request token that a page carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', html)
    assert found, "the page has no form"
    return found[1]


def fields_of(html: str, action: str) -> dict[str, Any]:
    """What the form with this action would send."""
    found = next(
        (f for f in re.findall(r"<form.*?</form>", html, re.S) if f'action="{action}"' in f.split(">", 1)[0]), None
    )
    assert found, f"no form goes to {action}"
    fields: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", found):
        name, kind = attribute(tag, "name"), attribute(tag, "type")
        if name and (kind not in {"checkbox", "radio"} or " checked" in tag):
            _add(fields, name, attribute(tag, "value"))
    for head, body in re.findall(r"<select([^>]*)>(.*?)</select>", found, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', body) or re.search(r'<option value="([^"]*)"', body)
        _add(fields, attribute(head, "name"), unescape(chosen[1]) if chosen else "")
    return fields


def _add(fields: dict[str, Any], name: str, value: str) -> None:
    if name in fields:
        kept = fields[name]
        fields[name] = [*kept, value] if isinstance(kept, list) else [kept, value]
    else:
        fields[name] = value


def attribute(tag: str, name: str) -> str:
    """The value of an attribute; empty when the tag has none."""
    found = re.search(rf'\b{name}="([^"]*)"', tag)
    return unescape(found[1]) if found else ""
