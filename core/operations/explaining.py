"""Why somebody may, or may not, see or do something: the grant, the scope or the rule that decides (PLT-05).

What is asked is looked at in a unit of work of the person in question, by the same checks that enforce it; this module
only finds the words.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.documents import access
from core.documents.faces import faces
from core.documents.kinds import Type, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.reading import find, find_master
from core.entities.party import Party
from core.entities.territory import territories
from core.errors import DomainError, Refused, Unknown
from core.extension.registry import Permission
from core.facts import Grant, RoleFacts
from core.operations.edit import check_editable
from core.operations.outlook import outlook
from core.rights import sight
from core.roles import REACHES, Scope
from core.text import Text, _, in_language
from core.work import Work


@dataclass(frozen=True, slots=True)
class Ground:
    """One thing that speaks for it or against it; ``allows`` is None for what is only told."""

    code: str
    allows: bool | None
    text: Text


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether it is allowed now, and everything that decides."""

    allowed: bool
    grounds: tuple[Ground, ...]


def explain(work: Work, permission: str, key: int | None = None) -> Explanation:
    """Why the actor of this work may, or may not, exercise a right; on the record under ``key`` where one is named.

    Raises ``Unknown`` for a right that nothing declares, or a record that the company does not have.
    """
    right = work.types.permissions.get(permission)
    if right is None:
        raise Unknown()
    grounds = list(_may(work, right))
    thing, _dot, verb = permission.rpartition(".")
    cls = work.types.documents.get(thing) or work.types.masters.get(thing)
    if cls is not None and key is not None and (ground := _open(work, cls, key, right)):
        return Explanation(True, (ground, *_fields(work, cls)))
    if cls is not None and (right.area == "core" or right.area in work.areas):
        if verb != "read":
            grounds += _may(work, work.types.permissions[f"{thing}.read"])
        if key is not None:
            grounds += _on_record(work, cls, key, verb)
        elif verb in {"read", "export", "print"}:
            grounds += _fields(work, cls)
    grounds = list(dict.fromkeys(grounds))
    return Explanation(all(ground.allows is not False for ground in grounds), tuple(grounds))


def sees(work: Work, permission: str, key: int) -> bool:
    """Whether the actor may know that the record is there: whoever asks about himself learns nothing else."""
    thing = permission.rpartition(".")[0]
    cls = work.types.documents.get(thing) or work.types.masters.get(thing)
    record = _found(work, cls, key) if cls is not None and _used(work, thing) else None
    if record is None:
        return False
    return access.opened(work, record) or (work.may(f"{thing}.read") and access.reaches(work, record, "read"))


# The right ----------------------------------------------------------------------------------------------------------


def _may(work: Work, right: Permission) -> Iterator[Ground]:
    if right.area != "core" and right.area not in work.areas:
        label = work.types.plugins[right.area].label
        yield Ground("area.off", False, _("The company does not use “{area}”.", area=label))
        return
    found = [ground for role in work.company.roles.values() for ground in _given(work, right, role)]
    yield from found
    if not any(ground.allows for ground in found):
        holding = tuple(role.title for role in work.company.roles.values() if _gives(work, role, right.key))
        said = _("None of the roles held today gives the right: {right}.", right=_named(right))
        yield Ground("grant.none", False, said)
        if holding:
            yield Ground("grant.roles", None, _("Roles that give it: {roles}.", roles=holding))


def _given(work: Work, right: Permission, role: RoleFacts) -> Iterator[Ground]:
    """What a role that the person holds, held or will hold gives of a right."""
    held = [held for key, held in (work.actor.roles if work.actor else ()) if key == role.id]
    for grant in (grant for grant in role.grants if grant.permission == right.key):
        for one in held:
            values = {"role": role.title, "right": _named(right), "reach": REACHES[grant.scope]}
            days = _days(grant, one)
            if grant.valid(work.today) and one.valid(work.today):
                said = _("The role “{role}” gives: {right}; reach: {reach}.", **values)
                if days:
                    said = _("The role “{role}” gives: {right}; reach: {reach}; {days}.", **values, days=days)
                yield Ground("grant", True, said)
            else:
                said = _(
                    "The role “{role}” gives: {right}; but only {days}.",
                    role=role.title,
                    right=_named(right),
                    days=days,
                )
                yield Ground("grant.days", None, said)


def _gives(work: Work, role: RoleFacts, permission: str) -> bool:
    return any(grant.permission == permission and grant.valid(work.today) for grant in role.grants)


def _days(*grants: Grant) -> Text | str:
    """The days on which all of these hold; empty for always."""
    first = max((g.valid_from for g in grants if g.valid_from), default=None)
    last = min((g.valid_until for g in grants if g.valid_until), default=None)
    match first, last:
        case None, None:
            return ""
        case date(), None:
            return _("from {first} on", first=first)
        case None, date():
            return _("until {last}", last=last)
    return _("from {first} to {last}", first=first, last=last)


