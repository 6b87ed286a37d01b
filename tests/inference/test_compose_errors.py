"""What cannot be composed ends in one line that says why, and never in a hole."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import rasterio

from inference.__main__ import main
from tests.inference.compose_command import bands_of, compose, compose_from, inside, only
from tests.inference.sentinel import Shot
from tests.inference.stac_server import Catalogue, serving

ONE = ("--bands", "B04")


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with serving(tmp_path / "served") as served:
        for day, number in zip(("2024-06-01", "2024-06-11"), (1000, 3000), strict=True):
            served.add(Shot(day, number, bands=("B04",)))
        yield served


def last(capfd: pytest.CaptureFixture[str]) -> str:
    """The one line that an error is; what was said before it is the plan."""
    lines = [line for line in capfd.readouterr().err.splitlines() if " scenes of " not in line]
    assert len(lines) == 1, lines
    return lines[0]


@pytest.fixture(autouse=True)
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between attempts."""
    monkeypatch.setattr("inference.composites.assets.time.sleep", lambda seconds: None)


@pytest.mark.parametrize("status", [404, 500, 503, 403])
def test_an_asset_that_comes_back_is_read(
    catalogue: Catalogue, tmp_path: Path, status: int
) -> None:
    # The first request and its repetition by GDAL fail, then all is well.
    catalogue.failures["B04.tif"] = [status, status, 200]
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, *ONE, "-j", "1", "--attempts", "4", out=out) == 0
    bands = bands_of(out)
    assert (only(bands["B04"]), only(bands["observations"])) == (2000, 2)


@pytest.mark.parametrize("status", [404, 503])
@pytest.mark.parametrize("band", ["B04", "SCL"])
def test_an_asset_that_stays_away_is_an_error_of_one_line(
    catalogue: Catalogue,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    band: str,
    status: int,
) -> None:
    gone = f"{catalogue.items[1]['id']}/{band}.tif"
    catalogue.failures[gone] = [status]
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, *ONE, out=out) == 1
    line = last(capfd)
    assert line.startswith(f"{catalogue.address}/assets/{gone}: found ")
    assert str(status) in line
    assert not out.exists()
    assert sum(path.endswith(gone) for path in catalogue.asked) >= 2

    catalogue.failures.clear()
    assert compose_from(catalogue, *ONE, out=out) == 0
    assert only(bands_of(out)["observations"]) == 2


def test_an_asset_that_is_cut_off_is_no_hole(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = next((tmp_path / "served/assets").glob("*/B04.tif"))
    whole.write_bytes(whole.read_bytes()[:-600])
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, *ONE, out=out) == 1
    assert f"{whole.parent.name}/B04.tif: found" in last(capfd)
    assert not out.exists()


