"""The standard roles of a sales company, and how far a right reaches.

A company gives them names of its own and adds further ones; an area names them only as defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.text import Text, _


@dataclass(frozen=True, slots=True)
class Role:
    """A standard role: a key that never changes and its usual name."""

    key: str
    label: Text


class Scope(StrEnum):
    """How far a right reaches: one's own records, the team's, the territory's, or all of the company."""

    OWN = "own"
    TEAM = "team"
    TERRITORY = "territory"
    COMPANY = "company"


REACHES: dict[str, Text] = {
    Scope.OWN.value: _("Own"),
    Scope.TEAM.value: _("Team"),
    Scope.TERRITORY.value: _("Territory"),
    Scope.COMPANY.value: _("All"),
}

REPRESENTATIVE = Role("sales_representative", _("Sales representative"))
SALES_MANAGER = Role("sales_manager", _("Sales manager"))
SALES_CLERK = Role("sales_clerk", _("Sales clerk"))
PRESALES_ENGINEER = Role("presales_engineer", _("Presales engineer"))
GENERAL_MANAGER = Role("general_manager", _("General manager"))
TECHNICAL = Role("technical", _("Technical department"))
PURCHASING = Role("purchasing", _("Purchasing"))
FINANCE = Role("finance", _("Finance"))
LEGAL = Role("legal", _("Legal"))
PRODUCTION = Role("production", _("Production"))
QUALITY = Role("quality", _("Quality"))
WAREHOUSE = Role("warehouse", _("Warehouse"))
LOGISTICS = Role("logistics", _("Logistics"))
MARKETING = Role("marketing", _("Marketing"))
AFTER_SALES = Role("after_sales", _("After-sales service"))
SUPERVISOR = Role("supervisor", _("Supervisor"))
ARCHIVIST = Role("archivist", _("Archivist"))
CONTRACT_ADMINISTRATOR = Role("contract_administrator", _("Contract administrator"))
SALES_ADMINISTRATOR = Role("sales_administrator", _("Sales administrator"))
ADMINISTRATOR = Role("company_administrator", _("Company administrator"))

STANDARD = (
    REPRESENTATIVE,
    SALES_MANAGER,
    SALES_CLERK,
    PRESALES_ENGINEER,
    GENERAL_MANAGER,
    TECHNICAL,
    PURCHASING,
    FINANCE,
    LEGAL,
    PRODUCTION,
    QUALITY,
    WAREHOUSE,
    LOGISTICS,
    MARKETING,
    AFTER_SALES,
    SUPERVISOR,
    ARCHIVIST,
    CONTRACT_ADMINISTRATOR,
    SALES_ADMINISTRATOR,
    ADMINISTRATOR,
)
BY_KEY = {role.key: role for role in STANDARD}
EVERYBODY = STANDARD
SELLING = (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, GENERAL_MANAGER)

# How far the rights of a role reach by default, where they can reach some records only; all others' all of them.
# Whoever works on customers of one's own sees only those; who leads a team sees the team's (PLT-05).
USUAL = {REPRESENTATIVE.key: Scope.OWN}


def usual(role_key: str, *, scoped: bool) -> Scope:
    """How far a right of a role reaches unless the company says otherwise."""
    return USUAL.get(role_key, Scope.COMPANY) if scoped else Scope.COMPANY
