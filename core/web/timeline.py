"""What happened to a record, field by field; its versions; who has agreed and who will."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from flask import url_for
from sqlalchemy import select

from core.documents import sight
from core.documents.faces import Face
from core.documents.kinds import kind_of
from core.documents.models import Document, DocumentLine
from core.entities.master import Master
from core.extension.core_settings import FILE_MB
from core.operations.attach import attached, types
from core.operations.comment import comments
from core.operations.editions import editions as kept_editions
from core.records.models import DocumentEdition, History
from core.rights import ADMINISTER, READ_HISTORY
from core.text import Text, _
from core.web.document_lines import amount
from core.web.showing import Names, decimal, figure, moment, state_tag
from core.work import Work

_HISTORY: Any = History.__table__
MOST = 100
Url = Callable[..., str]
BESIDE = {"file": _("File"), "said": _("Comment")}
OF_LINE = _("Line of the document")
WORDS: dict[str, Text] = {
    "create": _("created"),
    "edit": _("changed"),
    "discard": _("discarded"),
    "ask": _("asked for approval"),
    "agree": _("agreed"),
    "reject": _("rejected"),
    "double_check": _("double-checked it"),
    "double_check_refused": _("sent it back after a double check"),
    "withdraw": _("withdrew the request"),
    "call_in": _("called in others"),
    "call_off": _("called somebody off"),
    "hand_over": _("handed the consent over"),
    "announce": _("announced it"),
    "superseded": _("replaced it by a newer edition"),
    "take_down": _("withdrew it"),
    "remind_readers": _("reminded those who have not read it"),
    "handed_over": _("handed it over to somebody else"),
    "handed_back": _("took the hand-over back"),
    "send_back": _("sent it back"),
    "escalate": _("asked the superior instead"),
    "remind": _("reminded of the consent"),
    "comment": _("commented"),
    "edit_comment": _("changed a comment"),
    "remove_comment": _("took a comment back"),
    "guide": _("gave guidance"),
    "answer": _("answered the guidance"),
    "print": _("printed"),
    "attach": _("attached a file"),
    "detach": _("took a file off"),
    "activate": _("activated"),
    "deactivate": _("deactivated"),
    "note": _("noted"),
    "give_back": _("gave back what it had taken"),
    "close": _("closed what was open"),
    "reopen": _("opened again what was closed"),
}


def entries(
    work: Work, kind: str, key: int, known: Mapping[str, Face], cls: Any, url: Url, *, before: int | None = None
) -> tuple[list[dict[str, Any]], int | None]:
    """A page of the entries of a record, the latest first, without what the reader may not see; the id of its last
    entry when there are older ones."""
    mine = (_HISTORY.c.company_id == work.company.id, _HISTORY.c.kind == kind, _HISTORY.c.record_id == key)
    statement = select(_HISTORY).where(*mine).order_by(_HISTORY.c.id.desc()).limit(MOST + 1)
    if before is not None:
        statement = statement.where(_HISTORY.c.id < before)
    rows = list(work.connection.execute(statement))
    more, rows = len(rows) > MOST, rows[:MOST]
    said = _comments(work, cls, key, rows, url)
    found = [entry(work, row, known, cls) | said.get(row.id, {}) for row in rows]
    return found, int(rows[-1].id) if more else None


def _comments(work: Work, cls: Any, key: int, rows: Sequence[Any], url: Url) -> dict[int, dict[str, Any]]:
    """What the comments among the entries say now, by the id of the entry."""
    ids = {row.changes["comment"][1]: row.id for row in rows if row.what == "comment" and "comment" in row.changes}
    found = comments(work, cls, key, ids=ids) if ids else ()
    return {ids[one.id]: _comment(work, one, url) for one in found}


def _comment(work: Work, one: Any, url: Url) -> dict[str, Any]:
    if one.removed_at:
        return {"reason": "", "note": str(_("taken back by {person}", person=work.person(one.removed_by)))}
    mine = one.created_by == work.actor_id
    return {
        "reason": one.text,
        "note": str(_("changed {moment}", moment=moment(work, one.edited_at))) if one.edited_at else "",
        "comment": {
            "id": one.id,
            "text": one.text,
            "change_url": url("change_comment_view", comment=one.id) if mine else "",
            "remove_url": url("remove_comment_view", comment=one.id) if mine or work.may(ADMINISTER) else "",
        },
    }


def entry(work: Work, row: Any, known: Mapping[str, Face], cls: Any) -> dict[str, Any]:
    moved = issubclass(cls, Document) and row.target and row.target != row.source and row.what != "create"
    return {
        "who": work.person(row.actor_id) or str(_("The program")),
        "what": word(cls, row.what),
        "at": moment(work, row.at),
        "tag": state_tag(cls, row.target) if moved else None,
        "reason": row.reason or _opinion(row) or _said_then(row),
        "changes": [] if row.what == "create" else list(_changes(work, row.changes, known, cls)),
    }


def word(cls: Any, what: str) -> str:
    """What an entry of the history of a ``cls`` says that somebody did; the name itself when there are no words."""
    if what in WORDS:
        return str(WORDS[what])
    if issubclass(cls, Document):
        if what in cls.noted:
            return str(cls.noted[what])
        found = next((t for t in cls.workflow.transitions if t.name == what), None)
        if found:
            return str(found.done or found.label)
    return what


def _said_then(row: Any) -> str:
    return str(row.changes["said"][1]) if row.what == "comment" and "said" in row.changes else ""


def _opinion(row: Any) -> str:
    pair = row.changes.get("opinion") if row.what in ("agree", "double_check") else None
    return str(pair[1]) if pair and pair[1] else ""


def _changes(work: Work, changes: Mapping[str, Any], known: Mapping[str, Face], cls: Any) -> Any:
    for name, pair in changes.items():
        if name in BESIDE:
            yield from _beside(work, name, pair)
        elif name == "lines" and isinstance(pair, Mapping):
            yield from _line_changes(work, pair)
        elif name in known and isinstance(pair, list) and len(pair) == 2:
            face = known[name]
            yield {
                "label": str(face.label),
                "before": said(work, cls, face, pair[0]),
                "after": said(work, cls, face, pair[1]),
            }
        elif part := next((p for p in getattr(cls, "parts", ()) if p.key == name), None):
            if isinstance(pair, Mapping):
                yield from _part_changes(work, part, pair)
            elif len(pair) == 2:
                yield {"label": str(part.label), "before": len(pair[0] or ()), "after": len(pair[1] or ())}


def _beside(work: Work, name: str, pair: Any) -> Any:
    """A file; what a comment said before it was changed, for those who may read the history of everything."""
    if isinstance(pair, list) and (name == "file" or (pair[0] and work.may(READ_HISTORY))):
        yield {"label": str(BESIDE[name]), "before": pair[0] or "", "after": pair[1] or ""}


def _line_changes(work: Work, pair: Mapping[str, Any]) -> Any:
    known = sight.shown(work, DocumentLine)
    for values in (pair.get("added") or {}).values():
        yield {"label": str(_("Line added")), "before": "", "after": _line(values)}
    for values in (pair.get("removed") or {}).values():
        yield {"label": str(_("Line removed")), "before": _line(values), "after": ""}
    for values in (pair.get("changed") or {}).values():
        for name, change in values.items():
            if name in known:
                label = f"{OF_LINE} · {known[name].label}"
                yield {
                    "label": label,
                    "before": said(work, DocumentLine, known[name], change[0]),
                    "after": said(work, DocumentLine, known[name], change[1]),
                }


def _part_changes(work: Work, part: Any, rows: Mapping[str, Any]) -> Any:
    """What changed in the rows of one part: those that came and went in the words of their columns."""
    known = sight.shown(work, part)
    for what, side in (("added", "after"), ("removed", "before")):
        for values in (rows.get(what) or {}).values():
            shown = [said(work, part, known[n], values.get(n)) for n in part.columns if n in known]
            yield {"label": str(part.label), "before": "", "after": ""} | {side: " ".join(filter(None, shown))}
    for values in (rows.get("changed") or {}).values():
        for name, (before, after) in values.items():
            if name in known:
                face = known[name]
                yield {
                    "label": f"{part.label} · {face.label}",
                    "before": said(work, part, face, before),
                    "after": said(work, part, face, after),
                }


def _line(values: Mapping[str, Any]) -> str:
    return " ".join(str(values.get(n) or "") for n in ("name", "specification", "quantity", "unit")).strip()


def said(work: Work, cls: Any, face: Face, value: Any) -> str:
    """A kept value in the reader's words."""
    if value is None or value == "":
        return ""
    if face.kind == "ref":
        row = {face.name: value}
        return Names(work).learn({face.name: face}, [row]).text(face.references or "", value)
    if face.kind == "choice":
        return str(face.choice(value))
    if face.kind == "bool":
        return str(_("Yes") if value else _("No"))
    if face.kind == "decimal":
        return figure(decimal(value), face.places)
    if face.name == "state" and issubclass(cls, Document):
        return state_tag(cls, value).text
    return str(sight.told(work, face, value))


