"""Bringing in files: upload, the fields of the columns, what would become of each row, the report, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents.faces import faces
from core.documents.kinds import Type, kind_of
from core.errors import DomainError, Fault, Invalid, Unknown
from core.exchange import bringing, templates
from core.exchange.fields import Column, columns
from core.operations import imports
from core.text import Text, _
from core.web import addresses
from core.web.current import run, work
from core.web.screens import Page, Screen, refuse, say
from core.web.showing import Tag, moment
from core.work import Work

SIZE, SHOWN = 30, 100
MIMES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "csv": "text/csv"}
STATES: dict[str, tuple[Text, str]] = {
    "new": (_("To be checked"), "orange"),
    "reading": (_("Being read"), "blue"),
    "checking": (_("Being checked"), "blue"),
    "checked": (_("Checked"), "orange"),
    "writing": (_("Being brought in"), "blue"),
    "done": (_("Brought in"), "green"),
    "undoing": (_("Being taken back"), "blue"),
    "undone": (_("Taken back"), "grey"),
    "failed": (_("Not possible"), "red"),
}


class Imports(Screen):
    """The files that somebody brings in."""

    label, icon, group = _("Imports"), "file-import", "core"

    def opens(self, opened: Work) -> bool:
        return bool(imports.importable(opened))

    def gate(self, opened: Work) -> None:
        if not self.opens(opened):
            raise Unknown()

    @expose("/")
    def index(self) -> Page:
        """What was brought in, the latest first, and the way to bring in more."""
        opened = work()
        types, asked = imports.importable(opened), request.args.get("kind", "")
        text = request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        found = imports.latest(opened, before=before, most=SIZE + 1)
        chosen = next((cls for cls in types if kind_of(cls) == asked), None)
        more = len(found) > SIZE
        return self.page(
            "imports.html",
            imports={
                "title": str(self.label),
                "kinds": [(kind_of(cls), str(cls.label_plural)) for cls in types],
                "kind": asked,
                "upload_url": url_for(".upload"),
                "templates": _template_links(chosen) if chosen else [],
                "choose_url": url_for(".index"),
                "rows": [_listed(opened, row) for row in found[:SIZE]],
                "next_url": url_for(".index", before=found[SIZE - 1].id) if more else "",
            },
        )

    @expose("/template/<kind>.<form>")
    def template(self, kind: str, form: str) -> ResponseReturnValue:
        """The empty file of a type."""
        opened = work()
        cls = _type(opened, kind)
        if form not in templates.FORMS:
            raise Unknown()
        return _file(templates.template(opened, cls, form), f"{cls.plural}.{form}", form)

    @expose("/upload", methods=("POST",))
    def upload(self) -> ResponseReturnValue:
        """Keep a file, and show how its columns are read."""
        kind, name, content = request.form.get("kind", ""), "", b""
        if given := request.files.get("file"):
            name, content = given.filename or "", given.stream.read(imports.LARGEST + 1)
            given.close()
        try:
            key = run(lambda opened: bringing.upload(opened, _type(opened, kind), name, content))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(".index", kind=kind))
        return redirect(url_for(".details", key=key), 303)

    @expose("/<int:key>/")
    def details(self, key: int) -> Page:
        """One import, wherever it is."""
        return self.page("import.html", page=ImportPage(work(), key).values())

    @expose("/<int:key>/check", methods=("POST",))
    def check(self, key: int) -> ResponseReturnValue:
        """Let it be checked with the fields chosen for its columns."""
        form = request.form

        def command(opened: Work) -> None:
            count = len(imports.find(opened, key).columns)
            mapping = {str(place): form.get(f"column-{place}", "") for place in range(count)}
            bringing.check(opened, key, mapping=mapping, way=form.get("way", ""), found_by=form.get("found_by", ""))

        return self._done(key, command)

    @expose("/<int:key>/go", methods=("POST",))
    def go(self, key: int) -> ResponseReturnValue:
        """Bring in the good rows."""
        return self._done(key, lambda opened: bringing.go(opened, key))

    @expose("/<int:key>/undo", methods=("POST",))
    def undo(self, key: int) -> ResponseReturnValue:
        """Take everything back."""
        return self._done(key, lambda opened: imports.undo(opened, key))

    @expose("/<int:key>/drop", methods=("POST",))
    def drop(self, key: int) -> ResponseReturnValue:
        """Forget a file that was not brought in."""
        return self._done(key, lambda opened: imports.drop(opened, key), to=url_for(".index"))

    @expose("/<int:key>/bad.<form>")
    def bad(self, key: int, form: str) -> ResponseReturnValue:
        """The bad rows with what is wrong, to be corrected and brought in again."""
        opened = work()
        batch = imports.find(opened, key)
        if form not in templates.FORMS:
            raise Unknown()
        return _file(templates.written(form, templates.bad_rows(opened, batch)), f"bad-{key}.{form}", form)

    def _done(self, key: int, command: Callable[[Work], Any], to: str = "") -> ResponseReturnValue:
        to = to or url_for(".details", key=key)
        try:
            run(command)
        except Unknown:
            raise
        except Invalid as error:
            for fault in error.faults:
                say(fault.text, "bad")
        except DomainError as error:
            return refuse(error, url_for(".details", key=key))
        return redirect(to, 303)


def _type(opened: Work, kind: str) -> Type:
    found = next((cls for cls in imports.importable(opened) if kind_of(cls) == kind), None)
    if found is None:
        raise Invalid([Fault("kind", _("Choose what the rows of the file are."), "required")])
    return found


def _template_links(cls: Type) -> list[dict[str, str]]:
    kind = kind_of(cls)
    return [
        {"label": label, "url": url_for(".template", kind=kind, form=form)}
        for form, label in (("xlsx", "Excel (xlsx)"), ("csv", "CSV"))
    ]


def _file(content: bytes, name: str, form: str) -> Response:
    head = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, mimetype=MIMES[form], headers=head)


def _listed(opened: Work, row: Any) -> dict[str, Any]:
    label, tone = STATES[row.state]
    return {
        "url": url_for("imports.details", key=row.id),
        "name": row.file_name,
        "kind": str(opened.types.type(row.record_kind).label_plural),
        "tag": Tag(str(label), tone),
        "at": moment(opened, row.created_at),
        "who": opened.person(row.created_by),
        "counts": " · ".join(_counted(row)),
    }


def _counted(row: Any) -> list[str]:
    told = (
        (row.made, _("new: {count}", count=row.made)),
        (row.changed, _("changed: {count}", count=row.changed)),
        (row.same, _("as before: {count}", count=row.same)),
        (row.bad, _("bad: {count}", count=row.bad)),
    )
    return [str(text) for count, text in told if count]


class ImportPage:
    """What the page of one import shows to one reader."""

    def __init__(self, opened: Work, key: int) -> None:
        self.work, self.batch = opened, imports.find(opened, key)
        self.cls = opened.types.type(self.batch.record_kind)
        self.known = columns(opened, self.cls)

    def values(self) -> dict[str, Any]:
        """Everything ``import.html`` needs."""
        batch, state = self.batch, self.batch.state
        label, tone = STATES[state]
        return {
            "title": batch.file_name,
            "crumbs": [{"label": str(Imports.label), "url": url_for(".index")}],
            "about": f"{self.cls.label_plural} · {moment(self.work, batch.created_at)} · "
            f"{self.work.person(batch.created_by)}",
            "tag": Tag(str(label), tone),
            "busy": state in imports.BUSY,
            "percent": self._percent(),
            "said": self._said(),
            "problems": [str(imports.unpacked(kept)) for kept in batch.problem],
            "twice": self._twice() if state in {"new", "checked"} else "",
            "tiles": self._tiles() if batch.records else [],
            "mapping": self._mapping() if imports.is_open(batch) else None,
            "bad": self._bad() if batch.bad else [],
            "more_bad": max(batch.bad - SHOWN, 0),
            "bad_urls": self._bad_urls() if batch.bad and state not in imports.BUSY else [],
            "changes": self._changes() if state == "checked" and batch.changed else [],
            "kept_back": self._kept_back(),
            "go": self._go(),
            "undo_url": self._url("undo") if self._may_undo() else "",
            "drop_url": self._url("drop") if imports.is_open(batch) else "",
            "list_url": addresses.listing(batch.record_kind),
            "url": self._url("details"),
        }

    def _may_undo(self) -> bool:
        batch = self.batch
        return imports.stopped(batch) or (batch.state == "done" and bool(batch.made or batch.changed))

    def _url(self, view: str, **values: Any) -> str:
        return url_for(f".{view}", key=self.batch.id, **values)

    def _percent(self) -> int:
        batch = self.batch
        if batch.state in {"checking", "writing"} and batch.last:
            return min(99, int(batch.seen * 100 / batch.last))
        return 0

    def _said(self) -> str:
        batch = self.batch
        match batch.state:
            case "reading":
                return str(_("{count} rows read so far.", count=batch.rows))
            case "checking" | "writing":
                return str(_("Row {row} of {last}.", row=batch.seen, last=batch.last))
        return ""

    def _twice(self) -> str:
        before = imports.earlier(self.work, self.batch)
        if before is None:
            return ""
        at, who = moment(self.work, before.ended_at), self.work.person(before.created_by)
        return str(_("This very file was brought in before, on {moment}, by {who}.", moment=at, who=who))

    def _tiles(self) -> list[dict[str, Any]]:
        batch, ahead = self.batch, self.batch.state in {"checking", "checked"}
        return [
            {"label": str(_("Records in the file")), "count": batch.records, "tone": ""},
            {"label": str(_("New") if ahead else _("Newly made")), "count": batch.made, "tone": "good"},
            {"label": str(_("Changed records")), "count": batch.changed, "tone": "good"},
            {"label": str(_("As before")), "count": batch.same, "tone": ""},
            {"label": str(_("Bad")), "count": batch.bad, "tone": "bad" if batch.bad else ""},
        ]

    # The columns --------------------------------------------------------------------------------------------------

    def _mapping(self) -> dict[str, Any]:
        batch = self.batch
        keys = bringing.keys(self.work, self.cls)
        may_change = bool(keys) and self.work.may(f"{batch.record_kind}.edit")
        return {
            "url": self._url("check"),
            "columns": [self._column(place, header) for place, header in enumerate(batch.columns)],
            "groups": self._fields(),
            "ways": [(key, str(text)) for key, text in bringing.WAYS.items()] if may_change else [],
            "way": batch.way,
            "keys": [(name, column.label) for name, column in keys.items()],
            "key": batch.found_by or bringing.usual_key(self.cls),
            "again": batch.state == "checked",
        }

    def _column(self, place: int, header: str) -> dict[str, Any]:
        samples = [row[place] for row in self.batch.samples if place < len(row) and row[place]]
        return {
            "name": f"column-{place}",
            "header": header or str(_("Column {number}", number=place + 1)),
            "samples": " | ".join(samples[:3]),
            "path": self.batch.mapping.get(str(place), ""),
        }

    def _fields(self) -> list[tuple[str, list[tuple[str, str]]]]:
        groups: dict[str, list[Column]] = {}
        for column in self.known.values():
            groups.setdefault(str(column.owner or self.cls.label), []).append(column)
        return [
            (label, [(c.path, f"{c.label}{' *' if c.required else ''}") for c in found])
            for label, found in groups.items()
        ]

    # The rows -----------------------------------------------------------------------------------------------------

    def _bad(self) -> list[dict[str, Any]]:
        rows = imports.rows(self.work, self.batch.id, states=["bad"], most=SHOWN)
        return [
            {"row": one.row, "column": one.column, "value": one.value[:60], "text": one.text}
            for row in rows
            for one in bringing.told(self.batch, row)
        ]

    def _bad_urls(self) -> list[dict[str, str]]:
        return [{"label": form, "url": self._url("bad", form=form)} for form in templates.FORMS]

    def _changes(self) -> list[dict[str, Any]]:
        rows = imports.rows(self.work, self.batch.id, changed=True, states=["good"], most=SHOWN)
        known, found = faces(self.cls), []
        parts = {part.key: str(part.label) for part in self.cls.parts}
        for row in rows:
            for name, pair in (row.before or {}).items():
                face = known.get(name)
                if face is not None and not self.work.sees(face.needs):
                    continue
                label = str(face.label) if face else parts.get(name, name)
                before, after = (self._shown(face, value) for value in pair)
                if name in parts:
                    after = str(_("{count} rows new or changed", count=pair[1]))
                named = row.cells[0] if row.cells else ""
                found.append({"row": row.place, "name": named, "label": label, "before": before, "after": after})
        return found[: SHOWN * 3]

    def _shown(self, face: Any, value: Any) -> str:
        if value in (None, ""):
            return ""
        if face is not None and face.references:
            return addresses.names(self.work, face.references, [value]).get(value, str(value))
        if face is not None and face.kind == "choice":
            return str(face.choice(value))
        return str(Text("{value}", (("value", value),)))

    def _kept_back(self) -> list[dict[str, Any]]:
        return [{"row": place, "text": str(imports.unpacked(kept))} for place, kept in self.batch.kept_back[:SHOWN]]

    def _go(self) -> dict[str, Any] | None:
        batch = self.batch
        good = batch.records - batch.bad
        if batch.state != "checked" or good <= 0:
            return None
        label = _("Bring in {count} records", count=good)
        if batch.bad:
            label = _("Bring in the {count} good records", count=good)
        return {"url": self._url("go"), "label": str(label)}
