"""Contract templates: the company's usual text of every clause, for each kind of contract and language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Code, Long, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.errors import Fault
from core.roles import (
    CONTRACT_ADMINISTRATOR,
    GENERAL_MANAGER,
    LEGAL,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
)
from core.text import _
from core.work import Work

CONTRACT_KINDS = (
    ("sale", _("Sale")),
    ("processing", _("Processing to order")),
    ("service", _("Services")),
    ("project", _("Project with installation")),
    ("framework", _("Framework agreement")),
    ("supplement", _("Supplementary agreement")),
)
# The clauses of a contract, in the order of the paper; each is a column of the contract.
CLAUSES = (
    ("duties", _("Rights and duties of both parties")),
    ("quality", _("Quality standard")),
    ("packing", _("Packing")),
    ("delivery_terms", _("Delivery terms")),
    ("freight_terms", _("Freight borne by")),
    ("acceptance_terms", _("Acceptance and time for objections")),
    ("settlement", _("Payment")),
    ("warranty", _("Warranty")),
    ("breach", _("Liability for breach")),
    ("disputes", _("Settlement of disputes")),
    ("effect", _("Copies and entry into force")),
    ("other_terms", _("Other terms")),
)
LANGUAGES = (("zh_Hans_CN", _("Chinese")), ("en", _("English")))


class Clause(Part):
    """The usual text of one clause."""

    __tablename__ = "contract_clause"
    __table_args__ = company_args(
        refers("template_id", "contract_template"),
        UniqueConstraint("company_id", "template_id", "topic"),
        CheckConstraint("topic <> ''", name="topic"),
    )
    key = "clauses"
    label = _("Clauses")
    owner = "template_id"
    columns = ("topic", "wording")

    template_id: Mapped[int] = mapped_column(BigId)
    topic: Mapped[str] = field(_("Clause"), String(20), choices=CLAUSES, required=True)
    wording: Mapped[Long] = field(_("Wording"), required=True, multiline=True)


def one_usual(work: Work, record: Template) -> Iterator[Fault]:
    """At most one template of each kind and language is the usual one."""
    if not (record.usual and record.active):
        return
    same = select(Template.id).where(
        Template.usual,
        Template.active,
        Template.contract_kind == record.contract_kind,
        Template.language == record.language,
        Template.id != (record.id or 0),
    )
    if work.session.scalars(same).first():
        yield Fault("usual", _("Another template of this kind is the usual one."), "duplicate")


class Template(Master, kind="contract.template"):
    """The company's own text for one kind of contract (CTR-04)."""

    __tablename__ = "contract_template"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "code"),
        Index("ix_contract_template_name", "company_id", "name", "id"),
    )
    label = _("Contract template")
    label_plural = _("Contract templates")
    plural = "contract-templates"
    icon = "template"
    columns: ClassVar = ("code", "name", "contract_kind", "language", "usual", "active")
    sorts = ("code", "name")
    filters = ("contract_kind", "language", "active")
    parts = (Clause,)
    cached = True
    readers = (
        REPRESENTATIVE,
        SALES_MANAGER,
        SALES_CLERK,
        GENERAL_MANAGER,
        LEGAL,
        CONTRACT_ADMINISTRATOR,
        SALES_ADMINISTRATOR,
    )
    writers = (SALES_MANAGER, LEGAL, CONTRACT_ADMINISTRATOR)
    checks = (one_usual,)

    code: Mapped[Code] = field(_("Code"), required=True)
    name: Mapped[Name] = field(_("Name"), required=True)
    name_en: Mapped[Name] = field(_("English name"), default="")
    contract_kind: Mapped[str] = field(_("Kind of contract"), String(12), choices=CONTRACT_KINDS, default="sale")
    language: Mapped[str] = field(_("Language"), String(12), choices=LANGUAGES, default="zh_Hans_CN")
    usual: Mapped[bool] = field(
        _("Usual template"), default=False, help=_("New contracts of this kind begin with its clauses.")
    )
    warranty_months: Mapped[int] = field(_("Warranty (months)"), default=12, least=0, most=600)
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
