"""Say something about a record and call others to it; change it, take it back: all in the record's history (PLT-09)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, insert, select, update

from core.documents.access import reaches
from core.documents.kinds import Type, kind_of
from core.errors import DomainError, Fault, Forbidden, Invalid, Unknown
from core.operations import beside
from core.operations.ledger import Entry
from core.records.comments import Comment, Mention
from core.rights import ADMINISTER
from core.schemas.requests import LONGEST_COMMENT
from core.text import _
from core.work import Work

LONGEST, MOST_CALLED = LONGEST_COMMENT, 20
_COMMENT: Any = Comment.__table__
_MENTION: Any = Mention.__table__
# An address of a mail calls nobody.
_MARK, _GOES_ON = re.compile(r"(?<![a-z0-9._-])@"), re.compile(r"[a-z0-9]")


def comment(work: Work, cls: Type, key: int, text: str) -> int:
    """Enter a comment of whoever may read the record, and call those whom it names as ``@name`` or ``@login``.

    Gives back its id. Raises ``Invalid`` for an empty text, one of more than 2,000 characters, a name that several
    people have, and somebody who may not read the record.
    """
    said = _checked(text)
    record = beside.record_of(work, cls, key, lock=True)
    called = _called(work, record, said)
    made: int = work.connection.execute(
        insert(Comment).returning(Comment.id),
        {
            "company_id": work.company.id,
            "kind": kind_of(cls),
            "record_id": key,
            "text": said,
            "created_at": work.now,
            "created_by": work.actor_id,
        },
    ).scalar_one()
    _call(work, made, called)
    beside.enter(work, record, Entry("comment", _changes(made, None, said, called)))
    _read(work, _on(work, kind_of(cls), key))
    return made


def change(work: Work, cls: Type, key: int, comment_id: int, text: str) -> None:
    """Let a comment say something else; only who wrote it may. Who is called now for the first time is told."""
    said = _checked(text)
    record, row = _own(work, cls, key, comment_id)
    if said == row.text:
        return
    called = _called(work, record, said)
    told = set(work.connection.execute(_called_by(work, comment_id)).scalars())
    _call(work, comment_id, [account for account in called if account not in told])
    _set(work, comment_id, text=said, edited_at=work.now)
    beside.enter(work, record, Entry("edit_comment", _changes(comment_id, row.text, said, called)))


def take_back(work: Work, cls: Type, key: int, comment_id: int, *, reason: str = "") -> None:
    """Take a comment back: who wrote it may, and an administrator. What it said stays in the history."""
    record, row = _own(work, cls, key, comment_id, administrators=True)
    if len(reason) > 400:
        raise Invalid([Fault("reason", _("At most {length} characters.", length=400), "too_long")])
    _set(work, comment_id, text="", removed_at=work.now, removed_by=work.actor_id)
    work.connection.execute(
        update(_MENTION)
        .where(
            _MENTION.c.company_id == work.company.id,
            _MENTION.c.comment_id == comment_id,
            _MENTION.c.read_at.is_(None),
        )
        .values(read_at=work.now)
    )
    changes = _changes(comment_id, row.text, None, ())
    beside.enter(work, record, Entry("remove_comment", changes, reason=reason.strip()))


def comments(
    work: Work, cls: Type, key: int, *, ids: Collection[int] | None = None, before: int | None = None, most: int = 100
) -> list[Any]:
    """Comments on a record that the caller has read already, the latest first; of these ``ids`` alone if given."""
    statement = select(_COMMENT).where(
        _COMMENT.c.company_id == work.company.id, _COMMENT.c.kind == kind_of(cls), _COMMENT.c.record_id == key
    )
    if ids is not None:
        statement = statement.where(_COMMENT.c.id.in_(ids))
    if before is not None:
        statement = statement.where(_COMMENT.c.id < before)
    return list(work.connection.execute(statement.order_by(_COMMENT.c.id.desc()).limit(most)))


# Being called ----------------------------------------------------------------------------------------------------


def mentions(work: Work, *, unread: bool = False, before: int | None = None, most: int = 50) -> list[Any]:
    """Comments that call the actor, the latest first, on records of the areas in use."""
    statement = (
        select(
            _MENTION.c.id,
            _MENTION.c.read_at,
            _COMMENT.c.id.label("comment_id"),
            *(_COMMENT.c[name] for name in ("kind", "record_id", "text", "created_at", "created_by")),
        )
        .join(_COMMENT, and_(_COMMENT.c.company_id == _MENTION.c.company_id, _COMMENT.c.id == _MENTION.c.comment_id))
        .where(_MENTION.c.company_id == work.company.id, _MENTION.c.account_id == work.actor_id)
        .where(_COMMENT.c.removed_at.is_(None), _COMMENT.c.kind.in_(_kinds(work)))
    )
    if unread:
        statement = statement.where(_MENTION.c.read_at.is_(None))
    if before is not None:
        statement = statement.where(_MENTION.c.id < before)
    return list(work.connection.execute(statement.order_by(_MENTION.c.id.desc()).limit(most)))


def count_unread(work: Work) -> int:
    """How many comments call the actor and have not been read."""
    return int(
        work.connection.execute(
            select(func.count())
            .select_from(_MENTION.join(_COMMENT, and_(*_joined())))
            .where(
                _MENTION.c.company_id == work.company.id,
                _MENTION.c.account_id == work.actor_id,
                _MENTION.c.read_at.is_(None),
                _COMMENT.c.kind.in_(_kinds(work)),
            )
        ).scalar_one()
    )


def read(work: Work, ids: Iterable[int]) -> int:
    """Note that the actor has read what calls him; gives back how many that were."""
    return _read(work, _MENTION.c.id.in_(list(ids)))


def _joined() -> tuple[Any, Any]:
    return _COMMENT.c.company_id == _MENTION.c.company_id, _COMMENT.c.id == _MENTION.c.comment_id


def _kinds(work: Work) -> list[str]:
    """The kinds of records that the actor may read at all; an area that is off is silent."""
    return [kind for kind in (*work.types.documents, *work.types.masters) if work.may(f"{kind}.read")]


def _read(work: Work, which: Any) -> int:
    return work.connection.execute(
        update(_MENTION)
        .where(
            _MENTION.c.company_id == work.company.id,
            _MENTION.c.account_id == work.actor_id,
            _MENTION.c.read_at.is_(None),
            which,
        )
        .values(read_at=work.now)
    ).rowcount


def _on(work: Work, kind: str, key: int) -> Any:
    """The mentions by comments on a record: whoever answers has read what called him."""
    there = select(_COMMENT.c.id).where(
        _COMMENT.c.company_id == work.company.id, _COMMENT.c.kind == kind, _COMMENT.c.record_id == key
    )
    return _MENTION.c.comment_id.in_(there)


def _called_by(work: Work, comment_id: int) -> Select[Any]:
    return select(_MENTION.c.account_id).where(
        _MENTION.c.company_id == work.company.id, _MENTION.c.comment_id == comment_id
    )


def _call(work: Work, comment_id: int, accounts: Sequence[int]) -> None:
    if accounts:
        row = {"company_id": work.company.id, "comment_id": comment_id, "created_at": work.now}
        work.connection.execute(insert(Mention), [{**row, "account_id": account} for account in accounts])


def _called(work: Work, record: Any, text: str) -> list[int]:
    """Whom a text calls; the longest name that fits counts, so ``@张伟明`` does not call 张伟."""
    if "@" not in text:
        return []
    names, found, faults = _names(work), dict[int, None](), list[Fault]()
    for name in _named(text.casefold(), sorted(names, key=len, reverse=True)):
        if len(names[name]) > 1:
            logins = sorted(work.company.people[account].login for account in names[name])
            told = _("Several people are called “{name}”; write one of: {logins}.", name=name, logins=logins)
            faults.append(Fault("text", told, "ambiguous"))
        found |= dict.fromkeys(names[name] - {work.actor_id or 0})
    if len(found) > MOST_CALLED:
        faults.append(Fault("text", _("At most {count} people are called at once.", count=MOST_CALLED), "too_many"))
    if faults or (faults := _blind(work, record, list(found))):
        raise Invalid(faults)
    return list(found)


def _names(work: Work) -> dict[str, set[int]]:
    """By what one may call those who work here, and who that is."""
    names: dict[str, set[int]] = {}
    for person in work.company.people.values():
        if person.works(work.today):
            for name in filter(None, (person.login, person.name, person.name_en)):
                names.setdefault(name.casefold(), set()).add(person.id)
    return names


def _named(text: str, names: Sequence[str]) -> Iterator[str]:
    """The names behind the marks of a text; longer ones come first."""
    for mark in _MARK.finditer(text):
        found = next((name for name in names if _stands(text, mark.end(), name)), None)
        if found is not None:
            yield found


def _stands(text: str, at: int, name: str) -> bool:
    """Whether a name stands at a place of a text, and does not go on as a longer word."""
    return text.startswith(name, at) and not _GOES_ON.match(text, at + len(name), at + len(name) + 1)


def _blind(work: Work, record: Any, accounts: Sequence[int]) -> list[Fault]:
    """Nobody is called to what he may not read."""
    faults = []
    for account in accounts:
        if not _reads(work, record, account):
            text = _("{person} may not read this.", person=work.person(account))
            faults.append(Fault("text", text, "unreadable"))
    return faults


def _reads(work: Work, record: Any, account: int) -> bool:
    try:
        with work.seen_by(account) as theirs:
            return theirs.may(f"{kind_of(type(record))}.read") and reaches(theirs, record, "read")
    except DomainError:  # the account is closed
        return False


# Rows ------------------------------------------------------------------------------------------------------------


def _checked(text: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid([Fault("text", _("Please write something."), "required")])
    if len(said) > LONGEST:
        raise Invalid([Fault("text", _("At most {length} characters.", length=LONGEST), "too_long")])
    return said


def _own(work: Work, cls: Type, key: int, comment_id: int, *, administrators: bool = False) -> tuple[Any, Any]:
    """The locked record and the comment on it that the actor wrote."""
    record = beside.record_of(work, cls, key, lock=True)
    row = next(iter(comments(work, cls, key, ids=[comment_id])), None)
    if row is None or row.removed_at is not None:
        raise Unknown()
    if row.created_by != work.actor_id and not (administrators and work.may(ADMINISTER)):
        raise Forbidden(_("Only who wrote it may."))
    return record, row


def _set(work: Work, comment_id: int, **values: Any) -> None:
    where = (_COMMENT.c.company_id == work.company.id, _COMMENT.c.id == comment_id)
    work.connection.execute(update(_COMMENT).where(*where).values(values))


def _changes(comment_id: int, before: str | None, after: str | None, called: Sequence[int]) -> dict[str, Any]:
    found: dict[str, Any] = {"comment": [None, comment_id], "said": [before, after]}
    return found | ({"called": [None, list(called)]} if called else {})
