"""The spine every document hangs on: header, lines, links, open lines, claims and settlements, owned by core.

An area's document adds at most one joined table to ``document``, and never a second level. That is what lets a line, a
link, an approval or a duty point at any document with a real foreign key. A type without columns of its own adds none.
"""

from __future__ import annotations

import datetime as dt
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, MappedColumn, mapped_column, relationship

from core.db.base import (
    COUNTED,
    Amount,
    Base,
    Bytes32,
    Code,
    CompanyRow,
    Exchange,
    JsonDict,
    Line,
    Long,
    Name,
    OfCompany,
    Price,
    Quantity,
    Rate,
    company_args,
    field,
    refers,
)
from core.db.types import BigId
from core.documents.parts import DocumentPart, rows_of
from core.documents.sections import Section
from core.documents.stage import Stage
from core.documents.workflow import Workflow
from core.entities.company import ZERO
from core.rights import COST, PHONE
from core.roles import GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER, Role
from core.text import Text, _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from core.errors import Fault
    from core.work import Work

_OWED = text("uninvoiced > 0 OR unsettled > 0")
_UNUSED = text("unsettled > 0")
_OPEN = text("settled < amount")
_FOLLOWS = text("follows_id IS NOT NULL")
OWING = (
    "company_id",
    "party_id",
    "kind",
    "currency",
    "exchange_rate",
    "closure",
    "uninvoiced",
    "unsettled",
    "delivered",
)
UNUSED = ("company_id", "kind", "party_id", "currency", "unsettled", "date")
OWED = ("company_id", "due", "party_id", "claim_kind", "currency", "amount", "settled")


