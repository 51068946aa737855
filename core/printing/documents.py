"""Printing a document: read it, set its paper outside of any transaction, and enter that it was printed."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.reading import load
from core.operations.printing import printed, refuse_drafts
from core.printing.forms import skeleton
from core.printing.paper import Paper
from core.printing.render import render
from core.printing.speech import BOTH
from core.text import LANGUAGES, chosen
from core.work import Ask, Work, Works

CHOICES = (*LANGUAGES, BOTH)
"""The languages of a paper: Chinese, English, or both side by side."""


def paper_of(work: Work, document: Document, language: str) -> Paper:
    """The paper of a document as its area declares it, else one derived from its columns."""
    build: Any = work.types.papers.get(kind_of(type(document)), skeleton)
    paper: Paper = build(work, document, language)
    return paper


def print_document(works: Works, ask: Ask, cls: type[Document], key: int, language: str = "") -> bytes:
    """The document as PDF in ``language`` (one of ``CHOICES``, else the nearest); the print is in its history.

    Raises ``Forbidden`` and ``Unknown`` as reading does, ``Refused`` for a draft that must not leave the house,
    ``Conflict`` when somebody changed it in the meantime, ``PaperError`` for what cannot be set.
    """
    language = language if language == BOTH else chosen(language)
    with works.read(ask) as work:
        document = load(work, cls, key, "print")
        refuse_drafts(document)
        paper = paper_of(work, document, language)
    pdf = render(paper)
    proof = sha256(pdf).hexdigest()
    works.run(ask, lambda w: printed(w, cls, key, edition=document.edition, language=language, paper_hash=proof).number)
    return pdf
