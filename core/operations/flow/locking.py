"""Locks in one order for everybody: customers, then documents by id. SQLite has one writer and needs none."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, func, select, union_all

from core.db.among import among
from core.db.engine import is_sqlite
from core.documents.models import Document, DocumentLine
from core.documents.reading import LARGEST_ID
from core.documents.workflow import Transition
from core.entities.party import Party
from core.work import Work

_DOCUMENT: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_PARTY: Any = Party.__table__
_ORIGIN: Any = _LINE.alias("origin")
PARTY = "party"

# What is locked is named by one of these; each is bound to the company, to ``_key`` or to ``_lines``.
CUSTOMER = select(_DOCUMENT.c.party_id).where(
    _DOCUMENT.c.company_id == bindparam("_company"), _DOCUMENT.c.id == bindparam("_key")
)
CUSTOMER_NAMED = select(_PARTY.c.id).where(
    _PARTY.c.company_id == bindparam("_company"), _PARTY.c.id == bindparam("_key")
)
ITSELF = select(_DOCUMENT.c.id).where(
    _DOCUMENT.c.company_id == bindparam("_company"), _DOCUMENT.c.id == bindparam("_key")
)
SOURCES = select(_LINE.c.document_id).where(
    _LINE.c.company_id == bindparam("_company"), _LINE.c.id.in_(bindparam("_lines", expanding=True))
)
CUSTOMERS_OF_LINES = select(_DOCUMENT.c.party_id).where(
    _DOCUMENT.c.company_id == bindparam("_company"), among(_DOCUMENT.c.id, SOURCES)
)
_BEGUN = select(_ORIGIN.c.document_id).where(_ORIGIN.c.company_id == bindparam("_company"))
_FROM = select(_LINE.c.origin_id).where(_LINE.c.company_id == bindparam("_company"))
ORIGINS_OF_SOURCES = _BEGUN.where(among(_ORIGIN.c.id, _FROM.where(_LINE.c.id.in_(bindparam("_lines", expanding=True)))))
ORIGINS = _BEGUN.where(among(_ORIGIN.c.id, _FROM.where(_LINE.c.document_id == bindparam("_key"))))


def lock_for(work: Work, cls: type[Document], key: int, names: Collection[str]) -> None:
    """Lock what the moves called ``names`` need before the document itself: what areas ask for, and its origins."""
    moves = counting(cls, names)
    if not moves or not 0 < key <= LARGEST_ID:
        return
    if stands_still(work, cls, moves):
        lock_parties(work, CUSTOMER, _key=key)
    if cls.continues():
        lock_documents(work, ORIGINS, ITSELF, _key=key)
    work.kept.setdefault("locked", set()).add(key)


def lock_for_new(work: Work, cls: type[Document], party_id: int | None, names: Collection[str]) -> None:
    """Lock what the moves called ``names`` will need of a document that is about to be made for a customer."""
    if party_id is not None and stands_still(work, cls, counting(cls, names)):
        lock_parties(work, CUSTOMER_NAMED, _key=party_id)


def lock_sources(work: Work, cls: type[Document], lines: Collection[int], names: Collection[str] = ()) -> None:
    """Lock the documents of ``lines`` before they are taken into a ``cls``, and what its moves ``names`` will need."""
    moves = counting(cls, names)
    customers = CUSTOMERS_OF_LINES if stands_still(work, cls, moves) else None
    chosen = [SOURCES, ORIGINS_OF_SOURCES] if moves else [SOURCES]
    lock_documents(work, *chosen, first=customers, _lines=list(lines))


def counting(cls: type[Document], names: Collection[str]) -> list[Transition]:
    """The moves among ``names`` that touch what others count with."""
    return [move for move in cls.workflow.transitions if move.name in names and counts(move)]


def counts(move: Transition) -> bool:
    """Whether the move touches what others count with."""
    return bool(move.point or move.releases or move.closes or move.undoes)


def stands_still(work: Work, cls: type[Document], moves: Collection[Transition]) -> bool:
    """Whether an area asks that nothing else of the customer is committed or settled meanwhile."""
    return any(PARTY in work.hooks.document_locks(cls, move) for move in moves)


def lock_parties(work: Work, chosen: Select[Any], **asked: Any) -> None:
    """Let nobody else commit or settle anything of these customers until this work has ended."""
    if not is_sqlite(work.connection):
        work.connection.execute(_parties(chosen), {"_company": work.company.id, **asked})


def lock_documents(work: Work, *chosen: Select[Any], first: Select[Any] | None = None, **asked: Any) -> None:
    """Lock the documents that these queries name, by id, and before them the customers that ``first`` names.

    Each query is one of those above, so that every statement is made once; ``asked`` are its parameters.
    """
    if not is_sqlite(work.connection):
        work.connection.execute(_documents(chosen, first), {"_company": work.company.id, **asked})


@cache
def _parties(chosen: Select[Any]) -> Select[Any]:
    return (
        select(_PARTY.c.id)
        .where(_PARTY.c.company_id == bindparam("_company"), among(_PARTY.c.id, chosen))
        .order_by(_PARTY.c.id)
        .with_for_update(key_share=True)
    )


@cache
def _documents(chosen: tuple[Select[Any], ...], customers: Select[Any] | None) -> Select[Any]:
    named = union_all(*chosen) if len(chosen) > 1 else chosen[0]
    statement = (
        select(_DOCUMENT.c.id)
        .where(
            _DOCUMENT.c.company_id == bindparam("_company"),
            # One list: of several joined by "or" no index would find the rows.
            among(_DOCUMENT.c.id, named),
        )
        .order_by(_DOCUMENT.c.id)
        .with_for_update(key_share=True)
    )
    if customers is None:
        return statement
    # No row comes to be locked before it was asked how many customers there are, which locks them.
    locked = _parties(customers).cte("customers").prefix_with("MATERIALIZED")
    return statement.where(select(func.count()).select_from(locked).scalar_subquery() >= 0)
