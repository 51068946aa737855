"""Forms of the administration: fields with what was typed, faults at their places, and a seal against stale pages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from flask import redirect, request
from flask.typing import ResponseReturnValue

from core.canonical import canonical
from core.errors import Conflict, DomainError, Fault, Forbidden, Invalid, Unauthenticated, Unknown
from core.operations.company import hold
from core.rights import ADMINISTER
from core.text import Text, _
from core.web.current import run
from core.web.screens import Screen, say
from core.web.statuses import status_of
from core.work import Work

Field = dict[str, Any]
Build = Callable[[Work, DomainError | None], dict[str, Any]]
SEAL = "seal"


class Administered(Screen):
    """A screen for those who administer the company."""

    group = "administration"
    permission = ADMINISTER

    def write(
        self, command: Callable[[Work], Any], *, done: Text, to: str, template: str, build: Build
    ) -> ResponseReturnValue:
        """Carry out ``command`` and go to ``to``; refused, show the page again with what was typed and why not."""

        def alone(opened: Work) -> None:
            hold(opened)
            command(opened)

        try:
            run(alone)
        except (Unknown, Forbidden, Unauthenticated):
            raise
        except DomainError as error:
            refusal = error
        else:
            say(done)
            return redirect(to, 303)
        return self.again(template, lambda work: build(work, refusal), status_of(refusal))


def field(name: str, label: Text | str, value: Any = "", kind: str = "text", **more: Any) -> Field:
    """One field as the templates draw it; ``help``, ``required``, ``choices`` and the like in ``more``."""
    return {"name": name, "label": str(label), "kind": kind, "value": value, "help": "", "error": "", **more}


def choices(pairs: Iterable[tuple[Any, Text | str]]) -> list[tuple[str, str]]:
    """Choices of a field in the reader's language."""
    return [(str(key), str(label)) for key, label in pairs]


def typed(name: str, kept: Any = "") -> Any:
    """What was typed into a field of the refused form; ``kept`` when the page is opened afresh."""
    return request.form[name] if request.method == "POST" and name in request.form else kept


def marked(fields: Sequence[Field], error: DomainError | None) -> list[dict[str, str]]:
    """Put the faults at their fields, found by name, or by the ``path`` of the data; gives back the summary above."""
    if error is None:
        return []
    faults = error.faults if isinstance(error, Invalid) else ()
    by_name = {one["name"]: one for one in fields} | {one["path"]: one for one in fields if "path" in one}
    told = []
    for fault in faults:
        name = fault.path.split("/")[0]
        place = by_name.get(fault.path) or by_name.get(name)
        if place is not None:
            place["error"] = str(fault.text)
            told.append({"field": place["name"], "message": f"{place['label']}: {fault.text}"})
        else:
            told.append({"field": "", "message": str(fault.text)})
    return told or [{"field": "", "message": str(error)}]


def sealed(shown: Any) -> str:
    """The seal of what a page shows; the page carries it along, and a form sent later proves what it was based on."""
    return hashlib.sha256(canonical(shown).encode()).hexdigest()[:24]


def fresh(now: Any, wanted: Any) -> bool:
    """Whether there is something to write; raises ``Conflict`` when the page showed something else than is kept now.

    A form sent twice finds everything as it wants it, and changes nothing.
    """
    if now == wanted:
        return False
    if request.form.get(SEAL) != sealed(now):
        raise Conflict(
            _("Somebody has changed this in the meantime. What you typed is kept; look again, then save."),
            code="stale",
        )
    return True


def day(name: str, faults: list[Fault]) -> date | None:
    """The day typed into a field; None when it is empty. What is no day becomes a fault."""
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.append(Fault(name, _("This is not a day."), "invalid"))
        return None


def whole(name: str) -> int | None:
    """The id chosen in a field; None when it is empty or no number."""
    text = request.form.get(name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def refuse_faults(faults: Sequence[Fault]) -> None:
    """Raise ``Invalid`` when there are any."""
    if faults:
        raise Invalid(faults)
