"""A column among what a query names: each engine looks the rows up by an index, whatever it knows of its tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.app import Program
from core.db.among import among
from core.documents.models import DocumentLine

_LINE: Any = DocumentLine.__table__


def test_a_list_leads_to_its_rows_by_their_index(program: Program) -> None:
    """Lines of one company among those of a document: found by the document, not by reading all of the company.

    As a truth in a condition SQLite would be told "IN (…) = 1", and use no index for it.
    """
    other = _LINE.alias("other")
    asked = select(_LINE.c.id).where(
        _LINE.c.company_id == 1, among(_LINE.c.document_id, select(other.c.document_id).where(other.c.id == 7))
    )
    with program.works.installation(reads=True) as link:
        dialect = link.dialect
        text = str(asked.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        how = "EXPLAIN QUERY PLAN " if dialect.name == "sqlite" else "EXPLAIN "
        plan = "\n".join(str(row[-1]) for row in link.exec_driver_sql(how + text))
    if dialect.name == "sqlite":
        assert "document_line USING COVERING INDEX ix_document_line_document (company_id=? AND document_id=?)" in plan
    else:
        assert "document_id = ANY" in plan
