"""Production and purchase follow-up keep to what every plug-in promises."""

from __future__ import annotations

from core.testing.conformance import Conformance


class TestProduction(Conformance):
    area = "production"
