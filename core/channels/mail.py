"""Mail by SMTP. What the server refuses for good (5xx) is final, what it cannot take now (4xx) is tried again.

The ``Message-ID`` is the same at every try, so that a server or a reader who gets a message twice, because the program
died between the sending and its mark, can tell.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses, parseaddr
from typing import Any

from core.channels.doors import SECONDS, connect
from core.channels.faults import Later, Refused

FINAL_FROM = 500


class _Plain(smtplib.SMTP):
    """SMTP over a connection to an address that was judged."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return connect(host, port, timeout)


class _Encrypted(smtplib.SMTP_SSL):
    """The same, encrypted from the start; the certificate is that of the name."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        return self.context.wrap_socket(connect(host, port, timeout), server_hostname=host)


def check(options: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of the options cannot be."""
    faults = []
    port = options.get("port", "")
    if not (port.isascii() and port.isdigit() and 0 < int(port or 0) < 65536):
        faults.append(("port", "port"))
    if not is_address(options.get("sender", "")):
        faults.append(("sender", "address"))
    if options.get("security") == "none" and options.get("password"):
        faults.append(("security", "open_password"))
    if options.get("password") and not options.get("user"):
        faults.append(("user", "required"))
    return faults


def is_address(text: str) -> bool:
    """Whether a text is the address of one mailbox, so that a message goes to nobody besides."""
    found = getaddresses([_line(text)])
    return len(found) == 1 and found[0][1].count("@") == 1 and not found[0][1].startswith("@")


def compose(sender: str, to: str, subject: str, body: str, mark: str) -> EmailMessage:
    """The message; line breaks in its head are taken out. Raises ``Refused`` for an address that is none."""
    message = EmailMessage()
    domain = parseaddr(sender)[1].rpartition("@")[2]
    try:
        message["From"], message["To"] = _line(sender), _line(to)
        message["Subject"] = _line(subject)
        message["Date"] = format_datetime(datetime.now(UTC))
        message["Message-ID"] = f"<{mark}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body or subject)
    except (MessageError, ValueError, IndexError) as error:
        raise Refused(f"The address cannot be written to: {error}") from error
    return message


def send(options: Mapping[str, str], to: str, subject: str, body: str, mark: str) -> str:
    """Hand a message to the server; gives back the address that took it. Raises ``Refused``, or what may pass."""
    if not to.strip():
        raise Refused("The person has no e-mail address.")
    if not is_address(to):
        raise Refused("What the person gave is not one e-mail address.")
    message = compose(options["sender"], to, subject, body, mark)
    try:
        with _opened(options) as server:
            if options.get("user"):
                server.login(options["user"], options.get("password", ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _fault(code, said) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Refused(str(error)) from error
    except smtplib.SMTPResponseException as error:
        raise _fault(error.smtp_code, error.smtp_error) from error
    return f"{to}"


def _opened(options: Mapping[str, str]) -> smtplib.SMTP:
    host, port, context = options["host"], int(options["port"]), ssl.create_default_context()
    if options["security"] == "tls":
        return _Encrypted(host, port, timeout=SECONDS, context=context)
    server = _Plain(host, port, timeout=SECONDS)
    try:
        if options["security"] == "starttls":
            server.starttls(context=context)
    except BaseException:
        with suppress(Exception):
            server.close()
        raise
    return server


def _fault(code: int, said: bytes | str) -> Exception:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return Refused(f"{code} {text}") if code >= FINAL_FROM else Later(f"{code} {text}")


def _line(text: str) -> str:
    return " ".join(text.split())
