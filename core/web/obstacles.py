"""What has to be done before anything else: a second step that the company asks for, a password that is too old."""

from __future__ import annotations

from datetime import timedelta

from core.extension.core_settings import PASSWORD_DAYS, TWO_STEP
from core.rights import ADMINISTER
from core.text import Text, _
from core.web.current import visitor
from core.work import Work


def obstacle(work: Work) -> Text | None:
    """What the company asks of the visitor first; it costs no statement. Single sign-on answers for both itself."""
    who = visitor()
    if who.way not in {"password", "code"}:
        return None
    asked = work.setting(TWO_STEP)
    if not who.two_step and (asked == "everybody" or (asked == "administrators" and work.may(ADMINISTER))):
        return _("This company asks for two-step sign-in. Please set it up first.")
    days = work.setting(PASSWORD_DAYS)
    if days and who.password_at is not None and work.now - who.password_at > timedelta(days=days):
        return _("Your password is older than {days} days. Please change it first.", days=days)
    return None
