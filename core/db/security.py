"""What the database itself refuses: other companies' rows, changed history, changed content of posted documents.

Everything here can be run again at any time, and is, after each migration: batch migrations on SQLite drop triggers.
"""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

from core.db.base import Base
from core.db.engine import is_sqlite

APP_ROLE = "zhanggui_app"
# Reached without a company by the sign-in, the runner and the search, each through one function that re-reads.
OPEN_TABLES = frozenset({"search_entry", "job", "api_token"})
ADD_ONLY = ("history", "anchor", "anchor_item", "document_edition")
# What later documents, moves and approvals write on a posted document; everything else is its content.
LIVING = frozenset(
    {
        "state",
        "approval",
        "closure",
        "closure_reason",
        "version",
        "head",
        "posted_at",
        "updated_at",
        "updated_by",
        "number",
        "submitted_by",
        "edited_by",
        "uninvoiced",
        "unsettled",
        "supplied",
        "delivered",
        "invoiced",
        "settled",
        "collected",
        "prints",
        "revision",
        "edition",
        "owner_id",
        "department_id",
    }
)
LIVING_LINE = frozenset(
    {
        "closure",
        "closure_reason",
        "supplied",
        "delivered",
        "returned",
        "invoiced",
        "credited",
        "invoiced_amount",
        "credited_amount",
        "ceiling",
        "billing_point",
        "conceded",
        "deemed",
        "dropped",
        "withheld",
    }
)


def secure(connection: Connection, *, app_role: str | None = APP_ROLE) -> None:
    """Put policies, grants and triggers in place for every table that exists; ``app_role`` as the program signs in."""
    if "document" not in inspect(connection).get_table_names():
        return
    if is_sqlite(connection):
        _sqlite(connection)
    else:
        _postgresql(connection, app_role)


def loosen(connection: Connection) -> None:
    """Take the triggers away while tables change; neither engine lets go of what one of them speaks of."""
    if is_sqlite(connection):
        found = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars().all()
        drops = [f'DROP TRIGGER "{name}"' for name in found]
    else:
        rows = connection.exec_driver_sql(
            "SELECT t.tgname, c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
        drops = [f'DROP TRIGGER "{name}" ON "{table}"' for name, table in rows]
    for drop in drops:
        connection.exec_driver_sql(drop)


def company_tables() -> list[str]:
    """Every table whose rows belong to a company, and that is policed."""
    return [t.name for t in Base.metadata.sorted_tables if "company_id" in t.c and t.name not in OPEN_TABLES]


def _content(table: str, living: frozenset[str]) -> list[str]:
    return [c.name for c in Base.metadata.tables[table].columns if c.name not in living | {"id", "company_id"}]


def _sides() -> dict[str, list[str]]:
    """The tables that areas add to a document, and their columns that are content: all but those declared as living."""
    found = {}
    for table in Base.metadata.sorted_tables:
        joined = any(
            fk.referred_table.name == "document" and fk.column_keys == ["company_id", "id"]
            for fk in table.foreign_key_constraints
        )
        if joined:
            skipped = {"id", "company_id"}
            found[table.name] = [c.name for c in table.columns if c.name not in skipped and not c.info.get("living")]
    return found


def _parts() -> dict[str, list[str]]:
    """The tables of the parts of documents, and their columns that are content: all but those declared as living."""
    return {
        table.name: [c.name for c in table.columns if c.name not in {"id", "company_id"} and not c.info.get("living")]
        for table in Base.metadata.sorted_tables
        if table.info.get("document_part")
    }


def _exists(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def _sqlite(connection: Connection) -> None:
    here = _exists(connection)
    run = connection.exec_driver_sql
    for table in ADD_ONLY:
        if table in here:
            for verb in ("UPDATE", "DELETE"):
                run(f"DROP TRIGGER IF EXISTS keep_{table}_{verb.lower()}")
                run(
                    f"CREATE TRIGGER keep_{table}_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
                )
    changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in _content("document", LIVING))
    line_changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in _content("document_line", LIVING_LINE))
    posted = "(SELECT posted_at FROM document WHERE id = {row}.document_id) IS NOT NULL"
    for name, event, when in (
        (
            "document_posted",
            "UPDATE ON document",
            f"OLD.posted_at IS NOT NULL AND NEW.posted_at IS NOT NULL AND ({changed})",
        ),
        (
            "line_posted",
            "UPDATE ON document_line",
            f"({posted.format(row='OLD')} OR {posted.format(row='NEW')}) AND ({line_changed})",
        ),
        ("line_posted_new", "INSERT ON document_line", posted.format(row="NEW")),
        ("line_posted_gone", "DELETE ON document_line", posted.format(row="OLD")),
        ("document_posted_gone", "DELETE ON document", "OLD.posted_at IS NOT NULL"),
        *_sides_posted(here),
        *_parts_posted(here),
        *_files_kept(here),
    ):
        run(f"DROP TRIGGER IF EXISTS {name}")
        refuse = "BEGIN SELECT RAISE(ABORT, 'posted content is frozen'); END"
        run(f"CREATE TRIGGER {name} BEFORE {event} WHEN {when} {refuse}")
    run(
        "CREATE VIRTUAL TABLE IF NOT EXISTS search_fts USING fts5(grams, content='search_entry', content_rowid='id', "
        'tokenize="unicode61 remove_diacritics 0", detail=none, columnsize=0)'
    )
    add = "INSERT INTO search_fts(rowid, grams) VALUES (NEW.id, NEW.grams);"
    drop = "INSERT INTO search_fts(search_fts, rowid, grams) VALUES ('delete', OLD.id, OLD.grams);"
    for name, event, body in (
        ("search_added", "AFTER INSERT", add),
        ("search_gone", "AFTER DELETE", drop),
        ("search_changed", "AFTER UPDATE", drop + add),
    ):
        run(f"DROP TRIGGER IF EXISTS {name}")
        run(f"CREATE TRIGGER {name} {event} ON search_entry BEGIN {body} END")


