"""What was decided when a line was released holds, whatever the company switches or chooses afterwards."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.app import Program
from core.documents.models import Document
from core.operations import company
from core.operations.flow.locking import counts
from core.testing.actions import Actions
from core.testing.builders import line
from tests.scenarios import selling

AREAS = ("contract", "logistics", "billing")
ORDER, DELIVERY, INVOICE = "contract.order", "logistics.delivery", "billing.invoice"
# What is invoiced by milestones waits for no delivery; a test of its own is among the milestones'.
POINTS = ("order", "delivery", "acceptance")
Opened = Callable[..., Actions]


@pytest.fixture
def opened(program: Program) -> Opened:
    """A company with people at work, by its areas and settings."""
    return lambda areas=AREAS, **settings: selling.company(program, areas, **settings)


def done(actions: Actions, document: Document | None) -> int:
    """Bring a document so far that others count with it; its id."""
    assert document is not None, actions.log
    kind = str(type(document).__mapper__.polymorphic_identity)
    assert actions.advance(kind, document.id, counts), actions.log[-3:]
    return document.id


def ordered(actions: Actions) -> int:
    """An order over ten pieces at 10, released; its id."""
    firm = actions.firm
    types = firm.program.registry.documents
    lines = [line(firm.item("10"), "10")]
    key = done(actions, actions.create(types[ORDER], lines, party_id=firm.party().id))
    actions.advance(ORDER, key, lambda move: bool(move.releases))
    return key


def through(actions: Actions, kind: str, quantity: str = "") -> list[int]:
    """Take all that waits for a kind, or so much of it, and bring it where it counts."""
    cls, made = actions.firm.program.registry.documents[kind], []
    while waits := actions.waiting(cls):
        wanted = [(row.line_id, Decimal(quantity) if quantity else row.left) for row in waits]
        made.append(done(actions, actions.take(cls, wanted)))
        if quantity:
            break
    return made


def accepted(actions: Actions, deliveries: list[int]) -> None:
    """The customer accepts what was delivered."""
    for key in deliveries:
        while actions.advance(DELIVERY, key, lambda move: bool(move.point and move.point.name == "ACCEPTANCE")):
            continue


def figures(actions: Actions, order: int) -> tuple[int, int]:
    """What was delivered of the only line, and what was invoiced, in whole pieces."""
    one = actions.lines(order)[0]
    assert one.delivered % 1 == one.invoiced % 1 == 0
    return int(one.delivered), int(one.invoiced)


@pytest.mark.parametrize("before", POINTS)
@pytest.mark.parametrize("after", POINTS)
def test_another_billing_point_loses_nothing_and_doubles_nothing(opened: Opened, before: str, after: str) -> None:
    """Whichever point is chosen in between, each piece is invoiced once, and the records say so."""
    actions = opened(core__billing_point=before, core__tolerance_percent="100")
    order = ordered(actions)
    actions.firm.settings(core__billing_point=after)
    deliveries = through(actions, DELIVERY)
    accepted(actions, deliveries)
    actions.firm.settings(core__billing_point=before)
    through(actions, INVOICE)
    assert figures(actions, order) == (10, 10)
    assert actions.wrong() == []


def test_billing_switched_on_later_finds_what_was_delivered_before(opened: Opened) -> None:
    """What was delivered while nobody invoiced waits when somebody does, with the rest that is delivered then."""
    actions = opened(("contract", "logistics"))
    order = ordered(actions)
    through(actions, DELIVERY, "4")
    actions.firm.as_program(lambda w: company.switch_on(w, "billing"))
    selling.at_work(actions.firm, AREAS)
    through(actions, INVOICE)
    assert figures(actions, order) == (4, 4)
    through(actions, DELIVERY)
    through(actions, INVOICE)
    assert figures(actions, order) == (10, 10)
    assert actions.wrong() == []


def test_what_waited_while_nobody_invoiced_waits_again(opened: Opened) -> None:
    """Switched on by mistake, billing is left out again, though lines wait from before; not once others were added."""
    actions = opened(("contract", "logistics"))
    ordered(actions)
    through(actions, DELIVERY, "4")
    invoice = actions.firm.program.registry.documents[INVOICE]
    for last in (False, True):
        assert actions.waiting(invoice) == []
        actions.switch("billing", on=True)
        selling.at_work(actions.firm, AREAS)
        assert [row.left for row in actions.waiting(invoice)] == [4]
        if not last:
            actions.switch("billing", on=False)
    through(actions, DELIVERY)
    actions.switch("billing", on=False)
    assert "1 lines wait for it" in actions.log[-1]
    through(actions, INVOICE)
    assert actions.wrong() == []


def test_deliveries_switched_on_later_leave_what_counted_as_delivered(opened: Opened) -> None:
    """Without logistics the release is the delivery; recalled with it on, it is not, and released again it waits."""
    actions = opened(("contract", "billing"))
    order = ordered(actions)
    assert figures(actions, order)[0] == 10
    actions.firm.as_program(lambda w: company.switch_on(w, "logistics"))
    selling.at_work(actions.firm, AREAS)
    assert actions.wrong() == []
    assert actions.move(ORDER, order, "recall") is not None, actions.log
    assert figures(actions, order)[0] == 0
    assert actions.advance(ORDER, order, lambda move: bool(move.releases)), actions.log
    through(actions, DELIVERY)
    through(actions, INVOICE)
    assert figures(actions, order) == (10, 10)
    assert actions.wrong() == []


def test_opened_again_what_was_closed_is_expected(opened: Opened) -> None:
    """After four of ten the rest is closed and opened again: all ten are expected."""
    actions = opened((*AREAS, "aftersales"))
    order = ordered(actions)
    through(actions, DELIVERY, "4")
    actions.close(ORDER, order, None)
    assert actions.lines(order)[0].dropped == 6
    actions.reopen(ORDER, order)
    assert (actions.lines(order)[0].dropped, actions.lines(order)[0].withheld) == (0, 0)
    through(actions, DELIVERY)
    through(actions, INVOICE)
    assert figures(actions, order) == (10, 10)
    assert actions.wrong() == []


def test_what_begins_with_its_invoice_can_come_back(opened: Opened) -> None:
    """Only billing and after-sales are in use: an invoice is what the customer has, and a red letter is drafted."""
    actions = opened(("billing", "aftersales"), billing__drafts="true")
    firm = actions.firm
    types = firm.program.registry.documents
    invoice = done(actions, actions.create(types[INVOICE], [line(firm.item("10"), "10")], party_id=firm.party().id))
    key = actions.lines(invoice)[0].id
    back = actions.take_back(types["aftersales.return"], [(key, Decimal(3))])
    done(actions, back)
    assert actions.lines(invoice)[0].returned == 3
    assert [letter.gross for letter in actions.documents("billing.credit_note")] == [-30]
    assert actions.wrong() == []
