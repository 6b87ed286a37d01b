"""Requests to services elsewhere: guarded, repeated while an error may pass, bounded."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar
from urllib.parse import urlencode, urljoin

import urllib3
from urllib3.exceptions import HTTPError, MaxRetryError, ProtocolError, SSLError
from urllib3.response import BaseHTTPResponse

from clcplus.sources.addresses import Address, resolve
from clcplus.sources.errors import AccessRefused, SourceError, SourceUnavailable

T = TypeVar("T")

_CHUNK = 1 << 16
_REDIRECTS = 5
_PASSING = frozenset({408, 425, 429, 500, 502, 503, 504})
_TITLE = re.compile(rb"<title[^>]*>(.{0,80}?)</title>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Pace:
    """How long the client waits."""

    connect_seconds: float = 10.0
    silence_seconds: float = 60.0
    """Longest time without a byte."""
    body_seconds: float = 120.0
    """Time for a body, beside a second for each ``slowest_bytes``."""
    slowest_bytes: int = 20_000
    """Bytes a second below which a server is too slow."""
    tries: int = 6
    pause_seconds: float = 1.0
    """Pause before the second repetition; doubled for each further one."""
    longest_pause: float = 60.0
    """Longest pause, also where the server asks for a longer one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer with its whole body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The JSON document of the body. Raises SourceError."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            raise SourceError(self.url, found=described(self.body), expected="JSON") from None


