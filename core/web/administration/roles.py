"""Roles: what the company calls them, who holds them, and what each may do, how far."""

from __future__ import annotations

import re
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import Conflict, DomainError, Fault, Unknown
from core.extension.registry import Permission, in_chain
from core.facts import RoleFacts
from core.operations.roles import Given, name_role, set_grants
from core.roles import BY_KEY, REACHES, Scope, usual
from core.text import _
from core.web.administration.deeds import reach_told
from core.web.administration.forms import (
    SEAL,
    Administered,
    day,
    field,
    fresh,
    marked,
    refuse_faults,
    sealed,
    typed,
)
from core.web.administration.staff import roles_by_name
from core.web.current import work
from core.web.screens import Page
from core.web.showing import Tag
from core.work import Work

PREFIX, FIRST, LAST = "may:", "from:", "until:"
# From the narrowest to the widest.
TONES = {"own": "blue", "team": "teal", "territory": "purple", "company": "green"}
WIDTH = {scope: place for place, scope in enumerate(("", *REACHES))}


class Roles(Administered):
    """The roles, the rights of one, and an overview of all."""

    label = _("Roles and rights")
    icon = "key"

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """All roles."""
        return self.page("roles.html", **_list(work(), None))

    @expose("/", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """A role of the company's own."""

        def command(opened: Work) -> None:
            name, name_en = _names()
            if any(role.name == name for role in opened.company.roles.values()):
                raise Conflict(_("There is a role of this name already."))
            name_role(opened, free_key(opened, name_en), name, name_en)

        return self.write(
            command,
            done=_("The role is there; now say what it may do."),
            to=url_for(".index"),
            template="roles.html",
            build=_list,
        )

    @expose("/<key>", methods=("GET",))
    def role(self, key: str) -> Page:
        """What one role may do."""
        return self.page("grants.html", **_role(work(), None, key))

    @expose("/<key>", methods=("POST",))
    def grant(self, key: str) -> ResponseReturnValue:
        """Let the role do exactly what is marked."""

        def command(opened: Work) -> None:
            kept = given(opened, find(opened, key))
            wanted = _wanted(opened, kept)
            if fresh(_plain(kept), _plain(wanted)):
                set_grants(opened, key, wanted)

        return self.write(
            command,
            done=_("The rights are saved; they hold from the next request on."),
            to=url_for(".role", key=key),
            template="grants.html",
            build=lambda opened, error: _role(opened, error, key),
        )

    @expose("/<key>/name", methods=("POST",))
    def rename(self, key: str) -> ResponseReturnValue:
        """Name the role as the company does."""

        def command(opened: Work) -> None:
            role = find(opened, key)
            if (role.name, role.name_en) != _names():
                name_role(opened, key, *_names())

        return self.write(
            command,
            done=_("The role is renamed."),
            to=url_for(".role", key=key),
            template="grants.html",
            build=lambda opened, error: _role(opened, error, key),
        )

    @expose("/overview/")
    def overview(self) -> Page:
        """Role × right × reach, one area at a time."""
        opened = work()
        area = request.args.get("area", "core")
        opened.require(area)
        return self.page("matrix.html", **_matrix(opened, area))


def _names() -> tuple[str, str]:
    return request.form.get("name", "").strip(), request.form.get("name_en", "").strip()


def free_key(work: Work, name_en: str) -> str:
    """A lasting key for a new role: after its English name where there is one."""
    taken = {role.key for role in work.company.roles.values()} | BY_KEY.keys()
    base = re.sub(r"[^a-z0-9]+", "_", name_en.lower()).strip("_")[:50]
    base = base if re.match(r"[a-z][a-z0-9_]", base) else "role"
    return next(key for key in (base, *(f"{base}_{n}" for n in range(2, 1000))) if key not in taken and key != "role")


def find(work: Work, key: str) -> RoleFacts:
    """The role under ``key``; raises ``Unknown``."""
    found = next((role for role in work.company.roles.values() if role.key == key), None)
    if found is None:
        raise Unknown()
    return found


def _permissions(work: Work) -> dict[str, Permission]:
    """The rights of the areas in use, in the order of the areas."""
    order = {name: place for place, name in enumerate(("core", *in_chain(work.types.plugins)))}
    in_use = [p for p in work.types.permissions.values() if p.area == "core" or p.area in work.areas]
    return {p.key: p for p in sorted(in_use, key=lambda p: order[p.area])}


Rights = dict[str, tuple[Given, ...]]


def given(work: Work, role: RoleFacts) -> Rights:
    """The rights of the role in the areas in use, each as often as it is given, the widest first."""
    known = _permissions(work)
    found: dict[str, list[Given]] = {}
    for one in role.grants:
        if one.permission in known:
            found.setdefault(one.permission, []).append(Given(one.scope, one.valid_from, one.valid_until))
    return {key: tuple(sorted(all_of, key=lambda one: -WIDTH[one.scope])) for key, all_of in found.items()}


def granted(work: Work, role: RoleFacts) -> dict[str, str]:
    """The rights of the role in the areas in use, each with its widest reach."""
    return {key: all_of[0].scope for key, all_of in given(work, role).items()}


def _wanted(work: Work, kept: Rights) -> Rights:
    """The rights as the form says; one that is given several times, and not touched, stays as it is."""
    faults: list[Fault] = []
    found: Rights = {}
    for key in _permissions(work):
        now = kept.get(key, ())
        scope = request.form.get(PREFIX + key, now[0].scope if now else "")
        first, last = (
            day(name + key, faults) if name + key in request.form else was
            for name, was in ((FIRST, now[0].valid_from if now else None), (LAST, now[0].valid_until if now else None))
        )
        one = Given(scope, first, last)
        if scope:
            found[key] = now if now and one == now[0] else (one,)
    refuse_faults(faults)
    return found


def _plain(rights: Rights) -> dict[str, list[str]]:
    return {key: [str(one) for one in all_of] for key, all_of in rights.items()}


def by_default(role: RoleFacts, permission: Permission) -> str:
    """The reach that the role has unless the company says otherwise; empty for none."""
    if not any(one.key == role.key for one in permission.roles):
        return ""
    return usual(role.key, scoped=permission.scoped).value


def _list(work: Work, error: DomainError | None) -> dict[str, Any]:
    new = [
        field("name", _("Name"), typed("name"), required=True),
        field("name_en", _("English name"), typed("name_en")),
    ]
    rows = [
        {
            "name": role.title,
            "own": role.key not in BY_KEY,
            "people": len(_holders(work, role)),
            "rights": len(granted(work, role)),
            "changed": role.key in BY_KEY and _changes(work, role) > 0,
            "url": url_for(".role", key=role.key),
        }
        for role in roles_by_name(work).values()
    ]
    return {
        "page": {
            "title": str(_("Roles and rights")),
            "rows": rows,
            "overview_url": url_for(".overview"),
            "new": new,
            "new_action": url_for(".create"),
            "errors": marked(new, error),
        }
    }


def _holders(work: Work, role: RoleFacts) -> list[str]:
    held = work.company.holders.get(role.id, ())
    return sorted({work.person(account) for account, grant in held if grant.valid(work.today)})


def _changes(work: Work, role: RoleFacts) -> int:
    now = granted(work, role)
    return sum(by_default(role, p) != now.get(p.key, "") for p in _permissions(work).values())


def _role(work: Work, error: DomainError | None, key: str) -> dict[str, Any]:
    role, renaming = find(work, key), request.path.endswith("/name")
    names = [
        field("name", _("Name"), typed("name", role.name), required=True),
        field("name_en", _("English name"), typed("name_en", role.name_en)),
    ]
    return {
        "page": {
            "title": role.title,
            "crumbs": [{"label": str(_("Roles and rights")), "url": url_for(".index")}],
            "own": role.key not in BY_KEY,
            "names": names,
            "names_action": url_for(".rename", key=key),
            "errors": marked(names if renaming else (), error),
            "people": _holders(work, role),
            "action": url_for(".grant", key=key),
            SEAL: sealed(_plain(given(work, role))),
            "reaches": [(key, str(label)) for key, label in REACHES.items()],
            "areas": _areas(work, role),
        }
    }


def _areas(work: Work, role: RoleFacts) -> list[dict[str, Any]]:
    """Area → subject → right, with what is granted, what was typed and what holds by default."""
    kept = given(work, role)
    found: dict[str, dict[str, Any]] = {}
    for permission in _permissions(work).values():
        label = _("General") if permission.area == "core" else work.types.plugins[permission.area].label
        area = found.setdefault(
            permission.area, {"label": str(label), "subjects": {}, "count": 0, "all": 0, "open": False}
        )
        now = kept.get(permission.key, ())
        value = typed(PREFIX + permission.key, now[0].scope if now else "")
        area["all"] += 1
        area["count"] += bool(value)
        right = _right(role, permission, value, now)
        area["open"] |= right["changed"]
        area["subjects"].setdefault(str(permission.subject), []).append(right)
    return list(found.values())


def _right(role: RoleFacts, permission: Permission, value: str, now: tuple[Given, ...]) -> dict[str, Any]:
    default = by_default(role, permission)
    one = now[0] if now else Given("")
    first = typed(FIRST + permission.key, one.valid_from.isoformat() if one.valid_from else "")
    last = typed(LAST + permission.key, one.valid_until.isoformat() if one.valid_until else "")
    return {
        "name": PREFIX + permission.key,
        "label": str(permission.label),
        "value": value,
        "scopes": list(REACHES) if permission.scoped else [Scope.COMPANY.value],
        "usual": str(REACHES[default]) if default else str(_("No")),
        "changed": role.key in BY_KEY and value != default,
        "first_name": FIRST + permission.key,
        "first": first,
        "last_name": LAST + permission.key,
        "last": last,
        "also": [reach_told(str(more)) for more in now[1:]],
    }


def _reach_tag(scope: str) -> Tag | None:
    return Tag(str(REACHES[scope]), TONES[scope]) if scope else None


def _matrix(work: Work, area: str) -> dict[str, Any]:
    """Who may do what in one area; roles without any right there are left out."""
    rights = [p for p in _permissions(work).values() if p.area == area]
    roles = [(role, granted(work, role)) for role in roles_by_name(work).values()]
    shown = [(role, now) for role, now in roles if any(p.key in now for p in rights)]
    subjects: dict[str, list[dict[str, Any]]] = {}
    for right in rights:
        row = {"label": str(right.label), "cells": [_reach_tag(now.get(right.key, "")) for _role, now in shown]}
        subjects.setdefault(str(right.subject), []).append(row)
    areas = [("core", _("General"))] + [
        (name, work.types.plugins[name].label) for name in in_chain(work.types.plugins, work.areas)
    ]
    return {
        "page": {
            "title": str(_("Who may do what")),
            "crumbs": [{"label": str(_("Roles and rights")), "url": url_for(".index")}],
            "areas": [
                {"label": str(label), "url": url_for(".overview", area=name), "active": name == area}
                for name, label in areas
            ],
            "roles": [{"name": r.title, "url": url_for(".role", key=r.key)} for r, _now in shown],
            "subjects": subjects,
        }
    }
