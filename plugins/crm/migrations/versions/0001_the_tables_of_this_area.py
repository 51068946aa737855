"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "crm_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "crm_tracking",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_name", sa.String(length=200), nullable=False),
        sa.Column("heat", sa.String(length=12), nullable=False),
        sa.Column("source", sa.String(length=15), nullable=False),
        sa.Column("wanted", sa.String(length=200), nullable=False),
        sa.Column("expected_amount", sa.BigInteger(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("chance", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("interval_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("last_contact", sa.Date(), nullable=True),
        sa.Column("last_way", sa.String(length=10), nullable=False),
        sa.Column("next_contact", sa.Date(), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
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
            name=op.f("fk_crm_tracking_company_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_crm_tracking_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_crm_tracking_created_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_crm_tracking_owner_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_crm_tracking_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_tracking")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_crm_tracking_company_id_id")),
        sa.UniqueConstraint("company_id", "party_id", name=op.f("uq_crm_tracking_company_id_party_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("crm_tracking", schema=None) as batch_op:
        batch_op.create_index("ix_crm_tracking_creator", ["company_id", "created_by", "id"], unique=False)
        batch_op.create_index("ix_crm_tracking_name", ["company_id", "party_name", "id"], unique=False)
        batch_op.create_index("ix_crm_tracking_next", ["company_id", "next_contact", "id"], unique=False)
        batch_op.create_index("ix_crm_tracking_owner", ["company_id", "owner_id", "next_contact", "id"], unique=False)

    op.create_table(
        "crm_talk",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("topic", sa.String(length=200), nullable=False),
        sa.Column("time", sa.String(length=40), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("our_people", sa.String(length=400), nullable=False),
        sa.Column("their_people", sa.String(length=400), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("needs", sa.Text(), nullable=False),
        sa.Column("competitor", sa.String(length=400), nullable=False),
        sa.Column("agreed", sa.Text(), nullable=False),
        sa.Column("open_points", sa.Text(), nullable=False),
        sa.Column("next_step", sa.String(length=400), nullable=False),
        sa.Column("next_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("guidance", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_crm_talk_company_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crm_talk")),
    )


def downgrade() -> None:
    op.drop_table("crm_talk")
    with op.batch_alter_table("crm_tracking", schema=None) as batch_op:
        batch_op.drop_index("ix_crm_tracking_owner")
        batch_op.drop_index("ix_crm_tracking_next")
        batch_op.drop_index("ix_crm_tracking_name")
        batch_op.drop_index("ix_crm_tracking_creator")

    op.drop_table("crm_tracking")
