"""Conditions of policies: a company's own expression over the facts of a document, evaluated safely.

    amount >= 50000 and (margin < 10 or below_floor) and customer_class in ("A", "B")

Names, numbers, texts in quotes, comparisons, ``and``, ``or``, ``not``, ``in`` and arithmetic; no calls, no attributes,
nothing that could read or run anything else. Numbers are exact. A condition that asks for what nobody knows is met:
no consent is left out because a figure is missing.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from simpleeval import EvalWithCompoundTypes, InvalidExpression

from core.approvals.facts import Fact, Value, facts_of
from core.documents.models import Document
from core.errors import Fault
from core.text import Text, _

if TYPE_CHECKING:
    from core.work import Work

LONGEST = 500
DEEPEST = 40
# No figure of a document has so many before its point.
MOST_DIGITS = 15
_ALLOWED = (
    ast.Expression,
    ast.Constant,
    ast.Name,
    ast.Load,
    ast.Tuple,
    ast.BoolOp,
    ast.UnaryOp,
    ast.BinOp,
    ast.Compare,
    ast.boolop,
    ast.unaryop,
    ast.operator,
    ast.cmpop,
)
_OPERATOR = ast.operator | ast.unaryop | ast.cmpop
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: operator.not_,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.In: lambda one, many: one in many,
    ast.NotIn: lambda one, many: one not in many,
}
# A value of each kind, to try a condition with before it is kept.
_SAMPLES: Mapping[str, Value] = {"number": Decimal(1), "percent": Decimal(1), "flag": True, "text": "A"}


class _Unknown(Exception):
    """Nobody knows a value that was asked for."""


def check(work: Work, cls: type[Document], condition: str, path: str) -> Iterator[Fault]:
    """What is wrong with a condition on documents of ``cls``; nothing for an empty one."""
    if not condition.strip():
        return
    facts = facts_of(work, cls)
    try:
        tree = _parsed(condition)
        if unknown := sorted(_names(tree) - set(facts)):
            text = _("Nothing of this type is called {names}.", names=unknown)
            yield Fault(path, text, "reference")
            return
        _mixes(tree, facts)
        answer = _evaluated(condition, tree, lambda name: _SAMPLES[facts[name].kind])
    except _Wrong as error:
        yield Fault(path, error.text, "invalid")
        return
    if not isinstance(answer, bool):
        yield Fault(path, _("A condition is true or not true; this is a value."), "invalid")


def met(work: Work, document: Document, condition: str) -> bool:
    """Whether a condition holds for the document; true where it asks for what nobody knows, or no longer makes sense.

    Reads only the facts that it comes to.
    """
    if not condition.strip():
        return True
    facts = facts_of(work, type(document))

    def read(name: str) -> Value:
        value = facts[name].read(work, document) if name in facts else None
        if value is None:
            raise _Unknown
        return value

    try:
        return bool(_evaluated(condition, _parsed(condition), read))
    except (_Unknown, _Wrong):
        return True


class _Wrong(Exception):
    """The condition cannot be understood; ``text`` says why."""

    def __init__(self, text: Text) -> None:
        super().__init__(text)
        self.text = text


@lru_cache(maxsize=1000)
def _parsed(condition: str) -> ast.Expression:
    """The tree of a condition that has nothing in it but what is allowed."""
    if len(condition) > LONGEST:
        raise _Wrong(_("At most {length} characters.", length=LONGEST))
    try:
        tree = ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise _Wrong(_("This is not a condition that can be understood.")) from error
    for node in ast.walk(tree):
        if not isinstance(node, _ALLOWED) or (
            isinstance(node, ast.operator | ast.unaryop | ast.cmpop) and (type(node) not in _OPERATORS)
        ):
            raise _Wrong(_("Only names, numbers, texts, comparisons, and, or, not, in are possible here."))
        if isinstance(node, ast.Constant):
            _exact(node, ast.get_source_segment(condition.strip(), node) or "")
    if _is_deep(tree):
        raise _Wrong(_("This is not a condition that can be understood."))
    return tree


def _exact(node: ast.Constant, written: str) -> None:
    """Let a number be exact, as it was written; one that no amount reaches would only look like a condition."""
    if isinstance(node.value, bool | str):
        return
    if not isinstance(node.value, int | float):
        raise _Wrong(_("Only names, numbers, texts, comparisons, and, or, not, in are possible here."))
    value = Decimal(node.value if isinstance(node.value, int) else written.replace("_", ""))
    if value.adjusted() >= MOST_DIGITS:
        raise _Wrong(_("A figure is too large or too fine to be kept."))
    node.value = value  # type: ignore[assignment]


def _is_deep(tree: ast.AST) -> bool:
    """Whether more is inside of one another than anybody writes; level by level, however deep it is."""
    level: list[ast.AST] = [tree]
    for _level in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    return bool(level)


def _names(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def _mixes(tree: ast.AST, facts: Mapping[str, Fact]) -> None:
    """Raise where a text is compared with a number: it would never be equal, and nobody would notice.

    Nor would anybody notice that brackets around one text alone are none: ``in ("A")`` asks for a part of the text.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            many = (
                one for op, one in zip(node.ops, node.comparators, strict=True) if isinstance(op, ast.In | ast.NotIn)
            )
            if any(isinstance(one, ast.Constant) for one in many):
                raise _Wrong(_("Values behind “in” are written in brackets with commas: (“A”, “B”) or (“A”,)."))
            found = {_kind(one, facts) for one in (node.left, *node.comparators)}
            if len(found) > 1:
                raise _Wrong(_("A text, a number and a yes or no cannot be compared with one another."))


def _kind(node: ast.AST, facts: Mapping[str, Fact]) -> str:
    """Whether a part of a condition is a number, a text or a flag; ``several`` for a list of unlike things."""
    match node:
        case ast.Name():
            return "number" if facts[node.id].kind == "percent" else facts[node.id].kind
        case ast.Constant(value=bool()) | ast.Compare() | ast.BoolOp() | ast.UnaryOp(op=ast.Not()):
            return "flag"
        case ast.Constant(value=str()):
            return "text"
        case ast.Tuple():
            kinds = {_kind(one, facts) for one in node.elts}
            return kinds.pop() if len(kinds) == 1 else "several"
    return "number"


def _evaluated(condition: str, tree: ast.Expression, read: Callable[[str], Value]) -> Any:
    evaluator = EvalWithCompoundTypes(operators=dict(_OPERATORS), functions={}, names=lambda node: read(node.id))
    try:
        return evaluator.eval(condition, previously_parsed=tree.body)
    except (InvalidExpression, TypeError, ArithmeticError, KeyError) as error:
        raise _Wrong(_("This is not a condition that can be understood.")) from error
