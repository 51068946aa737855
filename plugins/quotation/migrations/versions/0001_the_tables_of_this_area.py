"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "quotation_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "quotation_price_list",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party_class", sa.String(length=1), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("includes_tax", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"],
            ["party.company_id", "party.id"],
            name=op.f("fk_quotation_price_list_company_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_quotation_price_list_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_quotation_price_list_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_quotation_price_list_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_price_list")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_quotation_price_list_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_quotation_price_list_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("quotation_price_list", schema=None) as batch_op:
        batch_op.create_index("ix_quotation_price_list_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "quotation_inquiry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inquiry_kind", sa.String(length=10), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("expected_amount", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_quotation_inquiry_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_inquiry")),
    )
    op.create_table(
        "quotation_price",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("list_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("minimum >= 0 AND price >= 0", name=op.f("ck_quotation_price_figures")),
        sa.ForeignKeyConstraint(
            ["company_id", "item_id"],
            ["item.company_id", "item.id"],
            name=op.f("fk_quotation_price_company_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "list_id"],
            ["quotation_price_list.company_id", "quotation_price_list.id"],
            name=op.f("fk_quotation_price_company_id_list_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_quotation_price_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_price")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_quotation_price_company_id_id")),
        sa.UniqueConstraint(
            "company_id",
            "list_id",
            "item_id",
            "minimum",
            name=op.f("uq_quotation_price_company_id_list_id_item_id_minimum"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("quotation_price", schema=None) as batch_op:
        batch_op.create_index("ix_quotation_price_item", ["company_id", "item_id", "list_id"], unique=False)

    op.create_table(
        "quotation_quotation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("delivery_terms", sa.String(length=200), nullable=False),
        sa.Column("freight_terms", sa.String(length=200), nullable=False),
        sa.Column("packing", sa.String(length=200), nullable=False),
        sa.Column("warranty", sa.String(length=200), nullable=False),
        sa.Column("sent_by", sa.String(length=10), nullable=False),
        sa.Column("lost_reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_quotation_quotation_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quotation_quotation")),
    )


def downgrade() -> None:
    op.drop_table("quotation_quotation")
    with op.batch_alter_table("quotation_price", schema=None) as batch_op:
        batch_op.drop_index("ix_quotation_price_item")

    op.drop_table("quotation_price")
    op.drop_table("quotation_inquiry")
    with op.batch_alter_table("quotation_price_list", schema=None) as batch_op:
        batch_op.drop_index("ix_quotation_price_list_name")

    op.drop_table("quotation_price_list")
