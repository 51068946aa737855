"""Four people of a company in full trade act at the same moment, fifty times over, on each engine.

Nothing is promised, delivered, invoiced or paid twice, or beyond what is there; nobody sees how the programs had to
wait for one another; and afterwards the records prove themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from core.app import open_program
from core.approvals.models import ApprovalTask
from core.db.engine import open_engine
from core.documents.kinds import kind_of
from core.documents.models import Claim, Document, DocumentLine, OpenLine, Settlement
from core.operations import people
from core.records.invariants import verify_figures
from core.records.verify import verify_history
from core.roles import SALES_MANAGER
from core.testing.fixtures import database_on
from plugins.billing.documents import Invoice, Receipt
from plugins.contract.documents import Contract, Order
from plugins.logistics.documents import Delivery, ReturnReceipt
from tests.core.chains import (
    Shop,
    agreed,
    allocated,
    closed,
    moved,
    moved_in_turn,
    set_quantity,
    taken,
    taken_and_moved,
    taken_back,
)
from tests.core.racing import DONE, ROUNDS, Act, Round, Told, Track, act, racers


class Arena:
    """A company, and four racers over its database."""

    def __init__(self, shop: Shop, track: Track, owner: Engine) -> None:
        self.shop, self.firm, self.track, self._owner = shop, shop.firm, track, owner

    def run(self, rounds: Sequence[Round]) -> Told:
        """Run the rounds; nobody may be told of anything but a refusal with its reason."""
        with self._owner.begin() as link:
            # The tables grew in a minute; nobody has told the planner yet.
            link.exec_driver_sql("ANALYZE")
        told = self.track.run(rounds)
        strange = {a for answers in told.answers for a in answers if a in ("busy", "stale") or ":" in a}
        assert not strange
        return told

    def acts(self, who: str, *commands: Any) -> list[Act]:
        """The same person at several places at once."""
        return [act(self.firm, who, command) for command in commands]

    def header(self, document: Document, name: str) -> Any:
        """What stands on a document's header now."""
        return self.rows(select(getattr(Document, name)).where(Document.id == document.id))[0][0]

    def rows(self, statement: Any) -> list[Any]:
        """What stands in the database."""
        return self.firm.as_program(lambda work: list(work.session.execute(statement)))


def won(told: Told) -> list[int]:
    """By round: how many acts were carried out."""
    return [answers.count(DONE) for answers in told.answers]


def refusals(told: Told) -> set[str]:
    """Why acts were refused, in all rounds."""
    return {answer for answers in told.answers for answer in answers} - {DONE}


