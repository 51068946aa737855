"""Texts: which template a contract begins with, and filling what is still empty from one (CTR-04)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from core.documents.reading import find_master
from core.operations import edit, masters
from core.text import CHINESE, _, speaking
from core.work import Work
from plugins.contract.documents import Contract
from plugins.contract.masters import Clause, Template
from plugins.contract.masters.templates import CLAUSES

USUAL = "HT"


def begun_with(work: Work) -> Mapping[str, Any]:
    """What a new contract says before anybody writes: the clauses of the usual template in the company's language."""
    return work.once("contract.usual_template", lambda: _usual(work))


def _usual(work: Work) -> Mapping[str, Any]:
    found = work.session.execute(
        select(Template.id, Template.warranty_months, Clause.topic, Clause.wording)
        .outerjoin(Clause, (Clause.template_id == Template.id) & (Clause.company_id == Template.company_id))
        .where(
            Template.usual,
            Template.active,
            Template.contract_kind == "sale",
            Template.language == (work.company.language or CHINESE),
        )
        .order_by(Template.id)
    ).all()
    if not found:
        return {}
    first = found[0]
    clauses = {row.topic: row.wording for row in found if row.topic and row.id == first.id}
    return {"template_id": first.id, "warranty_months": first.warranty_months, **clauses}


def clauses_of(template: Template) -> Mapping[str, str]:
    """The wording of each clause of a template."""
    return {clause.topic: clause.wording for clause in template.clauses}  # type: ignore[attr-defined]  # set by loading


def fill(work: Work, contract: Contract) -> None:
    """Put the wording of the contract's template where the contract says nothing yet; what is written stays."""
    template = find_master(work, Template, contract.template_id or 0)
    if template is None:
        return
    empty = {name: text for name, text in clauses_of(template).items() if not getattr(contract, name)}
    if empty:
        edit.edit(work, Contract, contract.id, empty)


def begin(work: Work) -> None:
    """A company begins with a sale template of its language, if it has none; from then on it is its own."""
    if work.session.scalars(select(Template.id).limit(1)).first() is not None:
        return
    with speaking(work.company.language or CHINESE):
        masters.write(
            work,
            Template,
            {
                "code": USUAL,
                "name": str(_("Sales contract")),
                "name_en": "Sales contract",
                "language": work.company.language or CHINESE,
                "usual": True,
                "clauses": [{"topic": topic, "wording": str(WORDING[topic])} for topic, _label in CLAUSES],
            },
        )


WORDING = {
    "duties": _(
        "The supplier delivers goods that meet this contract on time and hands over the accompanying papers; "
        "the buyer takes them over, examines them and pays as agreed."
    ),
    "quality": _("The goods are new and meet the current national and industry standards and the technical agreement."),
    "packing": _("The maker's standard packing, fit for the agreed transport; packing material is not returned."),
    "delivery_terms": _("The supplier delivers to the buyer's named place by the agreed day."),
    "freight_terms": _("Freight and insurance to the place of delivery are borne by the supplier."),
    "acceptance_terms": _(
        "The buyer examines quantity and outward condition on arrival; objections to the quality are made in writing "
        "within seven days."
    ),
    "settlement": _("The buyer pays by bank transfer according to the payment milestones of this contract."),
    "warranty": _("The warranty is twelve months; within it the supplier repairs or replaces free of charge."),
    "breach": _(
        "Who delivers or pays late owes 0.05 percent of the amount in delay per day, "
        "5 percent of the contract's total at most."
    ),
    "disputes": _("Disputes are settled by talks, else by the people's court at the supplier's place."),
    "effect": _(
        "Two copies, one for each party; in force once signed and sealed by both. Scanned copies have equal force."
    ),
    "other_terms": _("What is not settled here is settled by a supplementary agreement of equal force."),
}
