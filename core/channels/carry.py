"""Carry one message by one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.channels import mail, robots
from core.channels.faults import Refused


@dataclass(frozen=True, slots=True)
class Carried:
    """A message as it leaves: to whom, what it says, and a mark that is the same at every try."""

    to_name: str
    to_address: str
    subject: str
    body: str
    mark: str


def carry(kind: str, options: Mapping[str, str], message: Carried) -> str:
    """Hand ``message`` to the channel; gives back what that said.

    Raises ``Refused`` when trying again is of no use; whatever else is raised may go better later.
    """
    if kind == "mail":
        return mail.send(options, message.to_address, message.subject, message.body, message.mark)
    return robots.send(kind, options, f"{message.to_name}: {message.subject}\n{message.body}".strip())


def check(kind: str, options: Mapping[str, str]) -> list[tuple[str, str]]:
    """What of the options cannot be: pairs of an option and a code; the network is not asked."""
    return mail.check(options) if kind == "mail" else robots.check(kind, options)


__all__ = ["Carried", "Refused", "carry", "check"]
