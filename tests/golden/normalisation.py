"""What may differ between two demonstrations of the same code. Nothing else is left out.

One thing is not here: pictures of charts (PNG) show the address of the site, so that two exports
are only equal where both demonstrations have the same host and port.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from babel.dates import format_date

LOCALES = ("en_GB", "fr", "pl")
_HEX = "[0-9a-f](?:- )?"
"""A digit of an id; the text of a report hyphenates ids at the end of a line."""
_UUID = re.compile(rf"\b(?:{_HEX}){{8}}(?:- ?(?:{_HEX}){{4}}){{3}}- ?(?:{_HEX}){{11}}[0-9a-f]\b")
NO_ID = "00000000-0000-4000-8000-000000000000"
"""An id that nothing has, for addresses that lead nowhere."""


@dataclass(frozen=True, slots=True)
class Normalisation:
    """Texts that are replaced, and why they cannot be the same."""

    pattern: re.Pattern[str]
    replacement: str | Callable[[re.Match[str]], str]
    reason: str


def _sorted_directives(header: re.Match[str]) -> str:
    return header[1] + "; ".join(sorted(header[2].split("; ")))


NORMALISATIONS = (
    Normalisation(
        re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)"),
        "TIME",
        "editions and zones are published when the demonstration is made",
    ),
    Normalisation(
        re.compile(r"DAY(?:\sr\.)?(?:,|\sà|\so)?\s\d{1,2}(?::|\sh\s)\d\d(?:\sUTC)?"),
        "DAY CLOCK",
        "pages show these times in the reader's language",
    ),
    Normalisation(
        re.compile(r"/CreationDate: \S+"), "/CreationDate: TIME", "of the file of a report"
    ),
    Normalisation(
        re.compile(r"\b\d+- ?[0-9a-f]{13}\b"),
        "VERSION",
        "the version of the data holds the time of the last publication",
    ),
    Normalisation(
        re.compile(r'("data": )"[0-9a-f]{16,}"'),
        r'\1"VERSION"',
        "posted areas name the version of the data by a hash",
    ),
    Normalisation(
        re.compile(r'("request_id": )"[0-9a-f]{32}"'),
        r'\1"REQUEST"',
        "each request has an id of its own",
    ),
    Normalisation(
        re.compile(r"[\d\s]+(?=(?:cells|cellules|komórek)/s)"),
        " SPEED ",
        "how fast a job counts differs from run to run",
    ),
    Normalisation(
        re.compile(r"(Content-Security-Policy: )(.+)"),
        _sorted_directives,
        "the order of directives differs between processes, and means nothing",
    ),
)


class Normaliser:
    """Normalises the answers of one demonstration.

    Its address, the days on which it was made and asked, and the ids of its jobs and reports are
    its own; ``fixed_ids`` are those that are the same in all demonstrations.
    """

    def __init__(self, *, origin: str, days: Iterable[date], fixed_ids: Iterable[str]) -> None:
        self._origin, self._host = origin, origin.partition("//")[2]
        self._fixed = {*fixed_ids, NO_ID}
        texts = {
            text
            for day in days
            for locale in LOCALES
            for text in (format_date(day, "long", locale=locale), day.isoformat())
        }
        longest_first = sorted(texts, key=len, reverse=True)
        self._days = re.compile("|".join(re.escape(text) for text in longest_first))

    def __call__(self, text: str) -> str:
        """The text of an answer without what is this demonstration's own."""
        text = text.replace(self._origin, "http://SITE").replace(self._host, "SITE")
        text = _UUID.sub(self._id, text)
        # Times in full hold a day too, and come first.
        first, *others = NORMALISATIONS
        text = first.pattern.sub(first.replacement, text)
        text = self._days.sub("DAY", text)
        for one in others:
            text = one.pattern.sub(one.replacement, text)
        return text

    def _id(self, found: re.Match[str]) -> str:
        id = str(UUID("".join(filter(str.isalnum, found[0]))))
        return id if id in self._fixed else "ID"
