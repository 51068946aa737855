"""A small area for tests: deals that are paid in milestones and judged in opinions."""

from __future__ import annotations

from core.extension import Plugin
from core.text import _

plugin = Plugin(name="sampler", label=_("Samples"), about=_("Deals, paid in milestones."))
