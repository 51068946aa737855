"""Invented companies with a season of work in them, to try the product and to test it with much of everything."""

from __future__ import annotations
