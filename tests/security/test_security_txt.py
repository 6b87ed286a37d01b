"""Whom to tell: a file that RFC 9116 describes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from clcplus import environment

PATH = "/.well-known/security.txt"


def fields(**headers: str) -> dict[str, str]:
    response = Client().get(PATH, headers=headers)
    assert response.status_code == 200
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    return dict(line.split(": ", 1) for line in response.content.decode().splitlines())


def test_the_fields_that_the_standard_requires(settings: Any) -> None:
    settings.SITE_URL = "https://sealing.example:8443"
    settings.SECURITY_CONTACT = ""
    found = fields()
    assert found["Contact"] == "mailto:security@sealing.example"
    assert found["Canonical"] == f"https://sealing.example:8443{PATH}"
    assert found["Preferred-Languages"] == "en, fr, pl"
    ends = datetime.strptime(found["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert timedelta(days=90) < ends - datetime.now(UTC) < timedelta(days=365)


def test_the_contact_that_the_operator_names(settings: Any) -> None:
    settings.SECURITY_CONTACT = "https://example.org/report"
    assert fields()["Contact"] == "https://example.org/report"


def test_a_host_of_the_client_does_not_get_into_it(settings: Any) -> None:
    settings.SITE_URL = "https://sealing.example"
    settings.ALLOWED_HOSTS = ["*"]
    assert "evil" not in str(fields(host="evil.example"))


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("security@example.org", "mailto:security@example.org"),
        ("mailto:a@example.org", "mailto:a@example.org"),
        ("https://example.org/a", "https://example.org/a"),
        ("", ""),
    ],
)
def test_a_contact_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str, contact: str
) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", text)
    assert contact == environment.read().SECURITY_CONTACT


@pytest.mark.parametrize("text", ["http://example.org", "nobody", "a@b\nExpires: never", "a b@c"])
def test_an_invalid_contact(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("SECURITY_CONTACT", text)
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT"):
        environment.read()
