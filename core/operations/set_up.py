"""Set a company up from a preset: one file, one call, and its people can sign in and sell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import select

from core.approvals.models import ApprovalPolicy
from core.documents.faces import faces
from core.documents.kinds import area_of
from core.entities.account import Account
from core.entities.double_check import DoubleCheck
from core.entities.item import Item
from core.entities.territory import Territory
from core.errors import Conflict, Fault, Invalid
from core.extension.preset import Preset, PresetPerson, PresetRole, read_preset
from core.operations import company, masters, people, roles
from core.schemas import inputs
from core.text import _, speaking
from core.work import Ask, System, Work, Works

OF_COMPANY = (
    "name_en", "tax_number", "address", "address_en", "phone", "bank", "bank_account", "currency", "week", "language",
    "zone", "colour",
)  # fmt: skip


def load_preset(works: Works, path: Path, *, password: str = "") -> int:
    """A new company as the preset in `path` describes it; gives back its id.

    Areas that are not installed are left out with their settings, series and approvals. Everybody gets `password`;
    without one nobody can sign in until an administrator gives a password. Raises Invalid where the preset is wrong
    and Conflict when the company or one of its logins is there already; then nothing is made.
    """
    preset = read_preset(path)
    check(works, preset)
    _free(works, preset)
    about = {key: getattr(preset.company, key) for key in OF_COMPANY}
    key = people.found(works, preset.company.code, preset.company.name, **about)
    accounts = {
        one.login: people.create_account(works, one.login, one.name, name_en=one.name_en, password=password)
        for one in preset.people
    }
    ask = Ask(key, System("set_up"))
    works.run(ask, lambda work: _people(work, preset, accounts))
    works.run(ask, lambda work: _lines_of_command(work, preset, accounts))
    works.run(ask, lambda work: _areas(work, preset))
    works.run(ask, lambda work: _territories(work, preset, accounts))
    works.run(ask, lambda work: _rules(work, preset))
    return key


def check(works: Works, preset: Preset) -> None:
    """Raise Invalid for each setting, type or move of an installed area that is not there."""
    types, here = works.registry, {"core", *works.registry.plugins}
    asking = {
        (kind, move.name) for kind, cls in types.documents.items() for move in cls.workflow.transitions if move.approval
    }
    looked_at = [(one.kind, one.move) for one in preset.double_checks if one.kind in types.documents]
    made = {(kind, move.name) for kind, cls in types.documents.items() for move in cls.workflow.transitions}
    kinds = (*preset.series, *(one.kind for one in preset.policies), *(one.kind for one in preset.double_checks))
    moves = [(one.kind, one.move) for one in preset.policies if one.kind in types.documents]
    faults = [
        *(Fault(key, _("There is no such setting.")) for key in preset.settings if key not in types.settings),
        *(Fault(kind, _("There is no such type of document.")) for kind in kinds if kind not in types.documents),
        *(Fault(".".join(one), _("No such move asks for consent.")) for one in moves if one not in asking),
        *(
            Fault(kind, _("There is no such move: {name}.", name=move))
            for kind, move in looked_at
            if (kind, move) not in made
        ),
        *(Fault(kind, _("There is no such record.")) for kind in preset.masters if kind not in types.masters),
    ]
    if faults := [fault for fault in faults if area_of(fault.path) in here]:
        raise Invalid(faults, _("The preset {name} cannot be used as it is.", name=preset.key))


def _free(works: Works, preset: Preset) -> None:
    """Raise Conflict when a login of the preset is somebody's already."""
    logins: Any = Account.__table__.c.login
    with works.installation(reads=True) as connection:
        wanted = [one.login for one in preset.people]
        taken = sorted(connection.execute(select(logins).where(logins.in_(wanted))).scalars())
    if taken:
        raise Conflict(_("These logins are taken already: {logins}.", logins=", ".join(taken)), code="people.logins")


def _people(work: Work, preset: Preset, accounts: Mapping[str, int]) -> None:
    for role in preset.roles:
        roles.name_role(work, role.key, role.name, role.name_en)
    for one in preset.departments:
        people.save_department(work, one.key, one.name, one.name_en, parent=one.parent or "")
    for person in preset.people:
        _employ(work, person, accounts, roles=person.roles)


def _lines_of_command(work: Work, preset: Preset, accounts: Mapping[str, int]) -> None:
    """Heads and superiors, once everybody works here."""
    for one in preset.departments:
        head, parent = accounts[one.head], one.parent or ""
        people.save_department(work, one.key, one.name, one.name_en, parent=parent, head_id=head)
    for person in preset.people:
        if person.superior:
            _employ(work, person, accounts, superior_id=accounts[person.superior], roles=None)


def _employ(work: Work, person: PresetPerson, accounts: Mapping[str, int], **more: Any) -> None:
    more |= {"department": person.department, "title": person.title, "title_en": person.title_en}
    people.employ(work, accounts[person.login], **more)


def _areas(work: Work, preset: Preset) -> None:
    for area in preset.areas:
        if area in work.types.plugins:
            company.switch_on(work, area)


