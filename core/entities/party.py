"""Parties: customers, suppliers, carriers and partners. Screens say 客户.

A party belongs to one company and is never shared. Its exact name and its credit code are unique there, so a duplicate
is refused by the database itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, or_, select, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.among import one_of
from core.db.base import Code, Line, Long, Name, company_args, field, refers
from core.db.types import BigId
from core.entities.master import Master, Part
from core.entities.territory import of_region
from core.errors import Fault
from core.identifiers import InvalidIdentifier, credit_code
from core.names import normal_name
from core.pasted import compact
from core.rights import PHONE
from core.roles import FINANCE, GENERAL_MANAGER, REPRESENTATIVE, SALES_CLERK, SALES_MANAGER
from core.text import _

if TYPE_CHECKING:
    from core.work import Work

DECISION_PARTS = (
    ("", _("Not known")),
    ("decision_maker", _("Decision maker")),
    ("management", _("Management")),
    ("technical_lead", _("Technical lead")),
    ("engineer", _("Engineer")),
    ("purchasing", _("Purchasing")),
    ("commercial", _("Commercial")),
    ("finance", _("Finance")),
)
INVOICE_KINDS = (
    ("special", _("Special VAT invoice")),
    ("ordinary", _("Ordinary VAT invoice")),
)
ADDRESS_KINDS = (("delivery", _("Delivery")), ("office", _("Office")), ("mail", _("Mail")))


class Contact(Part):
    """A person at the customer, with his part in the decision (CRM-05)."""

    __tablename__ = "contact"
    __table_args__ = company_args(refers("party_id", "party"), Index("ix_contact_party", "company_id", "party_id"))
    key = "contacts"
    label = _("Contacts")
    owner = "party_id"
    columns = ("name", "title", "decision_part", "mobile", "phone", "email", "wechat", "is_primary", "remark")

    party_id: Mapped[int] = mapped_column(BigId)
    name: Mapped[Name] = field(_("Name"), required=True)
    title: Mapped[Name] = field(_("Title"), default="")
    decision_part: Mapped[str] = field(_("Part in the decision"), String(20), choices=DECISION_PARTS, default="")
    mobile: Mapped[Code] = field(_("Mobile"), default="", needs=PHONE, masked=True)
    phone: Mapped[Code] = field(_("Phone"), default="", needs=PHONE, masked=True)
    email: Mapped[Name] = field(_("E-mail"), default="")
    wechat: Mapped[Code] = field(_("WeChat"), default="", needs=PHONE, masked=True)
    birthday: Mapped[date | None] = field(_("Birthday"))
    is_primary: Mapped[bool] = field(_("Primary"), default=False)
    remark: Mapped[Line] = field(_("Remark"), default="")


class Address(Part):
    """Where goods or letters go."""

    __tablename__ = "address"
    __table_args__ = company_args(refers("party_id", "party"), Index("ix_address_party", "company_id", "party_id"))
    key = "addresses"
    label = _("Addresses")
    owner = "party_id"
    columns = ("address_kind", "region", "line", "contact", "phone", "is_default")

    party_id: Mapped[int] = mapped_column(BigId)
    address_kind: Mapped[str] = field(_("Kind"), String(20), choices=ADDRESS_KINDS, default="delivery")
    region: Mapped[Name] = field(_("Region"), default="")
    line: Mapped[Line] = field(_("Address"), required=True)
    contact: Mapped[Name] = field(_("Contact"), default="")
    phone: Mapped[Code] = field(_("Phone"), default="", needs=PHONE, masked=True)
    is_default: Mapped[bool] = field(_("Default"), default=False)


class TaxTitle(Part):
    """What an invoice must say about the buyer (发票抬头); a customer may have several."""

    __tablename__ = "tax_title"
    __table_args__ = company_args(refers("party_id", "party"), Index("ix_tax_title_party", "company_id", "party_id"))
    key = "tax_titles"
    label = _("Invoice titles")
    owner = "party_id"
    columns = (
        "title",
        "tax_number",
        "invoice_kind",
        "address",
        "phone",
        "bank",
        "account",
        "email",
        "is_default",
    )

    party_id: Mapped[int] = mapped_column(BigId)
    title: Mapped[Name] = field(_("Invoice title"), required=True)
    tax_number: Mapped[Code] = field(_("Tax number"), default="")
    invoice_kind: Mapped[str] = field(_("Invoice kind"), String(20), choices=INVOICE_KINDS, default="special")
    address: Mapped[Line] = field(_("Address"), default="")
    phone: Mapped[Code] = field(_("Phone"), default="")
    bank: Mapped[Name] = field(_("Bank"), default="")
    account: Mapped[Code] = field(_("Account"), default="")
    email: Mapped[Name] = field(_("E-mail"), default="")
    is_default: Mapped[bool] = field(_("Default"), default=False)


class BankAccount(Part):
    """An account of the party, for payments and claims."""

    __tablename__ = "bank_account"
    __table_args__ = company_args(refers("party_id", "party"), Index("ix_bank_account_party", "company_id", "party_id"))
    key = "bank_accounts"
    label = _("Bank accounts")
    owner = "party_id"
    columns = ("holder", "bank", "account", "bank_code", "currency", "is_default")

    party_id: Mapped[int] = mapped_column(BigId)
    holder: Mapped[Name] = field(_("Account holder"), required=True)
    bank: Mapped[Name] = field(_("Bank"), required=True)
    account: Mapped[Code] = field(_("Account"), required=True)
    bank_code: Mapped[Code] = field(_("Bank code"), default="")
    currency: Mapped[str] = field(_("Currency"), String(3), default="CNY")
    is_default: Mapped[bool] = field(_("Default"), default=False)


def check_names(work: Work, party: Party) -> Iterator[Fault]:
    """Normalise name and credit code; refuse a code that does not check and whatever is there already (CRM-06).

    A duplicate is told with the name of whoever answers for the customer, seen or not: that is the point of asking.
    """
    return (fault for _party, fault in check_all_names(work, [party]))


def check_all_names(work: Work, parties: Sequence[Party]) -> Iterator[tuple[Party, Fault]]:
    """As ``check_names``, of many at once, also against each other; one statement, and each fault with its party."""
    legible = []
    for party in parties:
        fault = _illegible(party)
        if fault is None:
            legible.append(party)
        else:
            yield party, fault
    if not legible:
        return
    there = _registered(work, legible)
    for party in legible:
        faults = list(_duplicates(work, party, there))
        yield from ((party, fault) for fault in faults)
        if not faults and len(parties) > 1:
            there.add(party)


def _illegible(party: Party) -> Fault | None:
    party.name_key = normal_name(party.name)[:200]
    if not party.name_key:
        return Fault("name", _("The name needs letters or digits."), "name")
    if party.credit_code:
        try:
            party.credit_code = credit_code(party.credit_code)
        except InvalidIdentifier as error:
            said = CODE_FAULTS.get(error.code, _("This is not a valid unified social credit code."))
            return Fault("credit_code", said, error.code)
    return None


_TOLD_BY = ("credit_code", "name_key", "code")


class _Registered:
    """Whoever has a name, a credit code or a code already, by each of them."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._by: dict[tuple[str, str], Any] = {}
        for row in rows:
            self.add(row)

    def add(self, row: Any) -> None:
        """Enter a record; what is empty sets nobody apart."""
        for name in _TOLD_BY:
            if value := getattr(row, name):
                self._by.setdefault((name, value), row)

    def of(self, name: str, value: str) -> Any:
        """The record with this value, or None."""
        return self._by.get((name, value)) if value else None


