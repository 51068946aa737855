"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "credit_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credit_file",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_name", sa.String(length=200), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("frozen", sa.Boolean(), nullable=False),
        sa.Column("frozen_why", sa.String(length=400), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_credit_file_amount")),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"],
            ["party.company_id", "party.id"],
            name=op.f("fk_credit_file_company_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_credit_file_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_credit_file_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_credit_file_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_file")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_credit_file_company_id_id")),
        sa.UniqueConstraint("company_id", "party_id", name=op.f("uq_credit_file_company_id_party_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("credit_file", schema=None) as batch_op:
        batch_op.create_index("ix_credit_file_grade", ["company_id", "grade", "id"], unique=False)
        batch_op.create_index("ix_credit_file_name", ["company_id", "party_name", "id"], unique=False)

    op.create_table(
        "credit_allowance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.Column("used_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remark", sa.String(length=400), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount > 0 AND valid_from <= valid_until", name=op.f("ck_credit_allowance_validity")),
        sa.ForeignKeyConstraint(
            ["company_id", "file_id"],
            ["credit_file.company_id", "credit_file.id"],
            name=op.f("fk_credit_allowance_company_id_file_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "used_by_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_credit_allowance_company_id_used_by_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_credit_allowance_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_allowance")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_credit_allowance_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("credit_allowance", schema=None) as batch_op:
        batch_op.create_index("ix_credit_allowance_file", ["company_id", "file_id"], unique=False)

    op.create_table(
        "credit_application",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("asks_for", sa.String(length=12), nullable=False),
        sa.Column("grade", sa.String(length=1), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("single_use", sa.Boolean(), nullable=False),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("guarantee", sa.String(length=400), nullable=False),
        sa.Column("grade_before", sa.String(length=1), nullable=False),
        sa.Column("limit_before", sa.BigInteger(), nullable=False),
        sa.Column("exposure_then", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_credit_application_amount")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_credit_application_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_application")),
    )


def downgrade() -> None:
    op.drop_table("credit_application")
    with op.batch_alter_table("credit_allowance", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_allowance_file")

    op.drop_table("credit_allowance")
    with op.batch_alter_table("credit_file", schema=None) as batch_op:
        batch_op.drop_index("ix_credit_file_name")
        batch_op.drop_index("ix_credit_file_grade")

    op.drop_table("credit_file")
