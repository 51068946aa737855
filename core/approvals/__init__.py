"""Approvals: who must agree, in which order, and what they decided."""
