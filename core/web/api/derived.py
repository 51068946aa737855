"""The shapes of one type: its answers from its faces, and what its addresses may ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.truths import Approval, Closure
from core.schemas.outputs import LINE_OUTPUT
from core.search.listing import LARGEST, SIZE, list_names
from core.web.api import reports
from core.web.api.shapes import DAY, DECIMAL, ID, MOMENT, TEXT, TRUTH, WHOLE, Shape, many, maybe, ref, thing

if TYPE_CHECKING:
    from core.web.api.routes import Route


def of_type(cls: Type) -> dict[str, Shape]:
    """The answers of one type: whole, as a row of a list, and for documents as a header and a preview."""
    whole, shapes = _head(cls), dict(_rows(cls))
    for key, shape in _lists(cls).items():
        whole[key] = many(shape)
    shapes[cls.__name__] = thing(whole, optional=_hidden(cls))
    shapes[f"{cls.__name__}List"] = _list(cls)
    if issubclass(cls, Document):
        shapes[f"{cls.__name__}Header"] = thing(_head(cls), optional=_hidden(cls))
        shapes[f"{cls.__name__}Preview"] = _preview(cls)
    return shapes


def _head(cls: Type) -> Shape:
    return {"id": ID, "kind": {"const": kind_of(cls)}, "version": WHOLE} | _fields(cls)


def _rows(cls: Type) -> dict[str, Shape]:
    """The shapes of lines and parts."""
    shapes = {
        part.__name__: thing(
            {"id": ID} | {n: s for n, s in _fields(part).items() if n != part.owner}, optional=_hidden(part)
        )
        for part in cls.parts
    }
    if issubclass(cls, Document):
        line = _fields(DocumentLine, LINE_OUTPUT) | {"id": maybe(ID), "position": WHOLE, "fixed": TEXT}
        shapes["DocumentLine"] = thing(line, optional=_hidden(DocumentLine))
    return shapes


def _lists(cls: Type) -> dict[str, Shape]:
    lines = {"lines": ref("DocumentLine")} if issubclass(cls, Document) and cls.has_lines else {}
    return lines | {part.key: ref(part.__name__) for part in cls.parts}


def _list(cls: Type) -> Shape:
    names = [name for name in list_names(cls) if name not in {"id", "kind"}]
    row = {"id": ID, "kind": {"const": kind_of(cls)}} | {name: _column(cls, name) for name in names}
    return thing(
        {
            "items": many(thing(row, optional=_hidden(cls)), maxItems=LARGEST),
            "next": maybe(TEXT) | {"description": "Give it back as after"},
            "previous": maybe(TEXT),
        }
    )


def _preview(cls: type[Document]) -> Shape:
    head = {name: shape for name, shape in _fields(cls).items() if name != "version"}
    return thing(
        {
            "header": thing({n: maybe(s) for n, s in head.items()}, optional=_hidden(cls)),
            "lines": many(ref("DocumentLine")),
            **{part.key: many(maybe(ref(part.__name__))) for part in cls.parts},
            "net": DECIMAL,
            "tax": DECIMAL,
            "gross": DECIMAL,
            "currency": TEXT,
            "words": thing({"zh": TEXT, "en": TEXT}),
        }
    )


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
    if face.kind == "choice":
        return about | {"type": "string", "enum": [key for key, _label in face.field.choices]}
    return about | PLAIN.get(face.kind, {"type": "string", "maxLength": face.length})


PLAIN: dict[str, Shape] = {
    "decimal": DECIMAL,
    "date": DAY,
    "instant": MOMENT,
    "bool": TRUTH,
    "int": {"type": "integer", "format": "int64"},
    "ref": ID,
    "json": {"type": "object"},
}


def _states(cls: type[Document], name: str) -> list[str]:
    if name == "state":
        return [state.key for state in cls.workflow.states]
    return [one.value for one in (Approval if name == "approval" else Closure)]


LOGGED: dict[str, Shape] = {
    "size": {"type": "integer", "minimum": 1, "maximum": 200, "default": 50},
    "person": ID,
    "record_id": ID,
    "since": DAY,
    "until": DAY,
    "after": TEXT,
}


def path_value(route: Route, name: str, whole: bool) -> Shape:
    """What stands in an address."""
    if whole:
        return WHOLE | {"minimum": 1, "maximum": 10**6} if name == "revision" else ID
    if name == "kind":
        return {"type": "string", "pattern": r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$", "description": "The kind of record"}
    if name == "transition" and route.cls is not None and issubclass(route.cls, Document):
        return {"type": "string", "enum": [move.name for move in route.cls.workflow.transitions]}
    return {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"}


IMPORTS = "/api/v1/core/imports"
OF_IMPORTS: Shape = {
    "form": {"type": "string", "enum": ["xlsx", "csv"]},
    "after": {"type": "integer", "minimum": 0, "maximum": 10**7},
    "size": {"type": "integer", "minimum": 1, "maximum": 200},
}


# Ids in addresses of no type, and the least of each.
ANY_ID = {"person_id": 1, "id": 1, "after": 0}


def query_value(route: Route, name: str) -> Shape:
    """What may follow the question mark."""
    if route.report is not None:
        return reports.query_value(route, name)
    if route.path.startswith(IMPORTS) and name in OF_IMPORTS:
        return dict(OF_IMPORTS[name])
    logged = LOGGED.get(name) if route.answers in {"Log", "AuditLog"} else None
    return logged or _query_value(route, name)


def _query_value(route: Route, name: str) -> Shape:
    if name == "size":
        largest, usual = (LARGEST, SIZE) if route.answers.endswith("List") else (50, 10)
        return {"type": "integer", "minimum": 1, "maximum": largest, "default": usual}
    if name in {"before", "left", "right"}:
        return {"type": "integer", "minimum": 1, "maximum": 10**18 if name == "before" else 10**6}
    if name in ANY_ID and route.cls is None:
        return {"type": "integer", "minimum": ANY_ID[name], "maximum": 10**18}
    if name == "language":
        return {"type": "string", "enum": ["zh", "en", "both"]}
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
    return {"type": "string", "maxLength": 200 if name in {"q", "search"} else 2000}


def example(route: Route) -> Any:
    """A body that one would send, where words alone are not enough."""
    if route.takes == "MoveInput":
        return {"reason": "", "confirmed": []}
    if route.cls is None or not issubclass(route.cls, Document) or not route.cls.has_lines or route.method != "POST":
        return None
    return {"party_id": 12, "lines": [{"item_id": 7, "quantity": "2", "gross_price": "113.00"}]}
