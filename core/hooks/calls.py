"""Typed hook calls, limited to the areas one company uses.

Answers are put in an order of their own, so that none depends on the order in which plug-ins were registered.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from pluggy import PluginManager

if TYPE_CHECKING:
    from core.documents import Document, DocumentLine, Transition
    from core.errors import Objection
    from core.hooks.values import (
        Availability,
        Card,
        Exposure,
        Moment,
        Panel,
        PriceAnswer,
        PriceQuery,
        WarrantyTerm,
    )
    from core.work import Work

_log = logging.getLogger("zhanggui.hooks")


class TwoAnswers(RuntimeError):
    """Two plug-ins answered a question that only one may answer."""


class Hooks:
    """The hooks as one unit of work hears them: areas the company does not use are left out here, once."""

    def __init__(self, work: Work, manager: PluginManager, areas: frozenset[str]) -> None:
        self._work = work
        self._manager = manager
        self._silent = [plugin for name, plugin in manager.list_name_plugin() if name not in areas]
        self._callers: dict[Any, Callable[..., list[Any]]] = {}
        self._traced = os.environ.get("ZHANGGUI_TRACE_HOOKS") == "1"

    def document_defaults(self, kind: str, party_id: int | None) -> dict[str, Any]:
        """All defaults together; two areas naming the same field is an error of the plug-ins."""
        merged: dict[str, Any] = {}
        answers: list[Mapping[str, Any]] = self._call("document_defaults", kind=kind, party_id=party_id)
        for answer in answers:
            if both := merged.keys() & answer.keys():
                raise TwoAnswers(f"document_defaults: {', '.join(sorted(both))}")
            merged.update(answer)
        return merged

    def document_locks(self, cls: type[Document], move: Transition) -> set[str]:
        """What of a document must stand still, each once."""
        return set(self._gather("document_locks", cls=cls, move=move))

    def document_objections(self, document: Document, move: Transition) -> list[Objection]:
        """Every objection, ordered by its code."""
        found: list[Objection] = self._gather("document_objections", document=document, move=move)
        return sorted(found, key=lambda o: o.code)

    def document_moved(self, document: Document, move: Transition) -> None:
        """Tell every area that ``document`` made ``move``."""
        self._call("document_moved", document=document, move=move)

    def lines_released(self, area: str, target: str, source: Document, lines: Sequence[DocumentLine]) -> None:
        """Address the area that owns ``target``, and nobody else."""
        self._call("lines_released", only=area, target=target, source=source, lines=lines)

    def lines_closed(self, document: Document) -> None:
        """Tell every area that lines of ``document`` were closed by hand."""
        self._call("lines_closed", document=document)

    def line_prices(self, queries: Sequence[PriceQuery]) -> list[PriceAnswer | None]:
        """One answer for each query; None where nobody knows a price."""
        answers: list[Sequence[PriceAnswer | None]] = self._call("line_prices", queries=queries)
        if len(answers) > 1:
            raise TwoAnswers("line_prices")
        return list(answers[0]) if answers else [None] * len(queries)

    def party_exposure(self, party_id: int) -> list[Exposure]:
        """Every part of what the customer owes, in their places."""
        found: list[Exposure] = self._gather("party_exposure", party_id=party_id)
        return sorted(found, key=lambda e: (e.place, e.key))

    def warranty_terms(self, line_ids: Sequence[int]) -> dict[int, WarrantyTerm]:
        """The warranty that was agreed for each line where it began; nothing where nobody agreed to one."""
        answers: list[Mapping[int, WarrantyTerm]] = self._call("warranty_terms", line_ids=line_ids) if line_ids else []
        return {key: term for answer in answers for key, term in answer.items()}

    def item_availability(self, item_ids: Sequence[int]) -> dict[int, Availability]:
        """What is there of each product; nothing where nobody keeps stock."""
        answers: list[Mapping[int, Availability]] = self._call("item_availability", item_ids=item_ids)
        if len(answers) > 1:
            raise TwoAnswers("item_availability")
        return dict(answers[0]) if answers else {}

    def document_panels(self, document: Document, area: str = "", *, others: bool = False) -> list[Panel]:
        """The panels for the page of ``document``, in their places: of everybody, of one ``area``, or of the others."""
        only = area if area and not others else None
        silent = frozenset({area}) if others else frozenset()
        panels: list[Panel] = self._gather("document_panels", only=only, but=silent, document=document)
        return sorted(panels, key=lambda p: (p.place, p.key))

    def party_timeline(self, party_id: int) -> list[Moment]:
        """What happened with the party, the latest first."""
        moments: list[Moment] = self._gather("party_timeline", party_id=party_id)
        return sorted(moments, key=lambda m: (m.at, m.record.kind, m.record.id), reverse=True)

    def dashboard_cards(self) -> list[Card]:
        """The cards of the first page, in their places."""
        cards: list[Card] = self._gather("dashboard_cards")
        return sorted(cards, key=lambda c: (c.place, c.key))

    def company_joined(self, area: str) -> None:
        """Let ``area`` make what a company needs to begin with it."""
        self._call("company_joined", only=area)

    def _call(
        self, name: str, *, only: str | None = None, but: frozenset[str] = frozenset(), **asked: Any
    ) -> list[Any]:
        answers: list[Any] = self._caller(name, only, but)(work=self._work, **asked)
        if self._traced:
            _log.info("%s(%s) -> %s", name, ", ".join(f"{k}={v!r}" for k, v in asked.items()), answers)
        return answers

    def _caller(self, name: str, only: str | None, but: frozenset[str]) -> Callable[..., list[Any]]:
        """Whoever hears of ``name``: the areas in use, or one of them alone, without some; put together once a work."""
        asked = name, only, but
        if asked not in self._callers:
            silent = self._silent
            if only is not None:
                silent = [plugin for other, plugin in self._manager.list_name_plugin() if other != only]
            if but:
                silent = [*silent, *(plugin for other, plugin in self._manager.list_name_plugin() if other in but)]
            self._callers[asked] = self._manager.subset_hook_caller(name, silent)
        return self._callers[asked]

    def _gather(self, name: str, **asked: Any) -> list[Any]:
        answers: list[Iterable[Any]] = self._call(name, **asked)
        return list(chain.from_iterable(answers))
