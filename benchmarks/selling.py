"""One sale from the quotation to the allocated receipt, as the calls that programs make: what each asks, one by one.

Whoever walks through it sends each call in the name of its person and hands back the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from core.approvals.models import ApprovalPolicy
from core.operations import masters
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.testing.api import api_for, said
from core.testing.builders import Firm
from core.testing.sites import api_app
from plugins.credit.masters import CreditFile
from plugins.logistics.documents import StockIn

PEOPLE = ("rep", "manager", "clerk", "finance")
AREAS = ("crm", "quotation", "contract", "logistics", "billing", "credit")
SETTINGS = {"contract__drafts": "false", "contract__major_amount": "1000000000", "credit__at_order": "block"}


@dataclass(frozen=True, slots=True)
class Call:
    """One call: what it is for, who makes it, and what it asks."""

    name: str
    who: str
    method: str
    path: str
    body: Any = None

    @property
    def writes(self) -> bool:
        """Whether it changes anything."""
        return self.method != "GET"


Steps = Generator[Call, Any, dict[str, int]]


def ready(
    firm: Firm, parties: Sequence[int], items: Sequence[int], *, stock: str = "100000000", limit: str = "100000000000"
) -> None:
    """Let the firm sell: stock of every product, credit for the customers, and consents to quotations and contracts."""
    firm.settings(**SETTINGS)
    role = firm.as_program(lambda w: next(r.id for r in w.company.roles.values() if r.key == SALES_MANAGER.key))
    for kind in ("quotation.quotation", "contract.contract"):
        steps = [{"name": "销售经理", "role_id": role}]
        policy = {"name": kind, "document_kind": kind, "transition": "submit", "steps": steps}
        firm.run("admin", lambda w, p=policy: masters.save(w, ApprovalPolicy, inputs.read(ApprovalPolicy, p)))  # type: ignore[misc]
    for party in parties:
        trusted(firm, party, limit)
    goods = firm.create(StockIn, "clerk", lines=[{"item_id": key, "quantity": stock} for key in items])
    firm.move(goods, "inspect", "clerk", values={"finding": "good"})
    firm.move(goods, "store", "clerk")


def trusted(firm: Firm, party: int, limit: str = "100000000000") -> None:
    """Let a customer have credit."""
    file = inputs.read(CreditFile, {"party_id": party, "amount": limit})
    firm.run("boss", lambda w: masters.save(w, CreditFile, file))


def sale(party: int, items: Sequence[int], today: date, signatory: int) -> Steps:
    """All calls of a sale over one line of each product; gives back the ids of what was made, by type.

    ``signatory`` is who signs the contract for the company.
    """
    lines = [{"item_id": key, "quantity": str(n + 1)} for n, key in enumerate(items)]
    day, deadline = today.isoformat(), (today + timedelta(days=30)).isoformat()
    quotation = yield Call(
        "quotation created", "rep", "POST", "/quotation/quotations", {"party_id": party, "lines": lines}
    )
    at = f"/quotation/quotations/{quotation['id']}"
    yield _move("quotation submitted", "rep", at, "submit")
    yield Call("quotation agreed to", "manager", "POST", f"{at}/agree", {})
    yield _move("quotation sent", "rep", at, "send")
    yield _move("quotation accepted", "rep", at, "accept")
    terms = {"deadline": deadline, "payment_terms": "月结30天"}
    contract = yield _take("contract submitted", "rep", "/contract/contracts", quotation, terms, _next("submit"))
    at = f"/contract/contracts/{contract['id']}"
    yield Call("contract agreed to", "manager", "POST", f"{at}/agree", {})
    countersigned = _next("countersign", customer_signatory="王经理", customer_signed_on=day)
    ours = {"our_signatory_id": signatory, "our_signed_on": day}
    yield _move("contract signed", "rep", at, "sign", ours, countersigned, _next("release"))
    gone = _next("confirm"), _next("ship")
    delivery = yield _take("delivery shipped", "clerk", "/logistics/deliveries", contract, {}, *gone)
    number = f"{delivery['id']:020}"
    title = {"invoice_number": number, "buyer": "青岛海天照明工程有限公司", "tax_number": "91350100M000100Y43"}
    invoice = yield _take("invoice issued", "finance", "/billing/invoices", delivery, title, _next("issue"))
    paid = {"party_id": party, "amount": invoice["gross"], "then": [_next("confirm")]}
    receipt = yield Call("receipt recorded", "finance", "POST", "/billing/receipts", paid)
    uses = [{"document_id": invoice["id"], "amount": invoice["gross"]}]
    yield Call("receipt allocated", "finance", "POST", f"/billing/receipts/{receipt['id']}/allocate", {"uses": uses})
    made = {"quotation": quotation, "contract": contract, "delivery": delivery, "invoice": invoice, "receipt": receipt}
    return {name: document["id"] for name, document in made.items()}


def _next(move: str, **values: Any) -> dict[str, Any]:
    return {"name": move, "values": values}


def _move(what: str, who: str, at: str, move: str, values: Any = None, *then: Any) -> Call:
    return Call(what, who, "POST", f"{at}/moves/{move}", {"values": values or {}, "then": list(then)})


def _take(what: str, who: str, at: str, source: Any, values: dict[str, Any], *then: Any) -> Call:
    wanted = [{"line_id": line["id"]} for line in source["lines"]]
    return Call(what, who, "POST", f"{at}/take", {"lines": wanted, "values": values, "then": list(then)})


def within(firm: Firm) -> Callable[[Call], Any]:
    """A sender that lets the firm's people make their calls within this process."""
    app = api_app(firm)
    people = {who: api_for(firm, who, app) for who in PEOPLE}

    def send(call: Call) -> Any:
        key = {"Idempotency_Key": uuid4().hex} if call.writes else {}
        return said(people[call.who](call.method, call.path, call.body, **key))

    return send


def walk(steps: Steps, send: Callable[[Call], Any]) -> dict[str, int]:
    """Send every call of a sale, in turn; gives back what ``sale`` does."""
    try:
        call = next(steps)
        while True:
            call = steps.send(send(call))
    except StopIteration as end:
        found: dict[str, int] = end.value
        return found
