"""Two versions of a document side by side, in the reader's words: what differs is marked, down to the word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from core.db.base import Base
from core.documents import sight
from core.documents.faces import Face
from core.documents.models import Document, DocumentLine
from core.operations.editions import Comparison, Pair
from core.text import _
from core.web.showing import Names, Tag
from core.web.timeline import said
from core.work import Work

LINE = ("name", "specification", "quantity", "unit", "gross_price", "discount_rate", "gross", "remark")
# Their change says nothing that another field does not say, or that the line itself says.
QUIET = frozenset({"name_en", "net", "tax", "base_quantity", "factor", "fixed", "party_name_en"})
STATUSES = {"added": (_("Added"), "green"), "removed": (_("Removed"), "red"), "changed": (_("Differs"), "orange")}
# A sign of Chinese is a word by itself.
_WORDS = re.compile(r"[A-Za-z0-9_.,]+|\s+|.", re.DOTALL)
SHORTEST = 8
Piece = tuple[str, bool]


def compared(work: Work, document: Document, found: Comparison, *, only: bool) -> dict[str, Any]:
    """What ``compare.html`` shows; ``only``: without what is the same on both sides."""
    cls = type(document)
    known = sight.shown(work, cls)
    fields = [_field(work, cls, known[name], one, two) for name, one, two in found.header if name not in QUIET]
    shown = [one for one in fields if one["changed"] or (not only and (one["left"] or one["right"]))]
    # The name of a customer is kept beside the link to him: said once.
    shown = [one for place, one in enumerate(shown) if one not in shown[:place]]
    tables: list[tuple[str, type[Base], list[Pair]]] = []
    if cls.has_lines:
        tables.append((str(_("Lines")), DocumentLine, found.lines))
    tables += [(str(part.label), part, found.parts[part.key]) for part in cls.parts if found.parts[part.key]]
    rows = [row for _label, _cls, some in tables for row in some]
    return {
        "title": str(_("Versions of {title}", title=document.title)),
        "fields": shown,
        "tables": [_table(work, label, of, some, only=only) for label, of, some in tables],
        "summary": _summary(sum(one["changed"] for one in shown), sum(row.status != "same" for row in rows)),
        "only": only,
    }


def _summary(fields: int, rows: int) -> str:
    if not fields and not rows:
        return str(_("Both versions say the same."))
    return str(_("{fields} fields and {rows} rows differ.", fields=fields, rows=rows))


def _field(work: Work, cls: type[Base], face: Face, left: Any, right: Any) -> dict[str, Any]:
    one, two = said(work, cls, face, left), said(work, cls, face, right)
    before, after = pieces(one, two)
    return {"label": str(face.label), "left": before, "right": after, "changed": one != two}


def _table(work: Work, label: str, cls: type[Base], pairs: Sequence[Pair], *, only: bool) -> dict[str, Any]:
    known = sight.shown(work, cls)
    sides = [side for pair in pairs for side in (pair.left, pair.right) if side]
    names = Names(work).learn(known, [{name: side.get(name) for name in known} for side in sides])
    usual = LINE if cls is DocumentLine else tuple(cls.columns)  # type: ignore[attr-defined]  # a part declares them
    rows = [_row(work, cls, known, usual, pair, names) for pair in pairs if not only or pair.status != "same"]
    return {"label": label, "rows": rows, "count": len(pairs)}


def _row(
    work: Work, cls: type[Base], known: Mapping[str, Face], usual: Iterable[str], pair: Pair, names: Names
) -> dict[str, Any]:
    wanted = [n for n in dict.fromkeys((*usual, *(n for n in pair.changed if n not in QUIET))) if n in known]
    left, right = list[dict[str, Any]](), list[dict[str, Any]]()
    for name in wanted:
        one, two = (_said(work, cls, known[name], side, names) for side in (pair.left, pair.right))
        before, after = pieces(one, two)
        differs = pair.left is None or pair.right is None or one != two
        label = str(known[name].label)
        left += [{"label": label, "text": before, "changed": differs}] if one or (two and pair.left) else []
        right += [{"label": label, "text": after, "changed": differs}] if two or (one and pair.right) else []
    text, tone = STATUSES.get(pair.status, (_("Unchanged"), ""))
    moved = None not in pair.places and pair.places[0] != pair.places[1]
    place = f"{pair.places[0]} → {pair.places[1]}" if moved else str(pair.places[1] or pair.places[0])
    return {
        "place": place,
        "status": pair.status,
        "tag": Tag(str(text), tone) if tone else None,
        "left": left if pair.left is not None else None,
        "right": right if pair.right is not None else None,
    }


def _said(work: Work, cls: type[Base], face: Face, side: Mapping[str, Any] | None, names: Names) -> str:
    value = (side or {}).get(face.name)
    if face.references and value:
        return names.text(face.references, value)
    return said(work, cls, face, value)


def pieces(left: str, right: str) -> tuple[list[Piece], list[Piece]]:
    """Both texts in pieces, each marked whether it is on its side alone; short or quite different ones as a whole."""
    if left == right or not left or not right:
        return _whole(left, left != right), _whole(right, left != right)
    one, two = _WORDS.findall(left), _WORDS.findall(right)
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    if min(len(left), len(right)) < SHORTEST or matcher.quick_ratio() < 0.5 or len(one) * len(two) > 4_000_000:
        return _whole(left, True), _whole(right, True)
    before, after = list[Piece](), list[Piece]()
    for what, a, b, c, d in matcher.get_opcodes():
        before += _whole("".join(one[a:b]), what != "equal")
        after += _whole("".join(two[c:d]), what != "equal")
    return before, after


def _whole(text: str, changed: bool) -> list[Piece]:
    return [(text, changed)] if text else []
