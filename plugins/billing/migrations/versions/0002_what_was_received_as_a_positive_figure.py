"""What was received in the period of a statement is a positive figure; it was kept as what it took off the balance."""

from __future__ import annotations

from alembic import op

from core.db.security import loosen

revision = "billing_0002"
down_revision = "billing_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _turn()


def downgrade() -> None:
    # Going up they are gone already; going down, those of statements that were sent would refuse.
    loosen(op.get_bind())
    _turn()


def _turn() -> None:
    """Of every company: row-level security that binds the owner too would show him none."""
    walled = op.get_bind().dialect.name == "postgresql"
    if walled:
        op.execute("ALTER TABLE billing_statement NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE billing_statement SET paid = -paid")
    if walled:
        op.execute("ALTER TABLE billing_statement FORCE ROW LEVEL SECURITY")
