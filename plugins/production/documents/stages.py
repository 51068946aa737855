"""The stages of a production order: planned and real days, and who did it (PRD-02)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped

from core.db.base import Name, field
from core.db.types import BigId
from core.documents import DocumentPart
from core.text import _

STAGES = (
    ("design", _("Design")),
    ("material", _("Material")),
    ("manufacture", _("Manufacture")),
    ("test", _("Test")),
    ("pack", _("Packing")),
)


class ProductionStage(DocumentPart):
    """One stage of the work, planned and as it came."""

    __tablename__ = "production_stage"
    key = "stages"
    label = _("Stages")
    columns = ("stage", "planned_start", "planned_end", "real_start", "real_end", "done_by", "remark")

    stage: Mapped[str] = field(_("Stage of the work"), String(12), choices=STAGES, required=True)
    planned_start: Mapped[date | None] = field(_("Planned to begin"))
    planned_end: Mapped[date | None] = field(_("Planned to be ready"))
    real_start: Mapped[date | None] = field(_("Begun on"), living=True)
    real_end: Mapped[date | None] = field(_("Ready on"), living=True)
    done_by: Mapped[int | None] = field(
        _("Done by"), BigId, ForeignKey("account.id"), references="core.account", living=True
    )
    remark: Mapped[Name] = field(_("Remark"), default="", living=True)
