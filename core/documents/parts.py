"""Parts of a document: rows of its own beside its lines, such as the milestones of a contract.

They are content: saved with the document, frozen with it when it is posted except for columns declared as living, and
kept by its history and its editions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import company_args, refers
from core.db.types import BigId
from core.entities.master import Part

if TYPE_CHECKING:
    from core.errors import Fault
    from core.work import Work

P = TypeVar("P", bound="DocumentPart")


class DocumentPart(Part):
    """A row that lives and is saved with its document; subclasses give table name, ``key``, ``label``, ``columns``.

    Its table is tied to the document and indexed by it; further constraints stand in ``__table_args__`` as a tuple.
    """

    __abstract__ = True

    owner: ClassVar[str] = "document_id"
    # Each looks at a document about to be saved, may fill in what is reckoned, and says what is wrong.
    checks: ClassVar[tuple[Callable[[Work, Any], Iterable[Fault]], ...]] = ()

    document_id: Mapped[int] = mapped_column(BigId, sort_order=-8)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        name = cls.__dict__.get("__tablename__")
        if name:
            cls.__table_args__ = company_args(
                refers("document_id", "document"),
                Index(f"ix_{name}_document", "company_id", "document_id", "position"),
                *cls.__dict__.get("__table_args__", ()),
                info={"document_part": True},
            )
        super().__init_subclass__(**kwargs)


class rows_of(Generic[P]):  # noqa: N801  (read as a word of a declaration, like field)
    """``milestones = rows_of(Milestone)`` says in a document type what its list holds.

    A document that was loaded without its parts has an empty list there.
    """

    def __init__(self, part: type[P]) -> None:
        self._key = part.key

    def __get__(self, document: Any, cls: Any = None) -> list[P]:
        """The rows of one document; there are none on the type itself."""
        return [] if document is None else document.__dict__.setdefault(self._key, [])


def columns_of(part: type[Part]) -> tuple[str, ...]:
    """The columns of a part's own: all but its keys."""
    table: Any = part.__table__
    return tuple(c.key for c in table.columns if c.key not in {"id", "company_id", part.owner})


def content_of(part: type[DocumentPart]) -> tuple[str, ...]:
    """The columns of a part that are content, frozen when its document is posted."""
    table: Any = part.__table__
    return tuple(name for name in columns_of(part) if not table.c[name].info.get("living"))
