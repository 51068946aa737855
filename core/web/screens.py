"""Screens: everything a person opens is one of these, registered with Flask-Admin and gated in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import Admin, BaseView
from flask_admin.menu import MenuView

from core.errors import DomainError, Forbidden, Invalid
from core.text import Text, _
from core.web import shell
from core.web.current import reading, wants_json, work
from core.web.obstacles import obstacle
from core.work import Work

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(slots=True)
class Page:
    """What a screen answers with: a template and its values, rendered when the unit of work has ended."""

    template: str
    values: dict[str, Any] = field(default_factory=dict)
    status: int = 200

    def rendered(self) -> ResponseReturnValue:
        """The finished page."""
        return render_template(f"zhanggui/{self.template}", **self.values), self.status


class Screen(BaseView):
    """A screen within the shell. Subclasses give ``label``, ``icon``, ``group`` and the ``permission`` it takes.

    Views that are read (GET) run inside one unit of work, ``core.web.current.work()``, and answer with
    ``self.page(…)``; views that write call ``core.web.current.run(command)`` and redirect. ``group`` is an area's
    name, ``core`` or ``administration``.
    """

    label: Text = _("Screen")
    icon: str = "file-text"
    group: str = "core"
    permission: str = ""
    in_menu: bool = True
    personal: bool = False
    # Open to whoever has to change an old password, or to set up a second step, before anything else.
    open_first: bool = False

    def opens(self, opened: Work) -> bool:
        """Whether the person may open the screen in this company."""
        return not self.permission or opened.may(self.permission)

    def gate(self, opened: Work) -> None:
        """Raise ``NotEnabled`` or ``Forbidden`` unless the screen opens."""
        if self.permission:
            opened.demand(self.permission)

    def is_accessible(self) -> bool:
        return self.opens(work())

    is_visible = is_accessible

    def _handle_view(self, name: str, **kwargs: Any) -> None:
        """The gate stands in ``_run_view``, where a unit of work is open."""

    def _run_view(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> ResponseReturnValue:
        with reading() as opened:
            self.gate(opened)
            if not self.open_first and (why := obstacle(opened)):
                return self.hindered(why)
            answer: Any = fn(self, *args, **kwargs) if request.method in SAFE else None
        if request.method not in SAFE:
            answer = fn(self, *args, **kwargs)
        return answer.rendered() if isinstance(answer, Page) else answer

    @staticmethod
    def hindered(why: Text) -> ResponseReturnValue:
        """To one's own account, where what the company asks for first can be done; programs are told."""
        if wants_json():
            raise Forbidden(why)
        say(why, "warn")
        return redirect(url_for("own_account.index"), 303)

    def page(self, template: str, status: int = 200, **values: Any) -> Page:
        """A page in the shell."""
        return Page(template, {"shell": shell.build(work(), self), **values}, status)

    def again(self, template: str, build: Callable[[Work], dict[str, Any]], status: int = 422) -> ResponseReturnValue:
        """The page once more after a refused write, with what ``build`` says about it."""
        with reading() as opened:
            answer = self.page(template, status, **build(opened))
        return answer.rendered()


def say(text: Text | str, tone: str = "good") -> None:
    """Tell the person something on the next page; tones: good, bad, warn, info."""
    flash(str(text), tone)


def refuse(error: DomainError, to: str) -> ResponseReturnValue:
    """Back to ``to`` with the reason why not."""
    faults = error.faults if isinstance(error, Invalid) else ()
    reasons = " ".join(dict.fromkeys(str(fault.text) for fault in faults))
    say(reasons or str(error), "bad")
    return redirect(to, 303)


class Screens(Admin):
    """All screens of the site. Menu entries are never cached, since their addresses depend on the company."""

    def _add_view_to_menu(self, view: BaseView) -> None:
        self.add_menu_item(MenuView(view.name or view.endpoint, view, cache=False), view.category)
