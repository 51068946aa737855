"""Customer relations: talks, the tracking sheet, follow-ups that are not forgotten."""

from __future__ import annotations

from core.extension import Plugin
from core.text import _

plugin = Plugin(
    name="crm",
    label=_("Customer relations"),
    place=10,
    icon="heart-handshake",
    about=_("Talks with customers, the tracking sheet, and follow-ups by customer class."),
)