class Document(CompanyRow, Base):
    """A record that moves through states; subclasses declare label, workflow, series, stage and columns.

    ``class Quotation(Document, kind="quotation.quotation")``: the kind never changes and names the type everywhere.
    """

    label: ClassVar[Text]
    label_plural: ClassVar[Text]
    plural: ClassVar[str]
    icon: ClassVar[str] = "file-text"
    workflow: ClassVar[Workflow]
    series: ClassVar[str]
    stage: ClassVar[Stage | None] = None
    # Of several types at one stage, the one that lines are released to; and those that no line is ever released to.
    entry: ClassVar[bool] = False
    takes: ClassVar[bool] = True
    # Whether it takes the lines that go the other way: what comes back, what is credited.
    corrects: ClassVar[bool] = False
    # Of a type that corrects: the column that names the document which is corrected.
    corrects_by: ClassVar[str] = ""
    # Whether it is made from what the customer has, with negative lines.
    brings_back: ClassVar[bool] = False
    # Whether money leaves with it: what is set against it stays so, for it is with the customer.
    pays_back: ClassVar[bool] = False
    has_lines: ClassVar[bool] = True
    # Rows of its own beside the lines, each list under the part's key.
    parts: ClassVar[tuple[type[DocumentPart], ...]] = ()
    # Each looks at a document about to be created or changed, may fill in what is reckoned, and says what is wrong.
    checks: ClassVar[tuple[Callable[[Work, Any], Iterable[Fault]], ...]] = ()
    needs_party: ClassVar[bool] = True
    # Whether it ends what was begun with a customer, and so may name one that is no longer active.
    ends_business: ClassVar[bool] = False
    columns: ClassVar[tuple[str, ...]] = ("number", "date", "party_name", "gross", "state", "owner_id")
    line_columns: ClassVar[tuple[str, ...]] = (
        "item_id",
        "specification",
        "quantity",
        "unit",
        "gross_price",
        "gross",
    )
    searched: ClassVar[tuple[str, ...]] = ("number", "party_name", "subject", "reference")
    sorts: ClassVar[tuple[str, ...]] = ("date", "gross", "party_name")
    filters: ClassVar[tuple[str, ...]] = ("state", "approval", "party_id", "owner_id", "date")
    header: ClassVar[tuple[str, ...]] = (
        "party_id",
        "date",
        "subject",
        "reference",
        "contact_name",
        "contact_phone",
        "owner_id",
        "payment_terms",
        "prices_include_tax",
        "remark",
        "internal_remark",
    )
    # How the header falls into sections on the form and the page; the usual ones where it is long and says nothing.
    sections: ClassVar[tuple[Section, ...]] = ()
    readers: ClassVar[tuple[Role, ...]] = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER)
    writers: ClassVar[tuple[Role, ...]] = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
    strict: ClassVar[bool] = False
    # Whether lines take prices from whoever knows them; an inquiry only says what is wanted.
    priced: ClassVar[bool] = True
    # The words for what its history tells beside its own moves: what happened to it elsewhere.
    noted: ClassVar[Mapping[str, Text]] = {}
    # The states in which a paper of it may leave the house; None for all.
    printed_in: ClassVar[frozenset[str] | None] = None

    __tablename__ = "document"
    __table_args__: Any = company_args(
        UniqueConstraint("company_id", "kind", "number"),
        # Rising, and read backwards for the newest first; Alembic would leave out an index with DESC without a word.
        Index("ix_document_list_state", "company_id", "kind", "state", "date", "id"),
        Index("ix_document_list", "company_id", "kind", "date", "id"),
        Index("ix_document_days", "company_id", "date", "id"),
        Index("ix_document_gross", "company_id", "kind", "gross", "id"),
        Index("ix_document_number", "company_id", "kind", "number", "id"),
        Index("ix_document_party_name", "company_id", "kind", "party_name", "id"),
        Index("ix_document_party", "company_id", "party_id", "kind", "date", "id"),
        Index("ix_document_owner", "company_id", "kind", "owner_id", "date", "id"),
        Index("ix_document_creator", "company_id", "kind", "created_by", "date", "id"),
        Index("ix_document_approval", "company_id", "kind", "approval", "date", "id"),
        # These tell what is open without the rows themselves; what is written to their figures moves the rows anyhow.
        Index("ix_document_owed", *OWING, sqlite_where=_OWED, postgresql_where=_OWED),
        Index("ix_document_unused", *UNUSED, sqlite_where=_UNUSED, postgresql_where=_UNUSED),
        refers("party_id", "party"),
        refers("department_id", "department"),
        CheckConstraint("approval IN ('none', 'pending', 'approved', 'rejected', 'withdrawn')", name="approval"),
        CheckConstraint("closure IN ('open', 'suspended', 'closed', 'forced')", name="closure"),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint("version > 0 AND edition > 0 AND revision > 0", name="counters"),
        CheckConstraint("uninvoiced >= 0", name="uninvoiced"),
        CheckConstraint("unsettled >= 0", name="unsettled"),
        CheckConstraint("settled >= 0 AND settled <= abs(gross)", name="settled"),
    )

    kind: Mapped[Code] = mapped_column()
    number: Mapped[Code | None] = field(_("Number"), writable=False)
    state: Mapped[Code] = field(_("State"), writable=False)
    approval: Mapped[str] = field(_("Approval"), String(12), writable=False, default="none")
    closure: Mapped[str] = field(_("Closure"), String(12), writable=False, default="open", counted=True)
    closure_reason: Mapped[Line] = mapped_column(default="")
    version: Mapped[int] = field(_("Record version"), writable=False, default=1, counted=True)
    edition: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = field(_("Revision"), writable=False, default=1)
    uid: Mapped[str] = mapped_column(String(32))
    head: Mapped[Bytes32] = mapped_column(default=ZERO, info=COUNTED)
    date: Mapped[dt.date] = field(_("Date"), required=True)
    posted_at: Mapped[datetime | None] = mapped_column()
    deadline: Mapped[dt.date | None] = field(_("Deadline"))
    subject: Mapped[Name] = field(_("Subject"), default="")
    reference: Mapped[Code] = field(_("Customer's reference"), default="")
    party_id: Mapped[int | None] = field(_("Customer"), BigId, references="core.party", required=True)
    party_name: Mapped[Name] = field(_("Customer"), writable=False, default="")
    party_details: Mapped[JsonDict | None] = mapped_column()
    contact_name: Mapped[Name] = field(_("Contact"), default="")
    contact_phone: Mapped[Code] = field(_("Contact's phone"), default="", needs=PHONE, masked=True)
    address: Mapped[Line] = field(_("Address"), default="")
    owner_id: Mapped[int | None] = field(_("Responsible"), BigId, ForeignKey("account.id"), references="core.account")
    department_id: Mapped[int | None] = field(_("Department"), BigId, references="core.department")
    currency: Mapped[str] = field(_("Currency"), String(3), default="CNY")
    exchange_rate: Mapped[Exchange] = field(_("Exchange rate"), default=Decimal(1), least=Decimal("0.000001"))
    prices_include_tax: Mapped[bool] = field(_("Prices include tax"), default=True)
    payment_terms: Mapped[Name] = field(_("Payment terms"), default="")
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
    internal_remark: Mapped[Long] = field(_("Internal remark"), default="", multiline=True)
    net: Mapped[Amount] = field(_("Amount without tax"), writable=False, default=Decimal(0))
    tax: Mapped[Amount] = field(_("Tax"), writable=False, default=Decimal(0))
    gross: Mapped[Amount] = field(_("Total"), writable=False, default=Decimal(0))
    base_gross: Mapped[Amount] = mapped_column(default=Decimal(0))
    cost_total: Mapped[Amount] = field(_("Cost"), writable=False, default=Decimal(0), needs=COST)
    # Progress in money, kept by guarded updates: what exposure and receivables are summed from.
    uninvoiced: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    unsettled: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    supplied: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    delivered: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    invoiced: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    settled: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    # What was received for the lines that began in it, see ``core.documents.received``; None until ``zhanggui upgrade``
    # has reckoned it for what an older release wrote.
    collected: Mapped[Amount | None] = mapped_column(default=Decimal(0), info=COUNTED)
    prints: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = field(_("Created"), writable=False)
    created_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    updated_at: Mapped[datetime] = field(_("Changed"), writable=False, counted=True)
    updated_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"), info=COUNTED)
    # Who last changed the content; a move or a consent changes the row, not the content.
    edited_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    submitted_by: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))

    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "core.document"}

    lines: Mapped[list[DocumentLine]] = relationship(order_by="DocumentLine.position", lazy="raise", viewonly=True)

    def __init_subclass__(cls, kind: str, **kwargs: Any) -> None:
        if any(isinstance(value, MappedColumn) for value in cls.__dict__.values()):
            cls.__tablename__ = kind.replace(".", "_")
            cls.id = mapped_column(BigId, primary_key=True, autoincrement=False, sort_order=-10)
            cls.company_id = mapped_column(BigId, sort_order=-9)  # type: ignore[assignment]
            own = cls.__dict__.get("__table_args__", ())
            cls.__table_args__ = (
                ForeignKeyConstraint(["company_id", "id"], ["document.company_id", "document.id"]),
                *own,
            )
        else:
            cls.__tablename__ = None  # type: ignore[assignment]
        cls.__mapper_args__ = {"polymorphic_identity": kind}
        for part in cls.parts:
            if part.key not in cls.__dict__:
                setattr(cls, part.key, rows_of(part))
        super().__init_subclass__(**kwargs)

    @classmethod
    def accepts(cls, work: Work, line: DocumentLine) -> bool:
        """Whether a released ``line`` has any business at this type's stage."""
        return True

    @classmethod
    def enters(cls, work: Work) -> bool:
        """Whether lines released to its stage come to this type first, as this company works."""
        return cls.entry

    @classmethod
    def tells_prices(cls, work: Work) -> bool:
        """Whether its screens name the prices of its lines; unseen ones go along with the line all the same."""
        return cls.priced

    @classmethod
    def brought(cls, *, exchanged: bool) -> dict[str, Any]:
        """What a document that brings goods back says of its own about whether they are exchanged."""
        return {}

    @classmethod
    def begins(cls) -> bool:
        """Whether its own lines are where the chain begins, so that people may close what is still open of them."""
        return cls.takes and not cls.corrects and cls.has_lines and cls.stage in (Stage.OFFER, Stage.ORDER)

    @classmethod
    def continues(cls) -> bool:
        """Whether lines of it may have begun in other documents, where it is counted what becomes of them."""
        later = cls.stage is not None and cls.stage > Stage.ORDER
        return cls.has_lines and (later or cls.brings_back)

    @classmethod
    def receives(cls) -> bool:
        """Whether lines of other documents can come to it."""
        return cls.has_lines and cls.takes and not cls.brings_back and (cls.stage is None or cls.stage > Stage.OFFER)

    @classmethod
    def gives(cls, state: str) -> bool:
        """Whether orders may be taken from what one released that is in ``state`` by now."""
        return True

    @property
    def frame(self) -> str:
        """The kind of order that is taken from it, where it binds nobody to its quantities itself; else nothing."""
        return ""

    @property
    def title(self) -> str:
        """Number and revision, or that it is a draft."""
        if not self.number:
            return str(_("Draft {id}", id=self.id))
        return self.number if self.revision == 1 else f"{self.number} V{self.revision}"


