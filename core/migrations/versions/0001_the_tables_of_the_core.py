"""The tables of the core."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "core_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("login", name=op.f("uq_account_login")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "company",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("address_en", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("bank", sa.String(length=200), nullable=False),
        sa.Column("bank_account", sa.String(length=60), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("zone", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("colour", sa.String(length=20), nullable=False),
        sa.Column("week", sa.String(length=7), nullable=False),
        sa.Column("closed_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company")),
        sa.UniqueConstraint("code", name=op.f("uq_company_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "login_throttle",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_throttle")),
    )
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_throttle_last_at"), ["last_at"], unique=False)

    op.create_table(
        "anchor",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_anchor_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_anchor")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_anchor_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "api_token",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_api_token_account_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_api_token_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_token_account_id"), ["account_id"], unique=False)

    op.create_table(
        "approval_delegation",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kinds", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_approval_delegation_people")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_approval_delegation_dates")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approval_delegation_company_id")),
        sa.ForeignKeyConstraint(["from_id"], ["account.id"], name=op.f("fk_approval_delegation_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name=op.f("fk_approval_delegation_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_delegation")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_approval_delegation_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("approval_delegation", schema=None) as batch_op:
        batch_op.create_index("ix_approval_delegation_to", ["company_id", "to_id", "valid_from"], unique=False)

    op.create_table(
        "approval_policy",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("document_kind", sa.String(length=60), nullable=False),
        sa.Column("transition", sa.String(length=60), nullable=False),
        sa.Column("condition", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approval_policy_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_approval_policy_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_approval_policy_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_policy")),
        sa.UniqueConstraint(
            "company_id",
            "document_kind",
            "transition",
            "name",
            name=op.f("uq_approval_policy_company_id_document_kind_transition_name"),
        ),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_approval_policy_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "calendar_day",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_workday", sa.Boolean(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_calendar_day_company_id")),
        sa.PrimaryKeyConstraint("company_id", "day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "company_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_company_role_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_role")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_company_role_company_id_id")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_company_role_company_id_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "counter",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_counter_company_id")),
        sa.PrimaryKeyConstraint("company_id", "kind", "period", name=op.f("pk_counter")),
    )
    op.create_table(
        "department",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("head_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "parent_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_department_company_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_department_company_id")),
        sa.ForeignKeyConstraint(["head_id"], ["account.id"], name=op.f("fk_department_head_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_department")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_department_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_department_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "enabled_area",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("area", sa.String(length=60), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_enabled_area_by_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_enabled_area_company_id")),
        sa.PrimaryKeyConstraint("company_id", "area", name=op.f("pk_enabled_area")),
    )
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("request", sa.String(length=40), nullable=False),
        sa.Column("what", sa.String(length=60), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("changes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("prev", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["account.id"], name=op.f("fk_history_actor_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_history_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_history_company_id_id")),
        sa.UniqueConstraint("company_id", "uid", name=op.f("uq_history_company_id_uid")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.create_index("ix_history_at", ["company_id", "at", "id"], unique=False)
        batch_op.create_index("ix_history_document", ["company_id", "document_id", "id"], unique=False)
        batch_op.create_index("ix_history_record", ["company_id", "kind", "record_id", "id"], unique=False)

    op.create_table(
        "job",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("args", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("run_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("leased_by", sa.String(length=60), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("error", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_job_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.create_index("ix_job_done", ["done_at"], unique=False)
        batch_op.create_index(
            "ix_job_waiting",
            ["run_at", "id"],
            unique=False,
            sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        )
        batch_op.create_index("uq_job_key", ["key"], unique=True)

    op.create_table(
        "login_session",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("agent", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_login_session_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_login_session_key_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_login_session_account_id"), ["account_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_login_session_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "number_series",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("pattern", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_number_series_company_id")),
        sa.PrimaryKeyConstraint("company_id", "kind", name=op.f("pk_number_series")),
    )
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("grams", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_search_entry_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_entry")),
        sa.UniqueConstraint("company_id", "kind", "record_id", name=op.f("uq_search_entry_company_id_kind_record_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "seen_permission",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_seen_permission_company_id")),
        sa.PrimaryKeyConstraint("company_id", "permission", name=op.f("pk_seen_permission")),
    )
    op.create_table(
        "seen_request",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("status", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("headers", sa.String(length=2000), nullable=False),
        sa.Column("body", sa.String(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_seen_request_account_id")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_seen_request_company_id")),
        sa.PrimaryKeyConstraint("company_id", "account_id", "key", name=op.f("pk_seen_request")),
    )
    with op.batch_alter_table("seen_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_seen_request_at"), ["at"], unique=False)

    op.create_table(
        "setting",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("value", sa.String(length=2000), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_setting_company_id")),
        sa.PrimaryKeyConstraint("company_id", "key", name=op.f("pk_setting")),
    )
    op.create_table(
        "stored_file",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_stored_file_company_id")),
        sa.PrimaryKeyConstraint("company_id", "sha256", name=op.f("pk_stored_file")),
    )
    op.create_table(
        "tax_rate",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("tax_kind", sa.String(length=20), nullable=False),
        sa.Column("rate", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("rate >= 0 AND rate <= 10000", name=op.f("ck_tax_rate_rate")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_tax_rate_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_tax_rate_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_tax_rate_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_rate")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_tax_rate_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_tax_rate_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "account_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_role_account_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["company_role.company_id", "company_role.id"],
            name=op.f("fk_account_role_company_id_role_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_account_role_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_role")),
        sa.UniqueConstraint(
            "company_id", "account_id", "role_id", name=op.f("uq_account_role_company_id_account_id_role_id")
        ),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_account_role_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "anchor_item",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("history_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anchor_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "anchor_id"],
            ["anchor.company_id", "anchor.id"],
            name=op.f("fk_anchor_item_company_id_anchor_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "history_id"],
            ["history.company_id", "history.id"],
            name=op.f("fk_anchor_item_company_id_history_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_anchor_item_company_id")),
        sa.PrimaryKeyConstraint("company_id", "history_id", name=op.f("pk_anchor_item")),
    )
    with op.batch_alter_table("anchor_item", schema=None) as batch_op:
        batch_op.create_index("ix_anchor_item_anchor", ["company_id", "anchor_id", "position"], unique=False)

    op.create_table(
        "approval_policy_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("policy_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_amount", sa.BigInteger(), nullable=False),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("needed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("condition", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("mode IN ('one', 'all', 'some')", name=op.f("ck_approval_policy_step_mode")),
        sa.ForeignKeyConstraint(
            ["company_id", "policy_id"],
            ["approval_policy.company_id", "approval_policy.id"],
            name=op.f("fk_approval_policy_step_company_id_policy_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["company_role.company_id", "company_role.id"],
            name=op.f("fk_approval_policy_step_company_id_role_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approval_policy_step_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_policy_step")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_approval_policy_step_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "employment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("superior_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_employment_account_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_employment_company_id_department_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_employment_company_id")),
        sa.ForeignKeyConstraint(["superior_id"], ["account.id"], name=op.f("fk_employment_superior_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employment")),
        sa.UniqueConstraint("company_id", "account_id", name=op.f("uq_employment_company_id_account_id")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_employment_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.create_index("ix_employment_account_id", ["account_id"], unique=False)

    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("specification", sa.String(length=400), nullable=False),
        sa.Column("brand", sa.String(length=60), nullable=False),
        sa.Column("item_kind", sa.String(length=20), nullable=False),
        sa.Column("item_class", sa.String(length=1), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=False),
        sa.Column("floor_price", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tax_class_code", sa.String(length=19), nullable=False),
        sa.Column("tracking", sa.String(length=10), nullable=False),
        sa.Column("attributes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint("list_price >= 0 AND cost >= 0 AND floor_price >= 0", name=op.f("ck_item_prices")),
        sa.ForeignKeyConstraint(
            ["company_id", "tax_rate_id"],
            ["tax_rate.company_id", "tax_rate.id"],
            name=op.f("fk_item_company_id_tax_rate_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_item_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_item_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_item_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_item_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_item_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.create_index("ix_item_company_name", ["company_id", "name", "id"], unique=False)

    op.create_table(
        "party",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("short_name", sa.String(length=60), nullable=False),
        sa.Column("is_person", sa.Boolean(), nullable=False),
        sa.Column("is_customer", sa.Boolean(), nullable=False),
        sa.Column("is_supplier", sa.Boolean(), nullable=False),
        sa.Column("is_carrier", sa.Boolean(), nullable=False),
        sa.Column("is_partner", sa.Boolean(), nullable=False),
        sa.Column("party_class", sa.String(length=1), nullable=False),
        sa.Column("credit_code", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("website", sa.String(length=200), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=6), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("industry", sa.String(length=60), nullable=False),
        sa.Column("payment_terms", sa.String(length=200), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_party_company_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "parent_id"], ["party.company_id", "party.id"], name=op.f("fk_party_company_id_parent_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_party_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_party_created_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_party_owner_id")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_party_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_party_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_party_company_id_id")),
        sa.UniqueConstraint("company_id", "name_key", name=op.f("uq_party_company_id_name_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.create_index("ix_party_company_class", ["company_id", "party_class", "id"], unique=False)
        batch_op.create_index("ix_party_company_creator", ["company_id", "created_by", "id"], unique=False)
        batch_op.create_index("ix_party_company_name", ["company_id", "name", "id"], unique=False)
        batch_op.create_index("ix_party_company_owner", ["company_id", "owner_id", "id"], unique=False)
        batch_op.create_index(
            "uq_party_credit_code",
            ["company_id", "credit_code"],
            unique=True,
            sqlite_where=sa.text("credit_code <> ''"),
            postgresql_where=sa.text("credit_code <> ''"),
        )

    op.create_table(
        "role_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("permission", sa.String(length=60), nullable=False),
        sa.Column("scope", sa.String(length=20), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("scope IN ('own', 'team', 'territory', 'company')", name=op.f("ck_role_grant_scope")),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["company_role.company_id", "company_role.id"],
            name=op.f("fk_role_grant_company_id_role_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_role_grant_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_role_grant_company_id_id")),
        sa.UniqueConstraint(
            "company_id",
            "role_id",
            "permission",
            "scope",
            name=op.f("uq_role_grant_company_id_role_id_permission_scope"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "address",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("address_kind", sa.String(length=20), nullable=False),
        sa.Column("region", sa.String(length=200), nullable=False),
        sa.Column("line", sa.String(length=400), nullable=False),
        sa.Column("contact", sa.String(length=200), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_address_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_address_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_address_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.create_index("ix_address_party", ["company_id", "party_id"], unique=False)

    op.create_table(
        "bank_account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("holder", sa.String(length=200), nullable=False),
        sa.Column("bank", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("bank_code", sa.String(length=60), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"],
            ["party.company_id", "party.id"],
            name=op.f("fk_bank_account_company_id_party_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_bank_account_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bank_account")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_bank_account_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.create_index("ix_bank_account_party", ["company_id", "party_id"], unique=False)

    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("decision_part", sa.String(length=20), nullable=False),
        sa.Column("mobile", sa.String(length=60), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("wechat", sa.String(length=60), nullable=False),
        sa.Column("birthday", sa.Date(), nullable=True),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("remark", sa.String(length=400), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_contact_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_contact_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_contact_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.create_index("ix_contact_party", ["company_id", "party_id"], unique=False)

    op.create_table(
        "document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=True),
        sa.Column("state", sa.String(length=60), nullable=False),
        sa.Column("approval", sa.String(length=12), nullable=False),
        sa.Column("closure", sa.String(length=12), nullable=False),
        sa.Column("closure_reason", sa.String(length=400), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("head", sa.LargeBinary(length=32), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("posted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("party_name", sa.String(length=200), nullable=False),
        sa.Column("party_details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("contact_name", sa.String(length=200), nullable=False),
        sa.Column("contact_phone", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("owner_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("exchange_rate", sa.BigInteger(), nullable=False),
        sa.Column("prices_include_tax", sa.Boolean(), nullable=False),
        sa.Column("payment_terms", sa.String(length=200), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("internal_remark", sa.Text(), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("base_gross", sa.BigInteger(), nullable=False),
        sa.Column("cost_total", sa.BigInteger(), nullable=False),
        sa.Column("uninvoiced", sa.BigInteger(), nullable=False),
        sa.Column("unsettled", sa.BigInteger(), nullable=False),
        sa.Column("supplied", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("invoiced", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.Column("prints", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("edited_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.CheckConstraint(
            "approval IN ('none', 'pending', 'approved', 'rejected', 'withdrawn')", name=op.f("ck_document_approval")
        ),
        sa.CheckConstraint("closure IN ('open', 'suspended', 'closed', 'forced')", name=op.f("ck_document_closure")),
        sa.CheckConstraint("gross = net + tax", name=op.f("ck_document_gross")),
        sa.CheckConstraint("uninvoiced >= 0", name=op.f("ck_document_uninvoiced")),
        sa.CheckConstraint("version > 0 AND edition > 0 AND revision > 0", name=op.f("ck_document_counters")),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_document_company_id_department_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_document_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_document_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_document_created_by")),
        sa.ForeignKeyConstraint(["edited_by"], ["account.id"], name=op.f("fk_document_edited_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("fk_document_owner_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["account.id"], name=op.f("fk_document_submitted_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_document_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_document_company_id_id")),
        sa.UniqueConstraint("company_id", "kind", "number", name=op.f("uq_document_company_id_kind_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.create_index("ix_document_approval", ["company_id", "kind", "approval", "date", "id"], unique=False)
        batch_op.create_index("ix_document_creator", ["company_id", "kind", "created_by", "date", "id"], unique=False)
        batch_op.create_index("ix_document_days", ["company_id", "date", "id"], unique=False)
        batch_op.create_index("ix_document_gross", ["company_id", "kind", "gross", "id"], unique=False)
        batch_op.create_index("ix_document_list", ["company_id", "kind", "date", "id"], unique=False)
        batch_op.create_index("ix_document_list_state", ["company_id", "kind", "state", "date", "id"], unique=False)
        batch_op.create_index("ix_document_number", ["company_id", "kind", "number", "id"], unique=False)
        batch_op.create_index(
            "ix_document_owed",
            ["company_id", "party_id"],
            unique=False,
            sqlite_where=sa.text("uninvoiced > 0 OR unsettled > 0"),
            postgresql_where=sa.text("uninvoiced > 0 OR unsettled > 0"),
        )
        batch_op.create_index("ix_document_owner", ["company_id", "kind", "owner_id", "date", "id"], unique=False)
        batch_op.create_index("ix_document_party", ["company_id", "party_id", "kind", "date", "id"], unique=False)
        batch_op.create_index("ix_document_party_name", ["company_id", "kind", "party_name", "id"], unique=False)

    op.create_table(
        "item_unit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("factor", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.CheckConstraint("factor > 0", name=op.f("ck_item_unit_factor")),
        sa.ForeignKeyConstraint(
            ["company_id", "item_id"], ["item.company_id", "item.id"], name=op.f("fk_item_unit_company_id_item_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_item_unit_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_unit")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_item_unit_company_id_id")),
        sa.UniqueConstraint("company_id", "item_id", "unit", name=op.f("uq_item_unit_company_id_item_id_unit")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "tax_title",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("tax_number", sa.String(length=60), nullable=False),
        sa.Column("invoice_kind", sa.String(length=20), nullable=False),
        sa.Column("address", sa.String(length=400), nullable=False),
        sa.Column("phone", sa.String(length=60), nullable=False),
        sa.Column("bank", sa.String(length=200), nullable=False),
        sa.Column("account", sa.String(length=60), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_tax_title_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_tax_title_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tax_title")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_tax_title_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("tax_title", schema=None) as batch_op:
        batch_op.create_index("ix_tax_title_party", ["company_id", "party_id"], unique=False)

    op.create_table(
        "approval_request",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("transition", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("requested_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("objections", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'approved', 'rejected', 'withdrawn', 'void')", name=op.f("ck_approval_request_state")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_approval_request_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approval_request_company_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["account.id"], name=op.f("fk_approval_request_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_request")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_approval_request_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.create_index("ix_approval_request_document", ["company_id", "document_id", "id"], unique=False)
        batch_op.create_index(
            "uq_approval_request_pending",
            ["company_id", "document_id"],
            unique=True,
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )

    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("record_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("removed_why", sa.String(length=400), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_attachment_size")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_attachment_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "sha256"],
            ["stored_file.company_id", "stored_file.sha256"],
            name=op.f("fk_attachment_company_id_sha256"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_attachment_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_attachment_created_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["account.id"], name=op.f("fk_attachment_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_attachment_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.create_index("ix_attachment_record", ["company_id", "kind", "record_id", "id"], unique=False)

    op.create_table(
        "claim",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("settled >= 0 AND settled <= amount", name=op.f("ck_claim_settled")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_claim_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_claim_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_claim_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint(
            "company_id", "document_id", "position", name=op.f("uq_claim_company_id_document_id_position")
        ),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_claim_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.create_index("ix_claim_due", ["company_id", "party_id", "due"], unique=False)

    op.create_table(
        "document_edition",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("paper_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_document_edition_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_document_edition_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_document_edition_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_edition")),
        sa.UniqueConstraint(
            "company_id",
            "document_id",
            "revision",
            "edition",
            name=op.f("uq_document_edition_company_id_document_id_revision_edition"),
        ),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_document_edition_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "document_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_kind", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("specification", sa.String(length=400), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("factor", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("base_quantity", sa.BigInteger(), nullable=False),
        sa.Column("fixed", sa.String(length=12), nullable=False),
        sa.Column("list_price", sa.BigInteger(), nullable=False),
        sa.Column("price_source", sa.String(length=200), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("gross_price", sa.BigInteger(), nullable=False),
        sa.Column("discount_rate", sa.BigInteger(), nullable=False),
        sa.Column("tax_rate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tax_rate", sa.BigInteger(), nullable=False),
        sa.Column("tax_kind", sa.String(length=10), nullable=False),
        sa.Column("net", sa.BigInteger(), nullable=False),
        sa.Column("tax", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("floor_price", sa.BigInteger(), nullable=False),
        sa.Column("lead_time", sa.String(length=60), nullable=False),
        sa.Column("deadline", sa.Date(), nullable=True),
        sa.Column("remark", sa.String(length=400), nullable=False),
        sa.Column("closure", sa.String(length=12), nullable=False),
        sa.Column("closure_reason", sa.String(length=400), nullable=False),
        sa.Column("origin_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ceiling", sa.BigInteger(), nullable=True),
        sa.Column("supplied", sa.BigInteger(), nullable=False),
        sa.Column("delivered", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("invoiced", sa.BigInteger(), nullable=False),
        sa.Column("credited", sa.BigInteger(), nullable=False),
        sa.Column("invoiced_amount", sa.BigInteger(), nullable=False),
        sa.Column("credited_amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "closure IN ('open', 'suspended', 'closed', 'forced')", name=op.f("ck_document_line_closure")
        ),
        sa.CheckConstraint(
            "line_kind IN ('item', 'service', 'text', 'charge', 'discount')", name=op.f("ck_document_line_line_kind")
        ),
        sa.CheckConstraint(
            "ceiling IS NULL OR (supplied <= ceiling AND delivered - returned <= ceiling)",
            name=op.f("ck_document_line_delivered"),
        ),
        sa.CheckConstraint("ceiling IS NULL OR invoiced - credited <= ceiling", name=op.f("ck_document_line_invoiced")),
        sa.CheckConstraint("credited >= 0 AND credited <= invoiced", name=op.f("ck_document_line_credited")),
        sa.CheckConstraint(
            "discount_rate >= 0 AND discount_rate <= 10000", name=op.f("ck_document_line_discount_rate")
        ),
        sa.CheckConstraint("factor > 0", name=op.f("ck_document_line_factor")),
        sa.CheckConstraint("gross = net + tax", name=op.f("ck_document_line_gross")),
        sa.CheckConstraint("returned >= 0 AND returned <= delivered", name=op.f("ck_document_line_returned")),
        sa.CheckConstraint(
            "supplied >= 0 AND delivered >= 0 AND invoiced >= 0", name=op.f("ck_document_line_progress")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_document_line_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "item_id"], ["item.company_id", "item.id"], name=op.f("fk_document_line_company_id_item_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "origin_id"],
            ["document_line.company_id", "document_line.id"],
            name=op.f("fk_document_line_company_id_origin_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "tax_rate_id"],
            ["tax_rate.company_id", "tax_rate.id"],
            name=op.f("fk_document_line_company_id_tax_rate_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_document_line_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_line")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_document_line_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("document_line", schema=None) as batch_op:
        batch_op.create_index("ix_document_line_document", ["company_id", "document_id", "position"], unique=False)
        batch_op.create_index("ix_document_line_item", ["company_id", "item_id", "id"], unique=False)
        batch_op.create_index("ix_document_line_origin", ["company_id", "origin_id"], unique=False)

    op.create_table(
        "approval_task",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seat", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("role_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assignee_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("mode", sa.String(length=10), nullable=False),
        sa.Column("needed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("maker_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("on_behalf_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opinion", sa.String(length=400), nullable=False),
        sa.CheckConstraint(
            "state IN ('waiting', 'open', 'approved', 'rejected', 'cancelled', 'skipped', 'returned')",
            name=op.f("ck_approval_task_state"),
        ),
        sa.CheckConstraint("acted_by IS NULL OR acted_by <> maker_id", name=op.f("ck_approval_task_maker")),
        sa.ForeignKeyConstraint(["acted_by"], ["account.id"], name=op.f("fk_approval_task_acted_by")),
        sa.ForeignKeyConstraint(["assignee_id"], ["account.id"], name=op.f("fk_approval_task_assignee_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_approval_task_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "request_id"],
            ["approval_request.company_id", "approval_request.id"],
            name=op.f("fk_approval_task_company_id_request_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "role_id"],
            ["company_role.company_id", "company_role.id"],
            name=op.f("fk_approval_task_company_id_role_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_approval_task_company_id")),
        sa.ForeignKeyConstraint(["maker_id"], ["account.id"], name=op.f("fk_approval_task_maker_id")),
        sa.ForeignKeyConstraint(["on_behalf_of"], ["account.id"], name=op.f("fk_approval_task_on_behalf_of")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approval_task")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_approval_task_company_id_id")),
        sa.UniqueConstraint(
            "company_id",
            "request_id",
            "position",
            "seat",
            name=op.f("uq_approval_task_company_id_request_id_position_seat"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("approval_task", schema=None) as batch_op:
        batch_op.create_index("ix_approval_task_acted", ["company_id", "acted_by", "id"], unique=False)
        batch_op.create_index("ix_approval_task_open", ["company_id", "state", "role_id", "id"], unique=False)

    op.create_table(
        "document_link",
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("target_document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id", "source_document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_document_link_company_id_source_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "source_id"],
            ["document_line.company_id", "document_line.id"],
            name=op.f("fk_document_link_company_id_source_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "target_document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_document_link_company_id_target_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "target_id"],
            ["document_line.company_id", "document_line.id"],
            name=op.f("fk_document_link_company_id_target_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_document_link_company_id")),
        sa.PrimaryKeyConstraint("company_id", "source_id", "target_id", name=op.f("pk_document_link")),
    )
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.create_index(
            "ix_document_link_back", ["company_id", "target_document_id", "source_document_id"], unique=False
        )
        batch_op.create_index(
            "ix_document_link_documents", ["company_id", "source_document_id", "target_document_id"], unique=False
        )
        batch_op.create_index("ix_document_link_target", ["company_id", "target_id"], unique=False)

    op.create_table(
        "open_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("line_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("document_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("party_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("target", sa.String(length=60), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("taken_amount", sa.BigInteger(), nullable=False),
        sa.Column("closure", sa.String(length=12), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("closure IN ('open', 'suspended', 'closed', 'forced')", name=op.f("ck_open_line_closure")),
        sa.CheckConstraint("taken >= 0 AND taken <= quantity", name=op.f("ck_open_line_taken")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_open_line_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "line_id"],
            ["document_line.company_id", "document_line.id"],
            name=op.f("fk_open_line_company_id_line_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "party_id"], ["party.company_id", "party.id"], name=op.f("fk_open_line_company_id_party_id")
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_open_line_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_line")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_open_line_company_id_id")),
        sa.UniqueConstraint("company_id", "line_id", "target", name=op.f("uq_open_line_company_id_line_id_target")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("open_line", schema=None) as batch_op:
        batch_op.create_index("ix_open_line_document", ["company_id", "document_id"], unique=False)
        batch_op.create_index(
            "ix_open_line_waiting",
            ["company_id", "target", "party_id", "id"],
            unique=False,
            sqlite_where=sa.text("closure = 'open'"),
            postgresql_where=sa.text("closure = 'open'"),
        )

    op.create_table(
        "settlement",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("claim_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_settlement_amount")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("fk_settlement_by_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "claim_id"], ["claim.company_id", "claim.id"], name=op.f("fk_settlement_company_id_claim_id")
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "payment_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_settlement_company_id_payment_id"),
        ),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_settlement_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_settlement_company_id_id")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.create_index("ix_settlement_claim", ["company_id", "claim_id"], unique=False)
        batch_op.create_index("ix_settlement_payment", ["company_id", "payment_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("settlement", schema=None) as batch_op:
        batch_op.drop_index("ix_settlement_payment")
        batch_op.drop_index("ix_settlement_claim")

    op.drop_table("settlement")
    with op.batch_alter_table("open_line", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_open_line_waiting",
            sqlite_where=sa.text("closure = 'open'"),
            postgresql_where=sa.text("closure = 'open'"),
        )
        batch_op.drop_index("ix_open_line_document")

    op.drop_table("open_line")
    with op.batch_alter_table("document_link", schema=None) as batch_op:
        batch_op.drop_index("ix_document_link_target")
        batch_op.drop_index("ix_document_link_documents")
        batch_op.drop_index("ix_document_link_back")

    op.drop_table("document_link")
    with op.batch_alter_table("approval_task", schema=None) as batch_op:
        batch_op.drop_index("ix_approval_task_open")
        batch_op.drop_index("ix_approval_task_acted")

    op.drop_table("approval_task")
    with op.batch_alter_table("document_line", schema=None) as batch_op:
        batch_op.drop_index("ix_document_line_origin")
        batch_op.drop_index("ix_document_line_item")
        batch_op.drop_index("ix_document_line_document")

    op.drop_table("document_line")
    op.drop_table("document_edition")
    with op.batch_alter_table("claim", schema=None) as batch_op:
        batch_op.drop_index("ix_claim_due")

    op.drop_table("claim")
    with op.batch_alter_table("attachment", schema=None) as batch_op:
        batch_op.drop_index("ix_attachment_record")

    op.drop_table("attachment")
    with op.batch_alter_table("approval_request", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_approval_request_pending",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        )
        batch_op.drop_index("ix_approval_request_document")

    op.drop_table("approval_request")
    with op.batch_alter_table("tax_title", schema=None) as batch_op:
        batch_op.drop_index("ix_tax_title_party")

    op.drop_table("tax_title")
    op.drop_table("item_unit")
    with op.batch_alter_table("document", schema=None) as batch_op:
        batch_op.drop_index("ix_document_party_name")
        batch_op.drop_index("ix_document_party")
        batch_op.drop_index("ix_document_owner")
        batch_op.drop_index(
            "ix_document_owed",
            sqlite_where=sa.text("uninvoiced > 0 OR unsettled > 0"),
            postgresql_where=sa.text("uninvoiced > 0 OR unsettled > 0"),
        )
        batch_op.drop_index("ix_document_number")
        batch_op.drop_index("ix_document_list_state")
        batch_op.drop_index("ix_document_list")
        batch_op.drop_index("ix_document_gross")
        batch_op.drop_index("ix_document_days")
        batch_op.drop_index("ix_document_creator")
        batch_op.drop_index("ix_document_approval")

    op.drop_table("document")
    with op.batch_alter_table("contact", schema=None) as batch_op:
        batch_op.drop_index("ix_contact_party")

    op.drop_table("contact")
    with op.batch_alter_table("bank_account", schema=None) as batch_op:
        batch_op.drop_index("ix_bank_account_party")

    op.drop_table("bank_account")
    with op.batch_alter_table("address", schema=None) as batch_op:
        batch_op.drop_index("ix_address_party")

    op.drop_table("address")
    op.drop_table("role_grant")
    with op.batch_alter_table("party", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_party_credit_code",
            sqlite_where=sa.text("credit_code <> ''"),
            postgresql_where=sa.text("credit_code <> ''"),
        )
        batch_op.drop_index("ix_party_company_owner")
        batch_op.drop_index("ix_party_company_name")
        batch_op.drop_index("ix_party_company_creator")
        batch_op.drop_index("ix_party_company_class")

    op.drop_table("party")
    with op.batch_alter_table("item", schema=None) as batch_op:
        batch_op.drop_index("ix_item_company_name")

    op.drop_table("item")
    with op.batch_alter_table("employment", schema=None) as batch_op:
        batch_op.drop_index("ix_employment_account_id")

    op.drop_table("employment")
    op.drop_table("approval_policy_step")
    with op.batch_alter_table("anchor_item", schema=None) as batch_op:
        batch_op.drop_index("ix_anchor_item_anchor")

    op.drop_table("anchor_item")
    op.drop_table("account_role")
    op.drop_table("tax_rate")
    op.drop_table("stored_file")
    op.drop_table("setting")
    with op.batch_alter_table("seen_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_seen_request_at"))

    op.drop_table("seen_request")
    op.drop_table("seen_permission")
    op.drop_table("search_entry")
    op.drop_table("number_series")
    with op.batch_alter_table("login_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_session_expires_at"))
        batch_op.drop_index(batch_op.f("ix_login_session_account_id"))

    op.drop_table("login_session")
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_index("uq_job_key")
        batch_op.drop_index(
            "ix_job_waiting",
            sqlite_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
            postgresql_where=sa.text("done_at IS NULL AND failed_at IS NULL"),
        )
        batch_op.drop_index("ix_job_done")

    op.drop_table("job")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index("ix_history_record")
        batch_op.drop_index("ix_history_document")
        batch_op.drop_index("ix_history_at")

    op.drop_table("history")
    op.drop_table("enabled_area")
    op.drop_table("department")
    op.drop_table("counter")
    op.drop_table("company_role")
    op.drop_table("calendar_day")
    op.drop_table("approval_policy")
    with op.batch_alter_table("approval_delegation", schema=None) as batch_op:
        batch_op.drop_index("ix_approval_delegation_to")

    op.drop_table("approval_delegation")
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_token_account_id"))

    op.drop_table("api_token")
    op.drop_table("anchor")
    with op.batch_alter_table("login_throttle", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_login_throttle_last_at"))

    op.drop_table("login_throttle")
    op.drop_table("company")
    op.drop_table("account")
