"""Tell people: a message in the program, and through every channel that the company has and the person wants.

All of it commits with what it is about; what leaves the program is a job of the outbox, one for each message and
channel. Set-based: four statements for any number of people.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from core.db.engine import is_sqlite
from core.entities.account import Account
from core.hooks.values import Ref
from core.messages.models import Channel, Message, MessageChoice, Sending
from core.text import Text, _, in_language
from core.work import Work

_MESSAGE: Any = Message.__table__
_CHANNEL: Any = Channel.__table__
_SENDING: Any = Sending.__table__
_CHOICE: Any = MessageChoice.__table__
_ACCOUNT: Any = Account.__table__
SEND = "core.send"
MORNING, ALARM, REMINDER, TASK, CONSENT, TEST = "morning", "alarm", "reminder", "task", "consent", "test"
NOTICE = "notice"
TOPICS: Mapping[str, Text] = {
    MORNING: _("What is due today"),
    ALARM: _("Late duties of one's people"),
    REMINDER: _("Somebody reminds me"),
    TASK: _("I am given a task"),
    CONSENT: _("My consent is asked for"),
    NOTICE: _("Announcements that concern me"),
}
LONGEST_VALUE = 200


@dataclass(frozen=True, slots=True)
class Somebody:
    """A person in a message, called by the name that its reader reads."""

    account_id: int | None


@dataclass(frozen=True, slots=True)
class Called:
    """What a record is called in both languages; its reader reads it in his own."""

    name: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody is to be told; a second note with the same ``key`` is not sent."""

    account_id: int
    topic: str
    text: Text
    key: str
    record: Ref | None = None


def tell(work: Work, notes: Sequence[Note]) -> int:
    """Tell each note once; gives back how many were new. People who do not work here are not told."""
    here = [note for note in notes if _works(work, note.account_id)]
    if not here:
        return 0
    made = _write(work, here)
    if made:
        _send(work, made)
    return len(made)


def _works(work: Work, account: int) -> bool:
    person = work.company.people.get(account)
    return person is not None and person.works(work.today)


def _write(work: Work, notes: Sequence[Note]) -> list[Any]:
    rows = [
        {
            "company_id": work.company.id,
            "account_id": note.account_id,
            "topic": note.topic,
            "text": note.text.message,
            "details": plain_values(note.text),
            "record_kind": note.record.kind if note.record else "",
            "record_id": note.record.id if note.record else 0,
            "key": note.key,
            "created_at": work.now,
        }
        for note in notes
    ]
    new = (sqlite if is_sqlite(work.connection) else postgresql).insert(Message)
    statement = new.on_conflict_do_nothing(index_elements=["company_id", "key"])
    return list(
        work.connection.execute(statement.returning(_MESSAGE.c.id, _MESSAGE.c.account_id, _MESSAGE.c.topic), rows)
    )


def plain_values(text: Text) -> dict[str, Any]:
    """The values of a text as they are kept."""
    return {name: _plain(value) for name, value in text.values}


def _plain(value: Any) -> Any:
    """A value that is kept as JSON and still read in any language: a text stays one."""
    if isinstance(value, Somebody):
        return {"person": value.account_id}
    if isinstance(value, Called):
        return {"zh": value.name[:LONGEST_VALUE], "en": value.name_en[:LONGEST_VALUE]}
    if isinstance(value, Text):
        return {"text": value.message, "values": plain_values(value)}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value if isinstance(value, int) else str(value)[:LONGEST_VALUE]


def told(work: Work, text: str, values: Mapping[str, Any]) -> Text:
    """A kept message as a text, to be read in the reader's language."""
    return Text(text, tuple((name, _back(work, value)) for name, value in values.items()))


def _back(work: Work, value: Any) -> Any:
    if isinstance(value, dict):
        if "person" in value:
            return work.person(value["person"])
        if "zh" in value:
            return in_language(value["zh"], value["en"])
        return told(work, str(value.get("text", "")), value.get("values", {}))
    return [_back(work, one) for one in value] if isinstance(value, list) else value


def address(work: Work, kind: str, key: int) -> str:
    """Where somebody outside of the program opens what a message is about; empty where nobody said how it is reached.

    It says kind and id alone, which never change: the program itself leads on to the page of that time.
    """
    return f"{work.address}/c/{work.company.code}/messages/to/{kind}/{key}" if work.address and kind else ""


