"""What service makes people do: the next step of every request, by those whose trade it is (AFS-01)."""

from __future__ import annotations

from core.documents import Document
from core.duties.kinds import DutyKind
from core.text import Text, _
from plugins.aftersales.documents import Case, Return

NEXT: tuple[tuple[type[Document], str, str, Text, Text], ...] = (
    (
        Case,
        "requested",
        "confirm",
        _("Service requests to confirm"),
        _("Confirm the service request of {party}: {what}"),
    ),
    (Case, "confirmed", "file", _("Service requests to file"), _("File the service request of {party}: {what}")),
    (
        Case,
        "filed",
        "decide",
        _("Service requests to decide on"),
        _("Decide on the service request of {party}: {what}"),
    ),
    (Case, "handled", "report", _("Results to report"), _("Report the result of {number} for {party}: {what}")),
    (
        Case,
        "reported",
        "inform",
        _("Results to tell"),
        _("Tell the representative the result of {number} for {party}: {what}"),
    ),
    (Return, "requested", "confirm", _("Returns to confirm"), _("Confirm the return of {party}: {what}")),
    (
        Return,
        "confirmed",
        "examine",
        _("Returned goods to examine"),
        _("Examine what {party} wants to give back: {what}"),
    ),
    (Return, "examined", "approve", _("Returns to approve"), _("Approve the return of {party}: {what}")),
)

DUTIES = tuple(
    DutyKind(
        key=f"aftersales.{'case' if cls is Case else 'return'}.{move}",
        of=cls,
        label=label,
        title=title,
        states=(state,),
        since=("deadline", "date"),
        what=lambda c: c.subject,
        right=move,
        own=False,
    )
    for cls, state, move, label, title in NEXT
)
