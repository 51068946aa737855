"""The site and the REST interface in one WSGI application, as the process is configured."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.web.api import register
from core.web.site import SiteSettings, create_site

if TYPE_CHECKING:
    from flask import Flask

    from core.app import Program
    from core.config import Config


def create_web(program: Program, config: Config) -> Flask:
    """Everything that is answered over HTTP, ready for a server."""
    program.works.address = config.address
    app = create_site(
        program, SiteSettings(config.secret_key, demo=config.demo, secure=config.https, sign_on=config.sign_on)
    )
    register(app, program)
    return app
