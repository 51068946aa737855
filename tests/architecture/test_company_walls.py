"""One company never meets another's rows: the walls in the tables, in the session and in the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKeyConstraint, Table, UniqueConstraint, delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased

from core.app import Program
from core.approvals import reading
from core.db.base import Base
from core.db.security import APP_ROLE, company_tables
from core.documents.kinds import Type
from core.documents.models import Document, DocumentLine
from core.documents.reading import find
from core.entities.party import Contact, Party
from core.errors import DomainError, Unauthenticated, Unknown
from core.extension.loader import load
from core.search.listing import Query, page
from core.testing.builders import Firm, line
from core.testing.counting import Statements, counted
from core.testing.evidence import looked_at
from core.testing.samples import Samples
from core.work import Ask, Work
from plugins.quotation.documents import Quotation

load()
TABLES = company_tables()
# Kept although what they speak of may be gone, or pointing at what has no row of its own.
LOOSE = {
    "attachment.record_id",
    "comment.record_id",
    "duty.part_id",
    "duty.record_id",
    "guidance.record_id",
    "history.document_id",
    "history.record_id",
    "import_row.record_id",
    "message.record_id",
}


def table(name: str) -> Table:
    return Base.metadata.tables[name]


def composite(constraint: ForeignKeyConstraint) -> bool:
    own = [column.name for column in constraint.columns]
    other = [element.column.name for element in constraint.elements]
    return own[0] == "company_id" and other[0] == "company_id"


# The tables -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TABLES)
def test_every_row_of_a_company_names_it(name: str) -> None:
    assert not table(name).c.company_id.nullable


@pytest.mark.parametrize("name", TABLES)
def test_a_row_with_a_key_is_unique_together_with_its_company(name: str) -> None:
    if "id" in table(name).c and len(table(name).primary_key.columns) == 1:
        unique = [[c.name for c in u.columns] for u in table(name).constraints if isinstance(u, UniqueConstraint)]
        joined = any(
            composite(fk) and fk.referred_table.name == "document" and "id" in [c.name for c in fk.columns]
            for fk in table(name).foreign_key_constraints
        )
        assert ["company_id", "id"] in unique or joined


@pytest.mark.parametrize("name", TABLES)
def test_rows_of_a_company_refer_to_each_other_together_with_it(name: str) -> None:
    simple = [
        fk.column_keys
        for fk in table(name).foreign_key_constraints
        if "company_id" in fk.referred_table.c and not composite(fk)
    ]
    assert simple == []


@pytest.mark.parametrize("name", TABLES)
def test_whatever_looks_like_a_reference_is_one(name: str) -> None:
    referring = {column for fk in table(name).foreign_key_constraints for column in fk.column_keys}
    loose = [c.name for c in table(name).c if c.name.endswith("_id") and c.name not in referring]
    assert {f"{name}.{column}" for column in loose} <= LOOSE


# The session ----------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(firm: Firm, other_firm: Firm) -> tuple[Quotation, Quotation]:
    """A quotation here, and one in another company."""

    def quotation(of: Firm) -> Quotation:
        party = of.party(contacts=[{"name": "王经理"}])
        return of.create(Quotation, party_id=party.id, lines=[line(of.item())], valid_until="2026-12-31")

    return quotation(firm), quotation(other_firm)


STATEMENTS: dict[str, Callable[[], Any]] = {
    "entities": lambda: select(Quotation),
    "base entities": lambda: select(Document),
    "columns": lambda: select(Quotation.company_id),
    "columns of the base": lambda: select(Document.company_id),
    "lines": lambda: select(DocumentLine.company_id),
    "masters": lambda: select(Party.company_id),
    "parts": lambda: select(Contact.company_id),
    "an alias": lambda: select(aliased(Document).company_id),
    "a join": lambda: select(DocumentLine.company_id).join(Document, Document.id == DocumentLine.document_id),
    "a subquery": lambda: select(select(Document.company_id).subquery().c.company_id),
    "a union": lambda: select(Document.company_id).union_all(select(Quotation.company_id)),
    "sorted by a column of the subclass": lambda: select(Quotation.company_id).order_by(Quotation.valid_until),
}


@pytest.mark.parametrize("form", STATEMENTS)
def test_a_session_reads_its_own_company_whatever_the_statement(
    firm: Firm, pair: tuple[Quotation, Quotation], form: str
) -> None:
    rows = firm.read("boss", lambda w: list(w.session.scalars(STATEMENTS[form]())))
    companies = {row.company_id if isinstance(row, Document) else row for row in rows}
    assert companies == {firm.id}


def test_counting_checking_and_getting_stay_in_the_company(firm: Firm, pair: tuple[Quotation, Quotation]) -> None:
    mine, foreign = pair

    def look(work: Work) -> list[Any]:
        session = work.session
        return [
            session.scalar(select(func.count()).select_from(Document)),
            session.scalar(select(func.count(Quotation.id))),
            session.scalar(select(select(Document.id).where(Document.id == foreign.id).exists())),
            session.get(Quotation, foreign.id),
            session.get(Document, foreign.id),
            getattr(session.get(Quotation, mine.id), "id", None),
        ]

    assert firm.read("boss", look) == [1, 1, False, None, None, mine.id]


def test_sorting_by_a_column_of_the_subclass_is_confined_in_both_tables(firm: Firm, engine: Engine) -> None:
    with counted(engine) as said:
        firm.read("boss", lambda w: list(w.session.scalars(select(Quotation).order_by(Quotation.valid_until))))
    assert "quotation_quotation.company_id = " in said.texts[-1]
    assert "document.company_id = " in said.texts[-1]


def test_each_work_has_an_identity_map_of_its_own(
    firm: Firm, other_firm: Firm, pair: tuple[Quotation, Quotation]
) -> None:
    mine, foreign = pair
    with firm.program.works.read(firm.ask("boss")) as here, firm.program.works.read(other_firm.ask("boss")) as there:
        assert here.session.get(Quotation, mine.id) is not None
        assert there.session.get(Quotation, mine.id) is None
        assert there.session.get(Quotation, foreign.id) is not None
        assert here.session.get(Quotation, foreign.id) is None


@pytest.mark.parametrize(
    "statement",
    [
        update(Party).values(name="x"),
        delete(Party),
        insert(Party).values(company_id=2, name="x"),
        update(Party.__table__).values(name="x"),  # type: ignore[arg-type]  # a mapped class's table is a Table
    ],
    ids=["update", "delete", "insert", "update of a bare table"],
)
def test_a_session_refuses_to_write(firm: Firm, other_firm: Firm, statement: Any) -> None:
    party = other_firm.party()
    with pytest.raises(RuntimeError, match=r"core\.operations"):
        firm.as_program(lambda w: w.session.execute(statement))
    assert other_firm.read("boss", lambda w: w.session.get_one(Party, party.id).name) == party.name


def test_a_session_refuses_to_flush_what_was_changed_in_it(firm: Firm) -> None:
    party = firm.party()

    def change(work: Work) -> None:
        work.session.get_one(Party, party.id).name = "别的名字"
        work.session.flush()

    with pytest.raises(RuntimeError, match=r"core\.operations"):
        firm.as_program(change)


def test_lines_are_not_read_by_touching_them(firm: Firm, pair: tuple[Quotation, Quotation]) -> None:
    with pytest.raises(Exception, match="lazy='raise'"):
        firm.read("boss", lambda w: w.session.get_one(Quotation, pair[0].id).lines)


def test_statements_that_name_their_company_themselves_find_no_other(
    firm: Firm, pair: tuple[Quotation, Quotation]
) -> None:
    """The core's own loads leave the session's criterion out and bind the company instead."""
    mine, foreign = pair
    for lock in (False, True):
        assert firm.as_program(lambda w, k=lock: find(w, Quotation, foreign.id, lock=k)) is None  # type: ignore[misc]
        assert firm.as_program(lambda w, k=lock: find(w, Quotation, mine.id, lock=k)) is not None  # type: ignore[misc]


@pytest.mark.parametrize("nobody", [None, True, "1", 1.0])
def test_nobody_is_refused_instead_of_taken_for_the_program(firm: Firm, nobody: Any) -> None:
    with pytest.raises(Unauthenticated):
        Ask(firm.id, nobody)


def test_somebody_of_another_company_is_not_known_here(firm: Firm, other_firm: Firm) -> None:
    with pytest.raises(Unknown), firm.program.works.read(Ask(firm.id, other_firm.people["boss"])):
        raise AssertionError("The work was opened.")


# Everything that is ever said to the database -------------------------------------------------------------------

NAMED = re.compile(r"\b(?:FROM|JOIN|UPDATE|INTO)\s+\"?(\w+)\"?(?:\s+AS\s+(\w+))?")


def unconfined(text: str) -> list[str]:
    """The company tables in a statement that it reads or writes without naming the company."""
    if text.startswith("INSERT"):
        name = text.split()[2]
        return [] if name not in TABLES or "company_id" in text.split("VALUES")[0] else [name]
    names = {found[1]: found[2] or found[1] for found in NAMED.finditer(text)}
    several = len(names) > 1
    return [
        name
        for name, called in names.items()
        if name in TABLES
        and f"{called}.company_id = " not in text
        and not re.search(rf"= {called}\.company_id\b", text)
        and (several or "company_id = " not in text)
    ]


def whole_life(program: Program, engine: Engine) -> Statements:
    """What is said while one of everything is made, read and moved."""
    with counted(engine) as said:
        samples = Samples.founded(program, "life", list(program.registry.plugins))
        everything: list[Type] = [*program.registry.masters.values(), *program.registry.documents.values()]
        for cls in everything:
            record = samples.document(cls) if issubclass(cls, Document) else samples.master(cls)
            samples.firm.read("everybody", lambda w, c=cls, r=record: looked_at(w, c, r))  # type: ignore[misc]
            if isinstance(record, Document):
                samples.walk(record)
        samples.firm.read("everybody", lambda w: [reading.my_tasks(w), page(w, Party, Query(search="样品"))])
    return said


def test_every_statement_names_its_company(program: Program, engine: Engine) -> None:
    said = whole_life(program, engine)
    assert len(said) > 50
    assert [text for text in dict.fromkeys(said.texts) if unconfined(text)] == []


def test_a_statement_that_forgets_the_company_would_be_noticed() -> None:
    assert unconfined("SELECT party.id FROM party WHERE party.id = ?")
    assert unconfined("SELECT 1 FROM party JOIN contact ON contact.party_id = party.id WHERE party.company_id = ?")
    assert unconfined("UPDATE document SET state = ? WHERE document.id = ?")
    assert unconfined("INSERT INTO party (name) VALUES (?)")
    assert not unconfined("DELETE FROM party WHERE party.company_id = ?")


# The database ---------------------------------------------------------------------------------------------------


@pytest.fixture
def policed(firm: Firm, other_firm: Firm, engine: Engine) -> tuple[Engine, int, int]:
    """An engine in the program's role, with one of everything in each of two companies; PostgreSQL only."""
    if engine.dialect.name == "postgresql":
        for one in (firm, other_firm):
            samples = Samples(one)
            everything: list[Type] = [*one.program.registry.masters.values(), *one.program.registry.documents.values()]
            for cls in everything:
                record = samples.document(cls) if issubclass(cls, Document) else samples.master(cls)
                if isinstance(record, Document):
                    samples.walk(record)
    return engine, firm.id, other_firm.id


