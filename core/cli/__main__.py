"""``python -m core.cli`` is ``zhanggui``."""

from __future__ import annotations

from core.cli import main

main()
