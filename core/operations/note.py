"""Note: what an area writes on a document when something happens to it, such as a contract's warranty once accepted."""

from __future__ import annotations

from typing import Any

from core.canonical import difference
from core.documents.models import Document
from core.operations.ledger import Entry, ledger
from core.work import Work


def note(work: Work, document: Document, **values: Any) -> None:
    """Set living columns of a document that this work has read; what changed is in its history.

    It joins the entry of a move that is being made, or stands alone. No right is asked, and the edition stays.
    """
    living = {c.key for c in type(document).__mapper__.local_table.columns if c.info.get("living")}
    if strange := values.keys() - living:
        raise ValueError(f"These are not living: {', '.join(sorted(strange))}.")
    changes = difference({name: getattr(document, name) for name in values}, values)
    if not changes:
        return
    step = ledger(work).touch(document, **{name: values[name] for name in changes})
    if step.entries:
        step.entries[-1].changes |= changes
    else:
        step.entries.append(Entry("note", changes, source=document.state, target=document.state))
