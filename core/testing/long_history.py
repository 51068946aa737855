"""A document with a long past: thousands of entries in its chain, written by the ledger, many in each work."""

from __future__ import annotations

from core.documents.models import Document
from core.documents.reading import load
from core.operations.ledger import Entry, ledger
from core.testing.builders import Firm
from core.work import Work

IN_ONE_WORK = 1000


def long_history(firm: Firm, document: Document, count: int) -> None:
    """Give ``document`` so many further entries of a changed subject."""
    cls, key = type(document), document.id

    def command(work: Work, begin: int, end: int) -> None:
        found = load(work, cls, key, lock=True, lines=False)
        step = ledger(work).touch(found)
        step.quiet = True
        for n in range(begin, end):
            changes = {"subject": [f"第 {n} 稿", f"第 {n + 1} 稿"]}
            step.entries.append(Entry("edit", changes, source=found.state, target=found.state))

    for begin in range(0, count, IN_ONE_WORK):
        end = min(begin + IN_ONE_WORK, count)
        firm.as_program(lambda w, b=begin, e=end: command(w, b, e))  # type: ignore[misc]
