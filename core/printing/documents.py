"""Printing a document: read it, set its paper outside of any transaction, and enter that it was printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from core.documents import sight
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.documents.reading import load
from core.errors import Unknown
from core.operations.printing import printed, refuse_drafts
from core.printing.forms import skeleton
from core.printing.paper import Paper
from core.printing.render import render
from core.printing.speech import BOTH
from core.text import LANGUAGES, Text, chosen
from core.work import Ask, Work, Works

CHOICES = (*LANGUAGES, BOTH)
"""The languages of a paper: Chinese, English, or both side by side."""


def papers_of(work: Work, cls: type[Document]) -> dict[str, tuple[Text, Callable[..., Paper]]]:
    """The papers of a type by their keys, the usual one first: its name and what builds it."""
    declared: Any = work.types.papers.get(kind_of(cls), skeleton)
    return dict(declared) if isinstance(declared, Mapping) else {"": (cls.label, declared)}


def paper_of(work: Work, document: Document, language: str, paper: str = "") -> Paper:
    """The paper of a document as its area declares it, else one derived from its columns.

    ``paper`` is the key of one of several; nothing is the usual one. Raises ``Unknown`` for one that there is not.
    """
    known = papers_of(work, type(document))
    key = paper or next(iter(known))
    if key not in known:
        raise Unknown()
    return known[key][1](work, sight.veil(work, document), language)


def print_document(works: Works, ask: Ask, cls: type[Document], key: int, language: str = "", paper: str = "") -> bytes:
    """The document as PDF in ``language`` (one of ``CHOICES``, else the nearest); the print is in its history.

    ``paper`` chooses one of several. Raises ``Forbidden`` and ``Unknown`` as reading does, ``Refused`` for a draft that
    must not leave the house, ``Conflict`` when somebody changed it in the meantime, ``PaperError`` for what cannot be
    set.
    """
    language = language if language == BOTH else chosen(language)
    with works.read(ask) as work:
        document = load(work, cls, key, "print")
        refuse_drafts(document)
        made = paper_of(work, document, language, paper)
    pdf = render(made)
    proof = sha256(pdf).hexdigest()

    def enter(work: Work) -> None:
        printed(work, cls, key, edition=document.edition, language=language, paper_hash=proof, paper=paper)

    works.run(ask, enter)
    return pdf
