"""Attacks through the header Host: another address in pages and files that others are given."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory

from clcplus import environment, site_address
from clcplus.actions import reports
from clcplus.models import Report
from clcplus.views.published import pages
from tests.world import world

__all__ = ["world"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world", "quiet_broker")]

SITE = "https://sealing.example"
HERE = "/territories/commune/07001/"
REPORT = f"{HERE}report/"
ADDRESSES = (
    "/",
    HERE,
    "/ranking/commune/",
    "/compare/?codes=commune:07001",
    "/editions/",
    "/zones/",
    f"{HERE}embed/",
    f"{HERE}tables/statistics.json",
    f"{HERE}shape.geojson",
    f"{HERE}charts/share.svg",
    "/tiles/territories/commune.json",
    "/api/v1/",
    "/api/v1/docs/",
    "/api/v1/schema/",
    "/api/v1/territories/?level=commune&page_size=1",
    "/api/v1/territories/commune/07001/",
    "/api/v1/search/?q=val",
    "/api/v1/zones/",
    "/no-such-page",
    "/admin/login/",
    "/api/v1/territories",
)


@pytest.fixture(autouse=True)
def _fresh(settings: Any) -> Iterator[None]:
    settings.ALLOWED_HOSTS = ["*"]
    cache.clear()
    yield
    cache.clear()


def ask(path: str, host: str) -> str:
    """All that a reader gets, headers too, but for the ETag, a hash in which any digits occur."""
    response = Client().get(path, headers={"Host": host})
    headers = {name: value for name, value in response.items() if name != "ETag"}
    return f"{response.getvalue().decode()}\n{headers}"


@pytest.mark.parametrize("path", ADDRESSES)
def test_no_answer_repeats_the_host_header(path: str, settings: Any) -> None:
    settings.SITE_URL = SITE
    assert "evil" not in ask(path, "evil.example:6666")


@pytest.mark.parametrize("path", ADDRESSES)
def test_without_site_url_no_port_is_believed(path: str, settings: Any) -> None:
    settings.SITE_URL = ""
    assert "6666" not in ask(path, "127.0.0.1:6666")


@pytest.mark.parametrize("path", [HERE, "/tiles/territories/commune.json", "/api/v1/"])
def test_the_sites_own_address_is_there(path: str, settings: Any) -> None:
    settings.SITE_URL = SITE
    assert SITE in ask(path, "127.0.0.1:8000")


def test_pages_that_are_kept_are_not_multiplied_by_hosts(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.PAGES_KEPT_MB = 8
    pages.clear()
    for port in range(5):
        ask(HERE, f"127.0.0.1:{port + 1}")
    assert len(pages) == 1
    pages.clear()


@pytest.mark.parametrize("site", [SITE, ""])
def test_a_report_is_one_whatever_port_is_named(site: str, settings: Any) -> None:
    settings.SITE_URL = site
    for port in range(1, 6):
        Client().post(REPORT, headers={"Host": f"127.0.0.1:{port}"})
    assert Report.objects.count() == 1


def test_names_in_development_are_normalised(settings: Any) -> None:
    settings.SITE_URL = ""
    request = RequestFactory().get("/", headers={"Host": "LocalHost.:81"}, SERVER_PORT="8000")
    assert site_address.origin(request) == "http://localhost:8000"


def test_a_path_is_no_host(settings: Any) -> None:
    settings.SITE_URL = SITE
    request = RequestFactory().get("//evil.example/")
    assert site_address.absolute(request).startswith(f"{SITE}/")


def test_https_redirects_to_the_site(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT, settings.SECURE_SSL_HOST = True, "sealing.example"
    response = Client().get("/", headers={"Host": "evil.example"})
    assert response["Location"] == f"{SITE}/"


@pytest.mark.parametrize(
    "text",
    [
        "sealing.example",
        "https://a.example/path",
        "ftp://a.example",
        "https://u@a.example",
        "https:",
    ],
)
def test_an_invalid_site_url_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITE_URL", text)
    with pytest.raises(ImproperlyConfigured, match="SITE_URL"):
        environment.read()


def test_a_production_system_must_say_where_it_is(settings: Any) -> None:
    def found() -> list[Any]:
        return [one.id for one in run_checks(include_deployment_checks=True)]

    settings.DEBUG = settings.DEMONSTRATION = False
    settings.SITE_URL = ""
    assert "clcplus.E001" in found()
    settings.SITE_URL = SITE
    assert "clcplus.E001" not in found()
    settings.SITE_URL, settings.DEMONSTRATION = "", True
    assert "clcplus.E001" not in found()


def test_nothing_else_makes_absolute_addresses() -> None:
    """One module does, so that the next page that somebody writes cannot be poisoned either."""
    wrong = re.compile(r"build_absolute_uri|get_host\b|get_raw_uri|request\.scheme|_get_raw_host")
    base = Path(configured.BASE_DIR)
    sources = [*(base / "clcplus").rglob("*.py"), *(base / "templates").rglob("*")]
    found = [
        path.name for path in sources if path.is_file() and wrong.search(path.read_text("utf-8"))
    ]
    assert found == ["site_address.py"]


# One client and the queue of reports
def report(code: str, **more: Any) -> Any:
    return Client().post(f"/territories/commune/{code}/report/", **more)


CODES = ("07001", "07002", "07101", "07102")


def test_one_client_does_not_fill_the_queue() -> None:
    answers = [report(code, REMOTE_ADDR="192.0.2.1") for code in CODES]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]
    assert int(answers[3]["Retry-After"]) > 0
    text = answers[3].content.decode()
    assert "3 reports that you or somebody at your address asked for" in text
    assert report(CODES[3], REMOTE_ADDR="192.0.2.2").status_code == 302
    # What waits already is not asked for anew, by whomever.
    assert report(CODES[0], REMOTE_ADDR="192.0.2.1").status_code == 302


def test_one_client_with_many_addresses_does_not_fill_the_queue() -> None:
    answers = [
        report(code, REMOTE_ADDR=f"2001:db8::{number:x}") for number, code in enumerate(CODES)
    ]
    assert [answer.status_code for answer in answers] == [302, 302, 302, 429]


def test_who_asked_is_no_address_and_is_forgotten() -> None:
    report(CODES[0], REMOTE_ADDR="192.0.2.1")
    report(CODES[1], REMOTE_ADDR="192.0.2.1")
    one, other = Report.objects.all()
    assert one.client == other.client != ""
    assert "192" not in one.client
    reports.fail_report(one.pk, "x")
    one.refresh_from_db()
    assert one.client == ""
    assert report(CODES[2], REMOTE_ADDR="192.0.2.1").status_code == 302
    assert report(CODES[3], REMOTE_ADDR="192.0.2.1").status_code == 302
