"""A company in one file: areas, departments, people, roles, number series, approvals, settings and prices.

A preset is TOML. Reading one checks that every name in it leads somewhere inside the file; what to do with
an area that is not installed, or with its settings, decides who sets the company up.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, TypeVar

from core.approvals.models import LATE, MODES, WHO
from core.errors import Fault, Invalid
from core.numbering import check_pattern
from core.roles import BY_KEY, Scope
from core.settings import BadSetting
from core.text import _

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PresetCompany:
    """Who the company is; the names are those of the company's own columns."""

    code: str
    name: str
    name_en: str
    tax_number: str
    address: str
    phone: str
    bank: str
    bank_account: str
    short_name: str = ""
    address_en: str = ""
    region: str = ""
    region_code: str = ""
    email: str = ""
    currency: str = "CNY"
    week: str = "12345"
    language: str = "zh_Hans_CN"
    zone: str = "Asia/Shanghai"
    colour: str = "blue"


@dataclass(frozen=True, slots=True)
class PresetDepartment:
    """A department; `parent` is the key of another one, `head` a login."""

    key: str
    name: str
    head: str
    name_en: str = ""
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class PresetRole:
    """A role as the company names it; a role of its own has the rights of the standard role `like`."""

    key: str
    name: str
    scope: str
    name_en: str = ""
    like: str | None = None


@dataclass(frozen=True, slots=True)
class PresetPerson:
    """Somebody who works there; `territory` holds beginnings of region codes."""

    login: str
    name: str
    department: str
    roles: tuple[str, ...]
    name_en: str = ""
    title: str = ""
    title_en: str = ""
    superior: str | None = None
    territory: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PresetStep:
    """One consent, from an amount (with tax) on and on a condition; `name` says what it is about.

    The people are those of `role`, unless `who` says otherwise: `person` (by login), `superior`, `head`, `chosen`.
    After `days` workdays without a decision the program does what `late` says.
    """

    role: str | None = None
    name: str = ""
    from_amount: Decimal = Decimal(0)
    who: str = "role"
    person: str | None = None
    levels: int = 1
    mode: str = "one"
    needed: int = 1
    beside: bool = False
    condition: str = ""
    days: int = 0
    late: str = ""


