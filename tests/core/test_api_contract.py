"""The published description is true: whatever is sent, the answers are those that it promises."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.documents.kinds import Type, area_of, kind_of
from core.operations.people import set_roles
from core.testing.api import api_for, token_for
from core.testing.builders import Firm, line
from core.testing.sites import api_app
from core.web.api.records import place_of
from plugins.quotation.documents import Quotation

KEPT = Path(__file__).parent / "openapi.json"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# `make soak` looks longer: as many times as it takes walks.
LONG = int(os.environ.get("ZHANGGUI_SOAK", "1"))
EXAMPLES = {GenerationMode.POSITIVE: 3 * LONG, GenerationMode.NEGATIVE: 3 * LONG}


def described(app: Flask) -> dict[str, Any]:
    """The description as programs fetch it."""
    found = app.test_client().get("/api/v1/openapi.json").get_json()
    assert isinstance(found, dict)
    return found


def test_the_description_changes_only_when_somebody_means_it(firm: Firm) -> None:
    """The committed file is what the interface serves. ZHANGGUI_WRITE=1 writes it anew; within v1 only add to it."""
    found = json.dumps(described(api_app(firm)), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("ZHANGGUI_WRITE") == "1":
        KEPT.write_text(found, encoding="utf-8")
    assert found.splitlines() == KEPT.read_text(encoding="utf-8").splitlines()


def test_every_address_is_described_and_every_type_has_one(firm: Firm) -> None:
    """No type of any area is missing, and nothing answers that is not described."""
    app = api_app(firm)
    served = {rule.rule for rule in app.extensions["zhanggui_api"].url_map.iter_rules()} - {"/api/v1/openapi.json"}
    described_paths = {path.replace("{", "<").replace("}", ">") for path in described(app)["paths"]}
    assert {rule.replace("<int:", "<") for rule in served} == described_paths
    types: list[Type] = [*firm.program.registry.masters.values(), *firm.program.registry.documents.values()]
    for cls in types:
        assert place_of(cls) in described_paths
        assert place_of(cls).startswith(f"/api/v1/{area_of(kind_of(cls))}/")


@pytest.fixture
def known(firm: Firm) -> dict[str, int]:
    """Ids that are there, by the address of their list; a sent quotation keeps its area from being switched off."""
    roles = ["sales_manager", "company_administrator", "general_manager", "sales_clerk"]
    firm.as_program(lambda w: set_roles(w, firm.people["manager"], roles))
    api, party, item = api_for(firm, "manager"), firm.party("manager"), firm.item()
    sent = firm.create(Quotation, "manager", party_id=party.id, lines=[line(item, "2")])
    api.post(f"/quotation/quotations/{sent.id}/moves/submit", {})
    policy = {"name": "x", "document_kind": "quotation.quotation", "transition": "submit", "active": False, "steps": []}
    draft = firm.create(Quotation, "manager", party_id=party.id, lines=[line(item, "2")])
    return {
        "/core/parties": party.id,
        "/core/items": item.id,
        "/core/tax-rates": api.get("/core/tax-rates").get_json()["items"][0]["id"],
        "/core/approval-policies": api.made("/core/approval-policies", policy)["id"],
        "/quotation/quotations": draft.id,
    }


def test_answers_are_those_described(firm: Firm, known: dict[str, int]) -> None:
    """Made-up requests of every kind, fitting and not: no failure on our side, and no answer that is not described."""
    app = api_app(firm)
    document = described(app)
    # The token is ours, not made up: who may call is tested elsewhere.
    del document["security"], document["components"]["securitySchemes"]
    schema = schemathesis.openapi.from_dict(document)
    schema.app, schema.location = app, "/api/v1/openapi.json"
    headers = {"Authorization": f"Bearer {token_for(firm, 'manager')}"}
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a broken description ends the test here
        breakable = any(len(part) for part in (operation.path_parameters, operation.query, operation.body))
        # What does not fit is refused before any database is asked; trying it on one of them is enough.
        modes = EXAMPLES if breakable else {GenerationMode.POSITIVE: 1}
        if firm.program.engine.dialect.name == "postgresql":
            modes = {GenerationMode.POSITIVE: modes[GenerationMode.POSITIVE]}
        for mode, count in modes.items():
            made_up(operation, mode, count, lambda case: tried(case, known, headers))


def tried(case: Any, known: dict[str, int], headers: dict[str, str]) -> None:
    """One request, to a record that is there where its kind has one; every check holds."""
    if case.meta.generation.mode == GenerationMode.POSITIVE and "id" in case.path_parameters:
        for place, key in known.items():
            if case.path.startswith(f"/api/v1{place}/"):
                case.path_parameters["id"] = key
    case.call_and_validate(headers=headers, checks=CHECKS)


def made_up(operation: Any, mode: GenerationMode, count: int, check: Callable[[Any], None]) -> None:
    """Call ``check`` with requests made up for one operation, always the same ones."""

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        check(case)

    run()
