"""Somebody always remains who can administer the company, and a name that cannot be kept is refused with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import pytest

from core.errors import DomainError, Invalid
from core.operations import company, people
from core.roles import ADMINISTRATOR, GENERAL_MANAGER
from core.testing.builders import Firm
from core.work import Work


def let_go(work: Work, account: int) -> None:
    people.set_roles(work, account, [])


@pytest.mark.parametrize("leave", [let_go, people.dismiss], ids=["take the role", "dismiss"])
def test_two_administrators_who_remove_each_other_do_not_both_succeed(
    firm: Firm, leave: Callable[[Work, int], None]
) -> None:
    """Whoever comes second finds that nobody would be left."""
    firm.run("admin", lambda w: people.set_roles(w, firm.people["boss"], [ADMINISTRATOR.key, GENERAL_MANAGER.key]))
    begun, refused = Event(), list[DomainError]()

    def first(work: Work) -> None:
        leave(work, firm.people["boss"])
        begun.set()
        second.join(1)

    def other() -> None:
        begun.wait(10)
        try:
            firm.run("boss", lambda w: leave(w, firm.people["admin"]))
        except DomainError as error:
            refused.append(error)

    second = Thread(target=other)
    second.start()
    firm.run("admin", first)
    second.join(20)
    assert len(refused) == 1
    firm.run("admin", lambda w: company.close_books(w, None))


@pytest.mark.parametrize("name_en", ["x" * 201, "Ann\x00"], ids=["too long", "a character that cannot be kept"])
def test_a_name_that_cannot_be_kept_is_refused_with_a_sentence(firm: Firm, name_en: str) -> None:
    """Nobody is hired, and the form says why."""
    with pytest.raises(Invalid):
        firm.run("admin", lambda w: people.hire(w, "ann", "安", name_en=name_en, password="correct horse 7 battery"))


def test_whatever_the_database_cannot_keep_is_no_fault_of_the_program(firm: Firm) -> None:
    """A name of a department with a character that PostgreSQL does not know: kept or refused, never broken."""

    def named(work: Work) -> None:
        people.save_department(work, "north", "北方\x00")

    if firm.program.works.engine.dialect.name == "postgresql":
        with pytest.raises(Invalid):
            firm.run("admin", named)
    else:
        firm.run("admin", named)
