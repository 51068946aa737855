"""No answer depends on the order in which plug-ins were registered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from core.app import Program, open_program
from core.db.engine import open_engine
from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.documents.reading import load, load_master
from core.duties.reading import my_duties
from core.entities.party import Party
from core.schemas import outputs
from core.search.listing import Query, page
from core.testing.fixtures import ENGINES, database_on
from core.testing.samples import Samples
from core.work import Work

MOMENTS = ("_at", "created", "updated")


def still(value: Any) -> Any:
    """A value without the moments in it, which differ from run to run."""
    if isinstance(value, dict):
        return {key: still(inner) for key, inner in value.items() if not str(key).endswith(MOMENTS)}
    if isinstance(value, list | tuple):
        return [still(inner) for inner in value]
    return str(value) if not isinstance(value, str | int | None) else value


def scenario(program: Program) -> list[Any]:
    """One of everything is made, read and moved with every area on; gives back all that anybody sees of it."""
    samples = Samples.founded(program, "order", sorted(program.registry.plugins))
    told: list[Any] = []

    def look(work: Work, cls: Type, key: int) -> None:
        if issubclass(cls, Document):
            record = load(work, cls, key)
            told.append(still(outputs.document(work, record)))
            told.append([(p.key, still(p.rows)) for p in work.hooks.document_panels(record)])
        else:
            told.append(still(outputs.master(work, load_master(work, cls, key))))
        told.append([d.key for d in my_duties(work)])
        told.append([(c.key, still(c.value)) for c in work.hooks.dashboard_cards()])
        told.append([(m.record, str(m.title), m.body) for m in work.hooks.party_timeline(samples.key(Party.kind))])
        told.append(still([dict(row) for row in page(work, cls, Query()).rows]))

    everything: list[Type] = [*program.registry.masters.values(), *program.registry.documents.values()]
    for cls in sorted(everything, key=kind_of):
        record = samples.document(cls) if issubclass(cls, Document) else samples.master(cls)
        if isinstance(record, Document):
            told.append(samples.walk(record))
        samples.firm.read("everybody", lambda w, c=cls, k=record.id: look(w, c, k))  # type: ignore[misc]
    return told


@pytest.mark.parametrize("engine", ENGINES)
def test_the_reversed_order_tells_the_same_story(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    stories = []
    for reverse in (False, True):
        folder = tmp_path / str(reverse)
        folder.mkdir()
        with database_on(engine, request, folder) as database:
            opened = open_engine(database.url)
            program = open_program(opened, reverse=reverse)
            names = [name for name, plugin in program.manager.list_name_plugin() if plugin is not None]
            stories.append((names, scenario(program)))
            opened.dispose()
    (names, story), (reversed_names, reversed_story) = stories
    assert reversed_names == names[::-1]
    assert reversed_story == story
