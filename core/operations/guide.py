"""Give guidance on a record (指导意见, PLT-13), and answer it: both stand in the record's history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select, update

from core.approvals.candidates import heads_over, here, superiors
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.reading import LARGEST_ID
from core.errors import Conflict, Fault, Forbidden, Invalid, Unknown
from core.operations.beside import enter, record_of
from core.operations.ledger import Entry
from core.records.guidance import Guidance
from core.schemas.inputs import sentence
from core.text import _
from core.work import Work

_TABLE: Any = Guidance.__table__


def guide(work: Work, cls: Type, key: int, text: str, *, to: int | None = None) -> int:
    """Say something to ``to``, or to whoever is responsible for the record; gives back the guidance's id.

    Only a superior of that person may, and only on what he may read himself; the person reads that one record from
    then on. Raises ``Unknown`` and ``Forbidden`` as reading does, ``Forbidden`` for who is no superior, ``Invalid`` for
    an empty text, for more than 400 characters, and where nobody is responsible and nobody was named.
    """
    record = record_of(work, cls, key, lock=True)
    said = _written(text, "text")
    account = to or getattr(record, "owner_id", None)
    if account is None:
        raise Invalid([Fault("to_id", _("Nobody is responsible for it; name whom it is for."), "required")])
    if not here(work, account):
        raise Invalid([Fault("to_id", _("Nobody of this company."), "reference")])
    if not is_above(work, account):
        raise Forbidden(_("Only a superior gives guidance to {name}.", name=work.person(account)))
    row = {
        "company_id": work.company.id,
        "kind": kind_of(cls),
        "record_id": key,
        "document_id": key if issubclass(cls, Document) else None,
        "text": said,
        "given_by": work.actor_id,
        "given_at": work.now,
        "to_id": account,
        "answer": "",
    }
    made = int(work.connection.execute(insert(_TABLE).returning(_TABLE.c.id), row).scalar_one())
    enter(work, record, Entry("guide", {"guidance": [None, made], "to_id": [None, account]}, reason=said))
    return made


def answer(work: Work, guidance_id: int, text: str) -> Any:
    """Acknowledge guidance with an answer, once; only whom it is for may. Gives back the guidance as it is then."""
    row = find(work, guidance_id)
    said = _written(text, "answer")
    if row.to_id != work.actor_id:
        raise Forbidden(_("Only {name} answers this.", name=work.person(row.to_id)))
    record = record_of(work, work.types.type(row.kind), row.record_id, lock=True)
    done = work.connection.execute(
        update(_TABLE)
        .where(_TABLE.c.company_id == work.company.id, _TABLE.c.id == row.id, _TABLE.c.answered_at.is_(None))
        .values(answer=said, answered_at=work.now)
    )
    if done.rowcount != 1:
        raise Conflict(_("This was answered already."), code="guidance.answered")
    enter(work, record, Entry("answer", {"guidance": [row.id, row.id]}, reason=said))
    return find(work, guidance_id)


def find(work: Work, guidance_id: int) -> Any:
    """Guidance by its id, for whom it is for and for whoever may read the record; raises ``Unknown``."""
    row = None
    if 0 < guidance_id <= LARGEST_ID:
        wanted = select(_TABLE).where(_TABLE.c.company_id == work.company.id, _TABLE.c.id == guidance_id)
        row = work.connection.execute(wanted).one_or_none()
    if row is None:
        raise Unknown()
    try:
        record_of(work, work.types.type(row.kind), row.record_id)
    except Forbidden:
        # Nobody learns that there is guidance on what he may not read.
        raise Unknown() from None
    return row


def is_above(work: Work, account: int | None) -> bool:
    """Whether the actor is a superior of somebody, by the line of superiors or as the head over his department."""
    if account is None or work.actor_id is None or account == work.actor_id:
        return False
    return work.actor_id in superiors(work, account) or work.actor_id in heads_over(work, account)


def below(work: Work) -> list[int]:
    """Those to whom the actor may give guidance, by name."""
    found = (account for account in work.company.people if here(work, account) and is_above(work, account))
    return sorted(found, key=lambda account: (work.person(account), account))


def _written(text: str, path: str) -> str:
    said = sentence(text, path)
    if not said:
        raise Invalid([Fault(path, _("Please write something."), "required")])
    return said