@dataclass(frozen=True, slots=True)
class PresetPolicy:
    """Who must agree, in this order, before a kind of document makes a move, on a condition."""

    kind: str
    move: str
    steps: tuple[PresetStep, ...]
    name: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class PresetCheck:
    """A move before which so many further persons look, of a role or whoever may read the document."""

    kind: str
    move: str
    persons: int = 1
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A company as its file describes it; `series`, `masters` and `settings` are by kind and by key."""

    key: str
    name: str
    name_en: str
    about: str
    about_en: str
    company: PresetCompany
    areas: tuple[str, ...]
    optional_areas: tuple[str, ...]
    departments: tuple[PresetDepartment, ...]
    roles: tuple[PresetRole, ...]
    people: tuple[PresetPerson, ...]
    series: Mapping[str, str]
    policies: tuple[PresetPolicy, ...]
    double_checks: tuple[PresetCheck, ...]
    settings: Mapping[str, str]
    items: tuple[Mapping[str, Any], ...]
    prices: Mapping[str, Any]
    masters: Mapping[str, tuple[Mapping[str, Any], ...]]
    demonstration: Mapping[str, Any]


def find_presets(folder: Path) -> list[Preset]:
    """All presets of a folder, by their key; raises Invalid like `read_preset`."""
    return sorted((read_preset(path) for path in folder.glob("*.toml")), key=lambda preset: preset.key)


def read_preset(path: Path) -> Preset:
    """The preset in a file.

    Raises Invalid with a fault for each place that is wrong, OSError where there is no file.
    """
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise Invalid([Fault(path.name, _("This is not TOML: {reason}", reason=str(error)))]) from error
    reader = _Reader()
    preset = reader.preset(raw, path.parent)
    reader.faults += _lost_references(preset)
    if reader.faults:
        raise Invalid(reader.faults, _("The preset {name} cannot be used as it is.", name=path.name))
    return preset


class _Reader:
    """Turns tables into values and notes what does not fit, so that all faults are told at once."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def preset(self, raw: Mapping[str, Any], folder: Path) -> Preset:
        about = raw.get("preset", {})
        areas = raw.get("areas", {})
        roles = raw.get("roles", {})
        return Preset(
            **{key: str(about.get(key, "")) for key in ("key", "name", "name_en", "about", "about_en")},
            company=self.one(PresetCompany, "company", raw.get("company", {})),
            areas=tuple(areas.get("on", ())),
            optional_areas=tuple(areas.get("optional", ())),
            departments=self.many(PresetDepartment, "departments", raw.get("departments", ())),
            roles=self.many(PresetRole, "roles", ({"key": key, **role} for key, role in roles.items())),
            people=self.many(PresetPerson, "people", raw.get("people", ())),
            series={kind: self.pattern(f"series/{kind}", text) for kind, text in raw.get("series", {}).items()},
            policies=tuple(self.policy(n, one) for n, one in enumerate(raw.get("approvals", ()))),
            double_checks=self.many(PresetCheck, "double_checks", raw.get("double_checks", ())),
            settings={key: _written(value) for key, value in raw.get("settings", {}).items()},
            items=self.items(folder, raw.get("items", {})),
            prices=self.table(folder, "prices", raw.get("prices", {})),
            masters={kind: tuple(rows) for kind, rows in raw.get("masters", {}).items()},
            demonstration=raw.get("demonstration", {}),
        )

    def one(self, of: type[T], place: str, values: Mapping[str, Any]) -> T:
        known = {one.name for one in fields(of)}  # type: ignore[arg-type]  # only dataclasses are asked for
        for name in sorted(set(values) - known):
            self.fault(f"{place}/{name}", _("This is not known here."))
        taken = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
        try:
            return of(**taken)
        except TypeError:
            missing = sorted(known - set(values))
            raise Invalid(
                [*self.faults, Fault(place, _("Something is missing: {names}", names=", ".join(missing)))]
            ) from None

    def many(self, of: type[T], place: str, entries: Iterable[Mapping[str, Any]]) -> tuple[T, ...]:
        return tuple(self.one(of, f"{place}/{n}", values) for n, values in enumerate(entries))

    def policy(self, n: int, values: Mapping[str, Any]) -> PresetPolicy:
        place = f"approvals/{n}"
        steps = [
            {**step, "from_amount": self.amount(f"{place}/steps/{m}", step.get("from_amount", "0"))}
            for m, step in enumerate(values.get("steps", ()))
        ]
        return self.one(PresetPolicy, place, {**values, "steps": list(self.many(PresetStep, f"{place}/steps", steps))})

    def amount(self, place: str, written: object) -> Decimal:
        try:
            return Decimal(str(written))
        except InvalidOperation:
            self.fault(place, _("“{value}” is no amount.", value=str(written)))
            return Decimal(0)

    def pattern(self, place: str, text: str) -> str:
        try:
            check_pattern(text)
        except BadSetting as bad:
            self.faults.append(Fault(place, bad.text))
        return text

    def items(self, folder: Path, values: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
        return tuple(self.table(folder, "items", values).get("items", ()))

    def table(self, folder: Path, place: str, values: Mapping[str, Any]) -> Mapping[str, Any]:
        """The content of the file that `values` name; a file outside of the presets' folder is not read."""
        if "file" not in values:
            return {}
        path = (folder / str(values["file"])).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            self.fault(place, _("There is no file {name}.", name=str(values["file"])))
            return {}
        text = path.read_text("utf-8")
        content: Mapping[str, Any] = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
        return content

    def fault(self, place: str, text: Any) -> None:
        self.faults.append(Fault(place, text))


def _written(value: object) -> str:
    """A setting's value as settings are stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _lost_references(preset: Preset) -> Iterable[Fault]:
    """A fault for every department, login or role that is named but not in the file."""
    departments = {one.key for one in preset.departments}
    logins = {one.login for one in preset.people}
    roles = {one.key for one in preset.roles}
    steps = [(one.kind, step) for one in preset.policies for step in one.steps]
    named: list[tuple[str, str | None, set[str]]] = [
        *((f"departments/{one.key}/parent", one.parent, departments) for one in preset.departments),
        *((f"departments/{one.key}/head", one.head, logins) for one in preset.departments),
        *((f"people/{one.login}/department", one.department, departments) for one in preset.people),
        *((f"people/{one.login}/superior", one.superior, logins) for one in preset.people),
        *((f"people/{one.login}/roles", role, roles) for one in preset.people for role in one.roles),
        *((f"roles/{one.key}", one.like or one.key, set(BY_KEY)) for one in preset.roles),
        *((f"roles/{one.key}/scope", one.scope, {*Scope}) for one in preset.roles),
        *((f"approvals/{kind}", step.role, roles) for kind, step in steps),
        *((f"approvals/{kind}", step.person, logins) for kind, step in steps),
        *((f"double_checks/{one.kind}", one.role, roles) for one in preset.double_checks),
        *((f"approvals/{kind}", step.who, {key for key, _label in WHO}) for kind, step in steps),
        *((f"approvals/{kind}", step.mode, {key for key, _label in MODES}) for kind, step in steps),
        *((f"approvals/{kind}", step.late, {key for key, _label in LATE}) for kind, step in steps),
    ]
    for place, name, known in named:
        if name is not None and name not in known:
            yield Fault(place, _("“{name}” is not known here.", name=name))
