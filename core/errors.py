"""Every way the program can say no.

A ``DomainError`` is for the person at the screen: a code for programs, a sentence for people. Anything else is a bug.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from core.roles import Role
from core.text import Text, _


class DomainError(Exception):
    """Base of all refusals. ``code`` is stable, ``text`` is rendered in the reader's language."""

    code = "refused"

    def __init__(self, text: Text, *, code: str | None = None) -> None:
        super().__init__(text.message)
        self.text = text
        if code:
            self.code = code

    def __str__(self) -> str:
        return str(self.text)


class Unknown(DomainError):
    """There is no such thing here: never made, of another company, or of an area not in use.

    ``record``: the kind and id of the record that was asked for and is out of the actor's reach, or not here;
    ``stranger``: the actor does not work for the company at all. Both are for the audit log, never for the actor.
    """

    code = "not_found"
    stranger = False

    def __init__(
        self, text: Text | None = None, *, code: str | None = None, record: tuple[str, int] | None = None
    ) -> None:
        super().__init__(text or _("This does not exist here."), code=code)
        self.record = record


class NotEnabled(Unknown):
    """The company does not use this area."""

    code = "area.off"


class Unauthenticated(DomainError):
    """Nobody is signed in, or the token is no longer valid."""

    code = "auth.required"


class Forbidden(DomainError):
    """The actor may not do this; ``right`` names the permission that is missing, where it is one."""

    code = "forbidden"

    def __init__(self, text: Text, *, code: str | None = None, right: str = "") -> None:
        super().__init__(text, code=code)
        self.right = right


class Stale(DomainError):
    """Somebody else changed the record since it was read."""

    code = "stale"

    def __init__(self, seen: int, current: int) -> None:
        super().__init__(
            _(
                "Somebody has changed this in the meantime (version {current}, you saw {seen}).",
                current=current,
                seen=seen,
            )
        )
        self.seen, self.current = seen, current


class IllegalMove(DomainError):
    """The document is not in a state this move leaves from."""

    code = "move.illegal"


class Conflict(DomainError):
    """It collides with what is already there (a duplicate, something in use, a closed period)."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input: where (``lines/2/quantity``), a code, and a sentence."""

    path: str
    text: Text
    code: str = "invalid"


class Invalid(DomainError):
    """The input cannot be accepted as it is; ``faults`` name each place."""

    code = "invalid"

    def __init__(self, faults: Iterable[Fault], text: Text | None = None) -> None:
        self.faults = tuple(faults)
        super().__init__(text or _("Please correct what is marked."))


class Strength(StrEnum):
    """What an objection asks for: nothing but a second look, one more consent, or a stop."""

    WARN = "warn"
    APPROVE = "approve"
    BLOCK = "block"


@dataclass(frozen=True, slots=True)
class Objection:
    """A reason not to proceed. ``excess`` is the amount over a limit; ``by`` who may consent (strength approve)."""

    code: str
    text: Text
    strength: Strength = Strength.BLOCK
    excess: Decimal | None = None
    by: Role | None = None


class Refused(DomainError):
    """One or more objections stand against the move."""

    code = "move.refused"

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(_("This cannot be done now."))
        self.objections = tuple(objections)

    def __str__(self) -> str:
        return " ".join(str(o.text) for o in self.objections)


class Unconfirmed(Refused):
    """Only warnings stand against the move; it is carried out when the person confirms them."""

    code = "move.unconfirmed"

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__(objections)
        self.text = _("Please confirm.")
