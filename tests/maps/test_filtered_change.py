"""Tiles of filtered change and of patches, against a plain label of the whole rasters."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyogrio
import pytest
from django.core.cache import cache
from django.test import Client

from analytics import queries
from analytics.grid import Window
from analytics.patches import preset_groups
from analytics.patches.mask_codes import GAIN, LOSS
from clcplus.actions.editions import publication
from clcplus.database import read_side
from clcplus.jobs import runner
from clcplus.maps.change import accepted_of
from clcplus.models import Edition, FilteredPair, Run
from clcplus.presentation.colours import CHANGE_COLOURS, CHANGE_KINDS
from tests.analytics.test_patches import change_of, expected
from tests.blocks import make_blocks
from tests.maps.pictures import address_at, pixels, points
from tests.region import NORTH, SIDE, WEST, Region
from tests.runs import committed
from tests.statements import counted

(PRESETS,) = preset_groups(confident=False)
pytestmark = pytest.mark.django_db

PAIR = "clcplus-2021/clcplus-2023"
MIDDLE = (WEST + 300, NORTH - 300)


@pytest.fixture(scope="module")
def region(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Region]:
    """Published editions, filtered."""
    folder = tmp_path_factory.mktemp("filtered")
    with django_db_blocker.unblock(), committed(make_blocks(folder), store=folder / "store") as it:
        for run in Run.objects.filter(kind=Run.Kind.FILTER):
            assert runner.work(run.kind, run.pk)
        cache.clear()
        yield it


def tile(zoom: int, ending: str) -> str:
    address = address_at(*MIDDLE, zoom)
    return f"{zoom}/{address.column}/{address.row}.{ending}"


def layers_of(content: bytes, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Properties of the features of a vector tile, by layer."""
    path = folder / "tile.mvt"
    path.write_bytes(content)
    found = {}
    for name, _ in pyogrio.list_layers(path):
        meta, _, shapes, columns = pyogrio.raw.read(path, layer=name)
        assert all(shape is not None for shape in shapes)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        names = [field for field in meta["fields"] if field != "mvt_id"]
        named = [dict(zip(meta["fields"], row, strict=True)) for row in rows]
        found[name] = [{name: row[name] for name in names} for row in named]
    return found


def accepted(region: Region, preset: str) -> dict[int, npt.NDArray[np.bool_]]:
    earlier, later = region.codes[2021], region.codes[2023]
    ids, _ = expected(earlier, later, PRESETS[preset])
    return {kind: cells & (ids > 0) for kind, cells in change_of(earlier, later).items()}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("zoom", [13, 16])
def test_cells_that_a_filter_accepts_are_drawn(
    client: Client, region: Region, preset: str, zoom: int
) -> None:
    response = client.get(f"/tiles/change/{PAIR}/{tile(zoom, 'png')}", {"filter": preset})
    assert (response.status_code, response["Content-Type"]) == (200, "image/png")
    picture = pixels(response.content)
    earlier, later = region.codes[2021], region.codes[2023]
    kinds = np.where((earlier == 1) & (later <= 11), "kept", "none").astype(object)
    cells = accepted(region, preset)
    kinds[cells[GAIN]], kinds[cells[LOSS]] = "gained", "lost"
    xs, ys = points(address_at(*MIDDLE, zoom), 256)
    columns, rows = np.floor((xs - WEST) / 10).astype(int), np.floor((NORTH - ys) / 10).astype(int)
    inside = (rows >= 0) & (rows < SIDE) & (columns >= 0) & (columns < SIDE)
    wanted = np.zeros((256, 256, 4), dtype=np.uint8)
    for kind, colour in CHANGE_COLOURS.items():
        here = inside.copy()
        here[inside] = kinds[rows[inside], columns[inside]] == kind
        wanted[here] = colour
    same = (picture == wanted).all(-1) | ((picture[..., 3] == 0) & (wanted[..., 3] == 0))
    assert same[inside].mean() > 0.95
    assert not picture[~inside][..., 3].any() or zoom < 14
    for kind in ("gained", "lost"):
        assert (picture == CHANGE_COLOURS[kind]).all(-1).any() == bool(
            (wanted == CHANGE_COLOURS[kind]).all(-1).any()
        )


