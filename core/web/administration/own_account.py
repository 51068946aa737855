"""One's own account, for everybody: name, language, light or dark, password, open sessions, tokens for programs."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.entities.account import Account
from core.errors import DomainError, Fault, Invalid, Unknown
from core.extension.core_settings import PASSWORD_LENGTH
from core.operations import identities, two_step
from core.operations.credentials import issue_token, revoke_token
from core.operations.own_account import change_own_password, describe_oneself, end_other_sessions, end_session
from core.text import LANGUAGES, Text, _
from core.tokens import new_token, token_hash
from core.web.administration.forms import (
    SEAL,
    Administered,
    Field,
    choices,
    day,
    field,
    fresh,
    marked,
    refuse_faults,
    sealed,
    typed,
)
from core.web.administration.staff import sessions_of, tokens_of
from core.web.current import root, run, visitor, work
from core.web.entering import knows
from core.web.login import LANGUAGE_COOKIE, YEAR
from core.web.screens import Page, say
from core.web.shell import THEME_COOKIE
from core.web.showing import moment
from core.web.single_sign_on import intend_to_link, provider
from core.work import Work

NAMES = ("name", "name_en", "email", "phone", "language", "theme")
THEMES: tuple[tuple[str, Text], ...] = (("light", _("Light")), ("dark", _("Dark")))


class OwnAccount(Administered):
    """Everybody's own page; it takes no right."""

    label = _("My account")
    icon = "user-circle"
    group = "core"
    permission = ""
    in_menu = False
    personal = True
    open_first = True

    @expose("/", methods=("GET",))
    def index(self) -> Page:
        """All of it."""
        return self.page("own_account.html", **_page(work(), None))

    @expose("/", methods=("POST",))
    def save(self) -> ResponseReturnValue:
        """Name, language, light or dark."""

        def command(opened: Work) -> None:
            kept = _kept(opened)
            wanted = {name: request.form.get(name, kept[name]).strip() for name in NAMES}
            if fresh(kept, wanted):
                describe_oneself(opened, wanted)

        answer = make_response(
            self.write(
                command,
                done=_("Your account is saved."),
                to=url_for(".index"),
                template="own_account.html",
                build=_page,
            )
        )
        if answer.status_code == 303:
            for cookie, name in ((LANGUAGE_COOKIE, "language"), (THEME_COOKIE, "theme")):
                if request.form.get(name):
                    answer.set_cookie(cookie, request.form[name], max_age=YEAR, samesite="Lax", path=f"{root()}/")
                else:
                    answer.delete_cookie(cookie, path=f"{root()}/")
        return answer

    @expose("/password", methods=("POST",))
    def password(self) -> ResponseReturnValue:
        """A new password; the other sessions end. Whoever found a browser open guesses the old one no faster here."""
        old, new, again = (request.form.get(name, "") for name in ("old_password", "password", "again"))
        me, free = visitor(), new != again or knows(visitor().login, old) is not None

        def command(opened: Work) -> None:
            if new != again:
                raise Invalid([Fault("again", _("The two do not match."), "different")])
            if not free:
                raise Invalid([Fault("old_password", _("Too many attempts. Please wait a little."), "blocked")])
            change_own_password(opened, old, new, session_id=me.session_id)

        return self.write(
            command,
            done=_("The password is changed; all other sessions and all API tokens have ended."),
            to=url_for(".index"),
            template="own_account.html",
            build=_page,
        )

    @expose("/sessions/<int:key>", methods=("POST",))
    def end(self, key: int) -> ResponseReturnValue:
        """Sign out of one browser."""
        run(lambda opened: end_session(opened, key))
        say(_("The session has ended."))
        return redirect(url_for(".index"), 303)

    @expose("/sessions", methods=("POST",))
    def end_others(self) -> ResponseReturnValue:
        """Sign out everywhere else."""
        here = visitor().session_id
        run(lambda opened: end_other_sessions(opened, session_id=here))
        say(_("All other sessions have ended."))
        return redirect(url_for(".index"), 303)

    @expose("/sign-on", methods=("POST",))
    def begin_link(self) -> ResponseReturnValue:
        """About to link the account with the provider: from here a link leads there, no form may."""
        if provider() is None:
            raise Unknown()
        intend_to_link(url_for(".index"))
        return self.again("own_account.html", lambda opened: _page(opened, None, leaving=True), 200)

    @expose("/sign-on/<int:key>", methods=("POST",))
    def unlink(self, key: int) -> ResponseReturnValue:
        """Take a link with the provider away."""
        me = visitor().account_id
        run(lambda opened: identities.unlink(opened.connection, me, key))
        say(_("The link is taken away."))
        return redirect(url_for(".index"), 303)

    @expose("/tokens", methods=("POST",))
    def issue(self) -> ResponseReturnValue:
        """A token, shown this once."""
        secret = new_token()

        def command(opened: Work) -> None:
            faults: list[Fault] = []
            last = day("until", faults)
            if last and last < opened.today:
                faults.append(Fault("until", _("This day is over."), "past"))
            refuse_faults(faults)
            zone = ZoneInfo(opened.company.zone)
            until = datetime.combine(last, time.max, zone).astimezone(UTC) if last else None
            name = request.form.get("token_name", "")
            try:
                issue_token(opened, name, token_hash(secret), account_id=visitor().account_id, expires_at=until)
            except Invalid as error:
                raise Invalid([Fault("token_name", fault.text, fault.code) for fault in error.faults]) from error

        try:
            run(command)
        except Invalid as error:
            refusal = error
            return self.again("own_account.html", lambda opened: _page(opened, refusal))
        answer = make_response(self.again("own_account.html", lambda opened: _page(opened, None, secret), 201))
        answer.headers["Cache-Control"] = "no-store"
        return answer

    @expose("/tokens/<int:key>", methods=("POST",))
    def revoke(self, key: int) -> ResponseReturnValue:
        """Make a token useless."""
        run(lambda opened: revoke_token(opened, key))
        say(_("The token is revoked."))
        return redirect(url_for(".index"), 303)


