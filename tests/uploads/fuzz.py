"""Damaged uploads: ``python -m tests.uploads.fuzz --inputs 20000 --seconds 3600``."""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from pathlib import Path

from analytics.uploads.errors import UploadError
from analytics.uploads.process import read_upload
from tests.uploads import files


def seeds(folder: Path) -> list[bytes]:
    """A sound file of each format."""
    return [
        files.geojson(files.feature(files.SQUARE, code="A")),
        files.kml(),
        files.zipped({"doc.kml": files.kml()}),
        files.shapefile(folder / "shapefile"),
        files.with_gdal(folder / "zones.gpkg").read_bytes(),
        files.with_gdal(folder / "zones.fgb").read_bytes(),
    ]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """The content with some bytes changed, cut out, doubled, or its end missing."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(changed) or 1)
        kind = chance.randrange(4)
        if kind == 0 and changed:
            changed[place] = chance.randrange(256)
        elif kind == 1:
            del changed[place : place + chance.randint(1, 64)]
        elif kind == 2:
            changed[place:place] = changed[place : place + chance.randint(1, 64)]
        elif chance.random() < 0.2:
            del changed[place:]
    return bytes(changed)


def run(*, inputs: int, seconds: float, seed: int) -> tuple[int, dict[str, int]]:
    """How many inputs ran, and their outcomes; anything but UploadError is raised."""
    chance = random.Random(seed)
    outcomes: dict[str, int] = {}
    end = time.monotonic() + seconds
    done = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sound = seeds(folder)
        path = folder / "input"
        while done < inputs and time.monotonic() < end:
            path.write_bytes(mutated(sound[done % len(sound)], chance))
            try:
                read_upload(path)
                outcome = "read"
            except UploadError as error:
                outcome = error.code
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            done += 1
    return done, outcomes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=3600)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    print(*run(inputs=given.inputs, seconds=given.seconds, seed=given.seed))
