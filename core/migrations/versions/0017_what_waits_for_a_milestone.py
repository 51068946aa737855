"""What is retained of an invoice while nobody knows until when waits for its milestone, and is due with it."""

from __future__ import annotations

from contextlib import AbstractContextManager

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

revision = "core_0017"
down_revision = "core_0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOLLOWS = sa.text("follows_id IS NOT NULL")
NAME = "fk_claim_company_id_follows_id"
READ = ("claim", "document_line")
# The retained milestones of the contracts where the lines of an invoice began; of several, what was agreed first.
MILESTONE = """
SELECT min(plan.id) FROM claim AS plan
    JOIN document_line AS origin ON origin.document_id = plan.document_id AND origin.company_id = plan.company_id
    JOIN document_line AS line ON line.origin_id = origin.id AND line.company_id = origin.company_id
    WHERE line.document_id = claim.document_id AND line.company_id = claim.company_id
    AND plan.claim_kind = 'milestone' AND plan.retained = (1 = 1)"""


def upgrade() -> None:
    with _batch() as batch:
        batch.add_column(sa.Column("follows_id", KEY, nullable=True))
        batch.create_foreign_key(op.f(NAME), "claim", ["company_id", "follows_id"], ["company_id", "id"])
    op.create_index(
        "ix_claim_follows", "claim", ["company_id", "follows_id"], sqlite_where=FOLLOWS, postgresql_where=FOLLOWS
    )
    _let_follow()


def downgrade() -> None:
    op.drop_index("ix_claim_follows", table_name="claim")
    with _batch() as batch:
        batch.drop_constraint(op.f(NAME), type_="foreignkey")
        batch.drop_column("follows_id")


def _let_follow() -> None:
    """Of every company: row-level security that binds the owner too would show him none."""
    _walls("NO FORCE")
    op.execute(f"UPDATE claim SET follows_id = ({MILESTONE}) WHERE claim_kind = 'retention' AND due IS NULL")  # noqa: S608 - our own words
    op.execute(
        "UPDATE claim SET due = (SELECT plan.due FROM claim AS plan WHERE plan.id = claim.follows_id)"
        " WHERE follows_id IS NOT NULL"
    )
    _walls("FORCE")


def _walls(force: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in READ:
            op.execute(f"ALTER TABLE {table} {force} ROW LEVEL SECURITY")


def _batch() -> AbstractContextManager[BatchOperations]:
    """A change of what is owed; keys stay such as are never given twice."""
    return op.batch_alter_table("claim", table_kwargs={"sqlite_autoincrement": True})
