"""Damaged uploads by the thousand: ``python -m tests.uploads.fuzz --inputs 20000 --seconds 3600``.

Inputs are sound files of each format with bytes changed, members of archives with bytes changed,
and random bytes. Each is read as in operation: by a process of its own that confines itself.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import logging
import random
import sys
import tempfile
import time
import zipfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import shapely

from analytics.uploads.confinement import process
from analytics.uploads.errors import UploadError
from analytics.uploads.limits import Limits
from analytics.uploads.records import Choice, to_json
from tests.uploads import files

LIMITS = Limits(cpu_seconds=10, wall_seconds=20)
CHOICES = (
    Choice(),
    Choice(crs="EPSG:3035"),
    Choice(crs="EPSG:3035", code_field="", name_field=""),
    Choice(crs="EPSG:4326", swap_axes=True),
)
COVERAGE = shapely.box(3_900_000, 2_400_000, 4_000_500, 2_600_000)
TOKENS = (
    b"1e308", b"-1e999", b"NaN", b"null", b"[[[[[[[[", b"]]]]", b"{}", b'"type"', b"\0",
    b"GeometryCollection", b"MULTIPOLYGON((((", b"EMPTY", b"SRID=0;", b"</Polygon>",
    b"<!DOCTYPE a>", b"\xff\xfe",
    b"\xf0\x9f\x92\xa9", b"\xed\xa0\x80", b"999999999999999999999", b"../", b"\\u0000", b"-", b",",
)  # fmt: skip
PAGE, TABLES = 4096, (2, 3, 6, 8, 17, 18, 19, 21, 22, 23)
"""Pages of the GeoPackage that hold rows, such as those of the zones, and no text of the schema."""


@dataclass(slots=True)
class Tally:
    """How inputs ended; ``dead`` are the readers that ended without an answer, with last words."""

    inputs: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    dead: list[tuple[str, str]] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)

    def add(self, other: Tally) -> None:
        """Add what another process has seen."""
        self.inputs += other.inputs
        self.outcomes += other.outcomes
        self.dead += other.dead
        self.left_behind += other.left_behind


def seeds(folder: Path) -> list[bytes]:
    """A sound file of each format."""
    east = shapely.box(4_001_000, 2_500_000, 4_002_000, 2_501_000)
    bow = shapely.Polygon([(4e6, 25e5), (4.001e6, 25.01e5), (4.001e6, 25e5), (4e6, 25.01e5)])
    drawn = [files.feature(g, code=c, name="Ł") for g, c in ((files.SQUARE, "A"), (east, "B"))]
    collection = files.geojson(*drawn, files.feature(bow, code="C"))
    lines = b"\n".join(json.dumps(one).encode() for one in drawn)
    wkt = f"SRID=3035;{files.SQUARE.wkt}\nGEOMETRYCOLLECTION ({east.wkt}, {bow.wkt})".encode()
    layers = files.with_gdal(folder / "zones.gpkg")
    return [
        collection,
        lines,
        wkt,
        files.kml(),
        files.geoparquet(),
        files.zipped({"doc.kml": files.kml()}),
        files.zipped({"a.kml": files.kml(), "b.geojsonl": lines, "c.wkt": wkt}),
        f"code;shape\nA;{files.SQUARE.wkt}\nB;SRID=3035;{east.wkt}\n".encode(),
        files.shapefile(folder / "shapefile"),
        files.with_gdal(folder / "zones.fgb").read_bytes(),
        layers.read_bytes(),
        files.with_gdal(layers, layer="others").read_bytes(),
    ]


def damaged(sound: list[bytes], chance: random.Random) -> bytes:
    """An input: random bytes, or a sound file that is not so sound any more."""
    content = chance.choice(sound)
    kind = chance.random()
    if kind < 0.05:
        return chance.randbytes(chance.randrange(2000))
    if kind < 0.10:
        return content[: chance.randint(4, 100)] + chance.randbytes(chance.randrange(2000))
    if content.startswith(b"PK") and chance.random() < 0.7:
        return _repacked(content, chance)
    return mutated(content, chance)


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with some bytes changed, cut out, doubled or put in, or its end missing."""
    changed = bytearray(content)
    # Pages that have moved are soon told, and the text of the schema fills most pages.
    database = content.startswith(b"SQLite") and chance.random() < 0.9
    for _ in range(chance.randint(1, 3 if database else 8)):
        place = _place(changed, chance, page=chance.choice(TABLES) if database else None)
        kind = chance.choice((0, 1, 4) if database else range(6))
        if kind == 0 and changed:
            changed[place] = chance.randrange(256)
        elif kind == 1 and changed:
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 2:
            del changed[place : place + chance.randint(1, 64)]
        elif kind == 3:
            changed[place:place] = changed[place : place + chance.randint(1, 64)]
        elif kind == 4:
            token = chance.choice(TOKENS)
            length = len(token) if database or chance.random() < 0.5 else 0
            changed[place : place + length] = token
        elif chance.random() < 0.2:
            del changed[place:]
    return bytes(changed)


