"""The company for programs: who one is, what waits for one's consent, what is found, areas and settings."""

from __future__ import annotations

from typing import Any

from core.documents.kinds import area_of
from core.errors import Unknown
from core.operations import company
from core.rights import ADMINISTER, SEARCH
from core.schemas import requests
from core.search.finding import found
from core.settings import Setting
from core.web.api.calls import Answer, Call, told
from core.web.api.records import place_of
from core.work import Work


def me(work: Work, call: Call) -> Answer:
    """Who the token acts as, in which company, with which rights."""
    actor = work.actor
    if actor is None:
        raise Unknown()
    rights = {key: sorted(work.scopes(key)) for key in sorted(work.types.permissions) if work.may(key)}
    roles = sorted((work.company.roles[key] for key in work.roles()), key=lambda role: role.key)
    return told(
        {
            "id": actor.id,
            "login": actor.login,
            "name": actor.name,
            "name_en": actor.name_en,
            "language": actor.language or work.company.language,
            "company": {
                "id": work.company.id,
                "code": work.company.code,
                "name": work.company.name,
                "name_en": work.company.name_en,
                "currency": work.company.currency,
                "zone": work.company.zone,
            },
            "today": work.today.isoformat(),
            "areas": sorted(work.areas),
            "roles": [{"key": role.key, "name": role.title} for role in roles],
            "rights": rights,
        }
    )


def search(work: Work, call: Call) -> Answer:
    """Records of all kinds that the caller may read and that hold all that was asked."""
    work.demand(SEARCH)
    hits = found(work, call.query.get("q", ""), most=call.whole("size", 10, 1, 50))
    return told(
        {
            "items": [
                {
                    "kind": hit.kind,
                    "id": hit.id,
                    "title": hit.title,
                    "about": hit.about,
                    "url": f"{place_of(work.types.type(hit.kind))}/{hit.id}",
                }
                for hit in hits
            ]
        }
    )


def areas(work: Work, call: Call) -> Answer:
    """Every installed area: whether it is in use, and what switching it would mean."""
    work.demand(ADMINISTER)
    return told({"items": [_area(work, name, on=name not in work.areas) for name in work.types.plugins]})


def _area(work: Work, name: str, *, on: bool) -> dict[str, Any]:
    plugin, change = work.types.plugins[name], company.area_change(work, name, on=on)
    return {
        "name": name,
        "label": str(plugin.label),
        "about": str(plugin.about),
        "requires": sorted(work.types.needed_by(name)),
        "on": not on,
        "along": list(change.along),
        "hidden": [{"label": str(label), "count": count} for label, count in change.hidden],
        "reasons": [str(reason) for reason in change.reasons],
    }


def switch(work: Work, call: Call) -> Answer:
    """An area is switched on, with what it needs, or off, which hides it and keeps its data."""
    name, wanted = str(call.path["name"]), requests.read(requests.AreaInput, call.body)["on"]
    work.demand(ADMINISTER)
    if name not in work.types.plugins:
        raise Unknown()
    said = _area(work, name, on=wanted)
    if wanted:
        said["along"] = [area for area in company.switch_on(work, name) if area != name]
    else:
        company.switch_off(work, name)
    work.finish()
    return told(said | {"on": wanted})


def settings(work: Work, call: Call) -> Answer:
    """What the company may choose, in the areas it uses."""
    work.demand(ADMINISTER)
    return told({"items": [_setting(work, s, work.company.settings.get(s.key)) for s in _settings(work)]})


def _settings(work: Work) -> list[Setting]:
    known = work.types.settings.values()
    return [s for s in known if area_of(s.key) == "core" or area_of(s.key) in work.areas]


def _setting(work: Work, setting: Setting, written: str | None) -> dict[str, Any]:
    return {
        "key": setting.key,
        "label": str(setting.label),
        "help": str(setting.help) if setting.help else None,
        "value": setting.write(setting.read(written)),
        "default": setting.write(setting.default),
        "chosen": written is not None,
        "choices": [{"value": str(value), "label": str(label)} for value, label in setting.choices],
    }


def choose(work: Work, call: Call) -> Answer:
    """Settings are chosen by key, all or none; null goes back to the default."""
    work.demand(ADMINISTER)
    asked = requests.written(call.body)
    company.choose_settings(work, asked)
    work.finish()
    chosen = {key: work.types.settings[key].parse(text) if text.strip() else None for key, text in asked.items()}
    now = {
        **work.company.settings,
        **{key: None if value is None else work.types.settings[key].write(value) for key, value in chosen.items()},
    }
    return told({"items": [_setting(work, s, now.get(s.key)) for s in _settings(work)]})
