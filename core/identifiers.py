"""Codes of companies and people in China: read as pasted, checked, and kept in one form.

Every reader returns the form to store, or raises InvalidIdentifier. What is checked is form and check digit,
never whether the holder exists.
"""

from __future__ import annotations

from datetime import date

from core.contacts import email, masked_phone, mobile, phone, qq, shown_phone, wechat
from core.lazy import credit_code_rules, identity_number_rules
from core.pasted import InvalidIdentifier, compact, matching
from core.vouchers import bill_kind, bill_number, bill_range, invoice_code, invoice_number

__all__ = [
    "CREDIT_CODE_CHARACTERS",
    "InvalidIdentifier",
    "bank_account",
    "bill_kind",
    "bill_number",
    "bill_range",
    "credit_code",
    "credit_code_for",
    "email",
    "identity_number",
    "invoice_code",
    "invoice_number",
    "licence_plate",
    "make_credit_code",
    "masked_phone",
    "mobile",
    "old_tax_number",
    "organisation_code_checks",
    "phone",
    "postal_code",
    "qq",
    "shown_phone",
    "wechat",
]

CREDIT_CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def credit_code(text: str) -> str:
    """The unified social credit code (GB 32100-2015) in 18 digits and capitals.

    Raises InvalidIdentifier with ``credit_code.length``, ``credit_code.charset`` (I, O, S, V and Z do not
    occur), ``credit_code.region`` (characters 3 to 8 are digits) or ``credit_code.check``.
    """
    code = _in_charset(_of_length(compact(text), 18, "A unified social credit code has 18 characters."))
    matching(r"..\d{6}.{10}", code, "credit_code.region", "Characters 3 to 8 of a credit code are digits.")
    # Only the library's arithmetic: its whole check refuses authorities that are letters (Y).
    if credit_code_rules().calc_check_digit(code[:17]) != code[17]:
        raise InvalidIdentifier("credit_code.check", "This credit code does not check. Compare it.")
    return code


def _of_length(code: str, length: int, message: str) -> str:
    if len(code) != length:
        raise InvalidIdentifier("credit_code.length", message)
    return code


def _in_charset(code: str) -> str:
    if any(character not in CREDIT_CODE_CHARACTERS for character in code):
        raise InvalidIdentifier(
            "credit_code.charset", "A credit code has digits and capital letters, without I, O, S, V and Z."
        )
    return code


def organisation_code_checks(code: str) -> bool:
    """Whether the organisation code within a valid credit code checks too (GB 11714).

    Some codes given out of late do not: a reason to warn, never to refuse.
    """
    return code[16] == _organisation_check(code[8:16])


def _organisation_check(body: str) -> str:
    total = sum(int(each, 36) * weight for each, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0X987654321"[total % 11]


def make_credit_code(prefix: str) -> str:
    """The code that begins with these 17 characters and checks: for demonstration data only."""
    start = _in_charset(_of_length(compact(prefix), 17, "A credit code without its check has 17 characters."))
    return credit_code(start + str(credit_code_rules().calc_check_digit(start)))


def credit_code_for(organisation_code: str, region: str, *, authority: str = "9", kind: str = "1") -> str:
    """An invented holder's code from 8 characters of an organisation code and a region's 6 digits.

    Both checks hold. Authority 9 and kind 1 mean an enterprise of the market regulator. For demonstration.
    """
    message = "The main part of an organisation code has 8 characters."
    body = _in_charset(_of_length(compact(organisation_code), 8, message))
    return make_credit_code(f"{authority}{kind}{region}{body}{_organisation_check(body)}")


def old_tax_number(text: str) -> str:
    """A taxpayer number from before the credit code: 15, 17 or 20 digits and capitals, the region first.

    Raises InvalidIdentifier with ``old_tax_number.length`` or ``old_tax_number.charset``.
    """
    number = compact(text)
    if len(number) not in (15, 17, 20):
        raise InvalidIdentifier("old_tax_number.length", "An old tax number has 15, 17 or 20 characters.")
    message = "An old tax number starts with 6 digits; digits and capital letters follow."
    return matching(r"\d{6}[0-9A-Z]+", number, "old_tax_number.charset", message)


def postal_code(text: str) -> str:
    """Six digits; raises InvalidIdentifier ``postal_code.format``."""
    return matching(r"\d{6}", compact(text), "postal_code.format", "A postal code has 6 digits.")


def bank_account(text: str) -> str:
    """An account number, 8 to 30 digits closed up; raises InvalidIdentifier ``bank_account.format``."""
    message = "A bank account number has 8 to 30 digits."
    return matching(r"\d{8,30}", compact(text), "bank_account.format", message)


def licence_plate(text: str) -> str:
    """A vehicle's plate without its dot, 粤B12345; raises InvalidIdentifier ``licence_plate.format``."""
    plate = compact(text).replace("·", "").replace("•", "")
    pattern = r"[一-龥][A-HJ-NP-Z][A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳]"
    return matching(pattern, plate, "licence_plate.format", "Enter a licence plate, such as 粤B12345.")


def identity_number(text: str) -> str:
    """A resident's 18-character identity number, whose birthday exists and whose check digit holds.

    Raises InvalidIdentifier with ``identity_number.format`` or ``identity_number.check``.
    """
    message = "An identity number has 17 digits with a birthday among them, then a digit or X."
    number = matching(r"\d{17}[0-9X]", compact(text), "identity_number.format", message)
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise InvalidIdentifier("identity_number.format", message) from None
    if identity_number_rules().calc_check_digit(number) != number[17]:
        raise InvalidIdentifier("identity_number.check", "This identity number does not check. Compare it.")
    return number
