"""Imports: the file, its rows, and how the columns of a company's files were read before."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "core_0015"
down_revision = "core_0014"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
STATES = "'new', 'reading', 'checking', 'checked', 'writing', 'done', 'undoing', 'undone', 'failed'"
COUNTS = ("rows", "last", "seen", "records", "bad", "made", "changed", "same")


def upgrade() -> None:
    op.create_table(
        "import_batch",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("record_kind", sa.String(60), nullable=False),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("form", sa.String(8), nullable=False),
        sa.Column("encoding", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", KEY, nullable=False),
        sa.Column("header_row", KEY, nullable=False),
        sa.Column("columns", JSON, nullable=False),
        sa.Column("samples", JSON, nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("way", sa.String(6), nullable=False),
        sa.Column("found_by", sa.String(60), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        *(sa.Column(name, KEY, nullable=False) for name in COUNTS),
        sa.Column("problem", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("created_by", KEY, nullable=False),
        sa.Column("kept_back", JSON, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("undone_at", MOMENT, nullable=True),
        sa.Column("undone_by", KEY, nullable=True),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_import_batch_state")),
        sa.CheckConstraint("way IN ('new', 'change', 'both')", name=op.f("ck_import_batch_way")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_import_batch_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_import_batch_created_by")),
        sa.ForeignKeyConstraint(["undone_by"], ["account.id"], name=op.f("fk_import_batch_undone_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_import_batch_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_import_batch_file", "import_batch", ["company_id", "record_kind", "sha256"])
    op.create_index("ix_import_batch_person", "import_batch", ["company_id", "created_by", "id"])
    op.create_table(
        "import_file",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        *_of_batch("import_file"),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_row",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("place", KEY, nullable=False),
        sa.Column("first", KEY, nullable=False),
        sa.Column("cells", JSON, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("faults", JSON, nullable=False),
        sa.Column("record_id", KEY, nullable=True),
        sa.Column("version", KEY, nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.CheckConstraint(
            "state IN ('read', 'bad', 'good', 'made', 'changed', 'same')", name=op.f("ck_import_row_state")
        ),
        *_of_batch("import_row"),
        sa.PrimaryKeyConstraint("import_id", "place", name=op.f("pk_import_row")),
    )
    op.create_index("ix_import_row_state", "import_row", ["import_id", "state", "place"])
    op.create_table(
        "import_key",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("import_id", KEY, nullable=False),
        sa.Column("mark", KEY, nullable=False),
        sa.Column("place", KEY, nullable=False),
        *_of_batch("import_key"),
        sa.PrimaryKeyConstraint("import_id", "mark", name=op.f("pk_import_key")),
    )
    op.create_table(
        "import_mapping",
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("record_kind", sa.String(60), nullable=False),
        sa.Column("header", sa.String(200), nullable=False),
        sa.Column("field", sa.String(400), nullable=False),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_import_mapping_company_id")),
        sa.PrimaryKeyConstraint("company_id", "record_kind", "header", name=op.f("pk_import_mapping")),
    )


def downgrade() -> None:
    for table in ("import_mapping", "import_key", "import_row", "import_file", "import_batch"):
        op.drop_table(table)


def _of_batch(table: str) -> tuple[sa.ForeignKeyConstraint, ...]:
    """The rows belong to an import, and both to one company."""
    return (
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f(f"fk_{table}_company_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "import_id"],
            ["import_batch.company_id", "import_batch.id"],
            name=op.f(f"fk_{table}_company_id_import_id"),
        ),
    )
