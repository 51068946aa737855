"""Contracts of the demonstration: what customers accepted is completed, reviewed, signed and released, or under way."""

from __future__ import annotations

import datetime
from typing import Any

from sqlalchemy import select

from core.approvals import engine
from core.demonstration.companies import Demonstration
from core.documents.reading import load
from core.operations import decide, edit, move
from core.roles import SALES_MANAGER
from core.schemas import inputs
from core.work import Work
from plugins.contract.documents import Contract

# How far a contract has come, and how often; the newest are left for whoever looks at the demonstration.
STEPS = ("draft", "review", "approved", "sealed", "signed", "released", "released", "released")
LEFT = 3
MILESTONES = (
    {"event": "signing", "percent": "0.3", "days": 7},
    {"event": "shipment", "percent": "0.3"},
    {"event": "acceptance", "percent": "0.35", "days": 15},
    {"event": "warranty", "percent": "0.05"},
)


def season(demo: Demonstration) -> None:
    """Contracts are made of offers; their season begins when those are over."""


def ending(demo: Demonstration) -> None:
    """Bring every contract that came from an accepted offer as far as its lot says."""
    drafts = (
        select(Contract.id, Contract.date, Contract.owner_id).where(Contract.state == "draft").order_by(Contract.id)
    )
    with demo.program.works.read(demo.ask("system", demo.today)) as work:
        rows = list(work.session.execute(drafts))
    logins = {key: login for login, key in demo.accounts.items()}
    for place, row in enumerate(rows[:-LEFT]):
        _bring(demo, row, logins[row.owner_id], STEPS[place % len(STEPS)])


def _bring(demo: Demonstration, row: Any, owner: str, goal: str) -> None:
    """One contract, one day after the other, until its goal or today."""
    days = [day for day in demo.days if day >= row.date]
    if goal == "draft" or len(days) < len(STEPS):
        return
    demo.run(owner, days[1], lambda work: _complete(work, row.id, days[1]))
    demo.run(owner, days[1], lambda work: move.move(work, Contract, row.id, "submit"), hour=11)
    if goal == "review":
        return
    while _agree(demo, row.id, days[2]):
        pass
    signer = demo.holders(SALES_MANAGER.key)[0]
    ours = {"our_signatory_id": demo.accounts[signer], "our_signed_on": days[3].isoformat()}
    theirs = {"customer_signatory": "授权代表", "customer_signed_on": days[5].isoformat()}
    told: dict[str, tuple[str, datetime.date, dict[str, Any]]] = {
        "sealed": ("sign", days[3], ours),
        "signed": ("countersign", days[5], theirs),
        "released": ("release", days[6], {}),
    }
    for state, (name, day, values) in told.items():
        if STEPS.index(state) <= STEPS.index(goal):
            demo.run(owner, day, lambda w, n=name, v=values: move.move(w, Contract, row.id, n, values=v))  # type: ignore[misc]  # the defaults bind the loop's values


def _complete(work: Work, key: int, day: datetime.date) -> None:
    """The representative settles the day of delivery and how it is paid."""
    contract = load(work, Contract, key)
    given = {
        "deadline": (day + datetime.timedelta(days=45)).isoformat(),
        "payment_terms": contract.payment_terms or "见收款计划",
        "milestones": list(MILESTONES),
    }
    edit.edit(work, Contract, key, inputs.read(Contract, given, partial=True))


def _agree(demo: Demonstration, key: int, day: datetime.date) -> bool:
    """Let whoever's turn it is agree; whether there was somebody."""
    with demo.program.works.read(demo.ask("system", day)) as work:
        request = engine.requested(work, load(work, Contract, key))
        every = engine.tasks(work, request.id) if request is not None else []
        task = next((one for one in every if one.state == "open"), None)
        if task is None:
            return False
        acted = {one.acted_by for one in every} | {one.maker_id for one in every}
        able = sorted(engine.holders(work, task.role_id) - acted)
    logins = {account: login for login, account in demo.accounts.items()}
    demo.run(logins[able[0]], day, lambda w: decide.agree(w, task.id, opinion="同意"))
    return True
