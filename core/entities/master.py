"""Masters: the records that documents speak of, and half of all screens.

A ``Master`` is a company's row with label, columns, rights, an active flag, a version and a history. It may have parts
(the contacts of a customer, the prices of a list) which are saved with it as one aggregate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from core.db.base import Base, Bytes32, CompanyRow, field
from core.db.types import BigId
from core.entities.company import ZERO
from core.roles import EVERYBODY, SALES_CLERK, SALES_MANAGER, Role
from core.text import Text, _, in_language

if TYPE_CHECKING:
    from core.errors import Fault
    from core.work import Work


class Part(CompanyRow, Base):
    """A row that lives and is saved with its master, such as a contact of a customer.

    ``owner`` is the column that points at the master, ``key`` the name of the list in the master's data.
    """

    __abstract__ = True

    key: ClassVar[str]
    label: ClassVar[Text]
    owner: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    # Each looks at a row about to be saved with its master, and says what is wrong, below the path that it is given.
    row_checks: ClassVar[tuple[Callable[[Work, Any, Mapping[str, Any], str], Iterable[Fault]], ...]] = ()

    position: Mapped[int] = mapped_column(default=0)


class Master(CompanyRow, Base):
    """A master record. Subclasses give ``kind``, labels, columns and rights; see ``core.entities.party``."""

    __abstract__ = True

    kind: ClassVar[str]
    label: ClassVar[Text]
    label_plural: ClassVar[Text]
    plural: ClassVar[str]
    icon: ClassVar[str] = "database"
    columns: ClassVar[tuple[str, ...]]
    searched: ClassVar[tuple[str, ...]] = ("code", "name")
    # Columns with an index (company, column, id); the first is the order of the list.
    sorts: ClassVar[tuple[str, ...]] = ("code",)
    filters: ClassVar[tuple[str, ...]] = ()
    parts: ClassVar[tuple[type[Part], ...]] = ()
    readers: ClassVar[tuple[Role, ...]] = EVERYBODY
    writers: ClassVar[tuple[Role, ...]] = (SALES_MANAGER, SALES_CLERK)
    # Rows belong to a responsible person, so a right to one's own makes sense.
    owned: ClassVar[bool] = False
    # Every request caches these rows with its company: a change raises the company's version.
    cached: ClassVar[bool] = False
    # Each looks at a record about to be saved, may normalise it, and says what is wrong.
    checks: ClassVar[tuple[Callable[[Work, Any], Iterable[Fault]], ...]] = ()
    # Checks that have a form for many records at once: it yields each fault with its record.
    checks_together: ClassVar[Mapping[Callable[..., Iterable[Fault]], Callable[..., Iterable[tuple[Any, Fault]]]]] = {}
    # The fields of which each value belongs to one record of the company, and how their values are compared. By them
    # an import finds the records that it changes.
    told_apart_by: ClassVar[Mapping[str, Callable[[str], str]]] = {}
    in_menu: ClassVar[bool] = True

    active: Mapped[bool] = field(_("Active"), default=True, sort_order=900)
    version: Mapped[int] = mapped_column(default=1, sort_order=901)
    head: Mapped[Bytes32] = mapped_column(default=ZERO, sort_order=902)
    created_at: Mapped[datetime] = mapped_column(sort_order=903)
    updated_at: Mapped[datetime] = mapped_column(sort_order=905)

    @declared_attr
    @classmethod
    def created_by(cls) -> Mapped[int | None]:
        return mapped_column(BigId, ForeignKey("account.id"), sort_order=904)

    @declared_attr
    @classmethod
    def updated_by(cls) -> Mapped[int | None]:
        return mapped_column(BigId, ForeignKey("account.id"), sort_order=906)

    def __init_subclass__(cls, kind: str | None = None, **kwargs: Any) -> None:
        if kind:
            cls.kind = kind
            if "__tablename__" not in cls.__dict__:
                cls.__tablename__ = kind.replace(".", "_")
        super().__init_subclass__(**kwargs)

    @property
    def closed_because(self) -> Text | None:
        """Why people may not edit the record any more; None while they may."""
        return None

    @property
    def title(self) -> str:
        """What the record is called in lists, links and messages, in the reader's language."""
        name = getattr(self, "name", "") or getattr(self, "party_name", "") or str(self.id)
        return in_language(name, getattr(self, "name_en", ""))
