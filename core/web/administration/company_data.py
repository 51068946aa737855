"""Company data: what the company says about itself on screens and papers, its week, and its closed books."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import DomainError, Fault, Invalid
from core.operations.company import COLOURS, close_books, describe
from core.text import LANGUAGES, Text, _
from core.web.administration.forms import SEAL, Administered, Field, choices, day, field, fresh, marked, sealed, typed
from core.web.current import work
from core.web.screens import Page
from core.work import Work

TEXTS: tuple[tuple[str, Text, bool], ...] = (
    ("name", _("Name"), True),
    ("name_en", _("English name"), False),
    ("tax_number", _("Tax number"), False),
    ("phone", _("Telephone"), False),
    ("address", _("Address"), False),
    ("address_en", _("English address"), False),
    ("bank", _("Bank"), False),
    ("bank_account", _("Bank account"), False),
)
COLOUR_NAMES: dict[str, Text] = {
    "blue": _("Blue"),
    "azure": _("Azure"),
    "indigo": _("Indigo"),
    "purple": _("Purple"),
    "pink": _("Pink"),
    "red": _("Red"),
    "orange": _("Orange"),
    "yellow": _("Yellow"),
    "lime": _("Lime"),
    "green": _("Green"),
    "teal": _("Teal"),
    "cyan": _("Cyan"),
    "grey": _("Grey"),
}
WEEKDAYS: tuple[Text, ...] = (
    _("Monday"),
    _("Tuesday"),
    _("Wednesday"),
    _("Thursday"),
    _("Friday"),
    _("Saturday"),
    _("Sunday"),
)
NAMES = (*(name for name, _label, _must in TEXTS), "language", "colour", "week")


class CompanyData(Administered):
    """The company itself."""

    label = _("Company data")
    icon = "building"

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """What the company says about itself."""
        return self.page("company.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Change it."""

        def command(opened: Work) -> None:
            kept = _kept(opened)
            wanted = {name: request.form.get(name, kept[name]).strip() for name in NAMES if name != "week"}
            wanted["week"] = "".join(sorted(request.form.getlist("week")))
            if fresh(kept, wanted):
                describe(opened, wanted)

        return self.write(
            command, done=_("The company data are saved."), to=url_for(".index"), template="company.html", build=_page
        )

    @expose("/books", methods=("POST",))
    def books(self) -> ResponseReturnValue:
        """Close the books until a day, or open them."""

        def command(opened: Work) -> None:
            faults: list[Fault] = []
            until = day("closed_until", faults)
            if until and until > opened.today:
                faults.append(Fault("closed_until", _("Books are closed up to today at most."), "future"))
            if faults:
                raise Invalid(faults)
            if until != opened.company.closed_until:
                close_books(opened, until)

        return self.write(
            command, done=_("The books are set."), to=url_for(".index"), template="company.html", build=_page
        )


def _kept(work: Work) -> dict[str, str]:
    return {name: work.company.row[name] or "" for name in NAMES}


def _page(work: Work, error: DomainError | None) -> dict[str, Any]:
    kept = _kept(work)
    about = [field(n, label, typed(n, kept[n]), required=must) for n, label, must in TEXTS]
    looks = _looks(kept)
    until = work.company.closed_until
    books = field(
        "closed_until",
        _("Closed until"),
        typed("closed_until", until.isoformat() if until else ""),
        "date",
        max=work.today.isoformat(),
        help=str(_("Documents dated on or before this day are refused. Empty opens everything.")),
    )
    week = field("week", _("Working days"))
    errors = marked([*about, *looks, books, week], error)
    return {
        "page": {
            "title": str(_("Company data")),
            "action": url_for(".save"),
            "books_action": url_for(".books"),
            "errors": errors,
            SEAL: sealed(kept),
            "about": about,
            "looks": looks,
            "week": {**week, "days": _week(kept["week"])},
            "books": books,
            "facts": [
                {"label": str(_("Code")), "value": work.company.code},
                {"label": str(_("Currency")), "value": work.company.currency},
                {"label": str(_("Time zone")), "value": work.company.zone},
            ],
        }
    }


def _looks(kept: dict[str, str]) -> list[Field]:
    return [
        field(
            "language",
            _("Usual language"),
            typed("language", kept["language"]),
            "choice",
            required=True,
            choices=choices(LANGUAGES.items()),
        ),
        field(
            "colour",
            _("Colour"),
            typed("colour", kept["colour"]),
            "choice",
            required=True,
            choices=choices((key, COLOUR_NAMES[key]) for key in COLOURS),
            help=str(_("A line above every screen, so that nobody mistakes one company for another.")),
        ),
    ]


def _week(kept: str) -> list[dict[str, Any]]:
    chosen = set(request.form.getlist("week")) if request.form.getlist("week") else set(kept)
    return [
        {"value": str(place), "label": str(label), "on": str(place) in chosen}
        for place, label in enumerate(WEEKDAYS, 1)
    ]
