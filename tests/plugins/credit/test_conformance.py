"""Credit keeps to what every plug-in promises."""

from __future__ import annotations

from core.testing.conformance import Conformance


class TestCredit(Conformance):
    area = "credit"
