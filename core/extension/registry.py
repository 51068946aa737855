"""What all plug-ins declare together: types by kind, settings, permissions, jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from typing import Any

from core.approvals.facts import Fact
from core.db.base import Base
from core.documents.faces import Face, faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.duties.kinds import DutyKind
from core.entities.master import Master
from core.errors import Unknown
from core.extension.allocating import Allocating
from core.extension.handing import Handed, handed_of
from core.extension.plugin import Plugin
from core.reports.report import Report
from core.rights import ADMINISTER, HAND_OVER, OVERSEE, READ_HISTORY, SEARCH, SEE_COST, SEE_PHONE, sight
from core.roles import (
    ADMINISTRATOR,
    AFTER_SALES,
    CONTRACT_ADMINISTRATOR,
    EVERYBODY,
    FINANCE,
    GENERAL_MANAGER,
    LOGISTICS,
    MARKETING,
    PRESALES_ENGINEER,
    PURCHASING,
    SALES_ADMINISTRATOR,
    SALES_MANAGER,
    SELLING,
    WAREHOUSE,
    Role,
)
from core.separation import Office
from core.settings import Setting
from core.text import Text, _

CORE = "core"
VERBS = {
    "read": _("Read"),
    "create": _("Create"),
    "edit": _("Edit"),
    "print": _("Print"),
    "export": _("Export"),
}
CLOSE = _("Close what is still open")
# Who speaks with customers, or sends them goods and papers.
CALLING = (
    *SELLING,
    PRESALES_ENGINEER,
    MARKETING,
    FINANCE,
    WAREHOUSE,
    LOGISTICS,
    AFTER_SALES,
    CONTRACT_ADMINISTRATOR,
    SALES_ADMINISTRATOR,
)


@dataclass(frozen=True, slots=True)
class Permission:
    """One right that a company may grant: what it is, on what, and which roles hold it by default."""

    key: str
    subject: Text
    label: Text
    roles: tuple[Role, ...]
    scoped: bool = False

    def __post_init__(self) -> None:
        # Lists of roles are put together from others; each is granted once.
        object.__setattr__(self, "roles", tuple(dict.fromkeys(self.roles)))

    @property
    def area(self) -> str:
        """The area that the right belongs to; ``core`` for those every company has."""
        return self.key.partition(".")[0]


@dataclass(slots=True)
class Registry:
    """Filled once by the loader, read everywhere; never changed afterwards."""

    plugins: dict[str, Plugin] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    documents: dict[str, type[Document]] = field(default_factory=dict)
    masters: dict[str, type[Master]] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    permissions: dict[str, Permission] = field(default_factory=dict)
    # What builds the paper of a kind: (work, document, language) -> core.printing.paper.Paper. Where a document has
    # several papers, a mapping from the key of each to its name and what builds it; the first is the usual one.
    papers: dict[str, Callable[..., Any] | Mapping[str, tuple[Text, Callable[..., Any]]]] = field(default_factory=dict)
    # What an area says of its own figures, by area: (work) -> findings.
    checks: dict[str, tuple[Callable[..., Iterable[Any]], ...]] = field(default_factory=dict)
    # How people set payments against claims, by kind.
    allocating: dict[str, Allocating] = field(default_factory=dict)
    reports: dict[str, Report] = field(default_factory=dict)
    # What opens a single record to somebody whose rights do not reach it: (work, document or master) -> whether.
    openers: list[Callable[[Any, Any], bool]] = field(default_factory=list)
    # The rights of each office that is kept apart from others.
    offices: dict[Office, tuple[str, ...]] = field(default_factory=dict)
    # What conditions of policies may ask of a document, with the area that knows it, by the name in conditions.
    facts: dict[str, tuple[str, Fact]] = field(default_factory=dict)
    # What is handed over when somebody leaves, by key.
    handed: dict[str, Handed] = field(default_factory=dict)
    # What people have to do by a day, by the kind's key.
    duties: dict[str, DutyKind] = field(default_factory=dict)

    def add_types(self, area: str, types: Iterable[Type]) -> None:
        """Enter the documents and masters of one area, with the permissions that come with them."""
        for cls in types:
            if issubclass(cls, Document):
                self.documents[kind_of(cls)] = cls
            else:
                self.masters[cls.kind] = cls
            for permission in _permissions_of(cls):
                self.permissions[permission.key] = permission
            if handed := handed_of(cls):
                self.handed[handed.key] = handed

    def add_handed(self, area: str, handed: Iterable[Handed]) -> None:
        """Enter what else an area hands over; raises ``ValueError`` for a key that is not its own, or taken."""
        for one in handed:
            if one.area != area or one.key in self.handed:
                raise ValueError(f"{area} hands over {one.key}.")
            self.handed[one.key] = one

    def add_facts(self, area: str, facts: Iterable[Fact]) -> None:
        """Enter what an area knows about documents; raises ``ValueError`` for a name that another has taken."""
        for fact in facts:
            if self.facts.setdefault(fact.key, (area, fact)) != (area, fact):
                raise ValueError(f"{area} and {self.facts[fact.key][0]} both know a fact {fact.key}.")

    def add_duties(self, area: str, kinds: Iterable[DutyKind]) -> None:
        """Enter an area's kinds of duties; raises ``ValueError`` for one of another area, or that is there already."""
        for kind in kinds:
            if kind.area != area or kind.key in self.duties:
                raise ValueError(f"{area} calls a duty {kind.key}.")
            self.duties[kind.key] = kind

    def add_reports(self, area: str, reports: Iterable[Report]) -> None:
        """Enter an area's reports, with the rights to read and to export each; raises ``ValueError`` as above."""
        for report in reports:
            if report.area != area or report.key in self.reports:
                raise ValueError(f"{area} calls a report {report.key}.")
            self.reports[report.key] = report
            for verb in ("read", "export"):
                key = report.right(verb)
                self.permissions[key] = Permission(key, report.label, VERBS[verb], report.roles)

    def add_offices(self, offices: Iterable[tuple[Office, Iterable[str]]]) -> None:
        """Enter which rights belong to which office; whoever checks documents of a type must not have made them."""
        for office, rights in offices:
            self.offices[office] = tuple(dict.fromkeys((*self.offices.get(office, ()), *rights)))
            if office is Office.CHECK:
                made = [f"{right.rpartition('.')[0]}.create" for right in rights]
                self.offices[Office.MAKE] = tuple(dict.fromkeys((*self.offices.get(Office.MAKE, ()), *made)))

    def offices_of(self, permission: str) -> frozenset[Office]:
        """The offices that a right belongs to; what everybody does who writes documents is none of them."""
        return frozenset(o for o, rights in self.offices.items() if o is not Office.MAKE and permission in rights)

    def unknown_needs(self) -> list[str]:
        """The fields, and columns of reports, that need a right which nobody declared: nobody would ever see them."""
        types: dict[str, Type] = {**self.masters, **self.documents}
        known: list[tuple[str, str | None]] = [
            (f"{kind}.{name}", face.needs) for kind, cls in types.items() for name, face in _faces(cls)
        ]
        known += [(f"{key}.{column.key}", column.needs) for key, one in self.reports.items() for column in one.columns]
        return sorted({place for place, needs in known if needs and sight(needs) not in self.permissions})

    def report(self, key: str) -> Report:
        """The report called ``area.name``; raises ``Unknown``."""
        if key not in self.reports:
            raise Unknown()
        return self.reports[key]

    def document(self, kind: str) -> type[Document]:
        """The document type of ``kind``; raises ``Unknown``."""
        if kind not in self.documents:
            raise Unknown()
        return self.documents[kind]

    def master(self, kind: str) -> type[Master]:
        """The master of ``kind``; raises ``Unknown``."""
        if kind not in self.masters:
            raise Unknown()
        return self.masters[kind]

    def type(self, kind: str) -> Type:
        """The document type or master of ``kind``; raises ``Unknown``."""
        return self.documents[kind] if kind in self.documents else self.master(kind)

    def needed_by(self, area: str) -> frozenset[str]:
        """All areas that ``area`` requires, directly or through others."""
        found: set[str] = set()
        todo = list(self.plugins[area].requires)
        while todo:
            name = todo.pop()
            if name not in found:
                found.add(name)
                todo.extend(self.plugins[name].requires)
        return frozenset(found)

    def needing(self, area: str, among: Iterable[str]) -> list[str]:
        """Those ``among`` the areas that cannot do without ``area``."""
        return sorted(name for name in among if area in self.needed_by(name))


