"""What logistics hands over beside its documents when somebody leaves."""

from __future__ import annotations

from core.extension.handing import Handed
from core.text import _
from plugins.logistics.masters.warehouses import Warehouse

HANDED = (
    Handed(
        key="logistics.warehouse_keepers",
        label=_("Warehouses that he keeps"),
        cls=Warehouse,
        column="keeper_id",
        title="name",
    ),
)
