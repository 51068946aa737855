"""Signing in, choosing a company, language; in the demo anybody may step in as anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, g, make_response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select, update

from core.db.engine import is_sqlite
from core.entities.account import Account
from core.entities.company import Company
from core.errors import DomainError, Unknown
from core.extension.registry import in_chain
from core.facts import PersonFacts, RoleFacts
from core.operations import access, invitations
from core.operations.employers import employers
from core.roles import (
    ADMINISTRATOR,
    AFTER_SALES,
    ARCHIVIST,
    CONTRACT_ADMINISTRATOR,
    FINANCE,
    GENERAL_MANAGER,
    LEGAL,
    LOGISTICS,
    MARKETING,
    PRESALES_ENGINEER,
    PRODUCTION,
    PURCHASING,
    QUALITY,
    REPRESENTATIVE,
    SALES_ADMINISTRATOR,
    SALES_CLERK,
    SALES_MANAGER,
    SUPERVISOR,
    TECHNICAL,
    WAREHOUSE,
    Role,
)
from core.text import LANGUAGES, Text, _, chosen, in_language, speak
from core.web import sessions, shell
from core.web.current import Visitor, origin, root, visitor
from core.web.entering import entered, proven, safe
from core.web.serving import program
from core.web.single_sign_on import offered
from core.work import Ask, System

login = Blueprint("login", __name__)
LANGUAGE_COOKIE = "zhanggui_language"
YEAR = 31_536_000
# Who stands where along the chain; whoever has a role of the company's own stands with the last.
TEAMS: tuple[tuple[Text, tuple[Role, ...]], ...] = (
    (_("Selling"), (REPRESENTATIVE, SALES_MANAGER, SALES_CLERK, PRESALES_ENGINEER, MARKETING)),
    (_("Contracts"), (CONTRACT_ADMINISTRATOR, SALES_ADMINISTRATOR, LEGAL, ARCHIVIST)),
    (_("Technology, production and purchasing"), (TECHNICAL, PRODUCTION, PURCHASING, QUALITY)),
    (_("Warehouse and dispatch"), (WAREHOUSE, LOGISTICS)),
    (_("Invoices and money"), (FINANCE,)),
    (_("After-sales service"), (AFTER_SALES,)),
    (_("Management"), (GENERAL_MANAGER, SUPERVISOR, ADMINISTRATOR)),
)
_COMPANY: Any = Company.__table__
_ACCOUNT: Any = Account.__table__


@login.get("/login")
def form() -> ResponseReturnValue:
    """The login page."""
    return _page(request.args.get("next", ""))


@login.post("/login")
def sign_in() -> ResponseReturnValue:
    """Check login and password, or take the chosen person of the demo."""
    wanted = request.form.get("next", "")
    name, address = request.form.get("login", "")[:60], request.remote_addr or ""
    counted = sessions.counted(name, address)
    if "demo" not in request.form:
        with program().works.installation() as connection:
            free = sessions.attempt(connection, counted)
        if not free:
            return _page(wanted, name, _("Too many attempts. Please wait a little."), 429)
    # Reckoning with a password takes its time; nobody's writing waits for it.
    with program().works.installation(reads=True) as connection:
        if "demo" in request.form:
            found = _demo_account(connection, request.form["demo"])
        else:
            found = sessions.account(connection, name, request.form.get("password", ""))
    if found is None:
        with program().works.installation() as connection:
            known = access.failed(connection, sessions.kept(name), origin(), request=g.request_id, way="password")
            if not known:
                # As long as when somebody's log is written to: the time must not tell which logins there are.
                sessions.touched(connection, counted)
        return _page(wanted, name, _("User name or password is wrong."), 401)
    if "demo" in request.form:
        return entered(found, "demo", wanted)
    with program().works.installation() as connection:
        sessions.forgiven(connection, *counted)
    return proven(found, "password", wanted)


def _demo_account(connection: Any, name: str) -> int | None:
    if not current_app.config["ZHANGGUI_DEMO"]:
        raise Unknown()
    found = connection.execute(select(_ACCOUNT.c.id).where(_ACCOUNT.c.login == name, _ACCOUNT.c.active)).scalar()
    return int(found) if found else None


@login.post("/logout")
def sign_out() -> ResponseReturnValue:
    """End this session."""
    if g.get("visitor"):
        with program().works.installation() as connection:
            sessions.end(connection, visitor().session_id)
            access.signed(connection, visitor().account_id, "sign_out", origin(), request=g.request_id)
    session.clear()
    answer = make_response(redirect(f"{root()}/login", 303))
    answer.delete_cookie(sessions.COOKIE, path=f"{root()}/")
    return answer


@login.post("/language")
def choose_language() -> ResponseReturnValue:
    """Speak another language from here on; remembered for the person and the machine."""
    code = request.form.get("language", "")
    if code not in LANGUAGES:
        raise Unknown()
    if g.get("visitor"):
        with program().works.installation() as connection:
            connection.execute(
                update(_ACCOUNT)
                .where(_ACCOUNT.c.id == visitor().account_id)
                .values(language=code, version=_ACCOUNT.c.version + 1)
            )
    back = urlsplit(request.referrer or "")
    answer = make_response(
        redirect(safe(f"{back.path}?{back.query}" if back.query else back.path) or f"{root()}/", 303)
    )
    answer.set_cookie(LANGUAGE_COOKIE, code, max_age=YEAR, samesite="Lax", path=f"{root()}/")
    return answer


def language_of(who: Visitor | None) -> str:
    """The language of this request: the person's, the machine's, the browser's."""
    kept = request.cookies.get(LANGUAGE_COOKIE, "")
    if kept in LANGUAGES:
        return kept
    if who is not None and who.language in LANGUAGES:
        return who.language
    return chosen(request.accept_languages.best_match(["zh-CN", "zh", "zh-Hans", "en"]) or "zh")


