"""A refund may come out of the credit of a red letter as well."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from core.db.security import loosen

revision = "billing_0003"
down_revision = "billing_0002"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SOURCE = "receipt_id IS NULL OR credit_note_id IS NULL"


def upgrade() -> None:
    loosen(op.get_bind())
    with op.batch_alter_table("billing_credit_note") as batch:
        batch.create_unique_constraint(op.f("uq_billing_credit_note_company_id_id"), ["company_id", "id"])
    with op.batch_alter_table("billing_refund") as batch:
        batch.add_column(sa.Column("credit_note_id", KEY, nullable=True))
        batch.alter_column("receipt_id", existing_type=KEY, nullable=True)
        batch.create_foreign_key(
            op.f("fk_billing_refund_company_id_credit_note_id"),
            "billing_credit_note",
            ["company_id", "credit_note_id"],
            ["company_id", "id"],
        )
        batch.create_check_constraint(op.f("ck_billing_refund_source"), SOURCE)
        batch.create_index("ix_billing_refund_credit_note", ["company_id", "credit_note_id"])


def downgrade() -> None:
    loosen(op.get_bind())
    with op.batch_alter_table("billing_refund") as batch:
        batch.drop_index("ix_billing_refund_credit_note")
        batch.drop_constraint(op.f("ck_billing_refund_source"), type_="check")
        batch.drop_constraint(op.f("fk_billing_refund_company_id_credit_note_id"), type_="foreignkey")
        batch.alter_column("receipt_id", existing_type=KEY, nullable=False)
        batch.drop_column("credit_note_id")
    with op.batch_alter_table("billing_credit_note") as batch:
        batch.drop_constraint(op.f("uq_billing_credit_note_company_id_id"), type_="unique")
