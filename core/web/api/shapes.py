"""The shapes of answers as JSON Schema: of every type from its faces, and of what is the same for all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.truths import Approval, Closure
from core.schemas.outputs import LINE_OUTPUT
from core.search.listing import ALWAYS, LARGEST, SIZE, list_names

if TYPE_CHECKING:
    from core.web.api.routes import Route

Shape = dict[str, Any]
TEXT: Shape = {"type": "string"}
WHOLE: Shape = {"type": "integer"}
TRUTH: Shape = {"type": "boolean"}
ID: Shape = {"type": "integer", "format": "int64", "minimum": 1, "maximum": 2**63 - 1}
DECIMAL: Shape = {"type": "string", "format": "decimal", "pattern": r"^-?\d+(\.\d+)?$"}
DAY: Shape = {"type": "string", "format": "date"}
MOMENT: Shape = {"type": "string", "format": "date-time"}
ANY: Shape = {}


def ref(name: str) -> Shape:
    """A reference to a named shape."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(properties: Shape, *, optional: tuple[str, ...] = (), about: str = "") -> Shape:
    """An object of exactly these properties, all there but for the ``optional`` ones."""
    shape: Shape = {"type": "object", "properties": properties, "additionalProperties": False}
    needed = [name for name in properties if name not in optional]
    return shape | ({"required": needed} if needed else {}) | ({"description": about} if about else {})


def many(shape: Shape, **more: Any) -> Shape:
    """A list of ``shape``."""
    return {"type": "array", "items": shape, **more}


def maybe(shape: Shape) -> Shape:
    """``shape`` or null."""
    if "$ref" in shape:
        return {"anyOf": [shape, {"type": "null"}]}
    more = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [shape["type"], "null"]} | more


def items(shape: Shape) -> Shape:
    """A list that comes whole."""
    return thing({"items": many(shape)})


