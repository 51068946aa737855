"""What goes wrong on the way out."""

from __future__ import annotations


class Refused(Exception):
    """The other side has refused for good: trying again is of no use."""


class Later(Exception):
    """The other side asks to be tried again later."""
