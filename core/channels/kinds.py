"""The kinds of channels: what each needs to be told, and what of that is secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.text import Text, _

SECURITIES = (
    ("starttls", _("STARTTLS (port 587)")),
    ("tls", _("TLS from the start (port 465)")),
    ("none", _("None, within one's own network only")),
)


@dataclass(frozen=True, slots=True)
class Option:
    """One thing a channel is told. ``secret`` ones are locked and never shown again."""

    key: str
    label: Text
    secret: bool = False
    required: bool = False
    help: Text | None = None
    choices: tuple[tuple[str, Text], ...] = ()
    default: str = ""


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A kind of channel. ``hosts``: where its webhooks live; empty for servers that the company names itself."""

    key: str
    label: Text
    options: tuple[Option, ...]
    hosts: tuple[str, ...] = ()


_URL = Option(
    "url", _("Webhook address"), secret=True, required=True, help=_("It holds the group's key; keep it secret.")
)
_KEY = Option("key", _("Signing secret"), secret=True, help=_("Where the robot's security setting is a signature."))

KINDS: Mapping[str, ChannelKind] = {
    kind.key: kind
    for kind in (
        ChannelKind(
            "mail",
            _("E-mail"),
            (
                Option("host", _("Mail server (SMTP)"), required=True),
                Option("port", _("Port"), required=True, default="587"),
                Option("security", _("Encryption"), required=True, choices=SECURITIES, default="starttls"),
                Option("sender", _("Sender's address"), required=True),
                Option("user", _("User name")),
                Option("password", _("Password"), secret=True),
            ),
        ),
        ChannelKind("wecom", _("WeCom group robot"), (_URL,), ("qyapi.weixin.qq.com",)),
        ChannelKind("dingtalk", _("DingTalk group robot"), (_URL, _KEY), ("oapi.dingtalk.com",)),
        ChannelKind("feishu", _("Feishu group robot"), (_URL, _KEY), ("open.feishu.cn", "open.larksuite.com")),
    )
}
