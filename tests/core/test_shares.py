"""A share in the database is the share in Python, whatever the sizes and signs, on both engines."""

from __future__ import annotations

import random
from decimal import Decimal

from sqlalchemy import literal, select

from core import money
from core.db.engine import open_engine
from core.db.shares import Share
from core.db.types import Scaled
from core.testing.fixtures import Database

AMOUNT = Scaled(2)
LARGE = 10**15
KNOWN = (("10", "1", "3", "3.33"), ("0.01", "1", "2", "0.01"), ("-0.01", "1", "2", "-0.01"), ("5", "0", "0", "0"))


def shared(database: Database, rows: list[tuple[Decimal, Decimal, Decimal]]) -> list[Decimal]:
    """What the database makes of amounts, parts and wholes."""
    engine = open_engine(database.url)
    columns = [Share(*(literal(figure, AMOUNT) for figure in row)).label(f"n{n}") for n, row in enumerate(rows)]
    with engine.connect() as link:
        found = list(link.execute(select(*columns)).one())
    engine.dispose()
    return found


def test_a_share_is_rounded_half_away_from_zero_and_nothing_of_nothing_is_nothing(database: Database) -> None:
    rows = [(Decimal(amount), Decimal(part), Decimal(whole)) for amount, part, whole, _found in KNOWN]
    assert shared(database, rows) == [Decimal(found) for *_row, found in KNOWN]


def test_the_database_shares_as_python_does(database: Database) -> None:
    """Products beyond 64 bits, and quotients a hair beside the half, are exact."""
    draw = random.Random(7)

    def figure() -> Decimal:
        return Decimal(draw.choice((-1, 1)) * draw.randint(1, draw.choice((9, 10**6, LARGE)))).scaleb(-2)

    rows = []
    for _n in range(100):
        whole, amount = figure(), figure()
        rows.append((amount, Decimal(draw.randint(0, int(abs(whole) * 100))).scaleb(-2), whole))
    beside = Decimal(2 * 10**13 + 1).scaleb(-2)
    rows.append((beside, Decimal(10**13).scaleb(-2), beside * 2))
    assert shared(database, rows) == [money.share(*row) for row in rows]


def test_what_is_unknown_has_no_share(database: Database) -> None:
    engine = open_engine(database.url)
    with engine.connect() as link:
        found = link.execute(select(Share(literal(None, AMOUNT), literal(1, AMOUNT), literal(0, AMOUNT)))).scalar()
    engine.dispose()
    assert found is None
