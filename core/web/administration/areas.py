"""Areas: what the company works with; switched here, effective at the next request."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import DomainError
from core.extension.registry import in_chain
from core.operations.company import AreaChange, area_change, switch_off, switch_on
from core.text import _
from core.web.administration.forms import Administered, marked
from core.web.current import work
from core.web.screens import Page
from core.work import Work


class Areas(Administered):
    """Switch areas on and off, with what comes along, what is hidden and what stands against it."""

    label = _("Areas")
    icon = "layout-dashboard"

    @expose("/")
    def index(self) -> Page:
        """All installed areas."""
        return self.page("areas.html", **_page(work(), None))

    @expose("/<area>", methods=("POST",))
    def switch(self, area: str) -> ResponseReturnValue:
        """Switch one area."""
        on = request.form.get("on") == "1"

        def command(opened: Work) -> None:
            (switch_on if on else switch_off)(opened, area)

        return self.write(
            command,
            done=_("The area is open.") if on else _("The area is closed."),
            to=url_for(".index"),
            template="areas.html",
            build=_page,
        )


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    areas = [_area(work, area_change(work, name, on=name not in work.areas)) for name in in_chain(work.types.plugins)]
    return {"page": {"title": str(_("Areas")), "areas": areas, "errors": marked((), error)}}


def _area(work: Work, change: AreaChange) -> dict[str, Any]:
    plugin = work.types.plugins[change.area]
    return {
        "name": change.area,
        "label": str(plugin.label),
        "icon": plugin.icon,
        "text": str(plugin.about),
        "on": not change.on,
        "needs": [str(work.types.plugins[name].label) for name in plugin.requires],
        "brings": [str(work.types.plugins[name].label) for name in change.along],
        "hides": [str(_("{count} × {type}", count=count, type=label)) for label, count in change.hidden],
        "refusals": [str(reason) for reason in change.reasons],
        "switch_url": url_for(".switch", area=change.area),
    }
