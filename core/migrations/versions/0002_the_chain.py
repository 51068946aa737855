"""The chain: tolerance of what is taken, milestones beside receivables, and what the figures may never be."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

# A batch migration on SQLite copies the table; SQLAlchemy reflects its checks along, by their names.
NEW = {
    "document": {"unsettled": "unsettled >= 0", "settled": "settled >= 0 AND settled <= abs(gross)"},
    "document_line": {
        "credited_amount": "abs(credited_amount) <= abs(invoiced_amount)",
        "dropped": "dropped >= 0 AND dropped <= abs(base_quantity)",
    },
    "open_line": {"taken": "quantity >= 0 AND taken >= 0 AND taken <= most"},
    "claim": {
        "settled": "amount > 0 AND settled >= 0 AND settled <= amount",
        "claim_kind": "claim_kind IN ('milestone', 'receivable', 'retention')",
    },
    "settlement": {"against": "claim_id IS NOT NULL OR milestone_id IS NOT NULL"},
}
OLD = {
    "open_line": {"taken": "taken >= 0 AND taken <= quantity"},
    "claim": {"settled": "settled >= 0 AND settled <= amount"},
}
ADDED = (
    ("open_line", "most"),
    ("claim", "claim_kind"),
    ("document_line", "dropped"),
    ("document_line", "exchanged"),
    ("document_line", "linked"),
)
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("open_line", sa.Column("most", sa.BigInteger(), nullable=False, server_default="0"))
    op.execute("UPDATE open_line SET most = quantity")
    op.add_column("claim", sa.Column("claim_kind", sa.String(12), nullable=False, server_default="receivable"))
    op.add_column("settlement", sa.Column("milestone_id", KEY, nullable=True))
    op.add_column("document_line", sa.Column("dropped", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("document_line", sa.Column("exchanged", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document_line", sa.Column("linked", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute("UPDATE document_line SET linked = (1 = 1) WHERE id IN (SELECT target_id FROM document_link)")
    for table, column in ADDED:
        with _batch(table) as batch:
            batch.alter_column(column, server_default=None)
    for table in NEW:
        _checks(table, OLD.get(table, {}), NEW[table])
    with _batch("settlement") as batch:
        batch.alter_column("claim_id", existing_type=KEY, nullable=True)
        batch.create_foreign_key(
            op.f("fk_settlement_company_id_milestone_id"), "claim", ["company_id", "milestone_id"], ["company_id", "id"]
        )
    op.create_index("ix_settlement_milestone", "settlement", ["company_id", "milestone_id"])


def downgrade() -> None:
    op.drop_index("ix_settlement_milestone", table_name="settlement")
    op.execute("DELETE FROM settlement WHERE claim_id IS NULL")
    for table in NEW:
        _checks(table, NEW[table], OLD.get(table, {}))
    with _batch("settlement") as batch:
        batch.drop_constraint(op.f("fk_settlement_company_id_milestone_id"), type_="foreignkey")
        batch.alter_column("claim_id", existing_type=KEY, nullable=False)
        batch.drop_column("milestone_id")
    for table, column in ADDED:
        with _batch(table) as batch:
            batch.drop_column(column)


def _checks(table: str, gone: dict[str, str], new: dict[str, str]) -> None:
    with _batch(table) as batch:
        for name in gone:
            batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        for name, condition in new.items():
            batch.create_check_constraint(op.f(f"ck_{table}_{name}"), condition)


def _batch(table: str) -> AbstractContextManager[BatchOperations]:
    """A change of one table; its keys stay such as are never given twice."""
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})
