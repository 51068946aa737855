"""Does the chain still hold? Every figure is summed anew from the documents it stands for, in the database.

What is wrong is named: the document, the line, what is noted and what it comes to. Nothing is mended here.
"""

from __future__ import annotations

from collections.abc import Iterator

from core.operations.verifying.amounts import verify_amounts
from core.operations.verifying.closures import verify_closures
from core.operations.verifying.coming import verify_coming
from core.operations.verifying.comments import verify_comments
from core.operations.verifying.consents import verify_consents
from core.operations.verifying.contents import verify_contents
from core.operations.verifying.goods import verify_goods
from core.operations.verifying.headers import verify_headers
from core.operations.verifying.links import verify_links
from core.operations.verifying.money import verify_money
from core.operations.verifying.opened import verify_opened
from core.operations.verifying.origins import verify_origins
from core.operations.verifying.walls import verify_walls
from core.records.verify import Finding, unhurried
from core.work import Work

__all__ = ["verify_chain"]


def verify_chain(work: Work) -> Iterator[Finding]:
    """Everything wrong between the company's documents: quantities, amounts, links, claims, payments, consents."""
    unhurried(work)
    yield from verify_contents(work)
    yield from verify_comments(work)
    yield from verify_origins(work)
    yield from verify_goods(work)
    yield from verify_amounts(work)
    yield from verify_coming(work)
    yield from verify_links(work)
    yield from verify_opened(work)
    yield from verify_closures(work)
    yield from verify_headers(work)
    yield from verify_money(work)
    yield from verify_consents(work)
    yield from verify_walls(work)
