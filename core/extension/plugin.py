"""The manifest: everything core must know about a plug-in before it runs any of it."""

from __future__ import annotations

from dataclasses import dataclass

from core.roles import Role
from core.separation import Office
from core.text import Text

API = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One area. ``requires`` names areas it cannot do without; ``core`` the hook interface it was written for.

    ``permissions`` are rights beyond those that come with its documents and masters: (``area.thing.verb``, label,
    roles). ``offices``: which rights of the area belong to an office that is kept apart from others.
    """

    name: str
    label: Text
    about: Text
    # Where people find it in the menu: along the chain from the first contact to the service afterwards.
    place: int = 100
    icon: str = "puzzle"
    requires: tuple[str, ...] = ()
    core: str = ">=1,<2"
    roles: tuple[Role, ...] = ()
    permissions: tuple[tuple[str, Text, tuple[Role, ...]], ...] = ()
    offices: tuple[tuple[Office, tuple[str, ...]], ...] = ()

    def fits(self, api: int = API) -> bool:
        """Whether the plug-in was written for this hook interface."""
        for part in self.core.split(","):
            bound, number = part.strip().rstrip("0123456789"), int(part.strip().lstrip("<>="))
            if not {">=": api >= number, "<": api < number, "==": api == number}.get(bound, False):
                return False
        return True
