"""The database itself keeps the parts of a posted document, and keeps companies apart."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from core.documents.parts import content_of
from core.entities.item import Item
from core.errors import DomainError
from core.testing.builders import Firm
from tests.architecture.test_frozen import other_value, refused, say
from tests.parts.sampler.documents import Deal, DealMilestone
from tests.parts.test_saving import deal

TABLE = DealMilestone.__table__


@pytest.fixture
def signed(firm: Firm, item: Item) -> Deal:
    """A deal that counts from now on."""
    return firm.move(deal(firm, item), "sign")


def test_every_content_column_of_a_part_is_frozen_with_its_document(firm: Firm, signed: Deal, item: Item) -> None:
    others = {"item_id": str(item.id), "owner_id": str(firm.people["boss"])}
    changing = [
        name
        for name in content_of(DealMilestone)
        if not refused(
            firm,
            f"UPDATE sampler_milestone SET {name} = {others.get(name) or other_value(TABLE, name)} "
            f"WHERE document_id = {signed.id}",
        )
    ]
    assert changing == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM sampler_milestone WHERE document_id = {id}",
        "INSERT INTO sampler_milestone (company_id, document_id, name, percent, amount, position) "
        "VALUES ({company}, {id}, 'x', 0, 0, 9)",
        "UPDATE sampler_milestone SET document_id = {draft} WHERE document_id = {id}",
        "UPDATE sampler_milestone SET document_id = {id} WHERE document_id = {draft}",
    ],
)
def test_parts_of_a_posted_document_neither_come_nor_go(firm: Firm, signed: Deal, item: Item, statement: str) -> None:
    draft = deal(firm, item)
    assert refused(firm, statement.format(id=signed.id, company=firm.id, draft=draft.id))


def test_living_columns_and_drafts_stay_open(firm: Firm, signed: Deal, item: Item) -> None:
    draft = deal(firm, item)
    assert say(firm, f"UPDATE sampler_milestone SET done_on = '2026-01-01' WHERE document_id = {signed.id}") == 3
    assert say(firm, f"UPDATE sampler_milestone SET name = 'x' WHERE document_id = {draft.id}") == 3


def test_a_part_of_another_company_is_neither_seen_nor_written(firm: Firm, item: Item, other_firm: Firm) -> None:
    draft = deal(firm, item)
    if firm.program.engine.dialect.name == "postgresql":
        seen = "SELECT count(*) FROM sampler_milestone"
        assert other_firm.as_program(lambda w: w.connection.execute(text(seen)).scalar()) == 0
    own = "INSERT INTO sampler_milestone (company_id, document_id, name, percent, amount, position) "
    assert say(firm, f"{own} VALUES ({firm.id}, {draft.id}, 'x', 0, 0, 9)") == 1
    with pytest.raises(DomainError) as refusal:
        say(other_firm, f"{own} VALUES ({other_firm.id}, {draft.id}, 'x', 0, 0, 9)")
    assert refusal.value.code == "conflict.reference"
