"""The files of a training: checked once, and identified by their content."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from analytics.grid import Window
from analytics.rasters import (
    Source,
    check_disjoint,
    file_hash,
    find_sources,
    inspect,
)
from inference.composites import Composite, open_composite
from inference.errors import ConfigurationError
from inference.rasters import union
from inference.training.configuration import Configuration, Pair

# The configuration maps codes of any nomenclature to labels, so all codes are valid here.
_ALL_CODES = frozenset(range(256))


@dataclass(frozen=True, slots=True)
class Sources:
    """The checked files of a pair."""

    composite: Composite
    reference: tuple[Source, ...]

    @property
    def window(self) -> Window | None:
        """The cells with imagery that may have a class. None if there are none."""
        window = self.composite.window
        return union(window.intersection(source.window) for source in self.reference)


def open_sources(pair: Pair, *, bands: tuple[str, ...]) -> Sources:
    """Check a pair's files. Raises ImageryError and RasterError."""
    composite = open_composite(pair.composite)
    composite.positions(bands)
    reference = [inspect(path, codes=_ALL_CODES) for path in find_sources(pair.reference)]
    check_disjoint(reference)
    return Sources(composite=composite, reference=tuple(reference))


def fingerprint(configuration: Configuration, sources: list[Sources]) -> str:
    """sha256 of the configuration and of its files. Equal fingerprints mean the same training.

    Raises ConfigurationError if the file of territories is missing.
    """
    # A composite of a country has tens of gigabytes, so size and time of change must identify it.
    facts = [source.composite.path.stat() for source in sources]
    composites = [[fact.st_size, fact.st_mtime_ns] for fact in facts]
    references = [[part.sha256 for part in source.reference] for source in sources]
    areas = _layer_hash(configuration.areas.file)
    document = [configuration.document(), composites, references, areas]
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()


def _layer_hash(path: Path) -> str:
    if not path.exists():
        raise ConfigurationError("areas.file", found=f"no {path.name}", expected="a vector file")
    # A layer may be a folder, such as a file geodatabase.
    inside = sorted(part for part in path.rglob("*") if part.is_file())
    return file_hash(inside or [path])
