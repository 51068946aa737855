"""The company is part of the address: ``/c/<code>/…``, so that two tabs never write to each other's company."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from core.web.current import COMPANY

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_PATH = re.compile(r"/c/([a-z][a-z0-9-]{0,19})(/.*)?")


class CompanyPath:
    """Takes the company off the path before the pages are routed, and gives it back to every address they make."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ.pop(COMPANY, None)
        found = _PATH.fullmatch(environ.get("PATH_INFO", ""))
        if found:
            environ[COMPANY] = found[1]
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}/c/{found[1]}"
            environ["PATH_INFO"] = found[2] or "/"
        return self._inner(environ, start_response)
