"""Find the plug-ins, put them in order, and enter what they declare.

Plug-ins are the packages below ``plugins`` and those that installed distributions announce under the entry point group
``zhanggui.plugins``. This is the one place where core looks up at them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules
from types import FunctionType, ModuleType
from typing import Any

import pluggy
from sqlalchemy.orm import configure_mappers

import plugins
from core import outbox as _outbox  # noqa: F401  (its table belongs to the metadata)
from core import separation, text
from core.approvals.facts import CORE_FACTS
from core.approvals.models import ApprovalPolicy
from core.approvals.reading import was_asked
from core.db.base import Base
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.duties import models as _duties  # noqa: F401  (its table belongs to the metadata)
from core.entities import hand_over as _hand_over  # noqa: F401  (its tables belong to the metadata)
from core.entities.announcement import Announcement
from core.entities.double_check import DoubleCheck
from core.entities.item import Item
from core.entities.master import Master
from core.entities.party import Party
from core.entities.tax import TaxRate
from core.entities.territory import Territory
from core.extension.core_duties import CORE_DUTIES
from core.extension.core_handing import CORE_HANDED
from core.extension.core_settings import SETTINGS
from core.extension.plugin import API, Plugin
from core.extension.registry import CORE, Permission, Registry, core_permissions, in_order
from core.hooks import specs
from core.messages import models as _messages  # noqa: F401  (its tables belong to the metadata)
from core.records import comments as _comments  # noqa: F401  (its tables belong to the metadata)
from core.records import files as _files  # noqa: F401  (its tables belong to the metadata)
from core.records import imports as _imports  # noqa: F401  (its tables belong to the metadata)
from core.records import models as _records  # noqa: F401  (its tables belong to the metadata)
from core.records.guidance import was_guided
from core.rights import ADMINISTER
from core.search import models as _search  # noqa: F401  (its tables belong to the metadata)
from core.separation import Office

PROJECT, GROUP = "zhanggui", "zhanggui.plugins"
# Parts that declare what has names of its own: how the registry takes it, and what the part calls it.
NAMED: dict[str, tuple[Callable[[Registry, str, Any], None], str]] = {
    "facts": (Registry.add_facts, "FACTS"),
    "handing": (Registry.add_handed, "HANDED"),
    "duties": (Registry.add_duties, "DUTIES"),
    "reports": (Registry.add_reports, "REPORTS"),
}
PARTS = (
    "settings",
    "masters",
    "documents",
    "services",
    "papers",
    "allocations",
    "verify",
    "reports",
    "facts",
    "handing",
    "duties",
    "hooks",
    "admin",
    "api",
    "jobs",
)
CORE_MASTERS = (Party, Item, TaxRate, Territory, ApprovalPolicy, DoubleCheck, Announcement)


class BadPlugin(RuntimeError):
    """A plug-in breaks the contract; the program does not start."""


class Manager(pluggy.PluginManager):
    """Looks for a plug-in's hooks among the functions of its module, and no further: that took a third of ``load``."""

    def parse_hookimpl_opts(self, plugin: Any, name: str) -> Any:
        """How a name of a plug-in implements a hook, as pluggy wants to know; None when it does not."""
        if isinstance(plugin, ModuleType):
            found = vars(plugin).get(name)
            return getattr(found, f"{PROJECT}_impl", None) if isinstance(found, FunctionType) else None
        return super().parse_hookimpl_opts(plugin, name)


def packages() -> list[str]:
    """The import names of all plug-ins that are installed."""
    own = [f"plugins.{module.name}" for module in iter_modules(plugins.__path__) if module.ispkg]
    return [*own, *_installed()]


@cache
def _installed() -> list[str]:
    """Those that came as distributions of their own; a process finds out about new ones when it starts."""
    return sorted(entry.value for entry in entry_points(group=GROUP))


def presets() -> Path:
    """The folder of the presets that come with the plug-ins."""
    return Path(plugins.__path__[0]) / "presets"


