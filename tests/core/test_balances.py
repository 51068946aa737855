"""Balances move by differences: all keys or none, never below what is allowed, whoever acts at the same moment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.app import open_program
from core.db.engine import open_engine
from core.errors import Conflict, DomainError
from core.operations import balances
from core.testing.builders import Firm
from core.testing.counting import counted
from core.testing.fixtures import Database
from core.text import _
from core.work import Work
from plugins.logistics.masters import Stock, Warehouse
from tests.core.test_races import at_once

THREADS = 8
Changes = Mapping[tuple[int, int], Mapping[str, Decimal]]


@pytest.fixture
def crowd(database: Database) -> Iterator[Firm]:
    """A firm whose program lets many people act at once."""
    engine = open_engine(database.url, threads=THREADS + 2)
    yield Firm.founded(open_program(engine), "crowd", "人多照明有限公司", areas=["logistics"])
    engine.dispose()


def keys(firm: Firm, count: int) -> list[tuple[int, int]]:
    """The usual warehouse with as many products."""
    warehouse = firm.as_program(lambda w: w.session.scalars(select(Warehouse.id)).one())
    return [(warehouse, firm.item().id) for _n in range(count)]


def add(firm: Firm, changes: Changes, least: int | None = 0) -> Changes:
    return firm.as_program(lambda w: balances.add(w, Stock, changes, least=least))


def of(on_hand: int, reserved: int = 0) -> dict[str, Decimal]:
    return {"on_hand": Decimal(on_hand), "reserved": Decimal(reserved)}


def figures(firm: Firm, key: tuple[int, int]) -> dict[str, Decimal]:
    def look(work: Work) -> dict[str, Decimal]:
        row = work.session.execute(
            select(Stock.on_hand, Stock.reserved).where(Stock.warehouse_id == key[0], Stock.item_id == key[1])
        ).one_or_none()
        return {"on_hand": row.on_hand, "reserved": row.reserved} if row else of(0)

    return firm.as_program(look)


def test_a_balance_begins_at_zero_and_adds_up(firm: Firm) -> None:
    one, other = keys(firm, 2)
    assert add(firm, {one: of(5), other: of(3)}) == {one: of(5), other: of(3)}
    assert add(firm, {one: of(-2), other: of(0)}) == {one: of(3)}
    assert figures(firm, one) == of(3)
    assert figures(firm, other) == of(3)


def test_nothing_moves_when_one_of_the_keys_falls_short(firm: Firm) -> None:
    one, other = keys(firm, 2)
    add(firm, {one: of(5), other: of(1)})
    with pytest.raises(Conflict) as refusal:
        add(firm, {one: of(-5), other: of(-2)})
    assert refusal.value.code == "balance.short"
    assert figures(firm, one) == of(5)
    assert add(firm, {other: of(-2)}, least=None) == {other: of(-1)}
    assert add(firm, {other: of(1)}) == {other: of(0)}, "what gets better is never refused"


def test_who_asks_says_what_is_short_in_words_of_his_own(firm: Firm) -> None:
    one, other = keys(firm, 2)
    add(firm, {one: of(5), other: of(1)})
    named: dict[tuple[int, int], dict[str, Decimal]] = {}

    def short(failing: Mapping[tuple[int, int], dict[str, Decimal]]) -> DomainError:
        named.update(failing)
        return Conflict(_("There is not enough left for this."), code="mine")

    with pytest.raises(Conflict) as refusal:
        firm.as_program(lambda w: balances.add(w, Stock, {one: of(-1), other: of(-4)}, short=short))
    assert refusal.value.code == "mine"
    assert named == {other: of(-3)}


def test_no_more_is_promised_than_there_is(firm: Firm) -> None:
    (key,) = keys(firm, 1)
    add(firm, {key: of(5, 4)})
    with pytest.raises(Conflict):
        add(firm, {key: of(0, 2)})
    with pytest.raises(Conflict):
        add(firm, {key: of(-2)})
    assert add(firm, {key: of(-4, -4)}) == {key: of(1, 0)}


@pytest.mark.parametrize("count", [1, 60])
def test_any_number_of_keys_takes_three_statements_at_most(firm: Firm, count: int) -> None:
    wanted = keys(firm, count)
    firm.as_program(lambda w: None)

    def command(work: Work) -> int:
        with counted(firm.program.engine) as statements:
            balances.add(work, Stock, {key: of(2) for key in wanted})
        return len(statements)

    assert firm.as_program(command) == 3, "rows are made"
    assert firm.as_program(command) == 2


def test_the_last_piece_is_taken_once_by_however_many_people(crowd: Firm) -> None:
    first, second, third = keys(crowd, 3)
    add(crowd, {first: of(5), second: of(5)})
    # Half of them name the keys the other way round, and one key is new to all: the order is everybody's own.
    wanted = {first: of(-1), third: of(1), second: of(-1)}
    orders = [wanted if n % 2 else dict(reversed(wanted.items())) for n in range(THREADS)]
    answers = at_once([lambda o=order: add(crowd, o) for order in orders])  # type: ignore[misc]
    refused = [answer for answer in answers if isinstance(answer, Exception)]
    assert len(refused) == THREADS - 5
    assert {type(answer) for answer in refused} == {Conflict}
    assert [figures(crowd, key) for key in (first, second, third)] == [of(0), of(0), of(5)]


def test_a_balance_is_of_one_company_only(firm: Firm, other_firm: Firm) -> None:
    (key,) = keys(firm, 1)
    add(firm, {key: of(5)})
    assert figures(other_firm, key) == of(0)
    with pytest.raises(Conflict):
        add(other_firm, {key: of(5)})
    assert figures(firm, key) == of(5)
