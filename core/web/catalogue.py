"""Which screens there are: core's own, one for each type, and what an area's ``admin`` says differs from that."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from core.documents.models import Document
from core.web.document_screen import DocumentScreen
from core.web.duties import MyDuties, Team
from core.web.guiding import GuidanceBoxes
from core.web.home import Home
from core.web.importing import Imports
from core.web.inbox import Inbox
from core.web.lookups import Lookup, Search
from core.web.master_screen import MasterScreen
from core.web.messages import Messages
from core.web.notices import Notices
from core.web.report_screen import ReportScreen
from core.web.screens import Screen

if TYPE_CHECKING:
    from core.app import Program


def screens_of(program: Program) -> list[Screen]:
    """Every screen, the first page first. An area's ``admin.py`` may declare further ``SCREENS``.

    One derived from ``DocumentScreen`` or ``MasterScreen`` names its type as ``of`` and takes the usual one's place.
    """
    instead, further = _declared(program)
    found: list[Screen] = [
        Home(endpoint="home", url="/"),
        MyDuties(endpoint="my_duties", url="/duties"),
        Inbox(endpoint="inbox", url="/approvals"),
        GuidanceBoxes(endpoint="guidance", url="/guidance"),
        Notices(endpoint="notices", url="/core/notices"),
        Team(endpoint="team", url="/duties/team"),
        Messages(endpoint="messages", url="/messages"),
        Search(endpoint="search", url="/search"),
        Lookup(endpoint="lookup", url="/lookup"),
    ]
    registry = program.registry
    for kind, cls in [*registry.masters.items(), *registry.documents.items()]:
        usual = DocumentScreen if issubclass(cls, Document) else MasterScreen
        found.append(instead.get(kind, usual)(cls))
    found.append(Imports(endpoint="imports", url="/imports"))
    return found + further + [ReportScreen(report) for report in registry.reports.values()]


def _declared(program: Program) -> tuple[dict[str, type], list[Screen]]:
    from core.documents.kinds import kind_of

    instead: dict[str, type] = {}
    further: list[Screen] = []
    for area, package in program.registry.packages.items():
        if find_spec(f"{package}.admin") is None:
            continue
        for screen in getattr(import_module(f"{package}.admin"), "SCREENS", ()):
            if hasattr(screen, "of"):
                instead[kind_of(screen.of)] = screen
            else:
                screen.group = area
                name = f"{area}_{screen.__name__.lower()}"
                further.append(screen(endpoint=name, url=f"/{area}/{screen.__name__.lower()}"))
    return instead, further
