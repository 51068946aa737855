"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "production_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "production_follow_up",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("purchase_number", sa.String(length=60), nullable=False),
        sa.Column("told_on", sa.Date(), nullable=True),
        sa.Column("urged_on", sa.Date(), nullable=True),
        sa.Column("answer", sa.String(length=400), nullable=False),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("key_order", sa.Boolean(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("proposal", sa.String(length=400), nullable=False),
        sa.Column("solution", sa.String(length=400), nullable=False),
        sa.Column("delay_reason", sa.String(length=400), nullable=False),
        sa.Column("outcome", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_production_follow_up_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "supplier_id"],
            ["party.company_id", "party.id"],
            name=op.f("fk_production_follow_up_company_id_supplier_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_production_follow_up")),
    )
    op.create_table(
        "production_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("workshop", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("started_on", sa.Date(), nullable=True),
        sa.Column("finished_on", sa.Date(), nullable=True),
        sa.Column("tested_by", sa.String(length=200), nullable=False),
        sa.Column("progress", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reported_on", sa.Date(), nullable=True),
        sa.Column("report", sa.String(length=400), nullable=False),
        sa.Column("key_order", sa.Boolean(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("needed_on", sa.Date(), nullable=True),
        sa.Column("problem", sa.String(length=400), nullable=False),
        sa.Column("proposal", sa.String(length=400), nullable=False),
        sa.Column("solution", sa.String(length=400), nullable=False),
        sa.Column("delay_reason", sa.String(length=400), nullable=False),
        sa.Column("outcome", sa.String(length=400), nullable=False),
        sa.CheckConstraint("progress >= 0 AND progress <= 100", name=op.f("ck_production_order_progress")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_production_order_company_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_production_order")),
    )
    op.create_table(
        "production_stage",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("planned_start", sa.Date(), nullable=True),
        sa.Column("planned_end", sa.Date(), nullable=True),
        sa.Column("real_start", sa.Date(), nullable=True),
        sa.Column("real_end", sa.Date(), nullable=True),
        sa.Column("done_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_production_stage_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_production_stage_company_id")),
        sa.ForeignKeyConstraint(["done_by"], ["account.id"], name=op.f("fk_production_stage_done_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_production_stage")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_production_stage_company_id_id")),
        info={"document_part": True},
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("production_stage", schema=None) as batch_op:
        batch_op.create_index("ix_production_stage_document", ["company_id", "document_id", "position"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("production_stage", schema=None) as batch_op:
        batch_op.drop_index("ix_production_stage_document")

    op.drop_table("production_stage")
    op.drop_table("production_order")
    op.drop_table("production_follow_up")
