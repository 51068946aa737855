"""The administration: screens for those who set up the company, and everybody's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.web.administration.accounts import Accounts
from core.web.administration.areas import Areas
from core.web.administration.audit import Audit
from core.web.administration.calendar import WorkCalendar
from core.web.administration.channels import Channels
from core.web.administration.company_data import CompanyData
from core.web.administration.departments import Departments
from core.web.administration.double_checks import DoubleChecks
from core.web.administration.hand_overs import HandOvers
from core.web.administration.history import Records
from core.web.administration.jobs import Jobs
from core.web.administration.own_account import OwnAccount
from core.web.administration.policies import Policies
from core.web.administration.roles import Roles
from core.web.administration.separation import Separation
from core.web.administration.series import NumberSeries
from core.web.administration.settings import Settings
from core.web.administration.standing_in import StandIns
from core.web.administration.two_step import SecondStep
from core.web.administration.why import Why

if TYPE_CHECKING:
    from flask import Flask

    from core.web.screens import Screen, Screens

# In the order of the menu: the endpoint and the last part of the address.
SCREENS: tuple[tuple[type[Screen], str], ...] = (
    (Areas, "areas"),
    (CompanyData, "company"),
    (Accounts, "people"),
    (HandOvers, "hand-overs"),
    (Departments, "departments"),
    (Roles, "roles"),
    (Separation, "separation"),
    (Why, "why"),
    (Policies, "approval-rules"),
    (DoubleChecks, "double-checks"),
    (Settings, "settings"),
    (NumberSeries, "series"),
    (WorkCalendar, "calendar"),
    (Channels, "channels"),
    (Records, "history"),
    (Audit, "audit"),
    (Jobs, "jobs"),
)


def register(app: Flask, site: Screens) -> None:
    """Add the screens of the administration to the site and its menu."""
    made = [
        screen(endpoint=f"administration_{end.replace('-', '_')}", url=f"/administration/{end}")
        for screen, end in SCREENS
    ]
    made.append(OwnAccount(endpoint="own_account", url="/my-account"))
    made.append(StandIns(endpoint="stand_ins", url="/approvals/stand-ins"))
    made.append(SecondStep(endpoint="two_step", url="/my-account/two-step"))
    for screen in made:
        site.add_view(screen)
        app.extensions["zhanggui_screens"].append(screen)
