"""The consents a company begins with; from then on they are data that its administrator changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select

from core.approvals.models import ApprovalPolicy
from core.operations import masters
from core.roles import Role
from core.text import CHINESE, Text, speaking
from core.work import Work


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One consent: what it is called, who gives it, and from which amount with tax it is asked for at all."""

    name: Text
    role: Role
    from_amount: Decimal | None = None


def begin_with(work: Work, kind: str, name: Text, steps: Sequence[FirstStep], *, move: str = "submit") -> None:
    """Give the company a policy for ``move`` of ``kind``, in its own language, unless it has one for the kind."""
    if work.session.scalars(select(ApprovalPolicy.id).where(ApprovalPolicy.document_kind == kind)).first():
        return
    roles = {role.key: role.id for role in work.company.roles.values()}
    with speaking(work.company.language or CHINESE):
        rows = [
            {"name": str(step.name), "role_id": roles[step.role.key]}
            | ({} if step.from_amount is None else {"from_amount": step.from_amount})
            for step in steps
        ]
        values = {"name": str(name), "document_kind": kind, "transition": move, "steps": rows}
    masters.write(work, ApprovalPolicy, values)