class Races:
    """The races; the classes below run them, each on its own engine."""

    engine: str

    @pytest.fixture(scope="class")
    @classmethod
    def arena(cls, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Arena]:
        folder: Path = tmp_path_factory.mktemp("races")
        with database_on(cls.engine, request, folder) as database:
            engine, owner = open_engine(database.url), open_engine(database.owner_url)
            shop = Shop.founded(open_program(engine), "race", ("contract", "logistics", "billing", "credit"))
            with racers(database.url) as track:
                yield Arena(shop, track, owner)
            engine.dispose()
            owner.dispose()

    # Goods ------------------------------------------------------------------------------------------------------

    def test_of_an_order_no_more_is_taken_than_is_open(self, arena: Arena) -> None:
        """Ten are open; of four who want four each two get them, and two drafts of four never become two of six."""
        lines = arena.shop.long_order("10", ROUNDS).lines
        told = arena.run(
            [arena.acts("clerk", *[partial(taken, cls=Delivery, wanted=[(one.id, "4")])] * 4) for one in lines]
        )
        assert won(told) == [2] * ROUNDS
        assert refusals(told) == {"flow.taken"}
        drafts = _taken_from(arena, lines, Delivery)
        told = arena.run(
            [
                arena.acts(
                    "clerk",
                    *[partial(set_quantity, cls=Delivery, key=d, line_id=x, quantity="6") for d, x in drafts[one.id]],
                )
                for one in lines
            ]
        )
        assert won(told) == [1] * ROUNDS
        assert refusals(told) == {"flow.taken"}
        rows = arena.rows(select(OpenLine.taken, OpenLine.taken_amount).where(_in(OpenLine.line_id, lines)))
        assert [tuple(row) for row in rows] == [(Decimal(10), Decimal(1000))] * ROUNDS

    def test_what_is_taken_and_shipped_in_one_work_leaves_once(self, arena: Arena) -> None:
        """Eight are open beside two that are ready: of three who take four and ship them two do, and the two leave."""
        shop = arena.shop
        order = shop.long_order("10", ROUNDS)
        ready = shop.move(shop.take(Delivery, order.lines, "2"), "confirm")
        told = arena.run(
            [
                arena.acts(
                    "clerk",
                    *[
                        partial(taken_and_moved, cls=Delivery, line_id=one.id, quantity="4", names=("confirm", "ship"))
                        for _n in range(3)
                    ],
                    partial(moved, cls=Delivery, key=delivery.id, name="ship"),
                )
                for one, delivery in zip(order.lines, ready, strict=True)
            ]
        )
        assert won(told) == [3] * ROUNDS
        assert refusals(told) == {"flow.taken"}
        assert told.retries == 0
        rows = arena.rows(select(DocumentLine.delivered).where(_in(DocumentLine.id, order.lines)))
        assert {row.delivered for row in rows} == {Decimal(10)}
        assert arena.header(order, "delivered") == order.gross

    def test_two_deliveries_of_one_order_both_count_and_neither_twice(self, arena: Arena) -> None:
        """Two people ship each of two deliveries at the same moment: both leave once, and the order knows of both."""
        shop = arena.shop
        order = shop.long_order("10", ROUNDS)
        halves = [shop.move(shop.take(Delivery, order.lines, "5"), "confirm") for _half in range(2)]
        told = arena.run(
            [
                arena.acts("clerk", *[partial(moved, cls=Delivery, key=d.id, name="ship") for d in pair * 2])
                for pair in zip(*halves, strict=True)
            ]
        )
        assert won(told) == [2] * ROUNDS
        assert refusals(told) == {"move.illegal"}
        rows = arena.rows(select(DocumentLine.delivered).where(_in(DocumentLine.id, order.lines)))
        assert {row.delivered for row in rows} == {Decimal(10)}
        assert arena.header(order, "delivered") == order.gross

    def test_no_more_comes_back_than_was_delivered(self, arena: Arena) -> None:
        """Four were delivered; two receipts of three each are stored by two people each: one of them is."""
        shop = arena.shop
        lines = shop.long_order("4", ROUNDS).lines
        shop.shipped(lines)
        receipts = [shop.each("clerk", lambda w, one: taken_back(w, one.id, "3"), lines) for _half in range(2)]
        for half in receipts:
            shop.move(half, "inspect", values={"disposal": "scrap"})
        told = arena.run(
            [
                arena.acts("clerk", *[partial(moved, cls=ReturnReceipt, key=r.id, name="store") for r in pair * 2])
                for pair in zip(*receipts, strict=True)
            ]
        )
        assert won(told) == [1] * ROUNDS
        assert refusals(told) == {"move.illegal", "flow.returned"}
        rows = arena.rows(select(DocumentLine.returned).where(_in(DocumentLine.id, lines)))
        assert {row.returned for row in rows} == {Decimal(3)}

    def test_an_order_is_either_recalled_or_taken(self, arena: Arena) -> None:
        """Taken, closed and recalled at once: a recall takes along the draft nobody has touched, or none is made."""
        orders = arena.shop.released(arena.shop.parties(ROUNDS), "10")
        told = arena.run(
            [
                [
                    act(arena.firm, "clerk", partial(taken, cls=Delivery, wanted=[(o.lines[0].id, "4")])),
                    act(arena.firm, "manager", partial(moved, cls=Order, key=o.id, name="recall", reason="改期")),
                    act(arena.firm, "manager", partial(closed, cls=Order, key=o.id)),
                    act(arena.firm, "clerk", partial(taken, cls=Delivery, wanted=[(o.lines[0].id, "7")])),
                ]
                for o in orders
            ]
        )
        assert "flow.taken" in refusals(told)
        drafts = _taken_from(arena, [o.lines[0] for o in orders], Delivery)
        for place, order in enumerate(orders):
            first, recalled, ended, last = (answer == DONE for answer in told.answers[place])
            assert first + last <= 1, told.answers[place]
            there = len(drafts[order.lines[0].id])
            assert there == (0 if recalled else first + last), told.answers[place]
            assert not (there and ended), told.answers[place]
            assert arena.header(order, "state") == ("confirmed" if recalled else "released")
            assert (arena.header(order, "closure") == "forced") == ended

    # Credit -----------------------------------------------------------------------------------------------------

    def test_two_orders_never_exceed_the_limit_together(self, arena: Arena) -> None:
        """CRD-07: of four orders of 400 two fit into 900, and one where another was shipped and is not invoiced yet."""
        shop = arena.shop
        parties = shop.trusted(ROUNDS, "900")
        handed_on = shop.released(parties[::2])
        for order in handed_on:
            shop.shipped(order.lines)
        told = _ordered_at_once(arena, shop, parties)
        assert won(told) == [1, 2] * (ROUNDS // 2)
        assert refusals(told) == {"move.refused"}

    @pytest.mark.parametrize("areas", [("contract",), ("contract", "billing"), ("contract", "logistics")])
    def test_the_limit_holds_whatever_areas_are_used(self, arena: Arena, areas: tuple[str, ...]) -> None:
        """CRD-07 in companies that leave areas out."""
        shop = Shop.founded(arena.firm.program, "-".join(areas), (*areas, "credit"))
        told = _ordered_at_once(arena, shop, shop.trusted(10, "900"))
        assert won(told) == [2] * 10
        assert refusals(told) == {"move.refused"}

    # Money ------------------------------------------------------------------------------------------------------

    def test_what_was_delivered_is_invoiced_once(self, arena: Arena) -> None:
        """Lines of two deliveries are collected by two people each, every invoice issued by two: all of it once."""
        shop = arena.shop
        order = shop.long_order("10", ROUNDS)
        halves = [shop.shipped(order.lines, "5").lines for _half in range(2)]
        collected = partial(taken, cls=Invoice, invoice_kind="receipt")
        told = arena.run(
            [
                arena.acts("clerk", *[partial(collected, wanted=[(one.id, None)]) for one in pair * 2])
                for pair in zip(*halves, strict=True)
            ]
        )
        assert won(told) == [2] * ROUNDS
        assert refusals(told) == {"flow.taken"}
        drafts = _taken_from(arena, order.lines, Invoice)
        told = arena.run(
            [
                arena.acts(
                    "finance", *[partial(moved, cls=Invoice, key=d, name="issue") for d, _x in drafts[one.id] * 2]
                )
                for one in order.lines
            ]
        )
        assert won(told) == [2] * ROUNDS
        assert refusals(told) == {"move.illegal"}
        figures = select(DocumentLine.invoiced, DocumentLine.invoiced_amount)
        rows = arena.rows(figures.where(_in(DocumentLine.id, order.lines)))
        assert [tuple(row) for row in rows] == [(Decimal(10), Decimal(1000))] * ROUNDS
        assert (arena.header(order, "invoiced"), arena.header(order, "uninvoiced")) == (order.gross, 0)

    def test_neither_a_receipt_nor_an_invoice_is_used_twice(self, arena: Arena) -> None:
        """Two receipts against one invoice, then one receipt against two invoices: money meets what there is, once."""
        shop, party = arena.shop, arena.shop.party.id
        claims = [[claim.id for claim in shop.claims(shop.issued([party] * ROUNDS))] for _half in range(2)]
        confirmed = [
            shop.move(shop.receipts([party] * ROUNDS, amount), "confirm", who="finance")
            for amount in ("400", "400", "300")
        ]
        told = arena.run(
            [
                arena.acts(
                    "finance", *[partial(allocated, receipt=r.id, uses=[("300", c)]) for r in pair for _n in "ab"]
                )
                for *pair, c in zip(confirmed[0], confirmed[1], claims[0], strict=True)
            ]
        )
        assert won(told) == [1] * ROUNDS
        assert refusals(told) <= {"claim.met", "payment.used"}
        told = arena.run(
            [
                arena.acts("finance", *[partial(allocated, receipt=r.id, uses=u) for u in _across(one, two)])
                for r, one, two in zip(confirmed[2], *claims, strict=True)
            ]
        )
        assert won(told) == [1] * ROUNDS
        assert refusals(told) <= {"claim.met", "payment.used"}
        assert _wrongly_used(arena) == []

    # Decisions and numbers --------------------------------------------------------------------------------------

    def test_a_consent_is_given_once_and_moves_once(self, arena: Arena) -> None:
        """Two managers click twice each: one consent, one move, one number."""
        firm = arena.firm
        other = people.create_account(firm.program.works, "second@race", "第二经理")
        firm.people["second"] = other
        firm.as_program(lambda w: people.employ(w, other, roles=[SALES_MANAGER.key]))
        contracts = arena.shop.contracts(arena.shop.parties(ROUNDS))
        arena.shop.ask_manager("contract.contract", "submit")
        arena.shop.move(contracts, "submit", who="rep")
        tasks = arena.rows(select(ApprovalTask.id).where(_in(ApprovalTask.document_id, contracts)))
        told = arena.run(
            [[act(firm, who, partial(agreed, task_id=task.id)) for who in ("manager", "second") * 2] for task in tasks]
        )
        firm.drop_policies()
        assert won(told) == [1] * ROUNDS
        assert refusals(told) == {"approval.decided"}
        rows = arena.rows(select(Document.state, Document.number).where(_in(Document.id, contracts)))
        assert {row.state for row in rows} == {"approved"}
        assert len({row.number for row in rows}) == ROUNDS

    @pytest.mark.parametrize("cls", [Order, Receipt])
    def test_the_first_numbers_of_a_day_have_no_twins_and_no_holes(self, arena: Arena, cls: type[Document]) -> None:
        """Four number the first documents of fifty days at once, in a series that may have holes and a strict one."""
        shop = arena.shop
        today = arena.firm.as_program(lambda w: w.today)
        days = [today - timedelta(days=ROUNDS + 10 - n // 4) for n in range(4 * ROUNDS)]
        parties = [shop.party.id] * len(days)
        drafts: Sequence[Document] = (
            shop.orders(parties, days=days) if cls is Order else shop.receipts(parties, "100", days)
        )
        who, name = ("rep", "submit") if cls is Order else ("finance", "confirm")
        told = arena.run(
            [
                arena.acts(who, *[partial(moved, cls=cls, key=d.id, name=name) for d in drafts[n : n + 4]])
                for n in range(0, len(drafts), 4)
            ]
        )
        assert won(told) == [4] * ROUNDS
        rows = arena.rows(select(Document.date, Document.number).where(_in(Document.id, drafts)))
        assert Counter(f"{row.date:%Y%m%d}-{row.number.rpartition('-')[2]}" for row in rows) == Counter(
            f"{day:%Y%m%d}-{n:04}" for day in days[::4] for n in range(1, 5)
        )

    def test_works_over_two_series_in_opposite_order_both_come_through(self, arena: Arena) -> None:
        """One numbers an order and then a contract, the other a contract and then an order."""
        shop = arena.shop
        parties = shop.parties(4)
        orders, contracts = shop.orders(parties * ROUNDS), shop.contracts(parties * ROUNDS)
        rounds = []
        for n in range(0, 4 * ROUNDS, 4):
            steps = [
                [(Order, orders[n + k].id, "submit"), (Contract, contracts[n + k].id, "submit")][:: 1 - 2 * (k % 2)]
                for k in range(4)
            ]
            rounds.append(arena.acts("rep", *[partial(moved_in_turn, steps=tuple(pair)) for pair in steps]))
        told = arena.run(rounds)
        assert won(told) == [4] * ROUNDS
        assert told.retries == 0

    def test_what_waits_for_one_another_in_a_circle_is_tried_again_inside(self, arena: Arena) -> None:
        """One moves A and then B, the other B and then A: both are carried out, or told of the state, never more."""
        shop = arena.shop
        orders = shop.released(shop.parties(10))
        told = arena.run(
            [
                arena.acts(
                    "manager",
                    *[
                        partial(moved_in_turn, steps=tuple((Order, o.id, "recall") for o in pair))
                        for pair in (p, p[::-1])
                    ],
                )
                for p in zip(orders[::2], orders[1::2], strict=True)
            ]
        )
        assert won(told) == [1] * 5
        assert refusals(told) == {"move.illegal"}

    # The end ----------------------------------------------------------------------------------------------------

    def test_afterwards_the_records_prove_themselves(self, arena: Arena) -> None:
        """Histories are whole, numbers without holes, totals and figures the sums of what they stand for."""
        found = arena.firm.as_program(lambda w: [*verify_history(w), *verify_figures(w)])
        assert [(one.code, one.record, str(one.text)) for one in found] == []


# What the tests ask for -----------------------------------------------------------------------------------------------


def _in(column: Any, records: Iterable[Any]) -> Any:
    return column.in_([one.id for one in records])


def _taken_from(arena: Arena, lines: Sequence[DocumentLine], cls: type[Document]) -> dict[int, list[tuple[int, int]]]:
    """By the line where they began: the documents of ``cls`` with their only line."""
    rows = arena.rows(
        select(DocumentLine.origin_id, Document.id, DocumentLine.id)
        .join(Document, Document.id == DocumentLine.document_id)
        .where(_in(DocumentLine.origin_id, lines), Document.kind == kind_of(cls))
        .order_by(Document.id)
    )
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for origin, document, line in rows:
        found[origin].append((document, line))
    return found


def _ordered_at_once(arena: Arena, shop: Shop, parties: Sequence[int]) -> Told:
    """For each customer four people submit an order of 400 at the same moment."""
    drafts = [shop.orders(parties) for _racer in range(4)]
    return arena.run(
        [
            [act(shop.firm, "rep", partial(moved, cls=Order, key=one.id, name="submit")) for one in four]
            for four in zip(*drafts, strict=True)
        ]
    )


def _across(one: int, two: int) -> list[list[tuple[str, int]]]:
    """Four ways to spend 300 on two claims, of which the first has 100 left."""
    return [[("300", two)], [("100", one), ("200", two)], [("200", two), ("100", one)], [("300", two)]]


def _wrongly_used(arena: Arena) -> list[Any]:
    """Receipts and claims whose figure is not the sum of their settlements, or is beyond their amount."""
    used = func.coalesce(func.sum(Settlement.amount), 0)
    wrong = []
    for table, amount, key in (
        (Receipt, Receipt.amount, Settlement.payment_id),
        (Claim, Claim.amount, Settlement.claim_id),
    ):
        statement = (
            select(table.id, table.settled, used)
            .outerjoin(Settlement, (key == table.id) & Settlement.reversed_at.is_(None))
            .group_by(table.id, table.settled, amount)
            .having((table.settled > amount) | (table.settled != used))
        )
        wrong += arena.rows(statement)
    return wrong


class TestOnSQLite(Races):
    engine = "sqlite"


class TestOnPostgreSQL(Races):
    engine = "postgresql"
