"""The area of the samples, beside the installed ones: its tables are there only while these tests run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from sqlalchemy import Engine, Table

from core.app import Program, open_program
from core.db.base import Base
from core.db.engine import open_engine
from core.db.security import secure
from core.entities.item import Item
from core.extension.loader import packages
from core.operations import company
from core.testing.builders import Firm
from core.testing.fixtures import Database
from tests.parts.sampler.documents import DealMilestone, DealOpinion

TABLES = [cast(Table, part.__table__) for part in (DealMilestone, DealOpinion)]
# Other tests look at every table that is declared, and these are not among those of the product.
for _table in TABLES:
    Base.metadata.remove(_table)


@pytest.fixture(scope="package", autouse=True)
def declared() -> Iterator[None]:
    """The tables of the samples among the declared ones."""
    for table in TABLES:
        Base.metadata._add_table(table.name, None, table)  # there is no public way back
    yield
    for table in TABLES:
        Base.metadata.remove(table)


@pytest.fixture
def database(database: Database) -> Database:
    """A migrated database with the tables of the samples, secured as a migration would."""
    engine = open_engine(database.owner_url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection, tables=TABLES)
        secure(connection)
    engine.dispose()
    return database


@pytest.fixture
def program(engine: Engine) -> Program:
    """The program with the area of the samples."""
    return open_program(engine, packages=[*packages(), "tests.parts.sampler"])


@pytest.fixture
def firm(firm: Firm) -> Firm:
    """A company that uses every area, the samples too."""
    firm.as_program(lambda w: company.switch_on(w, "sampler"))
    return firm


@pytest.fixture
def item(firm: Firm) -> Item:
    """A product for a thousand."""
    return firm.item("1000")
