"""The screens of a master: list, page with its parts, form saved as one aggregate."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents import sight
from core.documents.access import reaches
from core.documents.faces import defaults
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.documents.reading import load_master
from core.entities.announcement import Announcement
from core.entities.master import Master
from core.entities.party import Party
from core.errors import DomainError, Unknown
from core.hooks.values import Moment
from core.operations import masters
from core.search import figures
from core.text import _
from core.web import addresses, guiding, part_tables, timeline
from core.web.current import run, work
from core.web.forms import groups, heading, shown_fields
from core.web.screens import Page, refuse, say
from core.web.showing import Names, Tag, cell, moment, money, state_tag
from core.web.types_screen import TypeScreen, seen_version
from core.work import Work

LATEST, MOMENTS = 8, 20


class MasterScreen(TypeScreen):
    """Flask-Admin's view of one master."""

    cls: type[Master]

    @expose("/<int:key>/")
    def details_view(self, key: int) -> Page:
        """The page of one record."""
        record = load_master(work(), self.cls, key)
        return self.page("master.html", master=MasterPage(work(), record, self).values())

    @expose("/new/")
    def create_view(self) -> Page:
        """An empty form."""
        work().demand(f"{self.kind}.create")
        cls: Any = self.cls
        begun = {c.key: None for c in cls.__mapper__.columns if c.key != "id"} | defaults(cls)
        if "owner_id" in begun:
            begun["owner_id"] = work().actor_id
        return self._form(self.cls(**begun), None)

    @expose("/<int:key>/edit")
    def edit_view(self, key: int) -> Page:
        """The form of an existing record."""
        return self._form(load_master(work(), self.cls, key, "edit"), key)

    def _form(self, record: Any, key: int | None) -> Page:
        opened = work()
        data = self.form_data(key, record.version if key else None) | {
            "parts": part_tables.grids(opened, self.cls, record)
        }
        fields = shown_fields(opened, self.bound(record), self.cls)
        form = {
            "title": heading(self.cls.label, record.title if key else ""),
            "crumbs": self.crumbs(),
            "groups": groups(self.cls, fields),
            "parts": part_tables.headings(self.cls),
            "data": data,
            "cancel_url": data["done_url"],
        }
        return self.page("master_form.html", form=form)

    def write(self, opened: Work, key: int | None, version: int | None, values: dict[str, Any]) -> int:
        return int(masters.save(opened, self.cls, values, key=key, version=version).id)

    def plain(self, opened: Work, key: int) -> dict[str, Any]:
        record = load_master(opened, self.cls, key)
        fields = shown_fields(opened, self.bound(record), self.cls)
        parts = {name: data["rows"] for name, data in part_tables.grids(opened, self.cls, record).items()}
        return {
            "version": record.version,
            **{f["name"]: f["value"] for f in fields},
            "texts": {f["name"]: f["text"] for f in fields if "text" in f},
            **parts,
        }

    @expose("/<int:key>/active", methods=("POST",))
    def active_view(self, key: int) -> ResponseReturnValue:
        """Take the record out of use, or back into it."""
        active = request.form.get("active") == "1"
        try:
            run(lambda opened: masters.save(opened, self.cls, {"active": active}, key=key, version=seen_version()))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, self.url_of(key))
        say(_("Back in use.") if active else _("No longer in use; documents that name it stay as they are."))
        return redirect(self.url_of(key), 303)

    @expose("/<int:key>/moments")
    def moments_view(self, key: int) -> Page:
        """What happened with a customer: a part of its page, or a page of its own without scripts."""
        if self.cls is not Party:
            raise Unknown()
        record = load_master(work(), self.cls, key, parts=False)
        shown = MasterPage(work(), record, self).moments()
        values = {"title": record.title, "panels": shown, "url": self.url_of(key), "bare": True}
        if request.headers.get("HX-Request") == "true":
            return Page("related.html", {"related": values, "partial": True})
        crumbs = [*self.crumbs(), {"label": record.title, "url": self.url_of(key)}]
        return self.page("related.html", related={**values, "crumbs": crumbs})


