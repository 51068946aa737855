"""Reports for programs: one page of rows, the sums over all, and how their answers are described."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from core.reports import running, telling
from core.reports.choosing import LONGEST, Filter, choose
from core.reports.report import Column, Report
from core.web.api.calls import Answer, Call, told
from core.web.api.shapes import DAY, DECIMAL, ID, TEXT, WHOLE, Shape, many, maybe, thing
from core.work import Work

if TYPE_CHECKING:
    from core.web.api.routes import Route

PAGING = ("after", "size")
PLAIN = {"date": DAY, "int": WHOLE, "amount": DECIMAL, "quantity": DECIMAL, "price": DECIMAL, "percent": DECIMAL}
REFERENCE = thing({"kind": TEXT, "id": ID, "name": TEXT})


def place_of(report: Report) -> str:
    """The address of a report."""
    return f"/api/v1/{report.area}/reports/{report.name}"


def read_report(work: Work, call: Call) -> Answer:
    """One page of a report; ``next`` is for ``after``."""
    report = cast(Report, call.report)
    given = {name: text for name, text in call.query.items() if name not in PAGING}
    size = call.whole("size", running.LARGEST, 1, running.LARGEST)
    chosen = choose(work, report.filters, given)
    found = running.page(work, report, chosen, after=call.query.get("after", ""), size=size)
    return told(telling.body(work, found))


def asked(report: Report) -> tuple[str, ...]:
    """The names that may follow the question mark."""
    return (*(name for one in report.filters for name in one.names), *PAGING)


def name_of(report: Report) -> str:
    """What the answer is called in the description."""
    return "".join(part.title() for part in f"{report.area}_{report.name}".split("_")) + "Report"


def shape(report: Report) -> Shape:
    """The answer of a report."""
    hidden = tuple(column.key for column in report.columns if column.needs)
    added = {c.key: _value(c) for c in report.columns if c.total}
    return thing(
        {
            "report": {"const": report.key},
            "chosen": {"type": "object", "additionalProperties": TEXT},
            "items": many(thing({c.key: _value(c) for c in report.columns}, optional=hidden), maxItems=running.LARGEST),
            "totals": thing(added, optional=tuple(key for key in hidden if key in added)),
            "count": WHOLE,
            "next": maybe(TEXT) | {"description": "Give it back as after"},
        },
        about=report.about.message,
    )


def _value(column: Column) -> Shape:
    about = {"description": column.label.message}
    if column.kind == "ref":
        return about | {"anyOf": [REFERENCE, {"type": "null"}]}
    return about | maybe(PLAIN.get(column.kind, TEXT))


def query_value(route: Route, name: str) -> Shape:
    """What may be chosen."""
    report = cast(Report, route.report)
    if name == "size":
        return {"type": "integer", "minimum": 1, "maximum": running.LARGEST, "default": running.LARGEST}
    one = next((one for one in report.filters if name in one.names), None)
    return _choice(one) if one else {"type": "string", "maxLength": 2000}


def _choice(one: Filter) -> Shape:
    match one.kind:
        case "as_of" | "date" | "period":
            return DAY
        case "party" | "person":
            return ID
        case "choice":
            return {"type": "string", "enum": [key for key, _label in one.choices if key]}
    return {"type": "string", "maxLength": LONGEST}


def shapes(routes: Iterable[Route]) -> dict[str, Shape]:
    """The shapes of all reports among the routes."""
    return {name_of(route.report): shape(route.report) for route in routes if route.report is not None}
