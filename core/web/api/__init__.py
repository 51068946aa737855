"""The REST interface: everything people can do on the screens, for programs, under ``/api/v1``.

It is an application of its own below the site's: no cookie, no session and no page reaches it, and whatever happens
below ``/api`` is answered as JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.web.api.application import ApiPath, create_api

if TYPE_CHECKING:
    from flask import Flask

    from core.app import Program


def register(app: Flask, program: Program) -> None:
    """Let everything below ``/api`` be answered by the REST interface over ``program``."""
    api = create_api(program)
    app.extensions["zhanggui_api"] = api
    app.wsgi_app = ApiPath(api, app.wsgi_app)  # type: ignore[method-assign]


__all__ = ["create_api", "register"]
