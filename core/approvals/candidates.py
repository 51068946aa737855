"""Who may agree: holders of roles, superiors, heads of departments, and those who stand in for others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from sqlalchemy import bindparam, func, or_, select

from core.approvals.models import ApprovalDelegation
from core.documents import access
from core.documents.models import Document
from core.records.models import DocumentEdition, History
from core.text import Text, _, in_language
from core.work import Work

_DELEGATION: Any = ApprovalDelegation.__table__
_EDITION: Any = DocumentEdition.__table__
_HISTORY: Any = History.__table__


def here(work: Work, account: int | None) -> bool:
    """Whether somebody works for the company today; nobody whose account is closed does."""
    person = work.company.people.get(account or 0)
    return person is not None and person.works(work.today)


def holders(work: Work, role_id: int | None) -> frozenset[int]:
    """The accounts that hold a role today, and work here."""
    held = work.company.holders.get(role_id or 0, ())
    return frozenset(account for account, grant in held if grant.valid(work.today) and here(work, account))


def entitled(work: Work, permission: str, document: Any = None) -> frozenset[int]:
    """The accounts whose right to ``permission`` reaches the document, or who hold it at all where none is named."""
    scopes: dict[int, set[str]] = {}
    for role_id, role in work.company.roles.items():
        given = {one.scope for one in role.grants if one.permission == permission and one.valid(work.today)}
        for account in holders(work, role_id) if given else ():
            scopes.setdefault(account, set()).update(given)
    if document is None:
        return frozenset(scopes)
    whose = (document.owner_id, document.created_by)
    return frozenset(
        account
        for account, held in scopes.items()
        if access.holds(work, access.over(work, held, of=account), *whose, party_id=document.party_id)
    )


def superior(work: Work, account: int | None, levels: int = 1) -> int | None:
    """The superior ``levels`` up; the highest there is where the chain is shorter. None for who has none.

    Whoever has no superior of his own goes by the head of his department, then by that of the one above it.
    """
    line = list(islice(superiors(work, account), levels))
    return line[-1] if line else None


def superiors(work: Work, account: int | None) -> Iterator[int]:
    """The line of superiors of somebody, the nearest first; each once."""
    seen, at = {account}, account
    while True:
        person = work.company.people.get(at or 0)
        up = None if person is None else person.superior_id or _head_over(work, person.department_id, at)
        if up is None or up in seen:
            return
        seen.add(up)
        yield up
        at = up


def heads_over(work: Work, account: int) -> Iterator[int]:
    """The heads of somebody's department and of those above it."""
    person = work.company.people.get(account)
    department, seen = person.department_id if person else None, set[int]()
    while department is not None and department not in seen:
        seen.add(department)
        found, department = work.company.heads.get(department, (None, None))
        if found is not None:
            yield found


def heads(work: Work, account: int | None) -> Iterator[int]:
    """The heads of somebody's department and of those above it who are somebody else, the nearest first; each once."""
    return (one for one in dict.fromkeys(heads_over(work, account or 0)) if one != account)


def _head_over(work: Work, department: int | None, account: int | None) -> int | None:
    """The head of the department, or of the nearest above it, who is somebody else."""
    while department is not None:
        found, above = work.company.heads.get(department, (None, None))
        if found not in (None, account):
            return found
        department = above
    return None


def stands_in(work: Work) -> dict[int, frozenset[str]]:
    """Those for whom the actor may decide today, by delegation, and on documents of which kinds; empty for all."""
    statement = select(_DELEGATION.c.from_id, _DELEGATION.c.kinds).where(
        _DELEGATION.c.company_id == work.company.id,
        _DELEGATION.c.to_id == work.actor_id,
        _DELEGATION.c.valid_from <= work.today,
        _DELEGATION.c.valid_until >= work.today,
        _DELEGATION.c.revoked_at.is_(None),
    )
    found: dict[int, frozenset[str]] = {}
    for row in work.connection.execute(statement):
        kinds = frozenset(row.kinds["kinds"] if row.kinds else ())
        if here(work, row.from_id):
            others = found.get(row.from_id, kinds)
            # One agreement for everything stands above others for some.
            found[row.from_id] = others | kinds if kinds and others else frozenset()
    return found


