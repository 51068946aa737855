"""Keep: what an area itself writes on a document in the course of a move or an operation, never a person by hand."""

from __future__ import annotations

from typing import Any

from core.canonical import difference
from core.documents.faces import own_columns
from core.documents.models import Document
from core.operations.ledger import Entry, ledger
from core.work import Work


def keep(work: Work, document: Document, *, what: str = "", reason: str = "", **values: Any) -> None:
    """Set columns that the area declared on a ``document`` that this work has read; what changed is in its history.

    With ``what``, one of the type's ``noted``, it is an entry of its own; else it joins the entry of the move that is
    being made, or stands alone. No right is asked, and the edition stays. A posted document takes only what is declared
    as living, unless this very move posts it. Raises ``ValueError`` for columns of the core.
    """
    if strange := values.keys() - own_columns(type(document)):
        raise ValueError(f"Not this area's to write: {', '.join(sorted(strange))}")
    if what:
        _declared(document, what)
    changes = difference({name: getattr(document, name) for name in values}, values)
    step = ledger(work).touch(document, **values)
    if what or not step.entries:
        if what or changes:
            step.entries.append(Entry(what or "note", changes, document.state, document.state, reason))
    else:
        step.entries[-1].changes |= changes


def note(work: Work, document: Document, what: str, changes: dict[str, Any], *, reason: str = "") -> None:
    """Enter in the history of a locked ``document`` that something happened to it: by field, from what to what.

    Raises ``ValueError`` when the type has no words for it among its ``noted``.
    """
    _declared(document, what)
    entry = Entry(what, changes, document.state, document.state, reason)
    ledger(work).touch(document).entries.append(entry)


def _declared(document: Document, what: str) -> None:
    if what not in document.noted:
        raise ValueError(f"Nobody could read it: {document.kind} has no words for “{what}”.")
