"""The application that answers below ``/api``: it reads the request, opens the work, and says no in one way."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, Request, Response, current_app, g, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from core.documents.reading import LARGEST_ID
from core.errors import DomainError, Fault, Invalid, Unknown
from core.schemas.inputs import MESSAGES, readable
from core.text import CHINESE, ENGLISH, Text, _, chosen, speak, speaking
from core.web.api import bodies, keys, problems
from core.web.api.calls import BINARY, PROBLEM, Answer, BadRequest, Call
from core.web.api.openapi import description
from core.web.api.routes import Act, Route, routes
from core.web.api.tokens import Caller, Outdated, Tokens, invalid
from core.web.rules import LateRule
from core.web.serving import known, program, serve
from core.work import Ask, Origin, Work

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from core.app import Program

ROOT = "/api"
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
FREE = frozenset({"q", "search", "after"})
LONGEST_WORDS, LONGEST_VALUE = 200, 2000
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Vary": "Authorization, Accept-Language",
}


class ApiPath:
    """Sends what is below ``/api`` to the interface and everything else to the site."""

    def __init__(self, api: Flask, site: WSGIApplication) -> None:
        self._api, self._site = api, site

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        # A company's pages have addresses of their own; the company of a program is that of its token.
        if "zhanggui.company" not in environ and (path == ROOT or path.startswith(f"{ROOT}/")):
            return self._api(environ, start_response)
        return self._site(environ, start_response)


class _Request(Request):
    """A file may be larger than what is read as JSON."""

    @property  # type: ignore[misc]  # nobody sets it
    def max_content_length(self) -> int:  # type: ignore[override]  # as above
        return bodies.LARGEST_FILE if self.mimetype == BINARY else bodies.LARGEST_BODY


def create_api(over: Program) -> Flask:
    """The interface over a program: a rule for every address, whatever the method, so that each refusal is ours."""
    app = Flask("core.web.api", static_folder=None)
    app.url_rule_class = LateRule
    app.request_class = _Request
    app.url_map.strict_slashes = False
    app.extensions["zhanggui_routes"] = found = routes(over.registry)
    by_path: dict[str, dict[str, Route]] = {}
    for route in found:
        by_path.setdefault(route.path, {})[route.method] = route
    app.extensions["zhanggui_paths"] = by_path
    serve(app, over)
    for path, methods in by_path.items():
        view = _view(methods)
        app.add_url_rule(path, path, view, methods=METHODS, provide_automatic_options=False)
    # Made when it is first asked for; a server that is never asked starts sooner.
    document = cache(lambda: description(found))
    app.add_url_rule("/api/v1/openapi.json", "openapi", document, methods=["GET"])
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.register_error_handler(HTTPException, _refused_by_server)
    app.register_error_handler(Exception, _failed)
    app.after_request(_sealed)
    return app


def _view(methods: dict[str, Route]) -> Callable[..., Response]:
    def view(**path: Any) -> Response:
        request_id = secrets.token_hex(8)
        with speaking(_language("")):
            try:
                return _response(_answer(methods, path, request_id), request_id)
            except HTTPException as error:
                return _response(problems.refused_by_server(error, request_id), request_id)
            except DomainError as error:
                return _response(problems.refusal(error, request_id), request_id)
            except Exception as error:
                where = f"{request.method} {request.path}"
                return _response(problems.failed(error, where, request_id), request_id)

    return view


def _answer(methods: dict[str, Route], path: dict[str, Any], request_id: str) -> Answer:
    route = methods.get("GET" if request.method == "HEAD" else request.method)
    if route is None:
        return problems.no_such_method(methods, request_id)
    header, tokens = request.headers.get("Authorization"), _tokens()
    try:
        return _called(route, path, tokens.caller(header, again=route.alone is not None), request_id)
    except Outdated:
        return _called(route, path, tokens.caller(header, again=True), request_id)


def _tokens() -> Tokens:
    """The tokens that this process has seen."""
    found: Tokens = known().setdefault("tokens", Tokens(program().works))
    return found


def _called(route: Route, path: dict[str, Any], caller: Caller, request_id: str) -> Answer:
    with speaking(_language(caller.language)):
        try:
            return _carried_out(route, path, caller, request_id)
        except Unknown as error:
            # Before the work was opened: the company is closed, or the account no longer works for it.
            known = g.get("arrived") or route.alone is not None
            return problems.refusal(error if known else invalid(), request_id)
        except DomainError as error:
            return problems.refusal(error, request_id)


def _carried_out(route: Route, path: dict[str, Any], caller: Caller, request_id: str) -> Answer:
    if request.accept_mimetypes and not request.accept_mimetypes.best_match((route.gives, PROBLEM)):
        raise BadRequest(406, _("This address gives {kind}.", kind=route.gives), "accept")
    if any(isinstance(value, int) and value > LARGEST_ID for value in path.values()):
        # Beyond all ids; no database would even look.
        g.arrived = True
        raise Unknown()
    came = Origin(request.remote_addr or "", request.user_agent.string, "api", f"{request.method} {request.path}")
    ask = Ask(caller.company, caller.account, request_id=request_id, origin=came)
    body = _body(route)
    call = Call(
        program(), ask, path, _query(route), dict(request.headers), request.script_root, route.cls, body, route.report
    )
    key = keys.key_of(request.headers.get(keys.HEADER)) if request.method == "POST" else None
    if route.alone is not None:
        return route.alone(call)
    works = program().works
    if not route.writes:
        with works.read(ask) as work:
            return _acted(route, _arrived(work, caller), call)
    asked = keys.fingerprint(request.method, request.full_path, request.get_data(cache=True))
    return works.run(ask, lambda w: keys.once(_arrived(w, caller), key, asked, lambda: _acted(route, w, call)))


def _body(route: Route) -> Any:
    if route.takes == BINARY:
        return bodies.file(request)
    return bodies.content(request) if route.takes else None


def _arrived(work: Work, caller: Caller) -> Work:
    """The work is open: the token still holds if the company is as it was when the token was found."""
    if caller.remembered and work.company.version != caller.version:
        raise Outdated
    g.arrived = True
    if work.actor is not None:
        speak(_language(work.actor.language))
    return work


def _acted(route: Route, work: Work, call: Call) -> Answer:
    work.require(route.area)
    return cast(Act, route.act)(work, call)


def _query(route: Route) -> dict[str, str]:
    """What the address asks for; raises ``Invalid`` for what this address does not know, or knows once."""
    faults = []
    for name, values in request.args.lists():
        said = _query_fault(name, values) if name in route.query else ("filter", _("There is no such filter."))
        if said is not None:
            faults.append(Fault(name[:60], said[1], said[0]))
    if faults:
        raise Invalid(faults)
    return dict(request.args.items())


def _query_fault(name: str, values: list[str]) -> tuple[str, Text] | None:
    """What is wrong with the value of one name, with its code."""
    longest = LONGEST_WORDS if name in {"q", "search"} else LONGEST_VALUE
    if len(values) > 1:
        return "twice", _("“{name}” is given twice.", name=name)
    if not readable(values[0]):
        return "control", MESSAGES["control"]
    if len(values[0]) > longest:
        return "too_long", _("At most {length} characters.", length=longest)
    if not values[0] and name not in FREE:
        return "required", MESSAGES["required"]
    return None


def _language(own: str) -> str:
    """The language asked for, else the account's own."""
    wanted = request.accept_languages.best_match(("zh", "en"))
    if wanted:
        return {"zh": CHINESE, "en": ENGLISH}[wanted]
    return chosen(own)


def _response(answer: Answer, request_id: str) -> Response:
    response = Response(answer.body, answer.status, dict(answer.headers), mimetype=answer.kind)
    if answer.status in {204, 304}:
        response.headers.pop("Content-Type", None)
    response.headers["X-Request-Id"] = request_id
    return response


def _refused_by_server(error: HTTPException) -> Response:
    """No such address, or a method that nobody knows."""
    request_id = secrets.token_hex(8)
    with speaking(_language("")):
        if isinstance(error, MethodNotAllowed):
            endpoint, _values = current_app.url_map.bind("").match(request.path, "GET")
            known = current_app.extensions["zhanggui_paths"].get(endpoint, {"GET": None})
            return _response(problems.no_such_method(known, request_id), request_id)
        return _response(problems.refused_by_server(error, request_id), request_id)


def _failed(error: Exception) -> Response:
    request_id = secrets.token_hex(8)
    return _response(problems.failed(error, request.path, request_id), request_id)


def _sealed(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "private, no-cache" if "ETag" in response.headers else "no-store")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response
