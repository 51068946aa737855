"""Which offices the company keeps apart, and whose roles collide with that."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask_admin import expose

from core.operations.separating import collisions, told
from core.separation import PAIRS
from core.text import _
from core.web.administration.forms import Administered
from core.web.current import work
from core.web.screens import Page
from core.web.showing import Tag
from core.work import Work


class Separation(Administered):
    """The pairs with how strictly each is kept, and the people who hold both."""

    label = _("Separation of duties")
    icon = "arrows-diff"

    @expose("/")
    def index(self) -> Page:
        """The overview; how strict the company is, is chosen among its settings."""
        return self.page("separation.html", **_page(work()))


def _page(work: Work) -> dict[str, Any]:
    return {
        "page": {
            "title": str(_("Separation of duties")),
            "crumbs": [{"label": str(_("Roles and rights")), "url": url_for("administration_roles.index")}],
            "pairs": [_pair(work, place) for place in range(len(PAIRS))],
            "people": [
                {
                    "name": work.person(one.account_id),
                    "url": url_for("administration_people.person", key=one.account_id),
                    "pair": str(one.pair.label),
                    "first": ", ".join(one.first),
                    "second": ", ".join(one.second),
                }
                for one in collisions(work)
            ],
            "settings_url": url_for("administration_settings.index"),
        }
    }


def _pair(work: Work, place: int) -> dict[str, Any]:
    pair = PAIRS[place]
    setting = work.types.settings[pair.key]
    strict = work.setting(setting)
    return {
        "label": str(pair.label),
        "strict": Tag(str(dict(setting.choices)[strict]), "green" if told(strict) else "grey"),
        "rights": [
            f"{right.subject} · {right.label}"
            for office in (pair.first, pair.second)
            for key in work.types.offices.get(office, ())
            if (right := work.types.permissions[key]).area in {*work.areas, "core"}
        ],
    }