_OBJECTION = thing({"code": TEXT, "message": TEXT})
_NAMED_OBJECTION = thing(
    {
        "code": TEXT,
        "message": TEXT,
        "strength": {"type": "string", "enum": ["warn", "approve", "block"]},
        "excess": maybe(DECIMAL),
    }
)
_PROBLEM = thing(
    {
        "type": TEXT,
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": TEXT | {"description": "For programs; never changes"},
        "detail": TEXT | {"description": "For people, in their language"},
        "request_id": TEXT,
        "errors": many(thing({"path": TEXT, "code": TEXT, "message": TEXT})),
        "objections": many(_NAMED_OBJECTION),
        "seen": WHOLE,
        "current": WHOLE,
    },
    optional=("errors", "objections", "seen", "current"),
    about="A refusal (RFC 9457)",
) | {
    "example": {
        "type": "about:blank",
        "title": "Please correct what is marked.",
        "status": 422,
        "code": "invalid",
        "detail": "Please correct what is marked.",
        "request_id": "5d1c0a7be2f94c36",
        "errors": [{"path": "lines/0/quantity", "code": "invalid_number", "message": "This is not a number."}],
    }
}
_MOVE = thing(
    {
        "name": TEXT,
        "label": TEXT,
        "target": TEXT,
        "open": TRUTH,
        "needs_reason": TRUTH,
        "confirm": maybe(TEXT),
        "closed": {"anyOf": [thing({"code": TEXT, "message": TEXT, "objections": many(_OBJECTION)}), {"type": "null"}]},
        "warnings": many(_OBJECTION),
        "consents": many(thing({"name": TEXT, "role": TEXT, "why": TEXT, "people": many(TEXT)})),
    }
)
_ENTRY = thing(
    {
        "id": ID,
        "at": MOMENT,
        "actor_id": maybe(ID),
        "actor": TEXT,
        "what": TEXT,
        "source": TEXT,
        "target": TEXT,
        "reason": TEXT,
        "changes": {"type": "object"},
    }
)
_COMPANY = thing({"id": ID, "code": TEXT, "name": TEXT, "name_en": TEXT, "currency": TEXT, "zone": TEXT})
_ME = thing(
    {
        "id": ID,
        "login": TEXT,
        "name": TEXT,
        "name_en": TEXT,
        "language": TEXT,
        "company": _COMPANY,
        "today": DAY,
        "areas": many(TEXT),
        "roles": many(thing({"key": TEXT, "name": TEXT})),
        "rights": {"type": "object", "additionalProperties": many(TEXT)},
    }
)
_TASK = thing(
    {
        "id": ID,
        "name": TEXT,
        "role": TEXT,
        "opened_at": maybe(MOMENT),
        "requested_by": maybe(TEXT),
        "document": thing(
            {
                "id": ID,
                "kind": TEXT,
                "number": maybe(TEXT),
                "revision": WHOLE,
                "party_name": TEXT,
                "gross": DECIMAL,
                "currency": TEXT,
                "url": TEXT,
            }
        ),
    }
)
_DECIDED = thing(
    {
        "id": ID,
        "kind": TEXT,
        "version": WHOLE,
        "number": maybe(TEXT),
        "state": TEXT,
        "approval": TEXT,
        "revision": WHOLE,
    }
)
_AREA = thing(
    {
        "name": TEXT,
        "label": TEXT,
        "about": TEXT,
        "requires": many(TEXT),
        "on": TRUTH,
        "along": many(TEXT),
        "hidden": many(thing({"label": TEXT, "count": WHOLE})),
        "reasons": many(TEXT),
    }
)
_SETTING = thing(
    {
        "key": TEXT,
        "label": TEXT,
        "help": maybe(TEXT),
        "value": TEXT,
        "default": TEXT,
        "chosen": TRUTH,
        "choices": many(thing({"value": TEXT, "label": TEXT})),
    }
)
COMMON: dict[str, Shape] = {
    "Problem": _PROBLEM,
    "Moves": thing({"version": WHOLE, "moves": many(_MOVE)}),
    "HistoryList": thing({"items": many(_ENTRY), "next": maybe(TEXT)}),
    "Editions": items(thing({"revision": WHOLE})),
    "Edition": thing({"revision": WHOLE, "content": {"type": "object"}}),
    "Comparison": thing(
        {
            "left": WHOLE,
            "right": WHOLE,
            "fields": many(thing({"name": TEXT, "left": ANY, "right": ANY})),
            "lines": many(thing({"left": {"type": ["object", "null"]}, "right": {"type": ["object", "null"]}})),
        }
    ),
    "Me": _ME,
    "Tasks": items(_TASK),
    "Decided": _DECIDED,
    "Hits": items(thing({"kind": TEXT, "id": ID, "title": TEXT, "about": TEXT, "url": TEXT})),
    "Area": _AREA,
    "Areas": items(_AREA),
    "Settings": items(_SETTING),
    "SettingsInput": {
        "type": "object",
        "maxProperties": 200,
        "additionalProperties": {"type": ["string", "boolean", "integer", "null"], "maxLength": 2000},
        "description": "Values by key; null goes back to the default",
        "example": {"core.party_series": "K{n:05}"},
    },
}
HEADERS: dict[str, Shape] = {
    "Accept-Language": {"schema": {"type": "string", "examples": ["zh", "en"]}},
    "Idempotency-Key": {
        "schema": {"type": "string", "pattern": r"^[\x21-\x7e]{1,255}$"},
        "description": "Acts once, however often it is sent",
    },
    "If-None-Match": {"schema": {"type": "string"}},
    "If-Match": {
        "required": True,
        "schema": {"type": "string", "pattern": r'^(\*|"\d{1,18}")$'},
        "description": "The ETag of the version seen",
    },
    "If-Match-Optional": {
        "name": "If-Match",
        "schema": {"type": "string", "pattern": r'^(\*|"\d{1,18}")$'},
        "description": "The ETag of the version seen",
    },
}


def of_type(cls: Type) -> dict[str, Shape]:
    """The answers of one type: whole, as a row of a list, and for documents as a header and a preview."""
    name = cls.__name__
    head = _head(cls)
    whole = dict(head)
    if issubclass(cls, Document):
        line = _fields(DocumentLine, LINE_OUTPUT) | {"id": maybe(ID), "position": WHOLE, "fixed": TEXT}
        shapes = {"DocumentLine": thing(line, optional=_hidden(DocumentLine))}
        if cls.has_lines:
            whole["lines"] = many(ref("DocumentLine"))
    else:
        shapes = {}
        for part in cls.parts:
            shown = {"id": ID} | {n: s for n, s in _fields(part).items() if n != part.owner}
            shapes[part.__name__] = thing(shown, optional=_hidden(part))
            whole[part.key] = many(ref(part.__name__))
    shapes[name] = thing(whole, optional=_hidden(cls))
    row = {"id": ID, "kind": {"const": kind_of(cls)}} | {
        n: _column(cls, n) for n in list_names(cls) if n not in {"id", "kind"}
    }
    shapes[f"{name}List"] = thing(
        {
            "items": many(thing(row, optional=_hidden(cls)), maxItems=LARGEST),
            "next": maybe(TEXT) | {"description": "Give it back as after"},
            "previous": maybe(TEXT),
        }
    )
    if issubclass(cls, Document):
        shapes[f"{name}Header"] = thing(head, optional=_hidden(cls))
        seen = {
            n: maybe(s) if "type" in s and isinstance(s["type"], str) else s
            for n, s in _fields(cls).items()
            if n != "version"
        }
        shapes[f"{name}Preview"] = thing(
            {
                "header": thing(seen, optional=_hidden(cls)),
                "lines": many(maybe(ref("DocumentLine"))),
                "net": DECIMAL,
                "tax": DECIMAL,
                "gross": DECIMAL,
                "currency": TEXT,
                "words": thing({"zh": TEXT, "en": TEXT}),
            }
        )
    return shapes


