"""Who took which figures out of the house: an entry in the history of the company."""

from __future__ import annotations

from core.operations.company import record
from core.reports.choosing import Chosen
from core.reports.report import Report
from core.work import Work


def exported(work: Work, report: Report, chosen: Chosen, form: str) -> None:
    """Enter that the actor takes a report as a file of the form ``csv``, ``xlsx`` or ``json``; raises ``Forbidden``."""
    work.demand(report.right("export"))
    given = {name: text for name, text in chosen.given.items() if text}
    record(work, "report", {"report": [None, report.key], "form": [None, form], "chosen": [None, given]}, quiet=True)
