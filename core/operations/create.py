"""Create a document: in its initial state, with its lines, in a handful of statements however many lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import uuid4

from babel.numbers import get_currency_precision, is_currency
from sqlalchemy import insert
from sqlalchemy.orm.attributes import set_committed_value

from core.documents.faces import defaults, own_columns
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.entities.company import ZERO
from core.errors import Fault, Invalid
from core.extension.core_settings import PRICES_INCLUDE_TAX
from core.money import AMOUNT
from core.operations import parts
from core.operations.content import fill_lines, set_party
from core.operations.ledger import Entry, ledger
from core.operations.pricing import sum_up
from core.records import contents
from core.schemas.outputs import LINE_OUTPUT
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
_HEADER: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_INSERT = insert(_HEADER).returning(_HEADER.c.id)
HEADER_COLUMNS = tuple(c.key for c in _HEADER.columns if c.key not in {"id", "kind"})
# Who wrote what when is said by the entry itself.
NOT_TOLD = frozenset(
    {"company_id", "uid", "head", "version", "created_at", "updated_at", "created_by", "updated_by", "edited_by"}
)
LINE_COLUMNS = tuple(c.key for c in _LINE.columns if c.key != "id")


def create(work: Work, cls: type[D], values: Mapping[str, Any], lines: Sequence[Mapping[str, Any]] = ()) -> D:
    """A new document of ``cls`` from typed ``values`` (see ``core.schemas.inputs``) and ``lines``; its parts among the
    values, by their key.

    What is not given comes from the areas' defaults, the customer and the company. Raises ``Forbidden``, or ``Invalid``
    naming each place.
    """
    work.demand(f"{kind_of(cls)}.create")
    return write(work, cls, values, lines, chosen=True)


def write(
    work: Work,
    cls: type[D],
    values: Mapping[str, Any],
    lines: Sequence[Mapping[str, Any]] = (),
    *,
    chosen: bool = False,
) -> D:
    """Like ``create``, for documents that an operation makes in the course of another one: no right is asked."""
    kind = kind_of(cls)
    work.require(area_of(kind))
    document = draft(work, cls, values)
    party_class = set_party(work, document, begun_with=values, chosen=chosen)
    check_header(work, document)
    rows = fill_lines(work, document, lines, party_class=party_class) if cls.has_lines else []
    if not cls.has_lines:
        sum_up(document, rows)
    set_committed_value(document, "lines", rows)
    parts.check(work, document, [part.key for part in cls.parts])
    _insert(work, document, rows, numbered=not numbers_later(cls))
    return document


def draft(work: Work, cls: type[D], values: Mapping[str, Any], *, party_needed: bool = True) -> D:
    """The header in memory: given values first, then the areas', the customer's and the company's."""
    party_id = values.get("party_id")
    if cls.needs_party and party_id is None and party_needed:
        raise Invalid([Fault("party_id", _("This is needed."), "required")])
    begun: dict[str, Any] = dict.fromkeys(_columns(cls)) | defaults(cls)
    begun |= {
        "company_id": work.company.id,
        "state": cls.workflow.initial,
        "uid": uuid4().hex,
        "date": work.today,
        "currency": work.company.currency,
        "prices_include_tax": work.setting(PRICES_INCLUDE_TAX),
        "owner_id": work.actor_id,
        "department_id": work.actor.department_id if work.actor else None,
        "created_at": work.now,
        "created_by": work.actor_id,
        "updated_at": work.now,
        "updated_by": work.actor_id,
        "edited_by": work.actor_id,
        "head": ZERO,
    }
    begun |= work.hooks.document_defaults(kind_of(cls), party_id)
    begun |= {key: value for key, value in values.items() if value is not None}
    begun.pop("kind", None)
    begun, rows = parts.split(cls, begun)
    document = cls(**begun)
    if faults := parts.fill(document, rows):
        raise Invalid(faults)
    return document


