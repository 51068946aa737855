"""Documents of any content keep their sums, lines and exactness; settings come back as they were written."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from core.app import open_program
from core.db.base import Base
from core.db.engine import open_engine
from core.documents.models import DocumentLine
from core.documents.reading import load
from core.entities.item import Item
from core.extension.loader import load as load_all
from core.settings import BadSetting, Setting
from core.testing.builders import Firm
from core.testing.fixtures import ENGINES, database_on
from core.work import Work
from plugins.quotation.documents import Quotation

FEW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
SETTINGS = load_all()[0].settings
CENT = Decimal("0.01")


@dataclasses.dataclass
class Shop:
    """A firm with products of different prices and tax rates, and one customer."""

    firm: Firm
    items: list[Item] = dataclasses.field(repr=False)
    party_id: int
    taxes: list[int]


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A shop on each engine, the same for all examples."""
    with database_on(request.param, request, tmp_path_factory.mktemp("shop")) as database:
        engine = open_engine(database.url)
        firm = Firm.founded(open_program(engine), "shop", "随机照明有限公司")
        taxes = firm.as_program(lambda w: [tax.id for tax in w.company.taxes])
        prices = ("0", "0.01", "99.99", "1234.5678", "0.00000001", "88888")
        yield Shop(firm, [firm.item(price) for price in prices], firm.party().id, taxes)
        engine.dispose()


def number(chance: Random, most: int, places: int) -> str:
    """A decimal from nothing up to ``most``, often at the edges, written as people write it."""
    scale = 10**places
    return str(Decimal(chance.choice([0, 1, scale, most * scale, chance.randint(0, most * scale)])).scaleb(-places))


def rows(shop: Shop, chance: Random) -> list[dict[str, Any]]:
    """Lines as people might give them: with or without product, price, discount, tax, and one fixed figure."""

    def one() -> dict[str, Any]:
        named: list[dict[str, Any]] = [{"item_id": item.id} for item in shop.items]
        named += [{"name": "安装"}, {"name": "运费", "line_kind": "charge"}, {"name": "说明", "line_kind": "text"}]
        figure = chance.choice(
            [("gross_price", 99999, 4), ("price", 99999, 8), ("gross", 999999, 2), ("net", 999999, 2), None]
        )
        line = {**chance.choice(named), "quantity": str(Decimal(chance.randint(1, 10**10)).scaleb(-6))}
        if figure:
            line[figure[0]] = number(chance, figure[1], figure[2])
        if chance.random() < 0.5:
            line["discount_rate"] = number(chance, 1, 4)
        if chance.random() < 0.5:
            line["tax_rate_id"] = chance.choice(shop.taxes)
        if chance.random() < 0.3:
            line["remark"] = "".join(chance.choices("灯管 ab'\"%_\\;", k=8))
        return line

    return [one() for _n in range(chance.randint(1, 12))]


def exact(document: Quotation) -> None:
    """What holds of every document: sums, cents, and no figure that is not a decimal."""
    lines = document.lines
    assert (document.net, document.tax, document.gross) == tuple(
        sum((getattr(line, name) for line in lines), Decimal(0)) for name in ("net", "tax", "gross")
    )
    assert document.net + document.tax == document.gross
    for line in lines:
        assert line.net + line.tax == line.gross
        for name in ("quantity", "base_quantity", "price", "gross_price", "net", "tax", "gross", "discount_rate"):
            assert isinstance(getattr(line, name), Decimal), name
        for name in ("net", "tax", "gross"):
            assert getattr(line, name) == getattr(line, name).quantize(CENT)
        assert line.line_kind != "text" or line.quantity == 0
    assert [line.position for line in lines] == list(range(1, len(lines) + 1))


@FEW
@given(seed=st.integers(0, 2**32))
def test_whatever_lines_are_given_the_sums_are_those_of_the_lines(shop: Shop, seed: int) -> None:
    """Totals are sums of lines rounded once; what is stored is what was answered."""
    given_lines = rows(shop, Random(seed))
    made = shop.firm.create(Quotation, party_id=shop.party_id, lines=given_lines)
    exact(made)
    again = shop.firm.read("rep", lambda w: load(w, Quotation, made.id))
    exact(again)
    for before, after in zip(made.lines, again.lines, strict=True):
        for column in DocumentLine.__table__.columns:
            assert getattr(before, column.key) == getattr(after, column.key), column.key