def all_stand_ins(work: Work) -> dict[int, list[tuple[int, frozenset[str]]]]:
    """By whom somebody stands in for today, who does, and on documents of which kinds; empty for all.

    Read once in a work.
    """
    if "stand_ins" not in work.kept:
        statement = select(_DELEGATION.c.from_id, _DELEGATION.c.to_id, _DELEGATION.c.kinds).where(
            _DELEGATION.c.company_id == work.company.id,
            _DELEGATION.c.valid_from <= work.today,
            _DELEGATION.c.valid_until >= work.today,
            _DELEGATION.c.revoked_at.is_(None),
        )
        found: dict[int, list[tuple[int, frozenset[str]]]] = {}
        for row in work.connection.execute(statement):
            kinds = frozenset(row.kinds["kinds"] if row.kinds else ())
            found.setdefault(row.from_id, []).append((row.to_id, kinds))
        work.kept["stand_ins"] = found
    kept: dict[int, list[tuple[int, frozenset[str]]]] = work.kept["stand_ins"]
    return kept


def principals(work: Work, kind: str) -> frozenset[int]:
    """Those for whom the actor may decide today on documents of ``kind``."""
    return frozenset(account for account, kinds in stands_in(work).items() if not kinds or kind in kinds)


def able(work: Work, task: Any) -> frozenset[int]:
    """The accounts whose consent ``task`` asks for; for somebody who has left it is his superior's."""
    if not task.assignee_id:
        return entitled(work, task.permission) if task.permission else holders(work, task.role_id)
    who = task.assignee_id if here(work, task.assignee_id) else nearest_above(work, task.assignee_id)
    return frozenset({who} if who else ())


def nearest_above(work: Work, account: int) -> int | None:
    """The nearest above somebody that works here today; None where there is nobody."""
    return next((up for up in superiors(work, account) if here(work, up)), None)


def left_to(work: Work) -> frozenset[int]:
    """Those who have left, and whose open consents are the actor's now."""
    gone = (account for account in work.company.people if not here(work, account))
    return frozenset(account for account in gone if nearest_above(work, account) == work.actor_id)


def seat(work: Work, task: Any, taken: frozenset[int], kind: str) -> tuple[bool, int | None, Text | None]:
    """Whether the actor may take ``task`` of a document of ``kind``, for whom if not for himself, and why not.

    ``taken``: those who made the document or have already agreed to this edition.
    """
    asked = able(work, task)
    if work.actor_id in asked:
        if work.actor_id in taken:
            return False, None, _("Nobody agrees to what he made, nor twice.")
        return True, None, None
    # Whoever has the right has it himself; only consents of a person or a role are given by who stands in.
    by_right = task.permission and not task.assignee_id
    standing_in = frozenset[int]() if by_right else principals(work, kind) & asked
    for principal in sorted(standing_in):
        if principal not in taken and work.actor_id not in taken:
            return True, principal, None
    if task.assignee_id:
        return False, None, _("{name} is asked for this.", name=work.person(task.assignee_id))
    if task.permission:
        return False, None, _("Only who may read it can confirm it.")
    return False, None, _("The role “{role}” is needed.", role=role_name(work, task.role_id))


def makers(document: Document, *more: int | None) -> frozenset[int]:
    """Who made a document, and so never agrees to it."""
    found = (document.created_by, document.edited_by, document.submitted_by, *more)
    return frozenset(who for who in found if who is not None)


def editors(work: Work, document: Document) -> frozenset[int]:
    """Who has changed the document since it was last revised, however often it was changed after them.

    The last of them the document names itself; the history is asked only where there may be others.
    """
    if document.edition <= document.revision + 1:
        return frozenset()
    known: dict[tuple[int, int], frozenset[int]] = work.kept.setdefault("editors", {})
    key = (document.id, document.edition)
    if key not in known:
        asked = {"company": work.company.id, "document": document.id, "revision": document.revision}
        known[key] = frozenset(work.connection.execute(_EDITORS, asked).scalars())
    return known[key]


_REVISED = (
    select(func.max(_EDITION.c.created_at))
    .where(
        _EDITION.c.company_id == bindparam("company"),
        _EDITION.c.document_id == bindparam("document"),
        _EDITION.c.revision < bindparam("revision"),
    )
    .scalar_subquery()
)
_EDITORS = (
    select(_HISTORY.c.actor_id)
    .distinct()
    .where(
        _HISTORY.c.company_id == bindparam("company"),
        _HISTORY.c.document_id == bindparam("document"),
        _HISTORY.c.what == "edit",
        _HISTORY.c.actor_id.is_not(None),
        or_(_REVISED.is_(None), _HISTORY.c.at >= _REVISED),
    )
)


def role_name(work: Work, role_id: int | None) -> str:
    """What the company calls the role."""
    role = work.company.roles.get(role_id or 0)
    return role.title if role else ""


def named(work: Work, accounts: Iterable[int]) -> list[str]:
    """The names of people, in the reader's language."""
    found = (work.company.people.get(account) for account in accounts)
    return sorted(in_language(p.name, p.name_en) for p in found if p)
