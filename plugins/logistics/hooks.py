"""What logistics answers when others ask."""

from __future__ import annotations

from core.documents import Document, Transition
from core.hooks import hookimpl
from core.work import Work
from plugins.logistics import services


@hookimpl
def company_joined(work: Work) -> None:
    """A company begins with a warehouse and the usual ways of shipping."""
    services.begin(work)


@hookimpl
def document_moved(work: Work, document: Document, move: Transition) -> None:
    """The stock follows what leaves, comes in and comes back."""
    services.follow(work, document, move.name)
