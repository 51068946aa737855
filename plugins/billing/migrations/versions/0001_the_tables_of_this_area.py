"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "billing_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "billing_receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("payer", sa.String(length=200), nullable=False),
        sa.Column("bank_reference", sa.String(length=60), nullable=False),
        sa.Column("our_account", sa.String(length=200), nullable=False),
        sa.Column("bill_number", sa.String(length=30), nullable=False),
        sa.Column("bill_range", sa.String(length=25), nullable=False),
        sa.Column("drawer", sa.String(length=200), nullable=False),
        sa.Column("acceptor", sa.String(length=200), nullable=False),
        sa.Column("bill_issued_on", sa.Date(), nullable=True),
        sa.Column("matures_on", sa.Date(), nullable=True),
        sa.Column("dishonoured_on", sa.Date(), nullable=True),
        sa.Column("dishonour_reason", sa.String(length=400), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_billing_receipt_amount")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_billing_receipt_company_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_receipt")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_billing_receipt_company_id_id")),
    )
    with op.batch_alter_table("billing_receipt", schema=None) as batch_op:
        batch_op.create_index("ix_billing_receipt_maturity", ["company_id", "matures_on"], unique=False)

    op.create_table(
        "billing_statement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("period_from", sa.Date(), nullable=False),
        sa.Column("period_to", sa.Date(), nullable=False),
        sa.Column("adjustment", sa.BigInteger(), nullable=False),
        sa.Column("adjusted_why", sa.String(length=400), nullable=False),
        sa.Column("opening", sa.BigInteger(), nullable=False),
        sa.Column("charged", sa.BigInteger(), nullable=False),
        sa.Column("corrected", sa.BigInteger(), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("closing", sa.BigInteger(), nullable=False),
        sa.Column("overdue", sa.BigInteger(), nullable=False),
        sa.Column("movements", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("difference", sa.String(length=400), nullable=False),
        sa.CheckConstraint("period_from <= period_to", name=op.f("ck_billing_statement_period")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_billing_statement_company_id_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_statement")),
    )
    with op.batch_alter_table("billing_statement", schema=None) as batch_op:
        batch_op.create_index("ix_billing_statement_period", ["company_id", "period_to"], unique=False)

    op.create_table(
        "billing_invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_code", sa.String(length=12), nullable=False),
        sa.Column("invoice_number", sa.String(length=20), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("on_invoice", sa.String(length=400), nullable=False),
        sa.Column("handed_on", sa.Date(), nullable=True),
        sa.Column("handed_to", sa.String(length=200), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=True),
        sa.Column("booked_by", sa.String(length=200), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("milestone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invoice_kind", sa.String(length=20), nullable=False),
        sa.Column("title_kind", sa.String(length=20), nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=60), nullable=False),
        sa.Column("title_address", sa.String(length=400), nullable=False),
        sa.Column("title_phone", sa.String(length=60), nullable=False),
        sa.Column("title_bank", sa.String(length=200), nullable=False),
        sa.Column("title_account", sa.String(length=60), nullable=False),
        sa.Column("send_to", sa.String(length=400), nullable=False),
        sa.CheckConstraint("credited >= 0", name=op.f("ck_billing_invoice_credited")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_billing_invoice_company_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "milestone_id"],
            ["claim.company_id", "claim.id"],
            name=op.f("fk_billing_invoice_company_id_milestone_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_invoice")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_billing_invoice_company_id_id")),
    )
    with op.batch_alter_table("billing_invoice", schema=None) as batch_op:
        batch_op.create_index(
            "uq_billing_invoice_number",
            ["company_id", "invoice_code", "invoice_number"],
            unique=True,
            sqlite_where=sa.text("invoice_number <> ''"),
            postgresql_where=sa.text("invoice_number <> ''"),
        )

    op.create_table(
        "billing_refund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("payee", sa.String(length=200), nullable=False),
        sa.Column("payee_account", sa.String(length=60), nullable=False),
        sa.Column("bank_reference", sa.String(length=60), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_billing_refund_amount")),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_billing_refund_company_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "receipt_id"],
            ["billing_receipt.company_id", "billing_receipt.id"],
            name=op.f("fk_billing_refund_company_id_receipt_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_refund")),
    )
    with op.batch_alter_table("billing_refund", schema=None) as batch_op:
        batch_op.create_index("ix_billing_refund_receipt", ["company_id", "receipt_id"], unique=False)

    op.create_table(
        "billing_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("in_advance", sa.Boolean(), nullable=False),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("on_invoice", sa.String(length=400), nullable=False),
        sa.Column("milestone_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("invoice_kind", sa.String(length=20), nullable=False),
        sa.Column("title_kind", sa.String(length=20), nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=60), nullable=False),
        sa.Column("title_address", sa.String(length=400), nullable=False),
        sa.Column("title_phone", sa.String(length=60), nullable=False),
        sa.Column("title_bank", sa.String(length=200), nullable=False),
        sa.Column("title_account", sa.String(length=60), nullable=False),
        sa.Column("send_to", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_billing_request_company_id_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "milestone_id"],
            ["claim.company_id", "claim.id"],
            name=op.f("fk_billing_request_company_id_milestone_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_request")),
    )
    op.create_table(
        "billing_credit_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("invoice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("red_reason", sa.String(length=2), nullable=False),
        sa.Column("confirmation", sa.String(length=2), nullable=False),
        sa.Column("confirmation_number", sa.String(length=60), nullable=False),
        sa.Column("asked_on", sa.Date(), nullable=True),
        sa.Column("invoice_code", sa.String(length=12), nullable=False),
        sa.Column("invoice_number", sa.String(length=20), nullable=False),
        sa.Column("invoice_kind", sa.String(length=20), nullable=False),
        sa.Column("title_kind", sa.String(length=20), nullable=False),
        sa.Column("buyer", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=60), nullable=False),
        sa.Column("title_address", sa.String(length=400), nullable=False),
        sa.Column("title_phone", sa.String(length=60), nullable=False),
        sa.Column("title_bank", sa.String(length=200), nullable=False),
        sa.Column("title_account", sa.String(length=60), nullable=False),
        sa.Column("send_to", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_billing_credit_note_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "invoice_id"],
            ["billing_invoice.company_id", "billing_invoice.id"],
            name=op.f("fk_billing_credit_note_company_id_invoice_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_credit_note")),
    )
    with op.batch_alter_table("billing_credit_note", schema=None) as batch_op:
        batch_op.create_index("ix_billing_credit_note_invoice", ["company_id", "invoice_id"], unique=False)
        batch_op.create_index(
            "uq_billing_credit_note_number",
            ["company_id", "invoice_code", "invoice_number"],
            unique=True,
            sqlite_where=sa.text("invoice_number <> ''"),
            postgresql_where=sa.text("invoice_number <> ''"),
        )


def downgrade() -> None:
    with op.batch_alter_table("billing_credit_note", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_billing_credit_note_number",
            sqlite_where=sa.text("invoice_number <> ''"),
            postgresql_where=sa.text("invoice_number <> ''"),
        )
        batch_op.drop_index("ix_billing_credit_note_invoice")

    op.drop_table("billing_credit_note")
    op.drop_table("billing_request")
    with op.batch_alter_table("billing_refund", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_refund_receipt")

    op.drop_table("billing_refund")
    with op.batch_alter_table("billing_invoice", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_billing_invoice_number",
            sqlite_where=sa.text("invoice_number <> ''"),
            postgresql_where=sa.text("invoice_number <> ''"),
        )

    op.drop_table("billing_invoice")
    with op.batch_alter_table("billing_statement", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_statement_period")

    op.drop_table("billing_statement")
    with op.batch_alter_table("billing_receipt", schema=None) as batch_op:
        batch_op.drop_index("ix_billing_receipt_maturity")

    op.drop_table("billing_receipt")
