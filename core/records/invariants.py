"""Do the figures still hold? Numbers without gaps, totals that are sums, states that were declared and reached."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import func, or_, select

from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine
from core.entities.company import Counter
from core.numbering import Series, series
from core.records.models import History
from core.records.verify import COMPANY_KIND, STREAMED, Finding, unhurried
from core.text import Text, _
from core.work import Work

_DOCUMENT: Any = Document.__table__
_LINE: Any = DocumentLine.__table__
_HISTORY: Any = History.__table__
_COUNTER: Any = Counter.__table__
_PARTS = {"yyyy": r"\d{4}", "yy": r"\d{2}", "MM": r"\d{2}", "dd": r"\d{2}"}


def verify_figures(work: Work) -> Iterator[Finding]:
    """Everything wrong with the company's documents: numbers, totals, states, and what its areas know of their own."""
    unhurried(work)
    yield from verify_numbers(work)
    yield from verify_totals(work)
    yield from verify_states(work)
    for area in sorted(work.types.checks.keys() & work.areas):
        for check in work.types.checks[area]:
            yield from check(work)


def name_of(work: Work, row: Any) -> str:
    """What people call a document, from its id, kind and number."""
    cls = work.types.documents.get(row.kind)
    return f"{cls.label if cls else row.kind} {row.number or row.id}"


# Numbers ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Taken:
    """A number that a document has, taken apart: the period of its series, and its count."""

    period: str
    count: int


def _used(work: Work) -> list[tuple[str, type[Document]]]:
    """The declared types of which the company has documents."""
    here = set(
        work.connection.execute(
            select(_DOCUMENT.c.kind).where(_DOCUMENT.c.company_id == work.company.id).distinct()
        ).scalars()
    )
    return [(kind, cls) for kind, cls in sorted(work.types.documents.items()) if kind in here]


def verify_numbers(work: Work) -> Iterator[Finding]:
    """Every number is of the company's series and below its counter; in a strict series none is missing."""
    changes, counters = _changes_of_series(work), _counters(work)
    used = dict(_used(work))
    for kind, cls in sorted(work.types.documents.items()):
        if kind not in used and kind not in counters:
            continue
        patterns = _patterns(work, kind, cls.series, changes)
        taken: dict[str, dict[int, str]] = defaultdict(dict)
        numbered = select(_DOCUMENT.c.id, _DOCUMENT.c.kind, _DOCUMENT.c.number).where(
            _DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.kind == kind, _DOCUMENT.c.number.is_not(None)
        )
        for row in work.connection.execute(numbered):
            found = next((one for one in (apart(row.number, form) for form in patterns) if one), None)
            if found is None:
                yield Finding("number.foreign", name_of(work, row), _("Its number fits no series of the company."))
            elif found.count in taken[found.period]:
                yield Finding("number.twice", name_of(work, row), _("Its number was taken twice."))
            else:
                taken[found.period][found.count] = row.number
        yield from _gaps(str(cls.label), taken, counters.get(kind, {}))


def _counters(work: Work) -> dict[str, dict[str, int]]:
    """By kind and period the last number that was given."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in work.connection.execute(select(_COUNTER).where(_COUNTER.c.company_id == work.company.id)):
        found[row.kind][row.period] = row.last
    return found


def _gaps(label: str, taken: dict[str, dict[int, str]], last: Mapping[str, int]) -> Iterator[Finding]:
    for period in sorted({*taken, *last}):
        end = last.get(period, 0)
        missing = sorted(set(range(1, end + 1)) - taken[period].keys())
        beyond = sorted(n for n in taken[period] if n > end)
        record = f"{label} {period}".strip()
        if missing:
            shown = missing[:20]
            yield Finding(
                "number.gap", record, _("Of its numbers, these are on no document: {numbers}.", numbers=shown)
            )
        for n in beyond:
            text = _("Its number lies beyond the counter, which stands at {last}.", last=end)
            yield Finding("number.beyond", f"{label} {taken[period][n]}", text)


def _changes_of_series(work: Work) -> list[Mapping[str, Any]]:
    """What the company's history knows of other series, the last first."""
    return list(
        work.connection.execute(
            select(_HISTORY.c.changes)
            .where(
                _HISTORY.c.company_id == work.company.id, _HISTORY.c.kind == COMPANY_KIND, _HISTORY.c.what == "series"
            )
            .order_by(_HISTORY.c.id.desc())
        ).scalars()
    )


def _patterns(work: Work, kind: str, declared: str, changes: Sequence[Mapping[str, Any]]) -> list[Series]:
    """Every series by which the company ever numbered this kind, the present one first."""
    earlier = [pattern for change in changes for pattern in change.get(kind, ()) if pattern]
    return [series(pattern) for pattern in dict.fromkeys([work.company.series.get(kind, declared), declared, *earlier])]