def only_postgres(engine: Engine) -> bool:
    """SQLite knows no policies; there the session and the core's own statements are the walls, proved above."""
    return engine.dialect.name == "postgresql"


def test_the_program_signs_in_as_a_role_that_no_policy_spares(engine: Engine) -> None:
    if not only_postgres(engine):
        return
    with engine.connect() as link:
        role = link.exec_driver_sql(
            "SELECT rolname, rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
        ).one()
        owned = link.exec_driver_sql("SELECT count(*) FROM pg_tables WHERE tableowner = current_user").scalar()
    assert tuple(role) == (APP_ROLE, False, False)
    assert owned == 0


def test_every_company_table_is_policed_and_its_owner_too(engine: Engine) -> None:
    if not only_postgres(engine):
        return
    with engine.connect() as link:
        forced = set(
            link.exec_driver_sql(
                "SELECT c.relname FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid "
                "WHERE c.relrowsecurity AND c.relforcerowsecurity AND p.polname = 'of_company' "
                "AND p.polcmd = '*' AND p.polwithcheck IS NOT NULL"
            ).scalars()
        )
        with_company = set(
            link.exec_driver_sql(
                "SELECT table_name FROM information_schema.columns WHERE column_name = 'company_id'"
            ).scalars()
        )
    assert forced == set(TABLES)
    assert with_company - forced == {"search_entry", "job", "api_token"}


