"""The page of one document: head, status bar, lines, fields, what other areas add, progress, chain and papers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from flask import url_for

from core.documents import sight
from core.documents.access import holds, opened, reach, reaches
from core.documents.faces import Face, own_columns
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.sections import sorted_into
from core.errors import DomainError, Refused
from core.hooks.values import Panel
from core.operations.edit import check_editable
from core.operations.flow import chain
from core.operations.pricing import LIST
from core.printing.documents import CHOICES, papers_of
from core.printing.speech import BOTH
from core.text import LANGUAGES, Text, _, in_language
from core.web import addresses, allocating, approving, guiding, part_tables, taking, timeline
from core.web.document_lines import amount, told, totals
from core.web.document_moves import asked_again, moves
from core.web.showing import (
    Cell,
    Names,
    cell,
    closure_tag,
    decimal,
    free,
    kind_of_cell,
    number,
    state_tag,
    waiting_tag,
)
from core.work import Work

RECORD = ("department_id", "currency", "exchange_rate", "deadline", "cost_total", "created_at", "updated_at")
NOTED = ("item_id", "name", "name_en", "specification", "price_source")
FIXED_PRICE = "gross_price"
ALWAYS = frozenset({"department_id", "deadline", "created_at", "updated_at"})


class DocumentPage:
    """What the page of one document shows to one reader."""

    def __init__(self, work: Work, document: Document) -> None:
        self.work, self.document, self.cls = work, sight.veil(work, document), type(document)
        self.kind = kind_of(self.cls)
        self.endpoint = addresses.endpoint(self.kind)
        self.faces = sight.shown(work, self.cls)
        header = {name: getattr(document, name) for name in self.faces}
        self.names = Names(work).learn(self.faces, [header])
        self.header = header

    def url(self, view: str, **values: Any) -> str:
        """An address below this document."""
        return url_for(f"{self.endpoint}.{view}", key=self.document.id, **values)

    def values(
        self,
        *,
        asked: Refused | None = None,
        asked_move: str = "",
        reason: str = "",
        written: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Everything ``document.html`` needs. ``asked``: warnings that ``asked_move`` has just met."""
        document, work = self.document, self.work
        offered = list(moves(work, document, self.url))
        if asked is not None:
            asked_again(offered, asked_move, asked, reason, written or {})
        tags = [state_tag(self.cls, document.state), waiting_tag(document.approval), closure_tag(document.closure)]
        return {
            "label": str(self.cls.label),
            "title": document.title,
            "version": document.version,
            "crumbs": self._crumbs(),
            "party": self._party(),
            "dates": self._dates(),
            "tags": [tag for tag in tags if tag],
            "amount": amount(work, self.cls, document.gross, document.currency),
            "words": totals(work, document)["words"],
            "steps": self.steps(),
            "moves": offered,
            "edit_url": self._edit_url(),
            "papers": papers(work, document),
            "more": list(self._more()),
            "panels": self.panels(),
            "side": list(self.side()),
        }

    def _crumbs(self) -> list[dict[str, str]]:
        url = url_for(f"{self.endpoint}.index_view") if self.work.may(f"{self.kind}.read") else ""
        return [{"label": str(self.cls.label_plural), "url": url}]

    def _party(self) -> dict[str, str] | None:
        key = self.document.party_id
        if not key:
            return None
        url = addresses.record("core.party", key) if self.work.may("core.party.read") else ""
        return {"name": self.document.party_name, "url": url}

    def _dates(self) -> list[dict[str, str]]:
        wanted = [n for n in ("date", "valid_until", "deadline") if self.header.get(n)]
        found = [{"label": str(self.faces[n].label), "value": self.header[n].isoformat()} for n in wanted]
        owner = self.names.text("core.account", self.document.owner_id)
        return [*found, {"label": str(_("Responsible")), "value": owner}] if owner else found

    def steps(self) -> list[dict[str, str]]:
        """The status bar: the straight way, and an aside when the document is in one."""
        states = [s for s in self.cls.workflow.states if not s.aside or s.key == self.document.state]
        here = next((i for i, s in enumerate(states) if s.key == self.document.state), -1)
        return [
            {
                "label": str(s.label),
                "status": ("off" if s.aside else "current") if i == here else "done" if i < here else "later",
            }
            for i, s in enumerate(states)
        ]

    def _edit_url(self) -> str:
        if not self.work.may(f"{self.kind}.edit") or not reaches(self.work, self.document, "edit"):
            return ""
        try:
            check_editable(self.document)
        except DomainError:
            return ""
        return self.url("edit_view")

    def _more(self) -> Iterator[dict[str, Any]]:
        document = self.document
        if self.work.may(f"{self.kind}.create"):
            yield {"label": str(_("Copy")), "icon": "copy", "post": True, "url": self.url("copy_view"), "confirm": ""}
        kept = (
            document.number
            or document.submitted_by
            or document.state != self.cls.workflow.initial
            or document.revision > 1
        )
        forced = any(line.closure == "forced" for line in document.lines)
        if forced and self.cls.begins() and self.work.may(f"{self.kind}.close"):
            label = str(_("Open again what was closed"))
            yield {"label": label, "icon": "lock-open", "post": True, "url": self.url("reopen_view"), "confirm": label}
        yield from taking.ways_back(self.work, document)
        how = allocating.of(self.work, self.cls)
        if how is not None and how.usable(document):
            label = str(_("Set against what is owed"))
            yield {"label": label, "icon": "checks", "post": False, "url": self.url("allocation_view")}
        if self._edit_url() and not kept:
            yield {
                "label": str(_("Discard the draft")),
                "icon": "trash",
                "post": True,
                "url": self.url("discard_view"),
                "confirm": str(_("Discard this draft? Its content stays in the history.")),
            }

    def _moved(self) -> bool:
        return self.document.state != self.cls.workflow.initial

    # Panels -----------------------------------------------------------------------------------------------------

    def panels(self) -> list[dict[str, Any]]:
        """The tabs: lines, fields, what other areas add, timeline, versions, attachments."""
        found = [self.lines()] if self.cls.has_lines else []
        found += [part_tables.panel(self.work, part, getattr(self.document, part.key)) for part in self.cls.parts]
        if any(move.releases for move in self.cls.workflow.transitions) and self._moved():
            opened = taking.panel(self.work, self.document, self.document.version)
            found += [opened] if opened else []
        found.append(self.fields())
        found += [self._shown(panel) for panel in self.work.hooks.document_panels(self.document, area_of(self.kind))]
        found.append(
            {
                "key": "related",
                "label": str(_("Related")),
                "icon": "link",
                "kind": "later",
                "url": self.url("related_view"),
            }
        )
        found.append(timeline.panel(self.work, self.document, self.faces, self.url))
        writes = self.work.may(f"{self.kind}.edit") and reaches(self.work, self.document, "edit")
        found.append(timeline.files(self.work, self.document, self.url, writes=writes))
        if self.document.revision > 1:
            found.append(timeline.editions(self.work, self.document, self.url("compare_view")))
        return found

    def related(self) -> list[dict[str, Any]]:
        """What other areas add, fetched when somebody looks at it: each asks the database in its own way."""
        panels = self.work.hooks.document_panels(self.document, area_of(self.kind), others=True)
        return [self._shown(panel) for panel in panels]

    def _shown(self, panel: Panel) -> dict[str, Any]:
        return {
            "key": panel.key.replace(".", "-"),
            "label": str(panel.title),
            "icon": "table",
            "kind": "table",
            "count": len(panel.rows),
            "columns": [{"label": str(c), "kind": "text"} for c in panel.columns],
            "rows": [[free(self.work, value) for value in row] for row in panel.rows],
            "note": str(panel.empty),
        }

    def lines(self) -> dict[str, Any]:
        """The lines as a table, with the sums below."""
        known = sight.shown(self.work, DocumentLine)
        wanted = [n for n in told(self.work, self.cls, (*self.cls.line_columns, "remark")) if n in known]
        lines = self.document.lines
        wanted = [n for n in wanted if not lines or any(getattr(x, n) not in (None, "") for x in lines)]
        # These stand with the product and the price, where they take no width.
        below = {"specification", "price_source", *(("name",) if "item_id" in wanted else ())} & set(wanted)
        wanted = [n for n in wanted if n not in below]
        rows = [{n: getattr(line, n) for n in (*wanted, *NOTED)} for line in self.document.lines]
        names = Names(self.work).learn({n: known[n] for n in wanted if n != "item_id"}, rows)
        columns = [
            {"label": "#", "kind": "place"},
            *({"label": str(known[n].label), "kind": kind_of_cell(known[n])} for n in wanted),
        ]
        shown = [
            [Cell(str(place)), *(self._line_cell(n, known[n], row, names) for n in wanted)]
            for place, row in enumerate(rows, 1)
        ]
        return {
            "key": "lines",
            "label": str(_("Lines")),
            "icon": "list-details",
            "kind": "lines",
            "count": len(rows),
            "columns": columns,
            "rows": shown,
            **totals(self.work, self.document),
        }

    def _line_cell(self, name: str, face: Face, row: Mapping[str, Any], names: Names) -> Cell:
        if name == "item_id":
            url = (
                addresses.record("core.item", row["item_id"])
                if row["item_id"] and self.work.may("core.item.read")
                else ""
            )
            return Cell(in_language(row["name"], row["name_en"]), url=url, note=row["specification"])
        if name == FIXED_PRICE and row["price_source"]:
            source = row["price_source"]
            shown = cell(self.work, DocumentLine, name, face, row, names)
            return replace(shown, note=str(_("List price")) if source == LIST else source)
        return cell(self.work, DocumentLine, name, face, row, names)

    def fields(self) -> dict[str, Any]:
        """The header's fields that say something: those of its form and its area, then those of the record."""
        named = [n for n in dict.fromkeys(self.cls.header) if n in self.faces]
        own = own_columns(self.cls)
        later = [n for n in self.faces if n in own and n not in named]
        rest = [n for n in RECORD if n in self.faces and (self.cls.has_lines or n in ALWAYS)]
        parts = [(str(s.label), names) for s, names in sorted_into(self.cls.sections, named)]
        parts += [(str(_("What became of it")), later), (str(_("Record")), [n for n in rest if n not in named])]
        groups = [(label, [self._fact(n) for n in names if self._says(n)]) for label, names in parts]
        return {
            "key": "fields",
            "label": str(_("Header")),
            "icon": "forms",
            "kind": "facts",
            "groups": [{"label": label, "fields": fields} for label, fields in groups if fields],
        }

    def _says(self, name: str) -> bool:
        return self.header[name] not in (None, "", False)

    def _fact(self, name: str) -> dict[str, Any]:
        face = self.faces[name]
        one = cell(self.work, self.cls, name, face, self.header, self.names)
        return {**_said(one), "label": str(face.label), "wide": face.kind == "long"}

    def side(self) -> Iterator[dict[str, Any]]:
        """Beside the tabs: approval, progress, chain, papers."""
        if approval := approving.approval(self.work, self.document, self.url):
            yield approval
        if said := guiding.panel(self.work, self.document, self.url):
            yield said
        if progress := list(self._progress()):
            yield {
                "key": "progress",
                "label": str(_("Progress")),
                "icon": "gauge",
                "kind": "progress",
                "entries": progress,
            }
        up, down = chain(self.work, self.document.id)
        yield {
            "key": "chain",
            "label": str(_("Chain")),
            "icon": "git-branch",
            "kind": "chain",
            "up": [self._linked(r) for r in up],
            "down": [self._linked(r) for r in down],
        }
        if found := papers(self.work, self.document):
            note = str(_("printed {count} times", count=self.document.prints)) if self.document.prints else ""
            entries = [
                {
                    "label": name,
                    "note": "",
                    "links": [{"label": p["language"], "url": p["url"]} for p in found if p["paper"] == name],
                }
                for name in dict.fromkeys(p["paper"] for p in found)
            ]
            entries[0]["note"] = note
            yield {
                "key": "papers",
                "label": str(_("Papers")),
                "icon": "printer",
                "kind": "papers",
                "entries": entries,
            }

    def _progress(self) -> Iterator[dict[str, Any]]:
        gross = self.document.gross
        for label, done in (
            (_("Supplied"), self.document.supplied),
            (_("Delivered"), self.document.delivered),
            (_("Invoiced"), self.document.invoiced),
            (_("Received"), self.document.settled),
        ):
            if done and gross > 0:
                share = int(done * 100 / gross)
                yield {"label": str(label), "share": share, "value": f"{number(decimal(share))}%"}

    def _linked(self, row: Any) -> dict[str, Any]:
        cls = self.work.types.documents[row.kind]
        # That there is something, and how far it is, belongs to this document; what it comes to does not.
        found = reach(self.work, f"{row.kind}.read")
        readable = holds(self.work, found, row.owner_id, row.created_by, party_id=row.party_id)
        return {
            "number": row.number or str(_("Draft {id}", id=row.id)),
            "label": str(cls.label),
            "icon": cls.icon,
            "state": state_tag(cls, row.state),
            "amount": amount(self.work, cls, row.gross, row.currency) if readable else "",
            "url": addresses.record(row.kind, row.id) if readable else "",
        }


def _said(one: Cell) -> dict[str, Any]:
    return {"value": one.value, "kind": one.kind, "url": one.url, "tone": one.tone}


def papers(work: Work, document: Document) -> list[dict[str, str]]:
    """The papers of a document: Chinese, English, both; none while it may not leave the house."""
    kind, cls = kind_of(type(document)), type(document)
    may = work.may(f"{kind}.print") and reaches(work, document, "print")
    if not (may or opened(work, document)) or (cls.printed_in is not None and document.state not in cls.printed_in):
        return []
    names: dict[str, Text | str] = {**LANGUAGES, BOTH: _("Both languages")}
    several, endpoint = papers_of(work, cls), f"{addresses.endpoint(kind)}.paper_view"
    return [
        {
            "label": str(
                _("{paper}: {language}", paper=name, language=names[code])
                if len(several) > 1
                else _("Print: {language}", language=names[code])
            ),
            "paper": str(name),
            "language": str(names[code]),
            "url": url_for(endpoint, key=document.id, tongue=code, form=form or None),
        }
        for form, (name, _build) in several.items()
        for code in CHOICES
    ]
