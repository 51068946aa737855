"""Policies, requests, tasks and delegations; a policy is copied into tasks when somebody submits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.approvals import conditions
from core.db.base import Amount, Base, Code, CompanyRow, JsonDict, Line, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import ADMINISTRATOR
from core.text import _

if TYPE_CHECKING:
    from core.work import Work

MODES = (
    ("one", _("One of them")),
    ("all", _("All of them")),
    ("some", _("Some of them")),
    ("copy", _("Only for reading")),
)
LATE = (
    ("", _("Go on waiting")),
    ("remind", _("Remind")),
    ("escalate", _("Ask the superior instead")),
    ("agree", _("Agree by itself")),
    ("refuse", _("Refuse by itself")),
)
WHO = (
    ("role", _("Who holds a role")),
    ("permission", _("Who has a right")),
    ("person", _("A certain person")),
    ("superior", _("The superior of who asks")),
    ("head", _("The head of the department")),
    ("chosen", _("Whom the asker names")),
)


def check_step(work: Work, policy: ApprovalPolicy, row: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """A step names whom it asks, asks no more people than it says, and has a condition that can be understood."""
    mode = row["mode"]
    yield from _check_whom(work, row, path)
    if mode == "some" and row["needed"] < 2:
        yield Fault(f"{path}/needed", _("Two at least; for one alone choose “one of them”."), "range")
    if row["late"] and not row["days"]:
        yield Fault(f"{path}/days", _("Say after how many workdays."), "required")
    if row["late"] and mode == "copy":
        yield Fault(f"{path}/late", _("Nobody decides on what is only sent for reading."), "choice")
    cls = work.types.documents.get(policy.document_kind)
    if cls is not None:
        yield from conditions.check(work, cls, row["condition"], f"{path}/condition")


def _check_whom(work: Work, row: Mapping[str, Any], path: str) -> Iterator[Fault]:
    who, role = row["who"], row["role_id"]
    if role is not None and role not in work.company.roles:
        yield Fault(f"{path}/role_id", _("There is no such record."), "reference")
    elif who == "role" and role is None:
        yield Fault(f"{path}/role_id", _("This is needed."), "required")
    if who == "person" and row["person_id"] not in work.company.people:
        yield Fault(f"{path}/person_id", _("This is needed."), "required")
    right = work.types.permissions.get(row["permission"])
    if who == "permission" and (right is None or right.area not in {"core", *work.areas}):
        yield Fault(f"{path}/permission", _("There is no such right here."), "choice")


class PolicyStep(Part):
    """One consent: whose, of how many of them, and when it is asked for.

    ``who`` says where the people come from: the holders of ``role_id``, those whose right to ``permission`` reaches the
    document when it is submitted, ``person_id``, the superior of who asks (``levels`` up), the head of his department
    (``levels`` up the tree), or whom he names among the holders of ``role_id``, or among everybody. ``mode``: one of
    them decides, all must agree, or ``needed`` of them; with ``copy`` nobody is asked: they are sent it for reading
    (抄送) when it has come so far. A step ``beside`` is taken at the same time as the one before it. After ``days``
    workdays without a decision the program does what ``late`` says; without ``late`` it goes on waiting.
    """

    __tablename__ = "approval_policy_step"
    __table_args__ = company_args(
        refers("policy_id", "approval_policy"),
        refers("role_id", "company_role"),
        CheckConstraint("mode IN ('one', 'all', 'some', 'copy')", name="mode"),
        CheckConstraint("who IN ('role', 'permission', 'person', 'superior', 'head', 'chosen')", name="who"),
        CheckConstraint("late IN ('', 'remind', 'escalate', 'agree', 'refuse')", name="late"),
        CheckConstraint("role_id IS NOT NULL OR who <> 'role'", name="role"),
        CheckConstraint("person_id IS NOT NULL OR who <> 'person'", name="person"),
        CheckConstraint("permission <> '' OR who <> 'permission'", name="permission"),
    )
    key = "steps"
    label = _("Steps")
    owner = "policy_id"
    row_checks = (check_step,)
    columns = (
        "name",
        "who",
        "role_id",
        "permission",
        "person_id",
        "levels",
        "mode",
        "needed",
        "beside",
        "from_amount",
        "condition",
        "days",
        "late",
    )

    policy_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[Name] = field(_("Name"), required=True)
    who: Mapped[str] = field(_("Who agrees"), String(10), choices=WHO, default="role")
    role_id: Mapped[int | None] = field(_("Role"), BigId, references="core.company_role")
    permission: Mapped[Line] = field(_("Right"), default="")
    person_id: Mapped[int | None] = field(_("Person"), BigId, ForeignKey("account.id"), references="core.account")
    levels: Mapped[int] = field(_("Levels up"), default=1, least=1, most=9)
    mode: Mapped[str] = field(_("How many of them"), String(10), choices=MODES, default="one")
    needed: Mapped[int] = field(_("Number needed"), default=1, least=1, most=99)
    beside: Mapped[bool] = field(_("At the same time as the step before"), default=False)
    from_amount: Mapped[Amount] = field(_("From amount"), default=0, least=0)
    condition: Mapped[Line] = field(_("Condition"), default="")
    days: Mapped[int] = field(_("Workdays to decide"), default=0, least=0, most=365)
    late: Mapped[str] = field(_("If nobody decides in time"), String(10), choices=LATE, default="")


def check_move(work: Work, policy: ApprovalPolicy) -> Iterator[Fault]:
    """A rule in force names a move that asks for consent; else somebody would rely on it in vain."""
    cls = work.types.documents.get(policy.document_kind)
    if not policy.active:
        return
    if cls is None:
        yield Fault("document_kind", _("There is no such type of document."), "reference")
    elif not any(move.approval for move in cls.workflow.transitions if move.name == policy.transition):
        yield Fault("transition", _("No such move asks for consent."), "reference")
    else:
        yield from conditions.check(work, cls, policy.condition, "condition")


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
    condition: Mapped[Line] = field(_("Condition"), default="")
    position: Mapped[int] = field(_("Sequence"), default=0, least=0, most=9999)


class ApprovalRequest(CompanyRow, Base):
    """A move that waits for consent; bound to the edition it was asked for."""

    __tablename__ = "approval_request"
    __table_args__ = company_args(
        refers("document_id", "document"),
        Index("ix_approval_request_document", "company_id", "document_id", "id"),
        Index("ix_approval_request_asked", "company_id", "requested_by", "id"),
        # What still waits of what somebody has asked for, however much he has asked for before.
        Index(
            "ix_approval_request_waiting",
            "company_id",
            "requested_by",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
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
    # How it goes on when it was sent back: from the first step ("over"), or from whoever sent it back ("straight").
    resume: Mapped[str] = mapped_column(String(10), default="")
    reminded_at: Mapped[datetime | None]


class ApprovalTask(CompanyRow, Base):
    """One consent of a request: of ``assignee_id``, else of whoever holds the role when he decides; never the maker."""

    __tablename__ = "approval_task"
    __table_args__ = company_args(
        refers("request_id", "approval_request"),
        refers("role_id", "company_role"),
        refers("document_id", "document"),
        refers("parent_id", "approval_task"),
        UniqueConstraint("company_id", "request_id", "position", "seat"),
        Index("ix_approval_task_assignee", "company_id", "assignee_id", "state", "id"),
        CheckConstraint("called IN ('', 'before', 'after', 'advice')", name="called"),
        Index("ix_approval_task_open", "company_id", "state", "role_id", "id"),
        Index("ix_approval_task_acted", "company_id", "acted_by", "id"),
        Index("ix_approval_task_document", "company_id", "document_id", "position", "step", "seat"),
        # Who reads what was sent to him: his copies alone, in their order.
        Index(
            "ix_approval_task_copy",
            "company_id",
            "assignee_id",
            "id",
            sqlite_where=text("mode = 'copy'"),
            postgresql_where=text("mode = 'copy'"),
        ),
        # What the program has to see to by itself, by the day.
        Index(
            "ix_approval_task_late",
            "company_id",
            "due_at",
            sqlite_where=text("state = 'open' AND late <> '' AND late_at IS NULL"),
            postgresql_where=text("state = 'open' AND late <> '' AND late_at IS NULL"),
        ),
        CheckConstraint(
            "state IN ('waiting', 'open', 'approved', 'rejected', 'cancelled', 'skipped', 'returned')",
            name="state",
        ),
        CheckConstraint("late IN ('', 'remind', 'escalate', 'agree', 'refuse')", name="late"),
        CheckConstraint("acted_by IS NULL OR acted_by <> maker_id", name="maker"),
        CheckConstraint("purpose IN ('consent', 'check')", name="purpose"),
    )
    request_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int] = mapped_column(BigId)
    # Where it stands: steps side by side share a position, each has its own count, and each person of it a seat.
    position: Mapped[int]
    step: Mapped[int] = mapped_column(default=1)
    seat: Mapped[int] = mapped_column(default=1)
    # Of a person who was called in: the consent of whoever called, and whether he comes before, after or advises.
    parent_id: Mapped[int | None] = mapped_column(BigId)
    called: Mapped[str] = mapped_column(String(10), default="")
    name: Mapped[Name]
    role_id: Mapped[int | None] = mapped_column(BigId)
    # Where neither a person nor a role is named: of whoever has this right to the document.
    permission: Mapped[Code] = mapped_column(default="")
    assignee_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    # A consent to what somebody wants, or a further pair of eyes on what he did (see ``core.entities.double_check``).
    purpose: Mapped[str] = mapped_column(String(10), default="consent")
    mode: Mapped[str] = mapped_column(String(10), default="one")
    needed: Mapped[int] = mapped_column(default=1)
    days: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="waiting")
    maker_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    acted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    on_behalf_of: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    acted_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    # What the program does when nobody decides in time, and when it has done so; it counts anew with each opening.
    late: Mapped[str] = mapped_column(String(10), default="")
    late_at: Mapped[datetime | None]
    # Those who were asked before it was given to somebody else.
    passed_by: Mapped[JsonDict | None]
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
