"""The headless Chromium that looks at our pages: where it is, and how it keeps to itself.

`python -m core.testing.browser` prints its path, or says what is missing.
"""

from __future__ import annotations

import os
import shutil
import sys
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class BrowserMissingError(Exception):
    """No Chromium was found; the text says what to do."""


def chromium() -> str:
    """The path of a Chromium: ZHANGGUI_CHROMIUM, else the first one on PATH. Raises BrowserMissingError."""
    names = (os.environ.get("ZHANGGUI_CHROMIUM", ""), *NAMES)
    for found in (shutil.which(name) for name in names if name):
        if found:
            return found
    raise BrowserMissingError(
        "The page tests need Chromium. On Debian: apt-get install chromium. "
        "Elsewhere set ZHANGGUI_CHROMIUM to the path of a Chromium or Chrome."
    )


def launch_options() -> dict[str, Any]:
    """What Playwright's `chromium.launch(**options)` needs: no foreign host asked, no sandbox for root."""
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    return {"executable_path": chromium(), "headless": True, "args": [*QUIET, *sandbox]}


if __name__ == "__main__":
    try:
        print(chromium())
    except BrowserMissingError as missing:
        sys.exit(str(missing))
