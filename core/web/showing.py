"""How values look: money with its currency, days as 2026-11-25, moments by the company's clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from core.documents.faces import Face
from core.documents.models import Document
from core.documents.truths import APPROVAL_LABELS, CLOSURE_LABELS
from core.hooks.values import Ref
from core.money import told
from core.text import Text
from core.web import addresses
from core.work import Work

APPROVAL_TONES = {"pending": "orange", "approved": "green", "rejected": "red", "withdrawn": "grey"}
CLOSURE_TONES = {"suspended": "orange", "closed": "grey", "forced": "red"}
KINDS = {2: "money", 4: "rate", 6: "quantity", 8: "price"}
TONES = {"success": "green", "primary": "teal", "danger": "red", "warning": "orange", "": "grey"}


@dataclass(frozen=True, slots=True)
class Tag:
    """A state, an approval, a remark in colour."""

    text: str
    tone: str = "grey"


@dataclass(frozen=True, slots=True)
class Cell:
    """One value as a table shows it."""

    value: Any
    kind: str = "text"
    url: str = ""
    tone: str = ""
    also: Tag | None = None
    # A second line in smaller type, such as where a price is from.
    note: str = ""


def money(value: Decimal | None, currency: str = "") -> str:
    """``1,234.50``, with the sign of the currency in front where one is given."""
    return "" if value is None else told(value, currency)


def number(value: Decimal | None, least: int = 0) -> str:
    """Without useless zeros, but with ``least`` places."""
    if value is None:
        return ""
    whole, _point, rest = f"{value:,f}".partition(".")
    rest = rest.rstrip("0").ljust(least, "0")
    return f"{whole}.{rest}" if rest else whole


def figure(value: Decimal | None, places: int | None) -> str:
    """A figure by its scale: amounts with two places, prices with two at least, rates in per cent."""
    if value is None:
        return ""
    match places:
        case 2:
            return money(value)
        case 4:
            return f"{number(value * 100)}%"
        case 8:
            return number(value, 2)
    return number(value)


def moment(work: Work, at: datetime | None) -> str:
    """A moment as the company's clock shows it."""
    return at.astimezone(ZoneInfo(work.company.zone)).strftime("%Y-%m-%d %H:%M") if at else ""


def kind_of_cell(face: Face | None) -> str:
    """The kind of column that shows a face."""
    if face is None:
        return "text"
    if face.kind == "decimal":
        return KINDS.get(face.places or 0, "number")
    return {"instant": "time", "int": "number", "bool": "bool", "date": "date"}.get(face.kind, "text")


def state_tag(cls: type[Document], key: str) -> Tag:
    """The state of a document of ``cls``."""
    try:
        state = cls.workflow.state(key)
    except KeyError:
        return Tag(key)
    return Tag(str(state.label), state.tone or "grey")


def approval_tag(key: str) -> Tag | None:
    """Where the document stands with those who must agree; None before anybody was asked."""
    if key == "none":
        return None
    return Tag(str(APPROVAL_LABELS[key]), APPROVAL_TONES.get(key, "grey"))  # type: ignore[index]


def waiting_tag(key: str) -> Tag | None:
    """Like ``approval_tag``, but nothing where all have agreed: beside a state that says as much it is noise."""
    return None if key == "approved" else approval_tag(key)


def closure_tag(key: str) -> Tag | None:
    """Whether later documents may draw on it; None while they may."""
    if key == "open":
        return None
    return Tag(str(CLOSURE_LABELS[key]), CLOSURE_TONES.get(key, "grey"))  # type: ignore[index]


def cell(work: Work, cls: type[Any], name: str, face: Face | None, row: Mapping[str, Any], names: Names) -> Cell:
    """One column of one record."""
    value = row.get(name)
    if value is None or value == "":
        return Cell("")
    if issubclass(cls, Document):
        if name == "state":
            tag: Tag | None = state_tag(cls, value)
        elif name in {"approval", "closure"}:
            tag = (approval_tag if name == "approval" else closure_tag)(value)
        else:
            tag = None
        if name == "state" and "approval" not in cls.columns:
            return (
                Cell(tag.text, "state", tone=tag.tone, also=waiting_tag(row.get("approval", "none")))
                if tag
                else Cell("")
            )
        if tag or name in {"state", "approval", "closure"}:
            return Cell(tag.text, "state", tone=tag.tone) if tag else Cell("")
    return _plain(work, face, value, names)


def _plain(work: Work, face: Face | None, value: Any, names: Names) -> Cell:
    if face is None:
        return Cell(free(work, value).value)
    match face.kind:
        case "ref":
            return names.cell(face.references or "", value)
        case "choice":
            return Cell(str(face.choice(value)))
        case "decimal":
            return Cell(
                figure(value if isinstance(value, Decimal) else decimal(value), face.places), kind_of_cell(face)
            )
        case "bool":
            return Cell(bool(value), "bool")
        case "instant":
            return Cell(moment(work, value), "time")
        case "date":
            return Cell(value.isoformat() if isinstance(value, date) else str(value), "date")
    return Cell(str(value))


def decimal(value: Any) -> Decimal | None:
    """A figure that was kept as text."""
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def free(work: Work, value: Any) -> Cell:
    """A value that an area gave without saying what it is."""
    match value:
        case None:
            return Cell("")
        case Ref():
            return Cell(value.label, url=addresses.record(value.kind, value.id))
        case Decimal():
            return Cell(number(value, 2 if value.as_tuple().exponent == -2 else 0), "number")
        case datetime():
            return Cell(moment(work, value), "time")
        case date():
            return Cell(value.isoformat(), "date")
        case Text():
            return Cell(str(value))
    return Cell(value if isinstance(value, str) else str(value))


class Names:
    """The names of the records that others point at, read set-wise: one statement for each kind, once for a page."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[tuple[str, int], str] = work.kept.setdefault("names", {})

    def learn(self, faces: Mapping[str, Face], rows: Sequence[Mapping[str, Any]]) -> Names:
        """Read the names that ``rows`` will need."""
        wanted: dict[str, set[int]] = {}
        for name, face in faces.items():
            if face.references:
                wanted.setdefault(face.references, set()).update(r[name] for r in rows if r.get(name))
        for kind, ids in wanted.items():
            if new := {key for key in ids if (kind, key) not in self._known}:
                self._known |= {(kind, key): text for key, text in addresses.names(self._work, kind, new).items()}
        return self

    def text(self, kind: str, key: int | None) -> str:
        """What the record is called; empty when it is not here."""
        return self._known.get((kind, key), "") if key else ""

    def cell(self, kind: str, key: int) -> Cell:
        """The record's name, leading to its page."""
        text = self.text(kind, key)
        if kind == "core.account":
            return Cell(text, "person")
        return Cell(text, url=addresses.record(kind, key) if text and self._work.may(f"{kind}.read") else "")
