"""What somebody brings in from a file: the import, its rows, and how columns were read before."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, Code, CompanyRow, JsonDict, Line, Name, OfCompany, company_args, refers
from core.db.types import BigId, Json, JsonOrNull

STATES = ("new", "reading", "checking", "checked", "writing", "done", "undoing", "undone", "failed")
WAYS = ("new", "change", "both")
ROW_STATES = ("read", "bad", "good", "made", "changed", "same")


def _among(column: str, words: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(word) for word in words)})"


class ImportBatch(CompanyRow, Base):
    """One file brought in: what it was, how its columns are read, how far it is, and what became of it.

    ``record_kind`` is what its rows become; ``way`` whether records are made, changed or both, and ``found_by`` the
    field by which those that exist are found. ``columns`` are its headers, ``mapping`` the field of each by its place.
    """

    __tablename__ = "import_batch"
    __table_args__ = company_args(
        Index("ix_import_batch_file", "company_id", "record_kind", "sha256"),
        Index("ix_import_batch_person", "company_id", "created_by", "id"),
        CheckConstraint(_among("state", STATES), name="state"),
        CheckConstraint(_among("way", WAYS), name="way"),
    )
    record_kind: Mapped[Code]
    file_name: Mapped[Name]
    form: Mapped[str] = mapped_column(String(8))
    encoding: Mapped[str] = mapped_column(String(16), default="")
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    header_row: Mapped[int] = mapped_column(default=1)
    columns: Mapped[list[Any]] = mapped_column(Json, default=list)
    samples: Mapped[list[Any]] = mapped_column(Json, default=list)
    mapping: Mapped[JsonDict] = mapped_column(Json, default=dict)
    way: Mapped[str] = mapped_column(String(6), default="new")
    found_by: Mapped[Code] = mapped_column(default="")
    state: Mapped[str] = mapped_column(String(10), default="new")
    # How far it is: rows read, then the last row checked or written; records of each kind met so far.
    rows: Mapped[int] = mapped_column(default=0)
    last: Mapped[int] = mapped_column(default=0)
    seen: Mapped[int] = mapped_column(default=0)
    records: Mapped[int] = mapped_column(default=0)
    bad: Mapped[int] = mapped_column(default=0)
    made: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    problem: Mapped[list[Any]] = mapped_column(Json, default=list)
    created_at: Mapped[datetime]
    created_by: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    # What cannot be undone: the row, and the sentence.
    kept_back: Mapped[list[Any]] = mapped_column(Json, default=list)
    ended_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))


class ImportFile(OfCompany, Base):
    """The content of a file until its rows have been written."""

    __tablename__ = "import_file"
    __table_args__ = (refers("import_id", "import_batch"),)
    import_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ImportRow(OfCompany, Base):
    """One row of a file: its cells, what is wrong with it, and the record that it became.

    ``place`` is its number in the file, ``first`` that of the row with which its record begins. The first row of a
    record keeps ``record_id``, the record's ``version`` after the import, and ``before``, what a change has replaced.
    """

    __tablename__ = "import_row"
    __table_args__ = (
        refers("import_id", "import_batch"),
        Index("ix_import_row_state", "import_id", "state", "place"),
        CheckConstraint(_among("state", ROW_STATES), name="state"),
    )
    import_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    first: Mapped[int]
    cells: Mapped[list[Any]] = mapped_column(Json)
    state: Mapped[str] = mapped_column(String(8), default="read")
    faults: Mapped[list[Any]] = mapped_column(Json, default=list)
    record_id: Mapped[int | None]
    version: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(JsonOrNull)


class ImportKey(OfCompany, Base):
    """What sets a record of a file apart, as a number made of it: the row that had it first. Gone with the check."""

    __tablename__ = "import_key"
    __table_args__ = (refers("import_id", "import_batch"),)
    import_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    mark: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    place: Mapped[int]


class ImportMapping(OfCompany, Base):
    """Which field a header stood for when the company last imported this kind of record."""

    __tablename__ = "import_mapping"
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    record_kind: Mapped[str] = mapped_column(String(60), primary_key=True)
    header: Mapped[str] = mapped_column(String(200), primary_key=True)
    field: Mapped[Line]
