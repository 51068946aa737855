"""Inquiry and quotation: what a customer asks for, and the priced promise it is answered with."""

from __future__ import annotations

from plugins.quotation.documents.inquiry import Inquiry
from plugins.quotation.documents.quotation import Quotation

__all__ = ["Inquiry", "Quotation"]
