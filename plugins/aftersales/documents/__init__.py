"""The service request, and the return or exchange of what was delivered."""

from __future__ import annotations

from plugins.aftersales.documents.case import Case
from plugins.aftersales.documents.return_request import Return

__all__ = ["Case", "Return"]
