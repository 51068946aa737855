"""The screens of a type, derived from its declaration: list, page, form, export, and saving by one JSON request."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

from flask import Response, g, jsonify, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from flask_admin.model import BaseModelView
from wtforms.form import BaseForm

from core.documents.faces import faces
from core.documents.kinds import Type, area_of, kind_of
from core.errors import DomainError, Stale, Unknown
from core.exchange import filled, templates
from core.operations import imports
from core.operations.exporting import listed
from core.schemas.given import refuse_hidden
from core.schemas.inputs import read
from core.search.listing import every, page
from core.text import _
from core.web import addresses, guiding, shell
from core.web.api import keys
from core.web.api.calls import Answer
from core.web.beside_records import BesideRecords
from core.web.current import ask, reading, run, sent, work
from core.web.exports import csv_stream, workbook
from core.web.forms import form_fields, form_of, header_names
from core.web.lists import ListPage, query
from core.web.problems import problem
from core.web.screens import Page, Screen
from core.web.serving import program
from core.work import Work

# What is looked at, or said, about one record that may be open to somebody who sees no other of its type.
OF_ONE = frozenset(
    {
        *("details_view", "related_view", "compare_view", "file_view"),
        *("paper_view", "comment_view", "decide_view", "guide_view", "answer_view"),
        *("history_view", "change_comment_view", "remove_comment_view"),
    }
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class TypeScreen(BesideRecords, Screen, BaseModelView):
    """Flask-Admin's view of one document type or master.

    Flask-Admin keeps the registry of views, their addresses and forms; it has no session and writes nothing. Rows come
    from ``core.search.listing``, records from ``core.documents.reading``, and every write is an operation.
    """

    can_delete = False
    can_export = True
    # What Flask-Admin would also offer goes past the workflow, so it has no address here.
    delete_view = action_view = ajax_lookup = ajax_update = None

    def __init__(self, cls: Type) -> None:
        self.cls, self.kind = cls, kind_of(cls)
        self.label, self.icon, self.group, self.in_menu = cls.label_plural, cls.icon, area_of(self.kind), _in_menu(cls)
        self.permission = f"{self.kind}.read"
        super().__init__(
            cls,
            name=cls.label_plural.message,
            endpoint=addresses.endpoint(self.kind),
            url=f"/{self.group}/{cls.plural}",
        )

    def gate(self, opened: Work) -> None:
        """The page of a single record asks nobody's right here: whoever loads it does, and it may be open to him."""
        if request.endpoint and request.endpoint.rpartition(".")[2] in OF_ONE:
            opened.require(area_of(self.kind))
            return
        super().gate(opened)

    # What Flask-Admin asks about the model ------------------------------------------------------------------------

    def scaffold_list_columns(self) -> list[str]:
        return list(self.cls.columns)

    def scaffold_sortable_columns(self) -> dict[Any, Any]:
        return {name: name for name in self.cls.sorts}

    def get_column_name(self, field: str) -> str:
        face = faces(self.cls).get(field)
        return str(face.label) if face else field

    def init_search(self) -> bool:
        return bool(self.cls.searched)

    def scaffold_form(self) -> type[BaseForm]:
        fields = form_fields(self.cls, header_names(self.cls))
        return type(
            f"{self.cls.__name__}Form", (BaseForm,), {"__init__": lambda form, *a, **k: BaseForm.__init__(form, fields)}
        )

    def get_pk_value(self, model: Any) -> Any:
        return model.id

    def _refresh_cache(self) -> None:
        """Columns and forms are derived when they are needed: a hundred types start in no time."""
        self._search_supported = self.init_search()
        self._filters = None

    # Reading ------------------------------------------------------------------------------------------------------

    @expose("/")
    def index_view(self) -> Page:
        """The list."""
        values = self.list_values()
        partial = request.headers.get("HX-Request") == "true" and not request.headers.get("HX-History-Restore-Request")
        if partial:
            return Page("list.html", {"page": values, "partial": True})
        return self.page("list.html", page=values)

    def list_values(self) -> dict[str, Any]:
        """What the list shows."""
        values = ListPage(work(), self.cls, request.args).values()
        if imports.may_import(work(), self.cls):
            url = url_for("imports.index", kind=self.kind)
            values["actions"] = [{"url": url, "icon": "file-import", "label": str(_("Import"))}]
        return values

    @expose("/export/<export_type>")
    def export(self, export_type: str) -> ResponseReturnValue:
        """Exactly what the list shows, as a file."""
        work().demand(f"{self.kind}.export")
        asked = query(self.cls, request.args)
        file_name = f"{self.cls.plural}-{work().today:%Y%m%d}.{export_type}"
        # What cannot be asked is refused here: once a file has been begun it is too late.
        page(work(), self.cls, replace(asked, size=1))
        if export_type not in {"csv", "filled", "xlsx"}:
            raise Unknown()
        run(lambda opened: listed(opened, self.cls, asked, export_type))
        if export_type == "csv":
            lines = csv_stream(program().works, ask(), self.kind, asked)
            head = {"Content-Disposition": f"attachment; filename={file_name}"}
            return Response(lines, mimetype="text/csv", headers=head)
        if export_type == "filled":
            ids = [int(row["id"]) for row in every(work(), self.cls, asked)]
            content = io.BytesIO(templates.written("xlsx", filled.rows(work(), self.cls, ids)))
            return send_file(content, as_attachment=True, download_name=f"{self.cls.plural}.xlsx", mimetype=XLSX)
        return send_file(workbook(work(), self.cls, asked), as_attachment=True, download_name=file_name)

    # Guidance -----------------------------------------------------------------------------------------------------

    @expose("/<int:key>/guidance", methods=("POST",))
    def guide_view(self, key: int) -> ResponseReturnValue:
        """Say what shall be done about the record."""
        return self._done_beside(f"{self.url_of(key)}#guidance", lambda opened: guiding.say(opened, self.cls, key))

    @expose("/<int:key>/guidance/<int:note>", methods=("POST",))
    def answer_view(self, key: int, note: int) -> ResponseReturnValue:
        """Answer what was said."""
        to = f"{self.url_of(key)}#guidance"
        return self._done_beside(to, lambda opened: guiding.answer(opened, self.cls, key, note))

    # Saving -------------------------------------------------------------------------------------------------------

    @expose("/save", methods=("POST",))
    def save_new(self) -> ResponseReturnValue:
        """A new record from JSON."""
        return self._saved(None, None)

    @expose("/<int:key>/save", methods=("PUT",))
    def save_view(self, key: int) -> ResponseReturnValue:
        """Change the record as the version in If-Match was seen."""
        return self._saved(key, seen_version())

    def _saved(self, key: int | None, version: int | None) -> ResponseReturnValue:
        try:
            given = sent()
            once = keys.key_of(request.headers.get(keys.HEADER))
            asked = keys.fingerprint(request.method, request.full_path, request.get_data(cache=True))
            values = read(self.cls, given, partial=key is not None)

            def command(opened: Work) -> Answer:
                refuse_hidden(opened, self.cls, given)
                return keys.once(
                    opened, once, asked, lambda: Answer(body=str(self.write(opened, key, version, values)))
                )

            record_id = int(run(command).body)
        except Stale as error:
            return problem(error, current=self._current(key or 0))
        except DomainError as error:
            return problem(error)
        shell.forget_bell(g.company_id, g.visitor.account_id)
        return jsonify(id=record_id, url=self.url_of(record_id))

    def _current(self, key: int) -> dict[str, Any]:
        """The record as somebody else saved it."""
        with reading() as opened:
            return self.plain(opened, key)

    def write(self, opened: Work, key: int | None, version: int | None, values: dict[str, Any]) -> int:
        """Carry out the save; gives back the record's id."""
        raise NotImplementedError

    def plain(self, opened: Work, key: int) -> dict[str, Any]:
        """The record as the form holds it."""
        raise NotImplementedError

    # Addresses ----------------------------------------------------------------------------------------------------

    def url_of(self, key: int) -> str:
        """The page of a record."""
        return url_for(f"{self.endpoint}.details_view", key=key)

    def form_data(self, key: int | None, version: int | None) -> dict[str, Any]:
        """What the form needs to save."""
        done = self.url_of(key) if key else url_for(f"{self.endpoint}.index_view")
        save = url_for(f"{self.endpoint}.save_view", key=key) if key else url_for(f"{self.endpoint}.save_new")
        return {
            "save_url": save,
            "method": "PUT" if key else "POST",
            "version": version,
            "done_url": done,
            "lookup_url": url_for("lookup.index", kind="core.item"),
            "keep": {},
        }

    def crumbs(self) -> list[dict[str, str]]:
        """The way back to the list, for whoever may open it."""
        url = url_for(f"{self.endpoint}.index_view") if work().may(self.permission) else ""
        return [{"label": str(self.cls.label_plural), "url": url}]

    def bound(self, record: Any) -> BaseForm:
        """The form of this type, filled from ``record``."""
        return form_of(self.cls, header_names(self.cls), record)


def _in_menu(cls: Type) -> bool:
    return bool(getattr(cls, "in_menu", True))


def seen_version() -> int | None:
    """The version that the person saw, from If-Match or the form; none asks for no check."""
    text = request.headers.get("If-Match", "").strip('W/" ') or request.form.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 19 else None
