"""What pages say before anything is published, and before anything is there at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth import get_user_model
from django.test import Client

from clcplus.actions.territories import layer_zones
from clcplus.database import read_side
from clcplus.models import Layer, Level, Zone
from tests.world import strip

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fresh_connections() -> Iterator[None]:
    """The read side keeps no connection to a database that is emptied after the test."""
    yield
    read_side.dispose()


def source(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize("path", ["/", "/territories/", "/editions/", "/method/", "/search/?q=x"])
def test_pages_of_an_empty_platform(client: Client, path: str) -> None:
    assert "<h1" in source(client, path)


def test_territory_without_an_edition_says_so(client: Client) -> None:
    level = Level.objects.create(slug="commune", name="Commune", name_plural="Communes", rank=0)
    layer = Layer.objects.create(
        level=level, vintage=2024, active=True, source="tests", content_hash="0" * 64
    )
    Zone.objects.create(
        layer=layer, code="1", name="Lieu", search_name="lieu", geometry=strip(0, 1), cells=10_000
    )
    layer_zones.summarise(layer)
    home = source(client, "/")
    assert "The figures are on their way" in home
    assert "See the jobs" not in home
    assert "No figures yet" in source(client, "/territories/commune/1/")
    assert "No figures yet" in source(client, "/territories/commune/")
    assert "No figures yet" in source(client, "/ranking/commune/")
    assert "No figures yet" in source(client, "/compare/?t=commune:1")
    assert "edition=" not in source(client, "/compare/?t=commune:1")
    for missing in ("/embed/territories/commune/1/", "/ranking/commune/table.csv"):
        assert client.get(missing).status_code == 404
    get_user_model().objects.create_superuser("staff", password="x")
    client.login(username="staff", password="x")
    assert "See the jobs" in source(client, "/")
