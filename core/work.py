"""The unit of work: one company, one actor, one transaction.

Nothing reaches the database or the hooks except through a ``Work``, and a ``Work`` is opened for one company. Whether
an area is on, and what the actor may do, is decided here and nowhere else.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import RLock
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4
from zoneinfo import ZoneInfo

from pluggy import PluginManager
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, StatementError

from core.calendar import Workdays
from core.db.engine import READS, is_sqlite
from core.db.scope import INSTALLATION, CompanySession
from core.errors import Conflict, DomainError, Fault, Forbidden, Invalid, NotEnabled, Unauthenticated, Unknown
from core.facts import ActorFacts, CompanyFacts, Facts
from core.hooks.calls import Hooks
from core.outbox import Job
from core.rights import sight
from core.roles import Scope
from core.text import Text, _, in_language

if TYPE_CHECKING:
    from core.extension.registry import Registry
    from core.records.stores import Store
    from core.settings import Setting

T = TypeVar("T")
_log = logging.getLogger("zhanggui.work")
RETRIED = frozenset({"40001", "40P01", "55P03"})


@dataclass(frozen=True, slots=True)
class System:
    """The program itself, acting for a named purpose such as ``expire``."""

    purpose: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where somebody asks from: the network address, the program there, the face (``page``, ``api``), what was sent."""

    address: str = ""
    agent: str = ""
    face: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """Who asks for what is done, for which company and when. ``actor`` is an account's id or an explicit ``System``.

    ``today`` is the day in the company's zone unless given. Nobody at all is refused with ``Unauthenticated``.
    """

    company: int
    actor: int | System
    today: date | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    request_id: str = field(default_factory=lambda: uuid4().hex)
    origin: Origin = Origin()

    def __post_init__(self) -> None:
        if isinstance(self.actor, bool) or not isinstance(self.actor, int | System):
            raise Unauthenticated(_("Please sign in."))


class Busy(DomainError):
    """The database could not carry it out in time; trying again is safe."""

    code = "busy"

    def __init__(self) -> None:
        super().__init__(_("The system is busy. Nothing was changed; please try again."))


