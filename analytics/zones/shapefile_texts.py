"""The texts of a Shapefile that GDAL reads, in the encoding that its records show.

GDAL takes the encoding from the .cpg or a byte of the .dbf, which are often wrong. It is told to
take every byte for a letter (``AS_BYTES``), and the letters are put together here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from analytics.errors import UnreadableLayer
from analytics.uploads import UploadError, code_pages, dbf, dbf_encoding

AS_BYTES = "ISO-8859-1"
"""The encoding in which each byte is the character of its number, as GDAL spells it."""


@dataclass(frozen=True, slots=True)
class Texts:
    """How the texts of one Shapefile are read."""

    file: str
    encoding: str
    """A label of ``analytics.uploads.code_pages``."""

    def text(self, letters: str) -> str:
        """A text from its bytes. Raises UnreadableLayer where they are not of the encoding."""
        text = code_pages.decoded(letters.encode(AS_BYTES), self.encoding)
        if "\N{REPLACEMENT CHARACTER}" in text:
            raise UnreadableLayer(
                self.file,
                found=f"a text that is not {self.encoding} ({text[:40]!r})",
                expected="texts of one encoding",
                hint="Write the true one into the .cpg beside the .shp, such as 1252 or UTF-8",
            )
        return text


def texts_of(path: Path, *, layer: str) -> Texts | None:
    """How to read the texts of a layer: of a .shp, or of one in a folder or a ZIP archive. None
    where the layer is no Shapefile or has no table that can be read."""
    try:
        if path.is_dir():
            parts = _parts(path.iterdir(), layer)
        elif path.suffix.lower() == ".shp":
            parts = _parts(path.parent.iterdir(), path.stem)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = (zipfile.Path(archive, name) for name in archive.namelist())
                parts = _parts(members, layer)
        else:
            return None
        if ".shp" not in parts or ".dbf" not in parts:
            return None
        table = dbf.table_in(np.frombuffer(parts[".dbf"], dtype=np.uint8))
    except (UploadError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return None  # GDAL says what is wrong with it
    chosen = dbf_encoding.choose(
        table.texts(len(table.records)),
        declared=code_pages.declared_in(parts.get(".cpg", b"")),
        language=table.language,
        chosen=None,
    )
    return Texts(path.name, chosen.label)


def _parts(files: Iterable[Path | zipfile.Path], stem: str) -> dict[str, bytes]:
    """The parts of a Shapefile by their suffixes; of the .shp only that it is there."""
    found = {}
    for file in files:
        name, dot, suffix = file.name.rpartition(".")
        kind = (dot + suffix).lower()
        if name == stem and kind in {".shp", ".dbf", ".cpg"}:
            found[kind] = b"" if kind == ".shp" else file.read_bytes()
    return found
