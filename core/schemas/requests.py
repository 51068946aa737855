"""What a program says beside the content of records: a move, a decision, a switch, chosen settings."""

from __future__ import annotations

from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from core.errors import Fault, Invalid
from core.schemas.inputs import MESSAGES, faults, readable
from core.text import Text, _

LONGEST_REASON = 400
MOST_CODES = 50


class _Words(fields.Field[str]):
    """A text of bounded length, without characters that cannot be kept."""

    def __init__(self, length: int, **options: Any) -> None:
        super().__init__(metadata={"type": "string", "maxLength": length}, **options)
        self.length = length

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            raise _no("invalid_string")
        if not readable(value):
            raise _no("control")
        if len(value) > self.length:
            raise _no("too_long", length=self.length)
        return value


class _Truth(fields.Field[bool]):
    """True or false, and nothing that looks like it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(metadata={"type": "boolean"}, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise _no("type")
        return value


def _no(key: str, **values: Any) -> ValidationError:
    return ValidationError([Text(MESSAGES[key].message, tuple(values.items()))])


def _few(rows: list[Any]) -> None:
    if len(rows) > MOST_CODES:
        raise _no("too_many", count=MOST_CODES)


class _Request(Schema):
    class Meta:
        unknown = RAISE

    error_messages = {"unknown": "unknown", "type": "type"}


class MoveInput(_Request):
    """A move: why, which warnings were read, which version was seen, and what the move asks for."""

    reason = _Words(LONGEST_REASON, load_default="")
    confirmed = fields.List(_Words(100), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    version = fields.Integer(strict=True, metadata={"minimum": 1})
    values = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"type": "object", "description": "What the move asks for, by field."},
    )


class WithdrawInput(_Request):
    """Taking one's own request back, and why."""

    reason = _Words(LONGEST_REASON, load_default="")


class DecisionInput(_Request):
    """An opinion that goes with a consent or a refusal."""

    opinion = _Words(LONGEST_REASON, load_default="")


class AreaInput(_Request):
    """Whether the company uses an area."""

    on = _Truth(required=True)


def read(schema: type[Schema], given: Any) -> dict[str, Any]:
    """The typed values of a request; raises ``Invalid`` naming every fault."""
    if not isinstance(given, dict):
        raise Invalid([Fault("", _("An object is expected."), "type")])
    try:
        return schema().load(given)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise Invalid(faults(error.messages)) from error


def written(given: Any, *, most: int = 200, longest: int = 2000) -> dict[str, str]:
    """Chosen settings as the texts in which they are kept: true and false, numbers, and null for the default."""
    if not isinstance(given, dict) or len(given) > most:
        raise Invalid([Fault("", _("An object is expected."), "type")])
    found, wrong = {}, []
    for key, value in given.items():
        match value:
            case bool():
                found[key] = "true" if value else "false"
            case None:
                found[key] = ""
            case str() if readable(value) and len(value) <= longest:
                found[key] = value
            case int():
                found[key] = str(value)
            case _:
                wrong.append(Fault(key, MESSAGES["type"], "type"))
    if wrong:
        raise Invalid(wrong)
    return found
