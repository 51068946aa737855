"""Names of rights that core itself asks for."""

from __future__ import annotations

ADMINISTER = "core.company.administer"
READ_HISTORY = "core.history.read"
SEARCH = "core.search.use"


def sight(needs: str) -> str:
    """The right to see fields that need ``needs``, such as ``cost``."""
    return f"core.see.{needs}"


SEE_COST = sight("cost")
