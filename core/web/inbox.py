"""The boxes of consents: waiting for me, decided by me, asked by me, sent to me; several are agreed to at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.approvals import reading as consents
from core.approvals.engine import CHECK, CONSENT
from core.errors import DomainError, Unknown
from core.operations import comment, decide
from core.text import Text, _
from core.web import addresses, shell
from core.web.approving import until
from core.web.current import reading, run, work
from core.web.document_lines import amount
from core.web.screens import Page, Screen, say
from core.web.showing import Tag, moment
from core.work import Work

SIZE, MOST_AT_ONCE, EXCERPT = 50, 100, 140
REQUESTS = {
    "pending": (_("In approval"), "orange"),
    "approved": (_("Agreed"), "green"),
    "rejected": (_("Rejected"), "red"),
    "withdrawn": (_("Withdrawn"), "grey"),
    "void": (_("Void"), "grey"),
}
DECISIONS = {
    "approved": (_("Agreed"), "green"),
    "rejected": (_("Rejected"), "red"),
    "returned": (_("Sent back"), "orange"),
    "skipped": (_("Agreed"), "green"),
}


COPIES = {"open": (_("Not read yet"), "orange"), "approved": (_("Has been read"), "grey")}


class Inbox(Screen):
    """The boxes of consents."""

    label, icon, group = _("Approvals"), "rubber-stamp", ""

    @expose("/")
    @expose("/<box>")
    def index(self, box: str = "waiting") -> Page:
        """One box, page by page."""
        if box not in BOXES:
            raise Unknown()
        opened = work()
        text = request.args.get("before", "")
        before = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
        rows = BOXES[box][1](opened, before)
        more = len(rows) > SIZE
        return self.page(
            "inbox.html",
            inbox={
                "title": str(self.label),
                "boxes": [{**one, "active": one["key"] == box} for one in boxes(opened)],
                "rows": rows[:SIZE],
                "next_url": url_for(".index", box=box, before=rows[SIZE - 1]["id"]) if more else "",
                "away_url": url_for("stand_ins.index"),
                "agree_url": url_for(".agree") if box == "waiting" and rows else "",
                "read_url": url_for(".read") if box == "mentions" and rows else "",
            },
        )

    @expose("/agree", methods=("POST",))
    def agree(self) -> ResponseReturnValue:
        """Agree to those that were chosen, each for itself; tell how many, and why the others not."""
        chosen = [int(one) for one in request.form.getlist("id") if one.isascii() and one.isdigit() and len(one) < 19]
        opinion, agreed, refused = request.form.get("opinion", ""), 0, list[str]()
        with reading() as opened:
            known = {row.id: _shown(opened, row)["title"] for row in consents.my_tasks(opened, most=500)}
        for task in list(dict.fromkeys(chosen))[:MOST_AT_ONCE]:
            try:
                run(lambda opened, key=task: decide.agree(opened, key, opinion=opinion))  # type: ignore[misc]
                agreed += 1
            except DomainError as error:
                refused.append(f"{known.get(task, task)}: {error}")
        shell.forget_bell(g.company_id, g.visitor.account_id)
        if not chosen:
            say(_("Nothing was chosen."), "warn")
        if agreed:
            say(_("{count} agreed to.", count=agreed))
        for reason in refused:
            say(reason, "bad")
        return redirect(url_for(".index"), 303)

    @expose("/read", methods=("POST",))
    def read(self) -> ResponseReturnValue:
        """Note that the chosen comments were read."""
        chosen = [int(one) for one in request.form.getlist("id") if one.isascii() and one.isdigit() and len(one) < 19]
        count = run(lambda opened: comment.read(opened, chosen[:SIZE]))
        shell.forget_bell(g.company_id, g.visitor.account_id)
        say(_("{count} read.", count=count) if chosen else _("Nothing was chosen."), "good" if chosen else "warn")
        return redirect(url_for(".index", box="mentions"), 303)


def boxes(opened: Work) -> list[dict[str, Any]]:
    """The boxes with their counts of what still needs somebody: to be decided, decided by others, or read."""
    me = opened.actor_id or 0
    open_now = [task.purpose for task in consents.my_tasks(opened)]
    counts = {
        "waiting": open_now.count(CONSENT),
        "checks": open_now.count(CHECK),
        "mine": consents.count_asked(opened, me),
        "copies": consents.count_unread(opened, me),
        "mentions": comment.count_unread(opened),
    }
    return [
        {
            "label": str(label),
            "key": key,
            "count": counts.get(key, ""),
            "url": url_for("inbox.index", box=key),
        }
        for key, (label, _rows) in BOXES.items()
    ]


def _waiting(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """Consents that the person may give, the oldest first."""
    return _open(opened, before, CONSENT)


def _checks(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """What the person may double-check, the oldest first; each leads to what is to be compared."""
    return [
        {**one, "url": url_for(f"{addresses.endpoint(one['kind'])}.comparison_view", key=one["key"]), "note": ""}
        for one in _open(opened, before, CHECK)
    ]


def _open(opened: Work, before: int | None, purpose: str) -> list[dict[str, Any]]:
    found = [
        {
            **_shown(opened, row),
            **{"id": row.id, "kind": row.kind, "key": row.document_id},
            **{"note": row.name, "at": _due(opened, row), "tag": _late(opened, row)},
        }
        for row in consents.my_tasks(opened, most=500)
        if row.purpose == purpose
    ]
    place = next((n + 1 for n, one in enumerate(found) if one["id"] == before), 0)
    return found[place : place + SIZE + 1]


def _due(opened: Work, row: Any) -> str:
    return until(opened, row) or moment(opened, row.opened_at)


def _late(opened: Work, row: Any) -> Tag | None:
    """That the last day for a consent is over."""
    return Tag(str(_("Overdue")), "red") if row.due_at and opened.day_of(row.due_at) < opened.today else None


def _done(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """Consents that the person has given or refused, the latest first."""
    rows = consents.decided_by(opened, opened.actor_id or 0, before=before, most=SIZE + 1)
    return [
        {
            **_shown(opened, row),
            "id": row.id,
            "note": row.opinion,
            "at": moment(opened, row.acted_at),
            "tag": _tag(DECISIONS, row.state),
        }
        for row in rows
    ]


def _mine(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """What the person has asked for, the latest first, with what became of it."""
    rows = consents.asked_by(opened, opened.actor_id or 0, before=before, most=SIZE + 1)
    return [
        {
            **_shown(opened, row),
            "id": row.id,
            "note": "",
            "at": moment(opened, row.requested_at),
            "tag": _tag(REQUESTS, row.state),
        }
        for row in rows
    ]


def _copies(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """What was sent to the person for reading, the latest first."""
    rows = consents.sent_to(opened, opened.actor_id or 0, before=before, most=SIZE + 1)
    return [
        {
            **_shown(opened, row),
            "id": row.id,
            "note": "",
            "at": moment(opened, row.opened_at),
            "tag": _tag(COPIES, row.state),
        }
        for row in rows
    ]


def _mentions(opened: Work, before: int | None) -> list[dict[str, Any]]:
    """Comments that call the person, the latest first."""
    rows = comment.mentions(opened, before=before, most=SIZE + 1)
    wanted: dict[str, set[int]] = {}
    for row in rows:
        wanted.setdefault(row.kind, set()).add(row.record_id)
    names = {(k, key): t for k, ids in wanted.items() for key, t in addresses.names_in_reach(opened, k, ids).items()}
    # Who may no longer read the record does not read what is said about it either.
    return [_mention(opened, row, names.get((row.kind, row.record_id), "")) for row in rows]


def _mention(opened: Work, row: Any, title: str) -> dict[str, Any]:
    text = row.text if len(row.text) <= EXCERPT else f"{row.text[:EXCERPT]}…"
    return {
        "id": row.id,
        "title": f"{opened.types.type(row.kind).label} {title or row.record_id}",
        "subtitle": f"{opened.person(row.created_by)}: {text}" if title else "",
        "note": "",
        "amount": "",
        "at": moment(opened, row.created_at),
        "url": f"{addresses.record(row.kind, row.record_id)}#history" if title else "",
        "tag": _tag(COPIES, "approved" if row.read_at else "open"),
    }


def _tag(known: dict[str, tuple[Text, str]], state: str) -> Tag:
    label, tone = known.get(state, (Text(state), "grey"))
    return Tag(str(label), tone)


def _shown(opened: Work, row: Any) -> dict[str, Any]:
    cls = opened.types.documents[row.kind]
    number = row.number or str(_("Draft {id}", id=row.document_id))
    return {
        "title": f"{cls.label} {number}",
        "subtitle": " · ".join(text for text in (row.party_name, row.subject) if text),
        "amount": amount(opened, cls, row.gross, row.currency),
        "url": addresses.record(row.kind, row.document_id),
    }


Rows = Callable[[Work, int | None], Sequence[dict[str, Any]]]
BOXES: dict[str, tuple[Text, Rows]] = {
    "waiting": (_("Waiting for me"), _waiting),
    "checks": (_("To double-check"), _checks),
    "done": (_("Decided by me"), _done),
    "mine": (_("Asked by me"), _mine),
    "copies": (_("Sent to me"), _copies),
    "mentions": (_("Calling me"), _mentions),
}
