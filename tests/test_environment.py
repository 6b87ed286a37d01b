"""Settings that the environment gives, and what is refused."""

from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from clcplus import environment

TILES = "https://tiles.example.org:8443/osm/{z}/{x}/{y}.png?key=1"


def test_basemap_names_its_host_and_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASEMAP_TILES", TILES)
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", "© <b>Makers</b>")
    found = environment.basemap()
    assert found is not None
    assert found["tiles"] == TILES
    # MapLibre takes an attribution for markup.
    assert found["attribution"] == "© &lt;b&gt;Makers&lt;/b&gt;"
    assert environment.hosts_of(found) == ["https://tiles.example.org:8443"]


def test_no_basemap_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BASEMAP_TILES", raising=False)
    assert environment.basemap() is None
    assert environment.hosts_of(None) == []
    monkeypatch.setenv("BASEMAP_TILES", "/basemap/{z}/{x}/{y}.png")
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", "own")
    assert environment.hosts_of(environment.basemap()) == []


@pytest.mark.parametrize(
    ("tiles", "attribution", "named"),
    [
        ("https://tiles.example.org/{z}/{x}.png", "x", "BASEMAP_TILES"),
        ("javascript:{z}{x}{y}", "x", "BASEMAP_TILES"),
        ("tiles.example.org/{z}/{x}/{y}.png", "x", "BASEMAP_TILES"),
        ("https://a.example.org; script-src */{z}/{x}/{y}.png", "x", "BASEMAP_TILES"),
        (TILES, "", "BASEMAP_ATTRIBUTION"),
    ],
)
def test_unusable_basemap_is_refused(
    monkeypatch: pytest.MonkeyPatch, tiles: str, attribution: str, named: str
) -> None:
    monkeypatch.setenv("BASEMAP_TILES", tiles)
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", attribution)
    with pytest.raises(ImproperlyConfigured, match=f"{named}: found"):
        environment.basemap()


def test_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    assert environment.whole("TRUSTED_PROXIES", default=0) == 2
    monkeypatch.setenv("TRUSTED_PROXIES", "")
    assert environment.whole("TRUSTED_PROXIES", default=7) == 7
    for text in ("-1", "one", "1.5", "٣"):
        monkeypatch.setenv("TRUSTED_PROXIES", text)
        with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES"):
            environment.whole("TRUSTED_PROXIES", default=0)
