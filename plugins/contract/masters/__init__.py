"""The texts that contracts begin with."""

from __future__ import annotations

from plugins.contract.masters.templates import CONTRACT_KINDS, Clause, Template

__all__ = ["CONTRACT_KINDS", "Clause", "Template"]
