"""The names that a search looks through follow the zones."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics import queries
from analytics.records import Found
from clcplus.actions.territories import layer_zones
from clcplus.actions.territories.population import import_population
from clcplus.database import read_side
from clcplus.models import Layer, PlaceName, Population, Zone
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def built() -> World:
    return build()


def searched(text: str) -> tuple[Found, ...]:
    with read_side.snapshot() as connection:
        return queries.search(connection, text=text).found


def test_a_name_is_kept_once_whatever_the_vintages(built: World) -> None:
    assert Zone.objects.filter(code="07101").count() == 2
    assert list(PlaceName.objects.filter(code="07101").values_list("key", flat=True)) == [
        "montrieux"
    ]


def test_a_former_name_leads_to_the_territory(built: World) -> None:
    Zone.objects.filter(pk=built.old["07101"].pk).update(name="Ys-en-Mer", search_name="ys en mer")
    layer_zones.refresh_names()
    (found,) = searched("Ys en Mer")
    assert (found.territory.link.name, found.former_name) == ("Montrieux", "Ys-en-Mer")
    assert found.territory.link.current
    (same,) = searched("montrieux")
    assert same.former_name is None


def test_names_of_zones_that_are_gone_are_forgotten(built: World) -> None:
    Zone.objects.filter(pk=built.old["07003"].pk).delete()
    layer_zones.refresh_names()
    assert not PlaceName.objects.filter(code="07003").exists()
    assert searched("07003") == ()


def test_a_layer_is_found_once_it_is_shown(built: World) -> None:
    assert searched("fantome") == ()
    Layer.objects.filter(vintage=2026).update(active=True)
    assert [found.territory.link.code for found in searched("fantome")] == ["07999", "07001"]


def test_a_gap_of_vintages_tells_the_first_that_readers_see(built: World) -> None:
    Layer.objects.filter(vintage=2024, level__slug="commune").update(active=False)
    Layer.objects.filter(vintage=2026).update(active=True)
    (found,) = searched("07003")
    assert (found.gone_since, found.successor) == (2026, None)


def test_inhabitants_order_those_that_match_alike(built: World, tmp_path: Path) -> None:
    assert [found.territory.link.code for found in searched("071")] == ["07101", "07102"]
    table = tmp_path / "people.csv"
    table.write_text("code,year,population\n07102,2022,9000\n")
    import_population(path=table, level="commune")
    assert PlaceName.objects.get(code="07102").inhabitants == 9000
    assert [found.territory.link.code for found in searched("071")] == ["07102", "07101"]


def test_the_newest_number_of_inhabitants_counts(built: World) -> None:
    Population.objects.create(zone=built.zones["07001"], year=2023, inhabitants=900)
    layer_zones.refresh_names()
    assert PlaceName.objects.get(code="07001", key__startswith="saint elie d").inhabitants == 900
