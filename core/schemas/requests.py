"""What a program says beside the content of records: a move, a decision, a switch, chosen settings."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields

from core.documents.models import Document
from core.errors import Fault, Invalid
from core.money import half_up
from core.schemas import inputs
from core.schemas.inputs import MESSAGES, MOST_LINES, faults, readable
from core.text import Text, _

LONGEST_REASON, LONGEST_COMMENT = 400, 2000
MOST_CODES = 50
LARGEST_ID = 2**63 - 1
LARGEST_QUANTITY = Decimal(10) ** 12
LARGEST_AMOUNT = Decimal(10) ** 13


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


class _Move(_Request):
    reason = _Words(LONGEST_REASON, load_default="")
    confirmed = fields.List(_Words(100), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    values = fields.Dict(
        keys=fields.String(),
        load_default=dict,
        metadata={"type": "object", "description": "What the move asks for, by field."},
    )
    approvers = fields.Dict(
        keys=fields.Integer(),
        values=fields.List(fields.Integer(strict=True, metadata={"minimum": 1}), validate=_few),
        load_default=dict,
        metadata={"description": "Whom one names where a policy leaves it to the asker, by its step."},
    )


class NextMove(_Move):
    """A move to make next in the same call: its name, why, which warnings were read, and what it asks for."""

    name = _Words(100, required=True)


def _then() -> fields.Field[Any]:
    about = "Moves to make next, in turn, all or none; those behind one that waits for consent are left."
    return fields.List(
        fields.Nested(NextMove),
        validate=_few,
        load_default=list,
        metadata={"maxItems": MOST_CODES, "description": about},
    )


class _Then(_Request):
    then = _then()


@cache
def new_schema(cls: type[Document]) -> type[Schema]:
    """The input of a new document, and the moves that it is to make at once."""
    return inputs.schema(cls, False).from_dict({"then": _then()}, name=f"{cls.__name__}New")


def moves_of_new(given: Any) -> tuple[Any, list[dict[str, Any]]]:
    """What is said of a new document, and the moves that it is to make at once."""
    if not isinstance(given, dict) or "then" not in given:
        return given, []
    content = dict(given)
    return content, read(_Then, {"then": content.pop("then")})["then"]


class MoveInput(_Move):
    """A move: why, which warnings were read, which version was seen, what the move asks for, and what comes next."""

    version = fields.Integer(strict=True, metadata={"minimum": 1})
    then = _then()


class WithdrawInput(_Request):
    """Taking one's own request back, and why."""

    reason = _Words(LONGEST_REASON, load_default="")


class CommentInput(_Request):
    """What somebody says about a record; ``@`` and a name calls that person."""

    text = _Words(LONGEST_COMMENT, required=True)


class TakeOffInput(_Request):
    """Why something is taken off or taken back."""

    reason = _Words(LONGEST_REASON, load_default="")


class DecisionInput(_Request):
    """An opinion that goes with a consent or a refusal."""

    opinion = _Words(LONGEST_REASON, load_default="")


class NothingInput(_Request):
    """Nothing has to be said."""


class PromiseInput(_Request):
    """Whether who has read it will follow it."""

    promise = _Truth(load_default=False)


class CallInInput(_Request):
    """Whom one asks as well: before or after oneself, or for advice; and what one says to it."""

    account_ids = fields.List(fields.Integer(strict=True, metadata={"minimum": 1}), required=True, validate=_few)
    way = _Words(10, required=True)
    opinion = _Words(LONGEST_REASON, load_default="")


class HandOverInput(_Request):
    """Who decides instead, and why."""

    account_id = fields.Integer(strict=True, required=True, metadata={"minimum": 1})
    reason = _Words(LONGEST_REASON, load_default="")


class SendBackInput(_Request):
    """Why it is sent back, to which position (0: its maker), and how it goes on: ``over`` or ``straight``."""

    opinion = _Words(LONGEST_REASON, required=True)
    to = fields.Integer(strict=True, load_default=0, metadata={"minimum": 0})
    resume = _Words(10, load_default="over")


class GuidanceInput(_Request):
    """What shall be done, and by whom; without a person by whoever is responsible for the record."""

    text = _Words(LONGEST_REASON, required=True)
    to_id = fields.Integer(strict=True, allow_none=True, load_default=None, metadata={"minimum": 1})


