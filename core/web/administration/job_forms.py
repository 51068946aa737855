"""Where a person works and in which roles: as kept, as typed, as drawn."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import request

from core.entities.account import AccountRole
from core.errors import Fault
from core.text import _
from core.web.administration.departments import department_choices, find
from core.web.administration.forms import Field, day, field, typed, whole
from core.web.administration.staff import Person, held_roles, people_choices, roles_by_name
from core.work import Work

MOST_ROLES = 100
Held = dict[str, tuple[date | None, date | None]]


def typed_job(work: Work, faults: list[Fault]) -> dict[str, Any]:
    """Where the person works, as typed."""
    department = whole("department")
    return {
        "department": find(work, department).code if department else "",
        "superior_id": whole("superior_id"),
        "title": request.form.get("title", "").strip(),
        "title_en": request.form.get("title_en", "").strip(),
        "valid_from": day("valid_from", faults),
        "valid_until": day("valid_until", faults),
    }


def typed_roles(faults: list[Fault]) -> Held:
    """The rows of roles; a row without a role is left out."""
    held: Held = {}
    for n in range(MOST_ROLES):
        key = request.form.get(f"role-{n}", "")
        if not key:
            continue
        if key in held:
            faults.append(Fault(f"role-{n}", _("This role is here twice."), "duplicate"))
        first, last = day(f"from-{n}", faults), day(f"until-{n}", faults)
        if first and last and last < first:
            faults.append(Fault(f"until-{n}", _("The end lies before the beginning."), "order"))
        held[key] = (first, last)
    return held


def wanted(job: dict[str, Any], held: Held) -> dict[str, Any]:
    """What was typed, to be compared with what is kept."""
    return {**job, "roles": sorted([key, first, last] for key, (first, last) in held.items())}


def kept_job(work: Work, who: Person) -> dict[str, Any]:
    """What is kept of the person, to be compared with what is typed."""
    department = who.job.department_id
    return {
        "department": find(work, department).code if department else "",
        "superior_id": who.job.superior_id,
        "title": who.job.title,
        "title_en": who.job.title_en,
        "valid_from": who.job.valid_from,
        "valid_until": who.job.valid_until,
        "roles": sorted(
            [work.company.roles[row.role_id].key, row.valid_from, row.valid_until] for row in roles_of(work, who)
        ),
    }


def roles_of(work: Work, who: Person) -> list[AccountRole]:
    """The roles that the person holds, past and future ones too."""
    return [row for row in held_roles(work).get(who.account.id, []) if row.role_id in work.company.roles]


def role_choices(work: Work) -> list[tuple[str, str]]:
    """The roles of the company to choose from."""
    return [(role.key, role.title) for role in roles_by_name(work).values()]


def job_fields(work: Work, who: Person | None) -> list[Field]:
    """The fields of the employment."""
    job = who.job if who else None
    superiors = people_choices(work, who.account.id if who else None)

    def kept(name: str) -> Any:
        value = getattr(job, name) if job else None
        return "" if value is None else value.isoformat() if isinstance(value, date) else value

    return [
        field(
            "department",
            _("Department"),
            typed("department", kept("department_id")),
            "choice",
            choices=department_choices(work),
        ),
        field("superior_id", _("Superior"), typed("superior_id", kept("superior_id")), "choice", choices=superiors),
        field("title", _("Position"), typed("title", kept("title"))),
        field("title_en", _("Position in English"), typed("title_en", kept("title_en"))),
        field("valid_from", _("Works here from"), typed("valid_from", kept("valid_from")), "date"),
        field(
            "valid_until",
            _("Until"),
            typed("valid_until", kept("valid_until")),
            "date",
            help=str(_("Empty: open end.")),
        ),
    ]


def role_rows(work: Work, who: Person) -> list[dict[str, Field]]:
    """What the person holds, or what was typed, and one empty row more."""
    kept = [(work.company.roles[row.role_id].key, row.valid_from, row.valid_until) for row in roles_of(work, who)]
    count = len(kept) + 1
    if request.method == "POST" and "role-0" in request.form:
        count = min(sum(name.startswith("role-") for name in request.form), MOST_ROLES)
    rows = []
    for n in range(count):
        key, first, last = kept[n] if n < len(kept) else ("", None, None)
        rows.append(
            {
                "role": field(
                    f"role-{n}",
                    _("Role {number}", number=n + 1),
                    typed(f"role-{n}", key),
                    "choice",
                    choices=role_choices(work),
                    blank=str(_("(none)")) if key else "",
                ),
                "since": field(
                    f"from-{n}",
                    _("Role {number} from", number=n + 1),
                    typed(f"from-{n}", first.isoformat() if first else ""),
                    "date",
                ),
                "until": field(
                    f"until-{n}",
                    _("Role {number} until", number=n + 1),
                    typed(f"until-{n}", last.isoformat() if last else ""),
                    "date",
                ),
            }
        )
    return rows
