"""Where channels may lead: to public addresses, and to those that the installation names in ``ZHANGGUI_CHANNEL_HOSTS``.

The name is looked up once and the connection is made to the address that was judged, so that a name cannot lead
elsewhere in between; a company cannot reach into the network that the program runs in.
"""

from __future__ import annotations

import os
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from core.channels.faults import Refused

VARIABLE = "ZHANGGUI_CHANNEL_HOSTS"
SECONDS = 15.0
# Within the last four bytes of these stands the address that is meant.
_CARRIERS = tuple(IPv6Network(net) for net in ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96"))


def named() -> frozenset[str]:
    """The hosts of its own network that the installation lets companies use."""
    return frozenset(host.strip().lower() for host in os.environ.get(VARIABLE, "").split(",") if host.strip())


def is_public(address: str) -> bool:
    """Whether an address is one of the open network, also the one within it where it only carries an older one.

    A network that speaks IPv6 alone leads ``64:ff9b::a9fe:a9fe`` to 169.254.169.254, which is its own.
    """
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        if found.is_site_local or found.is_multicast:
            return False
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo or (None, None))[1]
        if any(found in net for net in _CARRIERS):
            inner = IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return found.is_global and not found.is_multicast


def connect(host: str, port: int, seconds: float = SECONDS) -> socket.socket:
    """A connection to ``host``; raises ``Refused`` for one that is not open to companies, ``OSError`` as usual."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    allowed = host.lower() in named()
    last: OSError | None = None
    for family, kind, protocol, _name, address in found:
        if not allowed and not is_public(str(address[0])):
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