def _registered(work: Work, parties: Sequence[Party]) -> _Registered:
    table: Any = Party.__table__
    same = []
    for name in _TOLD_BY:
        if values := {getattr(party, name) for party in parties} - {"", None}:
            many = len(values) > 1
            same.append(one_of(work.connection, table.c[name], values) if many else table.c[name] == values.pop())
    asked = select(table.c.name, table.c.name_key, table.c.code, table.c.credit_code, table.c.owner_id, table.c.id)
    rows = work.connection.execute(asked.where(table.c.company_id == work.company.id, or_(*same)))
    known = {party.id for party in parties if party.id}
    return _Registered(row for row in rows if row.id not in known)


def _duplicates(work: Work, party: Party, there: _Registered) -> Iterator[Fault]:
    """Each record that stands against the party, told once: by its credit code, else its name, else its code."""
    told: list[Any] = []
    for name, path in (("credit_code", "credit_code"), ("name_key", "name"), ("code", "code")):
        row = there.of(name, getattr(party, name))
        if row is None or any(row is one for one in told):
            continue
        told.append(row)
        whose = work.person(row.owner_id) or _("nobody")
        if name == "name_key":
            text = _("{name} is registered already; {person} answers for it.", name=row.name, person=whose)
        else:
            text = _("{name} has this code already; {person} answers for it.", name=row.name, person=whose)
        yield Fault(path, text, "duplicate")


def check_people(work: Work, party: Party) -> Iterator[Fault]:
    """Whoever answers for the customer works here."""
    if party.owner_id is not None and party.owner_id not in work.company.people:
        yield Fault("owner_id", _("Nobody of this company."), "reference")
    if party.department_id is not None and party.department_id not in work.company.departments:
        yield Fault("department_id", _("There is no such department."), "reference")


def check_territory(work: Work, party: Party) -> Iterator[Fault]:
    """The customer lies where somebody has put it by hand, else where its region is."""
    party.territory_id = party.chosen_territory_id or of_region(work, party.region_code)
    yield from ()


