"""People: who works for the company, where, under whom and in which roles; and who no longer does."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.entities.account import AccountRole
from core.errors import DomainError, Fault, Unknown
from core.extension.core_settings import PASSWORD_LENGTH
from core.operations import credentials, invitations, people, two_step
from core.rights import HAND_OVER
from core.text import Text, _, in_language
from core.web.administration.forms import SEAL, Administered, field, fresh, marked, refuse_faults, sealed, typed, whole
from core.web.administration.job_forms import (
    job_fields,
    kept_job,
    role_choices,
    role_rows,
    typed_job,
    typed_roles,
    wanted,
)
from core.web.administration.staff import Person, held_roles, sessions_of, staff, tokens_of
from core.web.current import run, work
from core.web.screens import Page, say
from core.web.showing import moment
from core.work import Work


class Accounts(Administered):
    """The people, one person, and the way in."""

    label = _("People")
    icon = "users"

    @expose("/")
    def index(self) -> Page:
        """Everybody."""
        return self.page("accounts.html", **_list(work()))

    @expose("/new", methods=("GET",))
    def new(self) -> Page:
        """An empty form."""
        return self.page("account_new.html", **_new(work(), None))

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """A new account that works here."""

        def command(opened: Work) -> int:
            faults: list[Fault] = []
            if not request.form.get("password"):
                faults.append(Fault("password", _("This is needed."), "required"))
            job, role = typed_job(opened, faults), request.form.get("role", "")
            refuse_faults(faults)
            return people.hire(
                opened,
                request.form.get("login", ""),
                request.form.get("name", ""),
                name_en=request.form.get("name_en", ""),
                password=request.form.get("password", ""),
                roles=[role] if role else [],
                **job,
            )

        return self.write(
            command,
            done=_("The person can sign in now."),
            to=url_for(".index"),
            template="account_new.html",
            build=_new,
        )

    @expose("/employ", methods=("POST",))
    def employ(self) -> ResponseReturnValue:
        """Ask somebody who has an account already to work here too."""
        return self.write(
            lambda opened: invitations.invite(opened, request.form.get("known_login", "")),
            done=_("The person is asked, and works here once the invitation is accepted."),
            to=url_for(".index"),
            template="account_new.html",
            build=_new,
        )

    @expose("/invitations/<int:key>", methods=("POST",))
    def withdraw(self, key: int) -> ResponseReturnValue:
        """Take an invitation back."""
        run(lambda opened: invitations.withdraw(opened, key))
        say(_("The invitation is withdrawn."))
        return redirect(url_for(".index"), 303)

    @expose("/<int:key>", methods=("GET",))
    def person(self, key: int) -> Page:
        """One person."""
        return self.page("account.html", **_person(work(), None, key))

    @expose("/<int:key>", methods=("POST",))
    def save(self, key: int) -> ResponseReturnValue:
        """Where the person works, and in which roles."""

        def command(opened: Work) -> None:
            who, faults = _find(opened, key), list[Fault]()
            job, held = typed_job(opened, faults), typed_roles(faults)
            refuse_faults(faults)
            kept = kept_job(opened, who)
            if fresh(kept, wanted(job, held)):
                people.employ(opened, key, roles=list(held), **job)
                people.hold_roles(opened, key, held)

        return self.write(
            command,
            done=_("Saved; it holds from the next request on."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )

    @expose("/<int:key>/password", methods=("POST",))
    def password(self, key: int) -> ResponseReturnValue:
        """A new password for somebody who works for this company alone."""
        return self.write(
            lambda opened: credentials.set_password(opened, key, request.form.get("password", "")),
            done=_("The password is set, and every session of the person has ended."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )

    @expose("/<int:key>/sessions", methods=("POST",))
    def end_sessions(self, key: int) -> ResponseReturnValue:
        """Sign the person out of one browser, or of all."""
        session_id = whole("session")
        return self.write(
            lambda opened: credentials.end_sessions(opened, key, session_id),
            done=_("The person is signed out there."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )

    @expose("/<int:key>/two-step", methods=("POST",))
    def drop_two_step(self, key: int) -> ResponseReturnValue:
        """Take the second step away from somebody who has lost the telephone and the recovery codes."""
        return self.write(
            lambda opened: credentials.drop_two_step(opened, key),
            done=_("Two-step sign-in is off, and every session of the person has ended."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )

    @expose("/<int:key>/tokens/<int:token>", methods=("POST",))
    def revoke(self, key: int, token: int) -> ResponseReturnValue:
        """Make a token of the person useless."""

        def command(opened: Work) -> None:
            _find(opened, key)
            credentials.revoke_token(opened, token)

        return self.write(
            command,
            done=_("The token is revoked."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )

    @expose("/<int:key>/dismiss", methods=("POST",))
    def dismiss(self, key: int) -> ResponseReturnValue:
        """End the employment."""

        def command(opened: Work) -> None:
            if _find(opened, key).employed(opened.today):
                people.dismiss(opened, key)

        return self.write(
            command,
            done=_("The employment has ended. What the person did stays."),
            to=url_for(".person", key=key),
            template="account.html",
            build=lambda opened, error: _person(opened, error, key),
        )


def _find(work: Work, key: int) -> Person:
    found = staff(work, key) if 0 < key < 2**63 else []
    if not found:
        raise Unknown()
    return found[0]


def _list(work: Work) -> dict[str, Any]:
    held = held_roles(work)
    rows: list[dict[str, Any]] = []
    for who in staff(work):
        tags = [_role_tag(work, row) for row in held.get(who.account.id, []) if row.role_id in work.company.roles]
        department = work.company.departments.get(who.job.department_id or 0)
        rows.append(
            {
                "name": in_language(who.account.name, who.account.name_en),
                "login": who.account.login,
                "department": in_language(*department) if department else "",
                "superior": work.person(who.job.superior_id),
                "title": in_language(who.job.title, who.job.title_en),
                "roles": tags,
                "last_seen": moment(work, who.seen),
                "status": status(work, who),
                "url": url_for(".person", key=who.account.id),
            }
        )
    rows.sort(key=lambda row: row["status"]["tone"] == "grey")
    asked = [
        {
            "name": in_language(row.name, row.name_en),
            "login": row.login,
            "since": moment(work, row.created_at),
            "url": url_for(".withdraw", key=row.id),
        }
        for row in invitations.pending(work)
    ]
    return {"page": {"title": str(_("People")), "accounts": rows, "invitations": asked, "new_url": url_for(".new")}}


def _role_tag(work: Work, row: AccountRole) -> dict[str, str]:
    valid = (row.valid_from is None or row.valid_from <= work.today) and (
        row.valid_until is None or work.today <= row.valid_until
    )
    return {"text": work.company.roles[row.role_id].title, "tone": "teal" if valid else "grey"}


def status(work: Work, who: Person) -> dict[str, str]:
    """Whether the person works here, in a word."""
    text: Text
    if not who.account.active:
        text, tone = _("Account closed"), "grey"
    elif who.job.valid_from and who.job.valid_from > work.today:
        text, tone = _("Starts {day}", day=who.job.valid_from), "blue"
    elif who.employed(work.today):
        text, tone = _("Works here"), "green"
    else:
        text, tone = _("Left"), "grey"
    return {"text": str(text), "tone": tone}


def _new(work: Work, error: DomainError | None) -> dict[str, Any]:
    fields = [
        field(
            "login",
            _("User name"),
            typed("login"),
            required=True,
            autocomplete="off",
            help=str(_("Small letters, digits, dots, dashes; two characters at least.")),
        ),
        field(
            "password",
            _("First password"),
            "",
            "password",
            required=True,
            autocomplete="new-password",
            help=str(
                _("At least {length} characters; the person changes it later.", length=work.setting(PASSWORD_LENGTH))
            ),
        ),
        field("name", _("Name of the person"), typed("name"), required=True),
        field("name_en", _("English name"), typed("name_en")),
        field("role", _("Role"), typed("role"), "choice", choices=role_choices(work)),
        *job_fields(work, None),
    ]
    known = field("known_login", _("User name"), typed("known_login"), required=True, autocomplete="off")
    return {
        "page": {
            "title": str(_("Add a person")),
            "crumbs": [{"label": str(_("People")), "url": url_for(".index")}],
            "action": url_for(".create"),
            "employ_action": url_for(".employ"),
            "cancel_url": url_for(".index"),
            "fields": fields,
            "known": known,
            "errors": marked([*fields, known], error),
        }
    }


def _at_least(work: Work) -> str:
    return str(_("At least {length} characters; the person changes it later.", length=work.setting(PASSWORD_LENGTH)))


def _person(work: Work, error: DomainError | None, key: int) -> dict[str, Any]:
    who = _find(work, key)
    job, roles = job_fields(work, who), role_rows(work, who)
    password = field(
        "password",
        _("New password"),
        "",
        "password",
        required=True,
        autocomplete="new-password",
        help=_at_least(work),
    )
    title = in_language(who.account.name, who.account.name_en)
    return {
        "page": {
            "title": title,
            "crumbs": [{"label": str(_("People")), "url": url_for(".index")}],
            "login": who.account.login,
            "status": status(work, who),
            "last_seen": moment(work, who.seen),
            "action": url_for(".save", key=key),
            SEAL: sealed(kept_job(work, who)),
            "job": job,
            "roles": roles,
            "errors": marked([*job, *(one for row in roles for one in row.values()), password], error),
            "elsewhere": (elsewhere := credentials.works_elsewhere(work, key)),
            "two_step": two_step.in_force(work.connection, key),
            "two_step_action": url_for(".drop_two_step", key=key),
            "sessions": [] if elsewhere else sessions_of(work, key),
            "sessions_action": url_for(".end_sessions", key=key),
            "password": password,
            "password_action": url_for(".password", key=key),
            "tokens": [
                {
                    "name": row.name,
                    "since": moment(work, row.created_at),
                    "until": moment(work, row.expires_at),
                    "url": url_for(".revoke", key=key, token=row.id),
                }
                for row in tokens_of(work, key)
            ],
            "hand_over_url": f"{url_for('administration_hand_overs.new')}?from={key}" if work.may(HAND_OVER) else "",
            "dismiss_action": url_for(".dismiss", key=key) if who.employed(work.today) and key != work.actor_id else "",
            "dismiss_text": str(_("End the employment of {name} with yesterday? Sessions stop at once.", name=title)),
        }
    }
