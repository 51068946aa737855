"""What customers owe, and what of their money is unused, told from indexes alone."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

OWED, UNUSED, OPEN = "uninvoiced > 0 OR unsettled > 0", "unsettled > 0", "settled < amount"
NEW = {
    "ix_document_owed": (
        "party_id",
        "kind",
        "currency",
        "exchange_rate",
        "closure",
        "uninvoiced",
        "unsettled",
        "delivered",
    ),
    "ix_claim_open": ("due", "party_id", "claim_kind", "currency", "amount", "settled"),
}
OLD = {"ix_document_owed": ("party_id",), "ix_claim_open": ("due",)}
TABLES = {"ix_document_owed": ("document", OWED), "ix_claim_open": ("claim", OPEN)}


def upgrade() -> None:
    _replace(NEW)
    unused = ["company_id", "kind", "party_id", "currency", "unsettled", "date"]
    _create("ix_document_unused", "document", unused, UNUSED)


def downgrade() -> None:
    op.drop_index("ix_document_unused", table_name="document")
    _replace(OLD)


def _replace(columns: dict[str, tuple[str, ...]]) -> None:
    for name, (table, condition) in TABLES.items():
        op.drop_index(name, table_name=table)
        _create(name, table, ["company_id", *columns[name]], condition)


def _create(name: str, table: str, columns: list[str], condition: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(condition), postgresql_where=sa.text(condition))
