"""The desks of a company of the demonstration: day by day people see what lies there, and do what is due.

Each area's `demo` may have a function `workday(desk)`, called for every working day of the last months in the order
of the chain: what one area has released in the morning, the next one finds on its desk.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import select

from core.approvals import candidates, reading
from core.approvals.models import ApprovalRequest, ApprovalTask
from core.documents.kinds import kind_of
from core.documents.models import Document
from core.errors import Conflict, Refused, Unconfirmed
from core.operations import decide, flow, move
from core.work import Work

if TYPE_CHECKING:
    from core.demonstration.companies import Demonstration

T = TypeVar("T")
PATIENCE = 4  # working days
AGREED = ("同意", "同意，按计划执行", "已核对，同意", "可以")


@dataclass(slots=True)
class Desk:
    """One day of a company; `place` is the day's index among the demonstration's working days."""

    demo: Demonstration
    place: int
    since: dict[tuple[int, str], int] = field(default_factory=dict)

    @property
    def today(self) -> datetime.date:
        """The day itself."""
        return self.demo.days[self.place]

    @property
    def left(self) -> int:
        """How many working days the demonstration still has."""
        return len(self.demo.days) - 1 - self.place

    def uses(self, area: str) -> bool:
        """Whether the company uses an area."""
        return area in self.demo.areas

    def chance(self, *what: object) -> Random:
        """A source of chance of its own for each purpose."""
        return self.demo.chance(" ".join(map(str, what)))

    def somebody(self, *roles: str) -> str:
        """The login of who holds the first of these roles that anybody holds."""
        for role in roles:
            if found := self.demo.holders(role):
                return found[-1]
        return "system"

    def another(self, than: str, role: str) -> str:
        """The login of who holds a role beside ``than``; the same person where there is nobody else."""
        return next((login for login in self.demo.holders(role) if login != than), than)

    def login(self, account: int | None) -> str:
        """The login of an account; the program's where nobody is named."""
        return next((login for login, key in self.demo.accounts.items() if key == account), "system")

    def look(self, question: Callable[[Work], T], *, hour: float = 8.0) -> T:
        """What the books say this morning."""
        with self.demo.program.works.read(self.demo.ask("system", self.today, hour)) as work:
            return question(work)

    def do(self, who: str, command: Callable[[Work], T], *, hour: float = 10.0) -> T | None:
        """Let somebody try something today; None when the books refuse it, so that it is tried another day."""
        try:
            return self.demo.run(who, self.today, command, hour=hour)
        except Unconfirmed:
            raise
        except (Conflict, Refused):
            return None

    def go(
        self,
        who: str,
        cls: type[Document],
        key: int,
        name: str,
        asked: Mapping[str, Any] | None = None,
        *,
        reason: str = "",
        hour: float = 10.0,
    ) -> bool:
        """Move a document on, confirming what it warns of; whether it went, or now waits for a consent.

        What was refused is not tried again before PATIENCE days.
        """
        refused = (key, f"refused {name}")
        if self.place - self.since.get(refused, -PATIENCE) < PATIENCE:
            return False

        def command(work: Work, confirmed: Sequence[str] = ()) -> bool:
            move.move(work, cls, key, name, reason=reason, confirmed=confirmed, values=asked)
            return True

        try:
            went = self.do(who, command, hour=hour)
        except Unconfirmed as warned:
            codes = [one.code for one in warned.objections]
            went = self.do(who, lambda work: command(work, codes), hour=hour)
        if not went:
            self.since[refused] = self.place
        return bool(went)

    def ready(self, cls: type[Document], waits: Mapping[str, tuple[int, int]], *more: str) -> Iterator[Any]:
        """The documents that have been long enough in one of these states, and wait for nobody's consent.

        `waits` says, by state, after how many working days at least and at most somebody gets round to it; `more`
        names further columns.
        """
        table: Any = cls
        names = ("id", "state", "party_id", "party_name", "owner_id", "gross", *more)
        statement = (
            select(*(getattr(table, name) for name in names))
            .where(table.state.in_(tuple(waits)), table.approval != "pending", table.date <= self.today)
            .order_by(table.id)
        )
        for row in self.look(lambda work: list(work.session.execute(statement))):
            begun = self.since.setdefault((row.id, row.state), self.place)
            if self.place - begun >= self.chance(kind_of(cls), row.id, row.state).randint(*waits[row.state]):
                yield row

    def waiting(self, cls: type[Document], least: int, most: int) -> Iterator[tuple[int, list[Any]]]:
        """By document, the lines that have waited long enough to be taken into a document of type `cls`."""
        found: dict[int, list[Any]] = {}
        for row in self.look(lambda work: flow.waiting(work, cls, most=2000)):
            if row.released_at.date() <= self.today:
                found.setdefault(row.document_id, []).append(row)
        for key, rows in found.items():
            begun = self.since.setdefault((key, f"open for {kind_of(cls)}"), self.place)
            if self.place - begun >= self.chance("open", kind_of(cls), key).randint(least, most):
                yield key, rows


def consents(desk: Desk, kinds: Sequence[str]) -> None:
    """Who is asked agrees to what was asked on an earlier day."""
    statement = (
        select(ApprovalTask.id, ApprovalTask.role_id, ApprovalTask.maker_id, ApprovalTask.request_id)
        .join(ApprovalRequest, ApprovalRequest.id == ApprovalTask.request_id)
        .where(ApprovalTask.state == "open", ApprovalRequest.state == "pending", ApprovalRequest.kind.in_(kinds))
        .order_by(ApprovalTask.id)
    )

    def able(work: Work) -> list[tuple[int, int]]:
        found = []
        for row in work.session.execute(statement):
            acted = {one.acted_by for one in reading.tasks(work, row.request_id)} | {row.maker_id}
            found += [(row.id, account) for account in sorted(candidates.holders(work, row.role_id) - acted)[:1]]
        return found

    for task, account in desk.look(able):
        begun = desk.since.setdefault((task, "consent"), desk.place)
        if desk.place > begun:
            opinion = desk.chance("opinion", task).choice(AGREED)
            desk.do(desk.login(account), lambda w, t=task, o=opinion: decide.agree(w, t, opinion=o), hour=9)  # type: ignore[misc]  # the defaults bind the loop's values
