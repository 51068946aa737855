"""The site: one Flask application over the program, with all screens, the login, the files and the refusals."""

from __future__ import annotations

import gzip
import secrets
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask, Request, Response, g, request
from flask.typing import ResponseReturnValue
from flask_admin.theme import Theme
from flask_babel import Babel
from flask_wtf import CSRFProtect
from sqlalchemy import select

from core.config import SignOn
from core.documents.reading import LARGEST_ID
from core.entities.company import Company
from core.errors import DomainError, Unknown
from core.schemas.inputs import MESSAGES, readable
from core.text import _, language, speak
from core.web import administration, problems, sessions
from core.web.catalogue import screens_of
from core.web.company_path import CompanyPath
from core.web.current import COMPANY, visitor
from core.web.login import choose_company, language_of, login
from core.web.rules import LateRule
from core.web.screens import Screens
from core.web.second_step import second_step
from core.web.serving import known, program, serve
from core.web.single_sign_on import single_sign_on
from core.web.static_files import asset, static_files

if TYPE_CHECKING:
    from core.app import Program

CSP = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    "form-action 'self'"
)
LARGEST_BODY, LARGEST_UPLOAD = 16 * 1024 * 1024, 52 * 1024 * 1024
PACKED_FROM = 1024


@dataclass(frozen=True, slots=True)
class SiteSettings:
    """What the site needs to know of its surroundings. ``demo``: anybody signs in as anybody, never with real data."""

    secret: str
    demo: bool = False
    secure: bool = False
    sign_on: SignOn | None = None


def create_site(over: Program, settings: SiteSettings) -> Flask:
    """The site over a program, ready for a WSGI server."""
    app = Flask("core.web", static_folder=None)
    app.url_rule_class = LateRule
    app.request_class = _Request
    app.config.update(
        SECRET_KEY=settings.secret,
        ZHANGGUI_DEMO=settings.demo,
        ZHANGGUI_SIGN_ON=settings.sign_on,
        SESSION_COOKIE_NAME="zhanggui_page",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_PATH="/",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BABEL_DEFAULT_LOCALE="zh_Hans_CN",
    )
    over.works.secret = settings.secret
    serve(app, over)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    Babel(app, locale_selector=language)
    # After Flask-Babel, which has another idea of what an underscore means.
    app.jinja_env.globals.update(_=_, asset=asset)
    app.jinja_env.policies["json.dumps_kwargs"] = {"ensure_ascii": False, "sort_keys": False}
    app.extensions["zhanggui_csrf"] = CSRFProtect(app)
    app.before_request(arrive)
    app.after_request(leave)
    problems.register(app)
    app.register_blueprint(static_files)
    app.register_blueprint(login)
    app.register_blueprint(second_step)
    app.register_blueprint(single_sign_on)
    app.wsgi_app = CompanyPath(app.wsgi_app)  # type: ignore[method-assign]
    add_screens(app, over)
    return app


def add_screens(app: Flask, over: Program) -> None:
    """Register the screens: core's own, one for each type, and what the areas say differs from that."""
    found = screens_of(over)
    home, *others = found
    site = Screens(app, name="Zhanggui", index_view=home, url="/", theme=_OurTheme())
    app.extensions["zhanggui_screens"] = list(found)
    for screen in others:
        site.add_view(screen)
    administration.register(app, site)


class _Request(Request):
    """Files come in parts, which the server library lays on the disk; anything else is read into memory."""

    @property  # type: ignore[misc]  # nobody sets it
    def max_content_length(self) -> int:  # type: ignore[override]  # as above
        return LARGEST_UPLOAD if self.mimetype == "multipart/form-data" else LARGEST_BODY


class _OurTheme(Theme):
    """No template of Flask-Admin is ever shown."""

    def __init__(self) -> None:
        super().__init__(folder="zhanggui", base_template="zhanggui/base.html")


def arrive() -> ResponseReturnValue | None:
    """Who comes, for which company, in which language."""
    g.request_id = secrets.token_hex(8)
    g.visitor = g.company_id = None
    if request.path.startswith("/static/"):
        return None
    key = request.cookies.get(sessions.COOKIE, "")
    if key:
        _recognise(key)
    speak(language_of(g.visitor))
    _legible()
    code = request.environ.get(COMPANY)
    if code is None:
        return choose_company() if request.path == "/" else None
    g.company_id = _companies().get(code) or _companies(fresh=True).get(code)
    if g.company_id is None:
        visitor()  # who has not signed in does not learn which companies there are
        raise Unknown()
    return None


def _legible() -> None:
    """Refuse what no database keeps, before any screen has to: characters without a shape, and ids beyond all ids."""
    if any(isinstance(value, int) and value > LARGEST_ID for value in (request.view_args or {}).values()):
        raise Unknown()
    texts = (text for given in (request.args, request.form) for _name, text in given.items(multi=True))
    if not all(readable(text) for text in texts):
        raise DomainError(MESSAGES["control"], code="control")


def _recognise(key: str) -> None:
    works = program().works
    with works.installation(reads=True) as connection:
        found = sessions.find(connection, key)
    if found:
        g.visitor, stale = found
        if stale:
            with works.installation() as connection:
                sessions.seen(connection, g.visitor.session_id)


def _companies(*, fresh: bool = False) -> dict[str, int]:
    """The ids of the companies by code; codes never change."""
    codes: dict[str, int] = known().setdefault("companies", {})
    if fresh or not codes:
        table: Any = Company.__table__
        with program().works.installation(reads=True) as connection:
            codes.update({row.code: row.id for row in connection.execute(select(table.c.code, table.c.id))})
    return codes


def leave(answer: Response) -> Response:
    """What every answer carries: the security headers, no caching of what is private, and a packed body."""
    answer.headers.setdefault("Content-Security-Policy", CSP)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Request-Id"] = g.get("request_id", "")
    if request.is_secure:
        answer.headers["Strict-Transport-Security"] = "max-age=31536000"
    answer.headers.setdefault("Cache-Control", "no-store")
    if not request.path.startswith("/static/"):
        answer.vary.add("Cookie")
    return _packed(answer)


def _packed(answer: Response) -> Response:
    """Gzip, with a name of random length in its head, so that the size says nothing about secrets in the page."""
    if (
        "gzip" not in request.headers.get("Accept-Encoding", "")
        or answer.is_streamed
        or answer.direct_passthrough
        or "Content-Encoding" in answer.headers
        or not ((answer.mimetype or "").startswith("text/") or "json" in (answer.mimetype or ""))
    ):
        return answer
    body = answer.get_data()
    if len(body) < PACKED_FROM:
        return answer
    answer.set_data(pack(body))
    answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    return answer


def pack(body: bytes) -> bytes:
    """``body`` gzipped under a name of random length."""
    target = BytesIO()
    with gzip.GzipFile(secrets.token_hex(secrets.randbelow(50) + 1), "wb", 5, target, mtime=0) as packing:
        packing.write(body)
    return target.getvalue()
