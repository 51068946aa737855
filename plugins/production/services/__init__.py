"""What happens to production orders and purchase follow-ups beyond single moves."""

from __future__ import annotations
