"""What happens to quotations by itself: they expire when their last day is over."""

from __future__ import annotations

from datetime import timedelta

from core.jobs.job import job
from core.text import _
from core.work import Work
from plugins.quotation import services


@job("quotation.expire", _("Let quotations expire"), every=timedelta(hours=6))
def expire(work: Work) -> int:
    """Expire what is due; what is left over is done the next time. Safe to repeat."""
    return services.expire_due(work)
