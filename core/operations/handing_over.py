"""Hand over what somebody answers for (离职交接): customers, open documents, consents, and what the areas declare.

One plan for all of it, looked at first, carried out in one transaction; each record's history says so. Set-wise: a few
statements for each sort of record, and its history in bulk, however many there are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    and_,
    case,
    cast,
    false,
    func,
    insert,
    literal,
    null,
    or_,
    select,
    true,
    update,
)

from core.approvals import candidates
from core.db.types import BigId
from core.documents.reading import LARGEST_ID
from core.entities.hand_over import HandOver, HandOverItem
from core.entities.party import Party
from core.errors import Conflict, Fault, Invalid, Unknown
from core.extension.handing import Handed
from core.operations import handing_rows
from core.operations.company import record
from core.rights import HAND_OVER
from core.schemas.inputs import sentence
from core.text import Text, _
from core.work import Work

_OVER: Any = HandOver.__table__
_ITEM: Any = HandOverItem.__table__
_PARTY: Any = Party.__table__
UNDO_WITHIN = timedelta(days=1)
MOST_SHARES, MOST_NAMED = 20, 1000


@dataclass(frozen=True, slots=True)
class Share:
    """What one successor gets: some sorts of records or all, of some customers or of all.

    Customers are named by id, by the beginnings of their region codes or their regions, and by their departments; what
    is said together must hold together. Of several shares the first that fits a record counts.
    """

    to_id: int
    what: tuple[str, ...] = ()
    party_ids: tuple[int, ...] = ()
    regions: tuple[str, ...] = ()
    department_ids: tuple[int, ...] = ()

    @property
    def by_customer(self) -> bool:
        """Whether it is for some customers only."""
        return bool(self.party_ids or self.regions or self.department_ids)


@dataclass(frozen=True, slots=True)
class Count:
    """How many records of one sort go to ``to_id``. With nobody: they stay, because no share names them, or, where
    ``unfit``, because who would get them may not take them, such as a consent to what he made himself.
    """

    key: str
    label: Text
    to_id: int | None
    unfit: bool
    count: int


def sorts(work: Work) -> list[Handed]:
    """The sorts of records that can be handed over in this company, customers first."""
    found = [one for one in work.types.handed.values() if one.area in {"core", *work.areas}]
    return sorted(found, key=lambda one: (one.kind != Party.kind, one.area != "core", one.key))


def preview(work: Work, from_id: int, shares: Sequence[Share]) -> list[Count]:
    """What would go to whom, and what would stay, by sort; nothing is written. Raises as ``hand_over``."""
    _demand(work, from_id, shares)
    found = []
    for handed in sorts(work):
        to, unfit = _destination(work, handed, shares)
        rows = select(to.label("to_"), unfit.label("unfit_")).where(*_his(work, handed, from_id)).subquery()
        sums = select(rows.c.to_, rows.c.unfit_, func.count().label("records")).group_by(rows.c.to_, rows.c.unfit_)
        found += [
            Count(handed.key, handed.label, row.to_, bool(row.unfit_), row.records)
            for row in work.connection.execute(sums)
        ]
    return found


def listed(work: Work, from_id: int, shares: Sequence[Share], key: str, *, after: int = 0, most: int = 50) -> list[Any]:
    """The records of one sort: ``id``, ``title`` and ``to_id``, by id; those ``after`` an id, for the next page."""
    _demand(work, from_id, shares)
    handed = next((one for one in sorts(work) if one.key == key), None)
    if handed is None:
        raise Unknown()
    return list(work.connection.execute(_records(work, handed, from_id, shares, after, most)))


def hand_over(work: Work, from_id: int, shares: Sequence[Share], *, reason: str = "") -> int:
    """Carry the plan out in this one transaction; gives back the id of the record of it.

    Raises ``Forbidden``, ``Invalid`` naming what is wrong with a share, ``Conflict`` when nothing would go to anybody
    or when a record was changed while it was looked at.
    """
    reason = sentence(reason, "reason")
    _demand(work, from_id, shares, needed=True)
    values = {
        "company_id": work.company.id,
        "from_id": from_id,
        "plan": {"shares": [_told(share) for share in shares]},
        "counts": {},
        "reason": reason,
        "at": work.now,
        "by_id": work.actor_id,
    }
    key = int(work.connection.execute(insert(_OVER).returning(_OVER.c.id), values).scalar_one())
    gone: dict[str, dict[str, int]] = {}
    for handed in sorts(work):
        counts = handing_rows.give(
            work,
            handed,
            handing_rows.Giving(key, from_id, reason),
            lambda after, most, one=handed: _records(work, one, from_id, shares, after, most, lock=True),  # type: ignore[misc]
        )
        if counts:
            gone[handed.key] = {str(to): count for to, count in sorted(counts.items())}
    if not gone:
        raise Conflict(_("Nothing of it would go to anybody."), code="hand_over.nothing")
    where = (_OVER.c.company_id == work.company.id, _OVER.c.id == key)
    work.connection.execute(update(_OVER).where(*where).values(counts=gone))
    total = sum(sum(one.values()) for one in gone.values())
    told = {"account": [from_id, sorted({share.to_id for share in shares})], "records": [None, total]}
    record(work, "handed_over", told, reason=reason, quiet=True)
    return key


def undo(work: Work, key: int) -> tuple[int, int]:
    """Give everything back that has not been changed on since; how many records went back, and how many stayed.

    Raises ``Conflict`` a day later, and for what was undone already; ``Unknown`` for no hand-over of the company.
    """
    work.demand(HAND_OVER)
    over = find(work, key, lock=True)
    if over.undone_at is not None:
        raise Conflict(_("It was undone already."), code="hand_over.undone")
    if work.now - over.at > UNDO_WITHIN:
        raise Conflict(_("It can be undone within a day only."), code="hand_over.late")
    giving = handing_rows.Giving(key, over.from_id, over.reason)
    # What went last comes back first: a record that went for two reasons has then the version that it had.
    every = [handed for handed in reversed(sorts(work)) if handed.key in over.counts]
    back = sum(
        handing_rows.take_back(work, handed, giving, [one.key for one in every if one.kind == handed.kind])
        for handed in every
    )
    where = (_OVER.c.company_id == work.company.id, _OVER.c.id == key)
    work.connection.execute(update(_OVER).where(*where).values(undone_at=work.now, undone_by=work.actor_id))
    record(work, "handed_back", {"account": [None, over.from_id], "records": [None, back]}, quiet=True)
    return back, sum(sum(one.values()) for one in over.counts.values()) - back


# Reading --------------------------------------------------------------------------------------------------------------


def find(work: Work, key: int, *, lock: bool = False) -> Any:
    """One hand-over; raises ``Unknown``."""
    work.demand(HAND_OVER)
    wanted = select(_OVER).where(_OVER.c.company_id == work.company.id, _OVER.c.id == key)
    found = (
        work.connection.execute(wanted.with_for_update() if lock else wanted).one_or_none()
        if 0 < key <= LARGEST_ID
        else None
    )
    if found is None:
        raise Unknown()
    return found


def history(work: Work, *, before: int | None = None, most: int = 50) -> list[Any]:
    """The hand-overs of the company, the latest first; those ``before`` an id, for the next page."""
    work.demand(HAND_OVER)
    wanted = select(_OVER).where(_OVER.c.company_id == work.company.id)
    if before is not None:
        wanted = wanted.where(_OVER.c.id < before)
    return list(work.connection.execute(wanted.order_by(_OVER.c.id.desc()).limit(most)))


def items(work: Work, key: int, *, what: str = "", stayed: bool = False, after: int = 0, most: int = 50) -> list[Any]:
    """The records that went with a hand-over, by id; with ``stayed`` those that an undoing left where they are."""
    find(work, key)
    wanted = select(_ITEM).where(_ITEM.c.company_id == work.company.id, _ITEM.c.hand_over_id == key, _ITEM.c.id > after)
    wanted = wanted.where(_ITEM.c.what == what) if what else wanted
    wanted = wanted.where(_ITEM.c.undone.is_(False)) if stayed else wanted
    return list(work.connection.execute(wanted.order_by(_ITEM.c.id).limit(most)))


# The plan -------------------------------------------------------------------------------------------------------------


def _told(share: Share) -> dict[str, Any]:
    return {
        "to_id": share.to_id,
        "what": list(share.what),
        "party_ids": list(share.party_ids),
        "regions": list(share.regions),
        "department_ids": list(share.department_ids),
    }


def _demand(work: Work, from_id: int, shares: Sequence[Share], *, needed: bool = False) -> None:
    work.demand(HAND_OVER)
    if faults := list(_wrong(work, from_id, shares, needed)):
        raise Invalid(faults)


def _wrong(work: Work, from_id: int, shares: Sequence[Share], needed: bool) -> Iterator[Fault]:
    if from_id not in work.company.people:
        yield Fault("from_id", _("Nobody of this company."), "reference")
    if needed and not shares:
        yield Fault("shares", _("Name somebody who takes it over."), "required")
    if len(shares) > MOST_SHARES:
        yield Fault("shares", _("At most {count} lines.", count=MOST_SHARES), "too_many")
    known = frozenset(one.key for one in sorts(work))
    for place, share in enumerate(shares):
        yield from _wrong_share(work, from_id, share, known, f"shares/{place}")


def _wrong_share(work: Work, from_id: int, share: Share, known: frozenset[str], path: str) -> Iterator[Fault]:
    if share.to_id == from_id:
        yield Fault(f"{path}/to_id", _("Nobody hands over to himself."), "choice")
    elif not candidates.here(work, share.to_id):
        yield Fault(f"{path}/to_id", _("Nobody of this company."), "reference")
    if not known.issuperset(share.what):
        yield Fault(f"{path}/what", _("There is nothing of this name to hand over."), "reference")
    if not work.company.departments.keys() >= set(share.department_ids):
        yield Fault(f"{path}/department_ids", _("There is no such department."), "reference")
    if len(share.party_ids) > MOST_NAMED:
        yield Fault(f"{path}/party_ids", _("At most {count} lines.", count=MOST_NAMED), "too_many")
    elif any(not 0 < one <= LARGEST_ID for one in share.party_ids):
        yield Fault(f"{path}/party_ids", _("There is no such record."), "reference")


def _his(work: Work, handed: Handed, from_id: int) -> list[ColumnElement[bool]]:
    table, place = handed.table, handed.place
    mine = [table.c.company_id == work.company.id, place.c[handed.column] == from_id]
    if place is not table:
        mine += [place.c.company_id == table.c.company_id, place.c.id == table.c.id]
    return [*mine, handed.still(work)] if handed.still else mine


def _destination(work: Work, handed: Handed, shares: Sequence[Share]) -> tuple[ColumnElement[Any], ColumnElement[bool]]:
    """To whom a record goes, nobody where no share fits; and whether who would get it may not take it."""
    whens: list[tuple[ColumnElement[bool], Any]] = []
    unfit: list[tuple[ColumnElement[bool], Any]] = []
    for share in shares:
        if share.what and handed.key not in share.what:
            continue
        fits = _of_customers(work, handed, share)
        if handed.unfit is not None:
            bad = and_(fits, handed.unfit(work, share.to_id))
            whens.append((bad, null()))
            unfit.append((bad, true()))
        whens.append((fits, literal(share.to_id, BigId)))
        unfit.append((fits, false()))
    if not whens:
        return cast(null(), BigInteger), false()
    return case(*whens, else_=null()), case(*unfit, else_=false())


def _of_customers(work: Work, handed: Handed, share: Share) -> ColumnElement[bool]:
    if not share.by_customer:
        return true()
    if not handed.party:
        return false()
    wanted: list[ColumnElement[bool]] = [_PARTY.c.company_id == work.company.id]
    if share.party_ids:
        wanted.append(_PARTY.c.id.in_(share.party_ids))
    if share.department_ids:
        wanted.append(_PARTY.c.department_id.in_(share.department_ids))
    if share.regions:
        begun = [_PARTY.c.region_code.startswith(one, autoescape=True) for one in share.regions if one.isdigit()]
        wanted.append(or_(_PARTY.c.region.in_(share.regions), *begun))
    if handed.table is _PARTY:
        return and_(*wanted)
    named: Any = handed.table.c[handed.party]
    return and_(named.in_(select(_PARTY.c.id).where(*wanted)))


def _records(
    work: Work,
    handed: Handed,
    from_id: int,
    shares: Sequence[Share],
    after: int,
    most: int,
    *,
    lock: bool = False,
) -> Select[Any]:
    """The next records of one sort, with whom each goes to; to be written to they are locked, with what they say."""
    table = handed.table
    to, _unfit = _destination(work, handed, shares)
    title = handed.named(work) if handed.named else table.c[handed.title] if handed.title else literal("")
    columns, source = handing_rows.columns(handed) if lock else ([table.c.id], table)
    statement = (
        select(*columns, to.label("to_id"), func.coalesce(title, "").label("title_"))
        .select_from(source)
        .where(*_his(work, handed, from_id), table.c.id > after)
        .order_by(table.c.id)
        .limit(most)
    )
    return statement.with_for_update(of=table, key_share=True) if lock else statement
