"""Documents: numbered, stateful, linked to one another by their lines."""

from __future__ import annotations

from core.documents.models import Document, DocumentLine, DocumentLink
from core.documents.parts import DocumentPart, rows_of
from core.documents.sections import Section, fields_of
from core.documents.stage import Point, Stage
from core.documents.truths import Approval, Closure
from core.documents.workflow import State, Transition, Workflow

__all__ = [
    "Approval",
    "Closure",
    "Document",
    "DocumentLine",
    "DocumentLink",
    "DocumentPart",
    "Point",
    "Section",
    "Stage",
    "State",
    "Transition",
    "Workflow",
    "fields_of",
    "rows_of",
]
