"""Contracts and orders keep to what every plug-in promises."""

from __future__ import annotations

from core.testing.conformance import Conformance


class TestContract(Conformance):
    area = "contract"
