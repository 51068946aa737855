"""What every operation on a document asks first."""

from __future__ import annotations

from core.documents.models import Document
from core.errors import Stale


def check_version(document: Document, version: int | None) -> None:
    """Raise ``Stale`` unless ``version`` is the current one; None asks for no check."""
    if version is not None and version != document.version:
        raise Stale(version, document.version)