def choose_company() -> ResponseReturnValue:
    """The one company a person works for, or a choice."""
    if g.get("visitor") is None:
        return redirect(f"{root()}/login", 303)
    found = companies(visitor().account_id)
    asked = _invitations(visitor().account_id)
    if len(found) == 1 and not asked:
        return redirect(found[0]["url"], 303)
    speak(language_of(visitor()))
    return render_template(
        "zhanggui/companies.html",
        companies=found,
        invitations=asked,
        logout_url=f"{root()}/logout",
        **shell.bare(),
    )


def _invitations(account_id: int) -> list[dict[str, Any]]:
    """Who asks the person to work for them."""
    with program().works.installation(reads=True) as connection:
        found = invitations.received(connection, account_id)
    return [
        {
            "name": in_language(one.name, one.name_en),
            "colour": one.colour,
            "url": f"{root()}/invitations/{one.id}",
        }
        for one in found
    ]


@login.post("/invitations/<int:key>")
def answer_invitation(key: int) -> ResponseReturnValue:
    """Accept an invitation, or decline it."""
    accepted = request.form.get("answer") == "accept"
    found = invitations.answer(program().works, visitor().account_id, key, accepted=accepted)
    return redirect(f"{root()}/c/{found.code}/" if accepted else f"{root()}/", 303)


def companies(account_id: int) -> list[dict[str, Any]]:
    """Where the person works."""
    with program().works.installation(reads=True) as connection:
        if not is_sqlite(connection):
            connection.execute(select(func.set_config("app.account", str(account_id), True)))
        rows = employers(connection, account_id)
    return [{"name": in_language(r.name, r.name_en), "colour": r.colour, "url": f"{root()}/c/{r.code}/"} for r in rows]


def _page(wanted: str, name: str = "", error: Text | None = None, status: int = 200) -> ResponseReturnValue:
    values = {
        **shell.bare()["plain"],
        "action": f"{root()}/login",
        "next": wanted if safe(wanted) else "",
        "value": name,
        "error": error,
        "sign_on": offered(wanted),
        "messages": shell.messages(),
        "demo": {"companies": _people()} if current_app.config["ZHANGGUI_DEMO"] else None,
    }
    answer: Response = make_response(render_template("zhanggui/login.html", login=values), status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _people() -> list[dict[str, Any]]:
    """The people of the demo by company, each with the role in which one would step in."""
    with program().works.installation(reads=True) as connection:
        ids = list(connection.execute(select(_COMPANY.c.id).where(_COMPANY.c.active).order_by(_COMPANY.c.id)).scalars())
    return [found for key in ids if (found := _staff(key)) is not None]


def _staff(company_id: int) -> dict[str, Any] | None:
    try:
        with program().works.read(Ask(company_id, System("login"))) as work:
            held: dict[int, RoleFacts] = {}
            for role_id, holders in work.company.holders.items():
                for account, grant in holders:
                    if grant.valid(work.today) and role_id in work.company.roles:
                        held.setdefault(account, work.company.roles[role_id])
            people = [(p, held[p.id]) for p in work.company.people.values() if p.id in held]
            areas = [str(work.types.plugins[name].label) for name in in_chain(work.types.plugins, work.areas)]
            return {
                "name": work.company.title,
                "colour": work.company.colour,
                "count": len(people),
                "teams": list(_teams(people)),
                "line": str(_(", ")).join(areas),
            }
    except DomainError:
        return None


def _teams(people: list[tuple[PersonFacts, RoleFacts]]) -> Iterator[dict[str, Any]]:
    """The people in the order in which a sale comes to their desks."""
    placed = {role.key: place for place, (_label, roles) in enumerate(TEAMS) for role in roles}
    for place, (label, _roles) in enumerate(TEAMS):
        members = [
            {"name": person.title, "login": person.login, "role": role.title}
            for person, role in people
            if placed.get(role.key, len(TEAMS) - 1) == place
        ]
        if members:
            yield {"label": str(label), "people": members}
