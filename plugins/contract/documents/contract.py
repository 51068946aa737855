"""The sales contract: reviewed, signed by both sides, released to the departments, accepted, paid, filed."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped

from core.db.base import Code, Long, Name, field, refers
from core.db.types import BigId
from core.documents import Document, Point, Section, Stage, State, Transition, Workflow, fields_of, rows_of
from core.roles import ARCHIVIST, CONTRACT_ADMINISTRATOR, SALES_ADMINISTRATOR, TECHNICAL
from core.text import _
from core.work import Work
from plugins.contract.documents import checks, ending
from plugins.contract.documents.agreed import LEADERS, LINE_COLUMNS, OFFICE, READERS, SELLERS, Agreed, Technical
from plugins.contract.documents.frames import FRAMEWORK, ORDER
from plugins.contract.documents.milestones import Milestone
from plugins.contract.masters import CONTRACT_KINDS
from plugins.contract.settings import ENTRY

WORDINGS = (("ours", _("Our template")), ("theirs", _("The customer's text")), ("free", _("Written freely")))
WARRANTY_STARTS = (("acceptance", _("On acceptance")), ("delivery", _("On delivery")))

TECHNICAL_FACTS = ("technical_number", "technical_signed_on", "technical_signatory")


class Contract(Agreed, Technical, Document, kind="contract.contract"):
    """What both sides signed: goods or services, price, clauses, milestones of payment (CTR-04, CTR-14, CTR-17)."""

    label = _("Contract")
    label_plural = _("Contracts")
    plural = "contracts"
    icon = "file-certificate"
    stage = Stage.ORDER
    entry = True
    printed_in = frozenset(
        {"approved", "sealed", "signed", "released", "accepted", "completed", "archived", "terminated"}
    )
    series = "HT-{yyyy}-{n:05}"
    columns = ("number", "date", "party_name", "subject", "gross", "deadline", "signed_on", "state", "owner_id")
    line_columns = LINE_COLUMNS
    searched = ("number", "party_name", "subject", "reference", "project")
    readers = (*READERS, ARCHIVIST)
    writers = OFFICE
    sections = (
        Section(
            _("Basic data"),
            (
                "party_id",
                "date",
                "contract_kind",
                "template_id",
                "wording",
                "subject",
                "project",
                "reference",
                "deadline",
                "owner_id",
            ),
        ),
        Section(
            _("Contact and parties"),
            (
                "contact_name",
                "contact_phone",
                "address",
                "signing_place",
                "direct_customer",
                "host_model",
                "ordering_unit",
                "design_institute",
            ),
        ),
        Section(
            _("Price and payment"),
            ("currency", "exchange_rate", "prices_include_tax", "payment_terms", "settlement"),
        ),
        Section(
            _("Delivery and warranty"),
            ("warranty_months", "warranty_starts", "delivery_terms", "freight_terms", "packing", "warranty"),
        ),
        Section(
            _("Clauses"),
            ("duties", "quality", "acceptance_terms", "breach", "disputes", "effect", "other_terms", "special_demands"),
            folded=True,
        ),
        Section(
            _("Technical agreement"),
            ("technical_needed", "technical_number", "technical_signed_on", "technical_signatory"),
            folded=True,
        ),
        Section(
            _("Review"),
            ("special_terms", "technical_review", "finance_review", "production_review", "legal_review"),
        ),
        Section(_("Remarks"), ("remark", "internal_remark")),
    )
    header = fields_of(sections)
    parts = (Milestone,)
    milestones = rows_of(Milestone)
    __table_args__: Any = (
        refers("template_id", "contract_template"),
        Index("ix_contract_contract_signed", "company_id", "signed_on", "id"),
        CheckConstraint("warranty_months >= 0", name="warranty"),
    )

    contract_kind: Mapped[str] = field(_("Kind of contract"), String(12), choices=CONTRACT_KINDS, default="sale")
    template_id: Mapped[int | None] = field(_("Template"), BigId, references="contract.template")
    wording: Mapped[str] = field(_("Text from"), String(10), choices=WORDINGS, default="ours")
    signing_place: Mapped[Name] = field(_("Place of signing"), default="")
    warranty_months: Mapped[int] = field(_("Warranty (months)"), default=12, least=0, most=600)
    warranty_starts: Mapped[str] = field(
        _("Warranty begins"), String(12), choices=WARRANTY_STARTS, default="acceptance"
    )
    direct_customer: Mapped[Name] = field(_("Direct customer"), default="")
    host_model: Mapped[Name] = field(_("Model of the host machine"), default="")
    ordering_unit: Mapped[Name] = field(_("Ordering unit of the host-machine maker"), default="")
    design_institute: Mapped[Name] = field(_("Design institute"), default="")
    duties: Mapped[Long] = field(_("Rights and duties of both parties"), default="", multiline=True)
    quality: Mapped[Long] = field(_("Quality standard"), default="", multiline=True)
    acceptance_terms: Mapped[Long] = field(_("Acceptance and time for objections"), default="", multiline=True)
    settlement: Mapped[Long] = field(_("Payment"), default="", multiline=True)
    breach: Mapped[Long] = field(_("Liability for breach"), default="", multiline=True)
    disputes: Mapped[Long] = field(_("Settlement of disputes"), default="", multiline=True)
    effect: Mapped[Long] = field(_("Copies and entry into force"), default="", multiline=True)
    other_terms: Mapped[Long] = field(_("Other terms"), default="", multiline=True)
    special_terms: Mapped[bool] = field(
        _("Has special clauses"), default=False, help=_("The general manager agrees to them.")
    )
    legal_review: Mapped[bool] = field(_("Convene legal"), default=False)
    our_signatory_id: Mapped[int | None] = field(
        _("Signed for us by"), BigId, ForeignKey("account.id"), references="core.account", writable=False, living=True
    )
    our_signed_on: Mapped[date | None] = field(_("Signed by us on"), writable=False, living=True)
    customer_signatory: Mapped[Name] = field(_("Signed for the customer by"), default="", writable=False, living=True)
    customer_signed_on: Mapped[date | None] = field(_("Signed by the customer on"), writable=False, living=True)
    signed_on: Mapped[date | None] = field(_("In force since"), writable=False, living=True)
    warranty_until: Mapped[date | None] = field(_("Warranty until"), writable=False, living=True)
    archive_number: Mapped[Code] = field(_("File no."), default="", writable=False, living=True)
    archive_place: Mapped[Name] = field(_("Place of the file"), default="", writable=False, living=True)
    archive_keeper_id: Mapped[int | None] = field(
        _("Keeper of the original"),
        BigId,
        ForeignKey("account.id"),
        references="core.account",
        writable=False,
        living=True,
    )
    archived_on: Mapped[date | None] = field(_("Handed over to the archive on"), writable=False, living=True)

    workflow = Workflow(
        states=(
            State("draft", _("Draft")),
            State("approved", _("To be signed"), "orange", frozen=True),
            State("sealed", _("Signed by us"), "orange", frozen=True),
            State("signed", _("In force"), "blue", frozen=True),
            State("released", _("Being fulfilled"), "blue", frozen=True),
            State("accepted", _("Accepted by the customer"), "green", frozen=True),
            State("completed", _("Completed"), "green", frozen=True),
            State("archived", _("Archived"), "grey", frozen=True, ends=True),
            State("terminated", _("Terminated"), "red", frozen=True, aside=True),
            State("cancelled", _("Cancelled"), "grey", frozen=True, ends=True, aside=True),
        ),
        transitions=(
            Transition(
                "submit",
                "draft",
                "approved",
                _("Submit"),
                OFFICE,
                approval=True,
                numbers=True,
                point=Point.ORDER,
                checks=(
                    checks.says_something,
                    checks.is_complete,
                    checks.has_its_agreement_first,
                    checks.pays_in_full,
                    checks.is_paid_by_orders,
                    checks.departs_from_the_offer,
                    checks.is_reviewed,
                    checks.has_special_terms,
                ),
                tone="primary",
            ),
            Transition(
                "fill",
                "draft",
                "draft",
                _("Fill in from the template"),
                OFFICE,
                asks=("template_id",),
                musts=("template_id",),
            ),
            Transition(
                "sign",
                "approved",
                "sealed",
                _("We sign"),
                OFFICE,
                checks=(checks.is_signed_with_authority, checks.has_its_agreement),
                asks=("our_signatory_id", "our_signed_on"),
                musts=("our_signatory_id", "our_signed_on"),
                tone="primary",
            ),
            Transition(
                "countersign",
                "sealed",
                "signed",
                _("The customer has signed"),
                OFFICE,
                asks=(
                    "customer_signatory",
                    "customer_signed_on",
                    "archive_number",
                    "archive_place",
                    "archive_keeper_id",
                ),
                musts=("customer_signatory", "customer_signed_on"),
                checks=(checks.is_signed_by_now,),
                tone="primary",
            ),
            Transition(
                "agree_technically",
                "approved",
                "approved",
                _("Technical agreement signed"),
                (*OFFICE, TECHNICAL),
                asks=TECHNICAL_FACTS,
                musts=("technical_signed_on", "technical_signatory"),
            ),
            Transition(
                "agree_technically_later",
                "signed",
                "signed",
                _("Technical agreement signed"),
                (*OFFICE, TECHNICAL),
                asks=TECHNICAL_FACTS,
                musts=("technical_signed_on", "technical_signatory"),
            ),
            Transition(
                "release",
                "signed",
                "released",
                _("Release to the departments"),
                OFFICE,
                checks=(checks.has_its_agreement_at_last,),
                releases=True,
                tone="primary",
            ),
            ending.recall("signed"),
            ending.ACCEPT,
            ending.COMPLETE,
            Transition(
                "archive",
                ("completed", "terminated"),
                "archived",
                _("Hand over to the archive"),
                (ARCHIVIST, CONTRACT_ADMINISTRATOR, SALES_ADMINISTRATOR, *LEADERS),
                asks=("archive_number", "archive_place", "archive_keeper_id", "archived_on"),
                musts=("archive_number", "archive_place", "archived_on"),
                checks=(checks.may_rest,),
            ),
            Transition(
                "revise",
                ("approved", "sealed", "signed"),
                "draft",
                _("Revise"),
                SELLERS,
                revises=True,
            ),
            ending.terminate(("signed", "released", "accepted")),
            ending.cancel(("draft", "approved", "sealed")),
        ),
    )

    @classmethod
    def enters(cls, work: Work) -> bool:
        """Contracts come first unless the company begins with orders."""
        return bool(work.setting(ENTRY) == "contract")

    @property
    def frame(self) -> str:
        """Of a framework agreement customer orders are taken, and each of them binds for itself."""
        return ORDER if self.contract_kind == FRAMEWORK else ""

    @classmethod
    def gives(cls, state: str) -> bool:
        """Orders are taken while the agreement is being fulfilled."""
        return state in ("released", "accepted")
