"""What happens to consents that nobody gives in time, who was asked before, and guidance on records."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
LATE = "late IN ('', 'remind', 'escalate', 'agree', 'refuse')"
COPY = sa.text("mode = 'copy'")
PENDING = sa.text("state = 'pending'")
DUE = sa.text("state = 'open' AND late <> '' AND late_at IS NULL")


def upgrade() -> None:
    for table in ("approval_policy_step", "approval_task"):
        with _batch(table) as batch:
            batch.add_column(sa.Column("late", sa.String(10), nullable=False, server_default=""))
            batch.create_check_constraint(op.f(f"ck_{table}_late"), LATE)
        with _batch(table) as batch:
            batch.alter_column("late", server_default=None)
    with _batch("approval_task") as batch:
        batch.add_column(sa.Column("late_at", MOMENT))
        batch.add_column(sa.Column("passed_by", JSON))
    op.create_index(
        "ix_approval_task_document", "approval_task", ["company_id", "document_id", "position", "step", "seat"]
    )
    _partial("ix_approval_task_copy", ["company_id", "assignee_id", "id"], COPY)
    _partial("ix_approval_task_late", ["company_id", "due_at"], DUE)
    _partial("ix_approval_request_waiting", ["company_id", "requested_by"], PENDING)
    op.create_table(
        "guidance",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("document_id", KEY, nullable=True),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("given_by", KEY, nullable=False),
        sa.Column("given_at", MOMENT, nullable=False),
        sa.Column("to_id", KEY, nullable=False),
        sa.Column("answer", sa.String(400), nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.CheckConstraint("given_by <> to_id", name=op.f("ck_guidance_people")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer = '')", name=op.f("ck_guidance_answer")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_guidance_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "document_id"],
            ["document.company_id", "document.id"],
            name=op.f("fk_guidance_company_id_document_id"),
        ),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"], name=op.f("fk_guidance_given_by")),
        sa.ForeignKeyConstraint(["to_id"], ["account.id"], name=op.f("fk_guidance_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guidance")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_guidance_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_guidance_record", "guidance", ["company_id", "kind", "record_id", "id"])
    op.create_index("ix_guidance_to", "guidance", ["company_id", "to_id", "id"])
    op.create_index("ix_guidance_by", "guidance", ["company_id", "given_by", "id"])
    unanswered = sa.text("answered_at IS NULL")
    op.create_index(
        "ix_guidance_open",
        "guidance",
        ["company_id", "to_id", "id"],
        sqlite_where=unanswered,
        postgresql_where=unanswered,
    )


def downgrade() -> None:
    op.drop_table("guidance")
    op.drop_index("ix_approval_request_waiting", table_name="approval_request")
    for index in ("late", "copy", "document"):
        op.drop_index(f"ix_approval_task_{index}", table_name="approval_task")
    with _batch("approval_task") as batch:
        batch.drop_column("passed_by")
        batch.drop_column("late_at")
    for table in ("approval_task", "approval_policy_step"):
        with _batch(table) as batch:
            batch.drop_constraint(op.f(f"ck_{table}_late"), type_="check")
            batch.drop_column("late")


def _partial(name: str, columns: list[str], where: sa.TextClause) -> None:
    table = "approval_request" if "_request_" in name else "approval_task"
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def _batch(table: str) -> AbstractContextManager[BatchOperations]:
    """Change one table, keeping its counter of ids on SQLite."""
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})
