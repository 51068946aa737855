"""What is conceded of a line's amount, which milestones are retained, and a short way to what is still owed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None

OPEN = sa.text("settled < amount")


def upgrade() -> None:
    op.add_column("claim", sa.Column("retained", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("document_line", sa.Column("conceded", sa.BigInteger(), nullable=False, server_default="0"))
    op.create_index("ix_claim_open", "claim", ["company_id", "due"], sqlite_where=OPEN, postgresql_where=OPEN)


def downgrade() -> None:
    op.drop_index("ix_claim_open", table_name="claim")
    op.drop_column("document_line", "conceded")
    op.drop_column("claim", "retained")
