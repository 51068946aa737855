"""The screen of a report: what may be chosen, one page of rows, the sums over all, and the way out as a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from flask import Response, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import Invalid, Unknown
from core.exchange import sheets
from core.hooks.values import Ref
from core.operations.exporting import exported
from core.reports import running, telling
from core.reports.choosing import Chosen, Filter, choose
from core.reports.report import Another, Column, Listing, Report, Row
from core.text import Text, _, language, speaking
from core.web import addresses
from core.web.current import ask, run, work
from core.web.screens import Page, Screen
from core.web.serving import program
from core.web.showing import Cell, figure, money, number
from core.work import Ask, Work, Works

CELLS = {
    "amount": "money",
    "quantity": "quantity",
    "price": "price",
    "date": "date",
    "int": "number",
    "percent": "rate",
}
FIELDS = {"as_of": "date", "date": "date", "period": "date", "party": "reference", "person": "choice"}
DAYS = frozenset({"as_of", "date", "period"})
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def endpoint(key: str) -> str:
    """The name of a report's screen."""
    area, _dot, name = key.partition(".")
    return f"{area}_report_{name}"


class ReportScreen(Screen):
    """One report of an area."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.label, self.icon, self.group = report.label, report.icon, report.area
        self.permission = report.right("read")
        super().__init__(
            name=report.label.message, endpoint=endpoint(report.key), url=f"/{report.area}/reports/{report.name}"
        )

    @expose("/")
    def index(self) -> Page:
        """One page of it; what cannot be chosen is said at its field."""
        view = ReportPage(work(), self.report, request.args)
        return self.page("report.html", 422 if view.errors else 200, page=view.values())

    @expose("/export/<export_type>")
    def export(self, export_type: str) -> ResponseReturnValue:
        """All of it as a file; that it was taken is in the history before the first byte leaves."""
        report, opened = self.report, work()
        opened.demand(report.right("export"))
        chosen = choose(opened, report.filters, given(report, request.args))
        if export_type not in {"csv", "xlsx"}:
            raise Unknown()
        run(lambda w: exported(w, report, chosen, export_type))
        name = f"{report.name}-{opened.today:%Y%m%d}.{export_type}"
        head = {"Content-Disposition": f"attachment; filename={name}"}
        if export_type == "xlsx":
            return Response(sheets.workbook(opened, report, chosen), mimetype=XLSX, headers=head)
        lines = csv_stream(program().works, ask(), report, chosen)
        return Response(stream_with_context(lines), mimetype="text/csv", headers=head)


def given(report: Report, args: Mapping[str, str]) -> dict[str, str]:
    """What the address says of the report's filters."""
    return {name: args[name] for one in report.filters for name in one.names if name in args}


def csv_stream(works: Works, asked: Ask, report: Report, chosen: Chosen) -> Iterator[str]:
    """The report as CSV, begun before the last row is read."""
    spoken = language()
    with speaking(spoken), works.read(asked) as opened:
        yield from sheets.csv_lines(opened, report, chosen)


