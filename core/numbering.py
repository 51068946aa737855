"""Document numbers: one series per company, kind and period; taken last, in sorted order, never twice.

A pattern is text with the tokens ``{yyyy} {yy} {MM} {dd}`` and exactly one ``{n:04}``; the finest date token decides
when the count begins anew, and a number longer than its width widens (9999 → 10000).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from sqlalchemy import Connection, Insert, or_
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.company import Counter
from core.errors import Conflict
from core.settings import BadSetting
from core.text import _

LONGEST = 60
_TOKEN = re.compile(r"\{(yyyy|yy|MM|dd|n:0\d)\}")


@dataclass(frozen=True, slots=True)
class Series:
    """A pattern that was checked; see ``series``."""

    pattern: str
    reset: str

    def period(self, on: date) -> str:
        """The period that ``on`` falls in: ``20261125``, ``202611``, ``2026`` or nothing."""
        return on.strftime(self.reset) if self.reset else ""

    def render(self, n: int, on: date) -> str:
        """The ``n``-th number of the period of ``on``."""

        def fill(match: re.Match[str]) -> str:
            token = match[1]
            if token.startswith("n"):
                return f"{n:{token[2:]}d}"
            return on.strftime({"yyyy": "%Y", "yy": "%y", "MM": "%m", "dd": "%d"}[token])

        return _TOKEN.sub(fill, self.pattern)


@cache
def series(pattern: str) -> Series:
    """Check ``pattern`` and say when it begins anew; raises ``BadSetting`` with the reason."""
    tokens = _TOKEN.findall(pattern)
    rest = _TOKEN.sub("", pattern)
    dates = {t for t in tokens if not t.startswith("n")}
    year = bool(dates & {"yyyy", "yy"})
    if sum(t.startswith("n") for t in tokens) != 1:
        raise BadSetting(_("The pattern needs the count exactly once, e.g. {example}.", example="{n:04}"))
    if re.search(r"[{}<>\"'\s]", rest) or len(rest) > 20 or len(pattern) > LONGEST:
        raise BadSetting(
            _(
                "The pattern may hold letters, digits, dashes and the tokens {tokens}.",
                tokens="{yyyy} {yy} {MM} {dd} {n:04}",
            )
        )
    if ("dd" in dates and "MM" not in dates) or ("MM" in dates and not year):
        raise BadSetting(_("A day needs its month, a month its year, else two documents would get the same number."))
    reset = "%Y%m%d" if "dd" in dates else "%Y%m" if "MM" in dates else "%Y" if year else ""
    return Series(pattern, reset)


def check_pattern(pattern: str) -> None:
    """Raise ``BadSetting`` unless ``pattern`` can number documents."""
    series(pattern)


@cache
def _take(is_lite: bool, strict: bool) -> Insert:
    """Count on, or begin; one statement, so that two first numbers of a period cannot collide."""
    new: Any = (sqlite if is_lite else postgresql).insert(Counter)
    later = or_(Counter.last_date.is_(None), Counter.last_date <= new.excluded.last_date)
    statement: Insert = new.on_conflict_do_update(
        index_elements=[Counter.company_id, Counter.kind, Counter.period],
        set_={"last": Counter.last + new.excluded.last, "last_date": new.excluded.last_date},
        where=later if strict else None,
    ).returning(Counter.last)
    return statement


def take(
    connection: Connection,
    company_id: int,
    kind: str,
    pattern: str,
    on: date,
    *,
    count: int = 1,
    strict: bool = False,
) -> list[str]:
    """The next ``count`` numbers of the series in the period of ``on``; their row stays locked until the commit.

    ``strict``: a date before that of the last number is refused with ``Conflict``, so numbers and dates rise together.
    """
    form = series(pattern)
    row = {"company_id": company_id, "kind": kind, "period": form.period(on), "last": count, "last_date": on}
    last = connection.execute(_take(is_sqlite(connection), strict), row).scalar()
    if last is None:
        raise Conflict(
            _("The date {day} lies before that of the last number of this series.", day=on),
            code="number.date",
        )
    return [form.render(n, on) for n in range(last - count + 1, last + 1)]
