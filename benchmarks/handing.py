"""A hand-over of many customers and back, beside the same rows written by three statements of the database alone."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from sqlalchemy import text

from benchmarks.clock import Row
from benchmarks.places import Place
from core.operations import handing_over
from core.operations.handing_over import Share
from core.testing import bulk
from core.testing.builders import Firm


def hand_overs(place: Place, size: int) -> Iterator[Row]:
    """``size`` customers of one person: looked at, handed over, undone."""
    firm = Firm.founded(place.program, f"over{size}", "交接照明有限公司", areas=())
    like = firm.party()
    firm.as_program(lambda w: bulk.masters(w.connection, like, size - 1))
    place.analyse()
    rep, plan = firm.people["rep"], [Share(firm.people["rep2"])]
    looked = _once(lambda: firm.read("admin", lambda w: handing_over.preview(w, rep, plan)))
    yield Row(f"hand-over of {size:,} customers: the look", place.engine, looked, "ms")
    bare = _once(_bare(place, firm))
    keys: list[int] = []
    given = _once(lambda: keys.append(firm.run("admin", lambda w: handing_over.hand_over(w, rep, plan))))
    yield Row(f"hand-over of {size:,} customers", place.engine, given, "ms", bare)
    undone = _once(lambda: firm.run("admin", lambda w: handing_over.undo(w, keys[0])))
    yield Row(f"hand-over of {size:,} customers undone", place.engine, undone, "ms", bare)


def _once(act: Callable[[], object]) -> float:
    """How long it takes in milliseconds; once, since nothing is left to hand over then."""
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _bare(place: Place, firm: Firm) -> Callable[[], None]:
    """The items, the histories and the update, each by one statement inside the database; to himself, and for show."""
    history = (
        "INSERT INTO history (company_id, uid, kind, record_id, at, actor_id, actor, request, what, source, target, "
        "reason, changes, prev, hash) SELECT h.company_id, substr(h.uid, 1, 16) || p.id, h.kind, p.id, h.at, "
        "h.actor_id, h.actor, h.request, 'bare', '', '', '', h.changes, h.prev, h.hash FROM party p, "
        "(SELECT * FROM history WHERE company_id = :company AND kind = 'core.party' ORDER BY id LIMIT 1) h "
        "WHERE p.company_id = :company AND p.owner_id = :owner"
    )
    over = (
        "INSERT INTO hand_over (company_id, from_id, plan, counts, reason, at) "
        "SELECT company_id, :owner, changes, changes, '', at FROM history WHERE company_id = :company "
        "ORDER BY id LIMIT 1 RETURNING id"
    )
    items = (
        "INSERT INTO hand_over_item (company_id, hand_over_id, what, record, title, to_id, version, head, undone) "
        "SELECT company_id, :over, 'core.party', id, name, :owner, version, head, false FROM party "
        "WHERE company_id = :company AND owner_id = :owner"
    )
    change = "UPDATE party SET updated_by = :owner WHERE company_id = :company AND owner_id = :owner"

    def write() -> None:
        asked = {"company": firm.id, "owner": firm.people["rep"]}
        with place.program.engine.connect() as link, link.begin():
            if place.engine == "PostgreSQL":
                link.execute(text("SELECT set_config('app.company', :key, true)"), {"key": str(firm.id)})
            key = link.execute(text(over), asked).scalar_one()
            link.execute(text(items), {**asked, "over": key})
            link.execute(text(history), asked)
            link.execute(text(change), asked)

    return write
