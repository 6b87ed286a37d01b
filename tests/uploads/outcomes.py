"""What becomes of the files that people really upload: ``python -m tests.uploads.outcomes`` writes
the table in docs/uploads.md anew.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

from analytics.uploads.confinement.process import read_upload
from analytics.uploads.errors import UploadError
from analytics.uploads.formats.detection import ACCEPTED
from analytics.uploads.records import Choice, LayerListing, Question, Reading
from tests.uploads import files

ROOT = Path(__file__).resolve().parents[2]
UPLOADS = ROOT.parent / "shared" / "data" / "uploads"
PAGE = ROOT / "docs" / "uploads.md"
START, END = "<!-- outcomes -->\n", "<!-- end of outcomes -->\n"

_OWN = (
    (re.compile(r"zones of \d+ km²"), "zones of … km²"),
    (re.compile(r"(of another kind|whose type is|geometries as) \(?(?!WKB)['\w][^;]*"), r"\1 …"),
)
"""What is said of one file in words that others share."""
_PARTS = {".shp", ".shx", ".dbf", ".prj", ".cpg"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file ended in: the questions answered on the way, a code where it was refused, and
    the words for a person."""

    file: str
    asked: tuple[str, ...]
    code: str
    words: str


def inputs(scratch: Path) -> dict[str, Path]:
    """Each file by its name, and each loose Shapefile once more as the ZIP archive it should be."""
    found = {
        str(path.relative_to(UPLOADS)): path
        for path in sorted(UPLOADS.rglob("*"))
        if path.is_file()
    }
    for name, path in list(found.items()):
        if path.suffix == ".shp":
            packed = scratch / f"{len(list(scratch.iterdir()))}.zip"
            parts = [p for p in path.parent.iterdir() if p.stem == path.stem and p.suffix in _PARTS]
            packed.write_bytes(files.zipped({p.name: p.read_bytes() for p in sorted(parts)}))
            found[name.removesuffix(".shp") + " (zipped)"] = packed
    return found


def outcome(name: str, path: Path) -> Outcome:
    """Read a file to its end, answering what is asked as an uploader might."""
    choice, asked = Choice(), []
    while True:
        try:
            reading = read_upload(path, choice=choice).reading
        except UploadError as error:
            return Outcome(name, tuple(asked), error.code, str(error))
        if reading.question is None:
            return Outcome(name, tuple(asked), "", _words(reading))
        if reading.question in asked:
            raise AssertionError(f"{name}: asked for the {reading.question} twice")
        asked.append(reading.question)
        choice = _answered(reading, choice)


def all_outcomes() -> list[Outcome]:
    """Of all inputs, in the order of their names."""
    with tempfile.TemporaryDirectory() as scratch:
        return [outcome(name, path) for name, path in sorted(inputs(Path(scratch)).items())]


def table(outcomes: list[Outcome]) -> str:
    """Outcomes as a table: one row for all files that ended alike."""
    alike: dict[tuple[str, str], list[str]] = {}
    for one in outcomes:
        asked = "".join(f"asked for the {question.replace('_', ' ')}; " for question in one.asked)
        words = one.words.removeprefix("The file: ").replace(f"; expected {ACCEPTED}", "")
        for own, common in _OWN:
            words = own.sub(common, words)
        said = f"{asked}`{one.code}`: {words}" if one.code else asked + words
        alike.setdefault((one.code, said), []).append(one.file)
    lines = ["| files | | outcome |", "|---|---:|---|"]
    for (_, said), names in sorted(alike.items()):
        lines.append(f"| {', '.join(_patterns(names, outcomes))} | {len(names)} | {said} |")
    return "\n".join(lines) + "\n"


def _answered(reading: Reading, choice: Choice) -> Choice:
    if reading.question is Question.LAYER:
        return replace(choice, layer=max(reading.layers, key=_likely).name)
    assert reading.reference is not None
    guesses = reading.reference.guesses
    if not guesses:
        return replace(choice, crs="EPSG:4326")
    return replace(choice, crs=guesses[0].crs, swap_axes=guesses[0].swapped)


def _likely(layer: LayerListing) -> bool:
    return "Polygon" in layer.geometry_type


def _words(reading: Reading) -> str:
    report = reading.report
    assert report is not None
    usable = [feature for feature in report.features if feature.usable]
    codes = Counter(f.code for feature in report.features for f in feature.findings)
    share = "no feature" if not usable else "each feature"
    if 0 < len(usable) < len(report.features):
        share = "a part of the features"
    found = ", ".join(sorted(codes))
    return f"{share} can become a zone" + (f" ({found})" if found else "")


def _patterns(names: list[str], outcomes: list[Outcome]) -> list[str]:
    """Names, or a pattern for all of one ending in a folder where they ended alike."""
    ending = {one.file: f"{Path(one.file).parent}/*{Path(one.file).suffix}" for one in outcomes}
    whole, here = Counter(ending.values()), Counter(ending[name] for name in names)
    shown = (
        f"`{ending[n]}`" if whole[ending[n]] == here[ending[n]] > 1 else f"`{n}`" for n in names
    )
    return list(dict.fromkeys(shown))


if __name__ == "__main__":
    if not UPLOADS.is_dir():
        sys.exit(f"found no folder {UPLOADS.name} of the data that is shared; expected one")
    page = PAGE.read_text("utf-8")
    before, after = page.split(START)[0], page.split(END)[1]
    PAGE.write_text(before + START + table(all_outcomes()) + END + after, "utf-8")
