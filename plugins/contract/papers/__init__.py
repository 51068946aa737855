"""Contracts and order sheets on paper, in Chinese, English or both."""

from __future__ import annotations

from core.printing.forms import approval_sheet
from core.text import _
from plugins.contract.papers.contract import contract_paper
from plugins.contract.papers.order import order_paper

_APPROVAL = (_("Approval sheet"), approval_sheet)
PAPERS = {
    "contract.contract": {"contract": (_("Contract"), contract_paper), "approval": _APPROVAL},
    "contract.order": {"order": (_("Customer order"), order_paper), "approval": _APPROVAL},
}
"""What builds the paper of each kind."""

__all__ = ["PAPERS", "contract_paper", "order_paper"]
