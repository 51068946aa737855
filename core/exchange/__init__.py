"""Files that leave the house or come into it: sheets for people's own programs."""

from __future__ import annotations