class MasterPage:
    """What the page of one master shows to one reader."""

    def __init__(self, opened: Work, record: Any, screen: MasterScreen) -> None:
        self.work, self.record, self.screen = opened, sight.veil(opened, record), screen
        self.cls = screen.cls
        self.faces = sight.shown(opened, self.cls)

    def values(self) -> dict[str, Any]:
        """Everything ``master.html`` needs."""
        record = self.record
        may_edit = self.work.may(f"{self.cls.kind}.edit") and reaches(self.work, record, "edit")
        may_edit = may_edit and record.closed_because is None
        key = {"key": record.id}
        active = {
            "label": str(_("Take out of use") if record.active else _("Use again")),
            "post": True,
            "icon": "ban" if record.active else "rotate",
            "url": url_for(f"{self.screen.endpoint}.active_view", **key),
            "name": "active",
            "value": "" if record.active else "1",
            "confirm": str(_("It can no longer be chosen in new documents. Continue?")) if record.active else "",
        }
        return {
            "title": record.title,
            "code": getattr(record, "code", ""),
            "version": record.version,
            "crumbs": self.screen.crumbs(),
            "tags": [] if record.active else [Tag(str(_("Inactive")), "grey")],
            "edit_url": url_for(f"{self.screen.endpoint}.edit_view", **key) if may_edit else "",
            "actions": [*self._starts(), *([active] if may_edit else [])],
            "panels": [
                self._fields(),
                *(part_tables.panel(self.work, part, getattr(record, part.key)) for part in self.cls.parts),
            ],
            "side": self._side(),
        }

    def _fields(self) -> dict[str, Any]:
        header = {name: getattr(self.record, name) for name in self.faces}
        names = Names(self.work).learn(self.faces, [header])
        shown: list[dict[str, Any]] = []
        for name, face in self.faces.items():
            if header[name] in (None, "", False) or name == "active":
                continue
            one = cell(self.work, self.cls, name, face, header, names)
            # The name of a customer is kept beside the link to him: said once, as the link.
            if any(known["label"] == str(face.label) and known["value"] == one.value for known in shown):
                continue
            shown.append(
                {
                    "label": str(face.label),
                    "value": one.value,
                    "kind": one.kind,
                    "url": one.url,
                    "tone": one.tone,
                    "wide": face.kind == "long",
                }
            )
        return {
            "key": "fields",
            "label": str(self.cls.label),
            "icon": self.cls.icon,
            "kind": "facts",
            "groups": [{"label": "", "fields": shown}],
        }

    def _starts(self) -> list[dict[str, str]]:
        """What one does next with a customer: a new document for him."""
        if self.cls is Announcement:
            url = url_for("notices.one", key=self.record.id)
            return [{"label": str(_("Announce, and see who has read it")), "icon": "speakerphone", "url": url}]
        if self.cls is not Party or not self.record.active:
            return []
        found = [
            cls
            for kind, cls in self.work.types.documents.items()
            if cls.needs_party
            and cls.stage is not None
            and self.work.may(f"{kind}.create")
            and area_of(kind) in self.work.areas
        ]
        return [
            {
                "label": str(_("New: {type}", type=cls.label)),
                "icon": "plus",
                "url": url_for(f"{addresses.endpoint(kind_of(cls))}.create_view", party_id=self.record.id),
            }
            for cls in sorted(found, key=lambda c: c.stage or 0)[:2]
        ]

    def _side(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any] | None] = [self._documents(), self._moments()] if self.cls is Party else []
        writes = self.work.may(f"{self.cls.kind}.edit") and reaches(self.work, self.record, "edit")
        files = timeline.files(self.work, self.record, self._url, writes=writes)
        found.append(guiding.panel(self.work, self.record, self._url))
        past = timeline.panel(self.work, self.record, self.faces, self._url)
        return [*(panel for panel in found if panel), files, past]

    def _url(self, view: str, **values: Any) -> str:
        return url_for(f"{self.screen.endpoint}.{view}", key=self.record.id, **values)

    def _documents(self) -> dict[str, Any] | None:
        """The latest documents of the customer, of every type that the reader may see."""
        rows = figures.latest(self.work, self.record.id, most=LATEST)
        if not rows:
            return None
        return {
            "key": "documents",
            "label": str(_("Documents")),
            "icon": "files",
            "kind": "documents",
            "entries": [self._document(row) for row in rows],
        }

    def _document(self, row: Any) -> dict[str, Any]:
        cls: type[Document] = self.work.types.documents[row.kind]
        return {
            "number": row.number or str(_("Draft {id}", id=row.id)),
            "label": str(cls.label),
            "icon": cls.icon,
            "state": state_tag(cls, row.state),
            "amount": money(row.gross, row.currency) if row.gross else "",
            "url": addresses.record(row.kind, row.id),
        }

    def _moments(self) -> dict[str, Any]:
        label = str(_("Life with the customer"))
        return {"key": "moments", "label": label, "icon": "timeline", "kind": "later", "url": self._url("moments_view")}

    def moments(self) -> list[dict[str, Any]]:
        """What happened with the customer in every area, the latest first; fetched when somebody looks at it."""
        found = [self._moment(m) for m in self.work.hooks.party_timeline(self.record.id)[:MOMENTS]]
        label = str(_("Life with the customer"))
        return [{"key": "moments", "label": label, "icon": "timeline", "kind": "history", "entries": found}]

    def _moment(self, one: Moment) -> dict[str, Any]:
        return {
            "who": one.who,
            "what": str(one.title),
            "url": addresses.record(one.record.kind, one.record.id),
            "at": moment(self.work, one.at),
            "reason": one.body,
            "changes": [],
        }
