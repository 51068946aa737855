"""Hand-overs: what somebody answers for goes to others; looked at first, kept on record, undone within a day."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose

from core.errors import DomainError, Forbidden, Unauthenticated, Unknown
from core.operations import handing_over
from core.operations.handing_over import UNDO_WITHIN
from core.rights import HAND_OVER
from core.text import _
from core.web import shell
from core.web.administration import hand_over_form
from core.web.administration.double_checks import whole_number
from core.web.administration.hand_over_form import page_of, title
from core.web.current import run, work
from core.web.screens import Page, Screen, refuse, say
from core.web.showing import Tag, moment
from core.web.statuses import status_of
from core.work import Work

SIZE = 100


class HandOvers(Screen):
    """The record of all hand-overs, one of them, and a new one."""

    label, icon, group, permission = _("Hand-overs"), "transfer", "administration", HAND_OVER

    @expose("/")
    def index(self) -> Page:
        """All of them, the latest first."""
        opened = work()
        before = whole_number(request.args.get("before", ""))
        rows = handing_over.history(opened, before=before, most=SIZE + 1)
        page = {
            "title": str(self.label),
            "rows": [_line(opened, row) for row in rows[:SIZE]],
            "new_url": url_for(".new"),
            "next_url": url_for(".index", before=rows[SIZE - 1].id) if len(rows) > SIZE else "",
        }
        return self.page("hand_overs.html", page=page)

    @expose("/new", methods=("GET",))
    def new(self) -> Page:
        """Whose, to whom."""
        return self.page("hand_over.html", **hand_over_form.page(work(), None))

    @expose("/new", methods=("POST",))
    def make(self) -> ResponseReturnValue:
        """Look at what would go to whom, or hand it over."""
        if "make" not in request.form:
            return self.again("hand_over.html", lambda opened: hand_over_form.page(opened, None), 200)

        def command(opened: Work) -> int:
            from_id, shares, reason = hand_over_form.read(opened)
            return handing_over.hand_over(opened, from_id, shares, reason=reason)

        try:
            key = run(command)
        except (Unknown, Forbidden, Unauthenticated):
            raise
        except DomainError as error:
            refusal = error
        else:
            shell.forget_bell(g.company_id, g.visitor.account_id)
            say(_("It is handed over. It can be undone for a day."))
            return redirect(url_for(".one", key=key), 303)
        return self.again("hand_over.html", lambda opened: hand_over_form.page(opened, refusal), status_of(refusal))

    @expose("/<int:key>")
    def one(self, key: int) -> Page:
        """One hand-over with every record that went."""
        return self.page("hand_over_record.html", page=_record(work(), key))

    @expose("/<int:key>/undo", methods=("POST",))
    def undo(self, key: int) -> ResponseReturnValue:
        """Take it back, but for what was changed since."""
        try:
            back, stayed = run(lambda opened: handing_over.undo(opened, key))
        except Unknown:
            raise
        except DomainError as error:
            return refuse(error, url_for(".one", key=key))
        say(_("{count} records went back.", count=back))
        if stayed:
            say(_("{count} were changed since, and stay where they are.", count=stayed), "warn")
        return redirect(url_for(".one", key=key), 303)


def _line(opened: Work, row: Any) -> dict[str, Any]:
    to = {int(account) for counts in row.counts.values() for account in counts}
    return {
        "title": str(
            _("{who} to {others}", who=opened.person(row.from_id), others=[opened.person(one) for one in sorted(to)])
        ),
        "about": " · ".join(part for part in (row.reason, opened.person(row.by_id)) if part),
        "count": sum(sum(counts.values()) for counts in row.counts.values()),
        "at": moment(opened, row.at),
        "tag": Tag(str(_("Undone")), "grey") if row.undone_at else None,
        "url": url_for(".one", key=row.id),
    }


def _record(opened: Work, key: int) -> dict[str, Any]:
    row = handing_over.find(opened, key)
    after, what = whole_number(request.args.get("after", "")) or 0, request.args.get("what", "")
    stayed = request.args.get("stayed") == "1"
    items = handing_over.items(opened, key, what=what, stayed=stayed, after=after, most=SIZE + 1)
    labels = {one.key: str(one.label) for one in opened.types.handed.values()}
    counted = [
        {
            "label": labels.get(sort, sort),
            "to": opened.person(int(to)),
            "count": count,
            "url": url_for(".one", key=key, what=sort),
        }
        for sort, counts in row.counts.items()
        for to, count in counts.items()
    ]
    late = opened.now - row.at > UNDO_WITHIN
    return {
        **_line(opened, row),
        "crumbs": [{"label": str(_("Hand-overs")), "url": url_for(".index")}],
        "facts": [
            {"label": str(label), "value": value}
            for label, value in (
                (_("Carried out by"), opened.person(row.by_id) or str(_("The program"))),
                (_("Carried out at"), moment(opened, row.at)),
                (_("Reason"), row.reason),
                (_("Undone"), moment(opened, row.undone_at)),
                (_("Undone by"), opened.person(row.undone_by)),
            )
            if value
        ],
        "counts": counted,
        "items": [_item(opened, one, labels) for one in items[:SIZE]],
        "next_url": url_for(".one", key=key, what=what, stayed=int(stayed), after=items[SIZE - 1].id)
        if len(items) > SIZE
        else "",
        "all_url": url_for(".one", key=key) if what or stayed else "",
        "stayed_url": url_for(".one", key=key, stayed=1) if row.undone_at and not stayed else "",
        "undo_url": url_for(".undo", key=key) if row.undone_at is None and not late else "",
    }


def _item(opened: Work, item: Any, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "label": labels.get(item.what, item.what),
        "title": title(opened, item.what, item.record, item.title),
        "to": opened.person(item.to_id),
        "tag": Tag(str(_("Went back")), "grey") if item.undone else None,
        "url": page_of(opened, item.what, item.record),
    }
