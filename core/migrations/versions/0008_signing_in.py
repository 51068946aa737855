"""Second steps, recovery codes, earlier passwords, identities of single sign-on, and invitations."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
TABLES = ("invitation", "account_identity", "earlier_password", "recovery_code", "two_step")


def upgrade() -> None:
    op.add_column("account", sa.Column("password_at", MOMENT, nullable=True))
    op.execute("UPDATE account SET password_at = created_at WHERE password_hash <> ''")
    op.add_column("login_session", sa.Column("way", sa.String(20), nullable=False, server_default="password"))
    with op.batch_alter_table("login_session", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("way", server_default=None)
    op.create_table(
        "two_step",
        sa.Column("account_id", KEY, autoincrement=False, nullable=False),
        sa.Column("seed", sa.String(400), nullable=False),
        sa.Column("last_step", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("confirmed_at", MOMENT, nullable=True),
        _of_account("two_step"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_two_step")),
    )
    _with_key(
        "recovery_code",
        sa.Column("code_hash", sa.String(64), nullable=False),
        sa.UniqueConstraint("account_id", "code_hash", name=op.f("uq_recovery_code_account_id_code_hash")),
    )
    _with_key(
        "earlier_password",
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("until", MOMENT, nullable=False),
    )
    _with_key(
        "account_identity",
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_account_identity_issuer_subject")),
    )
    _with_key(
        "invitation",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("invited_by", KEY, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_invitation_company_id")),
        sa.ForeignKeyConstraint(["invited_by"], ["account.id"], name=op.f("fk_invitation_invited_by")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_invitation_company_id_id")),
        sa.UniqueConstraint("company_id", "account_id", name=op.f("uq_invitation_company_id_account_id")),
    )
    for table in ("earlier_password", "account_identity", "invitation"):
        op.create_index(op.f(f"ix_{table}_account_id"), table, ["account_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    with op.batch_alter_table("login_session", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("way")
    with op.batch_alter_table("account", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_column("password_at")


def _with_key(table: str, *columns: sa.Column[object] | sa.Constraint) -> None:
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        *columns,
        _of_account(table),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sqlite_autoincrement=True,
    )


def _of_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f(f"fk_{table}_account_id"))
