"""What takes more than one request: reports, pages of areas, jobs."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import requests

from tests.golden.addresses import areas
from tests.golden.catalogue import Catalogue
from tests.golden.export_request import Asked, Lane
from tests.golden.pages import LANGUAGES
from tests.golden.site import Site, Unreachable

MAKING_SECONDS = 120
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}

Answered = tuple[Asked, requests.Response]


def reports(site: Site, catalogue: Catalogue) -> Iterator[Answered]:
    """A report in each language, and of each level in English: the page and the file."""
    wanted = [("", place) for place in catalogue.firsts]
    wanted += [(prefix, catalogue.firsts[1]) for prefix in LANGUAGES.values() if prefix]
    for prefix, place in wanted:
        asking = Asked("reports", f"{prefix}{place.path}report/", Lane.COSTLY, "POST", b"")
        asked = site.ask(asking)
        yield asking, asked
        page = urlsplit(asked.headers.get("Location", "")).path
        if not page:
            continue
        label = f"{prefix}{place.path}"
        finished = _finished(site, page)
        yield Asked("reports", "page", label=label), finished
        id = page.strip("/").rpartition("/")[2]
        yield (
            Asked("reports", "file", label=label),
            site.ask(Asked("reports", f"/reports/{id}.pdf")),
        )


def _finished(site: Site, page: str) -> requests.Response:
    end = time.monotonic() + MAKING_SECONDS
    while time.monotonic() < end:
        answer = site.ask(Asked("reports", page))
        if ".pdf" in answer.text:
            return answer
        time.sleep(0.5)
    raise Unreachable(f"{page}: no report after {MAKING_SECONDS} s")


def area_pages(site: Site, catalogue: Catalogue) -> Iterator[Answered]:
    """Areas that are pasted in each language, and the pages that they lead to."""
    known = areas(catalogue)
    for language, prefix in LANGUAGES.items():
        for name in ("usual", "small", "border", "crossing itself", "far"):
            text = urlencode({"text": json.dumps(known[name])}).encode()
            asking = Asked("pages/areas", f"{prefix}/area/", Lane.AREAS, "POST", text, _FORM, name)
            answer = site.ask(asking)
            yield asking, answer
            if location := answer.headers.get("Location"):
                page = Asked("pages/areas", location, Lane.AREAS)
                yield replace(page, address=f"{language} page", label=name), site.ask(page)


def jobs(site: Site, catalogue: Catalogue) -> Iterator[Answered]:
    """The pages and API answers of all jobs, in the order of the list."""
    listed = site.ask(Asked("staff", "/jobs/"))
    ids = dict.fromkeys(re.findall(r"/jobs/([0-9a-f-]{36})/", listed.text))
    for number, id in enumerate(ids, 1):
        for language, prefix in LANGUAGES.items():
            asked = Asked("staff", f"{prefix}/jobs/{id}/")
            yield Asked("staff", f"job {number} {language}"), site.ask(asked)
        asked = Asked("staff", f"/api/v1/jobs/{id}/")
        yield Asked("staff", f"job {number} API"), site.ask(asked)