class DocumentLine(CompanyRow, Base):
    """What is offered, ordered, delivered or invoiced: the unit in which documents feed each other.

    The cumulative figures stand on the line's origin, in base units, and are written by guarded updates only.
    """

    __tablename__ = "document_line"
    __table_args__ = company_args(
        refers("document_id", "document"),
        refers("item_id", "item"),
        refers("tax_rate_id", "tax_rate"),
        refers("origin_id", "document_line"),
        Index("ix_document_line_document", "company_id", "document_id", "position"),
        Index("ix_document_line_item", "company_id", "item_id", "id"),
        Index("ix_document_line_origin", "company_id", "origin_id"),
        CheckConstraint("line_kind IN ('item', 'service', 'text', 'charge', 'discount')", name="line_kind"),
        CheckConstraint("gross = net + tax", name="gross"),
        CheckConstraint("factor > 0", name="factor"),
        CheckConstraint("discount_rate >= 0 AND discount_rate <= 10000", name="discount_rate"),
        CheckConstraint("closure IN ('open', 'suspended', 'closed', 'forced')", name="closure"),
        CheckConstraint("returned >= 0 AND returned <= delivered", name="returned"),
        CheckConstraint("credited >= 0 AND credited <= invoiced", name="credited"),
        CheckConstraint("abs(credited_amount) <= abs(invoiced_amount)", name="credited_amount"),
        CheckConstraint("supplied >= 0 AND delivered >= 0 AND invoiced >= 0", name="progress"),
        CheckConstraint("dropped >= 0 AND dropped <= abs(base_quantity)", name="dropped"),
        CheckConstraint("withheld >= 0 AND withheld <= dropped", name="withheld"),
        CheckConstraint(
            "ceiling IS NULL OR (supplied <= ceiling AND delivered - returned <= ceiling)", name="delivered"
        ),
        CheckConstraint("ceiling IS NULL OR invoiced - credited <= ceiling", name="invoiced"),
    )

    document_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int] = mapped_column()
    line_kind: Mapped[str] = field(_("Line kind"), String(10), default="item")
    item_id: Mapped[int | None] = field(_("Product"), BigId, references="core.item")
    code: Mapped[Code] = field(_("Product code"), default="", writable=False)
    name: Mapped[Name] = field(_("Product name"), default="")
    name_en: Mapped[Name] = field(_("English name"), default="")
    specification: Mapped[Line] = field(_("Specification"), default="")
    unit: Mapped[str] = field(_("Unit"), String(20), default="")
    factor: Mapped[Quantity] = mapped_column(default=Decimal(1))
    quantity: Mapped[Quantity] = field(_("Quantity"), default=Decimal(0))
    base_quantity: Mapped[Quantity] = mapped_column(default=Decimal(0))
    fixed: Mapped[str] = mapped_column(String(12), default="gross_price")
    list_price: Mapped[Price] = field(_("List price"), writable=False, default=Decimal(0))
    price_source: Mapped[Name] = field(_("Price from"), writable=False, default="")
    price: Mapped[Price] = field(_("Price without tax"), default=Decimal(0))
    gross_price: Mapped[Price] = field(_("Price with tax"), default=Decimal(0))
    discount_rate: Mapped[Rate] = field(_("Discount"), default=Decimal(0), least=0, most=1)
    tax_rate_id: Mapped[int | None] = field(_("Tax rate"), BigId, references="core.tax_rate")
    tax_rate: Mapped[Rate] = field(_("Tax rate"), writable=False, default=Decimal(0))
    tax_kind: Mapped[str] = mapped_column(String(10), default="rate")
    net: Mapped[Amount] = field(_("Amount without tax"), default=Decimal(0))
    tax: Mapped[Amount] = field(_("Tax"), default=Decimal(0))
    gross: Mapped[Amount] = field(_("Amount"), default=Decimal(0))
    cost: Mapped[Price] = field(_("Cost"), writable=False, default=Decimal(0), needs=COST)
    floor_price: Mapped[Price] = field(_("Floor price"), writable=False, default=Decimal(0), needs=COST)
    lead_time: Mapped[Code] = field(_("Lead time"), default="")
    deadline: Mapped[dt.date | None] = field(_("Deadline"))
    remark: Mapped[Line] = field(_("Remark"), default="")
    closure: Mapped[str] = mapped_column(String(12), default="open", info=COUNTED)
    closure_reason: Mapped[Line] = mapped_column(default="")
    origin_id: Mapped[int | None] = mapped_column(BigId)
    # Ordered × (1 + tolerance) in base units; NULL where nothing is ordered.
    ceiling: Mapped[Quantity | None] = mapped_column()
    supplied: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    delivered: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    returned: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    invoiced: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    credited: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    invoiced_amount: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    credited_amount: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    # What of the ordered quantity will not come any more: returned for good, or closed by somebody.
    dropped: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)
    # It was taken over from another line; a link says from which.
    linked: Mapped[bool] = mapped_column(default=False)
    # What of the amount will not be invoiced again: taken back by a credit note, with no goods to follow.
    conceded: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    # It comes back only to be delivered again.
    exchanged: Mapped[bool] = mapped_column(default=False)
    # Where its invoice begins, as the company had it when the line was released where it began; whatever is taken from
    # it says the same, so that a change of the setting concerns only what is released after it.
    billing_point: Mapped[str | None] = mapped_column(String(12))
    # Nobody delivers after it: its own release, or its invoice, counted as the delivery.
    deemed: Mapped[bool] = mapped_column(default=False, info=COUNTED)
    # What of ``dropped`` was closed by hand, and is expected again when it is opened again.
    withheld: Mapped[Quantity] = mapped_column(default=Decimal(0), info=COUNTED)


