"""Reading what a person or a program gives: a dictionary of plain values becomes a dictionary of typed ones.

Everything that is wrong is reported at once, each place with a sentence; nothing unknown or server-owned is accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from core.calendar import YEARS
from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type
from core.documents.models import Document, DocumentLine
from core.documents.workflow import Transition
from core.entities.master import Part
from core.errors import Fault, Invalid
from core.money import exact
from core.pasted import compact
from core.schemas import plainly
from core.schemas.described import LARGEST, described
from core.text import Text, _

MOST_LINES = 2000
# Marshmallow's own words, by the message ids of our catalogue.
MESSAGES = {
    "required": _("This is needed."),
    "null": _("This is needed."),
    "validator_failed": _("This is not valid."),
    "type": _("This is not of the right kind."),
    "unknown": _("There is no such field, or it cannot be written."),
    "invalid": _("This is not valid."),
    "invalid_string": _("This is not a text."),
    "too_long": _("At most {length} characters."),
    "invalid_date": _("This is not a day (write 2026-11-25)."),
    "invalid_number": _("This is not a number."),
    "places": _("At most {places} decimal places."),
    "least": _("The least value is {least}."),
    "most": _("The greatest value is {most}."),
    "choice": _("“{value}” is not one of the choices."),
    "too_many": _("At most {count} lines."),
    "control": _("It holds characters that cannot be kept."),
}
# The code of each of them for programs; some share a sentence, and then a code.
CODES = {text.message: key for key, text in MESSAGES.items() if key not in {"null", "validator_failed"}}
LINE_INPUT = (
    "line_kind",
    "item_id",
    "name",
    "name_en",
    "specification",
    "unit",
    "quantity",
    "price",
    "gross_price",
    "discount_rate",
    "tax_rate_id",
    "net",
    "tax",
    "gross",
    "lead_time",
    "deadline",
    "remark",
)
_UNKEPT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
FIXED = ("price", "gross_price", "net", "tax", "gross")
_MANY = {"maxItems": MOST_LINES}


class _FaceField(fields.Field[Any]):
    """A marshmallow field that reads one face; errors are texts of ours."""

    def __init__(self, face: Face, **options: Any) -> None:
        super().__init__(allow_none=not face.field.required, metadata=described(face), **options)
        self.face = face
        self.error_messages = {key: [text] for key, text in MESSAGES.items()}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return _typed(self.face, value)


def _no(key: str, **values: Any) -> ValidationError:
    text = MESSAGES[key]
    return ValidationError([Text(text.message, tuple(values.items()))])


def _typed(face: Face, value: Any) -> Any:
    match face.kind:
        case "decimal":
            return _decimal(face, value)
        case "int" | "ref":
            return _whole(face, value)
        case "bool":
            if value in (True, "true", "1", "on"):
                return True
            if value in (False, "false", "0", "", "off"):
                return False
            raise _no("invalid")
        case "date":
            return _day(value)
        case "choice":
            return _chosen(face, value)
        case _:
            return _text(face, value)


def _chosen(face: Face, value: Any) -> str:
    if not isinstance(value, str) or value not in {key for key, _label in face.field.choices}:
        raise _no("choice", value=str(value)[:40])
    return value


def _text(face: Face, value: Any) -> str:
    if not isinstance(value, str):
        raise _no("invalid_string")
    value = value.strip() if face.kind == "text" else value.strip("\n")
    if not readable(value):
        raise _no("control")
    if face.field.compact:
        value = compact(value)
    if face.length and len(value) > face.length:
        raise _no("too_long", length=face.length)
    if face.field.required and not value:
        raise _no("required")
    return str(value)


def sentence(text: str, path: str, *, length: int = 400, needed: bool = False) -> str:
    """A reason or an opinion as it is kept; raises ``Invalid`` at ``path`` when it cannot be."""
    if not isinstance(text, str):
        raise Invalid([Fault(path, MESSAGES["invalid_string"])])
    text = text.strip()
    if needed and not text:
        raise Invalid([Fault(path, _("Please say why."), "required")])
    if len(text) > length:
        raise Invalid([Fault(path, Text(MESSAGES["too_long"].message, (("length", length),)), "too_long")])
    if not readable(text):
        raise Invalid([Fault(path, MESSAGES["control"])])
    return text


def readable(text: str) -> bool:
    """Whether every character can be kept: no control characters but line breaks and tabs, no half characters."""
    return text.isprintable() or _UNKEPT.search(text) is None


def _day(value: Any) -> date | None:
    if value == "":
        return None
    if isinstance(value, date):
        return value
    try:
        day = date.fromisoformat(str(value))
    except ValueError:
        raise _no("invalid_date") from None
    if day.year not in YEARS:
        raise _no("invalid_date")
    return day


def _whole(face: Face, value: Any) -> int | None:
    if value == "" and not face.field.required:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise _no("invalid_number")
    try:
        number = int(value)
    except ValueError:
        raise _no("invalid_number") from None
    if abs(number) > LARGEST:
        raise _no("invalid_number")
    _within(face, Decimal(number))
    return number


def _decimal(face: Face, value: Any) -> Decimal | None:
    if value == "" and not face.field.required:
        return None
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise _no("invalid_number")
    try:
        number = exact(value)
    except ValueError:
        raise _no("invalid_number") from None
    places = face.places or 0
    if number != number.quantize(Decimal(1).scaleb(-places)) if abs(number) < Decimal(10) ** (18 - places) else True:
        raise (_no("places", places=places) if abs(number) < Decimal(10) ** (18 - places) else _no("invalid_number"))
    _within(face, number)
    return number


def _within(face: Face, number: Decimal) -> None:
    if face.field.least is not None and number < face.field.least:
        raise _no("least", least=face.field.least)
    if face.field.most is not None and number > face.field.most:
        raise _no("most", most=face.field.most)


class Input(Schema):
    """Base of all inputs: what is not declared is refused."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "type"}


