"""What goes together in one document: lines of one customer, in one currency, on the same terms where those count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from core.documents.faces import faces
from core.documents.models import Document
from core.documents.stage import Stage
from core.errors import Fault, Invalid
from core.text import _
from core.work import Work

HEADER = (
    "party_id",
    "subject",
    "reference",
    "currency",
    "exchange_rate",
    "prices_include_tax",
    "contact_name",
    "contact_phone",
    "address",
    "owner_id",
    "department_id",
    "payment_terms",
)
SAME = ("party_id", "currency", "prices_include_tax")
AGREED = _("This was agreed before and stays.")
# Where a document on the way does not show them, they are as they were where the line began.
BEGUN = ("exchange_rate", "address", "payment_terms")


def alike(cls: type[Document]) -> tuple[str, ...]:
    """The fields in which all that comes into one document of ``cls`` agrees.

    What was ordered at one rate is not invoiced at another, goods for two places do not leave together, and one invoice
    is due by one condition. An order that joins several offers says all this anew, for everybody to see.
    """
    found: tuple[str, ...] = SAME
    if cls.continues() and cls.priced:
        found += ("exchange_rate",)
    if cls.stage is Stage.DELIVERY and not cls.corrects:
        found += ("address",)
    if cls.stage is Stage.INVOICE and not cls.corrects:
        found += ("payment_terms",)
    return found


def said(work: Work, row: Any, name: str) -> Any:
    """What the document of an open line says of a field of the header."""
    own = name not in BEGUN or name in work.types.document(row.kind).header
    return getattr(row, name if own else f"begun_{name}")


def header(work: Work, cls: type[Document], rows: Sequence[Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The header of a new document from ``rows``; ``values`` go before what they say.

    Raises ``Invalid`` naming the field in which they have to agree and do not, unless ``values`` decide it. For whom
    and how it was sold is not decided again where lines go on that began elsewhere.
    """
    if cls.continues():
        _refuse_others(work, cls, rows, values)
    for name in alike(cls):
        if values.get(name) in (None, "") and len({said(work, row, name) for row in rows}) > 1:
            label = faces(cls)[name].label
            raise Invalid([Fault("lines", _("These lines do not go together: {field} differs.", field=label))])
    found = {name: said(work, rows[0], name) for name in HEADER}
    return {name: value for name, value in found.items() if value not in (None, "")} | dict(values)


def _refuse_others(work: Work, cls: type[Document], rows: Sequence[Any], values: Mapping[str, Any]) -> None:
    named = [name for name in SAME if values.get(name) not in (None, "")]
    others = [name for name in named if any(said(work, row, name) != values[name] for row in rows)]
    if others:
        raise Invalid([Fault(name, AGREED, "agreed") for name in others])


def check_kept(document: Document, before: Mapping[str, Any]) -> None:
    """Raise ``Invalid`` where a document of lines that began elsewhere would be another customer's than ``before``.

    Likewise for the currency, and for prices with tax or without.
    """
    others = [name for name in SAME if getattr(document, name) != before[name]]
    if others and type(document).continues() and any(line.origin_id for line in document.lines):
        raise Invalid([Fault(name, AGREED, "agreed") for name in others])


def apart(work: Work, cls: type[Document], rows: Sequence[Any]) -> list[list[Any]]:
    """The rows by what goes together, in their order."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in rows:
        found[tuple(said(work, row, name) for name in alike(cls))].append(row)
    return list(found.values())
