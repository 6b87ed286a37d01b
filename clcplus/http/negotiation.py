"""Which format an answer has: what the address names, else what ``Accept`` weighs highest
(RFC 9110, section 12.5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from clcplus.http.errors import BadParameter, NotAcceptable

HTML, JSON = "text/html", "application/json"
_QUALITY = re.compile(r"0?(\.\d{0,3})?|1(\.0{0,3})?")
_SATISFIED: Mapping[str, Mapping[str, str]] = {
    "text/csv": {"charset": "utf-8", "header": "present"},
    JSON: {"charset": "utf-8"},
}
"""Parameters of media ranges that a format has in any case. JSON can be indented; there are no
others."""
_INDENT = re.compile(r"[0-8]")


@dataclass(frozen=True, slots=True)
class MediaRange:
    """An element of ``Accept``: which media types it is about, and their quality from 0 to 1."""

    main: str
    sub: str
    parameters: tuple[tuple[str, str], ...]
    quality: float

    @property
    def specificity(self) -> tuple[int, int]:
        """The higher of two that match decides."""
        return (self.main != "*") + (self.sub != "*"), len(self.parameters)

    def matches(self, media_type: str) -> bool:
        """Whether it is about a media type."""
        main, _, sub = media_type.partition("/")
        if self.main not in {"*", main} or self.sub not in {"*", sub}:
            return False
        had = _SATISFIED.get(media_type, {})
        return all(
            had.get(name) == value or (name == "indent" and media_type == JSON)
            for name, value in self.parameters
        )


def ranges(tokens: Iterable[str]) -> list[MediaRange]:
    """The elements of a header that can be read; no header, or none of them, takes anything."""
    found = [read for token in tokens if (read := _range(token)) is not None]
    return found or [MediaRange("*", "*", (), 1.0)]


def _range(token: str) -> MediaRange | None:
    kind, *said = (part.strip() for part in token.lower().split(";"))
    # Java's own client writes * for */*.
    main, slash, sub = ("*", "/", "*") if kind == "*" else kind.partition("/")
    if not (main and slash and sub) or (main == "*" and sub != "*"):
        return None
    quality, parameters = "1", []
    for one in filter(None, said):
        name, _, value = (part.strip(' \t"') for part in one.partition("="))
        if name == "q":
            # Extensions of the element may follow: they are no parameters of the media type.
            quality = value
            break
        parameters.append((name, value))
    if not quality or not _QUALITY.fullmatch(quality):
        return None
    return MediaRange(main, sub, tuple(parameters), float(quality))


def decisive(accepted: Sequence[MediaRange], media_type: str) -> MediaRange | None:
    """The range that gives a media type its quality: the most specific one about it."""
    about = [one for one in accepted if one.matches(media_type)]
    return max(about, key=lambda one: (one.specificity, one.quality), default=None)


def chosen(accepted: Sequence[MediaRange], media_types: Sequence[str]) -> int | None:
    """The place of the best of several media types, of equals the one that is named more closely,
    then the first; None where none is acceptable."""

    def weight(place: int) -> tuple[float, tuple[int, int]]:
        found = decisive(accepted, media_types[place])
        return (0.0, (0, 0)) if found is None else (found.quality, found.specificity)

    best = max(range(len(media_types)), key=lambda place: (weight(place), -place))
    return best if weight(best)[0] > 0 else None


def prefers_page(request: HttpRequest | Request) -> bool:
    """Whether who asks would rather have a page than a document for programs: it names HTML."""
    accepted = ranges(Negotiation().get_accept_list(cast(Request, request)))
    page = decisive(accepted, HTML)
    named = page is not None and (page.main, page.sub) == ("text", "html")
    return named and chosen(accepted, [HTML, JSON]) == 0


def _with_indent(accepted: Sequence[MediaRange], media_type: str) -> str:
    """The media type as the framework's renderer of JSON reads it."""
    found = decisive(accepted, media_type)
    indent = dict(found.parameters).get("indent", "") if found is not None else ""
    return f"{media_type}; indent={indent}" if _INDENT.fullmatch(indent) else media_type


class Negotiation(DefaultContentNegotiation):
    """The framework's takes the most specific range without its weight. A format in the address
    decides by itself; one that is not known is a bad parameter, not a missing page. What an address
    can do (OPTIONS) is always told in JSON."""

    def select_renderer(
        self, request: Any, renderers: Any, format_suffix: str | None = None
    ) -> tuple[Any, str]:
        """The renderer and its media type. Raises BadParameter or NotAcceptable."""
        if request.method == "OPTIONS":
            return JSONRenderer(), str(JSONRenderer.media_type)
        renderers = list(renderers)
        named = request.query_params.get(self.settings.URL_FORMAT_OVERRIDE)
        if named:
            renderers = self.filter_renderers(renderers, named)
        media_types = [str(renderer.media_type) for renderer in renderers]
        accepted = ranges(self.get_accept_list(request))
        best = chosen(accepted, media_types)
        if best is None:
            if not named:
                raise NotAcceptable(media_types)
            best = 0
        return renderers[best], _with_indent(accepted, media_types[best])

    def filter_renderers(self, renderers: Iterable[BaseRenderer], format: str) -> Any:
        """Those of the format that the address names."""
        renderers = list(renderers)
        found = [renderer for renderer in renderers if renderer.format == format]
        if not found:
            known = list(dict.fromkeys(str(renderer.format) for renderer in renderers))
            raise BadParameter("format", found=format, allowed=known)
        return found
