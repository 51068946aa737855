"""From a paper to its PDF: equal papers give equal bytes, and no text on them is ever taken for a command."""

from __future__ import annotations

import json
import re
from pathlib import Path

from core import lazy
from core.errors import DomainError
from core.printing.content import content
from core.printing.fonts import typefaces
from core.printing.paper import Paper
from core.text import _

TEMPLATES = Path(__file__).parent / "templates"
LOGO_LIMIT = 1_000_000

# Tags let a screen reader follow the paper; on long tables they would weigh five times what is printed.
_TAGGED_ROWS = 100
_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
_OURS = r'\s*"(?:parts|items)\.typ"'
_REACHING_OUT = re.compile(rf"\b(?:import|include)\b(?!{_OURS})|\b(?:eval|std|plugin)\b|@preview")


class PaperError(DomainError):
    """The paper cannot be printed as it is; the cause holds the typesetter's own words."""

    code = "print.failed"


def render(paper: Paper, *, template: str | None = None) -> bytes:
    """The paper as PDF/A-2b, dated ``paper.made_at``. Safe to call from several threads.

    ``template`` is the source of a company's own layout; it may import ``parts.typ`` and ``items.typ``.
    Raises PaperError for a template that reaches further, a logo that is no picture, and what cannot be set.
    """
    _check_logo(paper.company.logo)
    if template is not None:
        refuse_outside(template)
    typst = lazy.typesetter()
    try:
        pdf: bytes = typst.compile(
            TEMPLATES / "paper.typ" if template is None else template.encode(),
            root=TEMPLATES,
            font_paths=typefaces(),
            ignore_system_fonts=True,
            sys_inputs={"paper": json.dumps(content(paper), ensure_ascii=False)},
            timestamp=int(paper.made_at.timestamp()),
            pdf_standards=["a-2b"],
            pdf_tags=len(paper.rows) <= _TAGGED_ROWS,
        )
    except typst.TypstError as error:
        raise PaperError(_("The paper {number} cannot be printed.", number=paper.number)) from error
    return pdf


def refuse_outside(template: str) -> None:
    """Raise PaperError unless ``template`` imports our own files only: no package, nothing computed.

    The words that could reach further are refused wherever they stand, in comments too.
    """
    if _REACHING_OUT.search(template):
        raise PaperError(_("A template may import parts.typ and items.typ, and nothing else."), code="print.template")


def _check_logo(logo: bytes) -> None:
    if logo and (len(logo) > LOGO_LIMIT or not logo.startswith(_PICTURES)):
        raise PaperError(_("The logo must be a PNG or JPEG picture of at most 1 MB."), code="print.logo")
