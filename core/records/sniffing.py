"""What a file is, by its content: whether it is what its name says, and not something that runs when it is opened.

The signatures are ``puremagic``'s; here stands only which names belong to which of them.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from core.lazy import signatures

USUAL = (
    "pdf ofd jpg jpeg png gif webp bmp tif tiff heic doc docx xls xlsx ppt pptx wps et dps odt ods odp rtf "
    "txt csv md log xml json eml msg zip rar 7z dwg dxf mp3 m4a wav mp4 mov"
)
# Files of one family share their signature, or are told apart by what is inside alone.
FAMILIES: dict[str, frozenset[str]] = {
    "pdf": frozenset({"pdf"}),
    "jpeg": frozenset({"jpg", "jpeg", "jfif"}),
    "png": frozenset({"png"}),
    "gif": frozenset({"gif"}),
    "webp": frozenset({"webp"}),
    "bmp": frozenset({"bmp"}),
    "tiff": frozenset({"tif", "tiff"}),
    "box": frozenset({"heic", "heif", "avif", "mp4", "m4a", "m4v", "mov", "3gp"}),
    "compound": frozenset({"doc", "xls", "ppt", "msg", "wps", "et", "dps"}),
    "package": frozenset(
        {"zip", "docx", "xlsx", "pptx", "docm", "xlsm", "odt", "ods", "odp", "ofd", "wps", "et", "dps"}
    ),
    "rar": frozenset({"rar"}),
    "7z": frozenset({"7z"}),
    "rtf": frozenset({"rtf", "doc"}),
    "drawing": frozenset({"dwg"}),
    "sound": frozenset({"mp3"}),
    "wave": frozenset({"wav"}),
    "program": frozenset({"exe", "dll", "scr", "com", "sys", "so", "elf", "class"}),
}
TEXTS = frozenset({"txt", "csv", "md", "log", "xml", "json", "eml", "dxf"})
PAGES = frozenset({"html", "htm", "xhtml", "mht", "svg", "js"})
_MARKS = (b"<html", b"<!doctype html", b"<svg", b"<script", b"<body", b"<iframe")
_HEAD, MOST_LOOKED_AT = 4096, 64 * 1024
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf")


def ending(name: str) -> str:
    """The last part of a name, in small letters, without its dot."""
    return PurePosixPath(name.lower()).suffix.removeprefix(".")


def fits(name: str, content: bytes) -> bool:
    """Whether a content may be what its name says. Of a type that nobody knows here, all but programs and pages."""
    claimed, head = ending(name), content[:_HEAD]
    runs, shows = head.startswith(_PROGRAMS), is_page(head)
    if claimed in FAMILIES["program"]:
        return True
    if runs:
        return False
    if shows:
        return claimed in PAGES
    if claimed in TEXTS | PAGES:
        return is_text(head)
    wanted = {name for name, some in FAMILIES.items() if claimed in some}
    return not wanted or bool(wanted & families(content))


def families(content: bytes) -> set[str]:
    """The families whose signature a content has."""
    magic = signatures()
    try:
        found = magic.magic_string(content[:MOST_LOOKED_AT])
    except magic.PureError:  # it knows none
        return set()
    endings = {match.extension.lower().removeprefix(".") for match in found}
    return {name for name, some in FAMILIES.items() if endings & some}


def is_page(head: bytes) -> bool:
    """Whether a browser could show it as a page, or carry out what stands in it."""
    small = head.replace(b"\0", b"").lower().lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return small.startswith(b"<") and any(mark in small for mark in _MARKS)


def is_text(head: bytes) -> bool:
    """Whether it reads as text, in one byte or in two."""
    return b"\0" not in head or head.startswith((b"\xff\xfe", b"\xfe\xff"))
