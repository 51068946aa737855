"""No plug-in reaches around the company's walls, and one that did would be told so line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.extension.loader import load
from core.testing.plugin_rules import complaints

ROOT = Path(__file__).resolve().parents[2]
AREAS = sorted(load()[0].plugins)


@pytest.mark.parametrize("area", AREAS)
def test_no_plugin_reaches_around_the_walls(area: str) -> None:
    assert complaints(ROOT / "plugins" / area) == []


@pytest.mark.parametrize(
    "source",
    [
        "rows = work.connection.execute(statement)",
        "from sqlalchemy import text",
        "from sqlalchemy import select, insert",
        "import sqlalchemy",
        "import sqlalchemy.orm",
        "from sqlalchemy.dialects import postgresql",
        "table = Quotation.__table__",
        "table = getattr(Quotation, '__table__')",
        "table = Quotation.__mapper__.local_table",
        "table = Base.metadata.tables['party']",
        "work.session.scalars(statement, execution_options={'scoped': True})",
        "work.session.execute(statement.execution_options(scoped=True))",
        "work.session.criteria = None",
        "from core.operations.ledger import ledger",
        "from core.db.scope import CompanySession",
        "import sqlite3",
    ],
)
def test_a_way_around_the_walls_is_noticed(tmp_path: Path, source: str) -> None:
    (tmp_path / "services.py").write_text(source + "\n", encoding="utf-8")
    assert complaints(tmp_path)


@pytest.mark.parametrize(
    "source",
    [
        "from sqlalchemy import Index, UniqueConstraint, func, select",
        "rows = work.session.scalars(select(Quotation).where(Quotation.state == 'sent'))",
        "from sqlalchemy.orm import Mapped, aliased",
        "from core.operations import edit, move",
        "label = _('Text of the connection')",
    ],
)
def test_what_plugins_need_is_left_to_them(tmp_path: Path, source: str) -> None:
    (tmp_path / "services.py").write_text(source + "\n", encoding="utf-8")
    assert complaints(tmp_path) == []
