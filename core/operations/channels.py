"""The channels of a company, set up by its administrator, and what each person wants of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import time
from typing import Any

from sqlalchemy import insert, select, update

from core.approvals import candidates
from core.channels import KINDS, check
from core.documents.reading import LARGEST_ID
from core.errors import Conflict, Fault, Invalid, Unknown
from core.messages.models import Channel, Message, MessageChoice, Sending
from core.operations.company import record
from core.operations.telling import TEST, TOPICS, Somebody, leave, plain_values
from core.operations.two_step import Vault
from core.rights import ADMINISTER
from core.schemas.inputs import MESSAGES, sentence
from core.text import Text, _
from core.work import Work

_CHANNEL: Any = Channel.__table__
_SENDING: Any = Sending.__table__
_MESSAGE: Any = Message.__table__
_CHOICE: Any = MessageChoice.__table__
VAULT = "channels"
LONGEST, MOST = 1000, 20
WRONG: Mapping[str, Text] = {
    "required": _("This is needed."),
    "port": _("A port is a number from 1 to 65535."),
    "address": _("This is not an e-mail address."),
    "open_password": _("A password is only sent over an encrypted connection."),
    "host": _("This is no address of such a robot."),
    "choice": _("This is not one of the choices."),
    "too_long": _("At most {length} characters.", length=LONGEST),
}


def save(
    work: Work,
    kind: str,
    name: str,
    options: Mapping[str, str],
    topics: Iterable[str],
    *,
    key: int | None = None,
    active: bool = True,
    strict: bool = False,
) -> int:
    """A new channel, or another form of the one under ``key``; gives back its key.

    An empty secret keeps the one that is there. ``strict``: what is no option or no topic is a fault, as programs want
    it; a form sends more than it is asked for. Raises ``Unknown``, ``Conflict`` for a name that is taken and
    ``Invalid`` naming every fault. The history says what was changed, and of secrets only that they were.
    """
    work.demand(ADMINISTER)
    before = None if key is None else find(work, key)
    if before is not None:
        kind = before.kind
    if kind not in KINDS:
        raise Invalid([Fault("kind", WRONG["choice"], "choice")])
    name = sentence(name, "name")
    asked = set(topics)
    wanted = [topic for topic in TOPICS if topic in asked]
    strange = _strange(kind, options, asked) if strict else []
    old = secrets(work, before) if before is not None else {}
    plain, hidden, faults = _read(kind, options, old)
    faults += strange
    if not name:
        faults.insert(0, Fault("name", WRONG["required"], "required"))
    if faults:
        raise Invalid(faults)
    _free(work, name, key)
    values = {
        "name": name,
        "options": plain,
        "topics": {"topics": wanted},
        "active": active,
        "secret": vault(work).lock(_packed(hidden)) if hidden else "",
    }
    changes = _told(before, values, changed=hidden != old)
    if before is None:
        if len(_all(work)) >= MOST:
            raise Conflict(_("There are {count} channels already.", count=MOST), code="channel.many")
        new = {**values, "company_id": work.company.id, "kind": kind, "created_at": work.now}
        key = int(work.connection.execute(insert(_CHANNEL).returning(_CHANNEL.c.id), new).scalar_one())
    else:
        work.connection.execute(
            update(_CHANNEL)
            .where(_CHANNEL.c.company_id == work.company.id, _CHANNEL.c.id == key)
            .values(**values, version=_CHANNEL.c.version + 1)
        )
    if changes:
        record(work, "channel", changes, quiet=True)
    return int(key or 0)


def _strange(kind: str, options: Mapping[str, str], topics: set[str]) -> list[Fault]:
    known = {option.key for option in KINDS[kind].options}
    faults = [Fault(f"options/{key}", MESSAGES["unknown"], "unknown") for key in sorted(options.keys() - known)]
    return faults + [Fault("topics", WRONG["choice"], "choice") for _topic in sorted(topics - TOPICS.keys())[:1]]


def vault(work: Work) -> Vault:
    """What locks the secrets of channels, with a key of their own derived from the installation's."""
    return Vault(work.secret, VAULT)


def secrets(work: Work, channel: Any) -> dict[str, str]:
    """What is secret of a channel, opened; empty when it was locked with another key."""
    opened = vault(work).open(channel.secret) if channel.secret else None
    if not opened:
        return {}
    pairs = (line.partition("=") for line in opened.split("\n"))
    return {name: value for name, _sign, value in pairs}


def _packed(hidden: Mapping[str, str]) -> str:
    return "\n".join(f"{name}={value}" for name, value in sorted(hidden.items()))


