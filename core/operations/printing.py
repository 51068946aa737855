"""What a print leaves behind: an entry in the history, a count, and the frozen edition with the paper's hash."""

from __future__ import annotations

from typing import TypeVar

from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.reading import load
from core.errors import Conflict, Objection, Refused
from core.operations import access
from core.operations.editions import freeze
from core.operations.ledger import Entry, ledger
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)


def refuse_drafts(document: Document) -> None:
    """Raise ``Refused`` when the document may not leave the house on paper in its present state (QTN-05)."""
    allowed = type(document).printed_in
    if allowed is not None and document.state not in allowed:
        state = document.workflow.state(document.state).label
        text = _("Only what has been approved is printed; this is “{state}”.", state=state)
        raise Refused([Objection("print.draft", text)])


def printed(work: Work, cls: type[D], key: int, *, edition: int, language: str, paper_hash: str, paper: str = "") -> D:
    """Enter that ``edition`` of the document was printed; the version stays, so open pages stay fresh.

    Raises ``Conflict`` when the content has changed since the paper was made.
    """
    document = load(work, cls, key, "print", lock=True)
    refuse_drafts(document)
    if document.edition != edition:
        raise Conflict(_("The content has changed while it was printed; please print again."), code="print.edition")
    freeze(work, document, paper_hash=paper_hash)
    step = ledger(work).touch(document, prints=document.prints + 1)
    step.quiet = True
    changes = {
        "prints": [document.prints - 1, document.prints],
        "revision": [None, document.revision],
        "language": [None, language],
        "paper": [None, paper_hash],
    }
    if paper:
        changes["form"] = [None, paper]
    step.entries.append(Entry("print", changes, source=document.state, target=document.state))
    access.enter(work, "print", record=(kind_of(cls), key), language=language, **({"form": paper} if paper else {}))
    return document
