"""What is left of duties, messages to people, the channels that carry them out, and what each person wants."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0013"
down_revision = "core_0012"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
CODE, NAME, LINE = sa.String(60), sa.String(200), sa.String(400)
TABLES = ("message_choice", "sending", "channel", "message", "duty")
UNSETTLED = sa.text("closed_at IS NULL OR (late_at IS NOT NULL AND reason_at IS NULL)")
STANDING = sa.text("closed_at IS NULL AND kind <> 'core.task'")
UNREAD = sa.text("read_at IS NULL")


def upgrade() -> None:
    _of_company(
        "duty",
        sa.Column("kind", CODE, nullable=False),
        sa.Column("record_kind", CODE, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("part_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("asked_by", KEY, nullable=True),
        sa.Column("title", LINE, nullable=False),
        sa.Column("party_name", NAME, nullable=False),
        sa.Column("number", NAME, nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("opened_at", MOMENT, nullable=False),
        sa.Column("late_at", MOMENT, nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("reason", LINE, nullable=False),
        sa.Column("reason_by", KEY, nullable=True),
        sa.Column("reason_at", MOMENT, nullable=True),
        sa.Column("reminded_by", KEY, nullable=True),
        sa.Column("reminded_at", MOMENT, nullable=True),
        sa.CheckConstraint("(kind = 'core.task') = (record_id = 0)", name=op.f("ck_duty_task")),
        people=("account_id", "owner_id", "asked_by", "reason_by", "reminded_by"),
    )
    standing = ["company_id", "kind", "record_id", "part_id"]
    _partial("uq_duty_standing", "duty", standing, STANDING, unique=True)
    _partial("ix_duty_unsettled", "duty", ["company_id", "account_id", "due", "id"], UNSETTLED)
    op.create_index("ix_duty_late", "duty", ["company_id", "late_at", "kind"])
    op.create_index("ix_duty_asked", "duty", ["company_id", "asked_by", "id"])
    _of_company(
        "message",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("topic", CODE, nullable=False),
        sa.Column("text", LINE, nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.Column("record_kind", CODE, nullable=False),
        sa.Column("record_id", KEY, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq_message_company_id_key")),
        people=("account_id",),
    )
    op.create_index("ix_message_mine", "message", ["company_id", "account_id", "id"])
    _partial("ix_message_unread", "message", ["company_id", "account_id", "id"], UNREAD)
    _of_company(
        "channel",
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("name", NAME, nullable=False),
        sa.Column("options", JSON, nullable=False),
        sa.Column("secret", sa.String(4000), nullable=False),
        sa.Column("topics", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_channel_company_id_name")),
        sa.CheckConstraint("kind IN ('mail', 'wecom', 'dingtalk', 'feishu')", name=op.f("ck_channel_kind")),
    )
    _of_company(
        "sending",
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("channel_id", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("answer", LINE, nullable=False),
        _within("sending", "message_id", "message"),
        _within("sending", "channel_id", "channel"),
        sa.UniqueConstraint(
            "company_id", "message_id", "channel_id", name=op.f("uq_sending_company_id_message_id_channel_id")
        ),
    )
    op.create_index("ix_sending_channel", "sending", ["company_id", "channel_id", "id"])
    _of_company(
        "message_choice",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("silent", JSON, nullable=False),
        sa.Column("quiet_from", sa.String(5), nullable=False),
        sa.Column("quiet_until", sa.String(5), nullable=False),
        sa.UniqueConstraint("company_id", "account_id", name=op.f("uq_message_choice_company_id_account_id")),
        people=("account_id",),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _of_company(table: str, *columns: sa.Column[object] | sa.Constraint, people: tuple[str, ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{table}_company_id")),
        *(sa.ForeignKeyConstraint([name], ["account.id"], name=op.f(f"fk_{table}_{name}")) for name in people),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("company_id", "id", name=op.f(f"uq_{table}_company_id_id")),
        sqlite_autoincrement=True,
    )


def _within(table: str, column: str, other: str) -> sa.Constraint:
    return sa.ForeignKeyConstraint(
        ["company_id", column], [f"{other}.company_id", f"{other}.id"], name=op.f(f"fk_{table}_company_id_{column}")
    )


def _partial(name: str, table: str, columns: list[str], where: sa.TextClause, *, unique: bool = False) -> None:
    op.create_index(name, table, columns, unique=unique, sqlite_where=where, postgresql_where=where)
