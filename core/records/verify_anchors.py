"""Have the anchors been tampered with? Each is rebuilt from what it seals, and held against what stands outside."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.entities.company import ZERO
from core.records import outside
from core.records.anchors import anchor_hash, leaf, merkle_root
from core.records.models import Anchor, AnchorItem, History
from core.records.outside import Outside, Written
from core.records.verify import AT_ONCE, STREAMED, Finding, unhurried
from core.text import _
from core.work import Work

_HISTORY: Any = History.__table__
_ANCHOR: Any = Anchor.__table__
_ITEM: Any = AnchorItem.__table__
# An anchor is written outside as soon as it is made; at the latest with the one after it.
BEHIND = timedelta(hours=1)


def verify_anchors(work: Work, *paths: Path | None) -> Iterator[Finding]:
    """Every anchor rebuilt from the entries it seals, the chain of anchors, and both against the file outside.

    The first of ``paths`` is the file that the program itself writes, further ones are copies of it.
    """
    unhurried(work)
    anchors = work.connection.execute(
        select(_ANCHOR).where(_ANCHOR.c.company_id == work.company.id).order_by(_ANCHOR.c.id)
    )
    known = {row["id"]: row for row in anchors.mappings()}
    expected = ZERO
    for key, anchor in known.items():
        if bytes(anchor["prev"]) != expected or anchor_hash(anchor) != bytes(anchor["hash"]):
            yield Finding("anchor.chain", _name(key), _("It does not fit the anchor before it, or was edited."))
        expected = bytes(anchor["hash"])
    roots = _roots(work)
    for key, anchor in known.items():
        count, root = roots.get(key, (0, ZERO))
        if count != anchor["entries"]:
            missing = anchor["entries"] - count
            yield Finding("anchor.entries", _name(key), _("Of its entries, {count} are missing.", count=missing))
        elif root != bytes(anchor["root"]):
            yield Finding("anchor.root", _name(key), _("Entries that it seals were rewritten."))
    hashes = {key: bytes(row["hash"]).hex() for key, row in known.items()}
    due = max((key for key, row in known.items() if row["at"] < work.now - BEHIND), default=0)
    for place, path in enumerate(paths):
        if path is not None:
            told = outside.read(path, work.company.id)
            # A copy is as old as it is.
            yield from () if place else _behind(told, due)
            yield from _against(told, hashes, copy=place > 0)


def _roots(work: Work) -> dict[int, tuple[int, bytes]]:
    """Count and root of what is left under each anchor."""
    found = {}
    for key, group in groupby(_sealed(work), key=lambda pair: pair[0]):
        leaves = [hashed for _anchor, hashed in group]
        found[key] = len(leaves), merkle_root(leaves)
    return found


def _sealed(work: Work) -> Iterator[tuple[int, bytes]]:
    """The leaf of each entry that is still there, anchor by anchor, in the order of their places.

    Entries are fetched by their ids, some at a time: a join of two large tables that were never analysed takes hours.
    """
    items = iter(
        work.connection.execute(
            select(_ITEM.c.anchor_id, _ITEM.c.history_id)
            .where(_ITEM.c.company_id == work.company.id)
            .order_by(_ITEM.c.anchor_id, _ITEM.c.position),
            execution_options=STREAMED,
        )
    )
    columns = (_HISTORY.c.id, _HISTORY.c.kind, _HISTORY.c.record_id, _HISTORY.c.document_id, _HISTORY.c.hash)
    while batch := list(islice(items, AT_ONCE)):
        ids = [item.history_id for item in batch]
        entries = select(*columns).where(_HISTORY.c.company_id == work.company.id, _HISTORY.c.id.in_(ids))
        leaves = {row.id: leaf(row) for row in work.connection.execute(entries)}
        yield from ((item.anchor_id, leaves[item.history_id]) for item in batch if item.history_id in leaves)


# Outside ---------------------------------------------------------------------------------------------------------


def _behind(told: Outside, due: int) -> Iterator[Finding]:
    """Whether the file ends before an anchor that had its time to be written."""
    if 0 < (newest := max(told.anchors, default=0)) < due:
        text = _("The file outside ends with it, though there are newer ones: an older file, or not written to.")
        yield Finding("anchor.behind", _name(newest), text)


def _against(told: Outside, known: dict[int, str], *, copy: bool) -> Iterator[Finding]:
    written = told.anchors
    if not copy and known and not written and not told.turns:
        yield Finding("anchor.outside", _name(max(known)), _("Nothing of it stands in the file outside."))
    same = outside.shared(written, known)
    wrong = [key for key, one in sorted(written.items()) if known.get(key) != one.hash]
    # One that is missing before others that are here was taken out; else both sides part after what they share.
    if same and wrong and not any(key < max(known) and key not in known for key in wrong):
        yield _turn(written, known, wrong, last=same[-1])
        return
    for key, one in written.items():
        if key not in known:
            yield Finding("anchor.gone", _name(key), _("It stands in the file outside and is missing here."))
        elif known[key] != one.hash:
            yield Finding("anchor.differs", _name(key), _("It differs from what was written in the file outside."))
    last = max(written, default=0)
    for key in known:
        # A copy may hold some anchors only, such as those that were printed.
        if key < last and key not in written and not copy:
            yield Finding("anchor.unknown", _name(key), _("The file outside never heard of it."))


def _turn(written: dict[int, Written], known: dict[int, str], lost: list[int], *, last: int) -> Finding:
    about = {"last": last, "at": outside.moment(written[last]), "count": len(lost)}
    about |= {"until": outside.moment(written[lost[-1]])}
    if any(key > last for key in known):
        return Finding(
            "anchor.forked",
            _name(last),
            _(
                "After it ({at}) the database tells another history than the {count} anchors outside until {until}: "
                "an older copy was brought back without telling, or what came since was written anew.",
                **about,
            ),
        )
    return Finding(
        "anchor.rewound",
        _name(last),
        _(
            "The database ends with it ({at}); outside stand {count} more until {until}: an older copy was brought "
            "back without telling, or the latest entries were taken away.",
            **about,
        ),
    )


def _name(key: int) -> str:
    return str(_("Anchor {id}", id=key))
