"""The declarative base, the words for column types, and what every company row has in common."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, ClassVar

from sqlalchemy import (
    Boolean,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy import (
    Text as LongText,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, declared_attr, mapped_column

from core.db.types import BigId, Instant, Json, Scaled
from core.text import Text

Key = Annotated[int, "key"]
Id = Annotated[int, "id"]
Amount = Annotated[Decimal, "amount"]
Quantity = Annotated[Decimal, "quantity"]
Price = Annotated[Decimal, "price"]
Rate = Annotated[Decimal, "rate"]
Exchange = Annotated[Decimal, "exchange"]
Code = Annotated[str, "code"]
Name = Annotated[str, "name"]
Line = Annotated[str, "line"]
Long = Annotated[str, "long"]
Bytes32 = Annotated[bytes, "hash"]
JsonDict = Annotated[dict[str, Any], "json"]
# ``info`` of a column that is written without an entry in the record's own history, by what happens to other records:
# the hashes of the record's content leave it out, and ``zhanggui verify`` reckons it anew.
COUNTED = {"counted": True}


class Base(DeclarativeBase):
    """All tables of core and of every plug-in, in one metadata."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        Key: BigId,
        Id: BigId,
        Amount: Scaled(2),
        Quantity: Scaled(6),
        Price: Scaled(8),
        Rate: Scaled(4),
        Exchange: Scaled(6),
        Code: String(60),
        Name: String(200),
        Line: String(400),
        Long: LongText(),
        Bytes32: LargeBinary(32),
        JsonDict: Json,
        bool: Boolean,
        date: Date,
        datetime: Instant,
        int: BigId,
    }


@dataclass(frozen=True, slots=True)
class Field:
    """What people see of a column: its label, whether they may write it, what they need to see it.

    ``kind`` is derived from the column; ``references`` names the master or document a number points at.
    """

    label: Text
    help: Text | None = None
    required: bool = False
    writable: bool = True
    needs: str | None = None
    references: str | None = None
    choices: tuple[tuple[str, Text], ...] = ()
    multiline: bool = False
    least: Decimal | None = None
    most: Decimal | None = None
    group: str = "main"
    masked: bool = False
    compact: bool = False


def field(
    label: Text,
    *args: Any,
    help: Text | None = None,
    required: bool = False,
    writable: bool = True,
    needs: str | None = None,
    references: str | None = None,
    choices: tuple[tuple[str, Text], ...] = (),
    multiline: bool = False,
    least: int | Decimal | None = None,
    most: int | Decimal | None = None,
    group: str = "main",
    masked: bool = False,
    compact: bool = False,
    living: bool = False,
    counted: bool = False,
    **column: Any,
) -> MappedColumn[Any]:
    """A column with its face; from it come form, list, schema, import, export and print.

    ``needs``: what a reader must be allowed to see (``core.rights.sight``); without it the field is to him as if it
    were not there, unless it is ``masked``: then he reads what is left of it, and may neither write, sort, filter nor
    search by it. ``living``: later moves write it on a posted document; without it the database freezes it there.
    ``compact``: a number that people paste, kept in half-width capitals without spaces and dashes.
    ``counted``: see ``COUNTED``. Further positional and keyword arguments are those of ``mapped_column``.
    """
    face = Field(
        label,
        help,
        required,
        writable,
        needs,
        references,
        choices,
        multiline,
        None if least is None else Decimal(least),
        None if most is None else Decimal(most),
        group,
        masked,
        compact,
    )
    return mapped_column(*args, info={"field": face, "living": living, "counted": counted}, **column)


def choice(choices: type[StrEnum], labels: dict[Any, Text]) -> tuple[tuple[str, Text], ...]:
    """The choices of a field from an enumeration and its labels, in the enumeration's order."""
    return tuple((member.value, labels[member]) for member in choices)


class OfCompany:
    """Mixin for every row that belongs to exactly one company."""

    @declared_attr
    @classmethod
    def company_id(cls) -> Mapped[int]:
        return mapped_column(BigId, ForeignKey("company.id"), sort_order=-9)


class CompanyRow(OfCompany):
    """A company's row with a key of its own, which others refer to together with the company."""

    id: Mapped[Key] = mapped_column(BigId, primary_key=True, autoincrement=True, sort_order=-10)


def company_args(*further: Any, **options: Any) -> tuple[Any, ...]:
    """Table arguments of a company row: unique with its company, keys never reused on SQLite."""
    return (UniqueConstraint("company_id", "id"), *further, {"sqlite_autoincrement": True, **options})


def refers(column: str, table: str, **options: Any) -> ForeignKeyConstraint:
    """A reference within the company: a row of another company is refused by the database."""
    return ForeignKeyConstraint(["company_id", column], [f"{table}.company_id", f"{table}.id"], **options)