@cache
def _shape(pattern: str) -> re.Pattern[str]:
    """A pattern of numbers as a regular expression; a token that comes twice must say the same twice."""
    seen: set[str] = set()

    def token(match: re.Match[str]) -> str:
        name = "n" if match[1].startswith("n") else match[1]
        if name in seen:
            return f"(?P={name})"
        seen.add(name)
        digits = rf"\d{{{int(match[1][2:])},}}" if name == "n" else _PARTS[name]
        return f"(?P<{name}>{digits})"

    pieces = re.split(r"(\{(?:yyyy|yy|MM|dd|n:0\d)\})", pattern)
    written = [re.sub(r"^\{(.+)\}$", token, piece) if piece.startswith("{") else re.escape(piece) for piece in pieces]
    return re.compile("".join(written))


def apart(number: str, form: Series) -> Taken | None:
    """The period and the count that a number of this series tells; None when it is of another one."""
    found = _shape(form.pattern).fullmatch(number)
    if found is None:
        return None
    told = found.groupdict()
    year = told.get("yyyy") or (f"20{told['yy']}" if told.get("yy") else "")
    wanted = {
        "": "",
        "%Y": year,
        "%Y%m": year + told.get("MM", ""),
        "%Y%m%d": year + told.get("MM", "") + told.get("dd", ""),
    }
    return Taken(wanted[form.reset], int(told["n"]))


# Totals ----------------------------------------------------------------------------------------------------------


def verify_totals(work: Work) -> Iterator[Finding]:
    """What a document costs is the sum of its lines, to the cent."""
    kinds = [kind for kind, cls in work.types.documents.items() if cls.has_lines]
    summed = (
        select(
            _LINE.c.document_id,
            *(func.sum(_LINE.c[name]).label(name) for name in ("net", "tax", "gross")),
        )
        .where(_LINE.c.company_id == work.company.id)
        .group_by(_LINE.c.document_id)
        .subquery()
    )
    differs = or_(*(func.coalesce(summed.c[name], 0) != _DOCUMENT.c[name] for name in ("net", "tax", "gross")))
    wrong = (
        select(_DOCUMENT.c.id, _DOCUMENT.c.kind, _DOCUMENT.c.number, _DOCUMENT.c.gross, summed.c.gross.label("sum"))
        .outerjoin(summed, summed.c.document_id == _DOCUMENT.c.id)
        .where(_DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.kind.in_(kinds), differs)
    )
    for row in work.connection.execute(wrong):
        text: Text = _("Its total is {total}, the sum of its lines {sum}.", total=row.gross, sum=row.sum or 0)
        yield Finding("total.differs", name_of(work, row), text)


# States ----------------------------------------------------------------------------------------------------------


def verify_states(work: Work) -> Iterator[Finding]:
    """Every document is in a declared state, and its history leads there along declared moves."""
    for kind, cls in _used(work):
        declared = {state.key for state in cls.workflow.states}
        rows = select(_DOCUMENT.c.id, _DOCUMENT.c.kind, _DOCUMENT.c.number, _DOCUMENT.c.state).where(
            _DOCUMENT.c.company_id == work.company.id, _DOCUMENT.c.kind == kind
        )
        reached = _reached(work, cls)
        for row in work.connection.execute(rows):
            told = reached.get(row.id)
            if row.state not in declared:
                text = _("Its state “{state}” is none of those declared.", state=row.state)
                yield Finding("state.undeclared", name_of(work, row), text)
            elif told is not None and told != row.state:
                text = _("It is in the state “{state}”, its history led to “{told}”.", state=row.state, told=told)
                yield Finding("state.unreached", name_of(work, row), text)


def _reached(work: Work, cls: type[Document]) -> dict[int, str]:
    """Where the moves of each document led, as its history tells; a move that is not declared leads nowhere."""
    moves = {move.name: move for move in cls.workflow.transitions}
    entries = work.connection.execute(
        select(_HISTORY.c.record_id, _HISTORY.c.what, _HISTORY.c.source, _HISTORY.c.target)
        .where(
            _HISTORY.c.company_id == work.company.id,
            _HISTORY.c.kind == kind_of(cls),
            _HISTORY.c.what.in_(["create", *moves]),
        )
        .order_by(_HISTORY.c.record_id, _HISTORY.c.id),
        execution_options=STREAMED,
    )
    found: dict[int, str] = {}
    for entry in entries:
        move = moves.get(entry.what)
        declared = move is None or (move.leaves(entry.source) and move.target == entry.target)
        goes_on = move is None or found.get(entry.record_id) == entry.source
        found[entry.record_id] = entry.target if declared and goes_on else f"{entry.source} → {entry.target}"
    return found