def _named(right: Permission) -> Text:
    return _("{subject}: {right}", subject=right.subject, right=right.label)


# The record ---------------------------------------------------------------------------------------------------------


def _found(work: Work, cls: Type, key: int) -> Any:
    return find(work, cls, key) if issubclass(cls, Document) else find_master(work, cls, key)


def _used(work: Work, thing: str) -> bool:
    return thing.partition(".")[0] in {"core", *work.areas}


def _open(work: Work, cls: Type, key: int, right: Permission) -> Ground | None:
    """That a single record is open to the person, whatever his rights reach: for reading, to whoever was asked."""
    thing, _dot, verb = right.key.rpartition(".")
    if verb not in access.OPEN_VERBS or not _used(work, thing):
        return None
    record = _found(work, cls, key)
    if record is None or not access.opened(work, record):
        return None
    if work.may(right.key) and access.reaches(work, record, verb) and access.reaches(work, record, "read"):
        return None
    return Ground("reach.opened", True, _("The record is open to the person, who was asked something about it."))


def _on_record(work: Work, cls: Type, key: int, verb: str) -> Iterator[Ground]:
    record = _found(work, cls, key)
    if record is None:
        raise Unknown()
    verbs = ("read",) if verb in {"create", "read"} else ("read", verb)
    found = [ground for one in verbs for ground in _reached(work, record, one)]
    yield from found
    if len(verbs) == 1:
        yield from _fields(work, cls)
    elif isinstance(record, Document) and all(ground.allows is not False for ground in found):
        yield from _state(work, record, verb)


def _reached(work: Work, record: Any, verb: str) -> Iterator[Ground]:
    cls = type(record)
    scopes = work.scopes(f"{kind_of(cls)}.{verb}")
    if not scopes or not access.scoped(cls):
        return
    if Scope.COMPANY in scopes:
        yield Ground("reach.company", True, _("It reaches every record of the company."))
        return
    owner, maker = getattr(record, "owner_id", None), record.created_by
    team = access.over(work, scopes).people
    if work.actor_id == owner:
        yield Ground("reach.own", True, _("The person is responsible for the record."))
    elif work.actor_id == maker:
        yield Ground("reach.own", True, _("The person has made the record."))
    elif who := next((one for one in (owner, maker) if one in team), None):
        said = _("{person}, whose record it is, belongs to the team.", person=work.person(who))
        yield Ground("reach.team", True, said)
    elif access.reaches(work, record, verb):
        yield Ground(
            "reach.territory",
            True,
            _("The customer lies in a territory of the person: {name}.", name=_land(work, record)),
        )
    else:
        reaches = tuple(REACHES[scope] for scope in Scope if scope in scopes)
        whose = work.person(owner) or work.person(maker) or _("nobody")
        said = _(
            "The right reaches only: {reaches}. {person} is responsible for the record.", reaches=reaches, person=whose
        )
        yield Ground("reach.none", False, said)
        if Scope.TERRITORY in scopes:
            yield Ground("reach.territory", None, _("The customer's territory: {name}.", name=_land(work, record)))


def _land(work: Work, record: Any) -> str | Text:
    key = record.territory_id if isinstance(record, Party) else None
    if key is None and access.named_party(type(record)) and record.party_id:
        key = access.locate(work, [record.party_id]).get(record.party_id)
    found = territories(work).get(key or 0)
    return in_language(found.name, found.name_en) if found else _("none")


def _state(work: Work, document: Document, verb: str) -> Iterator[Ground]:
    """What the document's own state, the books, the areas and the separation of duties say."""
    label = document.workflow.state(document.state).label
    moves = {one.name: one for one in document.workflow.transitions}
    yield Ground("state", None, _("The document is in the state “{state}”.", state=label))
    try:
        if verb == "edit":
            check_editable(document)
        if verb not in moves:
            return
        seen = outlook(work, document, moves[verb])
        if seen.closed is not None:
            raise seen.closed
        for step in seen.steps:
            yield Ground("consent", None, _("It needs the consent of: {step}.", step=step.name))
    except Refused as error:
        for objection in error.objections:
            yield Ground(objection.code, False, objection.text)
    except DomainError as error:
        yield Ground(error.code, False, error.text)


def _fields(work: Work, cls: Type) -> Iterator[Ground]:
    """What of the record is hidden or masked, and which right would show it."""
    lines = (DocumentLine,) if issubclass(cls, Document) and cls.has_lines else ()
    veiled: dict[str, list[Text]] = {}
    for one in (cls, *lines, *cls.parts):
        for face in faces(one).values():
            if face.needs and not work.sees(face.needs):
                veiled.setdefault(face.needs, []).append(face.label)
    for needs, labels in veiled.items():
        right = work.types.permissions[sight(needs)]
        values = {"fields": tuple(dict.fromkeys(labels)), "right": _named(right)}
        said = _("Hidden or masked: {fields}. The right that shows them: {right}.", **values)
        yield Ground("field", None, said)
