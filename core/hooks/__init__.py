"""What plug-ins may say to each other, and the only way to hear it."""

from __future__ import annotations

from core.hooks.specs import hookimpl, hookspec

__all__ = ["hookimpl", "hookspec"]