class _Version(fields.Integer):
    def __init__(self) -> None:
        super().__init__(strict=True, load_default=None, allow_none=True)


def writable(cls: type[Base], *, owner: str | None = None) -> dict[str, Face]:
    """The faces that people may write."""
    return {name: face for name, face in faces(cls).items() if face.field.writable and name != owner}


def _schema(name: str, parts: Mapping[str, fields.Field[Any]]) -> type[Schema]:
    return Input.from_dict(dict(parts), name=name)


@cache
def line_schema() -> type[Schema]:
    """The input of one document line; ``fixed`` says which figure the person fixed."""
    known = faces(DocumentLine)
    parts: dict[str, fields.Field[Any]] = {name: _FaceField(known[name]) for name in LINE_INPUT}
    parts["id"] = fields.Integer(strict=True, allow_none=True)
    parts["fixed"] = fields.String(validate=_one_of(FIXED), metadata={"enum": list(FIXED)})
    return _schema("DocumentLineInput", parts)


@cache
def part_schema(part: type[Part]) -> type[Schema]:
    """The input of one part of a master or a document."""
    inner: dict[str, fields.Field[Any]] = {
        name: _FaceField(face, required=face.field.required) for name, face in writable(part, owner=part.owner).items()
    }
    inner["id"] = fields.Integer(strict=True, allow_none=True)
    return _schema(f"{part.__name__}Input", inner)


def _one_of(choices: Iterable[str]) -> Any:
    allowed = tuple(choices)

    def check(value: str) -> None:
        if value not in allowed:
            raise _no("choice", value=value[:40])

    return check


@cache
def schema(cls: Type, partial: bool) -> type[Schema]:
    """The input of a whole document or master: its writable fields, its lines and parts.

    ``partial``: of an existing record; what is left out stays as it is.
    """
    parts: dict[str, fields.Field[Any]] = {
        name: _FaceField(face, required=_needed(cls, face) and not partial) for name, face in writable(cls).items()
    }
    if issubclass(cls, Document) and cls.has_lines:
        parts["lines"] = fields.List(fields.Nested(line_schema()), validate=_few, metadata=_MANY)
    for part in cls.parts:
        parts[part.key] = fields.List(fields.Nested(part_schema(part)), validate=_few, metadata=_MANY)
    return _schema(f"{cls.__name__}{'Patch' if partial else 'Input'}", parts)


