"""Who took which data out of the house: entered in the audit log before anything leaves."""

from __future__ import annotations

from core.documents.kinds import Type, kind_of
from core.operations import access
from core.reports.choosing import Chosen
from core.reports.report import Report
from core.search.listing import Query
from core.work import Work


def exported(work: Work, report: Report, chosen: Chosen, form: str) -> None:
    """Enter that the actor takes a report as a file of the form ``csv``, ``xlsx`` or ``json``; raises ``Forbidden``."""
    work.demand(report.right("export"))
    given = {name: text for name, text in chosen.given.items() if text}
    access.enter(work, "report", report=[None, report.key], form=[None, form], chosen=[None, given])


def listed(work: Work, cls: Type, query: Query, form: str) -> None:
    """Enter that the actor takes a list as a file, with what it was narrowed to; raises ``Forbidden``."""
    work.demand(f"{kind_of(cls)}.export")
    asked = {**(query.filters or {}), "search": query.search, "sort": query.sort}
    given = {name: text[:200] for name, text in asked.items() if text}
    access.enter(work, "export", kind=[None, kind_of(cls)], form=[None, form], chosen=[None, given])
