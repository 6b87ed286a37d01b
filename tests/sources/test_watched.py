"""A watched place: names, completeness, stillness; and what does not belong there."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clcplus.sources.edition_names import EditionName, NamedRaster, read_name
from clcplus.sources.errors import SourceChanged, SourceError, SourceUnavailable
from clcplus.sources.watched import Look, found
from clcplus.sources.watched_places import WatchedFile, place_at

MOSAIC = "CLMS_CLCplus_RASTER_2021_010m_eu_03035_V1_1.tif"
TILE = "CLMS_CLCPLUS_RAS_S2023_R10m_{}_03035_V01_R00.tif"
EAST, WEST = TILE.format("E38N22"), TILE.format("E37N22")

Put = Callable[..., None]


@pytest.fixture(scope="module")
def s3_address() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["folder", "bucket"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty place of either sort."""
    if request.param == "folder":
        (tmp_path / "watched").mkdir()
        return str(tmp_path / "watched")
    monkeypatch.setenv("AWS_ENDPOINT_URL", request.getfixturevalue("s3_address"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_REGION", "eu-west-1")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    import boto3

    bucket = f"watched-{tmp_path.name.replace('_', '-').lower()}"[:60].strip("-")
    boto3.client("s3").create_bucket(Bucket=bucket)
    return f"s3://{bucket}/in"


@pytest.fixture
def put(place: str) -> Put:
    """Puts a file into the place, or removes it."""

    def put(name: str, body: bytes | None = b"II*\0body") -> None:
        if place.startswith("s3://"):
            import boto3

            bucket, _, prefix = place.removeprefix("s3://").partition("/")
            key = {"Bucket": bucket, "Key": f"{prefix}/{name}"}
            client = boto3.client("s3")
            client.delete_object(**key) if body is None else client.put_object(Body=body, **key)
            return
        path = Path(place) / name
        if body is None:
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)

    return put


def again(place: str, before: Look, **options: object) -> Look:
    return found(place, before=before.files, **options)  # type: ignore[arg-type]


def years(look: Look) -> list[int]:
    return [edition.name.year for edition in look.editions]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (MOSAIC, NamedRaster(EditionName("clcplus", 2021, (1, 1), False), "")),
        (MOSAIC.upper(), NamedRaster(EditionName("clcplus", 2021, (1, 1), False), "")),
        (EAST, NamedRaster(EditionName("clcplus", 2023, (1, 0), True), "E38N22")),
        (MOSAIC.replace("2021", "2025"), "the year 2025, of which nothing is published"),
        (EAST.replace("03035", "32620"), "EPSG:32620, which is not the grid's"),
        (EAST.replace("E38N22", "W38N22"), "the tile W38N22, which the grid does not have"),
        (MOSAIC.replace(".tif", ".zip"), "no GeoTIFF"),
        (MOSAIC.replace("_1.tif", "_1_clip.tif"), "another name"),
        ("x" * 5000 + ".tif", "another name"),
        (".tif", "another name"),
        ("", "no GeoTIFF"),
    ],
)
def test_names(name: str, expected: NamedRaster | str) -> None:
    assert read_name(name) == expected


def test_an_edition_is_taken_once_it_lies_still(place: str, put: Put) -> None:
    put(MOSAIC)
    first = found(place)
    assert not first.editions
    assert "1 files are new" in first.waiting[0].reason
    second = again(place, first)
    assert years(second) == [2021]
    assert [file.name for file in second.editions[0].files] == [MOSAIC]
    assert not second.waiting
    assert not second.misfits


def test_a_file_that_still_grows_is_not_taken(place: str, put: Put) -> None:
    put(MOSAIC, b"II*\0")
    first = found(place)
    put(MOSAIC, b"II*\0 and more")
    second = again(place, first)
    assert not second.editions
    assert years(again(place, second)) == [2021]


def test_a_tile_that_comes_late_keeps_the_others_waiting(place: str, put: Put) -> None:
    put(EAST)
    first = found(place)
    put(WEST)
    second = again(place, first)
    assert not second.editions
    third = again(place, second)
    assert sorted(third.editions[0].rasters) == ["E37N22", "E38N22"]


def test_a_set_that_lacks_a_tile_waits(place: str, put: Put) -> None:
    put(EAST)
    look = again(place, found(place), tiles={"E37N22", "E38N22"})
    assert not look.editions
    assert look.waiting[0].reason == "1 tiles are missing: E37N22"
    # A mosaic is one file.
    put(EAST, None)
    put(MOSAIC)
    assert years(again(place, found(place), tiles={"E37N22"})) == [2021]


def test_two_editions_at_once_and_their_companions(place: str, put: Put) -> None:
    earlier = MOSAIC.replace("2021", "2018")
    for name in (MOSAIC, earlier, f"{MOSAIC}.ovr", MOSAIC.replace(".tif", ".xml")):
        put(f"delivery/{name}")
    look = again(place, found(place))
    assert years(look) == [2021, 2018]
    assert len(look.editions[0].files) == 3
    assert not look.misfits


def test_of_two_versions_the_last_is_taken(place: str, put: Put) -> None:
    put(MOSAIC)
    put(MOSAIC.replace("V1_1", "V1_2"))
    look = again(place, found(place))
    assert [edition.name.version for edition in look.editions] == [(1, 2)]
    (misfit,) = look.misfits
    assert misfit.name == MOSAIC
    assert "former version" in misfit.reason


