"""State machines as data: states and transitions are values, and nothing but values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.documents.stage import Point
from core.errors import IllegalMove, Objection
from core.roles import Role
from core.text import Text, _

if TYPE_CHECKING:
    from core.work import Work

Check = Callable[["Work", Any], Iterable[Objection]]


@dataclass(frozen=True, slots=True)
class State:
    """A box of the diagram. ``tone`` is its colour in the screens: grey, blue, green, orange, red.

    ``frozen``: the content can no longer be edited (a revision may be made). ``ends``: nothing is expected any more.
    ``aside``: not part of the straight way, so the status bar leaves it out unless the document is in it.
    """

    key: str
    label: Text
    tone: str = "grey"
    frozen: bool = False
    ends: bool = False
    aside: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """One arrow of the diagram: who may follow it by default, what must hold, what follows.

    ``approval``: the company's policies decide whose consent is needed first. ``numbers``: the document takes its
    number from a strict series here. ``releases``: its lines are opened for the next stage, or for the kind named.
    ``reason``: the person must say why. ``revises``: the content is frozen as an edition and the revision rises.
    ``closes``: nothing may draw on the document any more; what it had taken itself is open again.
    ``undoes``: what the document released is taken back, untouched drafts with it. ``system``: only the program moves
    it (an expiry). ``keeps``: the column of the document that takes the reason, besides the history. ``point``: what
    the move means to the chain. ``asks``: living columns that the person fills in with the move, such as who signed;
    those among ``musts`` cannot be left empty.
    """

    name: str
    source: str | tuple[str, ...]
    target: str
    label: Text
    by: tuple[Role, ...] = ()
    done: Text | None = None
    checks: tuple[Check, ...] = ()
    approval: bool = False
    numbers: bool = False
    releases: bool | str = False
    reason: bool = False
    revises: bool = False
    closes: bool = False
    system: bool = False
    confirm: Text | None = None
    tone: str = ""
    keeps: str = ""
    undoes: bool = False
    point: Point | None = None
    asks: tuple[str, ...] = ()
    musts: tuple[str, ...] = ()

    def leaves(self, state: str) -> bool:
        """Whether this arrow starts at ``state``."""
        return state == self.source if isinstance(self.source, str) else state in self.source


@dataclass(frozen=True, slots=True)
class Workflow:
    """The states of a type, in the order of its status bar, and the moves between them."""

    states: tuple[State, ...]
    transitions: tuple[Transition, ...]
    _moves: dict[str, Transition] = field(init=False, repr=False)
    _states: dict[str, State] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_moves", {t.name: t for t in self.transitions})
        object.__setattr__(self, "_states", {s.key: s for s in self.states})

    @property
    def initial(self) -> str:
        """The state of a new document: the first one declared."""
        return self.states[0].key

    def state(self, key: str) -> State:
        """The declared state called ``key``."""
        return self._states[key]

    def find(self, name: str, state: str) -> Transition:
        """The move called ``name`` from ``state``; raises ``IllegalMove`` when there is none."""
        transition = self._moves.get(name)
        if transition is None:
            raise IllegalMove(_("There is no such move: {name}.", name=name), code="move.unknown")
        if not transition.leaves(state):
            label = self._states[state].label if state in self._states else state
            raise IllegalMove(_("“{move}” is not possible in the state “{state}”.", move=transition.label, state=label))
        return transition

    def open_from(self, state: str) -> tuple[Transition, ...]:
        """The moves that start at ``state``."""
        return tuple(t for t in self.transitions if t.leaves(state))

    @property
    def reachable(self) -> frozenset[str]:
        """The states that some path from the initial one reaches."""
        seen, todo = {self.initial}, [self.initial]
        while todo:
            for move in self.open_from(todo.pop()):
                if move.target not in seen:
                    seen.add(move.target)
                    todo.append(move.target)
        return frozenset(seen)

    @property
    def unfinished(self) -> frozenset[str]:
        """The states in which something is still expected."""
        return frozenset(s.key for s in self.states if not s.ends)