def _account(work: Work) -> Account:
    return work.session.scalars(select(Account).where(Account.id == work.actor_id)).one()


def _kept(work: Work) -> dict[str, str]:
    row = _account(work)
    return {name: getattr(row, name) for name in NAMES}


def _page(work: Work, error: DomainError | None, secret: str = "", *, leaving: bool = False) -> dict[str, Any]:
    kept = _kept(work)
    about, password, token = _about(kept), _password(work), _token(clear=bool(secret))
    return {
        "page": {
            "title": str(_("My account")),
            "login": visitor().login,
            "errors": marked([*about, *password, *token], error),
            "about": about,
            "action": url_for(".save"),
            SEAL: sealed(kept),
            "password": password,
            "password_action": url_for(".password"),
            "sessions": [{**row, "url": url_for(".end", key=row["id"])} for row in sessions_of(work, work.actor_id)],
            "sign_on": provider(),
            "link_action": url_for(".begin_link"),
            "leave_url": f"{root()}/login/sso?link=1" if leaving else "",
            "identities": [
                {
                    "label": row.label,
                    "issuer": row.issuer,
                    "since": moment(work, row.created_at),
                    "url": url_for(".unlink", key=row.id),
                }
                for row in identities.of_account(work.connection, visitor().account_id)
            ],
            "others_action": url_for(".end_others"),
            "two_step": two_step.in_force(work.connection, visitor().account_id),
            "two_step_url": url_for("two_step.index"),
            "secret": secret,
            "tokens": _tokens(work),
            "token": token,
            "token_action": url_for(".issue"),
        }
    }


def _about(kept: dict[str, str]) -> list[Field]:
    machine = str(_("As the browser prefers"))
    return [
        field("name", _("Name of the person"), typed("name", kept["name"]), required=True),
        field("name_en", _("English name"), typed("name_en", kept["name_en"])),
        field("email", _("Email"), typed("email", kept["email"]), "email"),
        field("phone", _("Telephone"), typed("phone", kept["phone"]), "tel"),
        field(
            "language",
            _("Language"),
            typed("language", kept["language"]),
            "choice",
            choices=choices(LANGUAGES.items()),
            blank=machine,
        ),
        field(
            "theme", _("Light or dark"), typed("theme", kept["theme"]), "choice", choices=choices(THEMES), blank=machine
        ),
    ]


def _password(work: Work) -> list[Field]:
    return [
        field("old_password", _("Present password"), "", "password", required=True, autocomplete="current-password"),
        field(
            "password",
            _("New password"),
            "",
            "password",
            required=True,
            autocomplete="new-password",
            help=str(_("At least {length} characters.", length=work.setting(PASSWORD_LENGTH))),
        ),
        field("again", _("New password once more"), "", "password", required=True, autocomplete="new-password"),
    ]


def _token(*, clear: bool) -> list[Field]:
    return [
        field(
            "token_name",
            _("What is it for?"),
            "" if clear else typed("token_name"),
            required=True,
            placeholder=str(_("Web shop")),
        ),
        field("until", _("Valid until"), "" if clear else typed("until"), "date", help=str(_("Empty: open end."))),
    ]


def _tokens(work: Work) -> list[dict[str, Any]]:
    return [
        {
            "name": row.name,
            "since": moment(work, row.created_at),
            "until": moment(work, row.expires_at),
            "over": row.expires_at is not None and row.expires_at <= work.now,
            "url": url_for(".revoke", key=row.id),
        }
        for row in tokens_of(work, work.actor_id)
    ]
