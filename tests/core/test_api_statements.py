"""What a call costs: statements are counted, and do not grow with the lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event
from werkzeug.test import TestResponse

from core.testing.api import Api, api_for, said
from core.testing.builders import Firm, line
from plugins.quotation.documents import Quotation

QUOTATIONS = "/quotation/quotations"


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the driver within the block."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(firm: Firm, call: Callable[[], TestResponse]) -> int:
    """How many statements a call takes; it must succeed."""
    with counted(firm.program.engine) as seen:
        answer = call()
    assert answer.status_code < 300, answer.get_data(as_text=True)
    return len(seen)


@pytest.fixture
def rep(firm: Firm) -> Api:
    """A representative's program whose facts are known already."""
    api = api_for(firm, "rep")
    assert api.get("/core/me").status_code == 200
    return api


@pytest.mark.parametrize("count", [1, 5, 50])
def test_a_quotation_is_created_and_moved_in_few_statements(firm: Firm, rep: Api, count: int) -> None:
    """Create at most 9, moves at most 10, reads at most 3; with 1, 5 and 50 lines alike, a key adds two."""
    party, item = firm.party(), firm.item()
    lines = [line(item, "2") for _n in range(count)]
    body = {"party_id": party.id, "lines": lines}
    rep.post(QUOTATIONS, body)
    assert cost(firm, lambda: rep.post(QUOTATIONS, body)) <= 9
    assert cost(firm, lambda: rep.post(QUOTATIONS, body, Idempotency_Key="k")) <= 11
    quotation = firm.create(Quotation, party_id=party.id, lines=lines)
    at = f"{QUOTATIONS}/{quotation.id}"
    assert cost(firm, lambda: rep.get(at)) <= 3
    assert cost(firm, lambda: rep.patch(at, {"lines": lines}, 1)) <= 12
    assert cost(firm, lambda: rep.post(f"{QUOTATIONS}/preview", body)) <= 6
    assert cost(firm, lambda: rep.post(f"{at}/moves/submit")) <= 10
    assert cost(firm, lambda: rep.post(f"{at}/moves/send")) <= 10


def test_a_list_costs_the_same_however_long_it_is(firm: Firm, rep: Api) -> None:
    """At most 6 statements, with filters and a search as without."""
    party, item = firm.party(), firm.item()
    for _n in range(12):
        firm.create(Quotation, party_id=party.id, lines=[line(item)])
    for query in ("", "?size=10", "?state=draft&sort=-gross", "?search=青岛", f"?party_id={party.id}"):
        assert cost(firm, lambda: rep.get(f"{QUOTATIONS}{query}")) <= 6  # noqa: B023 - called at once
    assert len(said(rep.get(QUOTATIONS))["items"]) == 12
    assert cost(firm, lambda: rep.get("/core/parties")) <= 6
