"""The panel of consents on a document's page: who agreed, who is asked, and what the reader may do about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import url_for

from core.approvals import candidates, going, reading, writers
from core.approvals.engine import CHECK, COPY, shown_check
from core.documents.models import Document
from core.documents.reading import load
from core.documents.truths import Approval
from core.errors import Fault, Invalid, Unknown
from core.operations import decide, turning
from core.text import Text, _
from core.web.showing import Tag, moment
from core.work import Work

TASKS = {
    "waiting": (_("Later"), "grey"),
    "open": (_("Waiting"), "orange"),
    "approved": (_("Agreed"), "green"),
    "rejected": (_("Rejected"), "red"),
    "cancelled": (_("Cancelled"), "grey"),
    "skipped": (_("Skipped"), "grey"),
    "returned": (_("Returned"), "orange"),
}
MARKS = {"approved": "done", "open": "now", "rejected": "no"}
CALLED = {"before": _("Called in before"), "after": _("Called in after"), "advice": _("Asked for advice")}
WAYS = (
    (turning.BEFORE, _("Before me")),
    (turning.AFTER, _("After me: I agree now")),
    (turning.ADVICE, _("For advice")),
)
RESUMES = ((turning.OVER, _("Through every step again")), (turning.STRAIGHT, _("Straight back to me")))
MOST_NAMES = 6


def approval(work: Work, document: Document, url: Callable[..., str]) -> dict[str, Any] | None:
    """Who has agreed, who will; what whoever's turn it is may do. None when nobody was ever asked."""
    asked_for = document.submitted_by is not None or document.approval != Approval.NONE
    rounds = reading.rounds(work, document.id) if asked_for else []
    if not rounds:
        return None
    request, tasks = rounds[0]
    transition = next((t for t in type(document).workflow.transitions if t.name == request.transition), None)
    asked = _(
        "{name} asked for “{move}” on {at}.",
        name=work.person(request.requested_by) or str(_("The program")),
        move=transition.label if transition else request.transition,
        at=moment(work, request.requested_at),
    )
    panel: dict[str, Any] = {
        "key": "approval",
        "label": str(_("Approval")),
        "icon": "rubber-stamp",
        "kind": "approval",
        "intro": str(asked),
        "steps": _steps(work, tasks),
        "acts": [],
        "further": [],
        "act_url": "",
        "version": document.version,
    }
    if request.state == "pending":
        panel |= _offers(work, document, request, tasks, url)
    if any(t.purpose == CHECK for t in tasks):
        panel["compare_url"] = url("comparison_view")
    unread = next(
        (t for t in tasks if t.mode == COPY and t.state == going.OPEN and t.assignee_id == work.actor_id), None
    )
    if unread is not None:
        panel["acts"] = [*panel["acts"], {"name": "read", "label": str(_("I have read it")), "icon": "eye"}]
        panel["act_url"] = panel["act_url"] or url("decide_view", task=unread.id)
    return panel


def _steps(work: Work, tasks: list[Any]) -> list[dict[str, Any]]:
    """The steps in order, each with the people of its seats; ``beside`` one that is taken with the step before."""
    found: list[dict[str, Any]] = []
    last: tuple[int, int] | None = None
    for task in tasks:
        people = _people(work, task)
        if last == (task.position, task.step):
            found[-1]["people"] += people
            found[-1]["status"] = _mark(found[-1]["status"], MARKS.get(task.state, "later"))
        else:
            role = candidates.role_name(work, task.role_id) if task.purpose != CHECK else str(_("Double check"))
            said = [task.name.removeprefix(role).lstrip(" –")] if role and task.purpose != CHECK else []
            mode = _mode(task, tasks)
            found.append(
                {
                    "label": role or task.name,
                    "mode": " · ".join(text for text in [*said, str(mode or "")] if text),
                    "people": people,
                    "status": MARKS.get(task.state, "later"),
                    "beside": last is not None and last[0] == task.position,
                }
            )
        last = (task.position, task.step)
    return found


