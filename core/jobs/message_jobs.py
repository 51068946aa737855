"""The jobs of duties and messages: the round over all duties, telling who was asked, and carrying messages out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from core.approvals import candidates
from core.channels import Carried, Refused, carry
from core.entities.account import Account
from core.jobs.job import Hopeless, job
from core.messages.models import Channel, Message, Sending
from core.operations import announcing, channels, telling
from core.operations.duties import daily
from core.text import Text, _, chosen, in_language, speaking
from core.work import Work

DUTIES, CONSENTS = "core.duties", "core.consents"
ATTEMPTS = 9
_SENDING: Any = Sending.__table__
_MESSAGE: Any = Message.__table__
_CHANNEL: Any = Channel.__table__
_ACCOUNT: Any = Account.__table__


@job(DUTIES, _("Go round the duties"), every=timedelta(minutes=30))
def go_round(work: Work) -> None:
    """File what became late, close what is done, alarm those who lead, and tell everybody his day and what is new."""
    daily.go_round(work)
    announcing.tell_begun(work)


@job(CONSENTS, _("Tell who is asked for consent"), every=timedelta(minutes=5))
def tell_asked(work: Work) -> None:
    """Tell everybody whose consent was asked for since."""
    daily.tell_asked(work)


@job(telling.SEND, _("Send a message"), attempts=ATTEMPTS, outside=True)
def send(work: Work, sending: int) -> Callable[[], Callable[[Work], None]] | None:
    """Carry one message out by one channel, in the language of whoever is told.

    What the other side refuses for good is given up at once; anything else is tried again, later each time.
    """
    row = _read(work, sending)
    if row is None or row.sent_at is not None:
        return None
    with speaking(chosen(work.company.language)):
        if why := _in_vain(work, row):
            raise Hopeless(str(why))
    options = {**row.options, **channels.secrets(work, row)}
    message = _as_carried(work, row)

    def act() -> Callable[[Work], None]:
        try:
            answer = carry(row.kind, options, message)
        except Refused as error:
            raise Hopeless(str(error)) from error
        return lambda after: telling.sent(after, sending, answer)

    return act


def _in_vain(work: Work, row: Any) -> Text | None:
    """Why it is not sent after all, since things have changed while it waited: it can be sent once more by hand."""
    if not row.active:
        return _("This channel is switched off.")
    if not row.signs_in or not candidates.here(work, row.account_id):
        return _("{person} does not work here any more.", person=work.person(row.account_id))
    return None


def _read(work: Work, key: int) -> Any | None:
    return work.connection.execute(
        select(
            _SENDING.c.id,
            _SENDING.c.sent_at,
            _MESSAGE.c.text,
            _MESSAGE.c.details,
            _MESSAGE.c.record_kind,
            _MESSAGE.c.record_id,
            _CHANNEL.c.kind,
            _CHANNEL.c.options,
            _CHANNEL.c.secret,
            _CHANNEL.c.active,
            _ACCOUNT.c.name,
            _ACCOUNT.c.name_en,
            _ACCOUNT.c.email,
            _ACCOUNT.c.language,
            _ACCOUNT.c.id.label("account_id"),
            _ACCOUNT.c.active.label("signs_in"),
        )
        .join(_MESSAGE, (_MESSAGE.c.company_id == _SENDING.c.company_id) & (_MESSAGE.c.id == _SENDING.c.message_id))
        .join(_CHANNEL, (_CHANNEL.c.company_id == _SENDING.c.company_id) & (_CHANNEL.c.id == _SENDING.c.channel_id))
        .join(_ACCOUNT, _ACCOUNT.c.id == _MESSAGE.c.account_id)
        .where(_SENDING.c.company_id == work.company.id, _SENDING.c.id == key)
    ).one_or_none()


def _as_carried(work: Work, row: Any) -> Carried:
    with speaking(chosen(row.language or work.company.language)):
        said = str(telling.told(work, row.text, row.details))
        where, company = telling.address(work, row.record_kind, row.record_id), str(work.company.title)
        foot = _("{company} · sent by Zhanggui; please do not answer.", company=company)
        parts = (said, where, str(foot)) if row.kind == "mail" else (company, where)
        return Carried(
            in_language(row.name, row.name_en),
            row.email,
            said,
            ("\n\n" if row.kind == "mail" else "\n").join(part for part in parts if part),
            f"zhanggui.{work.company.id}.{row.id}",
        )
