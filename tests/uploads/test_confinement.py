"""The process that opens a stranger's file: each of its limits really met, and told in words; no
network, no other file, no other driver. Readers are started here as they are in operation.
"""

from __future__ import annotations

import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import shapely

from analytics.uploads.confinement import fork_client, reader
from analytics.uploads.errors import LimitMet
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice
from tests.uploads import files
from tests.uploads.upload_results import features, refusal, refused, upload

KNOWN = Choice(crs="EPSG:3035")


def tangle(corners: int = 6_000) -> bytes:
    """A ring that crosses itself millions of times: its repair takes minutes and gigabytes."""
    points = 4e6 + np.random.default_rng(1).uniform(0, 10_000, (corners, 2))
    return files.geojson(files.feature(shapely.Polygon(points)))


def test_computing_for_too_long(tmp_path: Path) -> None:
    error = refusal(tmp_path, tangle(), choice=KNOWN, limits=Limits(cpu_seconds=2))
    assert (error.code, type(error)) == ("cpu-time", LimitMet)
    assert str(error) == (
        "The file: found a file that takes more than 2 seconds of computing; expected less. "
        "Simplify the outlines, or split the file"
    )


def test_too_much_memory(tmp_path: Path) -> None:
    records = b'{"type": "FeatureCollection", "features": [' + b'{"a":1},' * 3_000_000 + b"{}]}"
    error = refusal(tmp_path, records, limits=Limits(memory_bytes=700_000_000))
    assert (error.code, type(error)) == ("memory", LimitMet)
    assert error.found == "a file that takes more than 700 MB to read"
    # The same file with room for it ends otherwise.
    assert refused(tmp_path, records) == "too-many-features"


def test_less_memory_than_the_libraries_have_already(tmp_path: Path) -> None:
    records = b'{"type": "FeatureCollection", "features": [' + b'{"a":1},' * 500_000 + b"{}]}"
    assert refused(tmp_path, records, limits=Limits(memory_bytes=60_000_000)) == "memory"


def test_writing_too_large_a_file(tmp_path: Path) -> None:
    packed = files.shapefile(tmp_path / "made")
    error = refusal(tmp_path, packed, limits=Limits(written_bytes=100))
    assert (error.code, type(error)) == ("written-size", LimitMet)


def test_too_many_open_files(tmp_path: Path) -> None:
    packed = files.shapefile(tmp_path / "made")
    error = refusal(tmp_path, packed, limits=Limits(open_files=4))
    assert (error.code, type(error)) == ("open-files", LimitMet)
    assert error.found == "more than 4 files at once"


def test_nothing_is_reached_by_what_a_file_points_to(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        host = f"http://127.0.0.1:{listening.getsockname()[1]}"
        vrt = f"<OGRVRTDataSource><OGRVRTLayer name='a'><SrcDataSource>/vsicurl/{host}/a.shp"
        link = f"<NetworkLink><Link><href>{host}/a.kml</href></Link></NetworkLink>"
        kml = f'<kml xmlns="http://www.opengis.net/kml/2.2"><Document>{link}</Document></kml>'
        declared = files.kml(
            declaration=f'<!DOCTYPE k [<!ENTITY b SYSTEM "{host}/b">]>', name="&b;"
        )
        codes = [
            refused(tmp_path, content.encode() if isinstance(content, str) else content)
            for content in (
                vrt,
                kml,
                declared,
                files.zipped({"a.shp": vrt.encode()}),
                files.zipped({f"/vsicurl/{host}/a.shp": b"x"}),
                f"/vsicurl/{host}/a.shp",
            )
        ]
        listening.setblocking(False)
        with pytest.raises(BlockingIOError):
            listening.accept()
    assert codes == [
        "unknown-format",
        "kml-without-placemark",
        "xml-declaration",
        "unreadable-layer",
        "archive-path",
        "unknown-format",
    ]


def test_gdal_in_the_reader_opens_no_vrt_and_no_address(tmp_path: Path) -> None:
    """Even what would be given to GDAL by mistake meets no driver that follows."""
    folder = tmp_path / "reader"
    folder.mkdir()
    files.with_gdal(tmp_path / "zones.gpkg")
    vrt = "<OGRVRTDataSource><OGRVRTLayer name='zones'><SrcDataSource>../zones.gpkg"
    vrt += "</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>"
    (folder / "zones.vrt").write_text(vrt)
    said = "import pyogrio; pyogrio.read_info('zones.vrt')"
    whole = subprocess.run([sys.executable, "-c", said], cwd=folder, capture_output=True, text=True)
    assert whole.returncode == 0, whole.stderr
    confined = subprocess.run(
        [sys.executable, "-c", said],
        cwd=folder,
        env=fork_client.environment(),
        capture_output=True,
        text=True,
    )
    assert confined.returncode == 1
    assert "not recognized" in confined.stderr


@pytest.mark.parametrize(
    "event", ["socket.connect", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn"]
)
def test_python_in_the_reader_starts_and_calls_nothing(event: str) -> None:
    with pytest.raises(PermissionError, match=event):
        reader._refuse(event, ())


def test_the_limits_leave_room_for_an_ordinary_file(tmp_path: Path) -> None:
    content = files.geojson(files.feature(files.SQUARE))
    assert len(features(upload(tmp_path, content, choice=KNOWN))) == 1