class Work:
    """What a use case is given: a session to read, a connection for core's writers, the company, the actor, the day."""

    def __init__(
        self,
        ask: Ask,
        connection: Connection,
        registry: Registry,
        manager: PluginManager,
        facts: Facts,
        secret: str = "",
    ) -> None:
        actor_id = ask.actor if isinstance(ask.actor, int) else None
        self.ask = ask
        self.connection = connection
        self.types = registry
        self.company: CompanyFacts
        self.actor: ActorFacts | None
        self.company, self.actor = facts.read(connection, ask.company, actor_id)
        self.now = ask.now
        self.today = ask.today or self.day_of(ask.now)
        if self.actor and not self.actor.employed.valid(self.today):
            raise Unknown()
        self.session = CompanySession(connection, self.company.id)
        self.areas = self.company.areas & registry.plugins.keys()
        self.hooks = Hooks(self, manager, self.areas)
        self.request_id = ask.request_id
        # Where contents of files are kept if not in the database.
        self.store: Store | None = None
        # Where people open the program, for what leaves it; empty where nobody said so.
        self.address = ""
        self.kept: dict[str, Any] = {}
        # What the installation locks other people's secrets with; empty where nothing was given to this process.
        self.secret = secret
        self._facts, self._manager = facts, manager
        self._rights: dict[str, frozenset[str]] | None = None
        self._ends: list[tuple[int, Callable[[], None]]] = []
        self._jobs: list[dict[str, Any]] = []
        self._finished = False

    # Who and when -----------------------------------------------------------------------------------------------

    @property
    def actor_id(self) -> int | None:
        """The account that acts; None when the program does."""
        return self.actor.id if self.actor else None

    @property
    def actor_name(self) -> str:
        """For the record: the login, or the purpose of the program."""
        if self.actor:
            return self.actor.login
        return f"system:{self.ask.actor.purpose}" if isinstance(self.ask.actor, System) else "system"

    @contextmanager
    def seen_by(self, account_id: int) -> Iterator[Work]:
        """This unit of work with somebody else's eyes, to ask what he may; nothing is done through it."""
        ask = Ask(self.company.id, account_id, today=self.today, now=self.now, request_id=self.request_id)
        try:
            yield Work(ask, self.connection, self.types, self._manager, self._facts)
        finally:
            self._facts.read(self.connection, self.company.id, self.actor_id)

    @property
    def workdays(self) -> Workdays:
        """The company's working days."""
        return self.company.workdays

    def day_of(self, at: datetime) -> date:
        """The day of a moment by the company's clock."""
        return at.astimezone(ZoneInfo(self.company.zone)).date()

    def person(self, account_id: int | None) -> str:
        """The name of somebody of the company, in the reader's language."""
        who = self.company.people.get(account_id) if account_id else None
        return in_language(who.name, who.name_en) if who else ""

    # What may be done -------------------------------------------------------------------------------------------

    def require(self, area: str) -> None:
        """Raise ``NotEnabled`` unless the company uses ``area``; core itself is always in use."""
        if area != "core" and area not in self.areas:
            raise NotEnabled()

    def scopes(self, permission: str) -> frozenset[str]:
        """How far the actor holds ``permission`` today; empty when not at all. The program itself holds everything."""
        if self.actor is None:
            return frozenset({Scope.COMPANY})
        if self._rights is None:
            actor = self.actor
            kept = f"rights:{actor.id}:{actor.version}:{self.today}"
            self._rights = self.once(kept, lambda: self._valid_rights(actor))
        return self._rights.get(permission, frozenset())

    def may(self, permission: str) -> bool:
        """Whether the actor holds ``permission`` at all, and the company uses its area."""
        area = permission.partition(".")[0]
        return (area == "core" or area in self.areas) and bool(self.scopes(permission))

    def demand(self, permission: str) -> None:
        """Raise ``NotEnabled`` or ``Forbidden`` unless the actor holds ``permission``."""
        self.require(permission.partition(".")[0])
        if not self.scopes(permission):
            right = self.types.permissions.get(permission)
            raise Forbidden(
                _(
                    "You have no right to this: {right}.",
                    right=_join(right.subject, right.label) if right else permission,
                ),
                right=permission,
            )

    def sees(self, needs: str | None) -> bool:
        """Whether the actor sees fields that need ``needs``."""
        return needs is None or bool(self.scopes(sight(needs)))

    def roles(self) -> frozenset[int]:
        """The roles that the actor holds today."""
        if self.actor is None:
            return frozenset()
        return frozenset(
            role for role, held in self.actor.roles if held.valid(self.today) and role in self.company.roles
        )

    def _valid_rights(self, actor: ActorFacts) -> dict[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for role_id in self.roles():
            for grant in self.company.roles[role_id].grants:
                if grant.valid(self.today):
                    found.setdefault(grant.permission, set()).add(grant.scope)
        return {permission: frozenset(scopes) for permission, scopes in found.items()}

    # What the company chose -------------------------------------------------------------------------------------

    def setting(self, setting: Setting) -> Any:
        """The company's value of ``setting``."""
        return setting.read(self.company.settings.get(setting.key))

    def once(self, name: str, read: Callable[[], T]) -> T:
        """What ``read`` finds, asked once for each version of the company and kept under ``name`` in this process.

        Only for what raises the version when it changes, as masters that are ``cached`` do; and for nothing that may be
        changed afterwards. A work that has changed such a thing itself reads anew, and keeps nothing.
        """
        return read() if self.kept.get("raised") else self._facts.further(self.company, name, read)

    # For somebody else ------------------------------------------------------------------------------------------

    @contextmanager
    def on_behalf_of(self, account_id: int) -> Iterator[Work]:
        """In the same transaction, a work of the person who asked for what a job carries out, with today's rights.

        What it leaves for its end is written when the block ends. Raises ``Unknown`` when he works here no longer.
        """
        ask = Ask(self.company.id, account_id, today=self.today, now=self.now, request_id=self.request_id)
        inner = Work(ask, self.connection, self.types, self._manager, self._facts)
        with inner.session:
            yield inner
            inner.finish()

    # The end ----------------------------------------------------------------------------------------------------

    def at_end(self, place: int, act: Callable[[], None]) -> None:
        """Let ``act`` run when the work is finished; lower places first. For core's writers."""
        self._ends.append((place, act))

    def enqueue(self, name: str, *, key: str | None = None, run_at: datetime | None = None, **args: Any) -> None:
        """Leave a job in the outbox; it commits with everything else and runs afterwards. A key is enqueued once."""
        self._jobs.append(
            {
                "company_id": self.company.id,
                "name": name,
                "args": args,
                "key": key,
                "run_at": run_at or self.now,
                "created_at": self.now,
            }
        )

    def finish(self) -> None:
        """Write what was left for the end: numbers last, then guarded updates, history and outbox."""
        if self._finished:
            return
        self._finished = True
        for _place, act in sorted(self._ends, key=lambda pair: pair[0]):
            act()
        if self._jobs:
            self.connection.execute(_insert_jobs(is_sqlite(self.connection)), self._jobs)


def _join(*texts: Text) -> str:
    return " – ".join(str(t) for t in texts)


def _insert_jobs(is_lite: bool) -> Any:
    from sqlalchemy.dialects import postgresql, sqlite

    return (sqlite if is_lite else postgresql).insert(Job).on_conflict_do_nothing(index_elements=[Job.key])


class Works:
    """Opens units of work. The screens, the API, the jobs and the command line all start here."""

    def __init__(self, engine: Engine, registry: Registry, manager: PluginManager) -> None:
        self.engine = engine
        self.registry = registry
        self.manager = manager
        self.facts = Facts()
        self.secret = ""
        self.address = ""
        # Told of each refusal once nothing of the refused work is left.
        self.store: Store | None = None
        self.refused: Callable[[Works, Ask, DomainError], None] | None = None
        # SQLite has one writer and an unfair queue; within a process writers wait here in turn.
        self._turn: AbstractContextManager[Any] = RLock() if is_sqlite(engine) else nullcontext()

    def run(self, ask: Ask, command: Callable[[Work], T], *, attempts: int = 3) -> T:
        """Carry out ``command`` in one transaction and give back its result, after the commit.

        The command is a function, run again up to ``attempts`` times after a deadlock or a failed serialisation; it
        must have no effect outside of the transaction. Raises ``DomainError`` for refusals, ``Busy`` when all
        attempts fail.
        """
        with self._telling(ask):
            return self._tried(ask, command, attempts)

    def _tried(self, ask: Ask, command: Callable[[Work], T], attempts: int) -> T:
        for attempt in range(1, attempts + 1):
            try:
                with self._turn, self._open(ask, reads=False) as work:
                    result = command(work)
                    work.finish()
                return result
            except IntegrityError as error:
                raise conflict(error) from error
            except DataError as error:
                raise Invalid([Fault("", _("This is too long, or cannot be kept."), "range")]) from error
            except StatementError as error:
                if isinstance(error.orig, ValueError):
                    raise Invalid([Fault("", _("A figure is too large or too fine to be kept."), "range")]) from error
                if not isinstance(error, DBAPIError) or not _retried(error):
                    raise
                _log.warning("attempt %s of %s: %s", attempt, ask.request_id, error.orig)
                if attempt == attempts:
                    raise Busy from error
                time.sleep(random.uniform(0.01, 0.05) * attempt)
        raise Busy

    @contextmanager
    def read(self, ask: Ask) -> Iterator[Work]:
        """A unit of work that cannot write, on both engines."""
        with self._telling(ask), self._open(ask, reads=True) as work:
            yield work

    @contextmanager
    def _telling(self, ask: Ask) -> Iterator[None]:
        """Let a refusal of somebody be told when the refused work has ended."""
        try:
            yield
        except (Forbidden, Unknown) as error:
            if self.refused is not None and isinstance(ask.actor, int):
                self.refused(self, ask, error)
            raise

    @contextmanager
    def _open(self, ask: Ask, *, reads: bool) -> Iterator[Work]:
        with self.engine.connect() as connection:
            if reads:
                connection = connection.execution_options(**READS)
            with connection.begin():
                try:
                    work = Work(ask, connection, self.registry, self.manager, self.facts, self.secret)
                except Unknown as error:
                    error.stranger = True
                    raise
                work.store, work.address = self.store, self.address
                with work.session:
                    yield work

    @contextmanager
    def installation(self, *, reads: bool = False) -> Iterator[Connection]:
        """A transaction over what belongs to no company: accounts, sessions, tokens, companies, jobs."""
        with self.engine.connect() as connection:
            if reads:
                connection = connection.execution_options(**READS)
            with nullcontext() if reads else self._turn, connection.begin():
                yield connection


def _retried(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", None)
    return state in RETRIED or "database is locked" in str(error.orig)


def conflict(error: IntegrityError) -> Conflict:
    """What the database refused, as a sentence for people."""
    said = str(error.orig).lower()
    if "unique" in said or "duplicate" in said:
        return Conflict(_("This already exists."), code="conflict.duplicate")
    if "foreign key" in said:
        return Conflict(_("It refers to something that does not exist here."), code="conflict.reference")
    return Conflict(_("The figures or states do not allow this."), code="conflict.check")


__all__ = ["INSTALLATION", "Ask", "Busy", "System", "Work", "Works", "conflict"]
