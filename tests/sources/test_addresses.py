"""Addresses that the platform may ask."""

from __future__ import annotations

import socket

import pytest

from clcplus.sources.addresses import is_public, resolve
from clcplus.sources.errors import ForbiddenAddress, SourceUnavailable

PRIVATE = [
    "127.0.0.1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
]


@pytest.mark.parametrize("ip", PRIVATE)
def test_private_addresses_are_known(ip: str) -> None:
    assert not is_public(ip)


@pytest.mark.parametrize("ip", ["8.8.8.8", "2001:4860:4860::8888", "64:ff9b::808:808"])
def test_public_addresses_are_known(ip: str) -> None:
    assert is_public(ip)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "file:///etc/passwd",
        "ftp://example.org/x",
        "gopher://example.org/",
        "//example.org/x",
        "https:///x",
        "https://user:secret@example.org/",
        "https://example.org:99999/",
        "https://example.org/\r\nHost: other",
        "https://[::1/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://[::ffff:169.254.169.254]/",
        "https://localhost/",
        "",
    ],
)
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises((ForbiddenAddress, SourceUnavailable)) as found:
        resolve(url)
    assert "\n" not in str(found.value)
    assert "secret" not in str(found.value)


def test_a_name_with_one_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [
        (socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 443)) for ip in ("8.8.8.8", "10.0.0.1")
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(ForbiddenAddress, match=r"10\.0\.0\.1"):
        resolve("https://rebinding.example/")


def test_trusted_hosts_may_be_private_and_without_tls() -> None:
    trusted = frozenset({"127.0.0.1:8000"})
    assert resolve("http://127.0.0.1:8000/a?b=c", trusted=trusted).target == "/a?b=c"
    with pytest.raises(ForbiddenAddress):
        resolve("http://127.0.0.1:8001/", trusted=trusted)


def test_an_unknown_host_may_become_known(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceUnavailable):
        resolve("https://unknown.example/")
