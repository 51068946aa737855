"""Ways to reach people: telephone, mail, QQ and WeChat, each read as pasted and kept in one form.

Every reader returns the form to store, reading that form again changes nothing, and what cannot be right
raises InvalidIdentifier.
"""

from __future__ import annotations

import re

from core.lazy import phone_plans
from core.pasted import InvalidIdentifier, compact, matching, plain

_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_SERVICE = re.compile(r"([48]00)-?([0-9]{3})-?([0-9]{4})(?:-([0-9]{1,6}))?")
_LANDLINE = re.compile(r"(?:(010|02[0-9]|0[3-9][0-9]{2})-?)?([1-9][0-9]{6,7})(?:-([0-9]{1,6}))?")
_EXTENSION = re.compile(r"\s*(?:转|轉|分机|EXT\.?|X|#)\s*(?=[0-9]{1,6}$)", re.IGNORECASE)
_HOME = re.compile(r"^(?:\+|00)86-?")
_EMAIL = re.compile(
    r"[^\s@<>(),;:\"\\\[\]\x00-\x1f\x7f]{1,64}"
    r"@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_](?:[\w-]{0,61}[^\W_])"
)
_LONGEST_EMAIL = 254
# A name on the net, such as one of WeChat.
_NAME = re.compile(r"[!-~]+")
# A number as people write it: five digits at least, with what stands between them.
_DIGITS = re.compile(r"\+?\d(?:[-\s().]{0,2}\d){4,}")


def masked(text: str) -> str:
    """What is left of a number for who may not see it: 138****1234, 0532-****6666; of another name its ends.

    Of a text with words every number in it is masked, the words stay. What is masked already stays as it is.
    """
    if "****" in text:
        return text
    if _NAME.fullmatch(text) and not _DIGITS.fullmatch(text):
        return f"{text[0]}****{text[-1] if len(text) > 4 else ''}"
    return _DIGITS.sub(lambda found: _masked_number(found[0]), text)


def _masked_number(number: str) -> str:
    """The last four digits stay, and the first three of a long number, or its area code."""
    places = [at for at, sign in enumerate(number) if sign.isdigit()]
    first, last = (3 if len(places) > 8 else 0), min(4, max(len(places) - 4, 0))
    area = re.match(r"0\d{2,3}(?=[-\s])", number)
    first = len(area[0]) if area else first
    return number[: places[first]] + "****" + (number[places[-last] :] if last else "")


def mobile(text: str) -> str:
    """A mainland mobile number in 11 digits, +86 dropped; raises InvalidIdentifier ``mobile.format``."""
    number = re.sub(r"^(?:\+|00)?86(?=1[0-9]{10}$)", "", compact(text))
    message = "A mobile number has 11 digits and starts with 13 to 19."
    return matching(r"1[3-9]\d{9}", number, "mobile.format", message)


def phone(text: str) -> str:
    """Any telephone number in its stored form; raises InvalidIdentifier ``phone.format``.

    Mobile 13812345678, landline 0755-26012345 or 26012345, with an extension 0755-26012345-801, service
    numbers 400-800-1234, other countries +852 2123 4567. 转, ext. and # are understood before an extension.
    """
    written = plain(text)
    dashed = re.sub(r"[\s().]+", "", _EXTENSION.sub("-", written))
    if dashed.startswith(("+", "00")) and not _HOME.match(dashed):
        return _foreign(written)
    national = _HOME.sub("", dashed, count=1)
    forms = [national, national.replace("-", "")]
    for form in forms:
        if _MOBILE.fullmatch(form):
            return form
        if match := _SERVICE.fullmatch(form):
            return _joined(match)
    # After the country's code an area code stands without its zero.
    for form in forms if national == dashed else ["0" + form.lstrip("0") for form in forms]:
        if match := _LANDLINE.fullmatch(form):
            return _joined(match)
    raise _bad_phone()


def _joined(match: re.Match[str]) -> str:
    return "-".join(part for part in match.groups() if part)


def _foreign(written: str) -> str:
    plans = phone_plans()
    try:
        number = plans.parse(re.sub(r"^00", "+", written))
    except plans.NumberParseException:
        raise _bad_phone() from None
    if not plans.is_valid_number(number):
        raise _bad_phone()
    return str(plans.format_number(number, plans.PhoneNumberFormat.INTERNATIONAL))


def _bad_phone() -> InvalidIdentifier:
    message = "Enter a telephone number, such as 13812345678 or 0755-26012345-801."
    return InvalidIdentifier("phone.format", message)


def shown_phone(stored: str) -> str:
    """A stored number as people read it: mobile numbers grouped, 138 1234 5678."""
    return f"{stored[:3]} {stored[3:7]} {stored[7:]}" if _MOBILE.fullmatch(stored) else stored


def masked_phone(stored: str) -> str:
    """A stored number for those who may not see it: 138****5678, 0755-******45, +852 **** **67.

    Mobiles keep 3 and 4 digits, others their area and last 2; what is too short for a number shows nothing.
    """
    if _MOBILE.fullmatch(stored):
        return f"{stored[:3]}****{stored[7:]}"
    area = re.match(r"(?:0[0-9]{2,3}|[48]00)-|\+[0-9]{1,3} ", stored)
    shown = area.group() if area else ""
    hidden = stored[len(shown) :]
    if len(re.findall(r"[0-9]", hidden)) < 6:
        return "****"
    return shown + re.sub(r"\w", "*", hidden[:-2]) + hidden[-2:]


def email(text: str) -> str:
    """A mail address, its domain in lower case; raises InvalidIdentifier ``email.format``.

    The form is checked, not whether the mailbox exists.
    """
    address = plain(text)
    local, _, domain = address.rpartition("@")
    if (
        len(address) > _LONGEST_EMAIL
        or not _EMAIL.fullmatch(address)
        or ".." in local
        or local.startswith(".")
        or local.endswith(".")
    ):
        raise InvalidIdentifier("email.format", "Enter a mail address, such as name@company.cn.")
    return f"{local}@{domain.lower()}"


def qq(text: str) -> str:
    """A QQ number, 5 to 12 digits; raises InvalidIdentifier ``qq.format``."""
    return matching(r"[1-9]\d{4,11}", compact(text), "qq.format", "A QQ number has 5 to 12 digits.")


def wechat(text: str) -> str:
    """A WeChat name, or the mobile or QQ number used as one; raises InvalidIdentifier ``wechat.format``."""
    name = plain(text)
    message = "A WeChat name has 6 to 20 letters, digits, - or _; a mobile or QQ number will do."
    return matching(r"[A-Za-z][A-Za-z0-9_-]{5,19}|[1-9]\d{4,11}", name, "wechat.format", message)