class DocumentLink(OfCompany, Base):
    """How much of one line another line has taken over, in base units and in money."""

    __tablename__ = "document_link"
    __table_args__ = (
        refers("source_id", "document_line"),
        refers("target_id", "document_line"),
        refers("source_document_id", "document"),
        refers("target_document_id", "document"),
        Index("ix_document_link_target", "company_id", "target_id"),
        Index("ix_document_link_documents", "company_id", "source_document_id", "target_document_id"),
        Index("ix_document_link_back", "company_id", "target_document_id", "source_document_id"),
    )
    company_id: Mapped[int] = mapped_column(BigId, ForeignKey("company.id"), primary_key=True)
    source_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    target_id: Mapped[int] = mapped_column(BigId, primary_key=True)
    source_document_id: Mapped[int] = mapped_column(BigId)
    target_document_id: Mapped[int] = mapped_column(BigId)
    quantity: Mapped[Quantity]
    amount: Mapped[Amount]


class OpenLine(CompanyRow, Base):
    """A released line that waits for one target type; open until taken, closed or cancelled."""

    __tablename__ = "open_line"
    __table_args__ = company_args(
        refers("line_id", "document_line"),
        refers("document_id", "document"),
        refers("party_id", "party"),
        UniqueConstraint("company_id", "line_id", "target"),
        Index("ix_open_line_document", "company_id", "document_id"),
        Index(
            "ix_open_line_party",
            "company_id",
            "party_id",
            sqlite_where=text("party_id IS NOT NULL"),
            postgresql_where=text("party_id IS NOT NULL"),
        ),
        Index(
            "ix_open_line_waiting",
            "company_id",
            "target",
            "party_id",
            "id",
            sqlite_where=text("closure = 'open'"),
            postgresql_where=text("closure = 'open'"),
        ),
        CheckConstraint("quantity >= 0 AND taken >= 0 AND taken <= most", name="taken"),
        CheckConstraint("closure IN ('open', 'suspended', 'closed', 'forced')", name="closure"),
    )
    line_id: Mapped[int] = mapped_column(BigId)
    document_id: Mapped[int] = mapped_column(BigId)
    party_id: Mapped[int | None] = mapped_column(BigId)
    target: Mapped[Code]
    # Without a sign; ``most`` is what may be taken within the company's tolerance.
    quantity: Mapped[Quantity]
    most: Mapped[Quantity]
    taken: Mapped[Quantity] = mapped_column(default=Decimal(0))
    # With the sign of the line's amount.
    amount: Mapped[Amount] = mapped_column(default=Decimal(0))
    taken_amount: Mapped[Amount] = mapped_column(default=Decimal(0))
    closure: Mapped[str] = mapped_column(String(12), default="open")
    released_at: Mapped[datetime]