def _mode(task: Any, tasks: list[Any]) -> Text | None:
    """How many of several must agree."""
    seats = sum(t.position == task.position and t.step == task.step and not t.called for t in tasks)
    if task.purpose == CHECK:
        return shown_check(seats)
    if task.mode == COPY:
        return _("only for reading")
    if task.mode == "some":
        return _("{needed} of {count} agree", needed=task.needed, count=seats)
    return _("All {count} agree", count=seats) if task.mode == "all" and seats > 1 else None


def _mark(one: str, other: str) -> str:
    """The mark of a step from those of its seats: refused, still open, later, or done."""
    return next((mark for mark in ("no", "now", "later") if mark in (one, other)), "done")


def _people(work: Work, task: Any) -> list[dict[str, Any]]:
    label, tone = TASKS.get(task.state, (task.state, "grey"))
    if task.acted_by:
        names = [work.person(task.acted_by)]
        if task.on_behalf_of:
            names = [str(_("{name} for {principal}", name=names[0], principal=work.person(task.on_behalf_of)))]
    elif task.acted_at:
        names = [str(_("The program"))]
    elif task.purpose == CHECK and not task.assignee_id:
        names = [candidates.role_name(work, task.role_id) or str(_("Whoever may read it"))]
    else:
        names = candidates.named(work, candidates.able(work, task))
    return [
        {
            "name": name,
            "status": Tag(str(label), tone),
            "note": str(CALLED.get(task.called, "")),
            "at": moment(work, task.acted_at) or until(work, task),
            "opinion": task.opinion,
        }
        for name in names[:MOST_NAMES]
    ]


def until(work: Work, task: Any) -> str:
    """Until which day somebody has to decide; nothing without a limit."""
    return str(_("until {day}", day=work.day_of(task.due_at))) if task.due_at else ""


# What the reader may do -----------------------------------------------------------------------------------------------


def _offers(work: Work, document: Document, request: Any, tasks: list[Any], url: Callable[..., str]) -> dict[str, Any]:
    """The buttons and forms for whoever's turn it is, and for who asked."""
    turn = _own(work, document, request, tasks)
    task = turn or next((t for t in tasks if t.state == going.OPEN and t.mode != COPY), None)
    if task is None:
        return {}
    acts, further = [], []
    if turn is not None and turn.purpose == CHECK:
        acts = [
            {"name": "agree", "label": str(_("Confirm")), "tone": "primary", "icon": "checks"},
            {"name": "reject", "label": str(_("Send it back")), "tone": "danger", "icon": "arrow-back-up"},
        ]
        further = [_hand_over()]
    elif turn is not None:
        acts = [
            {"name": "agree", "label": str(_("Agree")), "tone": "primary", "icon": "check"},
            {"name": "reject", "label": str(_("Reject")), "tone": "danger", "icon": "x"},
        ]
        further = [_call_in(), _hand_over(), _send_back(turn, tasks)]
    if work.actor_id in {request.requested_by, document.created_by, document.owner_id}:
        acts += [
            {"name": "withdraw", "label": str(_("Withdraw")), "tone": "secondary", "icon": "arrow-back-up"},
            {"name": "remind", "label": str(_("Remind")), "tone": "secondary", "icon": "bell"},
        ]
    further += [_call_off(work, t, url) for t in tasks if _is_callers(work, t, tasks)]
    return {"acts": acts, "further": further, "act_url": url("decide_view", task=task.id)}


def _own(work: Work, document: Document, request: Any, tasks: list[Any]) -> Any | None:
    """The open consent that the reader may give."""
    for task in (t for t in tasks if t.state == going.OPEN and t.mode != COPY):
        taken = going.taken(document, request, [t for t in tasks if t is not task])
        if task.purpose == CHECK:
            taken |= writers.wrote(work, document)
        if candidates.seat(work, task, taken, request.kind)[0]:
            return task
    return None


def _is_callers(work: Work, task: Any, tasks: list[Any]) -> bool:
    """Whether the reader has called somebody in who has not decided yet."""
    parent = next((t for t in tasks if t.id == task.parent_id), None)
    if parent is None or task.state != going.OPEN:
        return False
    return work.actor_id in candidates.able(work, parent) | {parent.acted_by}


