"""The composition root: the only module that knows every part."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

from pluggy import PluginManager
from sqlalchemy import Engine

from core.extension.loader import load
from core.extension.registry import Registry
from core.jobs.job import JOBS, JobType
from core.operations.access import refused
from core.records.stores import Bucket, ObjectStore, Store
from core.work import Works


@dataclass(frozen=True, slots=True)
class Program:
    """Everything a face needs: the works, what the plug-ins declare, the jobs by name, and the engine below."""

    engine: Engine
    registry: Registry
    manager: PluginManager
    works: Works
    jobs: Mapping[str, JobType]


def open_program(
    engine: Engine, *, packages: Sequence[str] | None = None, reverse: bool = False, store: Store | None = None
) -> Program:
    """The program over ``engine``; ``packages`` are the plug-ins to load, all installed ones unless given.

    ``store``: where contents of files are kept if not in the database.
    """
    registry, manager = load(packages, reverse=reverse)
    # Jobs are declared by being imported: an area's by the loader, core's own here.
    for name in ("core_jobs", "imports", "message_jobs"):
        import_module(f"core.jobs.{name}")
    works = Works(engine, registry, manager)
    works.refused, works.store = refused, store
    return Program(engine, registry, manager, works, JOBS)


def settled() -> None:
    """What the program is made of by now stays until the process ends: the collector looks through new things only.

    Else it goes through some hundred thousand objects again and again while a job makes as many new ones. For those
    who start a process; whatever is garbage at that moment stays as well.
    """
    gc.freeze()


def store_of(files: str, endpoint: str = "") -> Store | None:
    """The store that the configuration names; None for the database itself."""
    return ObjectStore(Bucket.at(files, endpoint)) if files else None
