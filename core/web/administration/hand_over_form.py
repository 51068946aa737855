"""The form of a hand-over: whose, to whom, and what each successor gets; with a look at what would come of it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Any

from flask import request, url_for
from sqlalchemy import select

from core.approvals.candidates import holders
from core.entities.party import Party
from core.errors import DomainError, Fault
from core.operations import handing_over
from core.operations.handing_over import MOST_NAMED, MOST_SHARES, Count, Share
from core.text import _, in_language
from core.web import addresses
from core.web.administration.forms import Field, field, marked, refuse_faults, typed, whole
from core.work import Work

_PARTY: Any = Party.__table__
LISTED = 50
PARTS = ("to", "what", "department", "regions", "customers")


def read(work: Work) -> tuple[int, list[Share], str]:
    """What was typed: whose, the shares, why; raises ``Invalid``."""
    faults: list[Fault] = []
    from_id = whole("from_id")
    if from_id is None:
        faults.append(Fault("from_id", _("This is needed."), "required"))
    shares = [_share(work, n, faults) for n in _numbers() if any(request.form.get(f"{p}-{n}", "") for p in PARTS)]
    if not shares:
        faults.append(Fault("to-0", _("Name somebody who takes it over."), "required"))
    refuse_faults(faults)
    return from_id or 0, shares, request.form.get("reason", "")


def _numbers() -> range:
    return range(min(sum(name.startswith("to-") for name in request.form), MOST_SHARES))


def _share(work: Work, n: int, faults: list[Fault]) -> Share:
    to, what, department = whole(f"to-{n}"), request.form.get(f"what-{n}", ""), whole(f"department-{n}")
    if to is None:
        faults.append(Fault(f"to-{n}", _("This is needed."), "required"))
    codes = _words(f"customers-{n}")
    found: dict[str, int] = {}
    if codes:
        wanted = select(_PARTY.c.code, _PARTY.c.id).where(
            _PARTY.c.company_id == work.company.id, _PARTY.c.code.in_(codes)
        )
        found = {row.code: row.id for row in work.connection.execute(wanted)}
        if missing := [code for code in codes if code not in found]:
            faults.append(Fault(f"customers-{n}", _("There is no customer {code}.", code=missing), "reference"))
    return Share(
        to_id=to or 0,
        what=(what,) if what else (),
        party_ids=tuple(found.values()),
        regions=tuple(_words(f"regions-{n}")),
        department_ids=(department,) if department else (),
    )


def _words(name: str) -> list[str]:
    """The words of a field, whatever stands between them."""
    return [one for one in re.split(r"[\s,;，；、]+", request.form.get(name, "")) if one][:MOST_NAMED]


def page(work: Work, error: DomainError | None) -> dict[str, Any]:
    """Everything ``hand_over.html`` needs; the counts where somebody asked for a look."""
    head, rows = _head(work), [_row(work, n) for n in range(_count())]
    looked: dict[str, Any] = {}
    if request.method == "POST" and "rows" not in request.form and error is None:
        try:
            looked = _looked(work)
        except DomainError as refusal:
            error = refusal
    return {
        "page": {
            "title": str(_("Hand over work")),
            "crumbs": [{"label": str(_("Hand-overs")), "url": url_for(".index")}],
            "action": url_for(".make"),
            "cancel_url": url_for(".index"),
            "errors": marked([*head, *(one for row in rows for one in row)], error),
            "head": head,
            "rows": rows,
            "more": len(rows) < MOST_SHARES,
            "looked": looked,
        }
    }


def _count() -> int:
    known = len(_numbers()) if request.method == "POST" else 1
    return max(1, min(known + (request.form.get("rows") == "add"), MOST_SHARES))


def _looked(work: Work) -> dict[str, Any]:
    from_id, shares, _reason = read(work)
    found = counts(work, handing_over.preview(work, from_id, shares))
    key = request.form.get("look", "")
    lists = []
    for sort in found:
        rows = handing_over.listed(work, from_id, shares, sort["key"], most=LISTED)
        lists.append(
            {
                **sort,
                "open": sort["key"] == key,
                "rows": [
                    {
                        "title": title(work, sort["key"], row.id, row.title_),
                        "to": work.person(row.to_id),
                        "url": page_of(work, sort["key"], row.id),
                    }
                    for row in rows
                ],
                "most": LISTED if len(rows) == LISTED else 0,
            }
        )
    return {"sorts": lists, "roles": _lonely_roles(work, from_id)}


def _lonely_roles(work: Work, from_id: int) -> list[str]:
    """The roles that nobody else holds: consents that ask for them would find nobody."""
    return sorted(
        role.title
        for key, role in work.company.roles.items()
        if any(account == from_id for account, _grant in work.company.holders.get(key, ()))
        and not holders(work, key) - {from_id}
    )


def _head(work: Work) -> list[Field]:
    whose = typed("from_id", request.args.get("from", ""))
    return [
        _person(work, "from_id", str(_("Who hands over")), whose),
        field("reason", _("Reason"), typed("reason"), placeholder=str(_("Leaves the company"))),
    ]


def _row(work: Work, n: int) -> list[Field]:
    sorts = [(one.key, str(one.label)) for one in handing_over.sorts(work)]
    departments = [(key, in_language(*names)) for key, names in work.company.departments.items()]
    return [
        _person(work, f"to-{n}", str(_("Successor")), typed(f"to-{n}")) | {"path": f"shares/{n}/to_id"},
        field(f"what-{n}", _("Gets"), typed(f"what-{n}"), "choice", choices=sorts, blank=str(_("everything")))
        | {"path": f"shares/{n}/what"},
        field(
            f"department-{n}",
            _("Of customers of the department"),
            typed(f"department-{n}"),
            "choice",
            choices=departments,
            blank=str(_("of all")),
        )
        | {"path": f"shares/{n}/department_ids"},
        field(
            f"regions-{n}",
            _("Of customers in"),
            typed(f"regions-{n}"),
            placeholder=str(_("Region, or the beginning of its code")),
        ),
        field(
            f"customers-{n}",
            _("Of these customers"),
            typed(f"customers-{n}"),
            placeholder=str(_("Codes of customers")),
        )
        | {"path": f"shares/{n}/party_ids"},
    ]


def _person(work: Work, name: str, label: str, value: Any) -> Field:
    key = int(value) if str(value).isascii() and str(value).isdigit() and len(str(value)) < 19 else None
    known = addresses.names(work, "core.account", [key] if key else [])
    lookup = url_for("lookup.index", kind="core.account")
    return field(name, label, key or "", "reference", lookup_url=lookup, text=known.get(key or 0, ""), required=True)


# What records are called ----------------------------------------------------------------------------------------------


def title(opened: Work, what: str, key: int, kept: str) -> str:
    """What a record is called: drafts have no number yet, and some records no name."""
    handed = opened.types.handed.get(what)
    if kept or handed is None:
        return kept
    return str(_("Draft {id}", id=key)) if handed.title == "number" else f"#{key}"


def page_of(opened: Work, what: str, key: int) -> str:
    """The page of a record that has one, for who may read it."""
    handed = opened.types.handed.get(what)
    kind = handed.kind if handed else ""
    return addresses.record(kind, key) if kind and opened.may(f"{kind}.read") else ""


def counts(opened: Work, found: list[Count]) -> list[dict[str, Any]]:
    """The counts of a preview by sort: how many go to whom, how many stay and why."""
    by_sort: dict[str, list[Count]] = defaultdict(list)
    for one in found:
        by_sort[one.key].append(one)
    return [
        {
            "key": key,
            "label": str(some[0].label),
            "parts": [{"text": _part(opened, one), "tone": _tone(one)} for one in some],
        }
        for key, some in by_sort.items()
    ]


def _part(opened: Work, one: Count) -> str:
    if one.to_id is not None:
        return str(_("{count} to {name}", count=one.count, name=opened.person(one.to_id)))
    if one.unfit:
        return str(_("{count} stay: who would get them may not take them", count=one.count))
    return str(_("{count} stay", count=one.count))


def _tone(one: Count) -> str:
    return "green" if one.to_id is not None else "red" if one.unfit else "grey"
