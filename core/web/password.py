"""One's own password: the old one is asked, every other session ends."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import Fault, Invalid
from core.operations.credentials import change_password
from core.passwords import weakness
from core.text import _
from core.web import sessions
from core.web.current import program, root, visitor
from core.web.screens import Screen, say


class Password(Screen):
    """Change one's own password."""

    label, icon, in_menu = _("Password"), "lock", False

    @expose("/")
    def index(self) -> Any:
        """The form."""
        return self.page("password.html", **fields(()))

    @expose("/", methods=("POST",))
    def change(self) -> ResponseReturnValue:
        """Check the old one and keep the new one; one signs in again."""
        who = visitor()
        faults = []
        with program().works.installation() as connection:
            if sessions.account(connection, who.login, request.form.get("old", "")) != who.account_id:
                faults.append(Fault("old", _("This is not your present password."), "wrong"))
            new = request.form.get("new", "")
            if why := weakness(new, who.login):
                faults.append(Fault("new", why, "weak"))
            if new != request.form.get("again", ""):
                faults.append(Fault("again", _("The two do not match."), "different"))
            if not faults:
                change_password(connection, who.account_id, new)
        if faults:
            error = Invalid(faults)
            return self.again("password.html", lambda _opened: fields(error.faults))
        say(_("The password was changed. Please sign in again."))
        return redirect(f"{root()}/login", 303)


def fields(faults: tuple[Fault, ...]) -> dict[str, Any]:
    """The three fields, each with what is wrong with it."""
    wrong = {fault.path: str(fault.text) for fault in faults}
    labels = (("old", _("Present password")), ("new", _("New password")), ("again", _("New password once more")))
    return {
        "errors": [{"field": path, "message": text} for path, text in wrong.items()],
        "action": url_for("password.change"),
        "fields": [
            {
                "name": name,
                "label": str(label),
                "kind": "password",
                "value": "",
                "required": True,
                "error": wrong.get(name, ""),
                "help": "",
            }
            for name, label in labels
        ],
    }
