"""The buyer's title for a new document: the customer's default title, else what his file says (发票抬头)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, bindparam, select

from core.documents import Document
from core.entities.party import Party, TaxTitle
from core.work import Work
from plugins.billing.documents.common import TITLE_FIELDS

KINDS = {"special": "digital_special", "ordinary": "digital_ordinary"}


def of_party(work: Work, party_id: int) -> Mapping[str, Any]:
    """The fields of ``Titled`` for a customer, in one statement."""
    row = work.session.execute(_TITLE, {"party": party_id}).one_or_none()
    if row is None:
        return {}
    number = row.tax_number or row.credit_code
    special = bool(number) and not row.is_person
    return {
        "invoice_kind": KINDS.get(row.invoice_kind or "", "digital_special" if special else "digital_ordinary"),
        "title_kind": "person" if row.is_person else "company",
        "buyer": row.title or row.name,
        "tax_number": number,
        "title_address": row.address or "",
        "title_phone": row.phone or "",
        "title_bank": row.bank or "",
        "title_account": row.account or "",
        "send_to": row.email or row.party_email,
    }


_TITLE = (
    select(
        Party.name,
        Party.is_person,
        Party.credit_code,
        Party.email.label("party_email"),
        TaxTitle.title,
        TaxTitle.tax_number,
        TaxTitle.invoice_kind,
        TaxTitle.address,
        TaxTitle.phone,
        TaxTitle.bank,
        TaxTitle.account,
        TaxTitle.email,
    )
    .outerjoin(TaxTitle, and_(TaxTitle.party_id == Party.id, TaxTitle.company_id == Party.company_id))
    .where(Party.id == bindparam("party"))
    .order_by(TaxTitle.is_default.desc(), TaxTitle.position, TaxTitle.id)
    .limit(1)
)


def copied(document: Document) -> dict[str, Any]:
    """The title that another document already carries."""
    return {name: getattr(document, name) for name in TITLE_FIELDS}