def test_an_asset_that_does_not_answer_in_time_is_unreachable(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes calls and says nothing
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/B04.tif"
        catalogue.items[0]["assets"]["red"]["href"] = address
        out = tmp_path / "composite.tif"
        assert compose_from(catalogue, *ONE, out=out) == 1
    assert last(capfd).startswith(f"{address}: found ")


def test_what_signs_an_address_is_not_told(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    red = catalogue.items[0]["assets"]["red"]
    href = red["href"]
    red["href"] = f"{href}?sig=SECRET"
    out = tmp_path / "composite.tif"
    assert compose_from(catalogue, *ONE, out=out) == 0  # and it is read by it
    with rasterio.open(out) as dataset:
        assert "SECRET" not in str(dataset.tags())
    assert "SECRET" not in capfd.readouterr().err
    for path in (tmp_path / "served/assets").glob("*/B04.tif"):
        path.write_bytes(b"no image " * 1000)
    for status in (404, 200):
        catalogue.failures["B04.tif"] = [status]
        red["href"] = f"{href}?sig=SECRET{status}"  # what was read of another address is kept
        assert compose_from(catalogue, *ONE, "--margin", str(status), out=out) == 1
        line = last(capfd)
        assert "/B04.tif: found " in line
        assert "SECRET" not in line


def test_a_catalogue_that_is_not_there_is_unreachable(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"http://127.0.0.1:{closed.getsockname()[1]}"
    assert compose("--stac", address, inside(), *ONE, out=tmp_path / "c.tif") == 1
    assert last(capfd).startswith(f"{address}: found ")


def test_an_address_that_is_no_catalogue_is_said_to_be_none(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    asset = catalogue.items[0]["assets"]["red"]["href"]
    for address in (asset, f"{catalogue.address}/v9"):
        assert compose("--stac", address, inside(), *ONE, out=tmp_path / "c.tif") == 1
        assert last(capfd).startswith(f"{address}: found ")


def test_a_missing_band_is_named_with_its_scene(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert compose_from(catalogue, "--bands", "B04,B8A,B11", out=tmp_path / "c.tif") == 1
    line = last(capfd)
    assert line.startswith(f"{catalogue.items[0]['id']}: found bands B04; expected B8A, B11 too")


def test_a_scene_without_classification_is_not_taken_for_clear(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for key in ("scl", "scl-jp2"):
        del catalogue.items[1]["assets"][key]
    assert compose_from(catalogue, *ONE, out=tmp_path / "c.tif") == 1
    assert "scene classification (SCL)" in last(capfd)


def test_nothing_but_cloud_is_said(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    catalogue.items.clear()
    catalogue.add(Shot("2024-07-01", scl=9, bands=("B04",)))
    out = tmp_path / "c.tif"
    assert compose_from(catalogue, *ONE, out=out) == 1
    assert "found no cell of the area without cloud in 1 scene(s)" in last(capfd)
    assert list(tmp_path.glob("*c.tif*")) == []
    assert not any("B04" in path for path in catalogue.asked)  # and no band was fetched for it


def test_a_season_without_a_scene_is_said(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    season = "winter=2024-01-01/2024-02-28"
    assert compose_from(catalogue, *ONE, out=tmp_path / "c.tif", season=season) == 1
    assert last(capfd).startswith("season winter: found no scene of the area")


def test_an_item_that_tells_no_offset_is_not_guessed(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    catalogue.add(Shot("2024-07-01", 1200, bands=("B04",)), world="planetary")
    item = catalogue.items[-1]
    item["id"] = "S2A_32UQA_20240701_0_L2A"
    item["properties"].pop("s2:processing_baseline")
    out = tmp_path / "c.tif"
    assert compose_from(catalogue, *ONE, out=out) == 1
    assert last(capfd).startswith(f"{item['id']}: found neither a processing baseline nor")
    assert compose_from(catalogue, *ONE, "--offset", "0", out=out) == 0
    assert only(bands_of(out)["B04"]) == 1200  # of 1000, 1200 and 3000


@pytest.mark.parametrize("href", ["/etc/passwd", "file:///etc/passwd", "/vsizip/x.zip/a.tif"])
def test_an_item_may_not_point_at_local_files(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str], href: str
) -> None:
    catalogue.items[0]["assets"]["red"]["href"] = href
    assert compose_from(catalogue, *ONE, out=tmp_path / "c.tif") == 1
    assert "expected an address with https, http or s3" in last(capfd)


def test_an_asset_of_another_format_is_not_read(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """A VRT could name any file of this machine."""
    path = next((tmp_path / "served/assets").glob("*/B04.tif"))
    path.write_text(
        '<VRTDataset rasterXSize="240" rasterYSize="240">'
        '<VRTRasterBand dataType="UInt16" band="1"/></VRTDataset>'
    )
    assert compose_from(catalogue, *ONE, out=tmp_path / "c.tif") == 1
    assert "not recognized" in last(capfd)


def test_a_rectangle_off_the_grid_is_refused(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert compose_from(catalogue, *ONE, "--bbox=-80,40,-79,41", out=tmp_path / "c.tif") == 1
    assert "expected an area in Europe" in last(capfd)


def test_a_place_that_cannot_be_written_is_said(
    catalogue: Catalogue, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "c.tif"
    assert compose_from(catalogue, *ONE, out=out) == 1
    assert last(capfd).startswith(f"{out}: found Not a directory")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--stac", "http://h", "--season", "2024-06-01/2024-08-31"], "--bbox or --zones"),
        (["--stac", "http://h", "--bbox=1,2,3,4"], "--stac needs --season"),
        (["--files", "a.tif", "--bbox=3,2,1,4"], "is no rectangle"),
        (["--files", "a.tif", "--bbox=3,2,1"], "is not four numbers"),
        (["--files", "a.tif", "--bands", "B04,B10"], "B10 is none of"),
        (["--files", "a.tif", "--season", "2024"], "not two dates"),
        (["--safe", "a", "--file-bands", "B04"], "--file-bands is of --files"),
        ([], "one of the arguments --stac --safe --files is required"),
    ],
)
def test_bad_usage_is_status_2(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["compose", *arguments, "-o", str(tmp_path / "c.tif")])
    assert ended.value.code == 2
    assert words in capfd.readouterr().err
