"""Say something about a document: an entry of its history that changes nothing else."""

from __future__ import annotations

from typing import TypeVar

from core.documents.models import Document
from core.documents.reading import load
from core.errors import Fault, Invalid
from core.operations.ledger import Entry, ledger
from core.text import _
from core.work import Work

D = TypeVar("D", bound=Document)
LONGEST = 400


def comment(work: Work, cls: type[D], key: int, text: str) -> D:
    """Enter a comment of whoever may read the document; its version and edition stay, so open pages stay fresh.

    Raises ``Invalid`` for an empty comment and for one of more than 400 characters.
    """
    said = text.strip()
    if not said:
        raise Invalid([Fault("text", _("Please write something."), "required")])
    if len(said) > LONGEST:
        raise Invalid([Fault("text", _("At most {length} characters.", length=LONGEST), "too_long")])
    document = load(work, cls, key, lock=True, lines=False)
    step = ledger(work).touch(document)
    step.quiet = True
    step.entries.append(Entry("comment", {}, source=document.state, target=document.state, reason=said))
    return document