def _head(cls: Type) -> Shape:
    return {"id": ID, "kind": {"const": kind_of(cls)}, "version": WHOLE} | _fields(cls)


def _fields(cls: type[Base], names: tuple[str, ...] | None = None) -> Shape:
    known = faces(cls)
    return {n: _column(cls, n) for n in (known if names is None else names) if n in known}


def _hidden(cls: type[Base]) -> tuple[str, ...]:
    """Fields that some readers do not see."""
    return tuple(name for name, face in faces(cls).items() if face.needs)


def _column(cls: type[Base], name: str) -> Shape:
    column = cls.__mapper__.columns[name]
    face = faces(cls).get(name)
    shape = _value(cls, face) if face else _bare(column.type.python_type)
    return maybe(shape) if column.nullable and "type" in shape else shape


def _bare(kind: type[Any]) -> Shape:
    return {int: WHOLE, bool: TRUTH}.get(kind, TEXT)


def _value(cls: type[Base], face: Face) -> Shape:
    about = {"description": face.label.message}
    if issubclass(cls, Document) and face.name in {"state", "approval", "closure"}:
        return about | {"type": "string", "enum": _states(cls, face.name)}
    match face.kind:
        case "decimal":
            return about | DECIMAL
        case "date":
            return about | DAY
        case "instant":
            return about | MOMENT
        case "bool":
            return about | TRUTH
        case "int" | "ref":
            return about | {"type": "integer", "format": "int64"}
        case "choice":
            return about | {"type": "string", "enum": [key for key, _label in face.field.choices]}
        case "json":
            return about | {"type": "object"}
    return about | {"type": "string", "maxLength": face.length}


def _states(cls: type[Document], name: str) -> list[str]:
    if name == "state":
        return [state.key for state in cls.workflow.states]
    return [one.value for one in (Approval if name == "approval" else Closure)]


def path_value(route: Route, name: str, whole: bool) -> Shape:
    """What stands in an address."""
    if whole:
        return WHOLE | {"minimum": 1, "maximum": 10**6} if name == "revision" else ID
    if name == "transition" and route.cls is not None and issubclass(route.cls, Document):
        return {"type": "string", "enum": [move.name for move in route.cls.workflow.transitions]}
    return {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


def query_value(route: Route, name: str) -> Shape:
    """What may follow the question mark."""
    if name == "size":
        largest, usual = (LARGEST, SIZE) if route.answers.endswith("List") else (50, 10)
        return {"type": "integer", "minimum": 1, "maximum": largest, "default": usual}
    if name in {"before", "left", "right"}:
        return {"type": "integer", "minimum": 1, "maximum": 10**18 if name == "before" else 10**6}
    if name == "language":
        return {"type": "string", "enum": ["zh", "en"]}
    if name == "sort" and route.cls is not None:
        return {"type": "string", "enum": [way for key in route.cls.sorts for way in (key, f"-{key}")]}
    return _filter(route, name)


def _filter(route: Route, name: str) -> Shape:
    face = faces(route.cls).get(name.removesuffix("_from").removesuffix("_to")) if route.cls else None
    face = faces(route.cls).get(name, face) if route.cls else None
    match face.kind if face else "":
        case "date":
            return DAY
        case "decimal":
            return DECIMAL
        case "bool":
            return TRUTH
        case "ref" | "int":
            return {
                "type": "string",
                "pattern": r"^\d{1,18}(,\d{1,18})*$",
                "description": "One id, or several with commas",
            }
    return {"type": "string", "maxLength": 2000}


def example(route: Route) -> Any:
    """A body that one would send, where words alone are not enough."""
    if route.takes == "MoveInput":
        return {"reason": "", "confirmed": []}
    if route.cls is None or not issubclass(route.cls, Document) or not route.cls.has_lines or route.method != "POST":
        return None
    return {"party_id": 12, "lines": [{"item_id": 7, "quantity": "2", "gross_price": "113.00"}]}


__all__ = ["ALWAYS", "COMMON", "HEADERS", "of_type", "ref"]
