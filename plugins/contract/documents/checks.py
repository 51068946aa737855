"""What stands against a contract or an order: something missing, not agreed to, not signed, not paid."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from sqlalchemy import select

from core.approvals import candidates
from core.documents import Document, DocumentLine
from core.errors import Objection, Strength
from core.operations import flow
from core.roles import FINANCE, GENERAL_MANAGER, LEGAL, PRODUCTION, SALES_MANAGER, TECHNICAL, Role
from core.terms import months_after
from core.text import Text, _
from core.work import Work
from plugins.contract.documents.deviations import deviations, sources_of
from plugins.contract.documents.frames import unpaid_orders
from plugins.contract.documents.payment import unpaid_part
from plugins.contract.settings import (
    ARCHIVE_YEARS,
    CONFIRMATION,
    FINANCE_REVIEW,
    LEGAL_REVIEW,
    PRODUCTION_REVIEW,
    TECHNICAL_AGREEMENT,
    TECHNICAL_REVIEW,
)

if TYPE_CHECKING:
    from plugins.contract.documents.contract import Contract
    from plugins.contract.documents.order import Order

AUTHORITY = "contract.contract.authority"
# The clauses without which nothing is submitted; those of goods, quantity and price are the lines (CTR-04).
OBLIGATORY = (
    ("duties", _("Rights and duties of both parties")),
    ("quality", _("Quality standard")),
    ("breach", _("Liability for breach")),
)
MOST_NAMED = 5
REVIEWS = (
    ("technical_review", TECHNICAL_REVIEW, TECHNICAL, _("Technical review: can it be made as described")),
    ("finance_review", FINANCE_REVIEW, FINANCE, _("Review by finance: price and terms of payment")),
    ("production_review", PRODUCTION_REVIEW, PRODUCTION, _("Review by production: day of delivery and capacity")),
    ("legal_review", LEGAL_REVIEW, LEGAL, _("Legal review")),
)


# Whether it says all it must -----------------------------------------------------------------------------------------


def says_something(work: Work, document: Document) -> Iterator[Objection]:
    """Nobody agrees to nothing."""
    if document.gross <= 0:
        yield Objection("contract.empty", _("There is no amount yet."))


def is_complete(work: Work, contract: Contract) -> Iterator[Objection]:
    """Every obligatory clause says something: a missing one blocks the submission (CTR-04)."""
    missing = [*_missing_in_lines(contract), *(label for name, label in OBLIGATORY if not getattr(contract, name))]
    if not (contract.delivery_terms and (contract.deadline or all(line.deadline for line in _goods(contract)))):
        missing.append(_("Delivery with its day"))
    if not (contract.payment_terms or contract.settlement):
        missing.append(_("Payment"))
    if not (contract.party_name and work.company.row["name"]):
        missing.append(_("Parties"))
    if missing:
        yield Objection("contract.incomplete", _("These clauses are missing: {clauses}", clauses=missing))


def _goods(document: Document) -> list[DocumentLine]:
    return [line for line in document.lines if line.line_kind in ("item", "service")]


def _missing_in_lines(document: Document) -> Iterator[Text]:
    goods = _goods(document)
    if not goods or not all(line.name for line in goods):
        yield _("Specification of the goods or services")
    if not goods or not all(line.quantity > 0 for line in goods):
        yield _("Quantity")
    if not any(line.gross > 0 for line in goods):
        yield _("Price")


def is_fully_filled_in(work: Work, order: Order) -> Iterator[Objection]:
    """The order sheet names who, what, how much, when and where (CTR-01)."""
    missing = list(_missing_in_lines(order))
    if not order.contact_name:
        missing.append(_("Contact"))
    if not order.contact_phone:
        missing.append(_("Contact's phone"))
    if not (order.deadline or order.pick_up_time or all(x.deadline for x in order.lines if x.line_kind == "item")):
        missing.append(_("Day of delivery or time of pick-up"))
    if not (order.address or order.pick_up):
        missing.append(_("Place of delivery"))
    if missing:
        yield Objection("order.incomplete", _("These are missing: {fields}", fields=missing))


def pays_in_full(work: Work, contract: Contract) -> Iterator[Objection]:
    """The milestones make up the whole amount (CTR-14)."""
    milestones = contract.milestones
    if not milestones:
        return
    if any(not one.percent and not one.amount for one in milestones):
        yield Objection("contract.milestone", _("Every milestone needs a percentage or an amount."))
    elif rest := unpaid_part(contract.gross, milestones):
        text = _("The milestones do not make up the total; the difference is {amount}.", amount=rest)
        yield Objection("contract.milestones", text)


def is_paid_by_orders(work: Work, contract: Contract) -> Iterator[Objection]:
    """A framework agreement owes nothing itself: what is ordered under it does."""
    if contract.frame and contract.milestones:
        text = _("A framework agreement is paid by its orders; it has no milestones of its own.")
        yield Objection("contract.framework", text)


def belongs_to_one_agreement(work: Work, order: Order) -> Iterator[Objection]:
    """An order under framework agreements is under one of them, so that each has what is its own."""
    if sum(kind == "contract.contract" for _key, kind in sources_of(work, order)) > 1:
        yield Objection("order.agreements", _("An order belongs to one framework agreement only."))


# Who must agree ------------------------------------------------------------------------------------------------------


def departs_from_the_offer(work: Work, document: Document) -> Iterator[Objection]:
    """What differs from the approved offer needs the manager's consent once more (CTR-06)."""
    found = deviations(work, document)
    if found:
        what = [one.what for one in found[:MOST_NAMED]]
        text = _("It differs from the approved offer: {what}", what=list(dict.fromkeys(what)))
        yield Objection("contract.deviates", text, Strength.APPROVE, by=SALES_MANAGER)


