"""Bringing in a hundred thousand records: few statements, rows kept as anywhere else, shortcuts that change nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError
from sqlalchemy import insert, select

from core.db.bulk import insert_columns, new_keys, planned_anew, transposed
from core.entities.item import Item
from core.entities.party import Contact, Party
from core.errors import Conflict, Invalid
from core.exchange import bringing, steps
from core.extension.loader import load
from core.names import grams, search_tokens
from core.readings import pieces
from core.records.models import History
from core.schemas import inputs
from core.testing.builders import Firm
from core.testing.counting import counted
from core.work import Work
from plugins.quotation.documents import Quotation
from tests.core.importing import counts, csv_file, uploaded

load()
HEAD = ["客户编码", "客户名称", "电话", "业务员", "客户等级", "联系人", "手机"]


# Statements -------------------------------------------------------------------------------------------------------


def _statements(firm: Firm, count: int, first: int) -> tuple[Counter[str], Counter[str]]:
    """What is said, and how often, while so many customers are checked and brought in."""
    rows = [
        [f"K{n:06}", f"青岛第{n}照明有限公司", f"0532-{n}", "王小明", "A", f"王{n}", f"138{n:08}"]
        for n in range(first, first + count)
    ]
    key = uploaded(firm, Party, csv_file(HEAD, *rows))
    firm.run("manager", lambda w: bringing.check(w, key))
    with counted(firm.program.engine) as checking:
        steps.carry_on(firm.program.works, firm.id, key)
    firm.run("manager", lambda w: bringing.go(w, key))
    with counted(firm.program.engine) as writing:
        steps.carry_on(firm.program.works, firm.id, key)
    assert counts(firm, key) == ("done", count, 0, 0, 0)
    return Counter(text[:60] for text in checking.texts), Counter(text[:60] for text in writing.texts)


def test_every_further_thousand_takes_as_many_statements(firm: Firm) -> None:
    """A step of a thousand customers with a contact each: so many statements, whether there are many steps or few."""
    one, two = (_statements(firm, 1000 * n, 10_000 * n) for n in (1, 2))
    for first, second, most in zip(one, two, (16, 28), strict=True):
        assert second.total() - first.total() <= most, second - first


# Rows -------------------------------------------------------------------------------------------------------------


def _entries(work: Work, count: int) -> list[dict[str, Any]]:
    """Rows with every type of column that there is."""
    shared = {"company_id": work.company.id, "kind": "test.bulk", "at": datetime(2026, 3, 5, 6, 7, 8, 9, UTC)}
    shared |= {"actor": "测试\"'\\%s :x", "request": "", "what": "w", "source": "", "target": "", "reason": ""}
    return [
        {
            **shared,
            "uid": f"u{n}",
            "record_id": n or None,
            "document_id": None,
            "actor_id": None,
            "changes": {"a": [None, n], "文": ["1.50", True]},
            "hashes": {"h": "x"} if n % 2 else None,
            "prev": bytes(range(n, n + 32)),
            "hash": bytes(32),
        }
        for n in range(count)
    ]


def test_many_rows_are_kept_as_single_ones_are(firm: Firm) -> None:
    names = [c.key for c in History.__table__.columns if c.key != "id"]

    def both(work: Work) -> tuple[list[Any], list[Any]]:
        table: Any = History.__table__
        rows = _entries(work, 3)
        insert_columns(work.connection, table, transposed(rows, names))
        for row in rows:
            work.connection.execute(insert(History), {**row, "uid": f"{row['uid']}b", "kind": "test.single"})
        columns = [table.c[name] for name in names if name not in {"uid", "kind"}]

        def of(kind: str) -> list[Any]:
            mine = (table.c.company_id == work.company.id, table.c.kind == kind)
            return [tuple(row) for row in work.connection.execute(select(*columns).where(*mine).order_by(table.c.uid))]

        return of("test.bulk"), of("test.single")

    bulk, single = firm.as_program(both)
    assert bulk == single
    assert len(bulk) == 3


def test_amounts_days_and_truths_are_kept_as_they_are(firm: Firm) -> None:
    item = firm.item("100")

    def again(work: Work) -> Any:
        table: Any = Item.__table__
        row = dict(work.connection.execute(select(table).where(table.c.id == item.id)).mappings().one())
        (key,) = new_keys(work.connection, table, 1)
        row |= {"id": key, "code": "COPY", "list_price": Decimal("1234.5678"), "active": False}
        insert_columns(work.connection, table, {name: [value] for name, value in row.items()})
        return row, dict(work.connection.execute(select(table).where(table.c.id == key)).mappings().one())

    given, kept = firm.as_program(again)
    assert kept == given
    assert (kept["list_price"], kept["active"]) == (Decimal("1234.5678"), False)
    party = firm.party("manager")

    def born(work: Work) -> Any:
        table: Any = Contact.__table__
        (key,) = new_keys(work.connection, table, 1)
        row = {"id": key, "company_id": work.company.id, "party_id": party.id, "name": "王", "position": 1}
        row |= dict.fromkeys(("title", "decision_part", "mobile", "phone", "email", "wechat", "remark"), "")
        row |= {"birthday": date(1980, 2, 29), "is_primary": True}
        insert_columns(work.connection, table, {name: [value] for name, value in row.items()})
        return work.connection.execute(select(table.c.birthday, table.c.is_primary).where(table.c.id == key)).one()

    assert tuple(firm.as_program(born)) == (date(1980, 2, 29), True)


def test_keys_are_never_given_twice(firm: Firm) -> None:
    """By the program and by the database in turn, of what is gone too."""

    def one(work: Work, name: str) -> int:
        table: Any = History.__table__
        (key,) = new_keys(work.connection, table, 1)
        (row,) = _entries(work, 1)
        insert_columns(work.connection, table, {n: [v] for n, v in {**row, "id": key, "uid": name}.items()})
        return key

    def ordinary(work: Work, name: str) -> int:
        (row,) = _entries(work, 1)
        statement = insert(History).returning(History.id)
        return int(work.connection.execute(statement, {**row, "uid": name}).scalar_one())

    keys = [firm.as_program(lambda w, a=act, n=n: a(w, f"k{n}")) for n, act in enumerate((one, ordinary) * 3)]  # type: ignore[misc]
    assert keys == sorted(set(keys))


def test_what_does_not_fit_is_refused_by_the_database(firm: Firm) -> None:
    def twice(work: Work) -> None:
        rows = _entries(work, 2)
        columns = transposed([{**row, "uid": "same"} for row in rows], list(rows[0]))
        insert_columns(work.connection, History.__table__, columns)  # type: ignore[arg-type]

    with pytest.raises(Conflict):
        firm.as_program(twice)


def test_plans_are_made_anew_only_within_the_block(firm: Firm) -> None:
    def look(work: Work) -> tuple[Any, Any, Any]:
        def asked() -> Any:
            return getattr(work.connection.connection.driver_connection, "prepare_threshold", None)

        before = asked()
        with planned_anew(work.connection):
            within = asked()
        return before, within, asked()

    before, within, after = firm.as_program(look)
    assert before == after
    assert within is None


# Reading ----------------------------------------------------------------------------------------------------------

_WORDS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 2**64),
    st.text(max_size=70),
    st.sampled_from(["", " a ", "A", "x\x00", "2026-03-05", "0.13", "1e5", "13.000000001", "true", "\ud800", "王\n"]),
    st.lists(st.integers(), max_size=1),
)


def _given(cls: type[Any]) -> st.SearchStrategy[dict[str, Any]]:
    names = [*inputs.writable(cls), "id", "version", "nothing"]
    plain = st.dictionaries(st.sampled_from(names), _WORDS, max_size=6)
    lists: dict[str, Any] = {part.key: [*inputs.writable(part), "id", "fixed"] for part in cls.parts}
    if getattr(cls, "has_lines", False):
        lists["lines"] = [*inputs.LINE_INPUT, "id", "fixed", "nothing"]
    rows = st.fixed_dictionaries(
        {},
        optional={
            key: st.one_of(
                st.lists(st.dictionaries(st.sampled_from(inner), st.one_of(_WORDS, st.just("gross")), max_size=3)),
                _WORDS,
            )
            for key, inner in lists.items()
        },
    )
    return st.builds(lambda one, other: {**one, **other}, plain, rows)


def _schema_says(cls: Any, given: Mapping[str, Any], partial: bool) -> Any:
    """What the schema alone makes of it."""
    try:
        return inputs.schema(cls, partial)(partial=partial).load(given)
    except ValidationError as error:
        return sorted((f.path, f.text.message, f.code) for f in inputs.faults(error.messages))


@pytest.mark.parametrize("partial", [False, True])
@pytest.mark.parametrize("cls", [Party, Item, Quotation])
def test_what_is_read_in_a_shorter_way_is_what_the_schema_reads(cls: Any, partial: bool) -> None:
    @settings(deadline=None, max_examples=150)
    @given(_given(cls))
    def alike(given: dict[str, Any]) -> None:
        try:
            said: Any = inputs.read(cls, given, partial=partial)
        except Invalid as error:
            said = sorted((f.path, f.text.message, f.code) for f in error.faults)
        assert said == _schema_says(cls, given, partial)

    alike()


# Tokens -----------------------------------------------------------------------------------------------------------

_LETTERS = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), st.sampled_from("重行长乐都单ABx09 -（)é")
)
_NAMES = st.text(_LETTERS, max_size=7)


@settings(deadline=None)
@given(_NAMES)
def test_pieces_of_names_say_what_the_whole_name_says(name: str) -> None:
    """The tokens found piece by piece are those of every reading of the whole name, and no others."""
    parts = [part for part in pieces(name) if part.syllables[0]]
    whole = set(grams(name)) | {syllable[:2] for part in parts for syllable in part.syllables if len(syllable) > 1}
    for choices, lengths in (([p.initials for p in parts], (1, 2, 3)), ([p.syllables for p in parts], (3,))):
        for said in map("".join, product(*choices)):
            whole |= {said[at : at + n] for n in lengths for at in range(len(said) - n + 1)}
    assert set(search_tokens(name).split()) == whole
