"""Steps of policies name whom they ask and when; consents are given by several people, in seats of their own."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0007"
down_revision = "core_0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
LINE = sa.String(400)


def upgrade() -> None:
    with _batch("approval_policy") as batch:
        batch.drop_column("condition")
    with _batch("approval_policy") as batch:
        batch.add_column(sa.Column("condition", LINE, nullable=False, server_default=""))
    with _batch("approval_policy_step") as batch:
        batch.drop_column("condition")
    with _batch("approval_policy_step") as batch:
        batch.alter_column("role_id", existing_type=KEY, nullable=True)
        batch.add_column(sa.Column("condition", LINE, nullable=False, server_default=""))
        batch.add_column(sa.Column("who", sa.String(10), nullable=False, server_default="role"))
        batch.add_column(sa.Column("person_id", KEY))
        batch.add_column(sa.Column("levels", KEY, nullable=False, server_default="1"))
        batch.add_column(sa.Column("beside", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("days", KEY, nullable=False, server_default="0"))
        batch.create_foreign_key(op.f("fk_approval_policy_step_person_id"), "account", ["person_id"], ["id"])
        batch.create_check_constraint(
            op.f("ck_approval_policy_step_who"), "who IN ('role', 'person', 'superior', 'head', 'chosen')"
        )
        batch.drop_constraint(op.f("ck_approval_policy_step_mode"), type_="check")
        batch.create_check_constraint(op.f("ck_approval_policy_step_mode"), "mode IN ('one', 'all', 'some', 'copy')")
        batch.create_check_constraint(op.f("ck_approval_policy_step_role"), "role_id IS NOT NULL OR who <> 'role'")
        batch.create_check_constraint(
            op.f("ck_approval_policy_step_person"), "person_id IS NOT NULL OR who <> 'person'"
        )
    with _batch("approval_request") as batch:
        batch.add_column(sa.Column("resume", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True)))
    with _batch("approval_task") as batch:
        batch.add_column(sa.Column("step", KEY, nullable=False, server_default="1"))
        batch.add_column(sa.Column("parent_id", KEY))
        batch.add_column(sa.Column("called", sa.String(10), nullable=False, server_default=""))
        batch.add_column(sa.Column("days", KEY, nullable=False, server_default="0"))
        batch.create_foreign_key(
            op.f("fk_approval_task_company_id_parent_id"),
            "approval_task",
            ["company_id", "parent_id"],
            ["company_id", "id"],
        )
        batch.create_check_constraint(op.f("ck_approval_task_called"), "called IN ('', 'before', 'after', 'advice')")
    # Every step had a position of its own.
    op.execute("UPDATE approval_task SET step = position")
    op.create_index("ix_approval_request_asked", "approval_request", ["company_id", "requested_by", "id"])
    op.create_index("ix_approval_task_assignee", "approval_task", ["company_id", "assignee_id", "state", "id"])
    for table, columns in DEFAULTED.items():
        with _batch(table) as batch:
            for column in columns:
                batch.alter_column(column, server_default=None)


DEFAULTED = {
    "approval_policy": ("condition",),
    "approval_policy_step": ("condition", "who", "levels", "beside", "days"),
    "approval_request": ("resume",),
    "approval_task": ("step", "called", "days"),
}


def downgrade() -> None:
    op.drop_index("ix_approval_task_assignee", table_name="approval_task")
    op.drop_index("ix_approval_request_asked", table_name="approval_request")
    with _batch("approval_task") as batch:
        batch.drop_constraint(op.f("ck_approval_task_called"), type_="check")
        batch.drop_constraint(op.f("fk_approval_task_company_id_parent_id"), type_="foreignkey")
        for column in ("step", "parent_id", "called", "days"):
            batch.drop_column(column)
    with _batch("approval_request") as batch:
        batch.drop_column("resume")
        batch.drop_column("reminded_at")
    op.execute("DELETE FROM approval_policy_step WHERE role_id IS NULL OR mode = 'copy'")
    with _batch("approval_policy_step") as batch:
        batch.drop_constraint(op.f("ck_approval_policy_step_mode"), type_="check")
        batch.create_check_constraint(op.f("ck_approval_policy_step_mode"), "mode IN ('one', 'all', 'some')")
        for name in ("who", "role", "person"):
            batch.drop_constraint(op.f(f"ck_approval_policy_step_{name}"), type_="check")
        batch.drop_constraint(op.f("fk_approval_policy_step_person_id"), type_="foreignkey")
        for column in ("condition", "who", "person_id", "levels", "beside", "days"):
            batch.drop_column(column)
        batch.alter_column("role_id", existing_type=KEY, nullable=False)
    with _batch("approval_policy") as batch:
        batch.drop_column("condition")
    for table in ("approval_policy", "approval_policy_step"):
        with _batch(table) as batch:
            batch.add_column(
                sa.Column("condition", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"))
            )


def _batch(table: str) -> AbstractContextManager[BatchOperations]:
    """Change one table, keeping its counter of ids on SQLite."""
    return op.batch_alter_table(table, table_kwargs={"sqlite_autoincrement": True})