@FEW
@given(seed=st.integers(0, 2**32))
def test_a_change_keeps_the_ids_of_lines_that_stay(shop: Shop, seed: int) -> None:
    chance = Random(seed)
    made = shop.firm.create(Quotation, party_id=shop.party_id, lines=rows(shop, chance))
    kept = chance.sample([row.id for row in made.lines], chance.randint(0, len(made.lines)))
    new = rows(shop, chance)
    wanted = [{"id": key, "remark": "改过"} for key in kept]
    order = chance.sample([*wanted, *new], len(wanted) + len(new))
    changed = shop.firm.edit(made, lines=order)
    exact(changed)
    again = shop.firm.read("rep", lambda w: load(w, Quotation, made.id))
    exact(again)
    assert [row.id for row in again.lines if row.id in kept] == [row["id"] for row in order if "id" in row]
    assert [row.id for row in again.lines] == [row.id for row in changed.lines]
    assert len({row.id for row in again.lines}) == len(order)
    assert all(row.remark == "改过" for row in again.lines if row.id in kept)


@FEW
@given(seed=st.integers(0, 2**32))
def test_saying_again_what_stands_changes_no_figure(shop: Shop, seed: int) -> None:
    chance = Random(seed)
    made = shop.firm.create(Quotation, party_id=shop.party_id, lines=rows(shop, chance))
    again = shop.firm.edit(made, lines=[{"id": row.id} for row in made.lines])
    figures = ("quantity", "price", "gross_price", "net", "tax", "gross", "fixed")
    assert [[getattr(row, f) for f in figures] for row in again.lines] == [
        [getattr(row, f) for f in figures] for row in made.lines
    ]
    assert again.version == made.version


def test_a_thousand_lines_keep_their_order(shop: Shop) -> None:
    names = [f"第{n}行" for n in range(1800)]
    given_lines = [{"name": name, "quantity": "1", "gross_price": "1.13"} for name in names]
    made = shop.firm.create(Quotation, party_id=shop.party_id, lines=given_lines)
    again = shop.firm.read("rep", lambda w: load(w, Quotation, made.id))
    assert [row.name for row in again.lines] == names
    assert [row.id for row in again.lines] == [row.id for row in made.lines]
    assert again.gross == Decimal("2034.00")


def test_no_column_anywhere_holds_a_float(shop: Shop) -> None:
    if shop.firm.program.engine.dialect.name == "sqlite":
        floats = []

        def look(work: Work) -> None:
            for table in Base.metadata.sorted_tables:
                for column in table.columns:
                    found = work.connection.execute(
                        text(f"SELECT 1 FROM {table.name} WHERE typeof({column.name}) = 'real' LIMIT 1")  # noqa: S608  # our names
                    ).first()
                    floats.extend([f"{table.name}.{column.name}"] if found else [])

        shop.firm.as_program(look)
        assert floats == []
    kinds = {type(column.type).__name__ for table in Base.metadata.sorted_tables for column in table.columns}
    assert not kinds & {"Float", "Double", "REAL", "Numeric", "DECIMAL"}


def values_of(setting: Setting) -> st.SearchStrategy[Any]:
    """Values that a setting may have."""
    if setting.choices:
        return st.sampled_from([key for key, _label in setting.choices])
    low, high = setting.least, setting.most
    match setting.default:
        case bool():
            return st.booleans()
        case int():
            return st.integers(int(low if low is not None else -(10**9)), int(high if high is not None else 10**9))
        case Decimal():
            return st.decimals(low if low is not None else -(10**9), high if high is not None else 10**9, places=4)
    return st.text(st.characters(categories=("L", "N", "P")), max_size=60)


@pytest.mark.parametrize("key", sorted(SETTINGS))
@given(data=st.data())
def test_a_setting_comes_back_as_it_was_written(key: str, data: st.DataObject) -> None:
    setting = SETTINGS[key]
    value = data.draw(values_of(setting))
    try:
        parsed = setting.parse(setting.write(value))
    except BadSetting:
        assert setting.check is not None
        return
    assert parsed == value
    assert type(parsed) is type(setting.default)
    assert setting.read(setting.write(parsed)) == parsed
    assert setting.read(None) == setting.default


@pytest.mark.parametrize("key", sorted(SETTINGS))
@given(written=st.text(max_size=40))
def test_any_text_is_either_a_value_or_refused_with_a_sentence(key: str, written: str) -> None:
    setting = SETTINGS[key]
    try:
        value = setting.parse(written)
    except BadSetting as error:
        sentence = str(error.text)
    else:
        sentence = "taken" if setting.parse(setting.write(value)) == value else ""
    assert sentence