def load(names: Sequence[str] | None = None, *, reverse: bool = False) -> tuple[Registry, pluggy.PluginManager]:
    """Import every plug-in's parts, each after those it requires, and register its hooks.

    ``reverse`` registers the hooks in the opposite order; no answer may depend on it.
    """
    registry, manager = Registry(), Manager(PROJECT)
    manager.add_hookspecs(specs)
    registry.settings.update({s.key: s for s in (*SETTINGS, *separation.SETTINGS)})
    registry.permissions.update({p.key: p for p in core_permissions()})
    registry.add_types(CORE, CORE_MASTERS)
    registry.add_facts(CORE, CORE_FACTS)
    registry.openers += [was_asked, was_guided]
    registry.add_handed(CORE, CORE_HANDED)
    registry.add_duties(CORE, CORE_DUTIES)
    for name in names if names is not None else packages():
        manifest = getattr(import_module(name), "plugin", None)
        if not isinstance(manifest, Plugin):
            raise BadPlugin(f"{name} has no manifest called plugin.")
        if not manifest.fits():
            raise BadPlugin(f"{name} was written for core {manifest.core}; this is {API}.")
        registry.plugins[manifest.name], registry.packages[manifest.name] = manifest, name
    hooks = [_enter(registry, name) for name in _ordered(registry)]
    for name, module in reversed(hooks) if reverse else hooks:
        if module:
            manager.register(module, name=name)
    manager.check_pending()
    configure_mappers()
    registry.add_offices([(Office.ADMINISTER, (ADMINISTER,))])
    if strangers := sorted({r for rights in registry.offices.values() for r in rights} - registry.permissions.keys()):
        raise BadPlugin(f"There is no right {', '.join(strangers)} that could belong to an office.")
    if unknown := registry.unknown_needs():
        raise BadPlugin(f"There is no right to see what is needed here: {', '.join(unknown)}.")
    text.load_catalogues(
        [Path(import_module(p).__file__ or "").parent / "translations" for p in ("core", *registry.packages.values())]
    )
    return registry, manager


def _ordered(registry: Registry) -> list[str]:
    for name, manifest in registry.plugins.items():
        missing = set(manifest.requires) - set(registry.plugins)
        if missing:
            raise BadPlugin(f"{name} requires {', '.join(sorted(missing))}, which is not installed.")
    order = in_order(registry.plugins)
    registry.plugins = {name: registry.plugins[name] for name in order}
    return order


@cache
def _parts(package: str) -> tuple[str, ...]:
    """Those parts that the package has."""
    return tuple(part for part in PARTS if find_spec(f"{package}.{part}") is not None)


def _enter(registry: Registry, name: str) -> tuple[str, ModuleType | None]:
    """Import the parts of one plug-in and enter its types, settings and permissions."""
    package, hooks = registry.packages[name], None
    for part in _parts(package):
        module = import_module(f"{package}.{part}")
        if part == "hooks":
            hooks = module
        _declared(registry, name, part, module)
    registry.add_types(name, _types_of(name, package))
    for key, label, roles in registry.plugins[name].permissions:
        registry.permissions[key] = Permission(key, registry.plugins[name].label, label, roles)
    registry.add_offices(registry.plugins[name].offices)
    return name, hooks


def _declared(registry: Registry, name: str, part: str, module: ModuleType) -> None:
    """Enter what one part of a plug-in declares by a name that everybody uses."""
    match part:
        case "settings":
            registry.settings |= {setting.key: setting for setting in getattr(module, "SETTINGS", ())}
        case "papers":
            registry.papers |= getattr(module, "PAPERS", {})
        case "allocations":
            registry.allocating |= {one.kind: one for one in module.ALLOCATIONS}
        case "verify":
            registry.checks[name] = tuple(module.CHECKS)
        case _ if part in NAMED:
            enter, declared = NAMED[part]
            _entered(partial(enter, registry), name, getattr(module, declared))


def _entered(enter: Callable[[str, Any], None], name: str, declared: Any) -> None:
    """Enter what has names of its own, which nobody else may have taken."""
    try:
        enter(name, declared)
    except ValueError as error:
        raise BadPlugin(str(error)) from error


def _types_of(name: str, package: str) -> list[Type]:
    """The documents and masters defined in the package; their kinds must begin with the plug-in's name."""
    found: list[Type] = []
    for mapper in Base.registry.mappers:
        cls = mapper.class_
        if not issubclass(cls, Document | Master) or not cls.__module__.startswith(f"{package}."):
            continue
        if not kind_of(cls).startswith(f"{name}."):
            raise BadPlugin(f"{cls.__name__} of {package} calls itself {kind_of(cls)}.")
        found.append(cls)
    return sorted(found, key=kind_of)
