"""What hangs on a record beside its content, on the screens of every type: files, comments, and its whole timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents import sight
from core.documents.kinds import Type
from core.errors import DomainError, Invalid, Unknown
from core.operations import beside
from core.operations import comment as remarks
from core.operations.attach import detach
from core.operations.bringing import bring, fetch
from core.web import shell, timeline
from core.web.current import ask, run, work
from core.web.screens import Page, refuse, say
from core.web.serving import program
from core.work import Work


class BesideRecords:
    """A part of ``TypeScreen``."""

    cls: Type
    endpoint: str
    page: Callable[..., Page]
    url_of: Callable[[int], str]
    crumbs: Callable[[], list[dict[str, str]]]

    # Comments -----------------------------------------------------------------------------------------------------

    @expose("/<int:key>/comments", methods=("POST",))
    def comment_view(self, key: int) -> ResponseReturnValue:
        """Say something about the record."""
        return self._said(key, lambda opened: remarks.comment(opened, self.cls, key, request.form.get("text", "")))

    @expose("/<int:key>/comments/<int:comment>/change", methods=("POST",))
    def change_comment_view(self, key: int, comment: int) -> ResponseReturnValue:
        """Let one's own comment say something else."""
        text = request.form.get("text", "")
        return self._said(key, lambda opened: remarks.change(opened, self.cls, key, comment, text))

    @expose("/<int:key>/comments/<int:comment>/remove", methods=("POST",))
    def remove_comment_view(self, key: int, comment: int) -> ResponseReturnValue:
        """Take a comment back."""
        reason = request.form.get("reason", "")
        return self._said(key, lambda opened: remarks.take_back(opened, self.cls, key, comment, reason=reason))

    def _said(self, key: int, command: Callable[[Work], Any]) -> ResponseReturnValue:
        try:
            run(command)
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        return redirect(f"{self.url_of(key)}#history", 303)

    @expose("/<int:key>/history")
    def history_view(self, key: int) -> Page:
        """The older entries of the record, page by page."""
        record = beside.record_of(work(), self.cls, key)
        text = request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        known = sight.shown(work(), self.cls)
        shown = timeline.panel(work(), record, known, self._beside(key), before=before)
        crumbs = [*self.crumbs(), {"label": record.title, "url": self.url_of(key)}]
        values = {"title": record.title, "panels": [shown], "url": self.url_of(key), "crumbs": crumbs, "bare": True}
        values["heading"] = shown["label"]
        return self.page("related.html", related=values)

    def _beside(self, key: int) -> timeline.Url:
        return lambda view, **values: url_for(f"{self.endpoint}.{view}", key=key, **values)

    # Files --------------------------------------------------------------------------------------------------------

    @expose("/<int:key>/files", methods=("POST",))
    def attach_view(self, key: int) -> ResponseReturnValue:
        """Hang a file on the record."""
        name, content = "", b""
        if given := request.files.get("file"):
            name, content = given.filename or "", given.stream.read()
            given.close()
        return self._filed(key, lambda: bring(program().works, ask(), self.cls, key, name, content))

    @expose("/<int:key>/files/<int:file>/remove", methods=("POST",))
    def detach_view(self, key: int, file: int) -> ResponseReturnValue:
        """Take a file off the record."""
        reason = request.form.get("reason", "")
        return self._filed(key, lambda: run(lambda opened: detach(opened, self.cls, key, file, reason=reason)))

    @expose("/<int:key>/files/<int:file>")
    def file_view(self, key: int, file: int) -> ResponseReturnValue:
        """A file, to be kept and never shown as a page of ours; that it was taken is in the audit log before."""
        name, content = fetch(program().works, ask(), self.cls, key, file)
        return Response(content, mimetype="application/octet-stream", headers=kept_apart(name))

    def _filed(self, key: int, command: Callable[[], Any]) -> ResponseReturnValue:
        return self._told(f"{self.url_of(key)}#files", command)

    def _done_beside(self, to: str, command: Callable[[Work], Any]) -> ResponseReturnValue:
        """What changes nothing of the record's content; back to where it stands on its page."""
        return self._told(to, lambda: run(command))

    def _told(self, to: str, command: Callable[[], Any]) -> ResponseReturnValue:
        try:
            command()
        except Unknown:
            raise
        except Invalid as error:
            say(" ".join(str(fault.text) for fault in error.faults), "bad")
        except DomainError as error:
            say(str(error), "bad")
        else:
            shell.forget_bell(g.company_id, g.visitor.account_id)
        return redirect(to, 303)


def kept_apart(name: str) -> dict[str, str]:
    """The headers of somebody's file: a download whatever it is, of a type that nobody guesses, running nothing."""
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
