"""How a catalogue is asked: by the library itself, or by a guard that whoever calls brings along.

A catalogue chooses the addresses of its pages and assets. On a server, a guard keeps these from
leading to what only the server can reach.
"""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any, Protocol
from urllib.parse import urlencode

from pystac.link import HREF, Link
from pystac_client.exceptions import APIError
from pystac_client.stac_api_io import StacApiIO


class Network(Protocol):
    """A guard. Both methods raise UnreachableSource."""

    def answer(self, address: str, *, method: str, body: bytes | None) -> tuple[int, bytes]:
        """The status and the document of an address."""

    def permit(self, address: str) -> None:
        """Return for an asset that may be read over the network."""


class GuardedIO(StacApiIO):
    """The library's requests, made by a guard; no file of this machine is read."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def request(
        self,
        href: str,
        method: str | None = None,
        headers: dict[str, str] | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> str:
        """As the library's own. Headers that a catalogue wants to have sent are left out."""
        method, body = (method or "GET").upper(), None
        if method == "POST":
            body = json.dumps(parameters or {}).encode()
        elif method != "GET":
            raise APIError(f"a request with the method {method[:20]}")
        elif parameters:
            given = {name: _word(value) for name, value in deepcopy(parameters).items()}
            href = f"{href}{'&' if '?' in href else '?'}{urlencode(given)}"
        status, text = self._network.answer(href, method=method, body=body)
        if status >= 300:
            error = APIError(f"status {status}")
            error.status_code = status
            raise error
        try:
            return text.decode()
        except UnicodeDecodeError as error:
            raise APIError(str(error)) from error

    def read_text(self, source: HREF, *args: Any, **kwargs: Any) -> str:
        """As the library's own, which would open a file for an address without a scheme."""
        if isinstance(source, Link):
            return super().read_text(source, *args, **kwargs)
        return self.request(str(source), *args, **kwargs)


def _word(value: Any) -> str:
    """A parameter in an address: lists are separated by commas."""
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value)
