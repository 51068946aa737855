"""Words of the tests: goods that are stored, sold, delivered and looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from core.app import Program
from core.documents.reading import load
from core.entities.item import Item
from core.operations import flow
from core.records.invariants import verify_figures
from core.testing.builders import Firm, line
from core.work import Work
from plugins.logistics.documents import Delivery, StockIn
from plugins.logistics.masters import Stock, Warehouse
from plugins.quotation.documents import Quotation

Wanted = Mapping[int, str]


def shop(program: Program, *areas: str, code: str = "shop") -> Firm:
    """A company that uses these areas and nothing else."""
    return Firm.founded(program, code, "好货照明有限公司", areas=areas)


def stored(firm: Firm, item: Item, quantity: str, **values: Any) -> StockIn:
    """A receipt of goods that now lie in the usual warehouse, or in the one that is named."""
    receipt = firm.create(StockIn, "clerk", lines=[line(item, quantity)], **values)
    firm.move(receipt, "inspect", "clerk", values={"finding": "good"})
    return firm.move(receipt, "store", "clerk")


def sold(firm: Firm, *goods: tuple[Item, str], **values: Any) -> Quotation:
    """A quotation that the customer has accepted, so that its lines are to be delivered."""
    party = values.pop("party_id", None) or firm.party().id
    lines = [line(item, quantity) for item, quantity in goods]
    offer = firm.create(Quotation, party_id=party, lines=lines, **values)
    for move in ("submit", "send", "accept"):
        firm.move(offer, move)
    return offer


def taken(firm: Firm, offer: Quotation, wanted: Wanted | None = None, **values: Any) -> Delivery:
    """A draft delivery of everything that is left of an offer, or of so much by line id."""

    def command(work: Work) -> Delivery:
        if wanted is None:
            return flow.take_from(work, Delivery, offer, **values)
        return flow.take(work, Delivery, [(key, Decimal(quantity)) for key, quantity in wanted.items()], **values)

    return firm.run("clerk", command)


def shipped(firm: Firm, delivery: Delivery) -> Delivery:
    """A delivery that has left."""
    firm.move(delivery, "confirm", "clerk")
    return firm.move(delivery, "ship", "clerk", values={"plate": "鲁B·12345"})


def signed(firm: Firm, delivery: Delivery, received: str = "complete", **values: Any) -> Delivery:
    """A delivery whose signed note is back."""
    given = {"signed_by": "李师傅", "signed_on": today(firm), "received": received, **values}
    return firm.move(delivery, "sign", values=given)


def today(firm: Firm) -> str:
    return firm.as_program(lambda w: w.today.isoformat())


def stock(firm: Firm, item: Item, code: str = "MAIN") -> tuple[str, str]:
    """On hand and reserved of a product in a warehouse, as people write them."""

    def look(work: Work) -> tuple[str, str]:
        row = work.session.execute(
            select(Stock.on_hand, Stock.reserved)
            .join(Warehouse, Warehouse.id == Stock.warehouse_id)
            .where(Stock.item_id == item.id, Warehouse.code == code)
        ).one_or_none()
        return (f"{row.on_hand.normalize():f}", f"{row.reserved.normalize():f}") if row else ("0", "0")

    return firm.as_program(look)


def again(firm: Firm, document: Any, who: str = "clerk") -> Any:
    """The document as it stands now."""
    return firm.read(who, lambda w: load(w, type(document), document.id))


def findings(firm: Firm) -> list[str]:
    """What the check of the figures complains about."""
    return firm.as_program(lambda w: [one.code for one in verify_figures(w)])


def raised(act: Callable[[], Any], error: type[BaseException]) -> Any:
    """The refusal that an act meets."""
    try:
        act()
    except error as found:
        return found
    raise AssertionError("nobody refused it")


def codes(objections: Iterable[Any]) -> list[str]:
    """The codes of objections."""
    return [one.code for one in objections]
