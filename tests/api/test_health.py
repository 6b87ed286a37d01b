"""Liveness and readiness."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from clcplus.views.operation import health
from tests.world import World


def test_alive_without_anything_else(client: Client) -> None:
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready(client: Client, settings, tmp_path: Path) -> None:
    settings.RASTER_STORE = str(tmp_path)
    response = client.get("/readyz")
    assert response.status_code == 200, response.content
    assert response.json()["status"] == "ready"


@pytest.mark.django_db
def test_ready_before_there_is_any_edition(client: Client, settings) -> None:
    settings.RASTER_STORE = "/nowhere"
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_not_ready_says_what_is_missing(
    client: Client,
    settings,
    monkeypatch: pytest.MonkeyPatch,
    world: World,
) -> None:
    settings.RASTER_STORE = "/nowhere"
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    def left() -> bool:
        raise health.Missing("migrations to apply: clcplus.0002_more")

    monkeypatch.setattr(health, "_migrated", left)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert set(response.json()["missing"]) == {"redis", "raster store", "migrations"}
    assert "0002_more" in response.json()["detail"]
    assert "127.0.0.1" not in response.content.decode()
