"""The robots of groups in WeCom, DingTalk and Feishu: one POST of JSON, signed where the robot wants it.

None of the three takes a mark that would let it know a repeated message, so a message may come twice when the program
dies between the sending and its own mark; it never comes twice otherwise.
"""

from __future__ import annotations

import hmac
import http.client
import json
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlsplit

from core.channels.doors import SECONDS, connect, named
from core.channels.faults import Later, Refused
from core.channels.kinds import KINDS

LONGEST = 1800
LONGEST_ANSWER = 65536
# What each says when it is asked too often or is busy; everything else that is no success is final.
BUSY: Mapping[str, frozenset[int]] = {
    "wecom": frozenset({-1, 45009, 45033}),
    "dingtalk": frozenset({-1, 130101, 410100}),
    "feishu": frozenset({9499, 11232, 11233}),
}


def check(kind: str, options: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of the options cannot be: the address must be one of the kind's own hosts, by HTTPS."""
    parts = urlsplit(options.get("url", ""))
    host = (parts.hostname or "").lower()
    if host in named() and parts.scheme in {"http", "https"}:
        return []
    return [] if parts.scheme == "https" and host in KINDS[kind].hosts and not parts.username else [("url", "host")]


def send(kind: str, options: Mapping[str, str], text: str) -> str:
    """Hand ``text`` to the group; gives back what the robot said. Raises ``Refused``, ``Later`` or ``OSError``."""
    if check(kind, options):
        raise Refused("This is no address of such a robot.")
    url, body = _SIGNED[kind](options["url"], options.get("key", ""), text[:LONGEST], time.time())
    status, answer = _post(url, json.dumps(body, ensure_ascii=False).encode())
    if status == http.client.TOO_MANY_REQUESTS or status >= http.client.INTERNAL_SERVER_ERROR:
        raise Later(f"HTTP {status}")
    if status != http.client.OK:
        raise Refused(f"HTTP {status}")
    code, said = _outcome(answer)
    if code in BUSY[kind]:
        raise Later(f"{code} {said}")
    if code != 0:
        raise Refused(f"{code} {said}")
    return said or "ok"


def wecom(url: str, _key: str, text: str, _now: float) -> tuple[str, dict[str, Any]]:
    """WeCom (企业微信) knows the group by the key in the address."""
    return url, {"msgtype": "text", "text": {"content": text}}


def dingtalk(url: str, key: str, text: str, now: float) -> tuple[str, dict[str, Any]]:
    """DingTalk (钉钉) wants the moment in milliseconds and a signature over it in the address."""
    body = {"msgtype": "text", "text": {"content": text}}
    if not key:
        return url, body
    stamp = str(round(now * 1000))
    sign = b64encode(hmac.new(key.encode(), f"{stamp}\n{key}".encode(), sha256).digest()).decode()
    return f"{url}{'&' if '?' in url else '?'}timestamp={stamp}&sign={quote_plus(sign)}", body


def feishu(url: str, key: str, text: str, now: float) -> tuple[str, dict[str, Any]]:
    """Feishu (飞书) wants the moment in seconds and a signature by it in the body; the signed text is empty."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": text}}
    if key:
        stamp = str(int(now))
        sign = b64encode(hmac.new(f"{stamp}\n{key}".encode(), b"", sha256).digest()).decode()
        body = {"timestamp": stamp, "sign": sign, **body}
    return url, body


_SIGNED: Mapping[str, Callable[[str, str, str, float], tuple[str, dict[str, Any]]]] = {
    "wecom": wecom,
    "dingtalk": dingtalk,
    "feishu": feishu,
}


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    """One request to an address that was judged; it follows nobody elsewhere."""
    parts = urlsplit(url)
    host, secure = parts.hostname or "", parts.scheme == "https"
    link = http.client.HTTPConnection(host, parts.port or (443 if secure else 80), timeout=SECONDS)
    made = connect(host, link.port)
    try:
        link.sock = ssl.create_default_context().wrap_socket(made, server_hostname=host) if secure else made
        target = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
        link.request("POST", target, body, {"Content-Type": "application/json; charset=utf-8"})
        answer = link.getresponse()
        return answer.status, answer.read(LONGEST_ANSWER)
    except http.client.HTTPException as error:
        raise Later(f"{type(error).__name__}: {error}") from error
    finally:
        link.close()
        made.close()


def _outcome(answer: bytes) -> tuple[int, str]:
    """The code and the words of an answer; WeCom and DingTalk say ``errcode``, Feishu ``code``."""
    try:
        told = json.loads(answer)
        code = told.get("errcode", told.get("code", told.get("StatusCode")))
        return int(code), str(told.get("errmsg", told.get("msg", "")))[:200]
    except (ValueError, TypeError, AttributeError) as error:
        raise Later("The answer was not understood.") from error