@dataclass(slots=True)
class Client:
    """A client of services elsewhere. Threads may share it."""

    trusted: frozenset[str] = frozenset()
    """Hosts that may have any address: :func:`clcplus.sources.addresses.resolve`."""
    pace: Pace = field(default_factory=Pace)
    agent: str = "clcplus-statistics"
    sleep: Callable[[float], None] = time.sleep
    _pools: dict[tuple[str, str, int, str], urllib3.HTTPConnectionPool] = field(
        default_factory=dict, repr=False
    )
    _lock: Lock = field(default_factory=Lock, repr=False)

    def get(
        self,
        url: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 16_000_000,
        tries: int | None = None,
    ) -> Answer:
        """Get an address. Raises SourceError."""
        full = f"{url}?{urlencode(query)}" if query else url
        return self._whole("GET", full, headers=headers, most_bytes=most_bytes, tries=tries)

    def post(
        self,
        url: str,
        *,
        body: bytes,
        content_type: str,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 16_000_000,
        tries: int | None = None,
    ) -> Answer:
        """Post a body. Raises SourceError."""
        return self._whole(
            "POST",
            url,
            headers={**(headers or {}), "Content-Type": content_type},
            body=body,
            most_bytes=most_bytes,
            tries=tries,
        )

    def _whole(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None,
        most_bytes: int,
        body: bytes | None = None,
        tries: int | None = None,
    ) -> Answer:
        def once() -> Answer:
            with self.opened(method, url, headers=headers, body=body) as response:
                whole = b"".join(self.chunks(response, url=url, most_bytes=most_bytes))
                answer = Answer(url, response.status, dict(response.headers), whole)
            check_status(answer)
            return answer

        return self.repeated(once, tries=tries)

    def repeated(self, once: Callable[[], T], *, tries: int | None = None) -> T:
        """Call ``once`` until it does not raise SourceUnavailable, with growing pauses; as often as
        the pace says, or ``tries`` times.

        A caller whose answers may hide errors in their bodies repeats its own reading of a request
        that has one try.
        """
        pause = self.pace.pause_seconds
        for left in reversed(range(tries or self.pace.tries)):
            try:
                return once()
            except SourceUnavailable as error:
                if not left:
                    raise
                wanted = pause if error.retry_seconds is None else error.retry_seconds
                self.sleep(min(wanted, self.pace.longest_pause))
                pause *= 2
        raise AssertionError("unreachable")

    @contextmanager
    def opened(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Iterator[BaseHTTPResponse]:
        """The answer to one request, its body not yet read, after redirects that are checked like
        the first address. Raises SourceError."""
        sent = {"User-Agent": self.agent, "Accept-Encoding": "identity", **(headers or {})}
        response = self._asked(method, url, headers=sent, body=body)
        try:
            first = resolve(url, trusted=self.trusted).host
            for _ in range(_REDIRECTS):
                where = response.get_redirect_location()
                if not where:
                    break
                if method != "GET":
                    raise SourceError(url, found="a redirect", expected="an answer")
                response.drain_conn()
                response.release_conn()
                url = urljoin(url, where)
                if resolve(url, trusted=self.trusted).host != first:
                    # Tokens are for the host that was asked.
                    sent = {k: v for k, v in sent.items() if k.lower() != "authorization"}
                response = self._asked(method, url, headers=sent, body=None)
            else:
                raise SourceError(
                    url, found=f"more than {_REDIRECTS} redirects", expected="an answer"
                )
            yield response
        finally:
            response.close()
            response.release_conn()

    def chunks(self, response: BaseHTTPResponse, *, url: str, most_bytes: int) -> Iterator[bytes]:
        """The body, piece by piece. Raises SourceError for more than ``most_bytes``, and
        SourceUnavailable for a body that ends too early or comes too slowly."""
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise SourceError(url, found=f"a body in {encoding[:40]}", expected="a plain body")
        began, read = time.monotonic(), 0
        with _explained(url):
            # Piece by piece, so that a slow body is noticed; never unpacked, so that a small one
            # cannot grow.
            while chunk := response.read1(_CHUNK, decode_content=False):
                read += len(chunk)
                if read > most_bytes:
                    raise SourceError(
                        url, found=f"more than {most_bytes} bytes", expected="a smaller answer"
                    )
                allowed = self.pace.body_seconds + read / self.pace.slowest_bytes
                if time.monotonic() - began > allowed:
                    raise SourceUnavailable(
                        url, found=f"{read} bytes in {allowed:.0f} s", expected="a faster answer"
                    )
                yield chunk

    def _asked(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes | None
    ) -> BaseHTTPResponse:
        address = resolve(url, trusted=self.trusted)
        with _explained(url):
            return self._pool(address).urlopen(
                method,
                address.target,
                body=body,
                headers={"Host": _host_header(address), **headers},
                retries=False,
                redirect=False,
                assert_same_host=False,
                preload_content=False,
            )

    def _pool(self, address: Address) -> urllib3.HTTPConnectionPool:
        """Connections to the address that was checked, with TLS for the host's name."""
        key = (address.scheme, address.ip, address.port, address.host)
        timeout = urllib3.Timeout(connect=self.pace.connect_seconds, read=self.pace.silence_seconds)
        with self._lock:
            if key not in self._pools:
                common: dict[str, Any] = {"timeout": timeout, "maxsize": 8, "block": False}
                self._pools[key] = (
                    urllib3.HTTPSConnectionPool(
                        address.ip,
                        address.port,
                        server_hostname=address.host,
                        assert_hostname=address.host,
                        **common,
                    )
                    if address.scheme == "https"
                    else urllib3.HTTPConnectionPool(address.ip, address.port, **common)
                )
            return self._pools[key]


def check_status(answer: Answer) -> None:
    """Raise SourceError for an answer that is no success; SourceUnavailable where it may pass."""
    if answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    found = f"status {answer.status} ({described(answer.body)})"
    if answer.status in _PASSING:
        raise SourceUnavailable(
            answer.url,
            found=found,
            expected="status 200",
            retry_seconds=_retry_after(answer.headers),
        )
    if answer.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}:
        raise AccessRefused(
            answer.url, found=found, expected="access", hint="Check the service key"
        )
    raise SourceError(answer.url, found=found, expected="status 200")


def described(body: bytes) -> str:
    """What a body is that is not what was expected, in a few words."""
    if not body:
        return "an empty body"
    title = _TITLE.search(body[:20_000])
    if title:
        return f"a web page “{_plain(title[1])}”"
    if body.lstrip()[:1] == b"<":
        return "a web page"
    return f"“{_plain(body[:80])}”"


def _plain(text: bytes) -> str:
    letters = text.decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in letters).split())


def _retry_after(headers: Mapping[str, str]) -> float | None:
    wanted = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    try:
        return urllib3.Retry().parse_retry_after(wanted) if wanted else None
    except HTTPError:
        return None


def _host_header(address: Address) -> str:
    host = f"[{address.host}]" if ":" in address.host else address.host
    usual = {"http": 80, "https": 443}[address.scheme]
    return host if address.port == usual else f"{host}:{address.port}"


@contextmanager
def _explained(url: str) -> Iterator[None]:
    """Raise SourceUnavailable for errors of the network, SourceError for a wrong certificate."""
    try:
        yield
    except SSLError as error:
        raise SourceError(url, found=str(error), expected="a valid certificate") from error
    except (MaxRetryError, ProtocolError, HTTPError, OSError) as error:
        raise SourceUnavailable(url, found=str(error), expected="an answer") from error
