"""What happens to contracts and orders beyond single moves: texts, drafts, claims and their days, consents."""

from __future__ import annotations