def _files_kept(here: set[str]) -> list[tuple[str, str, str]]:
    """The content of a file comes and may go, and is never another one; its row stays."""
    if "stored_file" not in here:
        return []
    changed = "OLD.content IS NOT NULL AND NEW.content IS NOT NULL AND OLD.content IS NOT NEW.content"
    moved = "OLD.sha256 IS NOT NEW.sha256 OR OLD.company_id IS NOT NEW.company_id"
    return [
        ("stored_file_kept", "UPDATE ON stored_file", f"({changed}) OR {moved}"),
        ("stored_file_gone", "DELETE ON stored_file", "1"),
    ]


def _sides_posted(here: set[str]) -> list[tuple[str, str, str]]:
    """What keeps the content that areas add to a posted document: name, event, condition."""
    posted = "(SELECT posted_at FROM document WHERE id = OLD.id) IS NOT NULL"
    found = []
    for table, content in _sides().items():
        if table in here:
            changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in content) or "0"
            found.append((f"{table}_posted", f"UPDATE ON {table}", f"{posted} AND ({changed})"))
            found.append((f"{table}_posted_gone", f"DELETE ON {table}", posted))
    return found


def _parts_posted(here: set[str]) -> list[tuple[str, str, str]]:
    """What keeps the parts of a posted document: name, event, condition."""
    posted = "(SELECT posted_at FROM document WHERE id = {row}.document_id) IS NOT NULL"
    old, new = posted.format(row="OLD"), posted.format(row="NEW")
    found = []
    for table, content in _parts().items():
        if table in here:
            changed = " OR ".join(f"OLD.{c} IS NOT NEW.{c}" for c in content)
            found.append((f"{table}_posted", f"UPDATE ON {table}", f"({old} OR {new}) AND ({changed})"))
            found.append((f"{table}_posted_new", f"INSERT ON {table}", new))
            found.append((f"{table}_posted_gone", f"DELETE ON {table}", old))
    return found


