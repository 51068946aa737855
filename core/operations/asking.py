"""Tell those who are asked for a consent: that they are, and when somebody reminds them (催办).

Whoever stands in for them is told as well, since the consent waits for him too; nobody is who could not give it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.approvals import candidates, going, reading
from core.approvals.engine import COPY
from core.documents.models import Document
from core.hooks.values import Ref
from core.operations.telling import REMINDER, Note, Somebody, tell
from core.text import Text, _
from core.work import Work

StandIns = Mapping[int, Sequence[tuple[int, frozenset[str]]]]


def asked(work: Work, task: Any, kind: str, stand_ins: StandIns, record: Any) -> frozenset[int]:
    """For whom a consent to a document of ``kind`` waits: those who are asked, and who stands in for them.

    ``record`` is the document, or a row with its owner, maker and customer: nobody is told of what he may not read.
    """
    # Whoever has the right has it himself; nobody stands in for that.
    if task.permission and not task.assignee_id:
        return candidates.entitled(work, task.permission, record)
    able = candidates.able(work, task)
    return able.union(to for one in able for to, kinds in stand_ins.get(one, ()) if not kinds or kind in kinds)


def remind(work: Work, document: Document, request: Any, *, only: Any = None) -> int:
    """Remind whoever may give a consent that is open, or ``only`` this one; gives back how many were told.

    In the name of the actor, or the program's, where nobody has decided in time.
    """
    tasks = reading.tasks(work, request.id)
    stand_ins = candidates.all_stand_ins(work)
    called = called_by(work, document)
    text = (
        _("{person} reminds you: {title}", person=Somebody(work.actor_id), title=_asks(called))
        if work.actor_id is not None
        else _("Nobody has decided in time: {document}", document=called)
    )
    notes = []
    for task in tasks:
        if task.state != going.OPEN or task.mode == COPY or (only is not None and task.id != only.id):
            continue
        gone = going.taken(document, request, [t for t in tasks if t.id != task.id])
        for account in sorted(asked(work, task, document.kind, stand_ins, document) - gone - {work.actor_id}):
            key = f"remind:consent:{task.id}:{account}:{work.now.isoformat()}"
            notes.append(Note(account, REMINDER, text, key, Ref(document.kind, document.id, "")))
    return tell(work, notes)


def _asks(called: Text) -> Text:
    return _("Your consent is asked for: {document}", document=called)


def called_by(work: Work, row: Any) -> Text:
    """What a document is called in a message."""
    cls = work.types.documents.get(row.kind)
    return _(
        "{type} {number} {party}", type=cls.label if cls else row.kind, number=row.number or "", party=row.party_name
    )
