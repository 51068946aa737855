"""Measurements of the product beside the bare database: ``python -m benchmarks``."""

from __future__ import annotations
