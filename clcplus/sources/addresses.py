"""Which addresses the platform may ask: public ones over HTTPS, and hosts that its operator names.

Without this guard, an address from a configuration, a catalogue or a redirect could reach servers
that only this machine can reach (server-side request forgery).
"""

from __future__ import annotations

import re
import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from analytics.files import printable
from clcplus.sources.errors import ForbiddenAddress, SourceUnavailable

_PORTS = {"http": 80, "https": 443}
_PASSWORD = re.compile(r"//[^/@]*@")
_NAT64 = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Address:
    """A checked address of the web."""

    scheme: str
    host: str
    port: int
    ip: str
    """Address of the host that was checked; the connection goes there, whatever the name is
    resolved to later."""
    target: str
    """Path and query, as the request line has them."""


def resolve(url: str, *, trusted: frozenset[str] = frozenset()) -> Address:
    """Check an address and resolve its host.

    ``trusted`` are hosts, or ``host:port``, that may have any address and may be asked without
    TLS. Raises ForbiddenAddress, or SourceUnavailable for a host that has no address now.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError as error:
        raise _forbidden(url, found=str(error)) from error
    is_trusted = bool(trusted & {host, f"{host}:{port}"})
    if parts.scheme not in ({"https", "http"} if is_trusted else {"https"}):
        raise _forbidden(url, found=f"the scheme {parts.scheme or '(none)'}")
    if not host or parts.username or parts.password:
        raise _forbidden(url, found="no host, or a password in the address")
    if any(ord(letter) <= 0x20 or ord(letter) == 0x7F for letter in url):
        raise _forbidden(url, found="a space or control character")
    addresses = _resolved(host, port)
    if not is_trusted:
        for ip in addresses:
            if not is_public(ip):
                raise _forbidden(url, found=f"the address {ip}, which is not public")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(scheme=parts.scheme, host=host, port=port, ip=addresses[0], target=target)


def is_public(ip: str) -> bool:
    """Whether an address is one of the public Internet, also below the ways in which an IPv6
    address may hold one of IPv4."""
    address: IPv4Address | IPv6Address = ip_address(ip.partition("%")[0])
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return address.is_global and not address.is_multicast


def _resolved(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise SourceUnavailable(
            host, found=str(error), expected="a host that can be resolved"
        ) from error
    return [str(entry[4][0]) for entry in found]


def _forbidden(url: str, *, found: str) -> ForbiddenAddress:
    return ForbiddenAddress(
        printable(_PASSWORD.sub("//", url))[:200],
        found=found,
        expected="an https address of a public host",
        hint="The operator can name further hosts in SOURCE_HOSTS",
    )
