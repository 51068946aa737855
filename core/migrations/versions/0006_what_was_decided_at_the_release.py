"""What was decided when a line was released: where its invoice begins, what counted as delivered, what was closed."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None

ADDED = ("deemed", "withheld")
READ = ("document", "document_line", "open_line", "setting")
# Until now it showed only in what was missing: a released line that nobody was to make, buy or deliver.
ON_THE_WAY = "'production.order', 'production.follow_up', 'logistics.delivery', 'logistics.return_receipt'"
DEEMED = f"""
UPDATE document_line SET deemed = (1 = 1) WHERE id IN (
    SELECT line.id FROM document_line AS line
    JOIN document AS d ON d.id = line.document_id AND d.company_id = line.company_id
    WHERE line.line_kind <> 'text' AND (
        (d.kind = 'production.order' AND d.state = 'finished')
        OR (d.kind = 'production.follow_up' AND d.state = 'arrived')
        OR (d.kind = 'aftersales.return' AND d.state = 'approved')
        OR (d.kind IN ('quotation.quotation', 'contract.contract', 'contract.order')
            AND line.ceiling IS NOT NULL AND line.delivered > 0)
    ) AND NOT EXISTS (
        SELECT 1 FROM open_line AS o
        WHERE o.company_id = line.company_id AND o.line_id = line.id AND o.target IN ({ON_THE_WAY})
    )
)"""  # noqa: S608 - the kinds are named here


def upgrade() -> None:
    op.add_column("document_line", sa.Column("billing_point", sa.String(12), nullable=True))
    op.add_column("document_line", sa.Column("deemed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document_line", sa.Column("withheld", sa.BigInteger(), nullable=False, server_default="0"))
    _say_what_was_decided()
    with _batch() as batch:
        for column in ADDED:
            batch.alter_column(column, server_default=None)
        batch.create_check_constraint(op.f("ck_document_line_withheld"), "withheld >= 0 AND withheld <= dropped")


def downgrade() -> None:
    with _batch() as batch:
        batch.drop_constraint(op.f("ck_document_line_withheld"), type_="check")
        for column in ("billing_point", *ADDED):
            batch.drop_column(column)


def _say_what_was_decided() -> None:
    """Of every company: row-level security that binds the owner too would show him none."""
    _walls("NO FORCE")
    op.execute(
        "UPDATE document_line SET billing_point = coalesce((SELECT value FROM setting"
        " WHERE setting.company_id = document_line.company_id AND setting.key = 'core.billing_point'), 'delivery')"
        " WHERE ceiling IS NOT NULL OR origin_id IS NOT NULL"
    )
    op.execute(DEEMED)
    op.execute("UPDATE document_line SET withheld = dropped - returned WHERE closure = 'forced' AND dropped > returned")
    _walls("FORCE")


def _walls(force: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in READ:
            op.execute(f"ALTER TABLE {table} {force} ROW LEVEL SECURITY")


def _batch() -> AbstractContextManager[BatchOperations]:
    """A change of the lines; their keys stay such as are never given twice."""
    return op.batch_alter_table("document_line", table_kwargs={"sqlite_autoincrement": True})
