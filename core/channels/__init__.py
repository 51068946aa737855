"""What carries messages out of the program: mail, and the robots of groups in WeCom, DingTalk and Feishu.

Nothing here reads or writes the database. ``Refused`` is final, any other fault is worth another try.
"""

from __future__ import annotations

from core.channels.carry import Carried, Refused, carry, check
from core.channels.kinds import KINDS, ChannelKind
from core.channels.mail import is_address

__all__ = ["KINDS", "Carried", "ChannelKind", "Refused", "carry", "check", "is_address"]