# Out of the program ---------------------------------------------------------------------------------------------------


def channels(work: Work) -> list[Any]:
    """The channels that the company uses now."""
    mine = (_CHANNEL.c.company_id == work.company.id, _CHANNEL.c.active)
    return list(work.connection.execute(select(_CHANNEL).where(*mine).order_by(_CHANNEL.c.id)))


def _send(work: Work, messages: Sequence[Any]) -> None:
    """Leave one job for each message and channel that carries its topic and that the person wants."""
    carrying = channels(work)
    if not carrying:
        return
    people = {row.account_id for row in messages}
    wishes = _wishes(work, people)
    rows = [
        {"company_id": work.company.id, "message_id": row.id, "channel_id": channel.id, "created_at": work.now}
        for row in messages
        for channel in carrying
        if row.topic in channel.topics.get("topics", ()) and wishes[row.account_id].takes(channel)
    ]
    whose = {row.id: row.account_id for row in messages}
    leave(work, rows, {key: wishes[account].from_when(work) for key, account in whose.items()})


def leave(work: Work, rows: Sequence[Mapping[str, Any]], when: Mapping[int, datetime]) -> None:
    """Write sendings, and a job for each of them."""
    if not rows:
        return
    returned = insert(_SENDING).returning(_SENDING.c.id, _SENDING.c.message_id)
    for row in work.connection.execute(returned, list(rows)):
        work.enqueue(SEND, key=f"send@{row.id}", run_at=when.get(row.message_id), sending=row.id)


@dataclass(frozen=True, slots=True)
class _Wish:
    """How somebody wants to be reached."""

    address: str
    silent: frozenset[int]
    quiet_from: str
    quiet_until: str

    def takes(self, channel: Any) -> bool:
        """Whether the person wants this channel, and can be reached by it."""
        return channel.id not in self.silent and (channel.kind != "mail" or bool(self.address))

    def from_when(self, work: Work) -> datetime:
        """From when on the person wants to be told: now, or when the quiet hours are over."""
        if not (self.quiet_from and self.quiet_until) or self.quiet_from == self.quiet_until:
            return work.now
        zone = ZoneInfo(work.company.zone)
        now = work.now.astimezone(zone)
        begin, end, at = time.fromisoformat(self.quiet_from), time.fromisoformat(self.quiet_until), now.time()
        over_night = begin > end
        quiet = at >= begin or at < end if over_night else begin <= at < end
        if not quiet:
            return work.now
        day = now.date() + timedelta(days=1) if over_night and at >= begin else now.date()
        return datetime.combine(day, end, zone).astimezone(work.now.tzinfo)


def _wishes(work: Work, people: set[int]) -> dict[int, _Wish]:
    rows = work.connection.execute(
        select(_ACCOUNT.c.id, _ACCOUNT.c.email, _CHOICE.c.silent, _CHOICE.c.quiet_from, _CHOICE.c.quiet_until)
        .outerjoin(_CHOICE, (_CHOICE.c.account_id == _ACCOUNT.c.id) & (_CHOICE.c.company_id == work.company.id))
        .where(_ACCOUNT.c.id.in_(sorted(people)))
    )
    return {
        row.id: _Wish(
            row.email,
            frozenset((row.silent or {}).get("channels", ())),
            row.quiet_from or "",
            row.quiet_until or "",
        )
        for row in rows
    }


def sent(work: Work, key: int, answer: str) -> None:
    """Note that a channel has taken a message, and what it said."""
    work.connection.execute(
        update(_SENDING)
        .where(_SENDING.c.company_id == work.company.id, _SENDING.c.id == key, _SENDING.c.sent_at.is_(None))
        .values(sent_at=work.now, answer=answer[:400])
    )


def mark_read(work: Work) -> int:
    """The actor has read everything that he was told; gives back how much of it was new."""
    unread = (
        _MESSAGE.c.company_id == work.company.id,
        _MESSAGE.c.account_id == work.actor_id,
        _MESSAGE.c.read_at.is_(None),
    )
    return int(work.connection.execute(update(_MESSAGE).where(*unread).values(read_at=work.now)).rowcount)
