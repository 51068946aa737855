"""A company from its preset and its people, each calling the interface in their own name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from core.app import Program
from core.extension.loader import presets
from core.operations.set_up import load_preset
from core.testing.api import Api, api_for, said
from core.testing.builders import Firm
from core.testing.sites import api_app
from core.web.api import application
from core.work import Ask


def later(days: int = 0) -> str:
    """The day so many days from now where the companies of the presets are: of the moment, midnight may pass."""
    return (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=days)).date().isoformat()


@dataclass
class House:
    """One company at work; ``as_`` gives somebody's calls."""

    firm: Firm
    app: Flask
    desks: dict[str, Api] = field(default_factory=dict)

    @classmethod
    def opened(cls, program: Program, preset: str) -> House:
        """The company of a preset, with everybody at their desk."""
        path = presets() / f"{preset}.toml"
        company = load_preset(program.works, path)
        firm = Firm(program, company, preset, {})
        people = firm.as_program(lambda w: {one.login: key for key, one in w.company.people.items()})
        firm.people.update({login.partition("@")[0]: key for login, key in people.items()})
        return cls(firm, api_app(firm))

    def as_(self, who: str) -> Api:
        """The calls of one person."""
        if who not in self.desks:
            self.desks[who] = api_for(self.firm, who, self.app)
        return self.desks[who]

    @contextmanager
    def on(self, day: date) -> Iterator[None]:
        """The calls within are made on another day."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(application, "Ask", partial(Ask, today=day))
            yield

    def read(self, who: str, path: str) -> dict[str, Any]:
        """What somebody sees there."""
        answer = self.as_(who).get(path)
        assert answer.status_code == 200, (path, answer.get_data(as_text=True))
        return said(answer)

    def do(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """Something that must be allowed."""
        answer = self.as_(who).post(path, body)
        assert answer.status_code in {200, 201}, (who, path, answer.get_data(as_text=True))
        return said(answer)

    def refused(self, who: str, path: str, body: Any = None) -> dict[str, Any]:
        """Something that must be refused; the reason."""
        answer = self.as_(who).post(path, body)
        assert answer.status_code in {403, 409, 422}, (who, path, answer.get_data(as_text=True))
        return said(answer)

    def move(self, who: str, path: str, name: str, reason: str = "", **values: Any) -> dict[str, Any]:
        """A move of the document at ``path``; warnings are read and confirmed."""
        body = {"reason": reason, "values": values}
        answer = self.as_(who).post(f"{path}/moves/{name}", body)
        found = said(answer)
        if answer.status_code == 409 and found.get("objections"):
            warned = [o["code"] for o in found["objections"] if o["strength"] == "warn"]
            answer = self.as_(who).post(f"{path}/moves/{name}", {**body, "confirmed": warned})
            found = said(answer)
        assert answer.status_code == 200, (who, path, name, found)
        return found

    def change(self, who: str, path: str, **values: Any) -> dict[str, Any]:
        """New content for the document at ``path``."""
        version = self.read(who, path)["version"]
        answer = self.as_(who).patch(path, values, version)
        assert answer.status_code == 200, (who, path, answer.get_data(as_text=True))
        return said(answer)

    def agree(self, *people: str, opinion: str = "同意") -> None:
        """Each of them gives the consent that waits for him."""
        for who in people:
            waiting = self.read(who, "/core/approvals")["items"]
            assert waiting, f"nothing waits for {who}"
            self.do(who, f"/core/approvals/{waiting[0]['id']}/agree", {"opinion": opinion})

    def one(self, who: str, place: str, **filters: Any) -> str:
        """The path of the only document of a list."""
        query = "&".join(f"{key}={value}" for key, value in filters.items())
        items = self.read(who, f"{place}?{query}")["items"]
        assert len(items) == 1, (place, items)
        return f"{place}/{items[0]['id']}"

    def waiting(self, who: str, place: str) -> list[dict[str, Any]]:
        """The lines that wait for a type."""
        found: list[dict[str, Any]] = self.read(who, f"{place}/waiting")["items"]
        return found

    def take(self, who: str, place: str, *wanted: tuple[int, str | None], **values: Any) -> str:
        """A draft from lines that wait; its path."""
        lines = [{"line_id": key} | ({"quantity": quantity} if quantity else {}) for key, quantity in wanted]
        made = self.do(who, f"{place}/take", {"lines": lines, "values": values})
        return f"{place}/{made['id']}"
