"""Write a migration from the difference between models and a database: ``python -m core.revision AREA MESSAGE``."""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from alembic.operations.ops import MigrationScript
from sqlalchemy import JSON, Connection

from core.db.base import Base
from core.db.engine import open_engine
from core.db.migrate import upgrade
from core.db.revisions import CORE, tables_of
from core.db.types import Instant, Scaled
from core.extension.loader import load

DIALECT = "from sqlalchemy.dialects import postgresql\n"
TEMPLATE = '''"""{message}."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
{dialect}
revision = "{revision}"
down_revision = {down!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    {upgrade}


def downgrade() -> None:
    {downgrade}
'''


def difference(connection: Connection, area: str, packages: Mapping[str, str]) -> MigrationScript:
    """What would have to change in the database for the models of ``area``."""
    own = tables_of(area, packages)

    def mine(thing: Any, name: str | None, kind: str, reflected: bool, compare_to: Any) -> bool:
        if kind == "table":
            return name in own
        if kind == "column" and name == "grams_vector":
            return False
        return not (kind == "index" and name == "ix_search_entry_grams")

    context = MigrationContext.configure(
        connection,
        opts={
            "include_object": mine,
            "compare_type": True,
            "render_item": _render,
            "user_module_prefix": None,
            "version_table": f"alembic_version_{area}",
            "render_as_batch": True,
        },
    )
    return produce_migrations(context, Base.metadata)


def _render(kind: str, thing: Any, context: Any) -> str | Literal[False]:
    """Our own types as the columns they are, so that a migration never imports the program."""
    if kind == "type" and isinstance(thing, Scaled):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(thing, Instant):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(thing, JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


def write(area: str, message: str, packages: Mapping[str, str]) -> Path | None:
    """A new script for ``area`` against a fresh database at head; None when nothing differs."""
    with tempfile.TemporaryDirectory() as scratch:
        engine = open_engine(f"sqlite:///{scratch}/zhanggui.sqlite")
        upgrade(engine, packages)
        with engine.connect() as connection:
            script = difference(connection, area, packages)
        engine.dispose()
    if script.upgrade_ops is None or script.upgrade_ops.is_empty():
        return None
    spec = find_spec("core" if area == CORE else packages[area])
    if spec is None or spec.origin is None:
        raise LookupError(area)
    folder = Path(spec.origin).parent / "migrations" / "versions"
    folder.mkdir(parents=True, exist_ok=True)
    existing = sorted(p.stem.split("_")[0] for p in folder.glob("[0-9]*.py"))
    down = f"{area}_{existing[-1]}" if existing else None
    number = f"{int(existing[-1]) + 1 if existing else 1:04d}"
    slug = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")[:50]
    path = folder / f"{number}_{slug}.py"
    there, back = _indented(script.upgrade_ops), _indented(script.downgrade_ops)
    dialect = DIALECT if "postgresql." in there + back else ""
    text = TEMPLATE.format(
        message=message, revision=f"{area}_{number}", down=down, dialect=dialect, upgrade=there, downgrade=back
    )
    path.write_text(text, encoding="utf-8")
    return path


def _indented(ops: Any) -> str:
    code = render_python_code(ops, render_as_batch=True, render_item=_render)
    lines = [line for line in code.strip().splitlines() if not line.strip().startswith("#")]
    return "\n".join(lines).strip()


def main() -> None:
    """Write the migration named on the command line."""
    registry, _manager = load()
    path = write(sys.argv[1], sys.argv[2], registry.packages)
    print(path or "Nothing differs.")


if __name__ == "__main__":
    main()
