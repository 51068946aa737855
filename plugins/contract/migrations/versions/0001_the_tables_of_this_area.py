"""The tables of this area."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "contract_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "contract_template",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("contract_kind", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("usual", sa.Boolean(), nullable=False),
        sa.Column("warranty_months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contract_template_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_contract_template_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_contract_template_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_template")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_contract_template_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_contract_template_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("contract_template", schema=None) as batch_op:
        batch_op.create_index("ix_contract_template_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "contract_clause",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("topic <> ''", name=op.f("ck_contract_clause_topic")),
        sa.ForeignKeyConstraint(
            ["company_id", "template_id"],
            ["contract_template.company_id", "contract_template.id"],
            name=op.f("fk_contract_clause_company_id_template_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contract_clause_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_clause")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_contract_clause_company_id_id")),
        sa.UniqueConstraint(
            "company_id", "template_id", "topic", name=op.f("uq_contract_clause_company_id_template_id_topic")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "contract_contract",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("contract_kind", sa.String(length=12), nullable=False),
        sa.Column("template_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("wording", sa.String(length=10), nullable=False),
        sa.Column("signing_place", sa.String(length=200), nullable=False),
        sa.Column("warranty_months", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("warranty_starts", sa.String(length=12), nullable=False),
        sa.Column("direct_customer", sa.String(length=200), nullable=False),
        sa.Column("host_model", sa.String(length=200), nullable=False),
        sa.Column("ordering_unit", sa.String(length=200), nullable=False),
        sa.Column("design_institute", sa.String(length=200), nullable=False),
        sa.Column("duties", sa.Text(), nullable=False),
        sa.Column("quality", sa.Text(), nullable=False),
        sa.Column("acceptance_terms", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("breach", sa.Text(), nullable=False),
        sa.Column("disputes", sa.Text(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("other_terms", sa.Text(), nullable=False),
        sa.Column("special_terms", sa.Boolean(), nullable=False),
        sa.Column("legal_review", sa.Boolean(), nullable=False),
        sa.Column("our_signatory_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("our_signed_on", sa.Date(), nullable=True),
        sa.Column("customer_signatory", sa.String(length=200), nullable=False),
        sa.Column("customer_signed_on", sa.Date(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("warranty_until", sa.Date(), nullable=True),
        sa.Column("archive_number", sa.String(length=60), nullable=False),
        sa.Column("archive_place", sa.String(length=200), nullable=False),
        sa.Column("archive_keeper_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("archived_on", sa.Date(), nullable=True),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("delivery_terms", sa.Text(), nullable=False),
        sa.Column("freight_terms", sa.Text(), nullable=False),
        sa.Column("packing", sa.Text(), nullable=False),
        sa.Column("warranty", sa.Text(), nullable=False),
        sa.Column("technical_review", sa.Boolean(), nullable=False),
        sa.Column("finance_review", sa.Boolean(), nullable=False),
        sa.Column("production_review", sa.Boolean(), nullable=False),
        sa.Column("special_demands", sa.Text(), nullable=False),
        sa.Column("first_gross", sa.BigInteger(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=400), nullable=False),
        sa.Column("technical_needed", sa.Boolean(), nullable=False),
        sa.Column("technical_number", sa.String(length=60), nullable=False),
        sa.Column("technical_signed_on", sa.Date(), nullable=True),
        sa.Column("technical_signatory", sa.String(length=200), nullable=False),
        sa.CheckConstraint("warranty_months >= 0", name=op.f("ck_contract_contract_warranty")),
        sa.ForeignKeyConstraint(
            ["archive_keeper_id"], ["account.id"], name=op.f("fk_contract_contract_archive_keeper_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_contract_contract_company_id_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "template_id"],
            ["contract_template.company_id", "contract_template.id"],
            name=op.f("fk_contract_contract_company_id_template_id"),
        ),
        sa.ForeignKeyConstraint(
            ["our_signatory_id"], ["account.id"], name=op.f("fk_contract_contract_our_signatory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_contract")),
    )
    with op.batch_alter_table("contract_contract", schema=None) as batch_op:
        batch_op.create_index("ix_contract_contract_signed", ["company_id", "signed_on", "id"], unique=False)

    op.create_table(
        "contract_milestone",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("event", sa.String(length=12), nullable=False),
        sa.Column("percent", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=12), nullable=False),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("amount >= 0 AND days >= 0", name=op.f("ck_contract_milestone_figures")),
        sa.CheckConstraint("percent = 0 OR amount = 0", name=op.f("ck_contract_milestone_one")),
        sa.CheckConstraint("percent >= 0 AND percent <= 10000", name=op.f("ck_contract_milestone_percent")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_contract_milestone_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contract_milestone_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_milestone")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_contract_milestone_company_id_id")),
        info={"document_part": True},
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("contract_milestone", schema=None) as batch_op:
        batch_op.create_index("ix_contract_milestone_document", ["company_id", "document_id", "position"], unique=False)

    op.create_table(
        "contract_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("pick_up", sa.Boolean(), nullable=False),
        sa.Column("pick_up_time", sa.String(length=200), nullable=False),
        sa.Column("priority", sa.String(length=10), nullable=False),
        sa.Column("leader_review", sa.Boolean(), nullable=False),
        sa.Column("project", sa.String(length=200), nullable=False),
        sa.Column("delivery_terms", sa.Text(), nullable=False),
        sa.Column("freight_terms", sa.Text(), nullable=False),
        sa.Column("packing", sa.Text(), nullable=False),
        sa.Column("warranty", sa.Text(), nullable=False),
        sa.Column("technical_review", sa.Boolean(), nullable=False),
        sa.Column("finance_review", sa.Boolean(), nullable=False),
        sa.Column("production_review", sa.Boolean(), nullable=False),
        sa.Column("special_demands", sa.Text(), nullable=False),
        sa.Column("first_gross", sa.BigInteger(), nullable=False),
        sa.Column("accepted_on", sa.Date(), nullable=True),
        sa.Column("accepted_by", sa.String(length=200), nullable=False),
        sa.Column("outcome", sa.String(length=400), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_by", sa.String(length=200), nullable=False),
        sa.Column("confirmed_way", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "id"], ["document.company_id", "document.id"], name=op.f("fk_contract_order_company_id_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_order")),
    )


def downgrade() -> None:
    op.drop_table("contract_order")
    with op.batch_alter_table("contract_milestone", schema=None) as batch_op:
        batch_op.drop_index("ix_contract_milestone_document")

    op.drop_table("contract_milestone")
    with op.batch_alter_table("contract_contract", schema=None) as batch_op:
        batch_op.drop_index("ix_contract_contract_signed")

    op.drop_table("contract_contract")
    op.drop_table("contract_clause")
    with op.batch_alter_table("contract_template", schema=None) as batch_op:
        batch_op.drop_index("ix_contract_template_name")

    op.drop_table("contract_template")
