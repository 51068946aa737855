"""What is on somebody's desk: contracts to sign, release, collect on and file, orders to repeat and release."""

from __future__ import annotations

from collections.abc import Iterator

from core.hooks.values import Card
from core.money import told
from core.search import figures
from core.text import _
from core.work import Work
from plugins.contract.documents import Contract, Order

CONTRACT, ORDER = "contract.contract", "contract.order"
CARDS = (
    (("approved", "sealed"), _("Contracts to be signed"), "orange"),
    (("signed",), _("In force, not released"), "orange"),
    (("released", "accepted"), _("Contracts being fulfilled"), "blue"),
)
ORDER_CARDS = (
    (("reviewed", "confirmed"), _("Orders not released"), "orange"),
    (("released", "accepted"), _("Orders being fulfilled"), "blue"),
)


def cards(work: Work) -> Iterator[Card]:
    """Contracts and orders by state, with their amounts."""
    place = 30
    for kind, cls, wanted in ((CONTRACT, Contract, CARDS), (ORDER, Order, ORDER_CARDS)):
        if not work.may(f"{kind}.read"):
            continue
        counted = figures.by_state(work, cls, {state for states, _title, _tone in wanted for state in states})
        if kind == ORDER and not counted:
            continue
        for states, title, tone in wanted:
            count = sum(counted[state][0] for state in states if state in counted)
            amount = sum(counted[state][1] for state in states if state in counted)
            note = told(amount, work.company.currency) if amount else None
            yield Card(f"{kind}.{states[0]}", title, count, kind, (("state", ",".join(states)),), note, tone, place)
            place += 1
