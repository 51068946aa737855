"""What a cell means: the text that people and Chinese spreadsheets write becomes the value of a field."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from core.documents.faces import Face
from core.pasted import plain
from core.schemas.inputs import MESSAGES
from core.text import CHINESE, ENGLISH, Text, _, catalogue, speaking

_YES = frozenset({"true", "1", "yes", "y", "是", "对", "有", "√", "✓", "✔", "on"})
_NO = frozenset({"false", "0", "no", "n", "否", "不", "无", "×", "x", "✗", "-", "off", ""})
_DAY = re.compile(
    r"(\d{4})\s*(?:[-/.年]|\s)\s*(\d{1,2})\s*(?:[-/.月]|\s)\s*(\d{1,2})\s*日?(?:[ T]\s*\d{1,2}:\d{2}(?::\d{2})?)?"
)
_RUN = re.compile(r"(\d{4})(\d{2})(\d{2})")
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_BROKEN = re.compile(r"#(?:N/A|REF!|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!)")
_MONEY = re.compile(r"^(?:RMB|CNY|USD|人民币|[¥￥$€])|(?:元整|元|圆)$", re.IGNORECASE)
_LARGE = {"万": Decimal(10_000), "亿": Decimal(100_000_000)}
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_FIGURE = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?")
FIRST_DAY = date(1899, 12, 30)
# What stands for a formula that no spreadsheet has reckoned.
FORMULA = "#FORMULA!"


class Wrong(ValueError):
    """The cell does not say a value of its field; ``text`` says why."""

    def __init__(self, text: Text, code: str = "invalid") -> None:
        super().__init__(text.message)
        self.text, self.code = text, code


def value(face: Face, cell: str) -> Any:
    """What ``cell`` means for ``face``, as a program would give it; references stay text. Raises ``Wrong``.

    None stands for an empty cell.
    """
    if cell == "":
        return None
    if cell == FORMULA:
        raise Wrong(
            _("The cell holds a formula without its result. Open the file once in the spreadsheet and save it.")
        )
    if cell[0] == "#" and _BROKEN.fullmatch(cell):
        raise Wrong(_("The cell holds an error of the spreadsheet: {value}.", value=cell), "cell.error")
    read = _READERS.get(face.kind)
    return read(face, cell) if read else cell


def figure(cell: str) -> Decimal:
    """An amount, a quantity or a share: ``1,234.50``, ``￥1 234``, ``（12.5）``, ``13%``, ``1.2万元``."""
    text = unicodedata.normalize("NFKC", cell).replace("，", ",").replace("−", "-").strip()
    text = _MONEY.sub("", text).strip()
    negative = text.startswith("(") and text.endswith(")")
    text = _MONEY.sub("", text.strip("()") if negative else text)
    factor = Decimal(1)
    if text.endswith("%"):
        text, factor = text[:-1], Decimal("0.01")
    elif text[-1:] in _LARGE:
        text, factor = text[:-1], _LARGE[text[-1:]]
    text = re.sub(r"\s", "", text)
    if _GROUPED.fullmatch(text):
        text = text.replace(",", "")
    if not _FIGURE.fullmatch(text) or len(text) > 40:
        raise Wrong(MESSAGES["invalid_number"], "invalid_number")
    try:
        number = Decimal(text) * factor
    except InvalidOperation:
        raise Wrong(MESSAGES["invalid_number"], "invalid_number") from None
    return -number if negative else number


def _whole(_face: Face, cell: str) -> int:
    number = figure(cell)
    if number != number.to_integral_value() or abs(number) >= 2**63:
        raise Wrong(_("This is not a whole number."), "invalid_number")
    return int(number)


def day(cell: str) -> date:
    """A day: ``2026-11-25``, ``2026/11/25``, ``2026年11月25日``, ``20261125``, or its number in a sheet."""
    text = unicodedata.normalize("NFKC", cell).strip()
    found = _DAY.fullmatch(text) or _RUN.fullmatch(text)
    try:
        if found:
            return date(int(found[1]), int(found[2]), int(found[3]))
        if _SERIAL.fullmatch(text):
            return FIRST_DAY + timedelta(days=int(float(text)))
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise Wrong(MESSAGES["invalid_date"], "invalid_date") from None


def _truth(_face: Face, cell: str) -> bool:
    text = unicodedata.normalize("NFKC", cell).strip().lower()
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise Wrong(_("Write yes or no (是 or 否)."), "choice")


def _choice(face: Face, cell: str) -> str:
    """The key of a choice, by its key or its label in either language."""
    wanted = _folded(cell)
    for key, label in face.field.choices:
        if wanted == _folded(key) and key:
            return key
        if wanted in labels(label):
            return key
    raise Wrong(Text(MESSAGES["choice"].message, (("value", cell[:40]),)), "choice")


def labels(label: Text) -> frozenset[str]:
    """A label in both languages, as it is compared."""
    return _labels(label, spoken())


@lru_cache(maxsize=4096)
def _labels(label: Text, _spoken: int) -> frozenset[str]:
    found = set()
    for one in (CHINESE, ENGLISH):
        with speaking(one):
            found.add(_folded(str(label)))
    return frozenset(found)


def spoken() -> int:
    """Another number once other catalogues are loaded, for what is made of their words and kept."""
    with speaking(CHINESE):
        return id(catalogue())


_READERS: dict[str, Callable[[Face, str], Any]] = {
    "decimal": lambda _face, cell: format(figure(cell), "f"),
    "int": _whole,
    "date": lambda _face, cell: day(cell).isoformat(),
    "bool": _truth,
    "choice": _choice,
}


def _folded(text: str) -> str:
    return "".join(plain(text).lower().split())


def header_key(text: str) -> str:
    """A header as it is compared: half width, without blanks, marks of what is needed, and hints in brackets."""
    folded = _folded(text[:200]).replace("（", "(").replace("）", ")").strip("*:：·")
    return re.sub(r"\([^()]*\)$", "", folded).strip("*:：·") or folded