@cache
def _columns(cls: type[Document]) -> tuple[str, ...]:
    """All columns of a type but those that the database and the type itself say."""
    return tuple(c.key for c in cls.__mapper__.columns if c.key not in {"id", "kind"})


def check_header(work: Work, document: Document) -> None:
    """People and department are of this company, the currency is one, and the date is open for writing."""
    faults = []
    if document.owner_id is not None and document.owner_id not in work.company.people:
        faults.append(Fault("owner_id", _("Nobody of this company."), "reference"))
    if document.department_id is not None and document.department_id not in work.company.departments:
        faults.append(Fault("department_id", _("There is no such department."), "reference"))
    if not is_currency(document.currency):
        faults.append(Fault("currency", _("There is no such currency."), "reference"))
    elif get_currency_precision(document.currency) > AMOUNT:
        faults.append(Fault("currency", _("Amounts are kept with two decimals; this currency has more."), "places"))
    elif document.currency == work.company.currency and document.exchange_rate != 1:
        faults.append(Fault("exchange_rate", _("In the company's own currency the rate is 1."), "invalid"))
    closed = work.company.closed_until
    if closed and document.date <= closed:
        faults.append(Fault("date", _("The books are closed until {day}.", day=closed), "closed"))
    if faults:
        raise Invalid(faults)


def numbers_later(cls: type[Document]) -> bool:
    """Whether some move gives the number; else the document has it from its creation."""
    return any(move.numbers for move in cls.workflow.transitions)


def snapshot(document: Document, lines: Sequence[DocumentLine]) -> dict[str, Any]:
    """What the history keeps of a new document: the fields that say something."""
    cls = type(document)
    begun = {**defaults(cls), "number": None}
    said = {name: getattr(document, name) for name in _columns(cls) if name not in NOT_TOLD}
    kept = {name: [None, value] for name, value in said.items() if value not in (None, "", begun.get(name))}
    if lines:
        kept["lines"] = [None, [line_values(line) for line in lines]]
    return kept | {key: [None, rows] for key, rows in parts.snapshot(document).items()}


def line_values(line: DocumentLine) -> dict[str, Any]:
    """What history and editions keep of a line."""
    return {name: getattr(line, name) for name in LINE_OUTPUT if name != "id" and getattr(line, name) not in (None, "")}


def _insert(work: Work, document: Document, lines: Sequence[DocumentLine], *, numbered: bool) -> None:
    book, cls = ledger(work), type(document)
    entry = Entry("create", snapshot(document, lines), target=document.state)
    row: dict[str, Any] | None = None
    if not numbered:
        row = book.sealed(document, entry)
        document.head = row["hash"]
    header = {name: getattr(document, name) for name in HEADER_COLUMNS}
    header["kind"] = kind_of(cls)
    key: int = work.connection.execute(_INSERT, header).scalar_one()
    set_committed_value(document, "id", key)
    if own := own_columns(cls):
        values = {name: getattr(document, name) for name in own}
        work.connection.execute(insert_own(cls), {"id": key, "company_id": work.company.id, **values})
    insert_lines(work, document, lines)
    parts.insert_all(work, document)
    if row is not None:
        book.keep(row, document.id)
        book.find(document)
    else:
        step = book.step(document, seen=0)
        step.numbered = step.indexed = True
        step.written |= dict.fromkeys(contents.sections(cls))
        step.entries.append(entry)


@cache
def insert_own(cls: type[Document]) -> Any:
    """The statement that writes what a type adds in its own table."""
    return insert(cls.__mapper__.local_table)  # type: ignore[arg-type]


def insert_lines(work: Work, document: Document, lines: Sequence[DocumentLine]) -> None:
    """Write new lines in one statement and give them their ids."""
    if not lines:
        return
    rows = []
    for line in lines:
        line.document_id, line.company_id = document.id, work.company.id
        rows.append({key: getattr(line, key) for key in LINE_COLUMNS})
    ids = parts.inserted(work, _LINE, rows)
    for line, key in zip(lines, ids, strict=True):
        set_committed_value(line, "id", key)
