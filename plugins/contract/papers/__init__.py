"""Contracts and order sheets on paper, in Chinese, English or both."""

from __future__ import annotations

from plugins.contract.papers.contract import contract_paper
from plugins.contract.papers.order import order_paper

PAPERS = {"contract.contract": contract_paper, "contract.order": order_paper}
"""What builds the paper of each kind."""

__all__ = ["PAPERS", "contract_paper", "order_paper"]
