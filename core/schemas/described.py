"""What a field accepts as JSON, for the published description of the interface for programs."""

from __future__ import annotations

from typing import Any

from core.documents.faces import Face

LARGEST = 2**63 - 1


def described(face: Face) -> dict[str, Any]:
    """What the face accepts as JSON, for the published description."""
    about: dict[str, Any] = {"description": face.label.message}
    match face.kind:
        case "decimal":
            about |= {"type": ["string", "number"], "format": "decimal", "pattern": _pattern(face)}
            about |= _bounds(face)
        case "date":
            about |= {"type": "string", "format": "date", "pattern": r"^(19|2\d)\d\d-\d\d-\d\d$"}
        case "bool":
            about |= {"type": "boolean"}
        case "int":
            about |= {"type": "integer", "format": "int64", "maximum": LARGEST, "minimum": -LARGEST} | _bounds(face)
        case "ref":
            about |= {"type": "integer", "format": "int64", "maximum": LARGEST, "minimum": 1}
        case "choice":
            keys: list[str | None] = [key for key, _label in face.field.choices]
            about |= {"type": "string", "enum": keys if face.field.required else [*keys, None]}
        case _:
            about |= {"type": "string", "maxLength": face.length} | ({"minLength": 1} if face.field.required else {})
    return about


def _pattern(face: Face) -> str:
    sign = "" if face.field.least is not None and face.field.least >= 0 else "-?"
    return rf"^{sign}\d{{1,{18 - (face.places or 0)}}}(\.\d{{1,{face.places or 1}}})?$"


def _bounds(face: Face) -> dict[str, float]:
    least, most = face.field.least, face.field.most
    bounds = {"minimum": least, "maximum": most}
    return {
        name: int(bound) if bound == int(bound) else float(bound) for name, bound in bounds.items() if bound is not None
    }
