"""One's own second step: set up with an app, recovery codes, switched off again."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import Conflict, DomainError, Fault, Invalid
from core.lazy import squares
from core.operations import two_step
from core.text import _
from core.web import sessions
from core.web.administration.forms import Administered, field, marked
from core.web.current import run, visitor, work
from core.web.entering import vault
from core.web.screens import Page, say
from core.web.second_step import takes
from core.web.serving import program
from core.work import Work


class SecondStep(Administered):
    """Everybody's own page; it takes no right."""

    label = _("Two-step sign-in")
    icon = "shield-check"
    group = "core"
    permission = ""
    in_menu = False
    open_first = True

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """How it stands."""
        return self.page("two_step.html", **_page(work(), None))

    @expose("/begin", methods=("POST",))
    def begin(self) -> ResponseReturnValue:
        """A new seed for the app."""
        me, locked = visitor().account_id, vault()
        run(lambda opened: two_step.begin(opened.connection, me, locked))
        return redirect(url_for(".index"), 303)

    @expose("/confirm", methods=("POST",))
    def confirm(self) -> ResponseReturnValue:
        """Put it in force by a first code; the recovery codes are shown this once."""
        me, locked, code = visitor().account_id, vault(), request.form.get("code", "")
        counted = sessions.counted_codes(me, request.remote_addr or "")
        with program().works.installation() as connection:
            free = sessions.attempt(connection, counted)
        if not free:
            return self._refused(_too_many())
        try:
            codes = run(lambda opened: two_step.confirm(opened.connection, me, code, locked))
        except (Invalid, Conflict) as error:
            return self._refused(error)
        with program().works.installation() as connection:
            sessions.forgiven(connection, *counted)
        return self._codes(codes)

    @expose("/codes", methods=("POST",))
    def codes(self) -> ResponseReturnValue:
        """New recovery codes, for whoever knows a code."""
        if refusal := _unproven():
            return self._refused(refusal)
        me = visitor().account_id
        return self._codes(run(lambda opened: two_step.new_recovery_codes(opened.connection, me)))

    @expose("/off", methods=("POST",))
    def off(self) -> ResponseReturnValue:
        """Switched off by whoever knows a code."""
        if refusal := _unproven():
            return self._refused(refusal)
        me = visitor().account_id
        run(lambda opened: two_step.forget(opened.connection, me))
        say(_("Two-step sign-in is off."))
        return redirect(url_for("own_account.index"), 303)

    def _refused(self, error: DomainError) -> ResponseReturnValue:
        return self.again("two_step.html", lambda opened: _page(opened, error))

    def _codes(self, codes: list[str]) -> ResponseReturnValue:
        answer = make_response(self.again("two_step.html", lambda opened: _page(opened, None, codes), 201))
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _unproven() -> DomainError | None:
    """Why the code that was typed does not prove who sits here; None when it does."""
    right = takes(visitor().account_id, request.form.get("code", ""))
    if right is None:
        return _too_many()
    return None if right else Invalid([Fault("code", _("This code is not right, or was used already."), "wrong")])


def _too_many() -> DomainError:
    return Invalid([Fault("code", _("Too many attempts. Please wait a little."), "blocked")])


def _page(work: Work, error: DomainError | None, codes: list[str] | None = None) -> dict[str, Any]:
    me = visitor()
    is_on = two_step.in_force(work.connection, me.account_id)
    seed = None if is_on else two_step.pending_seed(work.connection, me.account_id, vault())
    code = field("code", _("Verification code"), "", required=True, autocomplete="one-time-code")
    return {
        "page": {
            "title": str(_("Two-step sign-in")),
            "crumbs": [{"label": str(_("My account")), "url": url_for("own_account.index")}],
            "errors": marked([code], error),
            "on": is_on,
            "left": two_step.left(work.connection, me.account_id) if is_on else 0,
            "codes": codes or [],
            "picture": _picture(two_step.address(seed, me.login)) if seed else "",
            "seed": " ".join(seed[place : place + 4] for place in range(0, len(seed), 4)) if seed else "",
            "code": code,
            "begin_action": url_for(".begin"),
            "confirm_action": url_for(".confirm"),
            "codes_action": url_for(".codes"),
            "off_action": url_for(".off"),
            "back_url": url_for("own_account.index"),
        }
    }


def _picture(address: str) -> str:
    """The address as a square that a telephone reads, within the page itself."""
    made: str = squares().make(address, error="m").svg_data_uri(scale=5, border=4, light="#fff")
    return made