def _rules(work: Work, preset: Preset) -> None:
    """What builds on areas and roles: rights of the company's own roles, settings, series, approvals, products."""
    _own_roles(work, preset)
    company.choose_settings(work, {key: text for key, text in preset.settings.items() if _in_use(work, key)})
    for kind, pattern in preset.series.items():
        if _in_use(work, kind):
            company.choose_series(work, kind, pattern)
    _policies(work, preset)
    _double_checks(work, preset)
    for kind, rows in preset.masters.items():
        if _in_use(work, kind):
            _records(work, kind, rows)
    items = {item["code"]: _item(work, item).id for item in preset.items}
    for area in work.types.plugins:
        if area in work.areas:
            _ask_area(work, area, preset, items)


def _in_use(work: Work, name: str) -> bool:
    return area_of(name) in {"core", *work.areas}


def _own_roles(work: Work, preset: Preset) -> None:
    """Rights as far as the preset says for each role; a role of the company's own has those of the one it is like."""
    rights = {role.key: {one.permission: one.scope for one in role.grants} for role in work.company.roles.values()}
    for role in preset.roles:
        like = rights[role.like or role.key]
        wanted = {key: _scope(work, key, scope, role) for key, scope in like.items()}
        if role.like or wanted != like:
            roles.set_grants(work, role.key, wanted)


def _scope(work: Work, permission: str, scope: str, role: PresetRole) -> str:
    known = work.types.permissions.get(permission)
    return role.scope if known is not None and known.scoped else scope


def _territories(work: Work, preset: Preset, accounts: Mapping[str, int]) -> None:
    """Where the preset says for whom a region is: a territory for each of these people."""
    for person in preset.people:
        if person.territory:
            values = {
                "code": person.login,
                "name": f"{person.name}的区域",
                "name_en": f"Territory of {person.name_en}" if person.name_en else "",
                "regions": ", ".join(person.territory),
                "holders": [{"account_id": accounts[person.login]}],
            }
            masters.save(work, Territory, inputs.read(Territory, values))


# What a step of a preset says by the name of the policy's own field.
STEP = ("from_amount", "who", "levels", "mode", "needed", "beside", "condition", "days", "late")


def _policies(work: Work, preset: Preset) -> None:
    """Enter who must agree; where an area has begun with a policy of its own, that one is changed."""
    by_key = {role.key: role for role in work.company.roles.values()}
    begun = {(one.document_kind, one.transition): one for one in work.session.scalars(select(ApprovalPolicy))}
    logins = {person.login: key for key, person in work.company.people.items()}
    for policy in preset.policies:
        if not _in_use(work, policy.kind):
            continue
        role_of = {key: role.id for key, role in by_key.items()}
        steps = [
            {
                **{name: getattr(step, name) for name in STEP},
                "name": step.name or (by_key[step.role].name if step.role else step.who),
                "role_id": role_of.get(step.role or ""),
                "person_id": logins.get(step.person or ""),
            }
            for step in policy.steps
        ]
        values: dict[str, Any] = {"document_kind": policy.kind, "transition": policy.move, "steps": steps}
        values |= {"condition": policy.condition, **({"name": policy.name} if policy.name else {})}
        # The first of a kind takes the place of the one the area began with; further ones stand beside it.
        old = begun.pop((policy.kind, policy.move), None)
        if old is None and not policy.name:
            with speaking(work.company.language):
                values["name"] = str(work.types.document(policy.kind).label)
        masters.save(work, ApprovalPolicy, values, key=old.id if old else None)


def _double_checks(work: Work, preset: Preset) -> None:
    """Enter before which moves further persons look."""
    role_of = {role.key: role.id for role in work.company.roles.values()}
    for one in preset.double_checks:
        if _in_use(work, one.kind):
            values = {"document_kind": one.kind, "transition": one.move, "persons": one.persons}
            masters.save(work, DoubleCheck, {**values, "role_id": role_of.get(one.role or "")})


def _records(work: Work, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Enter masters of an area by their code; one the area has begun with is changed, people are named by login."""
    cls: Any = work.types.masters[kind]
    logins = {person.login: key for key, person in work.company.people.items()}
    people_of = [name for name, face in faces(cls).items() if face.references == "core.account"]
    for row in rows:
        named = {name: logins.get(row[name], row[name]) for name in people_of if name in row}
        key = work.session.scalars(select(cls.id).where(cls.code == row["code"])).first()
        masters.save(work, cls, inputs.read(cls, {**row, **named}), key=key)


def _item(work: Work, item: Mapping[str, Any]) -> Item:
    taxes = {tax.code: tax.id for tax in work.company.taxes}
    same = ("code", "name", "name_en", "specification", "brand", "unit", "attributes")
    return masters.save(
        work,
        Item,
        {
            **{key: item[key] for key in same},
            **{key: Decimal(item[key]) for key in ("list_price", "floor_price", "cost")},
            "item_kind": item["kind"],
            "item_class": item["class"],
            "tax_rate_id": taxes[item["tax_rate"]],
            "tax_class_code": item["tax_code"],
        },
    )


def _ask_area(work: Work, area: str, preset: Preset, items: Mapping[str, int]) -> None:
    """Let an area take what is its own, such as price lists: by `set_up` in its `preset`, where it has one."""
    part = f"{work.types.packages[area]}.preset"
    if find_spec(part):
        import_module(part).set_up(work, preset, items)
