"""Locks in one order for everybody: customers, then documents by id. SQLite has one writer and needs none."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, any_, bindparam, func, select

from core.db.engine import is_sqlite
from core.documents.models import Document, DocumentLine
from core.documents.reading import find
from core.documents.workflow import Transition
from core.entities.party import Party
from core.work import Work

_DOCUMENT: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_PARTY: Any = Party.__table__


def lock_for(work: Work, cls: type[Document], key: int, name: str) -> None:
    """Lock what the move called ``name`` needs before the document itself: what areas ask for, and its origins."""
    moves = [move for move in cls.workflow.transitions if move.name == name and counts(move)]
    if not moves or is_sqlite(work.connection):
        return
    document = find(work, cls, key, lines=False)
    if document is None:
        return
    lock_parties(work, (key for kind, key in work.hooks.document_locks(document, moves[0]) if kind == "party"))
    mine = _LINE.alias()
    origins = (
        select(_LINE.c.document_id)
        .join(mine, (mine.c.origin_id == _LINE.c.id) & (mine.c.company_id == _LINE.c.company_id))
        .where(mine.c.company_id == work.company.id, mine.c.document_id == key)
    )
    lock_documents(work, origins, key)
    work.kept.setdefault("locked", set()).add(key)


def counts(move: Transition) -> bool:
    """Whether the move touches what others count with."""
    return bool(move.point or move.releases or move.closes or move.undoes)


def lock_parties(work: Work, keys: Any) -> None:
    """Let nobody else commit or settle anything of these customers until this work has ended."""
    wanted = sorted(set(keys))
    if wanted and not is_sqlite(work.connection):
        work.connection.execute(
            select(_PARTY.c.id)
            .where(_PARTY.c.company_id == work.company.id, _PARTY.c.id.in_(bindparam("_keys", expanding=True)))
            .order_by(_PARTY.c.id)
            .with_for_update(key_share=True),
            {"_keys": wanted},
        )


def lock_documents(work: Work, chosen: Select[Any], *keys: int) -> None:
    """Lock the documents that a query names, and those under ``keys``, by id."""
    if not is_sqlite(work.connection):
        again = _DOCUMENT.alias()
        named = select(again.c.id).where(
            again.c.company_id == work.company.id, again.c.id.in_(bindparam("_keys", expanding=True))
        )
        work.connection.execute(
            select(_DOCUMENT.c.id)
            .where(
                _DOCUMENT.c.company_id == work.company.id,
                # One list: of two that are joined by "or" no index would find the rows; as an array it is made once,
                # and not looked through anew for every document of the company.
                _DOCUMENT.c.id == any_(func.array(chosen.union_all(named).scalar_subquery())),
            )
            .order_by(_DOCUMENT.c.id)
            .with_for_update(key_share=True),
            {"_keys": list(keys)},
        )
