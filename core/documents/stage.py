"""The stages of a sale. An area takes one or more; a company may leave any out.

Goods go from order through supply to delivery; money goes from order to invoice.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """Where in the chain a type of document stands; the order is core's and nobody else's."""

    OFFER = 10
    ORDER = 20
    SUPPLY = 30
    DELIVERY = 40
    INVOICE = 50
    RECEIPT = 60


GOODS = (Stage.SUPPLY, Stage.DELIVERY)
MONEY = (Stage.INVOICE,)


class Point(StrEnum):
    """What a move means to the chain, whichever area makes it; the areas know each other's moves by nothing else.

    At ``ORDER`` the document binds: its lines become obligations. ``START`` begins work on the goods. ``SUPPLY``,
    ``DELIVERY`` and ``INVOICE`` post the lines to the figures of their origins: what was made, what went out (or came
    back), what was invoiced (or credited). ``ACCEPTANCE`` is the customer's; ``RECEIPT`` confirms that money is here.
    """

    ORDER = "order"
    START = "start"
    SUPPLY = "supply"
    DELIVERY = "delivery"
    ACCEPTANCE = "acceptance"
    INVOICE = "invoice"
    RECEIPT = "receipt"


# The figure of the origin that a posting move adds to, and the one for lines that go the other way.
FIGURES = {
    Point.SUPPLY: ("supplied", ""),
    Point.DELIVERY: ("delivered", "returned"),
    Point.INVOICE: ("invoiced", "credited"),
}