def _faces(cls: Type) -> list[tuple[str, Face]]:
    """The fields of a type, of its lines and of its parts."""
    lines: tuple[type[Base], ...] = (DocumentLine,) if issubclass(cls, Document) else ()
    every: tuple[type[Base], ...] = (cls, *lines, *cls.parts)
    return [pair for one in every for pair in faces(one).items()]


def in_order(plugins: Mapping[str, Plugin]) -> list[str]:
    """Names of plug-ins, each after those it requires, otherwise by name."""
    sorter = TopologicalSorter({name: plugins[name].requires for name in sorted(plugins)})
    return [name for name in sorter.static_order() if name in plugins]


def in_chain(plugins: Mapping[str, Plugin], areas: Iterable[str] | None = None) -> list[str]:
    """Names of plug-ins, or of those in use, as people read them: by their places along the chain."""
    wanted = plugins if areas is None else frozenset(areas) & plugins.keys()
    return sorted(wanted, key=lambda name: (plugins[name].place, name))


def _permissions_of(cls: Type) -> Iterable[Permission]:
    kind, scoped = kind_of(cls), issubclass(cls, Document) or cls.owned
    for verb, label in VERBS.items():
        if verb == "print" and not issubclass(cls, Document):
            continue
        roles = cls.writers if verb in {"create", "edit"} else cls.readers
        yield Permission(f"{kind}.{verb}", cls.label, label, roles, scoped)
    if issubclass(cls, Document):
        if cls.begins():
            yield Permission(f"{kind}.close", cls.label, CLOSE, (*cls.writers, GENERAL_MANAGER), True)
        for move in cls.workflow.transitions:
            if not move.system:
                yield Permission(f"{kind}.{move.name}", cls.label, move.label, move.by, True)


def core_permissions() -> Iterable[Permission]:
    """The rights that every company has, whichever areas it uses."""
    company = _("Company")
    yield Permission(ADMINISTER, company, _("Administer"), (ADMINISTRATOR,))
    yield Permission(READ_HISTORY, company, _("Read all history"), (ADMINISTRATOR, GENERAL_MANAGER))
    yield Permission(
        SEE_COST,
        company,
        _("See cost and floor prices"),
        (SALES_MANAGER, FINANCE, PURCHASING, GENERAL_MANAGER),
    )
    yield Permission(SEE_PHONE, company, _("See telephone numbers in full"), CALLING)
    yield Permission(SEARCH, company, _("Search"), EVERYBODY)
    yield Permission(HAND_OVER, company, _("Hand over what somebody answers for"), (ADMINISTRATOR, GENERAL_MANAGER))
    yield Permission(OVERSEE, company, _("See everybody's duties"), (SALES_MANAGER, GENERAL_MANAGER))
