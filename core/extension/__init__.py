"""What a plug-in is, how it is found, and what all of them declare together."""

from __future__ import annotations

from core.extension.plugin import Plugin
from core.extension.registry import Registry

__all__ = ["Plugin", "Registry"]
