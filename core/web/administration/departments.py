"""Departments: the tree of the company, each part with a head."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.entities.account import Department
from core.errors import Conflict, DomainError, Unknown
from core.operations.people import save_department
from core.text import _, in_language
from core.web.administration.forms import SEAL, Administered, Field, field, fresh, marked, sealed, typed, whole
from core.web.administration.staff import people_choices
from core.web.current import work
from core.web.screens import Page
from core.work import Work


class Departments(Administered):
    """The tree, and one department of it."""

    label = _("Departments")
    icon = "sitemap"

    @expose("/")
    def index(self) -> Page:
        """The tree."""
        return self.page("departments.html", **_tree(work()))

    @expose("/new", methods=("GET",))
    def new(self) -> Page:
        """An empty form."""
        return self.page("department.html", **_form(work(), None, None))

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """A new department."""

        def command(opened: Work) -> None:
            code = request.form.get("code", "").strip()
            if any(row.code == code for row in departments(opened)):
                raise Conflict(_("There is a department with the code {code} already.", code=code))
            _save(opened, code)

        return self.write(
            command,
            done=_("The department is saved."),
            to=url_for(".index"),
            template="department.html",
            build=lambda opened, error: _form(opened, error, None),
        )

    @expose("/<int:key>", methods=("GET",))
    def edit(self, key: int) -> Page:
        """A department."""
        return self.page("department.html", **_form(work(), None, key))

    @expose("/<int:key>", methods=("POST",))
    def save(self, key: int) -> ResponseReturnValue:
        """Change a department."""

        def command(opened: Work) -> None:
            row = find(opened, key)
            kept, codes = _kept(opened, row), {r.id: r.code for r in departments(opened)}
            wanted = {
                "name": request.form.get("name", "").strip(),
                "name_en": request.form.get("name_en", "").strip(),
                "parent": codes.get(whole("parent") or 0, "") if whole("parent") else "",
                "head_id": whole("head_id"),
            }
            if fresh(kept, wanted):
                _save(opened, row.code)

        return self.write(
            command,
            done=_("The department is saved."),
            to=url_for(".index"),
            template="department.html",
            build=lambda opened, error: _form(opened, error, key),
        )


def _save(opened: Work, code: str) -> None:
    parent = whole("parent")
    save_department(
        opened,
        code,
        request.form.get("name", "").strip(),
        request.form.get("name_en", "").strip(),
        parent=find(opened, parent).code if parent else "",
        head_id=whole("head_id"),
    )


def departments(work: Work) -> list[Department]:
    """The departments of the company, by code."""
    return list(work.session.scalars(select(Department).order_by(Department.code)))


def find(work: Work, key: int) -> Department:
    """One department; raises ``Unknown``."""
    found = next((row for row in departments(work) if row.id == key), None)
    if found is None:
        raise Unknown()
    return found


def in_tree(rows: list[Department]) -> Iterator[tuple[int, Department]]:
    """The departments with their depth, each after the one above it."""
    below: dict[int | None, list[Department]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    todo = [(0, row) for row in reversed(below.get(None, []))]
    while todo:
        depth, row = todo.pop()
        yield depth, row
        todo += [(depth + 1, one) for one in reversed(below.get(row.id, []))]


def department_choices(work: Work) -> list[tuple[str, str]]:
    """Departments to choose from, set in by their depth."""
    return [
        (str(row.id), "\u3000" * depth + in_language(row.name, row.name_en))
        for depth, row in in_tree(departments(work))
    ]


def _tree(work: Work) -> dict[str, Any]:
    count = Counter(who.department_id for who in work.company.people.values())
    rows = [
        {
            "depth": min(depth, 6),
            "code": row.code,
            "name": in_language(row.name, row.name_en),
            "head": work.person(row.head_id),
            "people": count[row.id],
            "url": url_for(".edit", key=row.id),
        }
        for depth, row in in_tree(departments(work))
    ]
    return {"page": {"title": str(_("Departments")), "rows": rows, "new_url": url_for(".new")}}


def _kept(work: Work, row: Department) -> dict[str, Any]:
    parent = next((one.code for one in departments(work) if one.id == row.parent_id), "")
    return {"name": row.name, "name_en": row.name_en, "parent": parent, "head_id": row.head_id}


def _form(work: Work, error: DomainError | None, key: int | None) -> dict[str, Any]:
    row = find(work, key) if key else None
    fields = _fields(work, row)
    return {
        "page": {
            "title": in_language(row.name, row.name_en) if row else str(_("New department")),
            "crumbs": [{"label": str(_("Departments")), "url": url_for(".index")}],
            "action": url_for(".save", key=key) if key else url_for(".create"),
            "cancel_url": url_for(".index"),
            "fields": fields,
            "errors": marked(fields, error),
            SEAL: sealed(_kept(work, row)) if row else "",
        }
    }


def _fields(work: Work, row: Department | None) -> list[Field]:
    others = [pair for pair in department_choices(work) if row is None or pair[0] != str(row.id)]
    return [
        field(
            "code",
            _("Code"),
            row.code if row else typed("code"),
            required=True,
            readonly=row is not None,
            help=str(_("Short and lasting; it is used in files.")),
        ),
        field("name", _("Name"), typed("name", row.name if row else ""), required=True),
        field("name_en", _("English name"), typed("name_en", row.name_en if row else "")),
        field("parent", _("Part of"), typed("parent", (row.parent_id or "") if row else ""), "choice", choices=others),
        field(
            "head_id",
            _("Head"),
            typed("head_id", (row.head_id or "") if row else ""),
            "choice",
            choices=people_choices(work),
        ),
    ]
