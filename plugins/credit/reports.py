"""Credit watch: the customers near their limit or over it, of a low grade, or frozen (CRD-05)."""

from __future__ import annotations

from core import reports
from core.hooks.values import Ref
from core.reports import Chosen, Column, Report, Row, Statement
from core.roles import FINANCE, GENERAL_MANAGER, SALES_MANAGER
from core.text import _
from core.work import Work
from plugins.credit.services import watching

CHOICES = (("watched", _("To be watched")), ("all", _("All with a credit file")))


def _watch(work: Work, chosen: Chosen) -> Statement:
    return watching.watched(work, everybody=chosen.text("which") == "all")  # type: ignore[no-any-return]


def _file(work: Work, row: Row, chosen: Chosen) -> Ref:
    return Ref("credit.file", row["file_id"], "")


REPORTS = (
    Report(
        key="credit.watch",
        label=_("Credit watch"),
        about=_("Customers near their limit or over it, of a low grade, or frozen."),
        icon="shield-exclamation",
        columns=(
            Column("party_id", _("Customer"), "ref", references="core.party"),
            Column("owner_id", _("Responsible"), "ref", references="core.account"),
            Column("grade", _("Credit grade")),
            Column("allowed", _("Limit with temporary credit"), "amount", total=True),
            Column("exposure", _("Owed in all"), "amount", total=True),
            Column("free", _("Still free"), "amount", total=True, help=_("Negative: over the limit.")),
            Column(
                "used",
                _("Used"),
                "percent",
                total=True,
                reckon=lambda row, _chosen: reports.share(row["exposure"], row["allowed"]),
            ),
            Column("overdue", _("Of that overdue"), "amount", total=True),
            Column("valid_until", _("Valid until"), "date"),
        ),
        rows=_watch,
        order=("free", "file_id"),
        filters=(reports.choice("which", _("Which"), CHOICES, default="watched"),),
        roles=(FINANCE, GENERAL_MANAGER, SALES_MANAGER),
        drill=_file,
        notes=(_("Reckoned from documents in the company's currency, as they stand now."),),
    ),
)
