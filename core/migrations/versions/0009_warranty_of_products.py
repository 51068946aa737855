"""For how many months a product is in warranty is a field of its own; until now it hid among free attributes."""

from __future__ import annotations

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None

OWN = "warranty_months"
MOST = 600
NAME, RULE = "ck_item_warranty", f"warranty_months >= 0 AND warranty_months <= {MOST}"
_ITEM = sa.table(
    "item", sa.column("id", sa.BigInteger), sa.column("attributes", sa.JSON), sa.column("warranty_months", sa.Integer)
)


def upgrade() -> None:
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.add_column("item", sa.Column("warranty_months", whole, nullable=True))
    _walls("NO FORCE")
    connection = op.get_bind()
    for key, attributes in connection.execute(sa.select(_ITEM.c.id, _ITEM.c.attributes)).all():
        told = json.loads(attributes) if isinstance(attributes, str) else attributes
        if isinstance(told, dict) and OWN in told:
            rest = {name: value for name, value in told.items() if name != OWN}
            values = {"attributes": rest or None, OWN: _months(told[OWN])}
            connection.execute(sa.update(_ITEM).where(_ITEM.c.id == key).values(values))
    _walls("FORCE")
    with op.batch_alter_table("item", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.create_check_constraint(op.f(NAME), RULE)


def downgrade() -> None:
    _walls("NO FORCE")
    connection = op.get_bind()
    rows = connection.execute(sa.select(_ITEM).where(_ITEM.c.warranty_months.is_not(None))).all()
    for row in rows:
        told = {**(row.attributes or {}), OWN: row.warranty_months}
        connection.execute(sa.update(_ITEM).where(_ITEM.c.id == row.id).values(attributes=told))
    _walls("FORCE")
    with op.batch_alter_table("item", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f(NAME), type_="check")
        batch.drop_column("warranty_months")


def _months(value: Any) -> int | None:
    """What was read as months before; anything else said nothing."""
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip().isdecimal():
        return None
    return min(int(value), MOST)


def _walls(force: str) -> None:
    """Of every company: row-level security that binds the owner too would show him none."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"ALTER TABLE item {force} ROW LEVEL SECURITY")
