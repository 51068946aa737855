"""How the C library keeps memory in a server of several threads."""

from __future__ import annotations

import ctypes

# <malloc.h>: the number of arenas, from each of which some threads take their memory.
_M_ARENA_MAX, _ARENAS = -8, 2


def share_arenas() -> None:
    """Let the threads of this process share two arenas, before they begin; about 10 % of a server's memory.

    Otherwise glibc gives each its own, and what one has freed no other gets. Without glibc nothing happens.
    """
    tune = getattr(ctypes.CDLL(None), "mallopt", None)
    if tune is not None:
        tune(_M_ARENA_MAX, _ARENAS)
