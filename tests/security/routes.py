"""All addresses of the platform, as patterns with the names of their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import LocalePrefixPattern, RoutePattern

_PART = re.compile(r"<(?:[^>:]+:)?([^>]+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """An address: text and names of parts in turn, beginning and ending with text."""

    pieces: tuple[str, ...]

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of what differs between addresses of this route."""
        return self.pieces[1::2]

    def path(self, values: dict[str, bytes]) -> bytes:
        """The address with these values."""
        return b"".join(
            values[piece] if number % 2 else piece.encode()
            for number, piece in enumerate(self.pieces)
        )


def all_routes() -> list[Route]:
    """Each once, those of the admin too; of languages, English and French."""
    found = dict.fromkeys(_routes(get_resolver().url_patterns, "/"))
    french = [route for route in found if not route.pieces[0].startswith(("/admin", "/api"))]
    return [*found, *(Route(("/fr" + route.pieces[0], *route.pieces[1:])) for route in french)]


def _routes(patterns: Any, prefix: str) -> Iterator[Route]:
    for one in patterns:
        text = prefix + _text(one.pattern)
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, text)
        elif isinstance(one, URLPattern):
            yield Route(tuple(_PART.split(text)))


def all_patterns() -> set[str]:
    """Every pattern once, as ``ResolverMatch.route`` names it; languages have the same."""
    return set(_patterns(get_resolver().url_patterns, ""))


def _patterns(patterns: Any, prefix: str) -> Iterator[str]:
    for one in patterns:
        # Pages of the first language have no prefix.
        local = isinstance(one.pattern, LocalePrefixPattern)
        text = prefix if local else prefix + str(one.pattern).removeprefix("^")
        if isinstance(one, URLResolver):
            yield from _patterns(one.url_patterns, text)
        else:
            yield text


def _text(pattern: Any) -> str:
    if isinstance(pattern, LocalePrefixPattern):
        return ""
    if isinstance(pattern, RoutePattern):
        return str(pattern)
    # Whatever else: a regular expression that takes all that is left.
    return "<rest>"
