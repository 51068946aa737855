"""Settings: what the company chose, next to what holds when nothing is chosen."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.documents.kinds import area_of
from core.errors import DomainError
from core.extension.registry import in_chain
from core.operations.company import choose_settings
from core.settings import Setting
from core.text import Text, _, shown
from core.web.administration.forms import SEAL, Administered, Field, field, fresh, marked, sealed, typed
from core.web.current import work
from core.web.screens import Page
from core.work import Work

BOOLEANS = (("true", _("Yes")), ("false", _("No")))


class Settings(Administered):
    """Every setting of the areas in use, grouped by area."""

    label = _("Settings")
    icon = "settings"

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """The settings."""
        return self.page("settings.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Choose all that is written, or nothing."""

        def command(opened: Work) -> None:
            written = {key: request.form[key].strip() for key in _settings(opened) if key in request.form}
            kept = _kept(opened)
            if fresh(kept, {**kept, **_stored(opened, written)}):
                choose_settings(opened, written)

        return self.write(
            command, done=_("The settings are saved."), to=url_for(".index"), template="settings.html", build=_page
        )


def _settings(work: Work) -> dict[str, Setting]:
    return {
        key: setting
        for key, setting in work.types.settings.items()
        if area_of(key) == "core" or area_of(key) in work.areas
    }


def _kept(work: Work) -> dict[str, str]:
    return {key: work.company.settings.get(key, "") for key in _settings(work)}


def _stored(work: Work, written: dict[str, str]) -> dict[str, str]:
    """How the texts would be kept; those that cannot be read stay as they are and are refused later."""
    found = {}
    for key, text in written.items():
        setting = work.types.settings[key]
        try:
            found[key] = setting.write(setting.parse(text)) if text else ""
        except ValueError:
            found[key] = text
    return found


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    groups: dict[str, dict[str, Any]] = {}
    fields = []
    for key, setting in _settings(work).items():
        drawn = _field(setting, typed(key, work.company.settings.get(key, "")))
        fields.append(drawn)
        group = groups.setdefault(area_of(key), _group(work, area_of(key)))
        group["settings"].append({"field": drawn, "default": _default(setting), "changed": _differs(work, setting)})
    order = ["core", *in_chain(work.types.plugins)]
    return {
        "page": {
            "title": str(_("Settings")),
            "action": url_for(".save"),
            "errors": marked(fields, error),
            SEAL: sealed(_kept(work)),
            "groups": [groups[name] for name in order if name in groups],
        }
    }


def _differs(work: Work, setting: Setting) -> bool:
    """Whether the company chose something else than the default; a value that can no longer be read does differ."""
    try:
        return bool(work.setting(setting) != setting.default)
    except ValueError:
        return True


def _group(work: Work, area: str) -> dict[str, Any]:
    if area == "core":
        return {"label": str(_("General")), "icon": "building", "settings": []}
    plugin = work.types.plugins[area]
    return {"label": str(plugin.label), "icon": plugin.icon, "settings": []}


def _field(setting: Setting, value: str) -> Field:
    """An input of the setting's type; empty follows the default."""
    help_text = str(setting.help or "")
    options = _choices(setting)
    if options:
        blank = str(_("Default: {value}", value=_default(setting)))
        return field(
            setting.key,
            setting.label,
            value,
            "choice",
            help=help_text,
            blank=blank,
            choices=[(key, str(label)) for key, label in options],
        )
    number = isinstance(setting.default, int | Decimal)
    return field(
        setting.key,
        setting.label,
        value,
        "number" if number else "text",
        help=" ".join(filter(None, (help_text, _range(setting)))),
        placeholder=_default(setting),
    )


def _choices(setting: Setting) -> tuple[tuple[str, Text], ...]:
    return BOOLEANS if isinstance(setting.default, bool) else setting.choices


def _range(setting: Setting) -> str:
    match setting.least, setting.most:
        case None, None:
            return ""
        case least, None:
            return str(_("{least} or more.", least=least))
        case None, most:
            return str(_("{most} or less.", most=most))
        case least, most:
            return str(_("From {least} to {most}.", least=least, most=most))


def _default(setting: Setting) -> str:
    label = next((label for key, label in setting.choices if key == setting.default), None)
    return str(label) if label else shown(setting.default)
