"""Policies, requests, tasks and delegations; a policy is copied into tasks when somebody submits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Amount, Base, Code, CompanyRow, JsonDict, Line, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import ADMINISTRATOR
from core.text import _

if TYPE_CHECKING:
    from core.work import Work

MODES = (("one", _("One of them")),)


class PolicyStep(Part):
    """One consent: the holders of a role, from an amount on."""

    __tablename__ = "approval_policy_step"
    __table_args__ = company_args(
        refers("policy_id", "approval_policy"),
        refers("role_id", "company_role"),
        CheckConstraint("mode IN ('one', 'all', 'some')", name="mode"),
    )
    key = "steps"
    label = _("Steps")
    owner = "policy_id"
    columns = ("name", "role_id", "from_amount", "mode", "needed")

    policy_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[Name] = field(_("Name"), required=True)
    role_id: Mapped[int] = field(_("Role"), BigId, references="core.company_role", required=True)
    from_amount: Mapped[Amount] = field(_("From amount"), default=0, least=0)
    mode: Mapped[str] = field(_("Who of them"), String(10), choices=MODES, default="one")
    needed: Mapped[int] = field(_("How many"), default=1, least=1, most=1)
    condition: Mapped[JsonDict | None] = mapped_column()


def check_move(work: Work, policy: ApprovalPolicy) -> Iterator[Fault]:
    """A rule in force names a move that asks for consent; else somebody would rely on it in vain."""
    cls = work.types.documents.get(policy.document_kind)
    if not policy.active:
        return
    if cls is None:
        yield Fault("document_kind", _("There is no such type of document."), "reference")
    elif not any(move.approval for move in cls.workflow.transitions if move.name == policy.transition):
        yield Fault("transition", _("No such move asks for consent."), "reference")


class ApprovalPolicy(Master, kind="core.approval_policy"):
    """Who must agree to one kind of document, in sequence, by amount (PLT-06, PLT-07)."""

    __tablename__ = "approval_policy"
    __table_args__ = company_args(UniqueConstraint("company_id", "document_kind", "transition", "name"))
    label = _("Approval policy")
    label_plural = _("Approval policies")
    plural = "approval-policies"
    icon = "shield-check"
    columns: ClassVar = ("name", "document_kind", "transition", "active")
    searched = ("name",)
    sorts = ("document_kind",)
    parts = (PolicyStep,)
    readers = (ADMINISTRATOR,)
    writers = (ADMINISTRATOR,)
    in_menu = False
    cached = True
    checks = (check_move,)

    name: Mapped[Name] = field(_("Name"), required=True)
    document_kind: Mapped[Code] = field(_("Document type"), required=True)
    transition: Mapped[Code] = field(_("Move"), required=True)
    condition: Mapped[JsonDict | None] = mapped_column()
    position: Mapped[int] = mapped_column(default=0)


class ApprovalRequest(CompanyRow, Base):
    """A move that waits for consent; bound to the edition it was asked for."""

    __tablename__ = "approval_request"
    __table_args__ = company_args(
        refers("document_id", "document"),
        Index("ix_approval_request_document", "company_id", "document_id", "id"),
        Index(
            "uq_approval_request_pending",
            "company_id",
            "document_id",
            unique=True,
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
        CheckConstraint("state IN ('pending', 'approved', 'rejected', 'withdrawn', 'void')", name="state"),
    )
    document_id: Mapped[int] = mapped_column(BigId)
    kind: Mapped[Code]
    edition: Mapped[int]
    transition: Mapped[Code]
    state: Mapped[str] = mapped_column(String(12), default="pending")
    requested_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    requested_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    reason: Mapped[Line] = mapped_column(default="")
    objections: Mapped[JsonDict]


class ApprovalTask(CompanyRow, Base):
    """One consent of a request. Candidates are the holders of the role at the time of deciding, never the maker."""

    __tablename__ = "approval_task"
    __table_args__ = company_args(
        refers("request_id", "approval_request"),
        refers("role_id", "company_role"),
        refers("document_id", "document"),
        UniqueConstraint("company_id", "request_id", "position", "seat"),
        Index("ix_approval_task_open", "company_id", "state", "role_id", "id"),
        Index("ix_approval_task_acted", "company_id", "acted_by", "id"),
        CheckConstraint(
            "state IN ('waiting', 'open', 'approved', 'rejected', 'cancelled', 'skipped', 'returned')",
            name="state",
        ),
        CheckConstraint("acted_by IS NULL OR acted_by <> maker_id", name="maker"),
    )
    request_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int]
    seat: Mapped[int] = mapped_column(default=1)
    name: Mapped[Name]
    role_id: Mapped[int | None] = mapped_column(BigId)
    assignee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    mode: Mapped[str] = mapped_column(String(10), default="one")
    needed: Mapped[int] = mapped_column(default=1)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    maker_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    acted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    on_behalf_of: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    acted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    opinion: Mapped[Line] = mapped_column(default="")


class ApprovalDelegation(CompanyRow, Base):
    """Somebody decides for somebody else between two days; both are kept."""

    __tablename__ = "approval_delegation"
    __table_args__ = company_args(
        Index("ix_approval_delegation_to", "company_id", "to_id", "valid_from"),
        CheckConstraint("from_id <> to_id", name="people"),
        CheckConstraint("valid_until >= valid_from", name="dates"),
    )
    from_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    to_id: Mapped[int] = mapped_column(BigId, ForeignKey("account.id"))
    kinds: Mapped[JsonDict | None] = mapped_column()
    valid_from: Mapped[date]
    valid_until: Mapped[date]
    reason: Mapped[Line] = mapped_column(default="")
    revoked_at: Mapped[datetime | None]
