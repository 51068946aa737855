"""What an administrator sets for the company; each change raises its version, so every process follows at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import and_, delete, false, func, insert, or_, select, update

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLink, OpenLine
from core.entities.account import CompanyRole, RoleGrant
from core.entities.company import CalendarDay, Company, EnabledArea, NumberSeries, SeenPermission, Setting
from core.errors import Conflict, Fault, Invalid, Unknown
from core.numbering import check_pattern
from core.operations.flow.rows import UP_TO
from core.operations.ledger import Entry, ledger
from core.rights import ADMINISTER
from core.roles import usual
from core.settings import BadSetting
from core.text import LANGUAGES, Text, _
from core.work import Work

_COMPANY: Any = Company.__table__
_AREA: Any = EnabledArea.__table__
_SETTING: Any = Setting.__table__
_SERIES: Any = NumberSeries.__table__
_DAY: Any = CalendarDay.__table__
_DOCUMENT: Any = Document.__table__
_OPEN: Any = OpenLine.__table__
_LINK: Any = DocumentLink.__table__
KIND = "core.company"


def raise_version(work: Work) -> None:
    """Make what is cached about the company useless, in every process, from the commit on."""
    if not work.kept.get("raised"):
        work.kept["raised"] = True
        work.connection.execute(
            update(_COMPANY).where(_COMPANY.c.id == work.company.id).values(version=_COMPANY.c.version + 1)
        )


def hold(work: Work) -> None:
    """Let no other work change the company until this one ends; what this one knows of it is then what is so.

    Raises ``Conflict`` when somebody was faster and the facts in hand are already old.
    """
    now = work.connection.execute(
        select(_COMPANY.c.version).where(_COMPANY.c.id == work.company.id).with_for_update()
    ).scalar_one()
    if now != work.company.version:
        raise Conflict(_("Somebody has changed the company at this moment. Please save once more."), code="stale")


def record(work: Work, what: str, changes: dict[str, Any], *, reason: str = "", quiet: bool = False) -> None:
    """Enter a change of the company itself in its history, and raise its version.

    ``quiet``: something happened and nothing changed, so that what is cached stays true.
    """
    head = (
        work.kept.get("company_head")
        or work.connection.execute(
            select(_COMPANY.c.head).where(_COMPANY.c.id == work.company.id).with_for_update()
        ).scalar_one()
    )
    head = ledger(work).record(KIND, work.company.id, Entry(what, changes, reason=reason), head)
    work.kept["company_head"] = head
    work.connection.execute(update(_COMPANY).where(_COMPANY.c.id == work.company.id).values(head=head))
    if not quiet:
        raise_version(work)


@dataclass(frozen=True, slots=True)
class AreaChange:
    """What switching an area would mean: what comes along, what would be hidden, and what stands against it."""

    area: str
    on: bool
    along: tuple[str, ...] = ()
    hidden: tuple[tuple[Text, int], ...] = ()
    reasons: tuple[Text, ...] = ()


def area_change(work: Work, area: str, *, on: bool) -> AreaChange:
    """Look at a switch before it is made. Raises ``Unknown`` for an area that is not installed."""
    if area not in work.types.plugins:
        raise Unknown()
    if on:
        along = tuple(sorted(work.types.needed_by(area) - work.company.areas))
        return AreaChange(area, on, along=along)
    needing = work.types.needing(area, work.areas)
    reasons = [_("“{area}” needs it.", area=work.types.plugins[name].label) for name in needing]
    hidden = []
    for kind, cls in sorted(work.types.documents.items()):
        if area_of(kind) != area:
            continue
        counts = _counts(work, cls)
        if total := sum(counts.values()):
            hidden.append((cls.label_plural, total))
        for state, count in counts.items():
            if state in cls.workflow.unfinished and state != cls.workflow.initial:
                reasons.append(
                    _(
                        "{count} × {type} in the state “{state}” are not finished.",
                        count=count,
                        type=cls.label,
                        state=cls.workflow.state(state).label,
                    )
                )
    reasons += _pending(work, area) + _waiting(work, area)
    return AreaChange(area, on, hidden=tuple(hidden), reasons=tuple(reasons))


def pairs(rows: Iterable[Any]) -> dict[Any, Any]:
    """Rows of two columns as a dictionary."""
    return {row[0]: row[1] for row in rows}


def _counts(work: Work, cls: type[Document]) -> dict[str, int]:
    statement = (
        select(_DOCUMENT.c.state, func.count())
        .where(_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.kind == kind_of(cls))
        .group_by(_DOCUMENT.c.state)
    )
    return pairs(work.connection.execute(statement))


def _pending(work: Work, area: str) -> list[Text]:
    kinds = [kind for kind in work.types.documents if area_of(kind) == area]
    count = work.connection.execute(
        select(func.count()).where(
            _DOCUMENT.c.company_id == work.company.id,
            _DOCUMENT.c.kind.in_(kinds),
            _DOCUMENT.c.approval == "pending",
        )
    ).scalar_one()
    return [_("{count} documents are in approval.", count=count)] if count else []


def _waiting(work: Work, area: str) -> list[Text]:
    """What other areas have released to this one and nobody has taken, or a draft of it holds.

    What was kept for it while it was off before can wait for it again.
    """
    kinds = [kind for kind in work.types.documents if area_of(kind) == area]
    since = select(_AREA.c.since).where(_AREA.c.company_id == work.company.id, _AREA.c.area == area).scalar_subquery()
    mine = (
        _OPEN.c.company_id == work.company.id,
        _OPEN.c.target.in_(kinds),
        _OPEN.c.closure == "open",
        _OPEN.c.released_at >= since,
    )
    waits = work.connection.execute(select(func.count()).where(*mine, _OPEN.c.taken < UP_TO)).scalar_one()
    begins = [
        and_(_DOCUMENT.c.kind == kind, _DOCUMENT.c.state == cls.workflow.initial)
        for kind in kinds
        if (cls := work.types.documents[kind]).receives()
    ]
    held = select(_LINK.c.target_document_id).where(_LINK.c.company_id == work.company.id)
    drafts = work.connection.execute(
        select(func.count()).where(
            _DOCUMENT.c.company_id == work.company.id, or_(false(), *begins), _DOCUMENT.c.id.in_(held)
        )
    ).scalar_one()
    reasons = [_("{count} lines wait for it.", count=waits)] if waits else []
    return [*reasons, *([_("{count} drafts hold lines of other documents.", count=drafts)] if drafts else [])]


def switch_on(work: Work, area: str) -> tuple[str, ...]:
    """Let the company use ``area`` and what it needs; gives back what was switched on, in order.

    Default rights are granted once for each permission; the company may have changed them since.
    """
    work.demand(ADMINISTER)
    change = area_change(work, area, on=True)
    wanted = [name for name in work.types.plugins if name in {area, *change.along} and name not in work.company.areas]
    if not wanted:
        return ()
    work.connection.execute(
        insert(_AREA),
        [{"company_id": work.company.id, "area": name, "since": work.now, "by_id": work.actor_id} for name in wanted],
    )
    grant_defaults(work, (p.key for p in work.types.permissions.values() if p.area in wanted))
    record(work, "switch_on", {"areas": [None, wanted]})
    # What an area makes to begin with are records of its own.
    work.areas |= set(wanted)
    for name in wanted:
        work.hooks.company_joined(name)
    return tuple(wanted)


def switch_off(work: Work, area: str) -> None:
    """Hide ``area`` from the company; its data stay. Raises ``Conflict`` with every reason that stands against it."""
    work.demand(ADMINISTER)
    change = area_change(work, area, on=False)
    if area not in work.company.areas:
        return
    if change.reasons:
        raise Conflict(
            _("It cannot be switched off: {reasons}", reasons=[str(r) for r in change.reasons]),
            code="area.in_use",
        )
    work.connection.execute(delete(_AREA).where(_AREA.c.company_id == work.company.id, _AREA.c.area == area))
    record(work, "switch_off", {"areas": [area, None]})


def grant_defaults(work: Work, permissions: Iterable[str]) -> None:
    """Grant the permissions that this company has not seen yet to the roles they name by default."""
    seen: Any = SeenPermission.__table__
    known = set(
        work.connection.execute(select(seen.c.permission).where(seen.c.company_id == work.company.id)).scalars()
    )
    new = [work.types.permissions[key] for key in permissions if key not in known]
    if not new:
        return
    role: Any = CompanyRole.__table__
    by_key: dict[str, int] = pairs(
        work.connection.execute(select(role.c.key, role.c.id).where(role.c.company_id == work.company.id))
    )
    rows = [
        {
            "company_id": work.company.id,
            "role_id": by_key[r.key],
            "permission": p.key,
            "scope": usual(r.key, scoped=p.scoped).value,
            "valid_from": None,
            "valid_until": None,
        }
        for p in new
        for r in dict.fromkeys(p.roles)
        if r.key in by_key
    ]
    if rows:
        work.connection.execute(insert(RoleGrant), rows)
    work.connection.execute(insert(seen), [{"company_id": work.company.id, "permission": p.key} for p in new])
    raise_version(work)


def choose_settings(work: Work, written: Mapping[str, str]) -> None:
    """Set values by key, as people write them; an empty text goes back to the default. All or none.

    Raises ``Invalid`` naming each setting that cannot be taken.
    """
    work.demand(ADMINISTER)
    changes = _chosen(work, written)
    if not changes:
        return
    where = (_SETTING.c.company_id == work.company.id, _SETTING.c.key.in_(list(changes)))
    work.connection.execute(delete(_SETTING).where(*where))
    rows = [
        {"company_id": work.company.id, "key": key, "value": new}
        for key, (_old, new) in changes.items()
        if new is not None
    ]
    if rows:
        work.connection.execute(insert(_SETTING), rows)
    record(work, "settings", changes)


def _chosen(work: Work, written: Mapping[str, str]) -> dict[str, list[str | None]]:
    """Old and new values, as they are stored, of the settings that change."""
    faults, changes = [], {}
    for key, text in written.items():
        setting = work.types.settings.get(key)
        if setting is None or (area_of(key) != "core" and area_of(key) not in work.areas):
            faults.append(Fault(key, _("There is no such setting."), "unknown"))
            continue
        try:
            new = None if text.strip() == "" else setting.write(setting.parse(text))
        except BadSetting as error:
            faults.append(Fault(key, error.text))
            continue
        old = work.company.settings.get(key)
        if new != old:
            changes[key] = [old, new]
    if faults:
        raise Invalid(faults)
    return changes


def choose_series(work: Work, kind: str, pattern: str) -> None:
    """Number one type of document by ``pattern`` from now on; empty goes back to the declared one."""
    work.demand(ADMINISTER)
    cls = work.types.document(kind)
    work.require(area_of(kind))
    if pattern:
        try:
            check_pattern(pattern)
        except BadSetting as error:
            raise Invalid([Fault("pattern", error.text)]) from error
    old = work.company.series.get(kind)
    work.connection.execute(delete(_SERIES).where(_SERIES.c.company_id == work.company.id, _SERIES.c.kind == kind))
    if pattern and pattern != cls.series:
        work.connection.execute(insert(_SERIES), {"company_id": work.company.id, "kind": kind, "pattern": pattern})
    record(work, "series", {kind: [old or cls.series, pattern or cls.series]})


def choose_days(work: Work, days: Iterable[tuple[date, bool | None, str, str]]) -> None:
    """Enter days that differ from the week: (day, is a workday, name, English name); None takes the day back out."""
    work.demand(ADMINISTER)
    given = {day: (works, name[:200], name_en[:200]) for day, works, name, name_en in days}
    if not given:
        return
    work.connection.execute(delete(_DAY).where(_DAY.c.company_id == work.company.id, _DAY.c.day.in_(list(given))))
    rows = [
        {"company_id": work.company.id, "day": day, "is_workday": works, "name": name, "name_en": name_en}
        for day, (works, name, name_en) in given.items()
        if works is not None
    ]
    if rows:
        work.connection.execute(insert(_DAY), rows)
    record(work, "calendar", {day.isoformat(): [None, works] for day, (works, _n, _e) in given.items()})


def close_books(work: Work, until: date | None) -> None:
    """Refuse documents dated on or before ``until`` from now on; None opens everything."""
    work.demand(ADMINISTER)
    work.connection.execute(update(_COMPANY).where(_COMPANY.c.id == work.company.id).values(closed_until=until))
    record(work, "close_books", {"closed_until": [work.company.closed_until, until]})


EDITABLE = (
    "name",
    "name_en",
    "tax_number",
    "address",
    "address_en",
    "phone",
    "bank",
    "bank_account",
    "language",
    "colour",
    "week",
)
COLOURS = (
    "blue",
    "azure",
    "indigo",
    "purple",
    "pink",
    "red",
    "orange",
    "yellow",
    "lime",
    "green",
    "teal",
    "cyan",
    "grey",
)


def describe(work: Work, values: Mapping[str, str]) -> None:
    """Change what the company says about itself on papers and screens."""
    work.demand(ADMINISTER)
    faults = [
        Fault(k, _("There is no such field, or it cannot be written."), "unknown") for k in values if k not in EDITABLE
    ]
    faults += [
        Fault(k, _("At most {length} characters.", length=_COMPANY.c[k].type.length), "too_long")
        for k, v in values.items()
        if k in EDITABLE and len(v) > _COMPANY.c[k].type.length
    ]
    if not values.get("name", "x").strip():
        faults.append(Fault("name", _("This is needed."), "required"))
    for key, known in (("language", tuple(LANGUAGES)), ("colour", COLOURS)):
        if values.get(key, known[0]) not in known:
            faults.append(Fault(key, _("“{value}” is not one of the choices.", value=values[key]), "choice"))
    week = values.get("week")
    if week is not None and (not week or set(week) - set("1234567") or len(set(week)) != len(week)):
        faults.append(Fault("week", _("Name the weekdays worked, Monday is 1: for example 12345."), "invalid"))
    if faults:
        raise Invalid(faults)
    changes = {k: [work.company.row[k], v.strip()] for k, v in values.items() if work.company.row[k] != v.strip()}
    if changes:
        work.connection.execute(
            update(_COMPANY).where(_COMPANY.c.id == work.company.id).values({k: pair[1] for k, pair in changes.items()})
        )
        record(work, "describe", changes)