@cache
def look_schema(cls: Type) -> type[Schema]:
    """The input of a preview: as of a change, with the id of the document that is being changed."""
    base = schema(cls, True)
    return base.from_dict({"id": fields.Integer(strict=True, allow_none=True)}, name=f"{cls.__name__}Look")


def _needed(cls: Type, face: Face) -> bool:
    if face.name == "party_id" and issubclass(cls, Document):
        return cls.needs_party
    # A document's day is today unless one is given.
    return face.field.required and face.name != "date"


def _few(rows: list[Any]) -> None:
    if len(rows) > MOST_LINES:
        raise _no("too_many", count=MOST_LINES)


def read(cls: Type, given: Any, *, partial: bool = False) -> dict[str, Any]:
    """The typed values of what was given; raises ``Invalid`` naming every fault."""
    if not isinstance(given, Mapping):
        raise Invalid([Fault("", _("An object is expected."), "type")])
    try:
        return plainly.read(_plan(cls, partial), given, _typed)
    except (ValidationError, plainly.Otherwise):
        # Something is not as it usually is: the schema looks at the whole, and says what is wrong if anything is.
        pass
    try:
        return _reader(cls, partial).load(given)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise Invalid(faults(error.messages)) from error


@cache
def _plan(cls: Type, partial: bool) -> plainly.Plan:
    """What ``schema`` reads, for what is right throughout."""
    lists = {part.key: _part_plan(part, partial) for part in cls.parts}
    if issubclass(cls, Document) and cls.has_lines:
        known = faces(DocumentLine)
        beside = {"id": _is_key, "fixed": FIXED.__contains__}
        lists["lines"] = plainly.Plan({name: known[name] for name in LINE_INPUT}, beside=beside)
    mine = writable(cls)
    needed = frozenset(name for name, face in mine.items() if _needed(cls, face) and not partial)
    return plainly.Plan(mine, needed, lists)


def _part_plan(part: type[Part], partial: bool) -> plainly.Plan:
    mine = writable(part, owner=part.owner)
    needed = frozenset(name for name, face in mine.items() if face.field.required and not partial)
    return plainly.Plan(mine, needed, beside={"id": _is_key})


def _is_key(value: Any) -> bool:
    return value is None or type(value) is int


def answers(cls: type[Document], move: Transition, given: Any) -> dict[str, Any]:
    """The typed values of what a move asks for; what is left empty is as if it were not given.

    Raises ``Invalid`` naming every fault; nothing that the move does not ask for is accepted.
    """
    if not isinstance(given, Mapping):
        raise Invalid([Fault("", _("An object is expected."), "type")])
    try:
        typed: dict[str, Any] = _answer_reader(cls, move.asks).load(given)
    except ValidationError as error:
        raise Invalid(faults(error.messages)) from error
    return {name: value for name, value in typed.items() if value not in (None, "")}


@cache
def _answer_reader(cls: type[Document], names: tuple[str, ...]) -> Schema:
    known = faces(cls)
    return _schema(f"{cls.__name__}Answers", {name: _FaceField(known[name]) for name in names})()


@cache
def _reader(cls: Type, partial: bool) -> Schema:
    """One schema for all calls: it keeps nothing between them, and making one copies every field."""
    return schema(cls, partial)(partial=partial)


def faults(messages: Any, path: str = "") -> list[Fault]:
    """Marshmallow's nested messages as a flat list of places."""
    found: list[Fault] = []
    if isinstance(messages, dict):
        for key, inner in messages.items():
            place = str(key) if not path else f"{path}/{key}"
            found += faults(inner, path if key == "_schema" else place)
        return found
    for message in messages if isinstance(messages, list) else [messages]:
        if isinstance(message, dict):
            found += faults(message, path)
        else:
            text = (
                message if isinstance(message, Text) else MESSAGES.get(str(message)) or MESSAGES[_key_of(str(message))]
            )
            found.append(Fault(path, text, CODES.get(text.message, "invalid")))
    return found


def _key_of(message: str) -> str:
    """Which of our messages stands for one of marshmallow's."""
    words = {
        "Missing": "required",
        "null": "null",
        "Unknown": "unknown",
        "integer": "invalid_number",
        "string": "invalid_string",
    }
    return next((key for word, key in words.items() if word in message), "invalid")
