"""Reports: figures over many records, declared once by an area and shown, exported and served alike.

An area's ``reports.py`` holds ``REPORTS``, a tuple of ``Report``. Each is a screen in the area's menu, an address of
the interface, a workbook, a CSV file and a word on the command line, each behind the same two rights.
"""

from __future__ import annotations

from core.reports.choosing import (
    Chosen,
    Filter,
    Period,
    as_of,
    choice,
    day,
    party,
    period,
    person,
    words,
)
from core.reports.report import Another, Column, Listing, Report, Row, Statement
from core.reports.sums import absolute, count_when, share, total, total_when, visible

__all__ = [
    "Another",
    "Chosen",
    "Column",
    "Filter",
    "Listing",
    "Period",
    "Report",
    "Row",
    "Statement",
    "absolute",
    "as_of",
    "choice",
    "count_when",
    "day",
    "party",
    "period",
    "person",
    "share",
    "total",
    "total_when",
    "visible",
    "words",
]
