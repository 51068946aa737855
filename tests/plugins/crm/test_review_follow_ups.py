"""Whose customers are late is told to the manager who may read their rows, and to nobody else."""

from __future__ import annotations

from datetime import timedelta

from core.duties.reading import my_duties
from core.operations import masters, roles
from core.roles import TECHNICAL
from core.testing.builders import Firm
from core.work import Work
from plugins.crm.masters import Tracking


def test_who_reads_only_own_rows_hears_nothing_of_others(firm: Firm) -> None:
    """The right to give guidance on talks does not open the tracking sheet."""
    party = firm.party()

    def tracked(work: Work) -> Tracking:
        late = work.today - timedelta(days=9)
        return masters.save(work, Tracking, {"party_id": party.id, "next_contact": late})

    firm.run("rep", tracked)
    rights = {"crm.tracking.read": "own", "crm.talk.read": "company", "crm.talk.review": "company"}
    firm.run("admin", lambda w: roles.set_grants(w, TECHNICAL.key, rights))
    assert firm.read("manager", lambda w: len(my_duties(w))) == 1
    assert firm.read("engineer", lambda w: my_duties(w)) == []
