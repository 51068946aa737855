"""The request at hand: who visits, for which company, and the one unit of work that its screen reads from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar, cast

from flask import g, request

from core.errors import Unauthenticated, Unknown
from core.text import _, in_language
from core.web.api.bodies import strict
from core.web.serving import program
from core.work import Ask, Origin, Work

T = TypeVar("T")
COMPANY = "zhanggui.company"


@dataclass(frozen=True, slots=True)
class Visitor:
    """The person who is signed in, as plain values."""

    account_id: int
    session_id: int
    login: str
    name: str
    name_en: str
    language: str
    theme: str
    way: str = "password"
    two_step: bool = False
    password_at: datetime | None = None

    @property
    def title(self) -> str:
        """The person's name in the reader's language."""
        return in_language(self.name, self.name_en)


def visitor() -> Visitor:
    """Who is signed in; raises ``Unauthenticated`` when nobody is."""
    found: Visitor | None = g.get("visitor")
    if found is None:
        raise Unauthenticated(_("Please sign in."))
    return found


def company_id() -> int:
    """The company that the address names; raises ``Unknown`` when there is none."""
    found: int | None = g.get("company_id")
    if found is None:
        raise Unknown()
    return found


def ask() -> Ask:
    """This request's ask."""
    return Ask(company_id(), visitor().account_id, request_id=g.request_id, origin=origin())


def origin(face: str = "page") -> Origin:
    """Where this request comes from."""
    path = f"{request.method} {request.path}"
    return Origin(request.remote_addr or "", request.user_agent.string, face, path)


@contextmanager
def reading() -> Iterator[Work]:
    """The unit of work that this request reads from; opened once."""
    if "work" in g:
        yield g.work
        return
    with program().works.read(ask()) as work:
        g.work = work
        try:
            yield work
        finally:
            g.pop("work")


def work() -> Work:
    """The unit of work that is open for reading."""
    return cast(Work, g.work)


def run(command: Callable[[Work], T]) -> T:
    """Carry out a command for the visitor, in a transaction of its own."""
    return program().works.run(ask(), command)


def sent() -> Any:
    """The JSON of the body, as strict as the interface for programs reads it; raises ``BadRequest``."""
    return strict(request.get_data(cache=True))


def wants_json() -> bool:
    """Whether a program asks, and not a person's browser for a page."""
    best = request.accept_mimetypes.best_match(("text/html", "application/json"))
    return best == "application/json" or request.is_json


def root() -> str:
    """Where the installation begins, in front of ``/c/<code>``; empty unless it is mounted below a path."""
    code = request.environ.get(COMPANY)
    return request.script_root.removesuffix(f"/c/{code}") if code else request.script_root