def panel(
    work: Work, record: Document | Master, known: Mapping[str, Face], url: Url, *, before: int | None = None
) -> dict[str, Any]:
    """The timeline of a document or a master, a page of it; comments are taken on the first."""
    found, older = entries(work, kind_of(type(record)), record.id, known, type(record), url, before=before)
    return {
        "key": "history",
        "label": str(_("Timeline")),
        "icon": "history",
        "kind": "history",
        "entries": found,
        "count": f"{len(found)}+" if older else len(found),
        "comment_url": url("comment_view") if before is None else "",
        "people_url": url_for("lookup.index", kind="core.account"),
        "more_url": url("history_view", before=older) if older else "",
    }


def files(work: Work, record: Document | Master, url: Url, *, writes: bool) -> dict[str, Any]:
    """The files on a record: who attached them, and where further ones go if this reader may attach any."""
    rows = attached(work, type(record), record.id)
    found = [
        {
            "name": row.name,
            "size": f"{max(row.size // 1024, 1):,} KB",
            "by": work.person(row.created_by),
            "at": moment(work, row.created_at),
            "url": url("file_view", file=row.id),
            "remove_url": url("detach_view", file=row.id) if row.created_by == work.actor_id else "",
        }
        for row in rows
    ]
    return {
        "key": "files",
        "label": str(_("Attachments")),
        "icon": "paperclip",
        "kind": "files",
        "entries": found,
        "count": len(found),
        "upload_url": url("attach_view") if writes else "",
        "accept": ",".join(f".{one}" for one in sorted(types(work))),
        "help": str(_("At most {size} MB.", size=work.setting(FILE_MB))),
    }


def editions(work: Work, document: Document, compare_url: str) -> dict[str, Any]:
    """The versions of a document, the present one first."""
    table: Any = DocumentEdition.__table__
    frozen = {
        row.revision: row
        for row in work.connection.execute(
            select(table.c.revision, table.c.created_at, table.c.created_by)
            .where(table.c.company_id == work.company.id, table.c.document_id == document.id)
            .order_by(table.c.id)
        )
    }
    kept = kept_editions(work, document)
    found = []
    for revision in sorted(kept, reverse=True):
        row, content = frozen.get(revision), kept[revision]
        found.append(
            {
                "key": str(revision),
                "label": f"V{revision}",
                "url": "",
                "at": moment(work, row.created_at if row else document.updated_at),
                "by": work.person(row.created_by if row else document.updated_by),
                "amount": amount(work, type(document), decimal(content.get("gross")) or Decimal(0), document.currency),
            }
        )
    return {
        "key": "editions",
        "label": str(_("Versions")),
        "icon": "git-branch",
        "kind": "editions",
        "entries": found,
        "count": len(found),
        "compare_url": compare_url,
    }
