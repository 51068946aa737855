"""Looking things up while typing: customers, products, people, and everything at once."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.documents.kinds import Type, kind_of
from core.documents.models import Document
from core.entities.item import Item
from core.entities.party import Party
from core.names import search_tokens
from core.search.listing import Query, page
from core.text import _, in_language
from core.web import addresses
from core.web.current import wants_json, work
from core.web.document_lines import amount
from core.web.screens import Screen
from core.web.showing import number, state_tag
from core.work import Work

MOST = 12
EACH = 5


class Lookup(Screen):
    """What comboboxes ask: ``/lookup/<kind>?q=``."""

    label = _("Search")
    in_menu = False

    @expose("/")
    @expose("/<kind>")
    def index(self, kind: str = "") -> ResponseReturnValue:
        """Records of ``kind`` that hold what was typed."""
        return jsonify(items=find(work(), kind, request.args.get("q", "")[:100]))


def find(opened: Work, kind: str, asked: str) -> list[dict[str, Any]]:
    """At most a dozen records for a combobox; all of a short list when nothing was typed."""
    match kind:
        case "core.account":
            people = [(p.id, p.title, p.login) for p in opened.company.people.values()]
            return _among(people, asked)
        case "core.department":
            return _among([(k, in_language(*pair), "") for k, pair in opened.company.departments.items()], asked)
        case "core.company_role":
            return _among([(r.id, r.title, r.key) for r in opened.company.roles.values()], asked)
        case "core.tax_rate":
            return _among([(t.id, t.title, t.code) for t in opened.company.taxes if t.active], asked)
    cls = opened.types.type(kind)
    return _records(opened, cls, asked)


def _among(rows: list[tuple[int, str, str]], asked: str) -> list[dict[str, Any]]:
    wanted = asked.strip().lower()
    hits = [
        row
        for row in rows
        if not wanted or wanted in row[1].lower() or wanted in row[2].lower() or wanted in search_tokens(row[1]).split()
    ]
    return [{"id": key, "label": label, "text": label, "code": "", "note": note} for key, label, note in hits[:MOST]]


def _records(opened: Work, cls: Type, asked: str) -> list[dict[str, Any]]:
    found = page(opened, cls, Query({"active": "1"} if "active" in cls.filters else {}, asked, size=MOST))
    if cls is Item:
        return _items(opened, [row["id"] for row in found.rows])
    return [
        {"id": row["id"], "label": title(row), "text": title(row), "code": row.get("code", ""), "note": _note(cls, row)}
        for row in found.rows
    ]


def title(row: Any) -> str:
    """What a row of a list is called."""
    return str(row.get("number") or row.get("name") or row.get("party_name") or row.get("code") or row["id"])


def _note(cls: Type, row: Any) -> str:
    return str(row.get("phone", "") or row.get("region", "")) if cls is Party else ""


def _items(opened: Work, ids: list[int]) -> list[dict[str, Any]]:
    table: Any = Item.__table__
    rows = {
        r.id: r
        for r in opened.connection.execute(
            select(
                table.c.id,
                table.c.code,
                table.c.name,
                table.c.name_en,
                table.c.specification,
                table.c.unit,
                table.c.list_price,
            ).where(table.c.company_id == opened.company.id, table.c.id.in_(ids))
        )
    }
    return [
        {
            "id": key,
            "label": f"{rows[key].name} {rows[key].specification}".strip(),
            "text": rows[key].name,
            "code": rows[key].code,
            "note": number(rows[key].list_price, 2),
            "values": {"name": rows[key].name, "specification": rows[key].specification, "unit": rows[key].unit},
        }
        for key in ids
        if key in rows
    ]


class Search(Screen):
    """The search over everything: numbers, customers and products by name, pinyin or initials, and what one may do."""

    label = _("Search")
    in_menu = False

    @expose("/")
    def index(self) -> Any:
        """Hits as the person types (JSON), or a page of them."""
        asked = request.args.get("q", "").strip()[:100]
        hits = everywhere(work(), asked) if asked else []
        if wants_json():
            return jsonify(items=hits)
        return self.page("search.html", asked=asked, hits=hits)


def everywhere(opened: Work, asked: str) -> list[dict[str, Any]]:
    """Hits of every type that the person may read, then the actions whose name holds what was typed."""
    hits: list[dict[str, Any]] = []
    for cls in addresses.types(opened):
        kind = kind_of(cls)
        if not cls.searched or not opened.may(f"{kind}.read"):
            continue
        for row in page(opened, cls, Query(search=asked, size=EACH)).rows:
            hits.append(_hit(opened, cls, row))
    return hits[: MOST * 2] + _actions(opened, asked)


def _hit(opened: Work, cls: Any, row: Any) -> dict[str, Any]:
    note = str(cls.label)
    label = title(row)
    if issubclass(cls, Document):
        label = f"{row.get('number') or _('Draft')} {row.get('party_name') or ''}".strip()
        worth = amount(opened, cls, row.get("gross"), row["currency"])
        note = " · ".join(part for part in (note, state_tag(cls, row["state"]).text, worth) if part)
    return {
        "id": row["id"],
        "label": label,
        "code": row.get("code", ""),
        "note": note,
        "url": addresses.record(kind_of(cls), row["id"]),
    }


def _actions(opened: Work, asked: str) -> list[dict[str, Any]]:
    found = []
    for cls in addresses.types(opened):
        kind = kind_of(cls)
        label = str(_("New: {type}", type=cls.label))
        if asked.lower() in label.lower() and opened.may(f"{kind}.create"):
            url = url_for(f"{addresses.endpoint(kind)}.create_view")
            found.append({"id": 0, "label": label, "code": "", "note": str(_("Action")), "url": url})
    return found[:EACH]
