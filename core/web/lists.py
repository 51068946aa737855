"""The list of a type: columns, chips for filters, pages by key, and what to do while it is empty."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import url_for

from core.documents.faces import Face, faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.truths import APPROVAL_LABELS
from core.entities.territory import Territory, territories
from core.operations import imports
from core.search.listing import Query, filter_names, page, shown
from core.text import Text, _
from core.web import addresses
from core.web.showing import Names, cell, kind_of_cell
from core.work import Work

MOST_CHOICES = 40
SIZE = 50


def query(cls: Type, args: Mapping[str, str], *, size: int = SIZE) -> Query:
    """What the address asks for."""
    wanted = {name: args[name] for name in filter_names(cls) if args.get(name)}
    return Query(wanted, args.get("search", "")[:200], args.get("sort", ""), args.get("after", ""), size)


class ListPage:
    """One page of one list, for one reader."""

    def __init__(self, work: Work, cls: Type, args: Mapping[str, str]) -> None:
        self.work, self.cls, self.args = work, cls, args
        self.kind = kind_of(cls)
        self.faces = faces(cls)
        self.query = query(cls, args)
        self.endpoint = addresses.endpoint(self.kind)

    def values(self) -> dict[str, Any]:
        """What ``list.html`` needs."""
        found = page(self.work, self.cls, self.query)
        names = Names(self.work).learn({n: f for n, f in self.faces.items() if n in found.columns}, found.rows)
        rows = [
            {
                "id": row["id"],
                "url": url_for(f"{self.endpoint}.details_view", key=row["id"]),
                "cells": [cell(self.work, self.cls, n, self.faces.get(n), row, names) for n in found.columns],
            }
            for row in found.rows
        ]
        return {
            "title": str(self.cls.label_plural),
            "crumbs": [],
            "rows": rows,
            "columns": self._columns(found.sort),
            "next_url": self.url(after=found.next) if found.next else "",
            "prev_url": self.url(after=found.previous) if found.previous else "",
            "search": self._search(),
            "filters": self._chips(names),
            "clear_url": self._clear(),
            "choices": self._choices(),
            "exports": self._exports(),
            "empty": self._empty(),
            **self._new(),
        }

    def url(self, **changes: str) -> str:
        """The address of this list with some arguments changed; an empty one is left out. Another page is the first."""
        asked = {**self.query.filters, "search": self.query.search, "sort": self.query.sort, **changes}  # type: ignore[dict-item]
        return addresses.listing(self.kind, **{k: v for k, v in asked.items() if v})

    def _columns(self, sort: str) -> list[dict[str, Any]]:
        columns = []
        for name in shown(self.work, self.cls):
            face, column = (
                self.faces.get(name),
                {"label": self._label(name), "kind": "text", "sort_url": "", "sorted": ""},
            )
            column["kind"] = kind_of_cell(face)
            if name in self.cls.sorts and (face is None or self.work.sees(face.needs)):
                on, down = sort.removeprefix("-") == name, sort.startswith("-")
                column["sorted"] = ("desc" if down else "asc") if on else ""
                first = f"-{name}" if face and face.kind in {"date", "decimal"} else name
                column["sort_url"] = self.url(sort=(name if down else f"-{name}") if on else first)
            columns.append(column)
        return columns

    def _label(self, name: str) -> str:
        face = self.faces.get(name)
        return str(face.label) if face else name

    def _search(self) -> dict[str, Any] | None:
        if not self.cls.searched:
            return None
        return {
            "url": url_for(f"{self.endpoint}.index_view"),
            "value": self.query.search,
            "keep": [*(self.query.filters or {}).items(), *([("sort", self.query.sort)] if self.query.sort else [])],
            "placeholder": str(_("Number, name, pinyin…")),
        }

    def _clear(self) -> str:
        return self.url(**dict.fromkeys(self.query.filters or {}, ""))

    def _chips(self, names: Names) -> list[dict[str, str]]:
        chips = []
        for asked, value in (self.query.filters or {}).items():
            name = asked if asked in self.faces else asked.removesuffix("_from").removesuffix("_to")
            face = self.faces[name]
            label = self._label(name)
            if asked != name:
                label = str(
                    _("{field} from", field=label) if asked.endswith("_from") else _("{field} until", field=label)
                )
            chips.append(
                {"label": label, "value": self._said(face, value, names), "remove_url": self.url(**{asked: ""})}
            )
        return chips

    def _said(self, face: Face, value: str, names: Names) -> str:
        if face.kind == "ref":
            keys = [int(part) for part in value.split(",") if part.isdecimal()]
            known = addresses.names_in_reach(self.work, face.references or "", keys)
            return str(_(", ")).join(known.get(key, "?") for key in keys)
        known_choices = {key: str(label) for key, label in self._options(face.name, face)}
        return str(_(", ")).join(known_choices.get(part, part) for part in value.split(","))

    def _options(self, name: str, face: Face) -> list[tuple[str, Text | str]]:
        """What a filter may be set to, when there is a short list of it."""
        if issubclass(self.cls, Document) and name == "state":
            return [(s.key, s.label) for s in self.cls.workflow.states]
        if issubclass(self.cls, Document) and name == "approval":
            return [(key.value, label) for key, label in APPROVAL_LABELS.items()]
        if face.kind == "bool":
            return [("1", _("Yes")), ("0", _("No"))]
        if face.references == "core.account":
            people = sorted(self.work.company.people.values(), key=lambda p: (p.id != self.work.actor_id, p.title))
            return [(str(p.id), p.title) for p in people[:MOST_CHOICES]]
        if face.references == Territory.kind:
            lands = list(territories(self.work).values())[:MOST_CHOICES]
            return [(str(one.id), one.title) for one in lands]
        return [(key, label) for key, label in face.field.choices if key]

    def _choices(self) -> list[dict[str, Any]]:
        found = []
        for name in self.cls.filters:
            face = self.faces.get(name)
            if face is None or not self.work.sees(face.needs):
                continue
            if face.kind == "date":
                found.append({"label": self._label(name), "options": self._periods(name), "period": self._period(name)})
                continue
            now = (self.query.filters or {}).get(name, "")
            options = [
                {"label": str(label), "active": now == key, "url": self.url(**{name: "" if now == key else key})}
                for key, label in self._options(name, face)
            ]
            if options:
                found.append({"label": self._label(name), "options": options})
        return found

    def _period(self, name: str) -> dict[str, Any]:
        """The form for days of one's own choice."""
        asked = dict(self.query.filters or {})
        first, last = asked.pop(f"{name}_from", ""), asked.pop(f"{name}_to", "")
        kept = [*asked.items(), *((n, v) for n, v in (("search", self.query.search), ("sort", self.query.sort)) if v)]
        return {"name": name, "first": first, "last": last, "keep": kept}

    def _periods(self, name: str) -> list[dict[str, Any]]:
        today, asked = self.work.today, self.query.filters or {}
        month = today.replace(day=1)
        last = (month - timedelta(days=1)).replace(day=1)
        periods = (
            (_("Today"), today, today),
            (_("This week"), today - timedelta(days=today.weekday()), None),
            (_("This month"), month, None),
            (_("Last month"), last, month - timedelta(days=1)),
            (_("This year"), date(today.year, 1, 1), None),
        )
        return [
            {
                "label": str(label),
                "active": asked.get(f"{name}_from") == first.isoformat(),
                "url": self.url(
                    **{f"{name}_from": first.isoformat(), f"{name}_to": until.isoformat() if until else ""}
                ),
            }
            for label, first, until in periods
        ]

    def _exports(self) -> list[dict[str, str]]:
        if not self.work.may(f"{self.kind}.export"):
            return []
        asked = {**(self.query.filters or {}), "search": self.query.search, "sort": self.query.sort}
        wanted: dict[str, Any] = {k: v for k, v in asked.items() if v}

        def make(kind: str) -> str:
            return url_for(f"{self.endpoint}.export", export_type=kind, **wanted)

        found = [
            {"label": "Excel (xlsx)", "url": make("xlsx"), "icon": "file-spreadsheet"},
            {"label": "CSV", "url": make("csv"), "icon": "file-text"},
        ]
        if imports.may_import(self.work, self.cls):
            found.append({"label": str(_("To change and import (xlsx)")), "url": make("filled"), "icon": "file-import"})
        return found

    def _new(self) -> dict[str, Any]:
        label = str(_("New: {type}", type=self.cls.label))
        if not self.work.may(f"{self.kind}.create"):
            return {"new_url": "", "new_label": label}
        return {"new_url": url_for(f"{self.endpoint}.create_view"), "new_label": label}

    def _empty(self) -> dict[str, Any]:
        may = self.work.may(f"{self.kind}.create")
        return {
            "icon": self.cls.icon,
            "title": str(_("Nothing here yet: {types}", types=self.cls.label_plural)),
            "text": str(
                _("Make the first one; it appears here and in every search.")
                if may
                else _("As soon as somebody makes one, it appears here.")
            ),
            "url": url_for(f"{self.endpoint}.create_view") if may else "",
            "label": str(_("New: {type}", type=self.cls.label)),
        }
