"""Money in the demonstration: what waits is invoiced, handed over and booked; most of it is paid, some of it late."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from random import Random
from typing import Any

from core.demonstration.companies import Demonstration
from core.operations import create, flow, move
from core.roles import FINANCE
from core.schemas import inputs
from core.work import Work
from plugins.billing.documents import Invoice, Receipt

MOST, ADVANCES = 60, 8
AFTER = (1, 6)  # working days from the release to the invoice
PAID = 0.6
WAYS = ("transfer",) * 6 + ("cheque", "bank_draft", "cash")


def season(demo: Demonstration) -> None:
    """Some customers pay ahead in the course of the season."""
    people, random = demo.holders(FINANCE.key), demo.chance("advances")
    for number in range(ADVANCES if people else 0):
        place = random.randrange(len(demo.parties))
        day = demo.days[-random.randint(2, 50)]
        amount = str(random.randint(5, 80) * 1000)
        given = {"party_id": demo.parties[place], "amount": amount, "purpose": "advance"}
        given["bank_reference"] = f"{day:%Y%m%d}9{number:05}"
        demo.run(people[0], day, partial(_received, given), hour=10)


def ending(demo: Demonstration) -> None:
    """Invoice what the last months left to be invoiced, document by document, in the order of the days."""
    people = demo.holders(FINANCE.key)
    if not people:
        return
    random, cashier = demo.chance("money"), people[0]
    with demo.program.works.read(demo.ask("system", demo.today)) as work:
        if "billing" not in work.areas or Invoice.enters(work) is False:
            return
        rows = flow.waiting(work, Invoice, most=2000)
    released = {row.document_id: row.released_at.date() for row in rows}
    for number, (key, day) in enumerate(sorted(released.items(), key=lambda pair: (pair[1], pair[0]))[:MOST]):
        lines = [row.line_id for row in rows if row.document_id == key]
        _bill(demo, random, cashier, number, lines, day)


def _bill(
    demo: Demonstration, random: Random, cashier: str, number: int, lines: Sequence[int], released: datetime.date
) -> None:
    """One invoice, and what became of it."""
    day = _later(demo, released, random.randint(*AFTER))
    if day is None:
        return
    key, party, gross = demo.run(cashier, day, partial(_issued, number, lines), hour=14)
    for name, asked in (("hand_over", {"handed_to": "客户财务部"}), ("book", {"booked_by": "客户财务部"})):
        booked = _later(demo, day, random.randint(1, 4))
        if booked is None or random.random() > 0.8:
            break
        day = booked
        demo.run(cashier, day, partial(_moved, key, name, asked), hour=15)
    paid = _later(demo, day, random.randint(5, 40))
    if paid is not None and random.random() < PAID:
        share = random.choice((1, 1, 1, 2))
        given = {"party_id": party, "amount": str(round(gross / share, 2)), "method": random.choice(WAYS)}
        demo.run(cashier, paid, partial(_received, given | {"bank_reference": f"{paid:%Y%m%d}{number:06}"}), hour=11)


def _later(demo: Demonstration, day: datetime.date, days: int) -> datetime.date | None:
    """The working day so many after a day; None beyond the season."""
    ahead = [one for one in demo.days if one > day]
    return ahead[days - 1] if len(ahead) >= days else None


def _issued(number: int, lines: Sequence[int], work: Work) -> tuple[int, int | None, Decimal]:
    given = {"invoice_kind": "digital_ordinary", "title_kind": "person", "invoice_number": f"2637{number:016}"}
    draft = flow.take(work, Invoice, [(line, None) for line in lines], **given)
    move.move(work, Invoice, draft.id, "issue")
    return draft.id, draft.party_id, draft.gross


def _moved(key: int, name: str, asked: dict[str, str], work: Work) -> None:
    move.move(work, Invoice, key, name, values=asked)


def _received(given: dict[str, Any], work: Work) -> None:
    receipt = create.create(work, Receipt, inputs.read(Receipt, given))
    move.move(work, Receipt, receipt.id, "confirm", confirmed=["billing.reference_known"])
