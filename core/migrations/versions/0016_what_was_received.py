"""What was received for each document, kept on it: None until it is reckoned for what was written before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0016"
down_revision = "core_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("document", sa.Column("collected", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("document", "collected")
