"""Number series: how each type of document is numbered, with the next number in sight while one types."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from markupsafe import escape
from sqlalchemy import select

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document
from core.entities.company import Counter
from core.errors import DomainError, Fault, Invalid
from core.numbering import check_pattern, series
from core.operations.company import choose_series
from core.settings import BadSetting
from core.text import Text, _
from core.web.administration.forms import SEAL, Administered, field, fresh, marked, sealed, typed
from core.web.current import work
from core.web.screens import Page
from core.work import Work

RESETS: dict[str, Text] = {
    "%Y%m%d": _("every day"),
    "%Y%m": _("every month"),
    "%Y": _("every year"),
    "": _("never"),
}
TOKENS = (
    ("{yyyy}", _("year, 2026")),
    ("{yy}", _("year, 26")),
    ("{MM}", _("month, 01 to 12")),
    ("{dd}", _("day, 01 to 31")),
    ("{n:04}", _("count of at least four digits")),
)


class NumberSeries(Administered):
    """The pattern of every document type in use."""

    label = _("Number series")
    icon = "list-numbers"

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """The series."""
        return self.page("series.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Number by the written patterns from now on; all or none."""

        def command(opened: Work) -> None:
            kept = _patterns(opened)
            wanted = {k: request.form.get(k, kept[k]).strip() or _types(opened)[k].series for k in kept}
            _check(wanted)
            if fresh(kept, wanted):
                for kind in kept:
                    if wanted[kind] != kept[kind]:
                        choose_series(opened, kind, wanted[kind])

        return self.write(
            command, done=_("The series are saved."), to=url_for(".index"), template="series.html", build=_page
        )

    @expose("/next")
    def preview(self) -> str:
        """The number that a pattern would give next, while it is being typed."""
        opened = work()
        for kind, cls in _types(opened).items():
            if kind in request.args:
                ok, text = _next(opened, kind, request.args[kind].strip() or cls.series)
                return f'<span class="{"" if ok else "field-error"}">{escape(text)}</span>'
        return ""


def _types(work: Work) -> dict[str, type[Document]]:
    return {
        kind_of(cls): cls
        for cls in work.types.documents.values()
        if area_of(kind_of(cls)) in {*work.areas, "core"} and cls.series
    }


def _patterns(work: Work) -> dict[str, str]:
    return {kind: work.company.series.get(kind, cls.series) for kind, cls in _types(work).items()}


def _check(wanted: dict[str, str]) -> None:
    faults = []
    for kind, pattern in wanted.items():
        try:
            check_pattern(pattern)
        except BadSetting as error:
            faults.append(Fault(kind, error.text))
        if len(pattern) > LONGEST:
            faults.append(Fault(kind, _("At most {length} characters.", length=LONGEST)))
    if faults:
        raise Invalid(faults)


LONGEST = 60


def _next(work: Work, kind: str, pattern: str) -> tuple[bool, str]:
    try:
        form = series(pattern)
    except BadSetting as error:
        return False, str(error.text)
    last = work.session.scalar(
        select(Counter.last).where(Counter.kind == kind, Counter.period == form.period(work.today))
    )
    return True, str(
        _("{number}, starts again {when}", number=form.render((last or 0) + 1, work.today), when=RESETS[form.reset])
    )


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    kept = _patterns(work)
    fields, rows = [], []
    for kind, cls in sorted(_types(work).items(), key=lambda pair: str(pair[1].label)):
        drawn = field(kind, cls.label, typed(kind, kept[kind]))
        fields.append(drawn)
        ok, sample = _next(work, kind, drawn["value"].strip() or cls.series)
        rows.append(
            {
                "field": drawn,
                "default": cls.series,
                "changed": kind in work.company.series,
                "strict": cls.strict,
                "sample": sample,
                "ok": ok,
                "preview_url": url_for(".preview"),
            }
        )
    return {
        "page": {
            "title": str(_("Number series")),
            "action": url_for(".save"),
            "errors": marked(fields, error),
            SEAL: sealed(kept),
            "rows": rows,
            "tokens": [{"token": token, "text": str(text)} for token, text in TOKENS],
        }
    }