def test_change_without_a_filter_is_as_before(client: Client, region: Region) -> None:
    for zoom in (9, 14):
        path = f"/tiles/change/{PAIR}/{tile(zoom, 'png')}"
        plain = client.get(path)
        assert plain.status_code == 200
        assert client.get(path, {"filter": "raw"}).content == plain.content
        filtered = client.get(path, {"filter": "clc-change"})
        assert filtered.status_code == 200
    assert filtered.content != plain.content


def test_a_loss_that_is_not_accepted_has_stayed_sealed() -> None:
    kinds = [CHANGE_KINDS.index(kind) for kind in ("none", "gained", "lost", "kept")]
    found = np.array([kinds] * 3, dtype=np.uint8)
    kind = np.array([[0] * 4, [GAIN] * 4, [LOSS] * 4], dtype=np.uint8)
    words = [[CHANGE_KINDS[n] for n in row] for row in accepted_of(found, kind).tolist()]
    assert words == [
        ["none", "none", "kept", "kept"],
        ["none", "gained", "kept", "kept"],
        ["none", "none", "lost", "kept"],
    ]


@pytest.mark.parametrize("preset", PRESETS)
def test_squares_have_the_cells_that_a_filter_accepts(region: Region, preset: str) -> None:
    first, last = (Edition.objects.get(slug=f"clcplus-{year}").pk for year in (2021, 2023))
    window = Window((10_000_000 - 2_301_000) // 10, 379_900, 200, 200)
    with read_side.snapshot() as connection:
        found = queries.filtered_squares(
            connection, earlier_id=first, later_id=last, preset=preset, window=window, side=1
        )
    cells, half = accepted(region, preset), SIDE // 2
    seen = (region.codes[2021] <= 11) & (region.codes[2023] <= 11)
    for row, rows in enumerate((slice(0, half), slice(half, None))):
        for column, columns in enumerate((slice(0, half), slice(half, None))):
            parts = [seen, cells[GAIN], cells[LOSS]]
            assert found[row, column].tolist() == [int(p[rows, columns].sum()) for p in parts]


@pytest.mark.parametrize("preset", PRESETS)
def test_patches_of_a_filter_with_what_they_are(
    client: Client, region: Region, preset: str, tmp_path: Path
) -> None:
    response = client.get(f"/tiles/patches/{PAIR}/{tile(12, 'mvt')}", {"filter": preset})
    assert (response.status_code, response["Content-Type"]) == (
        200,
        "application/vnd.mapbox-vector-tile",
    )
    layers = layers_of(response.content, tmp_path)
    assert set(layers) == {"patches"}
    names = {GAIN: "gain", LOSS: "loss"}
    _, patches = expected(region.codes[2021], region.codes[2023], PRESETS[preset])
    wanted = [
        {
            "kind": names[one["kind"]],
            "former": one["former"],
            "later": one["later"],
            "hectares": round(int(one["cells"]) / 100, 2),
            "width": one["side"] * 10,
        }
        for one in patches.values()
    ]
    assert in_order(layers["patches"]) == in_order(wanted)


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: (row["hectares"], row["kind"], row["later"]))


def test_a_tile_says_how_many_patches_it_leaves_out(region: Region, tmp_path: Path) -> None:
    first, last = (Edition.objects.get(slug=f"clcplus-{year}").pk for year in (2021, 2023))
    address = address_at(*MIDDLE, 12)
    with read_side.snapshot() as connection:
        plain = queries.patch_tile(
            connection,
            earlier_id=first,
            later_id=last,
            chosen=PRESETS["0.25ha"],
            place=queries.TilePlace(12, address.column, address.row),
            most=2,
        )
    layers = layers_of(plain, tmp_path)
    _, patches = expected(region.codes[2021], region.codes[2023], PRESETS["0.25ha"])
    largest = sorted((int(p["cells"]) / 100 for p in patches.values()), reverse=True)
    drawn = [row["hectares"] for row in layers["patches"]]
    assert sorted(drawn, reverse=True) == largest[:2]
    assert layers["left_out"] == [{"patches": len(patches) - 2}]


