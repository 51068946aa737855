"""Logs: one line for each thing that happened, with the request it belongs to and without any secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import IO, Any

SECRET = re.compile(r"passw|secret|token|authorization|cookie|api_?key", re.IGNORECASE)
IN_ADDRESS = re.compile(r"(\w+://[^/\s:@]*):[^@/\s]+@")
HIDDEN = "•••"


def without_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide what is called a secret, and passwords inside addresses."""
    for name, value in event.items():
        if SECRET.search(name):
            event[name] = HIDDEN
        elif isinstance(value, str):
            event[name] = IN_ADDRESS.sub(rf"\1:{HIDDEN}@", value)
    return event


def start_logging(level: str = "INFO", form: str = "console", stream: IO[str] | None = None) -> None:
    """Let everything that logs, our own and the libraries, write lines for people (console) or programs (json)."""
    import structlog

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    out = stream or sys.stderr
    last: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=out.isatty())
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # A full queue is the server's way of waiting, not news.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


@contextmanager
def within(**values: Any) -> Iterator[None]:
    """Let every line logged inside carry ``values``, such as ``request_id``."""
    import structlog

    with structlog.contextvars.bound_contextvars(**values):
        yield
