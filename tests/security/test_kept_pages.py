"""Poisoned pages: what one client asks for, and how, never changes what another is served."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote_from_bytes

import pytest
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clcplus.maps import views as tiles
from clcplus.views.published import pages
from clcplus.views.rankings.standings import standings
from tests.security.plain_wsgi import Answer, ask
from tests.world import world

__all__ = ["world"]

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("world", "kept_connection"),
]

SAINT_ELIE = "/territories/commune/07001/"
UTF_16 = "text/plain; charset=utf-16"


@pytest.fixture(autouse=True)
def _kept() -> Iterator[None]:
    """Pages are kept, and none of another test."""
    pages.clear()
    with override_settings(PAGES_KEPT_MB=8, ALLOWED_HOSTS=["localhost", "other.example"]):
        yield
    pages.clear()


def afresh(path: str, **asked: str) -> Answer:
    """What a process answers that has kept nothing."""
    pages.clear()
    cache.clear()
    tiles.published.cache_clear()
    standings.clear()
    with override_settings(PAGES_KEPT_MB=0):
        return ask(path, **asked)


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-le", "utf-7", "cp037", "utf-32", "punycode"])
@pytest.mark.parametrize(
    ("path", "query"),
    [
        (SAINT_ELIE, "vintage=2020"),
        ("/search/", "q=saint"),
        ("/api/v1/search/", "q=saint"),
        ("/ranking/commune/", "sort=name"),
        (f"{SAINT_ELIE}tables/statistics.csv", "dialect=spreadsheet"),
    ],
)
def test_a_charset_in_a_get_changes_nothing(path: str, query: str, charset: str) -> None:
    """The attack: a page kept as it was read in UTF-16, where `vintage` is another word."""
    poison = ask(path, query=query, CONTENT_TYPE=f"text/html; charset={charset}")
    victim = ask(path, query=query)
    fresh = afresh(path, query=query)
    assert poison.status == victim.status == fresh.status == 200
    assert poison.body == victim.body == fresh.body
    assert poison.headers["ETag"] == victim.headers["ETag"] == fresh.headers["ETag"]


def test_raw_bytes_are_not_another_pages_escapes() -> None:
    """The attack: `é` sent as raw bytes was kept under the address of `%C3%83%C2%A9`, which is
    another text."""
    ask("/search/", query=b"q=\xc3\xa9lie")
    victim = ask("/search/", query=b"q=%C3%83%C2%A9lie")
    assert victim.body == afresh("/search/", query=b"q=%C3%83%C2%A9lie").body
    assert "élie" not in victim.body.decode()


def test_dots_in_a_path_are_not_another_address() -> None:
    """The attack: `territories/commune/../` had the ETag of `territories/`."""
    own = ask("/api/v1/territories/")
    assert own.status == 200
    other = ask("/api/v1/territories/commune/../", HTTP_IF_NONE_MATCH=own.headers["ETag"])
    assert other.status == 404


def test_a_host_has_pages_of_its_own() -> None:
    """The attack: links of a kept page that lead to the host of whoever asked first."""
    ask(f"/embed{SAINT_ELIE}", HTTP_HOST="other.example")
    victim = ask(f"/embed{SAINT_ELIE}")
    assert b"other.example" not in victim.body
    first = ask("/api/v1/levels/", HTTP_HOST="other.example").headers["ETag"]
    assert ask("/api/v1/levels/", HTTP_IF_NONE_MATCH=first).status == 200


def test_a_token_is_served_and_leaves_no_kept_page() -> None:
    """Who says who it is, by whatever means, neither fills the kept pages nor is served from
    them."""
    ask("/zones/", HTTP_AUTHORIZATION="Bearer x")
    assert not len(pages)
    ask("/zones/", HTTP_COOKIE="shared-zones=x")
    assert not len(pages)
    ask("/zones/")
    assert len(pages)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("charset", ["utf-16", "zlib", "rot13", "base64", "x\x00", "*=zlib''x"])
@pytest.mark.parametrize("path", ["/api/v1/statistics/", "/admin/login/", SAINT_ELIE])
def test_a_body_of_another_charset_is_refused(path: str, charset: str, method: str) -> None:
    """`charset=zlib` is a codec and none of text: it ended with an error of the server."""
    separator = "" if charset.startswith("*") else "="
    answer = ask(
        path,
        method=method,
        body=b"{}",
        CONTENT_TYPE=f"application/json; charset{separator}{charset}",
    )
    assert answer.status == 415
    programs = path.startswith("/api/")
    expected = "application/problem+json" if programs else "text/plain; charset=utf-8"
    assert answer.headers["Content-Type"] == expected


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", '"utf-8"', "us-ascii", "Utf_8"])
def test_a_body_in_utf_8_may_say_so(charset: str) -> None:
    answer = ask(
        "/api/v1/statistics/",
        method="POST",
        body=b"{}",
        CONTENT_TYPE=f"application/json; charset={charset}",
    )
    assert answer.status == 422


# Any two requests --------------------------------------------------------------------------------
_NAMES = ("vintage", "q", "from", "to", "across", "edition", "sort", "page", "in", "t", "show", "v")
_VALUES = (
    *(b"2020", b"2024", b"saint", b"\xc3\xa9lie", b"\xff", b"clcplus-2018", b"clcplus-2021"),
    *(
        b"origins",
        b"-share",
        b"name",
        b"1",
        b"region:07",
        b"commune:07001",
        b"map",
        b"",
        b";",
        b"+",
    ),
)
_PATHS = (
    *("/", SAINT_ELIE, f"/fr{SAINT_ELIE}", f"/embed{SAINT_ELIE}", "/search/", "/pl/search/"),
    *("/search/suggestions/", "/compare/", "/ranking/commune/", "/territories/commune/"),
    *("/editions/", "/method/", "/zones/", "/api/v1/search/", "/api/v1/territories/"),
    *("/api/v1/statistics/", f"{SAINT_ELIE}charts/share.svg", f"/fr{SAINT_ELIE}charts/share.svg"),
    *(f"{SAINT_ELIE}tables/statistics.csv", "/tiles/territories/commune.json"),
    *("/tiles/editions/clcplus-2021.json", "/territories//commune/", "/territories/./commune/"),
)
_HEADERS = {
    "CONTENT_TYPE": (
        "text/html; charset=utf-16",
        "a/b; charset=cp037",
        "text/plain",
        "a/b;charset=x",
    ),
    "HTTP_HOST": ("localhost", "other.example", "LOCALHOST", "localhost:80", "localhost:8000"),
    "HTTP_ACCEPT": ("text/csv", "application/json; indent=4", "text/html", "*/*;q=0.1"),
    "HTTP_ACCEPT_LANGUAGE": ("fr", "pl;q=0.9", "\xff"),
    "HTTP_ACCEPT_ENCODING": ("gzip", "br", "identity"),
    "HTTP_COOKIE": ("a=b", "shared-zones=x", "django_language=fr", "sessionid=x", 'b="\\000"'),
    "HTTP_AUTHORIZATION": ("Bearer x", "Basic eDp5"),
    "HTTP_X_FORWARDED_PROTO": ("https", "http"),
    "HTTP_X_FORWARDED_HOST": ("other.example",),
    "HTTP_X_REQUESTED_WITH": ("XMLHttpRequest",),
    "HTTP_X_HTTP_METHOD_OVERRIDE": ("POST",),
    "HTTP_HX_REQUEST": ("true",),
    "HTTP_RANGE": ("bytes=0-10",),
}

pairs = st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES), st.booleans())
queries = st.tuples(st.lists(pairs, max_size=3), st.sampled_from([b"&", b";", b"&&"])).map(
    lambda made: made[1].join(
        name.encode() + b"=" + (value if raw else quote_from_bytes(value).encode())
        for name, value, raw in made[0]
    )
)
headers = st.dictionaries(st.sampled_from(sorted(_HEADERS)), st.integers(0, 4), max_size=3).map(
    lambda chosen: {name: _HEADERS[name][n % len(_HEADERS[name])] for name, n in chosen.items()}
)
requests = st.tuples(
    st.sampled_from(_PATHS), st.sampled_from(["GET", "GET", "HEAD"]), queries, headers
)
# Django pads compressed answers at random, and sends those plainly that would not become smaller.
_OF_ONE_ANSWER = {"Date", "Content-Length", "Content-Encoding"}


def answer_to(request: tuple[str, str, bytes, dict[str, str]]) -> Answer:
    path, method, query, sent = request
    # Problem documents have the id of their request.
    return ask(path, method=method, query=query, **{"HTTP_X_REQUEST_ID": "same", **sent})


def told(answer: Answer) -> dict[str, object]:
    """What of an answer has to be alike."""
    kept = {name: value for name, value in answer.headers.items() if name not in _OF_ONE_ANSWER}
    if "Vary" in kept:
        kept["Vary"] = ", ".join(sorted(set(kept["Vary"].split(", ")) - {"Accept-Encoding"}))
    kept["ETag"] = kept.get("ETag", "").removeprefix("W/")
    return {"status": answer.status, **kept}


@settings(
    max_examples=120,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
@given(first=requests, second=requests, same_address=st.booleans())
@example(
    first=("/search/", "GET", b"q=\xc3\xa9lie", {}),
    second=("/search/", "GET", b"q=%C3%83%C2%A9lie", {}),
    same_address=False,
)
@example(
    first=("/search/", "GET", b"q=saint", {"CONTENT_TYPE": UTF_16}),
    second=("/search/", "GET", b"q=saint", {}),
    same_address=True,
)
def test_earlier_requests_change_no_answer(
    first: tuple[str, str, bytes, dict[str, str]],
    second: tuple[str, str, bytes, dict[str, str]],
    same_address: bool,
) -> None:
    """For any two requests the second is answered as by a process that has kept nothing; and two
    answers with the same ETag are the same."""
    if same_address:
        second = first[0], second[1], first[2], second[3]
    before = answer_to(first)
    after = answer_to(second)
    pages.clear()
    cache.clear()
    tiles.published.cache_clear()
    standings.clear()
    with override_settings(PAGES_KEPT_MB=0):
        fresh = answer_to(second)
    gzipped = any("Content-Encoding" in answer.headers for answer in (after, fresh))
    assert told(after) == told(fresh)
    if not gzipped and second[1] == "GET":
        assert after.body == fresh.body
    tags = [answer.headers.get("ETag", "").removeprefix("W/") for answer in (before, after)]
    if tags[0] and tags[0] == tags[1] and not gzipped and first[1] == second[1] == "GET":
        assert "Content-Encoding" in before.headers or before.body == after.body
