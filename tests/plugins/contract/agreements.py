"""Short words for what the tests of contracts and orders do most."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from core.testing.builders import Firm, line
from plugins.contract.documents import Contract, Order

USUAL = ({"event": "signing", "percent": "0.3"}, {"event": "shipment", "percent": "0.7"})


def drafted(
    firm: Firm, price: str = "1000", quantity: str = "10", *, milestones: Iterable[dict[str, Any]] = (), **values: Any
) -> Contract:
    """A complete draft of a contract over one product, with the clauses of the usual template."""
    given = {
        "party_id": values.pop("party_id", None) or firm.party().id,
        "deadline": (day(firm) + timedelta(days=30)).isoformat(),
        "payment_terms": "见收款计划",
        **({"milestones": list(milestones)} if milestones else {}),
        **values,
    }
    return firm.create(Contract, lines=given.pop("lines", None) or [line(firm.item(price), quantity)], **given)


def day(firm: Firm) -> Any:
    """The firm's today."""
    return firm.read("rep", lambda work: work.today)


def sealed(firm: Firm, contract: Contract, who: str = "boss") -> Contract:
    """Submitted and signed for us."""
    firm.move(contract, "submit")
    values = {"our_signatory_id": firm.people[who], "our_signed_on": day(firm).isoformat()}
    return firm.move(contract, "sign", values=values)


def signed(firm: Firm, contract: Contract) -> Contract:
    """Signed by both sides."""
    sealed(firm, contract)
    values = {"customer_signatory": "林总", "customer_signed_on": day(firm).isoformat()}
    return firm.move(contract, "countersign", values=values)


def released(firm: Firm, contract: Contract) -> Contract:
    """In force, and handed to the departments."""
    signed(firm, contract)
    return firm.move(contract, "release")


def ordered(firm: Firm, price: str = "1000", quantity: str = "10", **values: Any) -> Order:
    """A complete draft of an order over one product."""
    given = {
        "party_id": firm.party().id,
        "contact_name": "林工",
        "contact_phone": "13900000000",
        "deadline": (day(firm) + timedelta(days=10)).isoformat(),
        "address": "青岛市崂山区",
        **values,
    }
    return firm.create(Order, lines=given.pop("lines", None) or [line(firm.item(price), quantity)], **given)


CONFIRMED = {"confirmed_by": "林工", "confirmed_way": "phone"}


def confirmed(firm: Firm, order: Order) -> Order:
    """Reviewed and repeated to the customer."""
    firm.move(order, "submit")
    return firm.move(order, "confirm", values={"confirmed_on": day(firm).isoformat(), **CONFIRMED})
