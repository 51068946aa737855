"""What after-sales hands over beside its documents when somebody leaves."""

from __future__ import annotations

from core.extension.handing import Handed, unfinished
from core.text import _
from plugins.aftersales.documents import Case

HANDED = (
    Handed(
        key="aftersales.technicians",
        label=_("Service requests that he handles"),
        cls=Case,
        column="technician_id",
        still=unfinished(Case),
        party="party_id",
        title="number",
    ),
)
