"""Territories: a tree of regions with those who answer for them; a customer lies in one, by its region or by hand.

Telephone numbers get words of their own in the search, which only who may see them finds them by.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from core.names import search_tokens

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "territory",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=False),
        sa.Column("parent_id", KEY, nullable=True),
        sa.Column("regions", sa.String(400), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", KEY, nullable=False),
        sa.Column("head", sa.LargeBinary(32), nullable=False),
        sa.Column("created_at", AT, nullable=False),
        sa.Column("created_by", KEY, nullable=True),
        sa.Column("updated_at", AT, nullable=False),
        sa.Column("updated_by", KEY, nullable=True),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_territory_company_id")),
        sa.ForeignKeyConstraint(["created_by"], ["account.id"], name=op.f("fk_territory_created_by")),
        sa.ForeignKeyConstraint(["updated_by"], ["account.id"], name=op.f("fk_territory_updated_by")),
        sa.ForeignKeyConstraint(
            ["company_id", "parent_id"],
            ["territory.company_id", "territory.id"],
            name=op.f("fk_territory_company_id_parent_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory")),
        sa.UniqueConstraint("company_id", "code", name=op.f("uq_territory_company_id_code")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_territory_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "territory_holder",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("company_id", KEY, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("territory_id", KEY, nullable=False),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("department_id", KEY, nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.CheckConstraint("(account_id IS NULL) <> (department_id IS NULL)", name=op.f("ck_territory_holder_holder")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk_territory_holder_company_id")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_territory_holder_account_id")),
        sa.ForeignKeyConstraint(
            ["company_id", "territory_id"],
            ["territory.company_id", "territory.id"],
            name=op.f("fk_territory_holder_company_id_territory_id"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id", "department_id"],
            ["department.company_id", "department.id"],
            name=op.f("fk_territory_holder_company_id_department_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_territory_holder")),
        sa.UniqueConstraint("company_id", "id", name=op.f("uq_territory_holder_company_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_territory_holder_territory", "territory_holder", ["company_id", "territory_id"])
    with op.batch_alter_table("party", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in COLUMNS:
            batch.add_column(sa.Column(name, KEY, nullable=True))
            batch.create_foreign_key(
                op.f(f"fk_party_company_id_{name}"), "territory", ["company_id", name], ["company_id", "id"]
            )
    op.create_index("ix_party_company_territory", "party", ["company_id", "territory_id", "id"])
    _index_again(apart=True)


COLUMNS = ("territory_id", "chosen_territory_id")


STEP = 500
_PARTY = sa.table(
    "party", *map(sa.column, ("id", "company_id", "name", "code", "name_en", "short_name", "credit_code", "phone"))
)
_CONTACT = sa.table("contact", *map(sa.column, ("party_id", "name", "mobile", "phone")))
_ENTRY = sa.table("search_entry", *map(sa.column, ("company_id", "kind", "record_id", "grams")))


def _index_again(*, apart: bool) -> None:
    """Enter every customer anew, his numbers ``apart`` from all other words or among them."""
    connection = op.get_bind()
    _walls("NO FORCE")
    for rows in _customers(connection):
        numbers: dict[int, list[str]] = {row.id: [row.phone] for row in rows}
        names: dict[int, list[str]] = {row.id: [] for row in rows}
        for one in connection.execute(sa.select(_CONTACT).where(_CONTACT.c.party_id.in_(numbers))):
            names[one.party_id].append(one.name)
            numbers[one.party_id] += [one.mobile, one.phone]
        for row in rows:
            words = [row.name, row.code, row.name_en, row.short_name, row.credit_code, *names[row.id]]
            calls = [number for number in numbers[row.id] if number]
            if not calls:
                continue
            tokens = search_tokens(*words, *(() if apart else calls))
            if apart:
                tokens = " ".join([tokens, *(f"znphonez{token}" for token in search_tokens(*calls).split())])
            mine = (
                _ENTRY.c.company_id == row.company_id,
                _ENTRY.c.kind == "core.party",
                _ENTRY.c.record_id == row.id,
            )
            connection.execute(sa.update(_ENTRY).where(*mine).values(grams=f"zz{row.company_id}zzcorezparty {tokens}"))
    _walls("FORCE")
    # The triggers that keep the index of words are away while tables change.
    if connection.dialect.name == "sqlite" and sa.inspect(connection).has_table("search_fts"):
        op.execute("INSERT INTO search_fts(search_fts) VALUES ('rebuild')")


def _customers(connection: Any) -> Iterator[list[Any]]:
    last = 0
    while rows := connection.execute(
        sa.select(_PARTY).where(_PARTY.c.id > last).order_by(_PARTY.c.id).limit(STEP)
    ).all():
        yield rows
        last = rows[-1].id


def _walls(force: str) -> None:
    """Of every company: row-level security that binds the owner too would show him none."""
    if op.get_bind().dialect.name == "postgresql":
        for table in ("party", "contact"):
            op.execute(f"ALTER TABLE {table} {force} ROW LEVEL SECURITY")


def downgrade() -> None:
    _index_again(apart=False)
    op.drop_index("ix_party_company_territory", table_name="party")
    with op.batch_alter_table("party", table_kwargs={"sqlite_autoincrement": True}) as batch:
        for name in COLUMNS:
            batch.drop_constraint(op.f(f"fk_party_company_id_{name}"), type_="foreignkey")
            batch.drop_column(name)
    op.drop_table("territory_holder")
    op.drop_table("territory")
