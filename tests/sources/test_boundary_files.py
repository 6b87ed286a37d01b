"""Files of boundaries by address: recognised by their bytes, unpacked within limits, or refused."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import shapely

from clcplus.sources.boundary_files import fetch_boundaries, is_address
from clcplus.sources.client import Client
from clcplus.sources.errors import SourceError
from tests.boundary_files import write_columns
from tests.sources.download_service import zipped
from tests.sources.misbehaviour import Reply, Request, Served, served

BOX = shapely.box(5, 45, 5.1, 45.1)


@pytest.fixture
def bodies(tmp_path: Path) -> dict[str, bytes]:
    """What is served, by path."""
    rows = [("38001", "Les Abrets", BOX)]
    package, shape = tmp_path / "a.gpkg", tmp_path / "b.shp"
    for path in (package, shape):
        write_columns(path, rows, columns="code name", crs="EPSG:4326")
    parts = {f"in/{p.name}": p.read_bytes() for p in tmp_path.glob("b.*")}
    features = [{"type": "Feature", "properties": {}, "geometry": shapely.geometry.mapping(BOX)}]
    document = {"type": "FeatureCollection", "features": features, "numberReturned": 1}
    view = tmp_path / "view.gpkg"
    view.write_bytes(package.read_bytes())
    with closing(sqlite3.connect(view)) as database:
        database.execute("CREATE VIEW more AS SELECT readfile('/etc/passwd') AS code")
        database.commit()
    points_elsewhere = b"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/etc/passwd"
    return {
        "/view.gpkg": view.read_bytes(),
        "/vrt.zip": zipped(**{"a.gpkg": points_elsewhere}),
        "/vrt-json.zip": zipped(**{"a.json": points_elsewhere}),
        "/vrt-shape.zip": zipped(**{"a.shp": points_elsewhere}),
        "/communes_2024.gpkg": package.read_bytes(),
        "/shapes.zip": zipped(**parts, **{"in/read me.txt": b"text"}),
        "/wfs": json.dumps({**document, "numberMatched": 1}).encode(),
        "/part": json.dumps({**document, "numberMatched": 5001}).encode(),
        "/bomb.zip": zipped(**{"a.gpkg": b"SQLite format 3\0" + b"0" * 2_000_000}),
        "/nothing.zip": zipped(**{"a.txt": b"text"}),
        "/parts.zip": zipped(**{"a.dbf": b"x"}),
        "/archive.7z": b"7z\xbc\xaf\x27\x1c" + b"0" * 99,
        "/page": b"<html><title>Sign in</title></html>",
        "/empty": b"",
    }


@pytest.fixture
def server(bodies: dict[str, bytes]) -> Iterator[Served]:
    def answers(request: Request) -> Reply:
        return Reply(bodies[request.path], headers={"ETag": f'"{request.path}"'})

    with served(answers) as found:
        yield found


@pytest.fixture
def fetched(
    server: Served, client_of: Callable[..., Client], tmp_path: Path
) -> Callable[[str], list[Path]]:
    def fetch(path: str) -> list[Path]:
        return fetch_boundaries(
            client_of(server), server.url + path, tmp_path / "into", most_bytes=1_000_000
        )

    return fetch


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/communes_2024.gpkg", "communes_2024.gpkg"),
        ("/shapes.zip", "b.shp"),
        ("/wfs?TYPENAMES=commune&CQL_FILTER=a=%27../38%27", "commune.geojson"),
    ],
)
def test_a_file_comes_once_and_keeps_a_plain_name(
    fetched: Callable[[str], list[Path]], server: Served, path: str, name: str
) -> None:
    (found,) = fetched(path)
    assert found.name == name
    assert found.stat().st_size
    assert fetched(path) == [found]
    assert len(server.requests) == 1


def test_a_shapefile_comes_with_its_parts(fetched: Callable[[str], list[Path]]) -> None:
    (found,) = fetched("/shapes.zip")
    assert {p.suffix for p in found.parent.iterdir()} >= {".shp", ".dbf", ".shx", ".prj"}
    assert not list(found.parent.glob("*.txt"))


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/part", "1 of 5001 features"),
        ("/bomb.zip", "bytes; expected at most 1000000"),
        ("/nothing.zip", "no such file"),
        ("/parts.zip", "no vector file"),
        ("/archive.7z", "7z archive.*Unpack"),
        ("/view.gpkg", "a view"),
        ("/vrt.zip", "a.gpkg, which begins with a web page"),
        ("/vrt-json.zip", "a.json, which begins with"),
        ("/vrt-shape.zip", "a.shp, which begins with"),
        ("/page", "Sign in"),
        ("/empty", "an empty body"),
    ],
)
def test_what_is_no_file_of_boundaries_leaves_nothing(
    fetched: Callable[[str], list[Path]],
    server: Served,
    bodies: dict[str, bytes],
    path: str,
    message: str,
) -> None:
    with pytest.raises(SourceError, match=message) as found:
        fetched(path)
    assert "\n" not in str(found.value)
    # What the address has later is fetched anew.
    bodies[path] = bodies["/communes_2024.gpkg"]
    assert len(fetched(path)) == 1


def test_a_download_that_stops_is_resumed(
    fetched: Callable[[str], list[Path]], server: Served, bodies: dict[str, bytes]
) -> None:
    whole = bodies["/communes_2024.gpkg"]
    server.faults = [
        Reply(whole[:5000], headers={"ETag": '"x"'}, claimed_length=len(whole)),
    ]
    (found,) = fetched("/communes_2024.gpkg")
    assert found.read_bytes() == whole
    assert server.requests[1].headers["range"] == "bytes=5000-"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/x.gpkg", True),
        ("file:///etc/passwd", True),
        ("communes.gpkg", False),
        ("../a/b.gpkg", False),
    ],
)
def test_an_address_is_told_from_a_path(text: str, expected: bool) -> None:
    assert is_address(text) is expected
