"""Approval rules: who must agree to which move, from which amount on; and a trial before it matters."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_admin import expose
from sqlalchemy import select

from core.approvals.models import ApprovalPolicy, PolicyStep
from core.documents.kinds import area_of, kind_of
from core.documents.reading import load_master
from core.operations.masters import save
from core.text import _
from core.web.administration import policy_form
from core.web.administration.forms import Administered, fresh
from core.web.administration.policy_form import told
from core.web.administration.trial import trial
from core.web.current import work
from core.web.screens import Page
from core.work import Work


class Policies(Administered):
    """The rules, one rule, and the trial."""

    label = _("Approval rules")
    icon = "rubber-stamp"
    permission = "core.approval_policy.read"

    @expose("/")
    def index(self) -> Page:
        """All rules, and whoever would have to agree to what was asked."""
        opened = work()
        rules = [_line(opened, rule, steps) for rule, steps in policies(opened)]
        page = {
            "title": str(_("Approval rules")),
            "policies": rules,
            "new_url": url_for(".new") if opened.may("core.approval_policy.create") else "",
            "trial": trial(opened, moves(opened), url_for(".index")),
        }
        return self.page("policies.html", page=page)

    @expose("/new", methods=("GET",))
    def new(self) -> Page:
        """An empty rule."""
        return self.page("policy.html", **policy_form.page(work(), moves(work()), None, None))

    @expose("/new", methods=("POST",))
    def create(self) -> ResponseReturnValue:
        """A new rule."""
        return self._save(None)

    @expose("/<int:key>", methods=("GET",))
    def edit(self, key: int) -> Page:
        """A rule."""
        return self.page("policy.html", **policy_form.page(work(), moves(work()), None, key))

    @expose("/<int:key>", methods=("POST",))
    def change(self, key: int) -> ResponseReturnValue:
        """Change a rule; documents already in approval keep the steps they were given."""
        return self._save(key)

    def _save(self, key: int | None) -> ResponseReturnValue:
        if "rows" in request.form:
            return self.again("policy.html", lambda opened: policy_form.page(opened, moves(opened), None, key), 200)

        def command(opened: Work) -> None:
            wanted = policy_form.read(opened, moves(opened))
            if key is None:
                save(opened, ApprovalPolicy, wanted)
                return
            kept = policy_form.kept(load_master(opened, ApprovalPolicy, key, "edit"))
            if fresh(kept, wanted):
                steps = load_master(opened, ApprovalPolicy, key, "edit").steps  # type: ignore[attr-defined]
                ids = [step.id for step in steps]
                rows = [{**row, "id": ids[n] if n < len(ids) else None} for n, row in enumerate(wanted["steps"])]
                save(opened, ApprovalPolicy, {**wanted, "steps": rows}, key=key)

        return self.write(
            command,
            done=_("The rule is saved. Documents already in approval keep their steps."),
            to=url_for(".index"),
            template="policy.html",
            build=lambda opened, error: policy_form.page(opened, moves(opened), error, key),
        )


def policies(work: Work) -> list[tuple[ApprovalPolicy, list[PolicyStep]]]:
    """The rules of the areas in use, in the order in which they count."""
    rules = work.session.scalars(
        select(ApprovalPolicy).order_by(ApprovalPolicy.document_kind, ApprovalPolicy.position, ApprovalPolicy.id)
    )
    steps: dict[int, list[PolicyStep]] = {}
    for step in work.session.scalars(select(PolicyStep).order_by(PolicyStep.position, PolicyStep.id)):
        steps.setdefault(step.policy_id, []).append(step)
    known = moves(work)
    return [(rule, steps.get(rule.id, [])) for rule in rules if f"{rule.document_kind}:{rule.transition}" in known]


def moves(work: Work) -> dict[str, str]:
    """The moves that may need consent, ``kind:move``, in the reader's words."""
    found = {}
    for cls in work.types.documents.values():
        if area_of(kind_of(cls)) not in {*work.areas, "core"}:
            continue
        for move in cls.workflow.transitions:
            if move.approval:
                found[f"{kind_of(cls)}:{move.name}"] = str(_("{type}: {move}", type=cls.label, move=move.label))
    return found


def _line(work: Work, rule: ApprovalPolicy, steps: list[PolicyStep]) -> dict[str, Any]:
    return {
        "label": rule.name,
        "type": moves(work)[f"{rule.document_kind}:{rule.transition}"],
        "condition": rule.condition,
        "steps": [{**told(work, step), "beside": step.beside} for step in steps],
        "active": rule.active,
        "url": url_for(".edit", key=rule.id),
    }
