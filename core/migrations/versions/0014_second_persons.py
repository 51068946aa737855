"""Double checks before moves, hand-overs, and announcements."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations
from sqlalchemy.dialects import postgresql

revision = "core_0014"
down_revision = "core_0013"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CODE = sa.String(60)
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    _double_checks()
    _hand_overs()
    _announcements()


def downgrade() -> None:
    for table in (
        "announcement_receipt",
        "announcement_concerned",
        "announcement",
        "hand_over_item",
        "hand_over",
        "double_check",
    ):
        op.drop_table(table)
    with _batch("approval_task") as batch:
        batch.drop_constraint(op.f("ck_approval_task_purpose"), type_="check")
        batch.drop_column("purpose")
        batch.drop_column("permission")


def _double_checks() -> None:
    with _batch("approval_task") as batch:
        batch.add_column(sa.Column("permission", CODE, nullable=False, server_default=""))
        batch.add_column(sa.Column("purpose", sa.String(10), nullable=False, server_default="consent"))
        batch.create_check_constraint(op.f("ck_approval_task_purpose"), "purpose IN ('consent', 'check')")
    with _batch("approval_task") as batch:
        batch.alter_column("permission", server_default=None)
        batch.alter_column("purpose", server_default=None)
    op.create_table(
        "double_check",
        *_keys("double_check"),
        sa.Column("document_kind", CODE, nullable=False),
        sa.Column("transition", CODE, nullable=False),
        sa.Column("persons", KEY, nullable=False),
        sa.Column("role_id", KEY, nullable=True),
        *_of_master("double_check"),
        sa.CheckConstraint("persons BETWEEN 0 AND 9", name=op.f("ck_double_check_persons")),
        _within("double_check", "role_id", "company_role"),
        sa.UniqueConstraint(
            "company_id",
            "document_kind",
            "transition",
            name=op.f("uq_double_check_company_id_document_kind_transition"),
        ),
        sqlite_autoincrement=True,
    )


def _hand_overs() -> None:
    op.create_table(
        "hand_over",
        *_keys("hand_over"),
        sa.Column("from_id", KEY, nullable=False),
        sa.Column("plan", JSON, nullable=False),
        sa.Column("counts", JSON, nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("by_id", KEY, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", KEY, nullable=True),
        *_people("hand_over", "from_id", "by_id", "undone_by"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hand_over_from", "hand_over", ["company_id", "from_id", "id"])
    op.create_table(
        "hand_over_item",
        *_keys("hand_over_item"),
        sa.Column("hand_over_id", KEY, nullable=False),
        sa.Column("what", CODE, nullable=False),
        sa.Column("record", KEY, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("to_id", KEY, nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=True),
        sa.Column("undone", sa.Boolean(), nullable=False),
        *_people("hand_over_item", "to_id"),
        _within("hand_over_item", "hand_over_id", "hand_over"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hand_over_item_record", "hand_over_item", ["company_id", "hand_over_id", "what", "record"])


def _announcements() -> None:
    op.create_table(
        "announcement",
        *_keys("announcement"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("subject", sa.String(10), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_en", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("promised", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("replaces_id", KEY, nullable=True),
        sa.Column("announced_at", MOMENT, nullable=True),
        sa.Column("announced_by", KEY, nullable=True),
        sa.Column("ended_reason", sa.String(400), nullable=False),
        *_of_master("announcement"),
        *_people("announcement", "announced_by"),
        sa.CheckConstraint(
            "state IN ('draft', 'announced', 'replaced', 'withdrawn')", name=op.f("ck_announcement_state")
        ),
        sa.CheckConstraint(
            "subject IN ('decision', 'policy', 'price', 'paper', 'other')", name=op.f("ck_announcement_subject")
        ),
        _within("announcement", "replaces_id", "announcement"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_announcement_name", "announcement", ["company_id", "name", "id"])
    op.create_index("ix_announcement_state", "announcement", ["company_id", "state", "announced_at", "id"])
    op.create_table(
        "announcement_concerned",
        *_keys("announcement_concerned"),
        sa.Column("announcement_id", KEY, nullable=False),
        sa.Column("whom", sa.String(10), nullable=False),
        sa.Column("role_id", KEY, nullable=True),
        sa.Column("department_id", KEY, nullable=True),
        sa.Column("person_id", KEY, nullable=True),
        sa.Column("position", KEY, nullable=False),
        *_people("announcement_concerned", "person_id"),
        sa.CheckConstraint("whom IN ('role', 'department', 'person')", name=op.f("ck_announcement_concerned_whom")),
        _within("announcement_concerned", "announcement_id", "announcement"),
        _within("announcement_concerned", "role_id", "company_role"),
        _within("announcement_concerned", "department_id", "department"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_announcement_concerned_announcement", "announcement_concerned", ["company_id", "announcement_id"]
    )
    op.create_table(
        "announcement_receipt",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("announcement_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.Column("promised_at", MOMENT, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        *_people("announcement_receipt", "account_id"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_announcement_receipt_company_id")),
        _within("announcement_receipt", "announcement_id", "announcement"),
        sa.PrimaryKeyConstraint("company_id", "announcement_id", "account_id", name=op.f("pk_announcement_receipt")),
    )
    op.create_index(
        "ix_announcement_receipt_account",
        "announcement_receipt",
        ["company_id", "account_id", "announcement_id"],
    )


def _within(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """A reference to another row of the company."""
    return sa.ForeignKeyConstraint(
        ["company_id", column],
        [f"{other}.company_id", f"{other}.id"],
        name=op.f(f"fk_{table}_company_id_{column}"),
    )


def _keys(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    """What every row of a company has."""
    return (
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{table}_company_id")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("company_id", "id", name=op.f(f"uq_{table}_company_id_id")),
    )


def _of_master(table: str) -> tuple[sa.Column[object] | sa.Constraint, ...]:
    """What every master has."""
    return (
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.Column("updated_by", KEY, nullable=True),
        *_people(table, "created_by", "updated_by"),
    )


def _people(table: str, *columns: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    return tuple(sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_{table}_{name}")) for name in columns)


def _batch(table: str) -> AbstractContextManager[BatchOperations]:
    """Change one table, keeping its counter of ids on SQLite."""
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})