class Claim(CompanyRow, Base):
    """Money owed by a day: an invoice, a milestone of a contract, a retention. Settled by payments, by amount."""

    __tablename__ = "claim"
    __table_args__ = company_args(
        refers("document_id", "document"),
        refers("party_id", "party"),
        refers("follows_id", "claim"),
        UniqueConstraint("company_id", "document_id", "position"),
        Index("ix_claim_follows", "company_id", "follows_id", sqlite_where=_FOLLOWS, postgresql_where=_FOLLOWS),
        Index("ix_claim_due", "company_id", "party_id", "due"),
        Index("ix_claim_open", *OWED, sqlite_where=_OPEN, postgresql_where=_OPEN),
        CheckConstraint("amount > 0 AND settled >= 0 AND settled <= amount", name="settled"),
        CheckConstraint("claim_kind IN ('milestone', 'receivable', 'retention')", name="claim_kind"),
    )
    document_id: Mapped[int] = mapped_column(BigId)
    party_id: Mapped[int] = mapped_column(BigId)
    position: Mapped[int] = mapped_column(default=1)
    # A milestone is agreed in a contract; a receivable is owed on an invoice, its retained part not before its own day.
    claim_kind: Mapped[str] = mapped_column(String(12), default="receivable")
    name: Mapped[Name] = mapped_column(default="")
    due: Mapped[dt.date | None]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Amount]
    settled: Mapped[Amount] = mapped_column(default=Decimal(0), info=COUNTED)
    # A milestone whose share of each invoice is retained until the milestone's day.
    retained: Mapped[bool] = mapped_column(default=False)
    # The milestone whose day this retained part waits for: when that one is known, it is this one's as well.
    follows_id: Mapped[int | None] = mapped_column(BigId, info=COUNTED)


class Settlement(CompanyRow, Base):
    """A part of a payment set against a receivable, a milestone, or both at once; in one currency.

    An advance meets a milestone before there is an invoice. When the invoice comes, that settlement is reversed and
    one against both takes its place, so that no payment is ever counted twice.
    """

    __tablename__ = "settlement"
    __table_args__ = company_args(
        refers("claim_id", "claim"),
        refers("milestone_id", "claim"),
        refers("payment_id", "document"),
        Index("ix_settlement_claim", "company_id", "claim_id"),
        Index("ix_settlement_milestone", "company_id", "milestone_id"),
        Index("ix_settlement_payment", "company_id", "payment_id"),
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("claim_id IS NOT NULL OR milestone_id IS NOT NULL", name="against"),
    )
    claim_id: Mapped[int | None] = mapped_column(BigId)
    milestone_id: Mapped[int | None] = mapped_column(BigId)
    payment_id: Mapped[int] = mapped_column(BigId)
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[Amount]
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("account.id"))
    reversed_at: Mapped[datetime | None]
