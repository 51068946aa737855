"""Where channels may lead: to public addresses, and to those that the installation names in ``ZHANGGUI_CHANNEL_HOSTS``.

The name is looked up once and the connection is made to the address that was judged, so that a name cannot lead
elsewhere in between; a company cannot reach into the network that the program runs in.
"""

from __future__ import annotations

import os
import socket
from ipaddress import ip_address

from core.channels.faults import Refused

VARIABLE = "ZHANGGUI_CHANNEL_HOSTS"
SECONDS = 15.0


def named() -> frozenset[str]:
    """The hosts of its own network that the installation lets companies use."""
    return frozenset(host.strip().lower() for host in os.environ.get(VARIABLE, "").split(",") if host.strip())


def connect(host: str, port: int, seconds: float = SECONDS) -> socket.socket:
    """A connection to ``host``; raises ``Refused`` for one that is not open to companies, ``OSError`` as usual."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = host.lower() in named()
    last: OSError | None = None
    for family, kind, protocol, _name, address in found:
        if not allowed and not ip_address(str(address[0]).partition("%")[0]).is_global:
            raise Refused(f"{host} is in a network of its own; the installation must name it in {VARIABLE}.")
        made = socket.socket(family, kind, protocol)
        made.settimeout(seconds)
        try:
            made.connect(address)
        except OSError as error:
            made.close()
            last = error
        else:
            return made
    raise last or OSError(f"{host} has no address.")