class ReportPage:
    """One page of one report, for one reader."""

    def __init__(self, work: Work, report: Report, args: Mapping[str, str]) -> None:
        self.work, self.report, self.args = work, report, args
        self.given = given(report, args)
        self.errors: dict[str, str] = {}
        self.found: running.Page | None = None
        try:
            chosen = choose(work, report.filters, self.given)
            self.found = running.page(work, report, chosen, after=args.get("after", ""))
        except Invalid as error:
            if not {fault.path for fault in error.faults} <= {n for one in report.filters for n in one.names}:
                raise
            self.errors = {fault.path: str(fault.text) for fault in error.faults}
        self.columns = report.shown(work)
        self.kept = dict(self.found.chosen.given) if self.found else self.given

    def values(self) -> dict[str, Any]:
        """What ``report.html`` needs."""
        report, found = self.report, self.found
        rows = found.rows if found else ()
        names = telling.known(self.work, self.columns, rows)
        return {
            "title": str(report.label),
            "about": str(report.about),
            "notes": [
                *((str(c.label), str(c.help)) for c in self.columns if c.help),
                *(("", str(note)) for note in report.notes),
            ],
            "wrong": str(_("Please correct what is marked.")) if self.errors else "",
            "action": url_for(".index"),
            "fields": [field for one in report.filters for field in self._fields(one)],
            "clear_url": url_for(".index") if self.given else "",
            "columns": [{"label": str(c.label), "kind": CELLS.get(c.kind, "text")} for c in self.columns],
            "rows": [self._row(row, names) for row in rows],
            "totals": self._totals() if found and rows else [],
            "count": found.count if found else 0,
            "first_url": self._url() if self.args.get("after") else "",
            "next_url": self._url(after=found.next) if found and found.next else "",
            "exports": self._exports() if found else [],
        }

    def _url(self, **more: str) -> str:
        return url_for(".index", **self.kept, **more)  # type: ignore[arg-type]  # names of filters

    def _exports(self) -> list[dict[str, str]]:
        if not self.work.may(self.report.right("export")):
            return []
        kinds = (("xlsx", "Excel (xlsx)", "file-spreadsheet"), ("csv", "CSV", "file-text"))
        asked: dict[str, Any] = self.kept
        return [
            {"label": label, "url": url_for(".export", export_type=kind, **asked), "icon": icon}
            for kind, label, icon in kinds
        ]

    # Rows ---------------------------------------------------------------------------------------------------------

    def _row(self, row: Row, names: telling.Names) -> list[Cell]:
        cells = [self._cell(column, row.get(column.key), names) for column in self.columns]
        if self.found and self.report.drill and (to := self.report.drill(self.work, row, self.found.chosen)):
            first = cells[0]
            cells[0] = Cell(first.value or telling.NOTHING, "text", self._address(to))
        return cells

    def _totals(self) -> list[Cell]:
        sums = self.found.totals if self.found else {}
        cells = [self._cell(c, sums.get(c.key), {}) if c.total else Cell("") for c in self.columns]
        free = next((place for place, c in enumerate(self.columns) if not c.total), None)
        if free is not None and any(c.total for c in self.columns):
            cells[free] = Cell(str(_("Total")))
        return cells if any(c.total for c in self.columns) else []

    def _cell(self, column: Column, value: Any, names: telling.Names) -> Cell:
        kind = CELLS.get(column.kind, "text")
        match column.kind:
            case "ref":
                return self._ref(telling.ref_of(column, value, names))
            case "percent":
                return Cell(telling.NOTHING if value is None else f"{Decimal(value) * 100:.2f}%", kind)
            case "int":
                return Cell("" if value is None else f"{value:,}", kind)
            case "amount" | "quantity" | "price" if isinstance(value, Decimal):
                shown = {"amount": money(value), "quantity": number(value), "price": figure(value, 8)}
                return Cell(shown[column.kind], kind)
            case "date":
                return Cell(value.isoformat() if value else "", kind)
        return Cell("" if value is None else str(value) if isinstance(value, Text) else value, kind)

    def _ref(self, ref: Ref | None) -> Cell:
        if ref is None:
            return Cell("")
        if ref.kind == "core.account":
            return Cell(ref.label, "person" if ref.label else "text")
        may = self.work.may(f"{ref.kind}.read")
        return Cell(ref.label, url=addresses.record(ref.kind, ref.id) if may and ref.label else "")

    def _address(self, to: Ref | Listing | Another) -> str:
        match to:
            case Ref():
                return addresses.record(to.kind, to.id) if self.work.may(f"{to.kind}.read") else ""
            case Listing():
                return addresses.listing(to.kind, **dict(to.filters)) if self.work.may(f"{to.kind}.read") else ""
        other = self.work.types.reports.get(to.report)
        if other is None or not self.work.may(other.right("read")):
            return ""
        asked: dict[str, Any] = dict(to.filters)
        return url_for(f"{endpoint(to.report)}.index", **asked)

    # What may be chosen ---------------------------------------------------------------------------------------------

    def _fields(self, one: Filter) -> Iterator[dict[str, Any]]:
        for place, name in enumerate(one.names):
            label = str(one.label)
            if one.kind == "period":
                label = str((_("{field} from", field=one.label), _("{field} until", field=one.label))[place])
            yield {
                "name": name,
                "label": label,
                "kind": FIELDS.get(one.kind, "choice" if one.kind == "choice" else "text"),
                # A browser shows no day that is none.
                "value": "" if name in self.errors and one.kind in DAYS else self.kept.get(name, ""),
                "help": str(one.help or ""),
                "error": self.errors.get(name, ""),
                **self._options(one, self.kept.get(name, "")),
            }

    def _options(self, one: Filter, value: str) -> dict[str, Any]:
        match one.kind:
            case "party":
                keys = [int(value)] if value.isascii() and value.isdigit() and len(value) < 19 else []
                text = addresses.names_in_reach(self.work, "core.party", keys).get(keys[0], "") if keys else ""
                lookup = url_for("lookup.index", kind="core.party")
                return {"lookup_url": lookup, "text": text, "placeholder": str(_("All"))}
            case "person":
                people = sorted(self.work.company.people.values(), key=lambda p: (p.id != self.work.actor_id, p.title))
                return {"choices": [(str(p.id), p.title) for p in people], "blank": str(_("Everybody"))}
            case "choice":
                known = [(key, str(label)) for key, label in one.choices]
                return {"choices": known, "blank": str(_("All")), "required": bool(one.default)}
        return {}
