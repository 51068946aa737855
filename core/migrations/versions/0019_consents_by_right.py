"""A step of a rule may ask whoever has a right to the document."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0019"
down_revision = "core_0018"
branch_labels = None
depends_on = None

BEFORE = "who IN ('role', 'person', 'superior', 'head', 'chosen')"
NOW = "who IN ('role', 'permission', 'person', 'superior', 'head', 'chosen')"
NAMED = "permission <> '' OR who <> 'permission'"


def upgrade() -> None:
    with _batch() as batch:
        batch.add_column(sa.Column("permission", sa.String(400), nullable=False, server_default=""))
        batch.drop_constraint(op.f("ck_approval_policy_step_who"), type_="check")
        batch.create_check_constraint(op.f("ck_approval_policy_step_who"), NOW)
        batch.create_check_constraint(op.f("ck_approval_policy_step_permission"), NAMED)
    with _batch() as batch:
        batch.alter_column("permission", server_default=None)


def downgrade() -> None:
    # Nobody could be asked by a right any more; a step without a role would ask nobody.
    op.execute(sa.text("DELETE FROM approval_policy_step WHERE who = 'permission'"))
    with _batch() as batch:
        batch.drop_constraint(op.f("ck_approval_policy_step_permission"), type_="check")
        batch.drop_constraint(op.f("ck_approval_policy_step_who"), type_="check")
        batch.create_check_constraint(op.f("ck_approval_policy_step_who"), BEFORE)
        batch.drop_column("permission")


def _batch() -> AbstractContextManager[BatchOperations]:
    """Change the steps, keeping their counter of ids on SQLite."""
    return op.batch_alter_table("approval_policy_step", table_kwargs={"sqlite_autoincrement": True})