def _read(
    kind: str, options: Mapping[str, str], old: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], list[Fault]]:
    """What is open, what is secret, and what is wrong of what somebody gave."""
    plain: dict[str, str] = {}
    hidden: dict[str, str] = {}
    faults: list[Fault] = []
    for option in KINDS[kind].options:
        value = " ".join(str(options.get(option.key, "")).split())
        if option.secret and not value:
            value = old.get(option.key, "")
        if len(value) > LONGEST:
            faults.append(Fault(option.key, WRONG["too_long"], "too_long"))
        elif option.choices and value not in dict(option.choices):
            faults.append(Fault(option.key, WRONG["choice"], "choice"))
        elif option.required and not value:
            faults.append(Fault(option.key, WRONG["required"], "required"))
        elif value:
            (hidden if option.secret else plain)[option.key] = value
    marked = {fault.path for fault in faults}
    found = check(kind, {**plain, **hidden})
    faults += [Fault(path, WRONG[code], code) for path, code in found if path not in marked]
    return plain, hidden, faults


def _told(before: Any, values: Mapping[str, Any], *, changed: bool) -> dict[str, Any]:
    """What is kept of a change: values that are open, and whether a secret was set anew."""
    found = {
        name: [getattr(before, name, None), values[name]]
        for name in ("name", "options", "topics", "active")
        if before is None or getattr(before, name) != values[name]
    }
    return found | ({"secret": [None, "***"]} if changed else {})


def _free(work: Work, name: str, key: int | None) -> None:
    if any(row.name == name and row.id != key for row in _all(work)):
        raise Invalid([Fault("name", _("This already exists."), "duplicate")])


def _all(work: Work) -> list[Any]:
    mine = select(_CHANNEL).where(_CHANNEL.c.company_id == work.company.id)
    return list(work.connection.execute(mine.order_by(_CHANNEL.c.id)))


def channels_of(work: Work) -> list[Any]:
    """All channels of the company, for its administrator."""
    work.demand(ADMINISTER)
    return _all(work)


def find(work: Work, key: int) -> Any:
    """One channel, for the administrator; raises ``Unknown``."""
    work.demand(ADMINISTER)
    row = next((one for one in _all(work) if one.id == key), None) if 0 < key <= LARGEST_ID else None
    if row is None:
        raise Unknown()
    return row


def test(work: Work, key: int) -> None:
    """Send the administrator a message by this channel alone, through the outbox as any other."""
    send_test(work, key, work.actor_id)


def send_test(work: Work, key: int, receiver: int | None) -> None:
    """As ``test``, to somebody of the company; raises ``Invalid`` for anybody else."""
    channel = find(work, key)
    if not channel.active:
        raise Conflict(_("This channel is switched off."), code="channel.off")
    if not candidates.here(work, receiver):
        raise Invalid([Fault("to", _("Nobody of this company."), "reference")])
    text = _("A test of “{channel}”, asked for by {person}.", channel=channel.name, person=Somebody(receiver))
    message = {
        "company_id": work.company.id,
        "account_id": receiver,
        "topic": TEST,
        "text": text.message,
        "details": plain_values(text),
        "key": f"test:{key}:{work.request_id}",
        "created_at": work.now,
    }
    made = int(work.connection.execute(insert(_MESSAGE).returning(_MESSAGE.c.id), message).scalar_one())
    row = {"company_id": work.company.id, "message_id": made, "channel_id": key, "created_at": work.now}
    leave(work, [row], {})


# What a person wants --------------------------------------------------------------------------------------------------


def choice(work: Work) -> Any | None:
    """What the actor has chosen."""
    mine = (_CHOICE.c.company_id == work.company.id, _CHOICE.c.account_id == work.actor_id)
    return work.connection.execute(select(_CHOICE).where(*mine)).one_or_none()


def choose(work: Work, silent: Iterable[int], quiet_from: str = "", quiet_until: str = "") -> None:
    """From which channels the actor wants nothing, and between which times nothing leaves the program for him.

    Raises ``Invalid`` for a time that is none, or for one without the other.
    """
    faults = [
        Fault(path, _("A time is written like 21:30."), "invalid")
        for path, value in (("quiet_from", quiet_from), ("quiet_until", quiet_until))
        if value and not _is_time(value)
    ]
    if bool(quiet_from) != bool(quiet_until):
        path = "quiet_until" if quiet_from else "quiet_from"
        faults.append(Fault(path, WRONG["required"], "required"))
    if faults:
        raise Invalid(faults)
    known = {row.id for row in _all(work)}
    values = {
        "silent": {"channels": sorted(known & set(silent))},
        "quiet_from": quiet_from,
        "quiet_until": quiet_until,
    }
    mine = (_CHOICE.c.company_id == work.company.id, _CHOICE.c.account_id == work.actor_id)
    if not work.connection.execute(update(_CHOICE).where(*mine).values(values)).rowcount:
        new = {**values, "company_id": work.company.id, "account_id": work.actor_id}
        work.connection.execute(insert(_CHOICE), new)


def _is_time(text: str) -> bool:
    try:
        return len(text) == len("21:30") and time.fromisoformat(text).isoformat("minutes") == text
    except ValueError:
        return False
