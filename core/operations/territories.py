"""Where customers lie, once the regions of a territory have changed."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import case, func, null, update

from core.entities.party import Party
from core.entities.territory import named
from core.work import Work

_PARTY: Any = Party.__table__
DECIDING = frozenset({"regions", "active"})


def settle(work: Work, changed: Collection[str]) -> None:
    """Put every customer whose territory nobody has chosen where its region lies by now; one statement.

    ``changed``: the columns of the territory that were written; only regions and use decide. Customers keep their
    versions: what follows from the region is no change of theirs.
    """
    if not DECIDING & set(changed):
        return
    code = _PARTY.c.region_code
    # The longest beginning first.
    beginnings = sorted(named(work).items(), key=lambda pair: -len(pair[0]))
    where = [(func.substr(code, 1, len(begun)) == begun, key) for begun, key in beginnings]
    found = case(*where, else_=null()) if where else null()
    mine = (_PARTY.c.company_id == work.company.id, _PARTY.c.chosen_territory_id.is_(None))
    work.connection.execute(
        update(_PARTY).where(*mine, _PARTY.c.territory_id.is_distinct_from(found)).values(territory_id=found)
    )
