"""Amounts and dates in words, as contracts, bills and invoices carry them against alteration.

The Chinese rules are those of the payment and settlement rules' annex on filling in bills: written
characters, 零 for inner zeros, 整 at the end unless there are fen.
"""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import Decimal
from itertools import product

from core.decimals import BadNumber, Number, half_up

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_LARGEST = Decimal("9999999999999999.99")

_CHINESE_CURRENCIES = {
    "CNY": "人民币",
    "USD": "美元",
    "EUR": "欧元",
    "HKD": "港元",
    "JPY": "日元",
    "GBP": "英镑",
    "TWD": "新台币",
    "MOP": "澳门元",
    "KRW": "韩元",
    "SGD": "新加坡元",
    "AUD": "澳大利亚元",
    "CAD": "加拿大元",
    "CHF": "瑞士法郎",
    "NZD": "新西兰元",
    "RUB": "俄罗斯卢布",
    "THB": "泰铢",
    "MYR": "林吉特",
    "VND": "越南盾",
    "INR": "印度卢比",
}
_ENGLISH_CURRENCIES = {
    "CNY": "RMB",
    "USD": "US dollars",
    "EUR": "euros",
    "HKD": "Hong Kong dollars",
    "JPY": "Japanese yen",
    "GBP": "pounds sterling",
    "TWD": "New Taiwan dollars",
    "MOP": "Macao patacas",
    "KRW": "Korean won",
    "SGD": "Singapore dollars",
    "AUD": "Australian dollars",
    "CAD": "Canadian dollars",
    "CHF": "Swiss francs",
    "NZD": "New Zealand dollars",
    "RUB": "Russian roubles",
    "THB": "Thai baht",
    "MYR": "Malaysian ringgit",
    "VND": "Vietnamese dong",
    "INR": "Indian rupees",
}
_SIMPLIFIED = str.maketrans("貳參叄陸億萬圓圆負數幣", "贰叁叁陆亿万元元负数币")

_SMALL = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = ("", " thousand", " million", " billion", " trillion", " quadrillion")


def amount_in_words(amount: Number, *, language: str = "zh", currency: str = "CNY") -> str:
    """``amount``, half up to 2 decimals, in words with its currency in front.

    Chinese languages ("zh", "zh_Hans_CN") get the canonical form, 人民币壹仟零壹拾元零壹角整; all others
    the wording of English trade papers, "Say RMB one thousand ten and cents ten only". A currency without a
    name here keeps its code. Raises BadNumber from 10,000,000,000,000,000 on and for what is no exact number.
    """
    rounded = _writable(amount)
    code = currency.upper()
    if not language.lower().startswith("zh"):
        return _english(rounded, _ENGLISH_CURRENCIES.get(code, code))
    sign = "负" if rounded < 0 else ""
    integer, fraction = _chinese(abs(rounded))
    canonical = [forms[0] for forms in integer + fraction]
    return "".join([_CHINESE_CURRENCIES.get(code, code), sign, *canonical])


def accepts_in_words(text: str, amount: Number, *, currency: str = "CNY") -> bool:
    """Whether ``text`` is one of the permitted Chinese wordings of ``amount`` (half up to 2 decimals).

    Permitted are 整, 正 or nothing after 角; 整 or 正 after 元; 元, 圆 and traditional characters; 零 or none
    where the digit before a group, or before 角, is zero and the next one is not; the currency in front or
    not; minus as 负 or as （负数） in front. Everyday numerals (一二三), gaps and a missing 整 after 元 are
    refused.
    """
    rounded = _writable(amount)
    integer, fraction = _chinese(abs(rounded))
    written = unicodedata.normalize("NFKC", text.strip()).translate(_SIMPLIFIED)
    name = _CHINESE_CURRENCIES.get(currency.upper(), currency.upper())
    starts = (f"{name}负", "负", f"(负数){name}", "(负数)") if rounded < 0 else (name, "")
    bodies = {"".join(parts) for parts in product(*integer, *fraction)}
    return any(written.startswith(start) and written[len(start) :] in bodies for start in starts)


