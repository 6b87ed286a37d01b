"""The guard for catalogues of imagery: what they lead to is checked like every other source."""

from __future__ import annotations

from django.conf import settings

from clcplus.sources.addresses import resolve
from clcplus.sources.client import Answer, Client, check_status
from clcplus.sources.errors import SourceError
from inference.errors import UnreachableSource

_LARGEST_PAGE = 64_000_000
_TELLING = frozenset({404, 405, 501})
"""Statuses by which a catalogue says that it wants another method."""


class GuardedNetwork:
    """Asks public hosts over HTTPS, and the hosts that the operator names in ``SOURCE_HOSTS``."""

    def __init__(self) -> None:
        self._client = Client(trusted=frozenset(settings.SOURCE_HOSTS))

    def answer(self, address: str, *, method: str, body: bytes | None) -> tuple[int, bytes]:
        """The status and the document of an address. Raises UnreachableSource."""

        def once() -> Answer:
            headers = {"Accept": "application/geo+json, application/json"}
            if body is not None:
                headers["Content-Type"] = "application/json"
            with self._client.opened(method, address, headers=headers, body=body) as response:
                chunks = self._client.chunks(response, url=address, most_bytes=_LARGEST_PAGE)
                whole = b"".join(chunks)
                answer = Answer(address, response.status, dict(response.headers), whole)
            if answer.status not in _TELLING:
                check_status(answer)
            return answer

        try:
            found = self._client.repeated(once)
        except SourceError as error:
            raise _unreachable(error) from error
        return found.status, found.body

    def permit(self, address: str) -> None:
        """Raise UnreachableSource for the address of an asset that must not be asked."""
        try:
            resolve(address, trusted=self._client.trusted)
        except SourceError as error:
            raise _unreachable(error) from error


def _unreachable(error: SourceError) -> UnreachableSource:
    return UnreachableSource(
        error.subject, found=error.found, expected=error.expected, hint=error.hint
    )