def test_a_bare_select_sees_one_company_and_without_one_nothing(policed: tuple[Engine, int, int]) -> None:
    engine, mine, _foreign = policed
    if not only_postgres(engine):
        return
    filled = set()
    for name in TABLES:
        with engine.begin() as link:
            assert link.exec_driver_sql(f"SELECT count(*) FROM {name}").scalar() == 0, name
            link.exec_driver_sql(f"SELECT set_config('app.company', '{mine}', true)")
            seen = set(link.exec_driver_sql(f"SELECT company_id FROM {name}").scalars())
        assert seen <= {mine}, name
        filled |= {name} if seen else set()
    assert {"document", "document_line", "party", "contact", "item", "history", "quotation_quotation"} <= filled


@pytest.mark.parametrize("verb", ["insert", "update"])
def test_a_row_is_never_put_into_another_company(policed: tuple[Engine, int, int], verb: str) -> None:
    engine, mine, foreign = policed
    if not only_postgres(engine):
        return
    for name in TABLES:
        statement = {
            "insert": f"INSERT INTO {name} (company_id) VALUES ({foreign})",
            "update": f"UPDATE {name} SET company_id = {foreign}",
        }[verb]
        with engine.connect() as link, link.begin():
            link.exec_driver_sql(f"SELECT set_config('app.company', '{mine}', true)")
            empty = verb == "update" and not link.exec_driver_sql(f"SELECT 1 FROM {name}").first()
            if empty:
                continue
            with pytest.raises(DBAPIError) as refused:
                link.exec_driver_sql(statement)
        assert getattr(refused.value.orig, "sqlstate", "") == "42501", name


def test_a_record_of_another_company_is_refused_as_a_reference(firm: Firm, other_firm: Firm) -> None:
    foreign_party, foreign_item = other_firm.party(), other_firm.item()
    with pytest.raises(DomainError):
        firm.create(Quotation, party_id=foreign_party.id, lines=[line(firm.item())])
    with pytest.raises(DomainError):
        firm.create(Quotation, party_id=firm.party().id, lines=[line(foreign_item)])


def test_the_database_itself_refuses_a_reference_into_another_company(
    firm: Firm, other_firm: Firm, pair: tuple[Quotation, Quotation]
) -> None:
    foreign_party = other_firm.party()
    header: Any = Document.__table__

    def point(work: Work) -> None:
        work.connection.execute(
            update(header)
            .where(header.c.company_id == work.company.id, header.c.id == pair[0].id)
            .values(party_id=foreign_party.id)
        )

    with pytest.raises(DomainError) as refused:
        firm.as_program(point)
    assert refused.value.code == "conflict.reference"