def date_in_words(day: date) -> str:
    """The date as a bill needs it, 贰零贰陆年零壹月壹拾伍日: 零 before months 1, 2, 10, days 1–10, 20, 30."""
    year = "".join(_DIGITS[int(digit)] for digit in f"{day.year:04d}")
    month = ("零" if day.month in (1, 2, 10) else "") + _group(day.month)
    written = ("零" if day.day < 10 or day.day in (10, 20, 30) else "") + _group(day.day)
    return f"{year}年{month}月{written}日"


def _writable(amount: Number) -> Decimal:
    rounded = half_up(amount, 2)
    if abs(rounded) > _LARGEST:
        raise BadNumber("words.too_large", "This amount is too large to be written in words.")
    return rounded


def _group(value: int) -> str:
    """A number from 1 to 9999 with inner zeros as one 零 and none at its ends."""
    written, pending = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit:
            written += ("零" if pending and written else "") + _DIGITS[digit] + _PLACES[place]
        pending = not digit
    return written


# A wording is a list of parts; each part lists its permitted forms, the canonical one first.
_Parts = list[tuple[str, ...]]


def _chinese(amount: Decimal) -> tuple[_Parts, _Parts]:
    """The parts of the yuan (empty below one yuan) and of jiao and fen, for an amount not below zero."""
    units = int(amount.scaleb(2))
    yuan, jiao, fen = units // 100, units // 10 % 10, units % 10
    if not units:
        return [("零元",)], [("整", "正")]
    fraction: _Parts = []
    if jiao:
        if yuan and yuan % 10 == 0:
            fraction.append(("零", ""))
        fraction.append((f"{_DIGITS[jiao]}角",))
        fraction.append((f"{_DIGITS[fen]}分",) if fen else ("整", "", "正"))
    elif fen:
        fraction.append((("零" if yuan else "") + f"{_DIGITS[fen]}分",))
    else:
        fraction.append(("整", "正"))
    return _yuan(yuan), fraction


def _yuan(yuan: int) -> _Parts:
    groups = [yuan // 10000**index % 10000 for index in range(len(_GROUPS))]
    parts: _Parts = []
    pending = False
    for index in reversed(range(len(_GROUPS))):
        group = groups[index]
        if group:
            if parts:
                parts.append(_joint(group, skipped=pending, zero_before=groups[index + 1] % 10 == 0))
            # 壹万亿贰仟亿 may also be read as one number of 亿: 壹万贰仟亿.
            unit = ("万亿", "万") if index == 3 and groups[2] else (_GROUPS[index],)
            parts += [(_group(group),), unit]
        pending = not group
    return [*parts, ("元",)] if parts else []


def _joint(group: int, *, skipped: bool, zero_before: bool) -> tuple[str, ...]:
    """Between two written groups 零 is due before a missing 仟, and a matter of taste after a zero."""
    if group < 1000:
        return ("零",)
    if skipped:
        return ("零", "")
    return ("", "零") if zero_before else ("",)


def _english(amount: Decimal, currency: str) -> str:
    units = int(abs(amount).scaleb(2))
    whole, cents = divmod(units, 100)
    words = ["minus"] if amount < 0 else []
    if whole or not cents:
        words.append(_english_number(whole))
    if cents:
        words.append(("and " if whole else "") + f"cents {_english_number(cents)}")
    return " ".join(["Say", currency, *words, "only"])


def _english_number(value: int) -> str:
    if value < 20:
        return _SMALL[value]
    if value < 100:
        tens, rest = divmod(value, 10)
        return _TENS[tens] + (f"-{_SMALL[rest]}" if rest else "")
    if value < 1000:
        hundreds, rest = divmod(value, 100)
        return f"{_SMALL[hundreds]} hundred" + (f" {_english_number(rest)}" if rest else "")
    groups = [(value // 1000**index % 1000, scale) for index, scale in enumerate(_SCALES)]
    return " ".join(_english_number(group) + scale for group, scale in reversed(groups) if group)
