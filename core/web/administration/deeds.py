"""What was done to the company itself, in the reader's words: the entries of its history field by field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from core.roles import REACHES
from core.text import Text, _, shown
from core.web.administration.company_data import COLOUR_NAMES, TEXTS
from core.work import Work

DEEDS: dict[str, Text] = {
    "found": _("founded the company"),
    "switch_on": _("opened areas"),
    "switch_off": _("closed an area"),
    "settings": _("chose settings"),
    "series": _("changed a number series"),
    "calendar": _("changed the calendar"),
    "close_books": _("set the books"),
    "describe": _("changed the company data"),
    "employ": _("employed somebody"),
    "dismiss": _("ended an employment"),
    "roles": _("gave roles to somebody"),
    "grants": _("changed the rights of a role"),
    "role": _("named a role"),
    "department": _("changed a department"),
    "password": _("set somebody's password"),
    "token": _("issued a token"),
    "revoke_token": _("revoked a token"),
    "end_sessions": _("signed a person out"),
    "drop_two_step": _("switched a person's two-step sign-in off"),
    "invite": _("invited a person"),
    "withdraw_invitation": _("withdrew an invitation"),
    "accept_invitation": _("entered the acceptance of an invitation"),
    "decline_invitation": _("entered that an invitation was declined"),
    "retry": _("tried a job again"),
    "handed_over": _("handed over what somebody answered for"),
    "handed_back": _("took a hand-over back"),
    "report": _("took a report out"),
    "import": _("brought a file in"),
    "undo_import": _("took back what a file had brought in"),
    "drop_files": _("gave up contents of files that were taken off"),
    "restore": _("brought an older copy back"),
    "sign_in": _("signed in"),
    "sign_in_failed": _("failed to sign in"),
    "sign_out": _("signed out"),
    "print": _("printed"),
    "export": _("took a list out"),
    "download": _("took a file away"),
    "refuse": _("was refused"),
}
LABELS: dict[str, Text] = {
    **{name: label for name, label, _must in TEXTS},
    "account": _("Person"),
    "anchors": _("Anchors taken back"),
    "areas": _("Areas"),
    "closed_until": _("Closed until"),
    "code": _("Code"),
    "colour": _("Colour"),
    "copy": _("Copy"),
    "chosen": _("Chosen"),
    "count": _("Number"),
    "department_id": _("Department"),
    "file": _("File"),
    "form": _("File"),
    "job": _("Job"),
    "kind": _("What"),
    "language": _("Language"),
    "role": _("Role"),
    "records": _("Records"),
    "report": _("Report"),
    "roles": _("Roles"),
    "sha256": _("Fingerprint"),
    "superior_id": _("Superior"),
    "title": _("Position"),
    "title_en": _("Position in English"),
    "token": _("Token"),
    "type": _("Type of record"),
    "valid_from": _("Works here from"),
    "valid_until": _("Until"),
    "week": _("Working days"),
}
SCOPES: dict[Any, Text] = {**REACHES, None: _("No")}
DAYS: dict[Any, Text] = {True: _("Workday"), False: _("Day off"), None: _("As the week says")}


def reach_told(value: Any) -> str:
    """How far a right is given, in the reader's words; days stay as they are."""
    if value is None:
        return str(SCOPES[None])
    words = ((part.partition(" ")[0], part.partition(" ")[2]) for part in str(value).split(", "))
    return str(_(", ")).join(f"{SCOPES.get(scope, scope)} {days}".strip() for scope, days in words)


def deed(what: str) -> str:
    """What was done, as a verb."""
    return str(DEEDS.get(what, what))


def changes(work: Work, what: str, kept: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Each thing that changed: what it is called, how it was, how it is."""
    for name, pair in kept.items():
        before, after = pair if isinstance(pair, list) and len(pair) == 2 else (None, pair)
        label = _label(work, what, name)
        yield {
            "label": label,
            "before": _said(work, what, name, before) if before is not None else "",
            "after": _said(work, what, name, after) if after is not None or what in {"grants", "calendar"} else "",
        }


def _label(work: Work, what: str, name: str) -> str:
    match what:
        case "settings" if name in work.types.settings:
            return str(work.types.settings[name].label)
        case "series" if name in work.types.documents:
            return str(work.types.documents[name].label)
        case "grants" if name in work.types.permissions:
            right = work.types.permissions[name]
            return f"{right.subject} · {right.label}"
    return str(LABELS.get(name, name))


def _said(work: Work, what: str, name: str, value: Any) -> str:
    found = _by_kind(work, what, name, value)
    if found is not None:
        return found
    return _by_name(work, name, value)


def _by_kind(work: Work, what: str, name: str, value: Any) -> str | None:
    match what:
        case "grants" if name != "role":
            return reach_told(value)
        case "calendar":
            return str(DAYS.get(value, value))
        case "settings":
            setting = work.types.settings.get(name)
            choice = dict(setting.choices).get(value) if setting else None
            words = {"true": _("Yes"), "false": _("No")} if setting and isinstance(setting.default, bool) else {}
            return str(choice or words.get(value, value))
        case "role" | "department" if isinstance(value, dict):
            return str(value.get("name", ""))
    return None


def _people(work: Work, accounts: list[Any]) -> str:
    return shown([work.person(one) or f"#{one}" for one in accounts])


def _declared(work: Work, key: str) -> str:
    """What is declared under a key: a report, or a type of records."""
    if report := work.types.reports.get(key):
        return str(report.label)
    cls = work.types.masters.get(key) or work.types.documents.get(key)
    return str(cls.label_plural) if cls else str(key)


def _by_name(work: Work, name: str, value: Any) -> str:
    match name:
        case "account" | "superior_id":
            return _people(work, value if isinstance(value, list) else [value])
        case "areas":
            names = value if isinstance(value, list) else [value]
            return shown([work.types.plugins[n].label if n in work.types.plugins else n for n in names])
        case "role" | "roles":
            titles = {role.key: role.title for role in work.company.roles.values()}
            return shown([titles.get(key, key) for key in (value if isinstance(value, list) else [value])])
        case "kind" | "report" | "type":
            return _declared(work, value)
        case "chosen" if isinstance(value, dict):
            return shown([f"{key}={text}" for key, text in value.items()])
        case "department_id":
            from_here = work.company.departments.get(value)
            return from_here[0] if from_here else f"#{value}"
        case "colour":
            return str(COLOUR_NAMES.get(value, value))
    return shown(value)
