"""The shapes of second persons: papers side by side, hand-overs, announcements and who has read them."""

from __future__ import annotations

from core.web.api.shapes import ANY, DAY, ID, MOMENT, TEXT, TRUTH, WHOLE, Shape, items, many, maybe, thing

_HAND_OVER = thing(
    {
        "id": ID,
        "from_id": ID,
        "from": TEXT,
        "at": MOMENT,
        "by": maybe(TEXT),
        "reason": TEXT,
        "plan": {"type": "object"},
        "counts": {"type": "object", "description": "By what was handed over, then by the id of the successor"},
        "undone_at": maybe(MOMENT),
        "undone_by": maybe(TEXT),
    }
)
_COUNT = thing(
    {"what": TEXT, "label": TEXT, "to_id": maybe(ID), "to": maybe(TEXT), "unfit": TRUTH, "count": WHOLE},
    about="Without a person they stay; unfit: who would get them may not take them",
)
_NOTICE_ROW = thing(
    {
        "id": ID,
        "name": TEXT,
        "name_en": TEXT,
        "subject": TEXT,
        "state": TEXT,
        "promised": TRUTH,
        "announced_at": maybe(MOMENT),
        "valid_until": maybe(DAY),
        "read_at": maybe(MOMENT),
        "promised_at": maybe(MOMENT),
        "reminded_at": maybe(MOMENT),
    }
)
_NOTICE = thing(
    {
        "id": ID,
        "name": TEXT,
        "name_en": TEXT,
        "subject": TEXT,
        "body": TEXT,
        "body_en": TEXT,
        "state": TEXT,
        "promised": TRUTH,
        "valid_from": maybe(DAY),
        "valid_until": maybe(DAY),
        "announced_at": maybe(MOMENT),
        "replaces_id": maybe(ID),
        "replaced_by": maybe(ID),
        "ended_reason": TEXT,
    }
)
_READER = thing(
    {
        "account_id": ID,
        "name": TEXT,
        "done": TRUTH,
        "read_at": maybe(MOMENT),
        "promised_at": maybe(MOMENT),
        "reminded_at": maybe(MOMENT),
    }
)
PERSONS: dict[str, Shape] = {
    "Beside": items(
        thing(
            {
                "id": ID,
                "kind": TEXT,
                "number": maybe(TEXT),
                "readable": TRUTH,
                "differences": WHOLE,
                "fields": many(thing({"name": TEXT, "this": ANY, "other": ANY, "differs": TRUTH})),
                "lines": many(
                    thing(
                        {
                            "this": {"type": ["object", "null"]},
                            "other": {"type": ["object", "null"]},
                            "differs": many(TEXT),
                        }
                    )
                ),
            },
            about="Of a document that the caller may not read only goods and quantities are told",
        )
    ),
    "HandOver": _HAND_OVER,
    "HandOvers": items(_HAND_OVER, next=maybe(ID)),
    "HandOverPreview": items(_COUNT),
    "HandOverItems": items(
        thing({"what": TEXT, "id": ID, "title": TEXT, "to_id": ID, "undone": TRUTH}), next=maybe(ID)
    ),
    "HandOverUndone": thing({"back": WHOLE, "stayed": WHOLE}),
    "Notices": items(_NOTICE_ROW),
    "OldNotices": items(_NOTICE_ROW, next=maybe(ID)),
    "Notice": _NOTICE,
    "Readers": items(_READER),
    "Reminded": thing({"reminded": WHOLE}),
}
