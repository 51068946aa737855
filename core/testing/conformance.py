"""Conformance: what every plug-in must be, proved by two lines of its author.

class TestQuotation(Conformance):
    area = "quotation"
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any, ClassVar

import pytest

from core import build, roles
from core.app import Program
from core.db.engine import open_engine
from core.db.migrate import downgrade, upgrade
from core.db.revisions import current, scripts, table_names, tables_of
from core.documents.faces import faces, own_columns
from core.documents.kinds import Type, area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.extension.loader import PARTS
from core.extension.loader import load as load_all
from core.extension.plugin import Plugin
from core.extension.registry import Registry
from core.schemas import inputs
from core.search.listing import page
from core.testing import plugin_rules
from core.testing.evidence import (
    differences,
    listen,
    looked_at,
    missing_texts,
    queries,
    same_in_chinese,
    thawed,
    told_whole,
)
from core.testing.fixtures import Database
from core.testing.samples import Hints, Samples
from core.text import CHINESE, Text, speaking

MODULES = frozenset({*PARTS, "preset", "demo", "__init__"})
FOLDERS = frozenset({"presets", "migrations", "translations", "templates", "__pycache__"})
FILES = frozenset({"README.md", "py.typed"})
_codes = count(1)


class Conformance:
    """The promises of a plug-in, each a test. ``values`` helps where a record needs what its fields cannot tell."""

    area: ClassVar[str]
    values: ClassVar[Hints] = {}

    # What it is made of -----------------------------------------------------------------------------------------

    @pytest.fixture
    def registry(self) -> Registry:
        """What all installed plug-ins declare; reading it needs no database."""
        return load_all()[0]

    @pytest.fixture
    def folder(self, registry: Registry) -> Path:
        """Where the plug-in's sources are."""
        return Path(import_module(registry.packages[self.area]).__file__ or "").parent

    def test_it_has_files_of_the_standard_set_only(self, folder: Path) -> None:
        strangers = [
            path.name
            for path in folder.iterdir()
            if not (
                path.name in FILES
                or (path.is_dir() and path.name in FOLDERS | MODULES)
                or (path.suffix == ".py" and path.stem in MODULES)
            )
        ]
        assert strangers == []

    def test_its_manifest_is_all_that_its_package_holds(self, registry: Registry, folder: Path) -> None:
        plugin = registry.plugins[self.area]
        assert plugin.name == self.area == folder.name
        assert plugin.label.message
        assert plugin.about.message
        tree = ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))
        docstring, *rest = tree.body
        assert isinstance(docstring, ast.Expr)
        assert [type(node) for node in rest if not isinstance(node, ast.ImportFrom)] == [ast.Assign]

    def test_its_readme_introduces_every_type(self, registry: Registry, folder: Path) -> None:
        text = (folder / "README.md").read_text(encoding="utf-8")
        assert text.startswith("# ")
        missing = [kind_of(c) for c in self.types(registry) if c.label.message.lower() not in text.lower()]
        assert missing == []

    def test_its_sources_stay_inside_the_company(self, folder: Path) -> None:
        assert plugin_rules.complaints(folder) == []

    def test_everything_it_declares_carries_its_name(self, registry: Registry) -> None:
        own = [kind for kind in (*registry.documents, *registry.masters) if registry.type(kind) in self.types(registry)]
        named = [*own, *self.settings(registry), *(key for key, _l, _r in registry.plugins[self.area].permissions)]
        assert [name for name in named if not name.startswith(f"{self.area}.")] == []
        tables = tables_of(self.area, registry.packages)
        assert [t for t in tables if t != self.area and not t.startswith(f"{self.area}_")] == []

    # Workflows and rights ---------------------------------------------------------------------------------------

    def test_every_state_is_reached_and_every_unfinished_one_is_left(self, registry: Registry) -> None:
        for cls in self.documents(registry):
            flow = cls.workflow
            assert {s.key for s in flow.states} == flow.reachable, kind_of(cls)
            stuck = [s.key for s in flow.states if not s.ends and not flow.open_from(s.key)]
            assert stuck == [], kind_of(cls)
            names = [t.name for t in flow.transitions]
            assert len(names) == len(set(names)), kind_of(cls)

    def test_every_move_is_a_right_with_default_roles(self, registry: Registry) -> None:
        for cls in self.documents(registry):
            for move in cls.workflow.transitions:
                right = registry.permissions.get(f"{kind_of(cls)}.{move.name}")
                if move.system:
                    assert right is None, move.name
                else:
                    assert right is not None, move.name
                    assert right.roles, move.name
                    assert set(right.roles) <= set(roles.STANDARD), move.name
            clash = {t.name for t in cls.workflow.transitions} & {"read", "create", "edit", "print", "export"}
            assert clash == set(), kind_of(cls)

    def test_whoever_may_move_or_write_may_read(self, registry: Registry) -> None:
        for cls in self.types(registry):
            readers, writers = set(cls.readers), set(cls.writers)
            moving = {r for t in cls.workflow.transitions for r in t.by} if issubclass(cls, Document) else set()
            blind = {role.key for role in (writers | moving) - readers}
            assert blind == set(), kind_of(cls)

    # Faces ------------------------------------------------------------------------------------------------------

    def test_every_column_it_names_has_a_face(self, registry: Registry) -> None:
        for cls in self.types(registry):
            known = set(faces(cls))
            named = {*cls.columns, *cls.sorts, *cls.filters, *cls.searched}
            if issubclass(cls, Document):
                named |= set(cls.header)
                for move in cls.workflow.transitions:
                    assert set(move.musts) <= set(move.asks) <= own_columns(cls), f"{kind_of(cls)}.{move.name}"
                assert set(cls.line_columns) <= set(faces(DocumentLine)), kind_of(cls)
            assert named - known - {"id"} == set(), kind_of(cls)
            assert cls.columns, kind_of(cls)
            for part in getattr(cls, "parts", ()):
                assert set(part.columns) <= set(faces(part)), part.__name__

    def test_every_reference_points_at_a_type_there_is(self, registry: Registry) -> None:
        known = {*registry.documents, *registry.masters, "core.account", "core.department", "core.company_role"}
        needed = {"core", self.area, *registry.needed_by(self.area)}
        for cls in self.types(registry):
            for one in (cls, *getattr(cls, "parts", ())):
                for face in faces(one).values():
                    if face.references:
                        assert face.references in known, f"{kind_of(cls)}.{face.name}"
                        assert area_of(face.references) in needed, f"{kind_of(cls)}.{face.name}"

    def test_its_schemas_build(self, registry: Registry) -> None:
        for cls in self.types(registry):
            for partial in (False, True):
                fields = inputs.schema(cls, partial)().fields
                assert set(inputs.writable(cls)) <= set(fields), kind_of(cls)

    def test_no_other_area_calls_a_type_or_part_the_same(self, registry: Registry) -> None:
        every: list[Type] = [*registry.documents.values(), *registry.masters.values()]
        names = [one.__name__ for cls in every for one in (cls, *cls.parts)]
        own = {one.__name__ for cls in self.types(registry) for one in (cls, *cls.parts)}
        assert [name for name in sorted(own) if names.count(name) > 1] == []

    # Words ------------------------------------------------------------------------------------------------------

    def test_every_text_is_translated(self, folder: Path) -> None:
        po = folder / "translations" / build.LOCALE / "LC_MESSAGES" / f"{build.DOMAIN}.po"
        assert missing_texts(folder, po) == []

    def test_every_label_reads_in_chinese(self, registry: Registry) -> None:
        with speaking(CHINESE):
            same = [text.message for text in self.labels(registry) if same_in_chinese(text)]
        assert same == []

    # Tables -----------------------------------------------------------------------------------------------------

    def test_its_migrations_make_what_its_models_say_and_unmake_it(self, registry: Registry, blank: Database) -> None:
        packages = {n: registry.packages[n] for n in registry.plugins if n in self.with_needs(registry)}
        engine = open_engine(blank.owner_url)
        own = tables_of(self.area, registry.packages)
        try:
            upgrade(engine, packages)
            assert differences(engine, self.area, registry) == []
            if own:
                downgrade(engine, packages, self.area)
                with engine.connect() as connection:
                    assert table_names(connection) & own == set()
                    one = next(s for s in scripts(packages) if s.area == self.area)
                    assert current(connection, one) is None
                assert upgrade(engine, packages) == [self.area]
                assert differences(engine, self.area, registry) == []
        finally:
            engine.dispose()

    # It works ---------------------------------------------------------------------------------------------------

    def test_it_works_alone(self, program: Program) -> None:
        self.works_with(program, [self.area], walk=True)

    def test_the_parts_of_its_documents_are_frozen_with_them(self, program: Program) -> None:
        samples = self.founded(program, [self.area])
        made = [samples.document(cls) for cls in self.documents(program.registry) if cls.parts]
        assert [part.key for one in made for part in type(one).parts if not getattr(one, part.key)] == []
        assert [thawed(samples.firm, one) for one in made] == [[] for _one in made]

    def test_it_works_beside_every_other_area(self, program: Program) -> None:
        for other in program.registry.plugins:
            if other != self.area:
                self.works_with(program, [self.area, other])

    def test_its_lists_answer_every_sort_and_filter(self, program: Program) -> None:
        samples = self.founded(program, [self.area])
        for cls in self.types(program.registry):
            record = self.made(samples, cls)
            for query in queries(cls, record):
                found = samples.firm.read("everybody", lambda w, c=cls, q=query: page(w, c, q))  # type: ignore[misc]
                assert record.id in [row["id"] for row in found.rows], (kind_of(cls), query)

    def test_its_reports_tell_the_same_on_every_way_out(self, program: Program) -> None:
        reports = [one for one in program.registry.reports.values() if one.area == self.area]
        samples = self.founded(program, [self.area])
        for filled in (False, True):
            if filled and reports:
                for cls in self.documents(program.registry):
                    samples.walk(self.made(samples, cls))
            for report in reports:
                samples.firm.read("everybody", lambda w, r=report: told_whole(w, r))  # type: ignore[misc]

    def test_it_is_silent_in_a_company_that_does_not_use_it(self, program: Program) -> None:
        heard = listen(program, self.area)
        others = [n for n in program.registry.plugins if self.area not in {n, *program.registry.needed_by(n)}]
        self.works_with(program, others, walk=True)
        assert heard == []
        self.works_with(program, [self.area], walk=True)
        assert heard != []

    # Words of the tests -----------------------------------------------------------------------------------------

    def with_needs(self, registry: Registry) -> set[str]:
        """The area and what it cannot do without."""
        return {self.area, *registry.needed_by(self.area)}

    def types(self, registry: Registry) -> list[Type]:
        """The documents and masters of the area."""
        return [*self.documents(registry), *(c for k, c in registry.masters.items() if area_of(k) == self.area)]

    def documents(self, registry: Registry) -> list[type[Document]]:
        """The document types of the area."""
        return [cls for kind, cls in registry.documents.items() if area_of(kind) == self.area]

    def settings(self, registry: Registry) -> list[str]:
        """The keys of the settings that the plug-in's module declares."""
        try:
            module = import_module(f"{registry.packages[self.area]}.settings")
        except ModuleNotFoundError:
            return []
        return [setting.key for setting in module.SETTINGS]

    def labels(self, registry: Registry) -> Iterable[Text]:
        """Everything that people read of the area's declarations."""
        plugin: Plugin = registry.plugins[self.area]
        yield from (plugin.label, plugin.about)
        yield from (p.label for p in registry.permissions.values() if p.area == self.area)
        yield from (s.label for key, s in registry.settings.items() if area_of(key) == self.area)
        for report in registry.reports.values():
            if report.area == self.area:
                yield from (report.label, report.about, *report.notes)
                yield from (column.label for column in report.columns)
                yield from (one.label for one in report.filters)
        for cls in self.types(registry):
            yield from (cls.label, cls.label_plural)
            yield from (face.label for face in faces(cls).values())
            for part in getattr(cls, "parts", ()):
                yield from (part.label, *(face.label for face in faces(part).values()))
            if issubclass(cls, Document):
                yield from (state.label for state in cls.workflow.states)
                yield from (move.label for move in cls.workflow.transitions)

    def founded(self, program: Program, areas: list[str]) -> Samples:
        """A new company with one person who holds every role."""
        return Samples.founded(program, f"c{next(_codes)}", areas, self.values)

    def made(self, samples: Samples, cls: Type) -> Any:
        """One new record of ``cls``."""
        return samples.document(cls) if issubclass(cls, Document) else samples.master(cls)

    def works_with(self, program: Program, areas: list[str], *, walk: bool = False) -> None:
        """Make one of each type of the areas, read it, list it, and let every area look at it."""
        samples = self.founded(program, areas)
        here = samples.firm.as_program(lambda w: w.areas)
        assert set(areas) <= here
        everything: dict[str, Type] = {**program.registry.masters, **program.registry.documents}
        for kind, cls in everything.items():
            if area_of(kind) in here:
                record = self.made(samples, cls)
                samples.firm.read("everybody", lambda w, c=cls, r=record: looked_at(w, c, r))  # type: ignore[misc]
                if walk and isinstance(record, Document):
                    samples.walk(record)
