"""The published description is true: whatever is sent, the answers are those it promises."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from core.testing.api import api_app, token_for
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture
def description(firm: Firm) -> Any:
    app = api_app(firm)
    token = token_for(firm, "manager")
    firm.create(Quotation, who="manager", party_id=firm.party().id, lines=[line(firm.item())])
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    return schema, token


def test_answers_are_those_described(description: Any) -> None:
    schema, token = description
    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=8,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
        def check(case):
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)

        print(operation.label)
        from hypothesis import given
        from schemathesis import GenerationMode

        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = operation.as_strategy(generation_mode=mode)
                given(strategy)(check)()
            except BaseException as e:
                print("   ", mode, type(e), str(e)[:1500])
                [print("  >>", str(x)[:1200]) for x in getattr(e, "exceptions", [])]