_OF_GROUP = text("parent_id IS NOT NULL")
CODE_FAULTS = {
    "credit_code.length": _("The code has 18 characters."),
    "credit_code.charset": _("The code holds digits and capital letters without I, O, S, V and Z."),
    "credit_code.check": _("The last character does not check: please compare with the licence."),
}


class Party(Master, kind="core.party"):
    """A customer, supplier, carrier or partner of the company (CRM-03)."""

    __tablename__ = "party"
    __table_args__ = company_args(
        UniqueConstraint("company_id", "code"),
        Index(
            "uq_party_credit_code",
            "company_id",
            "credit_code",
            unique=True,
            sqlite_where=text("credit_code <> ''"),
            postgresql_where=text("credit_code <> ''"),
        ),
        UniqueConstraint("company_id", "name_key"),
        Index("ix_party_company_name", "company_id", "name", "id"),
        Index("ix_party_company_class", "company_id", "party_class", "id"),
        Index("ix_party_company_owner", "company_id", "owner_id", "id"),
        Index("ix_party_company_creator", "company_id", "created_by", "id"),
        Index("ix_party_company_territory", "company_id", "territory_id", "id"),
        Index("ix_party_company_parent", "company_id", "parent_id", sqlite_where=_OF_GROUP, postgresql_where=_OF_GROUP),
        refers("parent_id", "party"),
        refers("territory_id", "territory"),
        refers("chosen_territory_id", "territory"),
        refers("department_id", "department"),
    )
    label = _("Customer")
    label_plural = _("Customers")
    plural = "parties"
    icon = "users"
    columns: ClassVar = (
        "code",
        "name",
        "party_class",
        "credit_code",
        "phone",
        "region",
        "owner_id",
        "active",
    )
    searched = ("code", "name", "name_en", "short_name", "credit_code", "phone")
    sorts = ("name", "code")
    filters = ("party_class", "owner_id", "territory_id", "active")
    parts = (Contact, Address, TaxTitle, BankAccount)
    readers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER, FINANCE)
    writers = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK)
    owned = True
    checks = (check_names, check_people, check_territory)
    checks_together: ClassVar = {check_names: check_all_names}
    told_apart_by: ClassVar = {"code": str.strip, "credit_code": compact, "name": normal_name}

    code: Mapped[Code] = field(_("Customer code"), default="", help=_("Left empty, the next number is given."))
    name: Mapped[Name] = field(_("Full name"), required=True, help=_("As on the business licence."))
    name_key: Mapped[Name] = mapped_column()
    name_en: Mapped[Name] = field(_("English name"), default="")
    short_name: Mapped[Code] = field(_("Short name"), default="")
    is_person: Mapped[bool] = field(_("Person"), default=False)
    is_customer: Mapped[bool] = field(_("Customer"), default=True)
    is_supplier: Mapped[bool] = field(_("Supplier"), default=False)
    is_carrier: Mapped[bool] = field(_("Carrier"), default=False)
    is_partner: Mapped[bool] = field(_("Partner"), default=False)
    party_class: Mapped[str] = field(
        _("Customer class"),
        String(1),
        default="",
        choices=(("", _("None")), *((c, _("Class {letter}", letter=c)) for c in "ABC")),
    )
    credit_code: Mapped[Code] = field(
        _("Unified social credit code"),
        default="",
        help=_("18 characters; checked and unique in the company."),
    )
    phone: Mapped[Code] = field(_("Phone"), default="", needs=PHONE, masked=True)
    email: Mapped[Name] = field(_("E-mail"), default="")
    website: Mapped[Name] = field(_("Website"), default="")
    region: Mapped[Name] = field(_("Region"), default="")
    region_code: Mapped[str] = field(_("Region code"), String(6), default="")
    territory_id: Mapped[int | None] = field(_("Territory"), BigId, references="core.territory", writable=False)
    chosen_territory_id: Mapped[int | None] = field(
        _("Territory by hand"), BigId, references="core.territory", help=_("Left empty, the region decides.")
    )
    address: Mapped[Line] = field(_("Address"), default="")
    industry: Mapped[Code] = field(_("Industry"), default="")
    payment_terms: Mapped[Name] = field(_("Payment terms"), default="")
    currency: Mapped[str] = field(_("Currency"), String(3), default="")
    parent_id: Mapped[int | None] = field(_("Group"), BigId, references="core.party")
    owner_id: Mapped[int | None] = field(_("Responsible"), BigId, ForeignKey("account.id"), references="core.account")
    department_id: Mapped[int | None] = field(_("Department"), BigId, references="core.department")
    remark: Mapped[Long] = field(_("Remark"), default="", multiline=True)
