"""The shapes of answers as JSON Schema: the words for them, and those that are the same for all types."""

from __future__ import annotations

from typing import Any

from core.approvals.models import LATE

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
    if isinstance(shape["type"], list):
        return shape
    more = {"enum": [*shape["enum"], None]} if "enum" in shape else {}
    return shape | {"type": [shape["type"], "null"]} | more


def items(shape: Shape, **more: Shape) -> Shape:
    """A list that comes whole, or with what leads on."""
    return thing({"items": many(shape), **more})


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
_CONSENT = thing(
    {
        "name": TEXT,
        "role": TEXT,
        "position": WHOLE,
        "mode": {"type": "string", "enum": ["one", "all", "some"]},
        "needed": WHOLE,
        "why": TEXT,
        "people": many(TEXT),
        "choose": maybe(ID),
        "purpose": TEXT,
    }
)
_MOVE = thing(
    {
        "name": TEXT,
        "label": TEXT,
        "target": TEXT,
        "open": TRUTH,
        "needs_reason": TRUTH,
        "asks": many(TEXT),
        "musts": many(TEXT),
        "confirm": maybe(TEXT),
        "closed": {"anyOf": [thing({"code": TEXT, "message": TEXT, "objections": many(_OBJECTION)}), {"type": "null"}]},
        "warnings": many(_OBJECTION),
        "consents": many(_CONSENT),
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
_DUTY = thing(
    {
        "kind": TEXT,
        "title": TEXT,
        "due": maybe(DAY),
        "late": TRUTH,
        "alarm": TRUTH | {"description": "Late, and of somebody whom the caller leads"},
        "owed": TRUTH | {"description": "Done late; its reason is still to be said"},
        "reason": TEXT,
        "account_id": maybe(ID),
        "reminded_at": maybe(MOMENT),
        "task_id": maybe(ID),
        "part_id": WHOLE,
        "record": thing({"kind": TEXT, "id": WHOLE, "label": TEXT, "url": maybe(TEXT)}),
    }
)
_DUTY_COUNT = thing(
    {
        "kind": TEXT,
        "account_id": maybe(ID) | {"description": "Null: whoever may"},
        "account": maybe(TEXT),
        "late": WHOLE,
        "today": WHOLE,
        "coming": WHOLE,
    }
)
_MESSAGE = thing(
    {
        "id": ID,
        "topic": TEXT,
        "text": TEXT,
        "record_kind": TEXT,
        "record_id": maybe(ID),
        "created_at": MOMENT,
        "read_at": maybe(MOMENT),
    }
)
_CHANNEL = thing(
    {
        "id": ID,
        "version": WHOLE,
        "kind": {"type": "string", "enum": ["mail", "wecom", "dingtalk", "feishu"]},
        "name": TEXT,
        "active": TRUTH,
        "options": {"type": "object", "additionalProperties": TEXT},
        "secrets": many(TEXT),
        "topics": many(TEXT),
    }
)
_SENDING = thing(
    {
        "id": ID,
        "channel": TEXT,
        "account_id": ID,
        "person": TEXT,
        "topic": TEXT,
        "state": {"type": "string", "enum": ["waiting", "sent", "given_up"]},
        "at": MOMENT,
        "attempts": WHOLE,
        "said": TEXT,
        "job_id": maybe(ID),
    }
)
_OF_RECORD = thing({"kind": TEXT, "id": maybe(ID)})
_WHO = {"id": ID, "at": MOMENT, "actor_id": maybe(ID), "actor": TEXT, "what": TEXT, "reason": TEXT, "request_id": TEXT}
_LOGGED = thing({**_WHO, "record": _OF_RECORD, "source": TEXT, "target": TEXT, "changes": {"type": "object"}})
_ACCESS = thing(
    {
        **_WHO,
        "record": {"anyOf": [_OF_RECORD, {"type": "null"}]},
        "address": TEXT | {"description": "The network address it came from"},
        "agent": TEXT | {"description": "The program there, as it calls itself"},
        "face": {"type": "string", "enum": ["page", "api", ""]},
        "about": {"type": "object", "description": "What was taken out, by which way somebody came, or why not"},
    }
)
_COMMENT = thing(
    {
        "id": ID,
        "text": TEXT | {"description": "As it says now; nothing once it was taken back"},
        "by_id": maybe(ID),
        "by": TEXT,
        "at": MOMENT,
        "edited_at": maybe(MOMENT),
        "removed_at": maybe(MOMENT),
    }
)
_FILE = thing(
    {"id": ID, "name": TEXT, "size": WHOLE, "sha256": TEXT, "by_id": maybe(ID), "by": TEXT, "at": MOMENT},
    about="A file that hangs on a record",
)
_MENTION = thing(
    {"id": ID, "record": _OF_RECORD, "url": TEXT, "by": TEXT, "at": MOMENT, "read_at": maybe(MOMENT)},
    about="A comment that calls the caller, and the record it is on",
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
_ABOUT = thing(
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
)
_TASK = thing(
    {
        "id": ID,
        "name": TEXT,
        "role": TEXT,
        "called": TEXT,
        "purpose": TEXT,
        "opened_at": maybe(MOMENT),
        "due_at": maybe(MOMENT),
        "late": {"type": "string", "enum": [key for key, _label in LATE]},
        "requested_by": maybe(TEXT),
        "document": _ABOUT,
    }
)
_DECISION = thing({"id": ID, "state": TEXT, "opinion": TEXT, "acted_at": MOMENT, "document": _ABOUT})
_REQUEST = thing({"id": ID, "state": TEXT, "requested_at": MOMENT, "document": _ABOUT})
_COPY = thing({"id": ID, "opened_at": MOMENT, "read_at": maybe(MOMENT), "document": _ABOUT})
_STAND_IN = thing(
    {
        "id": ID,
        "instead_of_id": ID,
        "instead_of": TEXT,
        "to_id": ID,
        "to": TEXT,
        "first": DAY,
        "last": DAY,
        "kinds": many(TEXT),
        "reason": TEXT,
    }
)
_GUIDANCE = thing(
    {
        "id": ID,
        "text": TEXT,
        "given_by_id": ID,
        "given_by": TEXT,
        "given_at": MOMENT,
        "to_id": ID,
        "to": TEXT,
        "answer": TEXT,
        "answered_at": maybe(MOMENT),
        "record": thing({"kind": TEXT, "id": ID, "url": TEXT}),
    },
    about="What a superior said on a record, to whom, and the answer",
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
_WAITING = thing(
    {
        "line_id": ID,
        "document_id": ID,
        "kind": TEXT,
        "number": maybe(TEXT),
        "party_id": maybe(ID),
        "party_name": TEXT,
        "item_id": maybe(ID),
        "code": TEXT,
        "name": TEXT,
        "specification": TEXT,
        "unit": TEXT,
        "quantity": DECIMAL,
        "deadline": maybe(DAY),
    },
    about="A line that waits; the quantity is in its own unit",
)
_STILL_OPEN = thing(
    {
        "closure": TEXT,
        "open": many(thing({"line_id": ID, "target": TEXT, "quantity": DECIMAL, "taken": DECIMAL, "closure": TEXT})),
        "lines": many(
            thing(
                {"line_id": ID, "closure": TEXT}
                | dict.fromkeys(("supplied", "delivered", "returned", "invoiced", "credited", "dropped"), DECIMAL)
            )
        ),
        "claims": many(
            thing(
                {"id": ID, "claim_kind": TEXT, "name": TEXT, "due": maybe(DAY), "amount": DECIMAL, "settled": DECIMAL}
            )
        ),
    },
    about="What was released and taken, and how far each line is, in its own unit",
)
_PAIR: Shape = thing(
    {
        "left": {"type": ["object", "null"]},
        "right": {"type": ["object", "null"]},
        "status": {"type": "string", "enum": ["same", "changed", "added", "removed"]},
        "changed": many(TEXT) | {"description": "The names of the values that differ"},
    }
)
_CLAIMS = thing(
    {
        "free": DECIMAL,
        "claims": many(
            thing(
                {"id": ID, "claim_kind": TEXT, "name": TEXT, "due": maybe(DAY), "amount": DECIMAL, "settled": DECIMAL}
                | {"document_id": ID, "proposed": DECIMAL}
            )
        ),
        "settlements": many(thing({"id": ID, "claim_kind": TEXT, "name": TEXT, "amount": DECIMAL, "document_id": ID})),
    },
    about="What a payment may meet, and meets",
)
_GIVEN = thing({"scope": TEXT, "valid_from": maybe(DAY), "valid_until": maybe(DAY)})
_ROLE = thing(
    {
        "key": TEXT,
        "name": TEXT,
        "name_en": TEXT,
        "rights": {"type": "object", "additionalProperties": many(_GIVEN), "description": "By the key of the right"},
    }
)
_HELD = thing(
    {
        "person_id": ID,
        "roles": many(thing({"role": TEXT, "name": TEXT, "valid_from": maybe(DAY), "valid_until": maybe(DAY)})),
    }
)
_EXPLANATION = thing(
    {
        "person_id": ID,
        "permission": TEXT,
        "id": maybe(ID),
        "allowed": TRUTH,
        "grounds": many(thing({"code": TEXT, "allows": {"type": ["boolean", "null"]}, "text": TEXT})),
    },
    about="Whether it is allowed now, and every grant, scope and rule that decides",
)
_COLLISION = thing(
    {"person_id": ID, "person": TEXT, "duties": TEXT, "strictness": TEXT, "first": many(TEXT), "second": many(TEXT)}
)
_IMPORT = thing(
    {
        "id": ID,
        "kind": TEXT,
        "file": TEXT,
        "state": {
            "type": "string",
            "enum": ["new", "reading", "checking", "checked", "writing", "done", "undoing", "undone", "failed"],
        },
        "way": {"type": "string", "enum": ["new", "change", "both"]},
        "found_by": TEXT,
        "columns": many(thing({"header": TEXT, "field": TEXT})),
        **dict.fromkeys(("rows", "records", "made", "changed", "same", "bad", "seen", "last"), WHOLE),
        "problems": many(TEXT),
        "kept_back": many(thing({"row": WHOLE, "message": TEXT})),
        "created_at": MOMENT,
        "created_by": TEXT,
        "ended_at": maybe(MOMENT),
        "list_url": TEXT,
    },
    about="A file that is brought in, and how far it is",
)
_IMPORT_ROW = thing(
    {
        "row": WHOLE,
        "state": {"type": "string", "enum": ["read", "bad", "good", "made", "changed", "same"]},
        "record_id": maybe(ID),
        "faults": many(thing({"column": TEXT, "value": TEXT, "code": TEXT, "message": TEXT})),
    }
)
COMMON: dict[str, Shape] = {
    "Problem": _PROBLEM,
    "Moves": thing({"version": WHOLE, "moves": many(_MOVE)}),
    "HistoryList": thing({"items": many(_ENTRY), "next": maybe(TEXT)}),
    "Log": items(_LOGGED, next=maybe(TEXT) | {"description": "Give it back as after"}),
    "AuditLog": items(_ACCESS, next=maybe(TEXT) | {"description": "Give it back as after"}),
    "File": _FILE,
    "Files": items(_FILE),
    "Comment": _COMMENT,
    "CommentList": items(_COMMENT, next=maybe(ID)),
    "MentionList": items(_MENTION, next=maybe(ID)),
    "Count": thing({"count": WHOLE}),
    "Editions": items(thing({"revision": WHOLE})),
    "Edition": thing({"revision": WHOLE, "content": {"type": "object"}}),
    "Comparison": thing(
        {
            "left": WHOLE,
            "right": WHOLE,
            "fields": many(thing({"name": TEXT, "left": ANY, "right": ANY})),
            "lines": many(_PAIR),
            "parts": {"type": "object", "additionalProperties": many(_PAIR), "description": "By the key of the part"},
        }
    ),
    "Waiting": items(_WAITING),
    "StillOpen": _STILL_OPEN,
    "Claims": _CLAIMS,
    "Me": _ME,
    "Tasks": items(_TASK),
    "Decided": _DECIDED,
    "Decisions": items(_DECISION, next=maybe(ID)),
    "Requests": items(_REQUEST, next=maybe(ID)),
    "Copy": _COPY,
    "Copies": items(_COPY, next=maybe(ID)),
    "Guidance": _GUIDANCE,
    "GuidanceList": items(_GUIDANCE),
    "GuidanceBox": items(_GUIDANCE, next=maybe(ID)),
    "Duties": items(_DUTY),
    "TeamDuties": items(_DUTY, counts=many(_DUTY_COUNT)),
    "Done": thing({"done": TRUTH}),
    "Made": thing({"id": ID}),
    "Channel": _CHANNEL,
    "Channels": items(_CHANNEL),
    "Sendings": items(_SENDING, next=maybe(ID)),
    "Messages": items(_MESSAGE, next=maybe(ID)),
    "StandIn": _STAND_IN,
    "Import": _IMPORT,
    "Imports": items(_IMPORT, next=maybe(ID)),
    "ImportRows": items(_IMPORT_ROW, next=maybe(TEXT)),
    "StandIns": items(_STAND_IN),
    "Hits": items(thing({"kind": TEXT, "id": ID, "title": TEXT, "about": TEXT, "url": TEXT})),
    "Area": _AREA,
    "Areas": items(_AREA),
    "Settings": items(_SETTING),
    "Role": _ROLE,
    "Roles": items(_ROLE),
    "HeldRoles": _HELD,
    "Explanation": _EXPLANATION,
    "Collisions": items(_COLLISION),
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