def is_reviewed(work: Work, document: Document) -> Iterator[Objection]:
    """The departments that the company or the representative calls in (CTR-02, CTR-05)."""
    for column, setting, role, text in REVIEWS:
        chosen = work.setting(setting)
        if hasattr(document, column) and (chosen == "always" or (chosen == "convened" and getattr(document, column))):
            yield Objection(f"contract.{column}", text, Strength.APPROVE, by=role)


def has_special_terms(work: Work, contract: Contract) -> Iterator[Objection]:
    """Special clauses are the general manager's."""
    if contract.special_terms:
        yield _ask("contract.special", _("Special clauses"), GENERAL_MANAGER)


def is_ordered_without_signature(work: Work, order: Order) -> Iterator[Objection]:
    """By phone or fax only with the manager's, where necessary the leader's confirmation (CTR-07)."""
    if order.way in ("phone", "fax"):
        yield _ask("order.unsigned", _("Ordered without a signature"), SALES_MANAGER)
    if order.leader_review:
        yield _ask("order.leader", _("The general manager is asked as well"), GENERAL_MANAGER)


def _ask(code: str, text: Text, role: Role) -> Objection:
    return Objection(code, text, Strength.APPROVE, by=role)


# Signatures and the technical agreement ------------------------------------------------------------------------------


def is_signed_with_authority(work: Work, contract: Contract) -> Iterator[Objection]:
    """Only an authorised person signs for the company (CTR-17)."""
    if contract.our_signatory_id and contract.our_signatory_id not in authorised(work):
        name = work.person(contract.our_signatory_id)
        yield Objection("contract.authority", _("{name} is not authorised to sign for the company.", name=name))
    yield from _not_in_the_future(work, contract, "our_signed_on")


def authorised(work: Work) -> frozenset[int]:
    """Who may sign in the company's name today."""
    roles = [
        role.id
        for role in work.company.roles.values()
        if any(grant.permission == AUTHORITY and grant.valid(work.today) for grant in role.grants)
    ]
    return frozenset[int]().union(*(candidates.holders(work, role) for role in roles))


def is_signed_by_now(work: Work, contract: Contract) -> Iterator[Objection]:
    """Nobody has signed tomorrow."""
    yield from _not_in_the_future(work, contract, "customer_signed_on")


def _not_in_the_future(work: Work, contract: Contract, name: str) -> Iterator[Objection]:
    day = getattr(contract, name)
    if day and day > work.today:
        yield Objection("contract.future", _("{day} has not come yet.", day=day))


def has_its_agreement_first(work: Work, contract: Contract) -> Iterator[Objection]:
    """Where the technical agreement comes before the review (CTR-03)."""
    yield from _lacks_agreement(work, contract, "submit")


def has_its_agreement(work: Work, contract: Contract) -> Iterator[Objection]:
    """Where the technical agreement is signed with the contract (CTR-03)."""
    yield from _lacks_agreement(work, contract, "sign")


def has_its_agreement_at_last(work: Work, contract: Contract) -> Iterator[Objection]:
    """Where the technical agreement may follow the contract, but not the work (CTR-03)."""
    yield from _lacks_agreement(work, contract, "release")


def _lacks_agreement(work: Work, contract: Contract, gate: str) -> Iterator[Objection]:
    if work.setting(TECHNICAL_AGREEMENT) == gate and lacks_agreement(contract):
        yield Objection("contract.technical", _("The technical agreement is not signed yet."))


def lacks_agreement(contract: Contract) -> bool:
    """Whether a technical agreement is needed and not signed."""
    return contract.technical_needed and contract.technical_signed_on is None


# The end -------------------------------------------------------------------------------------------------------------


def is_confirmed(work: Work, order: Order) -> Iterator[Objection]:
    """An order is repeated to the customer before anybody works on it (CTR-18)."""
    if work.setting(CONFIRMATION) and order.confirmed_on is None:
        yield Objection("order.unconfirmed", _("The customer has not confirmed the order yet."))


def is_fulfilled(work: Work, document: Document) -> Iterator[Objection]:
    """Completing what is not delivered or not invoiced in full is said, not refused; orders say it for themselves."""
    if document.frame:
        return
    if document.delivered < document.gross:
        left = document.gross - document.delivered
        text = _("Not everything is delivered; {amount} is left.", amount=left)
        yield Objection("contract.undelivered", text, Strength.WARN)
    if document.uninvoiced > 0:
        text = _("Not everything is invoiced; {amount} is left.", amount=document.uninvoiced)
        yield Objection("contract.uninvoiced", text, Strength.WARN)


def _unpaid(work: Work, contract: Contract) -> Decimal:
    """What is owed and was not received; nothing where nobody says what is received."""
    if not (contract.milestones or flow.invoices(work)):
        return Decimal(0)
    if contract.frame:
        return unpaid_orders(work, contract.id)
    paid = work.session.scalar(select(Document.collected).where(Document.id == contract.id))
    return contract.invoiced + contract.uninvoiced - (paid or Decimal(0))


def may_rest(work: Work, contract: Contract) -> Iterator[Objection]:
    """Into the archive when all is paid, the warranty is over and the years have gone; not before (CTR-13)."""
    if contract.state == "completed" and (left := _unpaid(work, contract)) > 0:
        yield Objection("contract.unpaid", _("{amount} is not paid yet.", amount=left))
    if contract.warranty_until:
        rest = months_after(contract.warranty_until, 12 * work.setting(ARCHIVE_YEARS))
        if rest > work.today:
            yield Objection("contract.early", _("Not before {day}.", day=rest))