def test_tilejson_names_the_filter(client: Client, region: Region) -> None:
    about = client.get(f"/tiles/patches/{PAIR}.json", {"filter": "0.5ha"}).json()
    assert about["tiles"][0].endswith("&filter=0.5ha")
    assert (about["minzoom"], about["maxzoom"]) == (12, 14)
    assert [layer["id"] for layer in about["vector_layers"]] == ["patches", "left_out"]
    address = about["tiles"][0].removeprefix("http://testserver")
    place = address_at(*MIDDLE, 12)
    for name, value in (("z", 12), ("x", place.column), ("y", place.row)):
        address = address.replace(f"{{{name}}}", str(value))
    assert client.get(address).status_code == 200
    change = client.get(f"/tiles/change/{PAIR}.json", {"filter": "0.5ha"}).json()
    assert change["tiles"][0].endswith("&filter=0.5ha")
    assert "filter" not in client.get(f"/tiles/change/{PAIR}.json").json()["tiles"][0]


@pytest.mark.parametrize(
    "path", [f"change/{PAIR}.json", f"change/{PAIR}/{tile(13, 'png')}", f"patches/{PAIR}.json"]
)
def test_a_pair_without_confidence_layers_says_so(
    client: Client, region: Region, path: str
) -> None:
    response = client.get(f"/tiles/{path}", {"filter": "0.25ha-confidence50"})
    assert response.status_code == 404
    assert response.json()["detail"] == (
        "the change from clcplus-2021 to clcplus-2023 cannot be filtered by 0.25ha-confidence50:"
        " there is no confidence layer of clcplus-2021 and clcplus-2023"
    )


@pytest.mark.parametrize("path", [f"{PAIR}.json", f"{PAIR}/{tile(12, 'mvt')}"])
def test_who_has_patches_is_told_so(client: Client, region: Region, path: str) -> None:
    first = client.get(f"/tiles/patches/{path}")
    assert first.status_code == 200
    with counted() as sent:
        again = client.get(f"/tiles/patches/{path}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]
    assert len(sent) <= 4, "\n".join(sent)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"change/{PAIR}/12/2136/1388.png?filter=1ha", 400),
        (f"change/{PAIR}/12/2136/1388.png?filter=", 400),
        (f"change/{PAIR}.json?filter=%00", 400),
        (f"patches/{PAIR}/12/2136/1388.mvt?filter=raw", 400),
        (f"patches/{PAIR}/11/1068/694.mvt", 404),
        (f"patches/{PAIR}/15/1068/694.mvt", 404),
        ("patches/clcplus-2023/clcplus-2021/12/2136/1388.mvt", 422),
        ("patches/clcplus-1990/clcplus-2021/12/2136/1388.mvt", 404),
    ],
)
def test_bad_requests_are_problems(client: Client, region: Region, path: str, status: int) -> None:
    response = client.get(f"/tiles/{path}")
    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"


@pytest.mark.django_db(transaction=True)
def test_pairs_that_are_not_filtered_or_not_published_are_not_shown(
    client: Client, region: Region
) -> None:
    addresses = [
        f"/tiles/change/{PAIR}/{tile(13, 'png')}?filter=0.25ha",
        f"/tiles/patches/{PAIR}/{tile(13, 'mvt')}",
        f"/tiles/patches/{PAIR}.json",
    ]
    assert [client.get(address).status_code for address in addresses] == [200] * 3
    with read_side.snapshot() as connection:
        assert len(queries.filtered_pairs(connection)) == 3
    FilteredPair.objects.filter(later__slug="clcplus-2023").delete()
    assert [client.get(address).status_code for address in addresses] == [404] * 3
    publication.withdraw_edition(slug="clcplus-2021")
    with read_side.snapshot() as connection:
        assert queries.filtered_pairs(connection) == {}
