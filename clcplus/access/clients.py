"""Names of clients, for counting: the IPv4 address, or the /64 network of an IPv6 address, since
a client may use any address of it.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

_UNKNOWN = "unknown"
_CLIENTS_NETWORK = 64
_PSEUDONYM = 32
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address(request: HttpRequest) -> str:
    """The network that a request comes from."""
    found = ip(request)
    return _UNKNOWN if found is None else _network(found)


def ip(request: HttpRequest) -> _Address | None:
    """The address that a request comes from, or None where there is none, as at a Unix socket.

    ``X-Forwarded-For`` is believed only behind as many proxies as ``TRUSTED_PROXIES`` names, each
    of which adds an entry at its end.
    """
    proxies: Any = settings.REST_FRAMEWORK["NUM_PROXIES"]
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    if proxies and forwarded:
        entries = forwarded.split(",")
        named = _read(entries[-min(proxies, len(entries))])
        if named is not None:
            return named
    return _read(request.META.get("REMOTE_ADDR", ""))


def network(text: str) -> str:
    """The IPv4 address, or the /64 of the IPv6 address, that a text names; with or without port."""
    found = _read(text)
    return _UNKNOWN if found is None else _network(found)


def _network(found: _Address) -> str:
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(found), _CLIENTS_NETWORK), strict=False))
    return str(found)


def _read(text: str) -> _Address | None:
    plain = text.strip()
    if plain.startswith("["):
        plain = plain[1:].partition("]")[0]
    elif plain.count(":") == 1:
        plain = plain.partition(":")[0]
    try:
        found = ipaddress.ip_address(plain.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def pseudonym(name: str) -> str:
    """A keyed hash of a client's name: what is stored tells clients apart and names none."""
    return salted_hmac("clcplus.access.clients", name, algorithm="sha256").hexdigest()[:_PSEUDONYM]
