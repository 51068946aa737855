"""Forms scaffolded from faces: one field for each column that people may write, grouped as the form shows them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from flask import url_for
from wtforms import Field
from wtforms.form import BaseForm

from core.canonical import plain
from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type
from core.documents.models import Document
from core.documents.sections import sorted_into
from core.schemas.inputs import writable
from core.text import Text, _
from core.web import addresses
from core.web.showing import KINDS, Names
from core.work import Work

CURRENCIES = ("CNY", "USD", "EUR", "HKD", "JPY", "GBP")
LAST = {"boolean": 1, "longtext": 2}
SHORT = {"core.tax_rate", "core.department", "core.company_role"}


class FaceInput(Field):
    """A field of a form, as its face describes it; reading and checking is the schema's (``core.schemas.inputs``)."""

    def __init__(self, face: Face, **options: Any) -> None:
        super().__init__(label="", **options)
        self.face = face


@cache
def form_fields(cls: type[Base], names: tuple[str, ...]) -> dict[str, Any]:
    """The unbound fields of a type's form."""
    known = faces(cls)
    return {name: FaceInput(known[name]) for name in names if name in known}


def form_of(cls: type[Base], names: tuple[str, ...], record: Any) -> BaseForm:
    """The form of a type, filled from ``record``."""
    form = BaseForm(form_fields(cls, names))
    form.process(obj=record)
    return form


def header_names(cls: Type) -> tuple[str, ...]:
    """The fields of a form's head, in order."""
    if issubclass(cls, Document):
        return tuple(name for name in cls.header if name in writable(cls))
    return tuple(writable(cls))


def shown_fields(work: Work, form: BaseForm, cls: type[Base], *, needed: Iterable[str] = ()) -> list[dict[str, Any]]:
    """The fields of ``form`` that the reader may see, as the templates draw them."""
    must = frozenset(needed)
    fields: dict[str, FaceInput] = form._fields  # type: ignore[assignment]  # every field of ours is one
    return [
        described(work, name, one.face, one.data, required=one.face.field.required or name in must)
        for name, one in fields.items()
        if work.sees(one.face.needs)
    ]


ENTERED = {"choice": "choice", "bool": "boolean", "date": "date", "int": "number", "long": "longtext"}


def described(work: Work, name: str, face: Face, value: Any, *, required: bool = False) -> dict[str, Any]:
    """One field: what it is called, what it holds, how it is entered."""
    about: dict[str, Any] = {
        "name": name,
        "label": str(face.label),
        "kind": ENTERED.get(face.kind, "text"),
        "value": plain(value),
        "required": required,
        "help": str(face.field.help) if face.field.help else "",
        "wide": False,
    }
    if face.kind == "ref":
        about |= _reference(work, face, value)
    if face.kind == "choice":
        about["choices"] = [(key, str(label)) for key, label in face.field.choices if key != ""]
    if face.kind == "decimal":
        about |= _figure(face, value)
    if name == "currency":
        about |= {"kind": "choice", "choices": [(c, c) for c in dict.fromkeys([*CURRENCIES, value or "CNY"])]}
    return about


def _figure(face: Face, value: Any) -> dict[str, Any]:
    kind = {"kind": KINDS.get(face.places or 0, "number")}
    return {**kind, "value": percent(value)} if face.places == 4 and value is not None else kind


def _reference(work: Work, face: Face, value: Any) -> dict[str, Any]:
    kind = face.references or ""
    if kind in SHORT:
        return {"kind": "choice", "choices": short_list(work, kind), "reference": True}
    known = Names(work).learn({face.name: face}, [{face.name: value}])
    return {"kind": "reference", "text": known.text(kind, value), "lookup_url": url_for("lookup.index", kind=kind)}


def short_list(work: Work, kind: str) -> list[tuple[Any, str]]:
    """Every record of a kind that has only a few, for a choice."""
    match kind:
        case "core.tax_rate":
            return [(tax.id, tax.title) for tax in work.company.taxes if tax.active]
        case "core.company_role":
            return [(role.id, role.title) for role in work.company.roles.values()]
    return list(addresses.names(work, kind, work.company.departments).items())


def groups(cls: Type, fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The fields in the sections of the type; within each what is switched and what is written at length come last."""
    known = {one["name"]: one for one in fields}
    found = []
    for section, names in sorted_into(getattr(cls, "sections", ()), list(known)):
        inside = sorted((known[name] for name in names), key=lambda one: LAST.get(one["kind"], 0))
        told = any(one["value"] not in (None, "", False) for one in inside)
        found.append({"label": str(section.label), "fields": inside, "folded": section.folded, "open": told})
    return [{**group, "key": f"section-{place}"} for place, group in enumerate(found, 1)]


def column(work: Work, name: str, face: Face) -> dict[str, Any]:
    """One column of a grid, as ``grid.js`` reads it."""
    about = described(work, name, face, None, required=face.field.required)
    kind = about["kind"]
    found: dict[str, Any] = {"name": name, "label": about["label"], "kind": kind, "required": about["required"]}
    if kind == "choice":
        found["choices"] = [[key, label] for key, label in about["choices"]]
        found["number"] = bool(about.get("reference"))
    if kind == "reference":
        found |= {"kind": "item", "text_of": f"{name}_text", "lookup_url": about["lookup_url"]}
    if kind == "rate":
        found["percent"] = True
    if kind == "number":
        found["kind"] = "quantity"
    return found


def percent(value: Any) -> str:
    """A share as people write it: 0.13 is 13."""
    return str(plain(value * 100))


def heading(label: Text, title: str = "") -> str:
    """What a form is called."""
    return str(_("Edit: {title}", title=title) if title else _("New: {type}", type=label))
