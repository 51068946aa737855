"""Double checks (双人或多人复核): before which move of which type how many further persons confirm, and which role."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.db.base import Code, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master
from core.errors import Fault
from core.roles import ADMINISTRATOR
from core.text import _

if TYPE_CHECKING:
    from core.work import Work

MOST_PERSONS = 9


def check_rule(work: Work, rule: DoubleCheck) -> Iterator[Fault]:
    """A rule names a move that people make, and a role of the company; else somebody would rely on it in vain."""
    cls = work.types.documents.get(rule.document_kind)
    if cls is None:
        yield Fault("document_kind", _("There is no such type of document."), "reference")
    elif not any(move.name == rule.transition and not move.system for move in cls.workflow.transitions):
        yield Fault("transition", _("There is no such move: {name}.", name=rule.transition), "reference")
    if rule.role_id is not None and rule.role_id not in work.company.roles:
        yield Fault("role_id", _("There is no such record."), "reference")


class DoubleCheck(Master, kind="core.double_check"):
    """How many further persons confirm a move before it is made (PLT-08); with none of them nobody is asked.

    They hold ``role_id``, or may read the document where no role is named. One rule at most for each move.
    """

    __tablename__ = "double_check"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "document_kind", "transition"),
        refers("role_id", "company_role"),
        CheckConstraint(f"persons BETWEEN 0 AND {MOST_PERSONS}", name="persons"),
    )
    label = _("Double check")
    label_plural = _("Double checks")
    plural = "double-checks"
    icon = "checks"
    columns: ClassVar = ("document_kind", "transition", "persons", "role_id", "active")
    searched = ("document_kind", "transition")
    sorts = ("document_kind",)
    readers = (ADMINISTRATOR,)
    writers = (ADMINISTRATOR,)
    in_menu = False
    cached = True
    checks = (check_rule,)

    document_kind: Mapped[Code] = field(_("Document type"), required=True)
    transition: Mapped[Code] = field(_("Move"), required=True)
    persons: Mapped[int] = field(_("Further persons"), default=1, least=0, most=MOST_PERSONS)
    role_id: Mapped[int | None] = field(_("Role"), BigId, references="core.company_role")
