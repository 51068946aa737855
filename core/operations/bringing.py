"""Files on their way between the database and a store outside: in several works, so that no transaction waits for it.

A content is announced, then brought, then made good in the transaction that attaches it. A crash in between leaves a
content that is announced and nothing else; ``core.files`` takes it away after a day.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select, update

from core.documents.kinds import Type
from core.errors import Unknown
from core.extension.core_settings import FILE_DAYS
from core.operations.attach import announced, attach, handed_out, prepared
from core.operations.company import record
from core.records.files import Attachment, FileState, StoredFile
from core.records.stores import S3
from core.text import _
from core.work import Ask, Work, Works

if TYPE_CHECKING:
    from core.records.stores import Store

GRACE = timedelta(days=1)
AT_ONCE, MOST_TOLD = 100, 50
_STORED: Any = StoredFile.__table__
_ATTACHED: Any = Attachment.__table__


def bring(works: Works, ask: Ask, cls: Type, key: int, name: str, content: bytes) -> int:
    """Attach a file, its content wherever the installation keeps files; raises as ``attach``, ``Busy`` when the store
    cannot be reached."""
    store = works.store
    if store is None:
        return works.run(ask, lambda work: attach(work, cls, key, name, content))
    proof = sha256(content).hexdigest()

    def announce(work: Work) -> bool:
        prepared(work, cls, key, name, content)
        return announced(work, proof, S3)

    if works.run(ask, announce):
        store.put(ask.company, proof, content)
    return works.run(ask, lambda work: attach(work, cls, key, name, content, brought=True))


def fetch(
    works: Works, ask: Ask, cls: Type, key: int, file_id: int, *, opens: Callable[[Work], Any] | None = None
) -> tuple[str, bytes]:
    """Name and content of a file for somebody who takes it away; that he does is entered before.

    ``opens`` asks instead of the record's own rights. Raises ``Unknown`` as reading does, and when the content is
    missing or is no longer what was attached.
    """
    handed = works.run(ask, lambda work: handed_out(work, cls, key, file_id, opens=opens))
    content = handed.content
    if content is None:
        content = stored(works.store, ask.company, handed.sha256)
    if content is None or sha256(content).hexdigest() != handed.sha256:
        raise Unknown(
            _("The content of this file is missing or damaged. Please tell an administrator."), code="file.lost"
        )
    return handed.name, content


def stored(store: Store | None, company_id: int, proof: str) -> bytes | None:
    """A content from the store outside; None when it is not there, or no store is configured."""
    return store.get(company_id, proof) if store is not None else None


# Sweeping --------------------------------------------------------------------------------------------------------


def sweep_files(work: Work) -> int:
    """Give up what never arrived, and the content of files that were taken off longer ago than the company keeps it.

    Gives back how many contents that were. What is swept is in the history of the company; the store is told while the
    row is locked, so that nobody attaches what is just going.
    """
    gone = [*_swept(work, _late(work), used=False)]
    if days := work.setting(FILE_DAYS):
        dropped = _swept(work, _taken_off(work, days), used=True)
        if dropped:
            record(
                work, "drop_files", {"count": [None, len(dropped)], "sha256": [None, dropped[:MOST_TOLD]]}, quiet=True
            )
        gone += dropped
    return len(gone)


def _late(work: Work) -> list[str]:
    mine = (_STORED.c.company_id == work.company.id, _STORED.c.state == FileState.COMING.value)
    late = select(_STORED.c.sha256).where(*mine, _STORED.c.since < work.now - GRACE)
    return list(work.connection.execute(late.order_by(_STORED.c.since).limit(AT_ONCE)).scalars())


def _taken_off(work: Work, days: int) -> list[str]:
    old = (
        select(_ATTACHED.c.sha256)
        .join(
            _STORED,
            (_STORED.c.company_id == _ATTACHED.c.company_id) & (_STORED.c.sha256 == _ATTACHED.c.sha256),
        )
        .where(
            _ATTACHED.c.company_id == work.company.id,
            _ATTACHED.c.removed_at < work.now - timedelta(days=days),
            _STORED.c.state == FileState.KEPT.value,
            ~_in_use(work, _ATTACHED.c.sha256, days),
        )
    )
    return list(work.connection.execute(old.distinct().limit(AT_ONCE)).scalars())


def _in_use(work: Work, proof: Any, days: int | None) -> Any:
    """Whether a content hangs somewhere, or was taken off only lately."""
    other = _ATTACHED.alias()
    here = other.c.removed_at.is_(None)
    if days is not None:
        here |= other.c.removed_at >= work.now - timedelta(days=days)
    return exists().where(other.c.company_id == work.company.id, other.c.sha256 == proof, here)


def _swept(work: Work, proofs: list[str], *, used: bool) -> list[str]:
    """Let go of these contents, each once its row is locked and still nobody uses it."""
    gone = []
    for proof in proofs:
        where = (_STORED.c.company_id == work.company.id, _STORED.c.sha256 == proof)
        row = work.connection.execute(
            select(_STORED.c.state, _STORED.c.place).where(*where).with_for_update()
        ).one_or_none()
        wanted = FileState.KEPT if used else FileState.COMING
        days = work.setting(FILE_DAYS) if used else None
        if row is None or row.state != wanted or work.connection.execute(select(_in_use(work, proof, days))).scalar():
            continue
        if row.place == S3:
            if work.store is None:
                continue
            work.store.drop(work.company.id, proof)
        values = {"state": FileState.DROPPED.value, "content": None, "since": work.now}
        work.connection.execute(update(_STORED).where(*where).values(values))
        gone.append(proof)
    return gone