def _postgresql(connection: Connection, app_role: str | None) -> None:
    here = _exists(connection)
    run = connection.exec_driver_sql
    mine = "company_id = nullif(current_setting('app.company', true), '')::bigint"
    for table in company_tables():
        if table not in here:
            continue
        run(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        run(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        run(f"DROP POLICY IF EXISTS of_company ON {table}")
        run(f"CREATE POLICY of_company ON {table} USING ({mine}) WITH CHECK ({mine})")
    # A person sees where he works, and who asks him to, before he has chosen a company.
    for table in ("employment", "invitation"):
        if table in here:
            run(f"DROP POLICY IF EXISTS of_account ON {table}")
            run(
                f"CREATE POLICY of_account ON {table} FOR SELECT USING "
                "(account_id = nullif(current_setting('app.account', true), '')::bigint)"
            )
    _frozen(connection)
    _frozen_sides(connection, here)
    _frozen_parts(connection, here)
    _frozen_files(connection, here)
    run(
        "ALTER TABLE search_entry ADD COLUMN IF NOT EXISTS grams_vector tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(grams, ' '), ''))) STORED"
    )
    run("CREATE INDEX IF NOT EXISTS ix_search_entry_grams ON search_entry USING gin (grams_vector)")
    if app_role and _role_is_there(connection, app_role):
        _grant(connection, app_role, here)


def _role_is_there(connection: Connection, role: str) -> bool:
    return connection.execute(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}).scalar() is not None


def _grant(connection: Connection, role: str, here: set[str]) -> None:
    run = connection.exec_driver_sql
    run(f'GRANT USAGE ON SCHEMA public TO "{role}"')
    run(f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}"')
    run(f'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "{role}"')
    for table in ADD_ONLY:
        if table in here:
            run(f'REVOKE UPDATE, DELETE ON {table} FROM "{role}"')


def _frozen(connection: Connection) -> None:
    run = connection.exec_driver_sql
    changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in _content("document", LIVING))
    line_changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in _content("document_line", LIVING_LINE))
    run(
        "CREATE OR REPLACE FUNCTION refuse_posted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'posted content is frozen' USING ERRCODE = 'check_violation'; END $$"
    )
    run(
        "CREATE OR REPLACE FUNCTION refuse_posted_line() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "DECLARE owners bigint[]; BEGIN "
        "IF TG_OP = 'INSERT' THEN owners := ARRAY[NEW.document_id]; "
        "ELSIF TG_OP = 'DELETE' THEN owners := ARRAY[OLD.document_id]; "
        "ELSE owners := ARRAY[OLD.document_id, NEW.document_id]; END IF; "
        "IF EXISTS (SELECT 1 FROM document WHERE id = ANY(owners) AND posted_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'posted content is frozen' USING ERRCODE = 'check_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    run(
        "CREATE OR REPLACE TRIGGER document_posted BEFORE UPDATE ON document FOR EACH ROW "
        f"WHEN (OLD.posted_at IS NOT NULL AND NEW.posted_at IS NOT NULL AND ({changed})) "
        "EXECUTE FUNCTION refuse_posted()"
    )
    run(
        "CREATE OR REPLACE TRIGGER line_posted BEFORE UPDATE ON document_line FOR EACH ROW "
        f"WHEN ({line_changed}) EXECUTE FUNCTION refuse_posted_line()"
    )
    run(
        "CREATE OR REPLACE TRIGGER line_posted_rows BEFORE INSERT OR DELETE ON document_line FOR EACH ROW "
        "EXECUTE FUNCTION refuse_posted_line()"
    )
    run(
        "CREATE OR REPLACE TRIGGER document_posted_gone BEFORE DELETE ON document FOR EACH ROW "
        "WHEN (OLD.posted_at IS NOT NULL) EXECUTE FUNCTION refuse_posted()"
    )


def _frozen_sides(connection: Connection, here: set[str]) -> None:
    run = connection.exec_driver_sql
    run(
        "CREATE OR REPLACE FUNCTION refuse_posted_side() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF EXISTS (SELECT 1 FROM document WHERE id = OLD.id AND posted_at IS NOT NULL) THEN "
        "RAISE EXCEPTION 'posted content is frozen' USING ERRCODE = 'check_violation'; END IF; "
        "IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; RETURN NEW; END $$"
    )
    for table, content in _sides().items():
        if table not in here:
            continue
        changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in content) or "false"
        run(
            f"CREATE OR REPLACE TRIGGER {table}_posted BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed}) EXECUTE FUNCTION refuse_posted_side()"
        )
        run(
            f"CREATE OR REPLACE TRIGGER {table}_posted_gone BEFORE DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_posted_side()"
        )


def _frozen_files(connection: Connection, here: set[str]) -> None:
    if "stored_file" not in here:
        return
    run = connection.exec_driver_sql
    changed = "OLD.content IS NOT NULL AND NEW.content IS NOT NULL AND OLD.content IS DISTINCT FROM NEW.content"
    moved = "OLD.sha256 <> NEW.sha256 OR OLD.company_id <> NEW.company_id"
    run(
        "CREATE OR REPLACE TRIGGER stored_file_kept BEFORE UPDATE ON stored_file FOR EACH ROW "
        f"WHEN (({changed}) OR {moved}) EXECUTE FUNCTION refuse_posted()"
    )
    run(
        "CREATE OR REPLACE TRIGGER stored_file_gone BEFORE DELETE ON stored_file FOR EACH ROW "
        "EXECUTE FUNCTION refuse_posted()"
    )


def _frozen_parts(connection: Connection, here: set[str]) -> None:
    run = connection.exec_driver_sql
    for table, content in _parts().items():
        if table not in here:
            continue
        changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in content)
        run(
            f"CREATE OR REPLACE TRIGGER {table}_posted BEFORE UPDATE ON {table} FOR EACH ROW "
            f"WHEN ({changed}) EXECUTE FUNCTION refuse_posted_line()"
        )
        run(
            f"CREATE OR REPLACE TRIGGER {table}_posted_rows BEFORE INSERT OR DELETE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION refuse_posted_line()"
        )