def _place(content: bytearray, chance: random.Random, *, page: int | None) -> int:
    """A place in the content, or in a page of it; seldom among the zeros of databases."""
    first, size = (0, len(content)) if page is None else ((page - 1) * PAGE, PAGE)
    place = 0
    for _ in range(20):
        place = min(first + chance.randrange(size or 1), max(len(content) - 1, 0))
        if content[place : place + 1] != b"\0":
            break
    return place


def _repacked(content: bytes, chance: random.Random) -> bytes:
    """An archive of which one member is damaged."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {info.filename: archive.read(info) for info in archive.infolist()}
    name = chance.choice(list(members))
    members[name] = mutated(members[name], chance)
    if chance.random() < 0.1:
        del members[chance.choice(list(members))]
    return files.zipped(members)


def run(*, inputs: int, seconds: float, seed: int, keep: Path | None) -> Tally:
    """Read so many inputs; whatever is not a reading or an UploadError is raised."""
    chance = random.Random(seed)
    tally = Tally()
    end = time.monotonic() + seconds
    last = _LastWords()
    process.logger.addHandler(last)
    process.logger.propagate = False
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as scratch:
        sound = seeds(Path(scratch))
        path = Path(scratch) / "input"
        tempfile.tempdir = name
        try:
            while tally.inputs < inputs and time.monotonic() < end:
                content = damaged(sound, chance)
                path.write_bytes(content)
                outcome = _outcome(path, chance)
                tally.inputs += 1
                tally.outcomes[outcome] += 1
                if outcome in {"reader-died", "wall-time", "cpu-time"}:
                    digest = hashlib.sha256(content).hexdigest()[:12]
                    tally.dead.append((digest, f"{outcome} {last.words}"))
                    if keep is not None:
                        (keep / digest).write_bytes(content)
            tally.left_behind = [entry.name for entry in Path(name).iterdir()]
        finally:
            tempfile.tempdir = before
            process.logger.removeHandler(last)
            process.logger.propagate = True
    return tally


def _outcome(path: Path, chance: random.Random) -> str:
    choice = chance.choice(CHOICES)
    coverage = chance.choice((None, COVERAGE))
    try:
        read = process.read_upload(path, choice=choice, coverage=coverage, limits=LIMITS)
    except UploadError as error:
        return error.code
    json.dumps(to_json(read.reading))
    return f"asked: {read.reading.question}" if read.reading.question else "read"


class _LastWords(logging.Handler):
    """What the last reader that broke off had to say."""

    words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = record.getMessage()


def main() -> int:
    """Run what the command line asks for; 1 where anything died, hung or was left behind."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="a folder for inputs at which a reader ended")
    given = parser.parse_args()
    one = partial(
        run,
        inputs=given.inputs // given.processes,
        seconds=given.seconds,
        keep=given.keep,
    )
    tally = Tally()
    began = time.monotonic()
    with ProcessPoolExecutor(given.processes) as pool:
        runs = [pool.submit(one, seed=given.seed * 1000 + n) for n in range(given.processes)]
        for done in runs:
            tally.add(done.result())
    print(f"{tally.inputs} inputs in {time.monotonic() - began:.0f} s")
    for outcome, count in tally.outcomes.most_common():
        print(f"{count:7} {outcome}")
    for digest, words in tally.dead:
        print("DIED", digest, words)
    print(f"left behind: {len(tally.left_behind)}")
    return 1 if tally.dead or tally.left_behind else 0


if __name__ == "__main__":
    sys.exit(main())
