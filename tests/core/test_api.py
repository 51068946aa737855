"""The REST interface: every kind of route, as programs use it."""

from __future__ import annotations

import pytest

from core.testing.api import Api, api_for, said
from core.testing.builders import Firm

QUOTATIONS = "/quotation/quotations"


@pytest.fixture
def rep(firm: Firm) -> Api:
    """A representative's program."""
    return api_for(firm, "rep")


def test_a_program_creates_reads_lists_and_moves_a_quotation(firm: Firm, rep: Api) -> None:
    """From a customer to a numbered quotation without a screen."""
    party = rep.made("/core/parties", {"name": "青岛海天工程有限公司", "contacts": [{"name": "王"}]})
    made = rep.post(QUOTATIONS, {"party_id": party["id"], "lines": [{"item_id": firm.item("113").id, "quantity": "2"}]})
    assert made.status_code == 201, made.text
    assert made.headers["ETag"] == '"1"'
    quotation = rep.get(made.headers["Location"].removeprefix("/api/v1"))
    assert said(quotation) == said(made)
    assert (said(made)["net"], said(made)["tax"], said(made)["gross"]) == ("200", "26", "226")
    listed = said(rep.get(QUOTATIONS))
    assert [row["id"] for row in listed["items"]] == [said(made)["id"]]
    moved = rep.post(f"{QUOTATIONS}/{said(made)['id']}/moves/submit", {"version": 1})
    assert moved.status_code == 200, moved.text
    assert (said(moved)["state"], said(moved)["version"], moved.headers["ETag"]) == ("approved", 2, '"2"')
    assert said(moved)["number"].endswith("-0001")
