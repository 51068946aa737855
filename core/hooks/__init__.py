"""What plug-ins may say to each other, and the only way to hear it."""

from core.hooks.specs import hookimpl, hookspec

__all__ = ["hookimpl", "hookspec"]