def test_an_empty_raster_waits(place: str, put: Put) -> None:
    put(MOSAIC, b"")
    look = again(place, found(place))
    assert not look.editions
    assert "is empty" in look.waiting[0].reason


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("read me.txt", "no GeoTIFF"),
        (MOSAIC.replace("2021", "2025"), "the year 2025"),
        ("CLMS_CLCplus_RASCL_2021_010m_eu_03035_V1_1.tif", "another name"),
        ("a\tb.tif", "cannot be printed"),
        (f"{'x' * 240}/{'y' * 240}/{'z' * 240}.tif", "more than 500 letters"),
    ],
)
def test_what_does_not_fit_is_told(place: str, put: Put, name: str, reason: str) -> None:
    put(name)
    put(MOSAIC)
    look = again(place, found(place))
    assert years(look) == [2021]
    (misfit,) = look.misfits
    assert reason in misfit.reason
    assert misfit.name.isprintable()


def test_hidden_and_unfinished_files_are_not_seen(place: str, put: Put) -> None:
    for name in (f".{MOSAIC}.x1", f"{MOSAIC}.part", f".hidden/{MOSAIC}"):
        put(name)
    look = found(place)
    assert not look.files
    assert not look.misfits


def test_the_same_tile_twice_is_told(place: str, put: Put) -> None:
    put(f"a/{EAST}")
    put(f"b/{EAST}")
    look = again(place, found(place))
    assert len(look.editions) == 1
    assert "is already" in look.misfits[0].reason


def test_files_are_brought_in_the_state_in_which_they_were_found(
    place: str, put: Put, tmp_path: Path
) -> None:
    put(EAST, b"II*\0" + b"1" * 3_000_000)
    files = list(found(place).files)
    moves: list[tuple[int, int]] = []
    (path,) = place_at(place).bring(
        files, tmp_path / "into", progress=lambda *move: moves.append(move)
    )
    assert path.read_bytes() == b"II*\0" + b"1" * 3_000_000
    assert moves[-1][0] == moves[-1][1]
    put(EAST, b"II*\0" + b"2" * 3_000_000)
    with pytest.raises(SourceChanged):
        place_at(place).bring(files, tmp_path / "other", progress=lambda *_: None)
    put(EAST, None)
    with pytest.raises(SourceChanged):
        place_at(place).bring(files, tmp_path / "other", progress=lambda *_: None)
    assert not list((tmp_path / "other").glob("*.tif"))


def test_an_object_that_came_in_part_is_completed(place: str, put: Put, tmp_path: Path) -> None:
    body = b"II*\0" + bytes(range(256)) * 100
    put(EAST, body)
    (file,) = found(place).files
    into = tmp_path / "into"
    if place.startswith("s3://"):
        into.mkdir()
        plain = "".join(letter for letter in file.stamp if letter.isalnum())
        (into / f"{EAST}.{plain}.part").write_bytes(body[:1000])
    (path,) = place_at(place).bring([file], into, progress=lambda *_: None)
    assert path.read_bytes() == body


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    place, outside = tmp_path / "watched", tmp_path / "outside"
    place.mkdir()
    outside.mkdir()
    (outside / MOSAIC).write_bytes(b"II*\0secret")
    (place / MOSAIC).symlink_to(outside / MOSAIC)
    (place / "folder").symlink_to(outside)
    os.mkfifo(place / EAST)
    look = again(str(place), found(str(place)))
    assert not look.files
    assert {misfit.name for misfit in look.misfits} == {MOSAIC, "folder", EAST}
    # One that takes the place of a file later is not followed either.
    (place / MOSAIC).unlink()
    (place / MOSAIC).write_bytes(b"II*\0secret")
    (file,) = found(str(place)).files
    state = (place / MOSAIC).stat()
    os.utime(outside / MOSAIC, ns=(state.st_atime_ns, state.st_mtime_ns))
    (place / MOSAIC).unlink()
    (place / MOSAIC).symlink_to(outside / MOSAIC)
    with pytest.raises(SourceChanged):
        place_at(str(place)).bring([file], tmp_path / "into", progress=lambda *_: None)


def test_a_name_that_is_no_text_is_told(tmp_path: Path) -> None:
    place = bytes(tmp_path) + b"/\xff\xfe.tif"
    Path(os.fsdecode(place)).write_bytes(b"x")
    (misfit,) = found(str(tmp_path)).misfits
    assert misfit.name.isprintable()
    misfit.name.encode()


def test_a_file_that_vanishes_is_forgotten(place: str, put: Put) -> None:
    put(MOSAIC)
    first = found(place)
    put(MOSAIC, None)
    look = again(place, first)
    assert look == Look((), (), (), ())


@pytest.mark.parametrize("address", ["/nowhere/at/all", "ftp://host/x", "https://host/x"])
def test_a_place_that_is_none_is_one_line(address: str) -> None:
    with pytest.raises(SourceError) as error:
        found(address)
    assert "\n" not in str(error.value)


def test_a_bucket_that_is_not_there_is_one_line(
    s3_address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_address)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    with pytest.raises(SourceUnavailable) as error:
        found("s3://no-such-bucket-here/x")
    assert "\n" not in str(error.value)


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clcplus.sources.watched_places._MOST_FILES", 3)
    for number in range(4):
        (tmp_path / f"{number}.tif").touch()
    with pytest.raises(SourceError, match="more than 3 files"):
        found(str(tmp_path))


def test_files_have_an_order() -> None:
    assert sorted([WatchedFile("b", 1, ""), WatchedFile("a", 2, "")])[0].name == "a"
