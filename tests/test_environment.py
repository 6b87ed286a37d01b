"""Settings that the environment gives, and what is refused."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clcplus import environment
from clcplus.environment import Environment

TILES = "https://tiles.example.org:8443/osm/{z}/{x}/{y}.png?key=1"


def test_basemap_names_its_host_and_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASEMAP_TILES", TILES)
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", "© <b>Makers</b>")
    found = environment.read().basemap
    assert found is not None
    assert found["tiles"] == TILES
    # MapLibre takes an attribution for markup.
    assert found["attribution"] == "© &lt;b&gt;Makers&lt;/b&gt;"
    assert environment.hosts_of(found) == ["https://tiles.example.org:8443"]


def test_no_basemap_is_no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("BASEMAP_TILES", raising=False)
    assert environment.read().basemap is None
    assert environment.hosts_of(None) == []
    monkeypatch.setenv("BASEMAP_TILES", "/basemap/{z}/{x}/{y}.png")
    monkeypatch.setenv("BASEMAP_ATTRIBUTION", "own")
    assert environment.hosts_of(environment.read().basemap) == []


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
        _ = environment.read().basemap


def test_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "2")
    assert environment.read().TRUSTED_PROXIES == 2
    monkeypatch.setenv("TRUSTED_PROXIES", "")
    assert environment.read().TRUSTED_PROXIES == 0
    for text in ("-1", "one", "1.5", "٣"):
        monkeypatch.setenv("TRUSTED_PROXIES", text)
        with pytest.raises(ImproperlyConfigured, match="TRUSTED_PROXIES: found"):
            environment.read()


def test_switches_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    for text, expected in (("1", True), ("Yes", True), ("on", True), ("0", False), ("", False)):
        monkeypatch.setenv("HTTPS", text)
        assert environment.read().HTTPS is expected
    monkeypatch.setenv("ALLOWED_HOSTS", "a.example, b.example,")
    assert environment.read().ALLOWED_HOSTS == ("a.example", "b.example")


def test_each_wrong_value_has_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS", "perhaps")
    monkeypatch.setenv("LOG_LEVEL", "loud")
    with pytest.raises(ImproperlyConfigured) as refused:
        environment.read()
    assert str(refused.value).splitlines() == [
        "HTTPS: found 'perhaps'; expected 1 or 0",
        "LOG_LEVEL: found 'loud'; expected 'DEBUG', 'INFO', 'WARNING', 'ERROR' or 'CRITICAL'",
    ]


def test_the_day_of_the_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.read().refresh_on == (3, 1)
    for text, expected in (("11-30", (11, 30)), ("never", None)):
        monkeypatch.setenv("REFRESH_ON", text)
        assert environment.read().refresh_on == expected
    for text in ("02-29", "13-01", "3-1", "03-01T00", "yearly"):
        monkeypatch.setenv("REFRESH_ON", text)
        with pytest.raises(ImproperlyConfigured, match=r"REFRESH_ON: found .*03-01"):
            environment.read()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, "", "", False, False)),
        ("smtp+tls://me:a%40b@mail.example", ("mail.example", 587, "me", "a@b", True, False)),
        ("smtps://me@mail.example:4650/", ("mail.example", 4650, "me", "", False, True)),
    ],
)
def test_the_mail_server(
    monkeypatch: pytest.MonkeyPatch, url: str, expected: tuple[str, ...]
) -> None:
    monkeypatch.setenv("EMAIL_URL", url)
    found = environment.read().email
    assert found.pop("DEFAULT_FROM_EMAIL") == "clcplus@localhost"
    assert tuple(found.values()) == expected


def test_the_password_of_the_mail_server_is_in_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text("hunter2\n")
    monkeypatch.setenv("EMAIL_URL", "smtps://me@mail.example")
    monkeypatch.setenv("EMAIL_PASSWORD_FILE", str(tmp_path / "password"))
    monkeypatch.setenv("SITE_URL", "https://sealing.example:8443")
    found = environment.read().email
    assert found["EMAIL_HOST_PASSWORD"] == "hunter2"
    assert found["DEFAULT_FROM_EMAIL"] == "clcplus@sealing.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EMAIL_URL", "imap://me:hunter2@mail.example"),
        ("EMAIL_URL", "smtp://:hunter2@"),
        ("EMAIL_URL", "smtp://me:hunter2@mail.example:many"),
        ("NOTIFY_WEBHOOK", "ftp://me:hunter2@host/"),
        ("NOTIFY_WEBHOOK", "https://"),
    ],
)
def test_wrong_addresses_of_notices(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=f"{name}: found") as refused:
        environment.read()
    assert "hunter2" not in str(refused.value)


def test_notices_need_a_server_and_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_MAIL", "me@sealing.example")
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL: found nothing"):
        _ = environment.read().email
    monkeypatch.setenv("NOTIFY_WEBHOOK", "https://sealing.example/notices")
    with pytest.raises(ImproperlyConfigured, match="NOTIFY_SECRET_FILE: found nothing"):
        _ = environment.read().notify_webhook


def test_a_refused_address_does_not_show_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://clcplus:hunter2@host/name")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL: found") as refused:
        environment.read()
    assert "hunter2" not in str(refused.value)


def test_a_command_reports_it_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        env={**os.environ, "PAGES_KEPT_MB": "many"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    line = "error: PAGES_KEPT_MB: found 'many'; expected a whole number, nought or more\n"
    assert (done.returncode, done.stderr) == (1, line)


ELSEWHERE = {
    "PGPASSFILE": "libpq",
    "AWS_ENDPOINT_URL": "boto3",
    "AWS_ACCESS_KEY_ID": "boto3",
    "AWS_SECRET_ACCESS_KEY": "boto3",
    "AWS_REGION": "boto3",
    "OUTER_PROXY": "ops/proxy.py",
    "OTEL_EXPORTER_OTLP_ENDPOINT": "clcplus/monitoring/traces.py",
    "NUMBA_CACHE_DIR": "analytics/counting/kernel_cache.py",
}
"""Variables that operators set and that others than the settings read."""


def _documented() -> dict[str, str]:
    """Names in the tables of variables, with the last cell of their row."""
    found: dict[str, str] = {}
    text = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    for table in re.findall(r"^\| variable \|.*?(?=\n\n)", text, flags=re.M | re.S):
        for row in table.splitlines()[2:]:
            _, names, *_, default, _ = re.split(r" ?\| ?", row)
            found |= dict.fromkeys(re.findall(r"[A-Z][A-Z0-9_]+", names), default)
            found |= dict.fromkeys(re.findall(r"`(AWS_[A-Z_]+)`", row), "")
    return found


def test_the_manual_has_the_same_variables() -> None:
    assert set(_documented()) == set(Environment.model_fields) | set(ELSEWHERE)


def test_the_manual_has_the_same_numbers() -> None:
    documented = _documented()
    for name, field in Environment.model_fields.items():
        if type(field.default) is int:
            numbers = documented[name].replace(" ", "").split(";")[0].split(",")
            assert str(field.default) in numbers, name
