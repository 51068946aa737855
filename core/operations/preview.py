"""What a document would say if it were saved: prices, taxes, totals and the amount in words. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from core.documents.kinds import area_of, kind_of
from core.documents.models import Document, DocumentLine
from core.documents.reading import load
from core.errors import Fault, Invalid
from core.operations import parts
from core.operations.content import fill_lines, set_party
from core.operations.create import check_header, draft
from core.operations.pricing import sum_up
from core.schemas import given as programs
from core.schemas import outputs
from core.schemas.inputs import MOST_LINES
from core.text import _
from core.words import amount_in_words
from core.work import Work

TOTALS = ("net", "tax", "gross")


def preview(work: Work, cls: type[Document], given: Any) -> dict[str, Any]:
    """The figures of content that a person is writing; ``given`` is what would be sent to create or change it.

    An ``id`` beside the fields names the document that is being changed. The answer has ``lines`` in the order given,
    each as a saved line is shown or None where it cannot be reckoned yet; the rows of each part likewise, under its
    key; ``net``, ``tax`` and ``gross`` over the lines that can (as text, two decimals, sums of rounded lines);
    ``words``, the total in words by language (``zh``, ``en``); the header's fields under ``header``; and ``errors``,
    the faults by path as saving would report them. A customer need not be chosen yet. Raises ``Forbidden``,
    ``NotEnabled``, or ``Invalid`` when ``given`` is no object.
    """
    found, faults = reckoned(work, cls, given)
    return found | {"errors": [{"path": f.path, "code": f.code, "message": str(f.text)} for f in faults]}


def reckoned(work: Work, cls: type[Document], given: Any) -> tuple[dict[str, Any], list[Fault]]:
    """As ``preview``, with the faults apart."""
    kind = kind_of(cls)
    work.require(area_of(kind))
    if not isinstance(given, Mapping):
        raise Invalid([Fault("", _("An object is expected."), "type")])
    faults: list[Fault] = []
    document, known, before = _begun(work, cls, given, faults)
    party_class = _party(work, document, before, faults)
    rows, places = _readable(work, cls, given, "lines", faults) if cls.has_lines else ([], [])
    lines = _filled(work, document, rows, places, party_class, known, faults) if cls.has_lines else {}
    set_committed_value(document, "lines", list(lines.values()))
    sum_up(document, document.lines)
    count = len(given["lines"]) if isinstance(given.get("lines"), list) else 0
    rows_of_parts = _parts(work, document, given, faults)
    found = {
        "header": {name: value for name, value in outputs.fields_of(work, document).items() if name != "version"},
        "lines": [outputs.line(work, lines[i]) if i in lines else None for i in range(min(count, MOST_LINES))],
        **rows_of_parts,
        **{name: str(getattr(document, name)) for name in TOTALS},
        "currency": document.currency,
        "words": _words(document),
    }
    return found, faults


def _begun(
    work: Work, cls: type[Document], given: Mapping[str, Any], faults: list[Fault]
) -> tuple[Document, dict[int, DocumentLine], int | None]:
    """The header in memory, of the document that is being changed or a new one, and whose customer it was before.

    Faulty fields are left out.
    """
    rows = {"lines", *(part.key for part in cls.parts)}
    fields = {key: value for key, value in given.items() if key != "id" and key not in rows}
    try:
        values = programs.read(work, cls, fields, partial=True)
    except Invalid as error:
        faults += error.faults
        wrong = {fault.path.partition("/")[0] for fault in error.faults}
        values = programs.read(work, cls, {k: v for k, v in fields.items() if k not in wrong}, partial=True)
    key = given.get("id")
    if isinstance(key, int) and not isinstance(key, bool):
        document: Document = load(work, cls, key, "edit")
        before = document.party_id
        for name, value in values.items():
            if value is not None or cls.__mapper__.columns[name].nullable:
                setattr(document, name, value)
        return document, {line.id: line for line in document.lines}, before
    work.demand(f"{kind_of(cls)}.create")
    return draft(work, cls, values, party_needed=False), {}, None


def _party(work: Work, document: Document, before: int | None, faults: list[Fault]) -> str:
    if document.party_id is None and type(document).needs_party:
        faults.append(Fault("party_id", _("This is needed."), "required"))
    party_class = ""
    try:
        party_class = set_party(work, document, chosen=document.party_id != before)
    except Invalid as error:
        faults += error.faults
    try:
        check_header(work, document)
    except Invalid as error:
        faults += error.faults
    return party_class


def _readable(
    work: Work, cls: type[Document], given: Mapping[str, Any], key: str, faults: list[Fault]
) -> tuple[list[Mapping[str, Any]], list[int]]:
    """The lines, or rows of a part, that can be read, and the place of each among all that were given."""
    if given.get(key) is None:
        return [], []
    try:
        whole = programs.read(work, cls, {key: given[key]}, partial=True)
        return whole[key], list(range(len(whole[key])))
    except Invalid as error:
        faults += error.faults
        wrong = {fault.path.split("/")[1] for fault in error.faults if fault.path.startswith(f"{key}/")}
        if not wrong:
            return [], []
    places = [i for i in range(len(given[key])) if str(i) not in wrong]
    rows = programs.read(work, cls, {key: [given[key][i] for i in places]}, partial=True)
    return rows[key], places


def _parts(
    work: Work, document: Document, given: Mapping[str, Any], faults: list[Fault]
) -> dict[str, list[dict[str, Any] | None]]:
    """The rows of every part as they would be saved, by place; None where one cannot be read.

    The checks look at parts that can be read whole.
    """
    cls, wrong = type(document), list[Fault]()
    read: dict[str, tuple[list[Mapping[str, Any]], list[int]]] = {}
    for part in cls.parts:
        if isinstance(given.get(part.key), list):
            read[part.key] = _readable(work, cls, given, part.key, wrong)
    wrong += parts.fill(document, {key: rows for key, (rows, _places) in read.items()})
    if not wrong:
        wrong += parts.faults(work, document, read)
    faults += wrong
    shown: dict[str, list[dict[str, Any] | None]] = {k: [*rows] for k, rows in outputs.parts(work, document).items()}
    for key, (_rows, places) in read.items():
        if len(shown[key]) == len(places):
            by_place = dict(zip(places, shown[key], strict=True))
            shown[key] = [by_place.get(i) for i in range(min(len(given[key]), MOST_LINES))]
    return shown


def _filled(
    work: Work,
    document: Document,
    rows: list[Mapping[str, Any]],
    places: list[int],
    party_class: str,
    known: Mapping[int, DocumentLine],
    faults: list[Fault],
) -> dict[int, DocumentLine]:
    """The lines with their figures, by place; those that cannot be reckoned are left out and told."""
    while rows:
        try:
            lines = fill_lines(work, document, rows, party_class=party_class, known=known)
            return dict(zip(places, lines, strict=True))
        except Invalid as error:
            wrong = set()
            for fault in error.faults:
                _key, place, *rest = fault.path.split("/")
                wrong.add(int(place))
                faults.append(Fault("/".join(("lines", str(places[int(place)]), *rest)), fault.text, fault.code))
            rows = [row for i, row in enumerate(rows) if i not in wrong]
            places = [place for i, place in enumerate(places) if i not in wrong]
    return {}


def _words(document: Document) -> dict[str, str]:
    return {
        language: amount_in_words(document.gross, language=language, currency=document.currency)
        for language in ("zh", "en")
    }
