"""Heavy libraries, each imported when it is first needed and not when the program starts."""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from types import ModuleType


@cache
def statutory_days() -> ModuleType:
    """The tables of ``chinesecalendar``: statutory holidays and the weekends worked in exchange."""
    return import_module("chinese_calendar.constants")


@cache
def character_readings() -> ModuleType:
    """``pypinyin``'s table of characters and their readings alone.

    Its dictionary of phrases would cost some 50 MB in every process and is wrong about many names.
    """
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    return import_module("pypinyin.pinyin_dict")


@cache
def credit_code_rules() -> ModuleType:
    """``python-stdnum``'s rules for the unified social credit code."""
    return import_module("stdnum.cn.uscc")


@cache
def identity_number_rules() -> ModuleType:
    """``python-stdnum``'s rules for residents' identity numbers."""
    return import_module("stdnum.cn.ric")


@cache
def phone_plans() -> ModuleType:
    """``phonenumberslite``: the numbering plans of all countries."""
    return import_module("phonenumbers")


@cache
def closeness() -> ModuleType:
    """The string comparisons of ``rapidfuzz``."""
    return import_module("rapidfuzz.fuzz")


@cache
def argon2() -> ModuleType:
    """``argon2-cffi``: password hashing."""
    return import_module("argon2")


@cache
def password_guesses() -> ModuleType:
    """``zxcvbn``: how soon a password would be guessed; its lists of known ones take 15 MB once they are read."""
    return import_module("zxcvbn")


@cache
def one_time_codes() -> ModuleType:
    """``pyotp``: codes that an app on a telephone shows for half a minute."""
    return import_module("pyotp")


@cache
def locks() -> ModuleType:
    """``cryptography``'s Fernet: text that only the holder of a key reads or makes."""
    return import_module("cryptography.fernet")


@cache
def squares() -> ModuleType:
    """``segno``: QR codes."""
    return import_module("segno")


@cache
def sign_on_client() -> ModuleType:
    """``Authlib``'s client for Flask; only of an installation with the extra ``oidc``."""
    return import_module("authlib.integrations.flask_client")


@cache
def object_store() -> tuple[ModuleType, ModuleType, ModuleType]:
    """``boto3``, the settings of its connection and its errors; only of an installation with the extra ``s3``."""
    return import_module("boto3"), import_module("botocore.config"), import_module("botocore.exceptions")


@cache
def signatures() -> ModuleType:
    """``puremagic``: what kind of file a content is."""
    return import_module("puremagic")


@cache
def workbooks() -> ModuleType:
    """``xlsxwriter``, which writes workbooks; only exports need it."""
    return import_module("xlsxwriter")


@cache
def openapi() -> tuple[ModuleType, ModuleType]:
    """``apispec`` and its extension for marshmallow; only the description of the interface needs them."""
    return import_module("apispec"), import_module("apispec.ext.marshmallow")


def typesetter() -> ModuleType:
    """``typst``, which sets papers as PDF (80 MB on disk)."""
    return import_module("typst")


@cache
def font_tables() -> ModuleType:
    """The reader of font files of ``fontTools``."""
    return import_module("fontTools.ttLib")
