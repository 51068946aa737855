"""What all tests of the product share."""

from __future__ import annotations

pytest_plugins = ["core.testing.fixtures"]
