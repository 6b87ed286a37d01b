"""Parameters of a request, checked; the error names the parameter and what is allowed."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from django.http import HttpRequest
from sqlalchemy import Connection

from analytics import queries
from analytics.main_editions import main_pair
from analytics.patches import PRESETS, RAW
from analytics.records import Edition
from clcplus import origins
from clcplus.http.errors import (
    AcrossOrigins,
    BadParameter,
    MissingParameter,
    NothingHere,
    UnknownParameter,
    UnusablePair,
)

# Which edition a bare year means where several are published.
_ORIGINS = ("official", "synthetic", "modelled")

ONLY, TOLD_APART = "only", "told-apart"
"""The parameter and value that keep to what can be told from noise."""
FIGURE = "figure"
"""The parameter of tiles that asks for a figure which they have not by default."""


def only(request: HttpRequest, allowed: Collection[str]) -> None:
    """Refuse parameters that the address does not have: mostly they are misspelt."""
    for name in request.GET:
        if name not in allowed:
            raise UnknownParameter(name, allowed=allowed)


def integer(request: HttpRequest, name: str, *, default: int, largest: int) -> int:
    """A number from 1 to ``largest``."""
    text = request.GET.get(name)
    if text is None:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= largest:
        return int(text)
    raise BadParameter(name, found=text, allowed=f"a whole number from 1 to {largest}")


def vintage(request: HttpRequest) -> int | None:
    """Year of a vintage of boundaries, or None where none is asked for."""
    text = request.GET.get("vintage")
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) == 4:
        return int(text)
    raise BadParameter("vintage", found=text, allowed="a year, such as 2024")


def flag(request: HttpRequest, name: str) -> bool:
    """``true`` or ``false``; false where it is not given."""
    text = request.GET.get(name, "false").lower()
    if text not in {"true", "false"}:
        raise BadParameter(name, found=text, allowed=("true", "false"))
    return text == "true"


def dialect(request: HttpRequest, chosen: str, known: Sequence[str]) -> str:
    """The dialect of CSV: the first that is known where none is asked for."""
    text = request.GET.get("dialect", known[0])
    if text not in known:
        raise BadParameter("dialect", found=text, allowed=known)
    if "dialect" in request.GET and chosen != "csv":
        raise BadParameter("dialect", found=text, allowed="no dialect, save with format=csv")
    return text


def level(request: HttpRequest, connection: Connection) -> str:
    """The slug of a level that exists."""
    text = request.GET.get("level")
    known = queries.level_slugs(connection)
    if text is None:
        raise MissingParameter("level", allowed=known)
    if text not in known:
        raise BadParameter("level", found=text, allowed=known)
    return text


def within(request: HttpRequest, connection: Connection) -> tuple[str, str] | None:
    """Level and code of a territory that exists."""
    text = request.GET.get("within")
    if text is None:
        return None
    slug, _, code = text.partition(":")
    if slug not in queries.level_slugs(connection):
        raise BadParameter("within", found=text, allowed="level:code, such as region:11")
    if not queries.exists(connection, level=slug, code=code):
        raise BadParameter("within", found=text, allowed="the code of a territory of this level")
    return slug, code


def edition(published: Sequence[Edition], text: str) -> Edition:
    """The edition of a slug, or the published one of a year."""
    for found in published:
        if found.slug == text:
            return found
    of_year = [found for found in _newest_versions(published) if str(found.year) == text]
    if of_year:
        return min(of_year, key=lambda found: _ORIGINS.index(found.origin))
    slugs = [found.slug for found in _newest_versions(published)]
    raise NothingHere(
        f"edition {text!r} is not published; published: {', '.join(slugs) or 'none'}",
        published=slugs,
    )


def editions(request: HttpRequest, published: Sequence[Edition]) -> list[Edition]:
    """The editions of the parameter ``edition``, slugs or years separated by commas; all where it
    is not given. Raises NothingHere where none is published."""
    chosen = _newest_versions(published)
    if text := request.GET.get("edition"):
        asked = {edition(published, part).id for part in text.split(",")}
        chosen = [found for found in published if found.id in asked]
    if not chosen:
        raise NothingHere("no edition is published", published=[])
    return chosen


def named_editions(request: HttpRequest) -> list[str]:
    """Slugs by which a request names editions: it sees superseded ones of these too. A year is
    always the published edition's."""
    texts = (request.GET.get(name, "") for name in ("edition", "from", "to"))
    return [part for text in texts for part in text.split(",") if part and not part.isdecimal()]


def _newest_versions(published: Sequence[Edition]) -> list[Edition]:
    return [found for found in published if not found.superseded_by]


def told_apart(request: HttpRequest) -> bool:
    """Whether only what can be told from noise is asked for."""
    found = request.GET.get(ONLY)
    if found not in {None, "", TOLD_APART}:
        raise BadParameter(ONLY, found=str(found), allowed=TOLD_APART)
    return found == TOLD_APART


def across_origins(request: HttpRequest) -> bool:
    """Whether change between editions of different origin is asked for."""
    text = request.GET.get(origins.PARAMETER)
    if text not in {None, origins.ACROSS}:
        raise BadParameter(origins.PARAMETER, found=text, allowed=(origins.ACROSS,))
    return text is not None


def change_filter(request: HttpRequest, *, default: str, raw: bool) -> str:
    """The name of a filter of change, or ``raw`` where that is allowed."""
    text = request.GET.get("filter", default)
    allowed = [*([RAW] if raw else []), *PRESETS]
    if text not in allowed:
        raise BadParameter("filter", found=text, allowed=allowed)
    return text


def figure(request: HttpRequest, offered: Collection[str]) -> str:
    """The name of a figure that tiles have on request; empty where none is asked for."""
    text = request.GET.get(FIGURE, "")
    if text and text not in offered:
        raise BadParameter(FIGURE, found=text, allowed=[*offered])
    return text


def pair(request: HttpRequest, published: Sequence[Edition]) -> tuple[Edition, Edition]:
    """The editions of ``from`` and ``to``; by default the main pair, or the first and the last
    published edition where there is none.

    Raises AcrossOrigins for two of different origin, unless the request asks for that.
    """
    across = across_origins(request)
    newest = _newest_versions(published)
    if len(newest) < 2:
        slugs = [found.slug for found in newest]
        raise UnusablePair("change needs two published editions", published=slugs)
    usual = main_pair(newest) or (newest[0], newest[-1])
    first, last = request.GET.get("from"), request.GET.get("to")
    earlier = usual[0] if first is None else edition(published, first)
    later = usual[-1] if last is None else edition(published, last)
    if earlier.year >= later.year:
        raise UnusablePair(
            f"from: found {earlier.slug}; expected an edition earlier than {later.slug}",
            parameter="from",
        )
    if earlier.product != later.product:
        raise UnusablePair(
            f"to: found {later.slug} of {later.product_name}; expected an edition of "
            f"{earlier.product_name}, as {earlier.slug} is",
            parameter="to",
        )
    if not origins.may_compare(earlier, later, across=across):
        raise AcrossOrigins.of(earlier, later)
    return earlier, later
