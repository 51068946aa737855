"""Why may this person see or do this? A page for administrators, for any person, right and record."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask_admin import expose
from sqlalchemy import select

from core.documents.models import Document
from core.errors import Unauthenticated, Unknown
from core.extension.registry import Permission, in_chain
from core.operations.explaining import Explanation, explain
from core.text import Text, _
from core.web import addresses
from core.web.administration.forms import Administered, field
from core.web.administration.staff import people_choices
from core.web.current import company_id, work
from core.web.screens import Page
from core.web.serving import program
from core.work import Ask, Work


class Why(Administered):
    """One question and its answer; nothing is changed."""

    label = _("Why may somebody do this?")
    icon = "help"

    @expose("/")
    def index(self) -> Page:
        """The question, and the answer once it is asked."""
        return self.page("why.html", **_page(work()))


def asked_of(work: Work, account_id: int, permission: str, key: int | None) -> Explanation | Text:
    """The explanation from a unit of work of the person; a sentence where there can be none, for who is not here."""
    try:
        with program().works.read(Ask(company_id(), account_id, today=work.today)) as opened:
            return explain(opened, permission, key)
    except Unauthenticated:
        return _("The account is disabled: nothing is open to it.")
    except Unknown:
        if account_id in work.company.people and work.company.people[account_id].works(work.today):
            return _("There is no such record here.")
        return _("The person does not work for the company today: nothing is open.")


def _page(work: Work) -> dict[str, Any]:
    asked = {name: request.args.get(name, "").strip()[:100] for name in ("person", "thing", "verb", "record")}
    rights = _rights(work)
    verbs = rights.get(asked["thing"], {})
    verb = asked["verb"] if asked["verb"] in verbs else next(iter(verbs), "")
    fields = [
        field("person", _("Person"), asked["person"], "choice", choices=people_choices(work), required=True),
        field("thing", _("What"), asked["thing"], "choice", choices=_things(work, rights), required=True),
    ]
    if verbs:
        named = [(key, str(right.label)) for key, right in verbs.items()]
        fields.append(field("verb", _("What with it"), verb, "choice", choices=named, required=True))
        if _type(work, asked["thing"]) is not None:
            said = str(_("Empty for all records of this kind."))
            fields.append(field("record", _("Number or id"), asked["record"], help=said))
    answer = _answer(work, asked, f"{asked['thing']}.{verb}", fields) if verbs else None
    return {
        "page": {
            "title": str(_("Why may somebody do this?")),
            "crumbs": [{"label": str(_("Roles and rights")), "url": url_for("administration_roles.index")}],
            "fields": fields,
            "action": url_for(".index"),
            "answer": answer,
        }
    }


def _rights(work: Work) -> dict[str, dict[str, Permission]]:
    """The rights of everything that is installed, by the thing they are about, in the order of the areas."""
    order = {name: place for place, name in enumerate(("core", *in_chain(work.types.plugins)))}
    found: dict[str, dict[str, Permission]] = {}
    for right in sorted(work.types.permissions.values(), key=lambda one: order[one.area]):
        thing, _dot, verb = right.key.rpartition(".")
        found.setdefault(thing, {})[verb] = right
    return found


def _things(work: Work, rights: dict[str, dict[str, Permission]]) -> list[tuple[str, str]]:
    labels = {thing: str(next(iter(verbs.values())).subject) for thing, verbs in rights.items()}
    twice = {label for label in labels.values() if list(labels.values()).count(label) > 1}
    return [
        (thing, f"{label} – {next(iter(rights[thing].values())).label}" if label in twice else label)
        for thing, label in labels.items()
    ]


def _type(work: Work, thing: str) -> Any:
    return work.types.documents.get(thing) or work.types.masters.get(thing)


def _answer(work: Work, asked: dict[str, str], permission: str, fields: list[dict[str, Any]]) -> dict[str, Any] | None:
    if not asked["person"].isdecimal() or int(asked["person"]) not in work.company.people:
        return None
    key = None
    if asked["record"] and (cls := _type(work, asked["thing"])) is not None:
        key = _key(work, cls, asked["record"])
        if key is None:
            fields[-1]["error"] = str(_("There is no such record here."))
            return None
    found = asked_of(work, int(asked["person"]), permission, key)
    if isinstance(found, Text):
        return {"allowed": False, "grounds": [{"allows": False, "text": str(found)}], "record": None}
    return {
        "allowed": found.allowed,
        "grounds": [{"allows": one.allows, "text": str(one.text)} for one in found.grounds],
        "record": _record(work, asked["thing"], key),
    }


def _key(work: Work, cls: Any, text: str) -> int | None:
    """The id that was typed, or that of the document with the number."""
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text)
    if not issubclass(cls, Document):
        return None
    found: int | None = work.session.scalars(select(cls.id).where(cls.number == text)).first()
    return found


def _record(work: Work, thing: str, key: int | None) -> dict[str, str] | None:
    """The record by name where the administrator may open it himself; administering is no right to read."""
    if key is None:
        return None
    known = addresses.names_in_reach(work, thing, [key]) if work.may(f"{thing}.read") else {}
    return {"label": known.get(key, f"#{key}"), "url": addresses.record(thing, key) if key in known else ""}
