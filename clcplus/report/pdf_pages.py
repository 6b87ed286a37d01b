"""HTML to PDF with WeasyPrint, the only module that imports it. Nothing is fetched."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

BASE = "report:"
"""The address of everything that belongs to a report; no other can be had."""
FONTS = ("Regular", "It", "Semibold", "Bold")
_STYLE = Path(__file__).with_name("report.css")
_BUILT = Path(__file__).resolve().parent.parent / "static" / "build"
_TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".ttf": "font/ttf"}

# What it has to say of a style that it does not know is of no use to who runs a worker; each font's
# subset is reported by its library.
for _name in ("weasyprint", "fontTools"):
    logging.getLogger(_name).setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A finished file."""

    content: bytes
    pages: int


class Parts(URLFetcher):
    """Gives the report its own parts, and refuses every other address."""

    def __init__(self, parts: Mapping[str, bytes]) -> None:
        super().__init__(allowed_protocols=())
        self._parts = parts

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """The part of a name. Raises FatalURLFetchingError, which ends the rendering."""
        name = url.removeprefix(BASE)
        body = self._parts.get(name) if url.startswith(BASE) else None
        if body is None:
            raise FatalURLFetchingError(f"{url}: a report is made of its own parts alone")
        return URLFetcherResponse(url, body, {"Content-Type": _TYPES[Path(name).suffix]})


@cache
def _fonts() -> dict[str, bytes]:
    """The typeface, which comes with the front-end files (frontend/build.mjs)."""
    return {f"{name}.ttf": (_BUILT / f"SourceSans3-{name}.ttf").read_bytes() for name in FONTS}


def render(
    html: str, parts: Mapping[str, bytes], *, identifier: bytes, each_page: Callable[[], None]
) -> Rendered:
    """Set the pages. The same input gives the same bytes, since the identifier is not random.

    The file is tagged for screen readers (PDF/UA-1), with bookmarks, its title and its language.
    """
    fetcher = Parts({**_fonts(), **parts})
    fonts = FontConfiguration()
    style = CSS(
        string=_STYLE.read_text(encoding="utf-8"),
        font_config=fonts,
        url_fetcher=fetcher,
        base_url=BASE,
    )
    document = HTML(string=html, base_url=BASE, url_fetcher=fetcher).render(
        font_config=fonts, stylesheets=[style], pdf_variant="pdf/ua-1", pdf_tags=True
    )
    each_page()
    content = document.write_pdf(
        pdf_identifier=identifier, pdf_variant="pdf/ua-1", pdf_tags=True, custom_metadata=False
    )
    assert content is not None
    return Rendered(content=content, pages=len(document.pages))
