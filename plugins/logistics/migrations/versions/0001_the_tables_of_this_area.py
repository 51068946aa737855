"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "logistics_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "logistics_carrier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("routes", sa.String(length=200), nullable=False),
        sa.Column("approved", sa.Boolean(), nullable=False),
        sa.Column("screened_on", sa.Date(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_logistics_carrier_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_logistics_carrier_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_logistics_carrier_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_carrier")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_logistics_carrier_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_logistics_carrier_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_carrier", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_carrier_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "logistics_shipping_method",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_logistics_shipping_method_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_logistics_shipping_method_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_logistics_shipping_method_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_shipping_method")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_logistics_shipping_method_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_logistics_shipping_method_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_shipping_method", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_shipping_method_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "logistics_warehouse",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("keeper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sellable", sa.Boolean(), nullable=False),
        sa.Column("is_usual", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_logistics_warehouse_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_logistics_warehouse_created_by")),
        sa.ForeignKeyConstraint(["keeper_id"], ["account.id"], name=op.f("fk_logistics_warehouse_keeper_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_logistics_warehouse_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_warehouse")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_logistics_warehouse_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_logistics_warehouse_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_warehouse", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_warehouse_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "logistics_stock",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "item_id"],
            ["item.company_id", "item.id"],
            name=op.f("fk_logistics_stock_company_id_item_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "warehouse_id"],
            ["logistics_warehouse.company_id", "logistics_warehouse.id"],
            name=op.f("fk_logistics_stock_company_id_warehouse_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_logistics_stock_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_stock")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_logistics_stock_company_id_id")),
        sa.UniqueConstraint(
            "company_id", "warehouse_id", "item_id", name=op.f("uq_logistics_stock_company_id_warehouse_id_item_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("logistics_stock", schema=None) as batch_op:
        batch_op.create_index("ix_logistics_stock_item", ["company_id", "item_id", "warehouse_id"], unique=False)

    op.create_table(
        "logistics_delivery",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("delivery_kind", sa.String(length=10), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("method_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("carrier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("packages", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("weight", sa.BigInteger(), nullable=True),
        sa.Column("freight", sa.BigInteger(), nullable=False),
        sa.Column("freight_by", sa.String(length=10), nullable=False),
        sa.Column("tracking", sa.String(length=60), nullable=False),
        sa.Column("plate", sa.String(length=60), nullable=False),
        sa.Column("driver", sa.String(length=200), nullable=False),
        sa.Column("driver_phone", sa.String(length=60), nullable=False),
        sa.Column("told_way", sa.String(length=10), nullable=False),
        sa.Column("signed_by", sa.String(length=200), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("received", sa.String(length=15), nullable=False),
        sa.Column("differences", sa.String(length=400), nullable=False),
        sa.Column("remedy", sa.String(length=10), nullable=False),
        sa.Column("returned_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "carrier_id"],
            ["logistics_carrier.company_id", "logistics_carrier.id"],
            name=op.f("fk_logistics_delivery_company_id_carrier_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_logistics_delivery_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "method_id"],
            ["logistics_shipping_method.company_id", "logistics_shipping_method.id"],
            name=op.f("fk_logistics_delivery_company_id_method_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "warehouse_id"],
            ["logistics_warehouse.company_id", "logistics_warehouse.id"],
            name=op.f("fk_logistics_delivery_company_id_warehouse_id"),
        ),
        sa.ForeignKeyConstraint(["returned_to"], ["account.id"], name=op.f("fk_logistics_delivery_returned_to")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_delivery")),
    )
    op.create_table(
        "logistics_return_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("disposal", sa.String(length=10), nullable=False),
        sa.Column("finding", sa.String(length=400), nullable=False),
        sa.Column("tracking", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_logistics_return_receipt_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "warehouse_id"],
            ["logistics_warehouse.company_id", "logistics_warehouse.id"],
            name=op.f("fk_logistics_return_receipt_company_id_warehouse_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_return_receipt")),
    )
    op.create_table(
        "logistics_stock_in",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("stock_kind", sa.String(length=12), nullable=False),
        sa.Column("warehouse_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("batch", sa.String(length=400), nullable=False),
        sa.Column("finding", sa.String(length=12), nullable=False),
        sa.Column("rejected", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_logistics_stock_in_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "warehouse_id"],
            ["logistics_warehouse.company_id", "logistics_warehouse.id"],
            name=op.f("fk_logistics_stock_in_company_id_warehouse_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logistics_stock_in")),
    )


def downgrade() -> None:
    op.drop_table("logistics_stock_in")
    op.drop_table("logistics_return_receipt")
    op.drop_table("logistics_delivery")
    with op.batch_alter_table("logistics_stock", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_stock_item")

    op.drop_table("logistics_stock")
    with op.batch_alter_table("logistics_warehouse", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_warehouse_name")

    op.drop_table("logistics_warehouse")
    with op.batch_alter_table("logistics_shipping_method", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_shipping_method_name")

    op.drop_table("logistics_shipping_method")
    with op.batch_alter_table("logistics_carrier", schema=None) as batch_op:
        batch_op.drop_index("ix_logistics_carrier_name")

    op.drop_table("logistics_carrier")