class AnswerInput(_Request):
    """The answer to guidance."""

    answer = _Words(LONGEST_REASON, required=True)


class StandInInput(_Request):
    """Who decides instead of whom, from which day to which, and on which types of documents."""

    to_id = fields.Integer(strict=True, required=True, metadata={"minimum": 1})
    instead_of_id = fields.Integer(strict=True, allow_none=True, load_default=None, metadata={"minimum": 1})
    first = fields.Date(required=True)
    last = fields.Date(required=True)
    kinds = fields.List(_Words(100), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    reason = _Words(LONGEST_REASON, load_default="")


class GivenRight(_Request):
    """How far a right is given (own, team, territory, company), and between which days, both included."""

    scope = _Words(20, required=True)
    valid_from = fields.Date(allow_none=True, load_default=None)
    valid_until = fields.Date(allow_none=True, load_default=None)


class RoleInput(_Request):
    """What a role is called, and exactly what it may do; without ``rights`` these stay."""

    name = _Words(200, required=True)
    name_en = _Words(200, load_default="")
    rights = fields.Dict(
        keys=_Words(100),
        values=fields.List(fields.Nested(GivenRight), validate=_few),
        load_default=None,
        allow_none=True,
    )


class HeldRole(_Request):
    """A role by its key, and between which days it is held, both included."""

    role = _Words(60, required=True)
    valid_from = fields.Date(allow_none=True, load_default=None)
    valid_until = fields.Date(allow_none=True, load_default=None)


class HeldRolesInput(_Request):
    """All roles that a person holds; one left out is taken away."""

    roles = fields.List(fields.Nested(HeldRole), required=True, validate=_few, metadata={"maxItems": MOST_CODES})


class UrgeInput(_Request):
    """Which duty: its kind, its record, and which part of that (0: the whole)."""

    kind = _Words(60, required=True)
    record_id = fields.Integer(strict=True, required=True, metadata={"minimum": 1, "maximum": LARGEST_ID})
    part_id = fields.Integer(strict=True, load_default=0, metadata={"minimum": 0, "maximum": LARGEST_ID})


class LateInput(UrgeInput):
    """Which duty is late, and why."""

    reason = _Words(LONGEST_REASON, required=True)


class TaskInput(_Request):
    """What is to be done, by whom (empty: by oneself) and by which day."""

    title = _Words(LONGEST_REASON, required=True)
    account_id = fields.Integer(strict=True, allow_none=True, load_default=None, metadata={"minimum": 1})
    due = fields.Date(allow_none=True, load_default=None)


def _options(**more: Any) -> fields.Dict:
    about = {"description": "By option. One that is secret and left out stays as it is.", "maxProperties": 20}
    return fields.Dict(keys=_Words(40), values=_Words(1000), metadata=about, **more)


class ChannelInput(_Request):
    """A new channel: its kind, what it is told, and which messages it carries."""

    kind = _Words(12, required=True)
    name = _Words(200, required=True)
    options = _options(required=True)
    topics = fields.List(_Words(20), validate=_few, required=True, metadata={"maxItems": MOST_CODES})
    active = _Truth(load_default=True)


class ChannelPatch(_Request):
    """What changes of a channel."""

    name = _Words(200, load_default=None)
    options = _options(load_default=None)
    topics = fields.List(_Words(20), validate=_few, load_default=None, metadata={"maxItems": MOST_CODES})
    active = _Truth(load_default=None)


class ImportInput(_Request):
    """How the columns of a file are read, by their place (from 0) or heading, and what becomes of records there are."""

    mapping = fields.Dict(
        keys=_Words(200),
        values=_Words(100),
        allow_none=True,
        load_default=None,
        metadata={"description": "The field of each column; as it was read when left out."},
    )
    way = _Words(6, load_default="")
    found_by = _Words(60, load_default="")


class _Quantity(fields.Field[Decimal]):
    """A quantity above zero, six places at most; a text or a number."""

    def __init__(self, **options: Any) -> None:
        about = {"type": ["string", "number", "null"], "pattern": r"^\d{1,12}(\.\d{1,6})?$", "exclusiveMinimum": 0}
        super().__init__(metadata=about, allow_none=True, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        return _decimal(value, LARGEST_QUANTITY, 6)


def _decimal(value: Any, largest: Decimal, places: int) -> Decimal:
    """A number above zero and below ``largest``."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _no("invalid_number")
    try:
        found = Decimal(str(value))
    except InvalidOperation as error:
        raise _no("invalid_number") from error
    if not found.is_finite() or found <= 0 or found >= largest:
        raise _no("invalid_number")
    if found != half_up(found, places):
        raise _no("places", places=places)
    return found


def _id(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=_key, metadata={"minimum": 1, "maximum": LARGEST_ID}, **options)


def _key(value: int) -> None:
    if not 0 < value <= LARGEST_ID:
        raise _no("invalid")


class ShareInput(_Request):
    """What one successor gets: which sorts of records, of which customers; everything that is not named is all."""

    to_id = _id(required=True)
    what = fields.List(_Words(100), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    party_ids = fields.List(_id(), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    regions = fields.List(_Words(100), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})
    department_ids = fields.List(_id(), validate=_few, load_default=list, metadata={"maxItems": MOST_CODES})


class HandingOverInput(_Request):
    """Who hands over what he answers for, to whom, and why."""

    from_id = _id(required=True)
    shares = fields.List(
        fields.Nested(ShareInput), required=True, validate=_few, metadata={"minItems": 1, "maxItems": 20}
    )
    reason = _Words(LONGEST_REASON, load_default="")


def _lines(rows: list[Any]) -> None:
    if len(rows) > MOST_LINES:
        raise _no("too_many", count=MOST_LINES)
    if not rows:
        raise _no("required")


class WantedLine(_Request):
    """A line that waits, and how much of it in its own unit; no quantity takes what is left."""

    line_id = _id(required=True)
    quantity = _Quantity()


class TakeInput(_Request):
    """A new document from lines that wait; ``values`` are fields of its header."""

    lines = fields.List(
        fields.Nested(WantedLine), required=True, validate=_lines, metadata={"minItems": 1, "maxItems": MOST_LINES}
    )
    exchanged = _Truth(load_default=False)
    values = fields.Dict(keys=fields.String(), load_default=dict, metadata={"type": "object"})
    then = _then()


class CloseInput(_Request):
    """Why, and which lines; without them the whole document is meant."""

    reason = _Words(LONGEST_REASON, required=True)
    lines = fields.List(_id(), validate=_lines, metadata={"minItems": 1, "maxItems": MOST_LINES})


class _Amount(fields.Field[Decimal]):
    """An amount above zero, two places at most; a text or a number."""

    def __init__(self, **options: Any) -> None:
        about = {"type": ["string", "number"], "pattern": r"^\d{1,13}(\.\d{1,2})?$", "exclusiveMinimum": 0}
        super().__init__(metadata=about, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Decimal:
        return _decimal(value, LARGEST_AMOUNT, 2)


class UsedPart(_Request):
    """How much of a payment meets a claim on an invoice, a milestone, or both; or the claims of a document in turn."""

    amount = _Amount(required=True)
    claim_id = _id()
    milestone_id = _id()
    document_id = _id()


class AllocateInput(_Request):
    """Which claims a payment meets."""

    uses = fields.List(
        fields.Nested(UsedPart), required=True, validate=_lines, metadata={"minItems": 1, "maxItems": MOST_LINES}
    )


class TakeBackInput(_Request):
    """What a payment shall not meet any more, and why."""

    settlements = fields.List(_id(), required=True, validate=_lines, metadata={"minItems": 1, "maxItems": MOST_LINES})
    reason = _Words(LONGEST_REASON, required=True)


def not_here(path: str) -> Fault:
    """A field that has no place in this request."""
    return Fault(path, MESSAGES["unknown"], "unknown")


class AreaInput(_Request):
    """Whether the company uses an area."""

    on = _Truth(required=True)


def read(schema: type[Schema], given: Any) -> dict[str, Any]:
    """The typed values of a request; raises ``Invalid`` naming every fault."""
    if not isinstance(given, dict):
        raise Invalid([Fault("", _("An object is expected."), "type")])
    try:
        return _reader(schema).load(given)  # type: ignore[no-any-return]
    except ValidationError as error:
        raise Invalid(faults(error.messages)) from error


@cache
def _reader(schema: type[Schema]) -> Schema:
    """One for all calls, as for content: making one copies every field."""
    return schema()


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
