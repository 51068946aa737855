"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "aftersales_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aftersales_case",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("case_kind", sa.String(length=15), nullable=False),
        sa.Column("urgency", sa.String(length=10), nullable=False),
        sa.Column("fault", sa.Text(), nullable=False),
        sa.Column("serials", sa.String(length=400), nullable=False),
        sa.Column("bought_on", sa.Date(), nullable=True),
        sa.Column("handling", sa.String(length=10), nullable=False),
        sa.Column("technician_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("visit_on", sa.Date(), nullable=True),
        sa.Column("cause", sa.String(length=400), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("result", sa.String(length=400), nullable=False),
        sa.Column("labour", sa.BigInteger(), nullable=False),
        sa.Column("material", sa.BigInteger(), nullable=False),
        sa.Column("travel", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.Boolean(), nullable=False),
        sa.Column("satisfaction", sa.String(length=12), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_aftersales_case_company_id_id")
        ),
        sa.ForeignKeyConstraint(["technician_id"], ["account.id"], name=op.f("fk_aftersales_case_technician_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftersales_case")),
    )
    op.create_table(
        "aftersales_return",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("exchanged", sa.Boolean(), nullable=False),
        sa.Column("reason_kind", sa.String(length=12), nullable=False),
        sa.Column("responsible", sa.String(length=10), nullable=False),
        sa.Column("settled_by", sa.String(length=12), nullable=False),
        sa.Column("finding", sa.String(length=400), nullable=False),
        sa.Column("disposal", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_aftersales_return_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aftersales_return")),
    )


def downgrade() -> None:
    op.drop_table("aftersales_return")
    op.drop_table("aftersales_case")
