"""After-sales service: requests for service, warranty, returns and exchanges."""

from __future__ import annotations

from core.extension import Plugin
from core.text import _

plugin = Plugin(
    name="aftersales",
    label=_("After-sales service"),
    place=80,
    icon="tool",
    about=_("Service requests from the manager's word to the customer's, warranty at once, returns and exchanges."),
)
