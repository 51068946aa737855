"""The audit log has indexes of its own; comments, whom they call; and where the content of a file is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
COMING, REMOVED = sa.text("state = 'coming'"), sa.text("removed_at IS NOT NULL")
OF_ACCESS, UNREAD = sa.text("kind = 'core.access'"), sa.text("read_at IS NULL")
AUDIT = {"access": (), "access_what": ("what",), "access_actor": ("actor_id",), "access_target": ("target",)}


def upgrade() -> None:
    for name, columns in AUDIT.items():
        op.create_index(
            f"ix_history_{name}",
            "history",
            ["company_id", *columns, "at", "id"],
            sqlite_where=OF_ACCESS,
            postgresql_where=OF_ACCESS,
        )
    op.create_table(
        "comment",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("edited_at", MOMENT, nullable=True),
        sa.Column("removed_at", MOMENT, nullable=True),
        sa.Column("removed_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_comment_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_comment_created_by")),
        sa.ForeignKeyConstraint(["removed_by"], ["account.id"], name=op.f("fk_comment_removed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_comment_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_comment_record", "comment", ["company_id", "kind", "record_id", "id"])
    op.create_table(
        "mention",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("comment_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        _within("mention", "comment_id", "comment"),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_mention_company_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_mention_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_mention_company_id_id")),
        sa.UniqueConstraint(
            "company_id", "comment_id", "account_id", name=op.f("uq_mention_company_id_comment_id_account_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mention_account", "mention", ["company_id", "account_id", "id"])
    op.create_index(
        "ix_mention_unread", "mention", ["company_id", "account_id"], sqlite_where=UNREAD, postgresql_where=UNREAD
    )
    with op.batch_alter_table("stored_file") as batch:
        batch.alter_column("content", existing_type=sa.LargeBinary(), nullable=True)
        batch.add_column(sa.Column("place", sa.String(60), nullable=False, server_default="database"))
        batch.add_column(sa.Column("state", sa.String(60), nullable=False, server_default="kept"))
        batch.add_column(sa.Column("since", MOMENT, nullable=True))
    with op.batch_alter_table("stored_file") as batch:
        batch.alter_column("place", server_default=None)
        batch.alter_column("state", server_default=None)
    op.create_index(
        "ix_stored_file_coming", "stored_file", ["company_id", "since"], sqlite_where=COMING, postgresql_where=COMING
    )
    op.create_index("ix_attachment_content", "attachment", ["company_id", "sha256"])
    op.create_index(
        "ix_attachment_removed",
        "attachment",
        ["company_id", "removed_at"],
        sqlite_where=REMOVED,
        postgresql_where=REMOVED,
    )


def downgrade() -> None:
    _refuse_what_is_outside()
    op.drop_index("ix_attachment_removed", "attachment")
    op.drop_index("ix_attachment_content", "attachment")
    op.drop_index("ix_stored_file_coming", "stored_file")
    with op.batch_alter_table("stored_file") as batch:
        for name in ("since", "state", "place"):
            batch.drop_column(name)
        batch.alter_column("content", existing_type=sa.LargeBinary(), nullable=False)
    op.drop_table("mention")
    op.drop_table("comment")
    for name in AUDIT:
        op.drop_index(f"ix_history_{name}", "history")


def _refuse_what_is_outside() -> None:
    """Before, a content was in the database or nowhere; one that is outside, or was given up, cannot go back."""
    walls = op.get_bind().dialect.name == "postgresql"
    if walls:
        op.execute("ALTER TABLE stored_file NO FORCE ROW LEVEL SECURITY")
    found = op.get_bind().execute(sa.text("SELECT count(*) FROM stored_file WHERE content IS NULL")).scalar()
    if walls:
        op.execute("ALTER TABLE stored_file FORCE ROW LEVEL SECURITY")
    if found:
        raise RuntimeError(f"{found} contents of files are not in the database; bring them back first")


def _within(table: str, column: str, to: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{to}.company_id", f"{to}.id"], name=op.f(f"fk_{table}_company_id_{column}")
    )
