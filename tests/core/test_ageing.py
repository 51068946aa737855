"""The age of what is owed falls into buckets whose ends are included; Python and both databases agree."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.ageing import BOUNDS, BadBounds, Buckets, age
from core.documents.models import Document
from core.extension.loader import load
from core.testing.builders import Firm, line
from core.testing.counting import counted
from core.text import CHINESE, speaking
from core.work import Work
from plugins.quotation.documents import Quotation

AS_OF = date(2026, 11, 22)
USUAL = Buckets()
# As the trade counts, as of 2026-11-22: the base day, its age, and the highest day of its bucket.
EXAMPLES = [
    ("2026-10-23", 30, 30),
    ("2026-10-22", 31, 60),
    ("2026-09-23", 60, 60),
    ("2026-09-22", 61, 90),
    ("2026-08-24", 90, 90),
    ("2026-08-23", 91, 180),
    ("2026-05-26", 180, 180),
    ("2026-05-25", 181, 365),
    ("2025-11-22", 365, 365),
    ("2025-11-21", 366, 730),
    ("2026-11-22", 0, 0),
    ("2026-11-23", -1, 0),
    ("2026-11-21", 1, 30),
    ("2024-11-22", 730, 730),
    ("2024-11-21", 731, 1095),
    ("2023-11-23", 1095, 1095),
    ("2023-11-22", 1096, None),
]


@pytest.mark.parametrize(("base", "days", "bound"), EXAMPLES)
def test_a_day_falls_into_its_bucket_with_both_ends_included(base: str, days: int, bound: int | None) -> None:
    day = date.fromisoformat(base)
    assert age(day, AS_OF) == days
    expected = len(BOUNDS) if bound is None else BOUNDS.index(bound)
    assert USUAL.bucket(days) == USUAL.place(day, AS_OF) == expected


def test_what_has_no_day_is_not_due() -> None:
    assert USUAL.place(None, AS_OF) == 0


def test_the_buckets_are_called_as_people_call_them() -> None:
    load()
    assert [str(label) for label in USUAL.labels()] == [
        "Not due", "1–30 days", "31–60 days", "61–90 days", "91–180 days", "181–365 days", "1–2 years", "2–3 years",
        "Over 3 years",
    ]  # fmt: skip
    with speaking(CHINESE):
        assert [str(label) for label in USUAL.labels()] == [
            "未到期", "1–30天", "31–60天", "61–90天", "91–180天", "181–365天", "1–2年", "2–3年", "3年以上",
        ]  # fmt: skip
    assert [str(label) for label in Buckets((15, 45)).labels()] == ["0–15 days", "16–45 days", "Over 45 days"]
    assert [str(label) for label in Buckets((0, 365)).labels()][-1] == "Over 1 year"


def test_from_the_day_of_the_document_the_first_bucket_begins_with_zero() -> None:
    found = USUAL.by_document()
    assert found.bounds == BOUNDS[1:]
    assert (found.bucket(0), found.bucket(30), found.bucket(31)) == (0, 0, 1)
    assert str(found.labels()[0]) == "0–30 days"


def test_a_company_names_its_own_bounds() -> None:
    assert Buckets.parse(" 0, 30，90 ") == Buckets((0, 30, 90))
    assert Buckets.parse(str(USUAL)) == USUAL
    for wrong in ("", "30,30", "60,30", "x", "-1,30", "1.5", "99999", ",", "0,٣", ",".join(map(str, range(40)))):
        with pytest.raises(BadBounds):
            Buckets.parse(wrong)


@given(st.integers(-2000, 5000), st.sets(st.integers(0, 3000), min_size=1, max_size=10))
def test_every_age_has_exactly_one_bucket(days: int, bounds: set[int]) -> None:
    found = Buckets(tuple(sorted(bounds)))
    place = found.bucket(days)
    assert place == found.count - 1 or days <= found.bounds[place]
    assert place == 0 or days > found.bounds[place - 1]
    assert len(found.labels()) == found.count


@pytest.fixture
def owed(firm: Firm) -> Firm:
    """Documents whose deadlines are the days of the examples, worth 1, 2, 4 … so that every sum tells its parts."""
    item, party = firm.item("1"), firm.party()
    for place, (base, _days, _bound) in enumerate([*EXAMPLES, (None, 0, 0)]):
        given = {"deadline": base} if base else {}
        firm.create(Quotation, party_id=party.id, lines=[line(item, str(2**place))], **given)
    return firm


def summed(firm: Firm, buckets: Buckets, as_of: date) -> list[Decimal]:
    """The sums of the buckets as the database makes them."""

    def look(work: Work) -> list[Decimal]:
        columns = buckets.sums(Document.gross, Document.deadline, as_of)
        return list(work.session.execute(select(*columns).where(Document.kind == "quotation.quotation")).one())

    return firm.read("boss", look)


def expected(buckets: Buckets, as_of: date) -> list[Decimal]:
    """The same, made here."""
    sums = [Decimal(0)] * buckets.count
    for place, (base, _days, _bound) in enumerate([*EXAMPLES, (None, 0, 0)]):
        sums[buckets.place(date.fromisoformat(base) if base else None, as_of)] += 2**place
    return sums


@pytest.mark.parametrize("bounds", [BOUNDS, BOUNDS[1:], (7,), (0, 1, 2)])
def test_the_database_fills_the_same_buckets_as_of_any_day(owed: Firm, bounds: tuple[int, ...]) -> None:
    """As of the day of the examples, days around it, and the ends of the calendar; nothing is lost or counted twice."""
    buckets = Buckets(bounds)
    days = [AS_OF + timedelta(days=n) for n in (-400, -1, 0, 1, 31, 800)]
    for day in (*days, date.min, date.max):
        found = summed(owed, buckets, day)
        assert found == expected(buckets, day), day
        assert sum(found) == 2 ** (len(EXAMPLES) + 1) - 1
        assert all(isinstance(one, Decimal) for one in found)


def test_the_statement_is_the_same_whatever_the_day(owed: Firm) -> None:
    texts = set()
    for day in (AS_OF, date(2020, 2, 29), date.min):
        with counted(owed.program.engine) as said:
            summed(owed, USUAL, day)
        texts.add(next(text for text in said.texts if "bucket_8" in text))
    assert len(texts) == 1


def test_what_is_late_is_all_that_was_due_before(owed: Firm) -> None:
    def look(work: Work) -> Any:
        late = USUAL.overdue(Document.gross, Document.deadline, AS_OF)
        return work.session.execute(select(late, func.min(Document.deadline))).one()

    late, oldest = owed.read("boss", look)
    assert late == sum(expected(USUAL, AS_OF)[1:])
    assert age(oldest, AS_OF) == 1096


def test_a_bucket_can_be_asked_for_alone(owed: Firm) -> None:
    """What leads from a sum to its rows."""

    def look(work: Work) -> int:
        within = USUAL.condition(5, Document.deadline, AS_OF)
        return int(work.session.execute(select(func.count(Document.id)).where(within)).scalar_one())

    assert owed.read("boss", look) == 2
