"""The stages of a sale. An area takes one or more; a company may leave any out.

Goods go from order through supply to delivery; money goes from order to invoice.
"""

from __future__ import annotations

from enum import IntEnum


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
