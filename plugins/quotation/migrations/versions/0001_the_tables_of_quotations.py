"""The tables of quotations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "quotation_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotation_quotation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("delivery_terms", sa.String(length=200), nullable=False),
        sa.Column("warranty", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_quotation_quotation_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_quotation")),
    )


def downgrade() -> None:
    op.drop_table("quotation_quotation")
