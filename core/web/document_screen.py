"""The screens of a document type: list, page, form with the grid of lines, moves, consents, versions, comments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from flask import Response, g, jsonify, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents.models import Document
from core.documents.reading import load
from core.errors import DomainError, Unconfirmed, Unknown
from core.extension.allocating import Allocating
from core.operations import create, discard, edit, editions, parts
from core.operations import move as moves
from core.operations.flow import closing, offers
from core.printing.documents import CHOICES, print_document
from core.schemas.inputs import LINE_INPUT
from core.search.listing import LARGEST
from core.text import _
from core.web import addresses, allocating, approving, beside, document_lines, part_tables, shell, taking
from core.web.comparing import compared
from core.web.current import ask, reading, run, sent, work
from core.web.document_moves import APPROVER, ICONS, approvers
from core.web.document_page import DocumentPage
from core.web.forms import groups, heading, shown_fields
from core.web.problems import problem
from core.web.screens import Page, refuse, say
from core.web.serving import program
from core.web.types_screen import TypeScreen, seen_version
from core.work import Work


class DocumentScreen(TypeScreen):
    """Flask-Admin's view of one document type."""

    cls: type[Document]

    def list_values(self) -> dict[str, Any]:
        moves_here = [
            {"name": t.name, "label": str(t.label), "icon": ICONS.get(t.name, "arrow-right")}
            for t in self.cls.workflow.transitions
            if not t.system and not t.reason and not t.musts and work().may(f"{self.kind}.{t.name}")
        ]
        bulk = {"url": url_for(f"{self.endpoint}.bulk_view"), "moves": moves_here} if moves_here else None
        values = super().list_values()
        if self.cls.receives() and work().may(f"{self.kind}.create"):
            url = url_for(f"{self.endpoint}.waiting_view")
            action = {"url": url, "icon": "inbox", "label": taking.label_of(self.cls)}
            values["actions"] = [*values.get("actions", ()), action]
        return {**values, "bulk": bulk}

    @expose("/bulk", methods=("POST",))
    def bulk_view(self) -> ResponseReturnValue:
        """Make one move with every chosen document, each by itself, and tell which were refused and why."""
        keys = [int(text) for text in request.form.getlist("id")[:LARGEST] if text.isdecimal() and len(text) < 19]
        name, done, refused = request.form.get("move", ""), 0, []
        for key in keys:
            try:
                run(partial(moves.move, cls=self.cls, key=key, name=name))
                done += 1
            except DomainError as error:
                refused.append({"key": key, "why": str(error)})
        shell.forget_bell(g.company_id, g.visitor.account_id)
        if not refused:
            say(_("Done: {count}.", count=done) if done else _("Nothing was chosen."), "good" if done else "warn")
            return redirect(url_for(f"{self.endpoint}.index_view"), 303)
        return self.again("bulk.html", lambda opened: self._report(opened, done, refused), 200)

    def _report(self, opened: Work, done: int, refused: list[dict[str, Any]]) -> dict[str, Any]:
        names = addresses.names_in_reach(opened, self.kind, (one["key"] for one in refused))
        rows = [{**one, "title": names.get(one["key"], "?"), "url": self.url_of(one["key"])} for one in refused]
        return {"bulk": {"done": done, "rows": rows, "crumbs": self.crumbs(), "title": str(self.label)}}

    # Taking and closing --------------------------------------------------------------------------------------------

    @expose("/waiting/")
    def waiting_view(self) -> Page:
        """The lines that wait for this type, or that may come back."""
        if not (self.cls.receives() or self.cls.brings_back):
            raise Unknown()
        return self.page("take.html", take=taking.offered(work(), self.cls))

    @expose("/take", methods=("POST",))
    def take_view(self) -> ResponseReturnValue:
        """A draft from the chosen lines, to be looked at and completed."""
        if not (self.cls.receives() or self.cls.brings_back):
            raise Unknown()
        exchanged = bool(request.form.get("exchanged"))
        try:
            chosen = taking.wanted(request.form, request.form.getlist("take"))
            document = run(lambda opened: offers.begin(opened, self.cls, chosen, {}, exchanged=exchanged))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(f"{self.endpoint}.waiting_view"))
        shell.forget_bell(g.company_id, g.visitor.account_id)
        return redirect(self.url_of(document.id), 303)

    @expose("/<int:key>/close", methods=("POST",))
    def close_view(self, key: int) -> ResponseReturnValue:
        """What is still open of the chosen lines will not come any more."""
        lines = [int(text) for text in request.form.getlist("line")[:LARGEST] if text.isdecimal() and len(text) < 19]
        reason = request.form.get("reason", "")
        return self._closed(
            key, lambda w: closing.close(w, self.cls, key, lines=lines, reason=reason, version=seen_version())
        )

    @expose("/<int:key>/reopen", methods=("POST",))
    def reopen_view(self, key: int) -> ResponseReturnValue:
        """What was closed by hand is open again."""
        reason = request.form.get("reason", "") or str(_("Opened again"))
        return self._closed(key, lambda w: closing.reopen(w, self.cls, key, reason=reason, version=seen_version()))

    def _closed(self, key: int, command: Callable[[Work], Document]) -> ResponseReturnValue:
        if not self.cls.begins():
            raise Unknown()
        try:
            run(command)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        say(_("Done."))
        return redirect(self.url_of(key), 303)

    @expose("/<int:key>/allocate")
    def allocation_view(self, key: int) -> Page:
        """Which claims a payment meets."""
        document = load(work(), self.cls, key, lines=False)
        how = allocating.of(work(), self.cls)
        if how is None or not how.usable(document):
            raise Unknown()
        return self.page("allocate.html", pay=allocating.offered(work(), document, how))

    @expose("/<int:key>/allocate", methods=("POST",))
    def allocate_view(self, key: int) -> ResponseReturnValue:
        """Set a payment against the claims that a person names."""
        form = request.form
        return self._allocated(
            key, lambda w, how: how.allocate(w, key, allocating.uses(form, form.keys()), version=seen_version())
        )

    @expose("/<int:key>/take-back", methods=("POST",))
    def take_back_view(self, key: int) -> ResponseReturnValue:
        """Take back what a payment meets."""
        chosen = [int(t) for t in request.form.getlist("settlement")[:LARGEST] if t.isdecimal() and len(t) < 19]
        reason = request.form.get("reason", "")
        return self._allocated(key, lambda w, how: how.take_back(w, key, chosen, reason=reason, version=seen_version()))

    def _allocated(self, key: int, command: Callable[[Work, Allocating], Document]) -> ResponseReturnValue:
        how = program().registry.allocating.get(self.kind)
        if how is None:
            raise Unknown()

        def allocated(opened: Work) -> Document:
            load(opened, self.cls, key, lines=False)
            return command(opened, how)

        try:
            run(allocated)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(f"{self.endpoint}.allocation_view", key=key))
        say(_("Done."))
        return redirect(self.url_of(key), 303)

    @expose("/<int:key>/")
    def details_view(self, key: int) -> Page:
        """The page of one document."""
        return self.page("document.html", doc=DocumentPage(work(), load(work(), self.cls, key)).values())

    @expose("/<int:key>/comparison")
    def comparison_view(self, key: int) -> Page:
        """The document beside what it came from, for whoever double-checks it."""
        document = load(work(), self.cls, key)
        values = beside.values(work(), document, DocumentPage(work(), document).url)
        values["crumbs"] = [*self.crumbs(), {"label": document.title, "url": self.url_of(key)}]
        return self.page("beside.html", beside=values)

    @expose("/<int:key>/related")
    def related_view(self, key: int) -> Page:
        """What other areas know about the document: a part of its page, or a page of its own without scripts."""
        document = load(work(), self.cls, key)
        shown = DocumentPage(work(), document)
        values = {"title": document.title, "panels": shown.related(), "url": self.url_of(key)}
        if request.headers.get("HX-Request") == "true":
            return Page("related.html", {"related": values, "partial": True})
        return self.page(
            "related.html",
            related={**values, "crumbs": [*self.crumbs(), {"label": document.title, "url": self.url_of(key)}]},
        )

    # The form -----------------------------------------------------------------------------------------------------

    @expose("/new/")
    def create_view(self) -> Page:
        """An empty form, with what the areas know already."""
        opened = work()
        opened.demand(f"{self.kind}.create")
        party = request.args.get("party_id", "")
        values = {"party_id": int(party)} if party.isdecimal() and len(party) < 19 else {}
        return self._form(document_lines.begun(opened, self.cls, values), None)

    @expose("/<int:key>/edit")
    def edit_view(self, key: int) -> Page:
        """The form of an existing document; refused with the reason while it may not change."""
        document = load(work(), self.cls, key, "edit")
        edit.check_editable(document)
        return self._form(document, key)

    def _form(self, document: Document, key: int | None) -> Page:
        opened = work()
        needed = ("party_id",) if self.cls.needs_party else ()
        data = self.form_data(key, document.version if key else None)
        data["parts"] = part_tables.grids(opened, self.cls, document)
        if self.cls.has_lines or self.cls.parts:
            data["preview_url"] = (
                url_for(f"{self.endpoint}.preview_view", key=key) if key else url_for(f"{self.endpoint}.preview_new")
            )
        if self.cls.has_lines:
            rows = [document_lines.row(line) for line in document.lines] if key else []
            data |= {
                "columns": document_lines.columns(opened, self.cls),
                "lines": rows,
                "blank": {},
                **(document_lines.totals(opened, document) if key else {}),
            }
        fields = shown_fields(opened, self.bound(document), self.cls, needed=needed)
        form = {
            "title": heading(self.cls.label, document.title if key else ""),
            "crumbs": self.crumbs(),
            "groups": groups(self.cls, fields),
            "parts": part_tables.headings(self.cls),
            "data": data,
            "cancel_url": data["done_url"],
        }
        return self.page("document_form.html", form=form)

    @expose("/preview", methods=("POST",))
    def preview_new(self) -> ResponseReturnValue:
        """The figures of a new document while it is typed."""
        return self._preview(None)

    @expose("/<int:key>/preview", methods=("POST",))
    def preview_view(self, key: int) -> ResponseReturnValue:
        """The figures of a document while it is changed."""
        return self._preview(key)

    def _preview(self, key: int | None) -> ResponseReturnValue:
        try:
            with reading() as opened:
                opened.demand(f"{self.kind}.{'edit' if key else 'create'}")
                found = load(opened, self.cls, key, "edit") if key else None
                return jsonify(document_lines.preview(opened, self.cls, sent(), found))
        except DomainError as error:
            return problem(error)

    def write(self, opened: Work, key: int | None, version: int | None, values: dict[str, Any]) -> int:
        header, lines = {k: v for k, v in values.items() if k != "lines"}, values.get("lines")
        if key is None:
            return create.create(opened, self.cls, header, lines or ()).id
        return edit.edit(opened, self.cls, key, header, lines, version=version).id

    def plain(self, opened: Work, key: int) -> dict[str, Any]:
        document = load(opened, self.cls, key)
        fields = shown_fields(opened, self.bound(document), self.cls)
        rows = [document_lines.row(line) for line in document.lines]
        grids = part_tables.grids(opened, self.cls, document)
        return {
            "version": document.version,
            **{f["name"]: f["value"] for f in fields},
            "texts": {f["name"]: f["text"] for f in fields if "text" in f},
            **{name: grid["rows"] for name, grid in grids.items()},
            "lines": rows,
        }

    # Moving and agreeing ------------------------------------------------------------------------------------------

    @expose("/<int:key>/moves/<transition>", methods=("POST",))
    def move_view(self, key: int, transition: str) -> ResponseReturnValue:
        """Carry out a move, or ask those who must agree; warnings are shown once more before."""
        reason, confirmed = request.form.get("reason", ""), request.form.getlist("confirmed")
        asks = next((move.asks for move in self.cls.workflow.transitions if move.name == transition), ())
        values = {name: request.form.get(name, "") for name in asks}
        written = values | {name: value for name, value in request.form.items() if name.startswith(APPROVER)}
        try:
            document = run(
                lambda opened: moves.move(
                    opened,
                    self.cls,
                    key,
                    transition,
                    version=seen_version(),
                    reason=reason,
                    confirmed=confirmed,
                    values=values,
                    approvers=approvers(request.form),
                )
            )
        except Unconfirmed as error:
            return self._ask_again(key, transition, error, reason, written)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        self._done(document)
        return redirect(self.url_of(key), 303)

    def _done(self, document: Document) -> None:
        shell.forget_bell(g.company_id, g.visitor.account_id)
        if document.approval == "pending":
            say(_("{title} now waits for approval.", title=document.title))
        else:
            state = document.workflow.state(document.state)
            say(_("{title} is now: {state}.", title=document.title, state=state.label))

    def _ask_again(
        self, key: int, transition: str, error: Unconfirmed, reason: str, written: Mapping[str, str]
    ) -> ResponseReturnValue:
        with reading() as opened:
            document = load(opened, self.cls, key)
            values = DocumentPage(opened, document).values(
                asked=error, asked_move=transition, reason=reason, written=written
            )
            answer = self.page("document.html", 409, doc=values)
        return answer.rendered()

    @expose("/<int:key>/consents/<int:task>", methods=("POST",))
    def decide_view(self, key: int, task: int) -> ResponseReturnValue:
        """Agree, reject, call others in, hand over, send back; or withdraw one's own request, or remind."""
        try:
            document = run(lambda opened: approving.act(opened, self.cls, key, task, request.form))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        self._done(document)
        return redirect(self.url_of(key), 303)

    # More ---------------------------------------------------------------------------------------------------------

    @expose("/<int:key>/discard", methods=("POST",))
    def discard_view(self, key: int) -> ResponseReturnValue:
        """Take back a draft."""
        try:
            run(lambda opened: discard.discard(opened, self.cls, key, version=seen_version()))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        say(_("The draft was discarded."))
        return redirect(url_for(f"{self.endpoint}.index_view"), 303)

    @expose("/<int:key>/copy", methods=("POST",))
    def copy_view(self, key: int) -> ResponseReturnValue:
        """A new draft with the same content."""
        try:
            copied = run(lambda opened: copy(opened, self.cls, key))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        return redirect(url_for(f"{self.endpoint}.edit_view", key=copied), 303)

    @expose("/<int:key>/paper/<tongue>", methods=("POST",))
    def paper_view(self, key: int, tongue: str) -> ResponseReturnValue:
        """The paper as PDF in Chinese, English or both; that it was printed is in its history."""
        if tongue not in CHOICES:
            raise Unknown()
        try:
            pdf = print_document(program().works, ask(), self.cls, key, tongue, request.args.get("form", ""))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        with reading() as opened:
            number = load(opened, self.cls, key, lines=False).number or str(key)
        file_name = quote(f"{self.cls.label}-{number}.pdf")
        return Response(
            pdf,
            mimetype="application/pdf",
            headers={
                "Content-Disposition": f"inline; filename*=UTF-8''{file_name}",
                "Content-Security-Policy": "default-src 'self'; object-src 'self'; frame-ancestors 'none'",
            },
        )

    @expose("/<int:key>/compare")
    def compare_view(self, key: int) -> Page:
        """Two versions side by side."""
        document = load(work(), self.cls, key)
        left, right = (request.args.get(side, "") for side in ("left", "right"))
        if not all(side.isdecimal() and len(side) < 19 for side in (left, right)):
            raise Unknown()
        only = request.args.get("only") == "1"
        values = compared(work(), document, editions.compare(work(), document, int(left), int(right)), only=only)
        here: dict[str, Any] = {"key": key, "left": left, "right": right}
        values |= {
            "crumbs": [*self.crumbs(), {"label": document.title, "url": self.url_of(key)}],
            "left": f"V{left}",
            "right": f"V{right}",
            "back_url": self.url_of(key),
            "other_url": url_for(".compare_view", **here, only=None if only else 1),
        }
        return self.page("compare.html", compare=values)


def copy(opened: Work, cls: type[Document], key: int) -> int:
    """A new draft of ``cls`` with the content of the document under ``key``, dated today."""
    source = load(opened, cls, key)
    names = [n for n in cls.header if n not in {"date", "deadline", "valid_until", "owner_id", "reference"}]
    values = {name: getattr(source, name) for name in names if getattr(source, name) not in (None, "")}
    values |= parts.copied(source)
    lines = []
    for line in source.lines:
        row = {
            n: getattr(line, n)
            for n in LINE_INPUT
            if n not in {"price", "gross_price", "net", "tax", "gross", "deadline"}
        }
        row |= {"fixed": line.fixed, line.fixed: getattr(line, line.fixed)}
        lines.append({n: v for n, v in row.items() if v not in (None, "")})
    return create.create(opened, cls, values, lines).id
