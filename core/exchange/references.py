"""What a file points at by code, name or number is found set-wise, within the reach of whoever brings the file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import or_, select

from core.documents import access
from core.documents.faces import Face
from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.entities.party import Party
from core.exchange.cells import Wrong, figure
from core.names import normal_name
from core.pasted import compact, plain
from core.text import _
from core.work import Work

Hits = dict[str, set[int]]


class References:
    """The records that texts name. ``learn`` all texts of many rows first, then ``find`` each."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._surest: dict[str, Hits] = defaultdict(lambda: defaultdict(set))
        self._others: dict[str, Hits] = defaultdict(lambda: defaultdict(set))

    def learn(self, wanted: Iterable[tuple[Face, str]]) -> None:
        """Read whatever the texts may mean: a statement or two for each kind of record."""
        by_kind: dict[str, set[str]] = defaultdict(set)
        for face, text in wanted:
            by_kind[face.references or ""].add(text)
        for kind, texts in by_kind.items():
            for sure, key, ids in self._read(kind, texts):
                (self._surest if sure else self._others)[kind][_folded(key)] |= ids

    def find(self, face: Face, text: str) -> int:
        """The id of the one record that ``text`` names: by its code or number, else by its name. Raises ``Wrong``."""
        kind = face.references or ""
        key = _folded(text)
        names = {key, _folded(normal_name(text))} if kind == Party.kind else {key}
        hits = self._surest[kind].get(key) or set().union(*(self._others[kind].get(name, set()) for name in names))
        if not hits:
            raise Wrong(_("Nothing here is called “{value}”.", value=text[:60]), "reference")
        if len(hits) > 1:
            raise Wrong(
                _("“{value}” names {count} records; give the code.", value=text[:60], count=len(hits)), "ambiguous"
            )
        return next(iter(hits))

    def _read(self, kind: str, texts: set[str]) -> Iterator[tuple[bool, str, set[int]]]:
        match kind:
            case "core.account":
                yield from self._people()
            case "core.department":
                for key, pair in self._work.company.departments.items():
                    yield from ((False, name, {key}) for name in set(pair) - {"", None})
            case "core.company_role":
                for role in self._work.company.roles.values():
                    yield True, role.key, {role.id}
                    yield from ((False, name, {role.id}) for name in {role.name, role.name_en} - {""})
            case "core.tax_rate":
                yield from self._taxes(texts)
            case _:
                yield from self._records(kind, texts)

    def _people(self) -> Iterator[tuple[bool, str, set[int]]]:
        for person in self._work.company.people.values():
            if person.works(self._work.today):
                yield True, person.login, {person.id}
                yield from ((False, name, {person.id}) for name in {person.name, person.name_en} - {""})

    def _taxes(self, texts: set[str]) -> Iterator[tuple[bool, str, set[int]]]:
        """A tax rate is called by its code or name, or by its percentage."""
        rates = [tax for tax in self._work.company.taxes if tax.active]
        for tax in rates:
            yield True, tax.code, {tax.id}
            yield from ((False, name, {tax.id}) for name in {tax.name, tax.name_en} - {""})
        for text in texts:
            try:
                number = figure(text)
            except Wrong:
                continue
            of_rate = {tax.id for tax in rates if tax.rate == number and tax.tax_kind == "rate"}
            if of_rate:
                yield False, text, of_rate

    def _records(self, kind: str, texts: set[str]) -> Iterator[tuple[bool, str, set[int]]]:
        work = self._work
        cls = work.types.documents.get(kind) or work.types.masters.get(kind)
        if cls is None or area_of(kind) not in {"core", *work.areas} or not work.may(f"{kind}.read"):
            return
        table: Any = Document.__table__ if issubclass(cls, Document) else cls.__table__
        names = [
            name for name in ("number", "code", "credit_code", "name", "name_key", "party_name") if name in table.c
        ]
        forms = {plain(text) for text in texts} | texts
        values = dict.fromkeys(names, forms)
        if "name_key" in values:
            values["name_key"] = {normal_name(text)[:200] for text in texts}
        if "credit_code" in values:
            values["credit_code"] = {compact(text) for text in texts} - {""}
        same = [table.c[name].in_(sorted(wanted)) for name, wanted in values.items() if wanted]
        statement = select(table.c.id, *(table.c[name] for name in names)).where(
            table.c.company_id == work.company.id, or_(*same)
        )
        if issubclass(cls, Document):
            statement = statement.where(table.c.kind == kind_of(cls))
        else:
            statement = statement.where(table.c.active)
        reach = access.rows(work, cls)
        for row in work.connection.execute(statement if reach is None else statement.where(reach)):
            for name in names:
                if value := getattr(row, name):
                    yield name in {"number", "code", "credit_code"}, str(value), {row.id}


def _folded(text: str) -> str:
    return plain(text).casefold()
