"""The site and the REST interface for tests: made once in a process, since that takes longer than most tests.

One application serves one test after the other, so a test leaves nothing behind in its configuration.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from flask import Flask

from core.web.api import register
from core.web.serving import serve
from core.web.site import SiteSettings, create_site

if TYPE_CHECKING:
    from core.app import Program
    from core.testing.builders import Firm

SETTINGS = SiteSettings("a secret for tests alone", demo=True)
_MADE: dict[tuple[str, ...], Flask] = {}


def site_of(firm: Firm) -> Flask:
    """The site over the firm's program, with the interface below it; anybody may sign in as anybody."""
    return _made(firm.program, "site", lambda: create_site(firm.program, SETTINGS))


def api_app(firm: Firm) -> Flask:
    """Nothing but the interface over the firm's program."""
    return _made(firm.program, "api", lambda: Flask("tests"))


def _made(program: Program, what: str, make: Callable[[], Flask]) -> Flask:
    """The application for all that the program declares, now over this program."""
    registry = program.registry
    declared = (*registry.documents.values(), *registry.masters.values(), *registry.reports.values())
    key = (what, *(f"{id(one)}" for one in declared))
    if key not in _MADE:
        _MADE[key] = make()
        register(_MADE[key], program)
    app = _MADE[key]
    serve(app, program)
    serve(app.extensions["zhanggui_api"], program)
    return app
