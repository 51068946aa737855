"""The door for servers with several processes, such as ``granian --interface wsgi core.wsgi:app``."""

from __future__ import annotations

from core.app import open_program, settled, store_of
from core.config import Config, read
from core.db.engine import open_engine
from core.db.revisions import pending
from core.logs import start_logging
from core.memory import share_arenas
from core.web.app import create_web
from core.web.health import Health


def opened(config: Config) -> Health:
    """The application over the configured database; refuses to start while tables are not up to date."""
    start_logging(config.log_level, config.log_format)
    share_arenas()
    store = store_of(config.files, config.s3_endpoint)
    program = open_program(open_engine(config.database_url, threads=config.threads), store=store)
    with program.works.installation(reads=True) as connection:
        if behind := pending(connection, program.registry.packages):
            raise SystemExit(f"The tables are not up to date ({', '.join(behind)}). Run: zhanggui upgrade")
    web = Health(create_web(program, config), program)
    settled()
    return web


app = opened(read())
