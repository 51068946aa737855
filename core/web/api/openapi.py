"""The description of the interface (OpenAPI 3.1): from the routes, the schemas that read, the faces that show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from core.documents.models import Document
from core.lazy import openapi
from core.schemas import inputs, requests
from core.web.api import derived, reports, shapes
from core.web.api.calls import BINARY, JSON, PDF, PROBLEM
from core.web.api.person_shapes import PERSONS
from core.web.api.routes import Route

VERSION = "1.0.0"
FILE = {"type": "string", "format": "binary"}
ABOUT = (
    "Everything people can do on the screens. Amounts, quantities and prices are decimal text without loss. "
    "A token acts as one person in one company; what that person may not see is not there. "
    "Send an Idempotency-Key with every POST and repeat it safely."
)
REFUSALS = {
    "400": "The request was not understood",
    "401": "A valid token is needed",
    "403": "Not allowed",
    "404": "Not here: unknown, of another company, or of an area not in use",
    "406": "Not in the form asked for",
    "409": "The state of things does not allow it",
    "412": "Somebody else was faster",
    "413": "Too large",
    "415": "Not this form of content",
    "422": "Something given is wrong; errors name each place",
    "428": "If-Match is needed",
    "500": "A mistake on our side",
    "503": "Busy or out of reach; repeat",
}


def description(routes: Sequence[Route]) -> dict[str, Any]:
    """The document for ``routes``."""
    apispec, for_marshmallow = openapi()
    spec = apispec.APISpec(
        "Zhanggui",
        VERSION,
        "3.1.0",
        plugins=[for_marshmallow.MarshmallowPlugin()],
        info={"description": ABOUT},
        security=[{"token": []}],
    )
    spec.components.security_scheme(
        "token", {"type": "http", "scheme": "bearer", "description": "A token of one account in one company: zg_…"}
    )
    for name, schema in {**shapes.COMMON, **PERSONS, **_outputs(routes), **reports.shapes(routes)}.items():
        spec.components.schema(name, schema)
    for name, found in _inputs(routes).items():
        spec.components.schema(name, schema=found)
    for status, about in REFUSALS.items():
        content = {PROBLEM: {"schema": shapes.ref("Problem")}}
        spec.components.response(f"Refused{status}", {"description": about, "content": content})
    for name, parameter in shapes.HEADERS.items():
        spec.components.parameter(name, "header", parameter)
    for route in routes:
        spec.path(
            re.sub(r"<(?:int:)?(\w+)>", r"{\1}", route.path), operations={route.method.lower(): _operation(route)}
        )
    document: dict[str, Any] = spec.to_dict()
    return document


def _inputs(routes: Sequence[Route]) -> dict[str, Any]:
    found: dict[str, Any] = {
        schema.__name__: schema
        for schema in (
            requests.MoveInput,
            requests.WithdrawInput,
            requests.CommentInput,
            requests.TakeOffInput,
            requests.DecisionInput,
            requests.NothingInput,
            requests.CallInInput,
            requests.HandOverInput,
            requests.SendBackInput,
            requests.StandInInput,
            requests.GuidanceInput,
            requests.AnswerInput,
            requests.RoleInput,
            requests.HeldRolesInput,
            requests.HandingOverInput,
            requests.PromiseInput,
            requests.UrgeInput,
            requests.LateInput,
            requests.TaskInput,
            requests.ImportInput,
            requests.AreaInput,
            requests.TakeInput,
            requests.CloseInput,
            requests.AllocateInput,
            requests.TakeBackInput,
        )
    }
    for cls in dict.fromkeys(route.cls for route in routes if route.cls):
        found[f"{cls.__name__}Input"] = inputs.schema(cls, False)
        found[f"{cls.__name__}Patch"] = inputs.schema(cls, True)
        if issubclass(cls, Document):
            found[f"{cls.__name__}New"] = requests.new_schema(cls)
        if any(route.takes == f"{cls.__name__}Look" for route in routes):
            found[f"{cls.__name__}Look"] = inputs.look_schema(cls)
    return found


def _outputs(routes: Sequence[Route]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for cls in dict.fromkeys(route.cls for route in routes if route.cls):
        found |= derived.of_type(cls)
    return found


def _operation(route: Route) -> dict[str, Any]:
    about: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.about,
        "tags": [route.area],
        "parameters": [*_path(route), *_query(route), *_headers(route)],
        "responses": {str(route.status): _answer(route), **{s: f"Refused{s}" for s in _refusals(route)}},
    }
    if route.mark == "asks":
        about["responses"]["304"] = {"description": "The caller has this version"}
    if route.takes == BINARY:
        about["requestBody"] = {"required": True, "content": {BINARY: {"schema": FILE}}}
    elif route.takes:
        about["requestBody"] = {"required": True, "content": {JSON: {"schema": shapes.ref(route.takes)}}}
        if example := derived.example(route):
            about["requestBody"]["content"][JSON]["example"] = example
    return about


def _answer(route: Route) -> dict[str, Any]:
    if route.status == 204:
        return {"description": "Done"}
    if route.gives == PDF:
        return {"description": "The paper", "content": {PDF: {"schema": {"type": "string", "format": "binary"}}}}
    if route.gives == BINARY:
        return {"description": "The file", "content": {BINARY: {"schema": FILE}}}
    answer: dict[str, Any] = {"description": "Done", "content": {JSON: {"schema": shapes.ref(route.answers)}}}
    headers: dict[str, Any] = {}
    if route.mark != "none":
        headers["ETag"] = {"description": "The version, for If-Match", "schema": {"type": "string"}}
    if route.status == 201:
        headers["Location"] = {"description": "The address of the record", "schema": {"type": "string"}}
    return answer | ({"headers": headers} if headers else {})


def _refusals(route: Route) -> list[str]:
    found = ["400", "401", "403", "404", "406", "422", "500", "503"]
    if route.takes:
        found += ["413", "415"]
    if route.method != "GET":
        found += ["409"]
    if route.mark in {"may", "must"}:
        found += ["412"]
    if route.mark == "must":
        found += ["428"]
    return sorted(found)


def _path(route: Route) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": derived.path_value(route, name, bool(kind))}
        for kind, name in re.findall(r"<(int:)?(\w+)>", route.path)
    ]


def _query(route: Route) -> list[dict[str, Any]]:
    return [{"name": name, "in": "query", "schema": derived.query_value(route, name)} for name in route.query]


def _headers(route: Route) -> list[str]:
    found = ["Accept-Language"]
    if route.writes and route.method == "POST":
        found.append("Idempotency-Key")
    if route.mark == "asks":
        found.append("If-None-Match")
    if route.mark in {"may", "must"}:
        found.append("If-Match" if route.mark == "must" else "If-Match-Optional")
    return found