def _person() -> dict[str, Any]:
    lookup = url_for("lookup.index", kind="core.account")
    return {"label": str(_("Person")), "kind": "reference", "lookup_url": lookup, "required": True, "value": None}


def _chosen(name: str, label: Text, choices: Any) -> dict[str, Any]:
    shown = [(key, str(text)) for key, text in choices]
    return {
        "name": name,
        "label": str(label),
        "kind": "choice",
        "choices": shown,
        "value": shown[0][0],
        "required": True,
    }


def _call_in() -> dict[str, Any]:
    return {
        "name": "call_in",
        "label": str(_("Ask somebody else as well")),
        "icon": "user-plus",
        "fields": [_person() | {"name": "called_id"}, _chosen("way", _("When"), WAYS)],
        "opinion": str(_("What you say to it")),
    }


def _hand_over() -> dict[str, Any]:
    return {
        "name": "hand_over",
        "label": str(_("Hand it over for good")),
        "icon": "transfer",
        "fields": [_person() | {"name": "heir_id"}],
        "opinion": str(_("Why")),
    }


def _send_back(turn: Any, tasks: list[Any]) -> dict[str, Any]:
    earlier = {t.position: t.name for t in tasks if t.position < turn.position and not t.called}
    return {
        "name": "send_back",
        "label": str(_("Send it back")),
        "icon": "arrow-back-up",
        "fields": [
            _chosen("to", _("To"), [("0", _("Who asked for it")), *((str(p), name) for p, name in earlier.items())]),
            _chosen("resume", _("Then"), RESUMES),
        ],
        "opinion": str(_("Why")),
        "needed": True,
    }


def _call_off(work: Work, task: Any, url: Callable[..., str]) -> dict[str, Any]:
    return {
        "name": "call_off",
        "label": str(_("Call {name} off", name=work.person(task.assignee_id))),
        "icon": "circle-x",
        "url": url("decide_view", task=task.id),
        "fields": [],
        "opinion": "",
    }


# What was posted ------------------------------------------------------------------------------------------------------


def act(work: Work, cls: type[Document], key: int, task: int, form: Mapping[str, str]) -> Document:
    """Carry out what the panel was asked for; raises ``Unknown`` for nothing of the kind, else as the operation."""
    wish, opinion = form.get("act", ""), form.get("opinion", "")
    match wish:
        case "withdraw":
            return decide.withdraw(work, cls, key, reason=opinion)
        case "remind":
            return turning.remind(work, cls, key)
        case "read":
            document = load(work, cls, key, lines=False)
            decide.read(work, key)
            return document
    if wish not in _ACTS:
        raise Unknown()
    return _ACTS[wish](work, task, form, opinion)


def _sent_back(work: Work, task: int, form: Mapping[str, str], opinion: str) -> Document:
    to = form.get("to", "0")
    position = int(to) if to.isascii() and to.isdigit() and len(to) < 9 else -1
    return turning.send_back(work, task, opinion=opinion, to=position, resume=form.get("resume", ""))


_ACTS: Mapping[str, Callable[[Work, int, Mapping[str, str], str], Document]] = {
    "agree": lambda work, task, _form, opinion: decide.agree(work, task, opinion=opinion),
    "reject": lambda work, task, _form, opinion: decide.reject(work, task, opinion=opinion),
    "call_in": lambda work, task, form, opinion: turning.call_in(
        work, task, [_id(form, "called_id")], form.get("way", ""), opinion=opinion
    ),
    "call_off": lambda work, task, _form, _opinion: turning.call_off(work, task),
    "hand_over": lambda work, task, form, opinion: turning.hand_over(work, task, _id(form, "heir_id"), reason=opinion),
    "send_back": _sent_back,
}


def _id(form: Mapping[str, str], name: str) -> int:
    text = form.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Invalid([Fault(name, _("This is needed."), "required")])
    return int(text)
