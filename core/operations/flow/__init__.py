"""The flow between documents: release and take, figures on the lines where everything began, claims and payments.

Areas use what is named here; nothing of it asks for rights except ``close`` and ``reopen``.
"""

from __future__ import annotations

from core.operations.flow import claims
from core.operations.flow.chain import acceptances, behind, chain, descendants, parts
from core.operations.flow.closing import close, reopen
from core.operations.flow.exposure import OpenTotal, adds, binds, open_totals, shipped_of, uninvoiced
from core.operations.flow.figures import arrived, forgo
from core.operations.flow.opening import release_to
from core.operations.flow.routes import invoices, ordered_before, supplies
from core.operations.flow.taking import hand_back, take, take_apart, take_back, take_from, waiting

__all__ = [
    "OpenTotal",
    "acceptances",
    "adds",
    "arrived",
    "behind",
    "binds",
    "chain",
    "claims",
    "close",
    "descendants",
    "forgo",
    "hand_back",
    "invoices",
    "open_totals",
    "ordered_before",
    "parts",
    "release_to",
    "reopen",
    "shipped_of",
    "supplies",
    "take",
    "take_apart",
    "take_back",
    "take_from",
    "uninvoiced",
    "waiting",
]
