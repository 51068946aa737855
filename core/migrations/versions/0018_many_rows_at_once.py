"""What many rows at once need: an index for each reference that is looked up when they go, and a leaner search index.

The words of a record have no places any more, and PostgreSQL takes them as they are instead of parsing them: half the
work for each record that is written. The index is filled anew, about a minute for every million records.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0018"
down_revision = "core_0017"
branch_labels = None
depends_on = None

REFERENCES = (
    ("ix_party_company_parent", "party", "parent_id"),
    ("ix_open_line_party", "open_line", "party_id"),
    ("ix_attachment_document", "attachment", "document_id"),
)
LEAN = ", detail=none, columnsize=0"


def upgrade() -> None:
    for name, table, column in REFERENCES:
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, table, ["company_id", column], sqlite_where=given, postgresql_where=given)
    _search_again(LEAN)


def downgrade() -> None:
    _search_again("")
    for name, table, _column in REFERENCES:
        op.drop_index(name, table_name=table)


def _search_again(options: str) -> None:
    """What finds words is made anew where it is; on PostgreSQL by what keeps the database in order after migrations."""
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        op.execute("ALTER TABLE search_entry DROP COLUMN IF EXISTS grams_vector")
    elif sa.inspect(connection).has_table("search_fts"):
        op.execute("DROP TABLE search_fts")
        op.execute(
            "CREATE VIRTUAL TABLE search_fts USING fts5(grams, content='search_entry', content_rowid='id', "
            f'tokenize="unicode61 remove_diacritics 0"{options})'
        )
        op.execute("INSERT INTO search_fts(search_fts) VALUES ('rebuild')")
