"""A reader that was taken over answers the worker with whatever it likes."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import shapely

from analytics.uploads.confinement import fork_client
from analytics.uploads.confinement.process import read_points, read_upload
from analytics.uploads.errors import UploadError
from analytics.uploads.records import Choice, to_json
from tests.uploads import files
from tests.uploads.upload_results import refused

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def sound(tmp_path: Path) -> tuple[dict[str, Any], bytes]:
    """What a reader answers about one square: the record and the zones."""
    path = tmp_path / "sound"
    path.write_bytes(files.geojson(files.feature(files.SQUARE, code="A")))
    read = read_upload(path, choice=Choice(crs="EPSG:3035"))
    zones = shapely.to_wkb(read.zones[0])
    record = json.loads(json.dumps(to_json(read.reading)))
    return {"reading": record, "lengths": [len(zones)]}, zones


@pytest.fixture
def answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str | bytes, bytes], Any]:
    """Has a reader leave an answer; the code with which the worker refuses it."""

    def answer(result: str | bytes, zones: bytes = b"") -> str:
        def taken_over(folder: Path, *, wall_seconds: float) -> str:
            content = result if isinstance(result, bytes) else result.encode()
            (folder / "result.json").write_bytes(content)
            (folder / "zones.wkb").write_bytes(zones)
            return "0"

        monkeypatch.setattr(fork_client, "run", taken_over)
        return refused(tmp_path, files.geojson())

    return answer


def test_the_true_answer_is_taken(
    sound: tuple[dict[str, Any], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, zones = sound

    def honest(folder: Path, *, wall_seconds: float) -> str:
        (folder / "result.json").write_text(json.dumps(record))
        (folder / "zones.wkb").write_bytes(zones)
        return "0"

    monkeypatch.setattr(fork_client, "run", honest)
    path = tmp_path / "input"
    path.write_bytes(b"{}")
    assert shapely.equals(read_upload(path).zones[0], files.SQUARE)


@pytest.mark.parametrize(
    "answer",
    [
        "", "[]", "{}", "null", "3", '"x"', "[" * 100_000, '{"a":' * 100_000,
        '{"error": {"kind": "Exception"}}',
        '{"error": {"kind": [], "code": "a", "found": "", "expected": "", "hint": ""}}',
        '{"error": {"kind": "UploadError", "code": 1, "found": {}, "expected": [], "hint": null}}',
        '{"error": []}', '{"error": null}',
        '{"reading": {}, "lengths": [5]}', '{"reading": {}, "lengths": [-1, 1]}',
        '{"reading": {}, "lengths": ["a"]}', '{"reading": null, "lengths": null}',
        '{"reading": {}, "lengths": [' + "9" * 5000 + "]}", b"\xff", b"\x00", b"\xed\xa0\x80",
    ],
)  # fmt: skip
def test_invalid_answers(answered: Any, answer: str | bytes) -> None:
    assert answered(answer) == "reader-died"


CHANGES: dict[str, Change] = {
    "another type": lambda reading: reading.update(format=5),
    "no format": lambda reading: reading.pop("format"),
    "a further member": lambda reading: reading.update(owner="admin"),
    "NUL": lambda reading: reading.update(encoding="a\0b"),
    "half a character": lambda reading: reading.update(layer="\ud800"),
    "a list for a text": lambda reading: reading["layers"][0].update(name=["a"]),
    "a text for a number": lambda reading: reading["layers"][0].update(features="1"),
    "an unknown question": lambda reading: reading.update(question="password"),
    "a question that is none": lambda reading: reading.update(question=["layer"]),
    "an object for a text": lambda reading: reading["reference"].update(name={"a": 1}),
    "NaN": lambda reading: reading["report"]["features"][0].update(area=float("nan")),
    "infinite": lambda reading: reading["report"]["features"][0].update(area=float("inf")),
    "a flag for a number": lambda reading: reading["report"]["features"][0].update(cells=True),
    "a fraction of a cell": lambda reading: reading["report"]["features"][0].update(cells=0.5),
    "three sides": lambda reading: reading["report"]["features"][0].update(extent=[1, 2, 3]),
    "sides of texts": lambda reading: reading["report"]["features"][0].update(extent=["a"] * 4),
    "no list of findings": lambda reading: reading["report"]["features"][0].update(findings=[3]),
    "another severity": lambda reading: reading["report"]["findings"].append(
        dict(code="a", severity="fatal", found="", expected="", action="", measures={})
    ),
    "measures of texts": lambda reading: reading["report"]["findings"].append(
        dict(code="a", severity="note", found="", expected="", action="", measures={"a": "b"})
    ),
    "more features than zones": lambda reading: reading["report"]["features"].append(
        reading["report"]["features"][0]
    ),
    "no report": lambda reading: reading.update(report=None),
    "an outline with NUL": lambda reading: reading["reference"]["guesses"].append(
        dict(
            crs="EPSG:1", name="", share_in_area_of_use=1.0, share_in_coverage=None, swapped=False,
            outline={"type": "\0"},
        )
    ),
    "a deep outline": lambda reading: reading["reference"]["guesses"].append(
        dict(
            crs="EPSG:1", name="", share_in_area_of_use=1.0, share_in_coverage=None, swapped=False,
            outline={"a": json.loads("[" * 200 + "]" * 200)},
        )
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_an_invalid_record(answered: Any, sound: tuple[dict[str, Any], bytes], change: str) -> None:
    record, zones = sound
    CHANGES[change](record["reading"])
    assert answered(json.dumps(record), zones) == "reader-died"


def test_words_of_an_error_are_short_and_can_be_stored(answered: Any, tmp_path: Path) -> None:
    said = {"kind": "UploadError", "code": "x" * 999, "expected": "\ud800", "hint": "a\0b"}
    answer = json.dumps({"error": said | {"found": "y" * 9999}})
    assert answered(answer) == "x" * 40
    path = tmp_path / "input"
    with pytest.raises(UploadError) as caught:
        read_upload(path)
    assert (len(caught.value.found), caught.value.expected, caught.value.hint) == (1000, " ", "a b")


@pytest.mark.parametrize(
    "zone",
    [
        shapely.to_wkb(shapely.Point(4e6, 25e5)),
        shapely.to_wkb(shapely.Polygon(files.SQUARE.exterior)),
        shapely.to_wkb(shapely.multipolygons([shapely.box(0, 0, 1e300, 1e300)])),
        shapely.to_wkb(shapely.multipolygons([shapely.box(0, 0, float("inf"), 1)])),
        b"\1" * 50,
        # Collections in collections, on which GEOS would call itself.
        struct.pack("<bII", 1, 7, 1) * 100_000,
        struct.pack("<bII", 1, 6, 2**32 - 1),
    ],
    ids=["point", "polygon", "far", "infinite", "noise", "deep", "long"],
)
def test_an_invalid_zone(answered: Any, sound: tuple[dict[str, Any], bytes], zone: bytes) -> None:
    record, _ = sound
    record["lengths"] = [len(zone)]
    assert answered(json.dumps(record), zone) == "reader-died"


@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "missing"])
@pytest.mark.parametrize("name", ["result.json", "zones.wkb", "words"])
def test_another_file_in_the_place_of_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, name: str
) -> None:
    """The worker would follow a link, or wait for ever at a pipe."""
    secret = tmp_path / "secret"
    secret.write_text('{"reading": {}, "lengths": []}')

    def left(folder: Path, *, wall_seconds: float) -> str:
        (folder / "result.json").write_text('{"reading": {}, "lengths": []}')
        (folder / "zones.wkb").write_bytes(b"")
        place = folder / name
        place.unlink(missing_ok=True)
        if kind == "link":
            place.symlink_to(secret)
        elif kind == "pipe":
            os.mkfifo(place)
        elif kind == "folder":
            place.mkdir()
        return "1" if name == "words" else "0"

    monkeypatch.setattr(fork_client, "run", left)
    assert refused(tmp_path, files.geojson()) == "reader-died"


@pytest.mark.parametrize(
    "result",
    [
        b"",
        b"[]",
        b"{}",
        b'{"points": ["id"]}',
        b'{"points": {"id": [1]}}',
        b'{"points": {"id": "12"}, "error": 5}',
        b'{"points": {"id": ["1", "2"], "x": ["1"]}}',
        b'{"points": ' + b"[" * 100_000,
    ],
)
def test_false_points_are_no_points(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, result: bytes
) -> None:
    def taken_over(folder: Path, *, wall_seconds: float) -> str:
        (folder / "result.json").write_bytes(result)
        return "0"

    monkeypatch.setattr(fork_client, "run", taken_over)
    path = tmp_path / "points"
    path.write_bytes(b"{}")
    with pytest.raises(UploadError) as refusal:
        read_points(path)
    assert refusal.value.code == "reader-died"
