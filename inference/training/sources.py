"""The files that a training reads: looked at once, and told from others by what they hold."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from analytics.grid import Window
from analytics.rasters.sources import (
    Codes,
    Source,
    check_disjoint,
    file_hash,
    find_sources,
    inspect,
    read_sources,
)
from inference.composites import Composite, open_composite
from inference.errors import ConfigurationError
from inference.training.configuration import Configuration, Pair

# Another nomenclature's codes are told from labels by the configuration; here all are let in.
_ALL_CODES = frozenset(range(256))


@dataclass(frozen=True, slots=True)
class Sources:
    """A pair's files, found fit."""

    composite: Composite
    reference: tuple[Source, ...]

    @property
    def window(self) -> Window | None:
        """The cells that have imagery and may have a class; None where there are none."""
        parts = [self.composite.window.intersection(source.window) for source in self.reference]
        whole: Window | None = None
        for part in parts:
            if part is not None:
                whole = part if whole is None else whole.union(part)
        return whole

    def codes(self, window: Window) -> Codes:
        """Codes of the reference; 255 where there are none."""
        return read_sources(self.reference, window)


def open_sources(pair: Pair, *, bands: tuple[str, ...]) -> Sources:
    """A pair's files. Raises ImageryError for the composite and RasterError for the reference."""
    composite = open_composite(pair.composite)
    composite.positions(bands)
    reference = [inspect(path, codes=_ALL_CODES) for path in find_sources(pair.reference)]
    check_disjoint(reference)
    return Sources(composite=composite, reference=tuple(reference))


def fingerprint(configuration: Configuration, sources: list[Sources]) -> str:
    """sha256 over the configuration and what its files are: the same training, or another.

    Raises ConfigurationError where there is no file of territories.
    """
    composites = [_facts(source.composite.path) for source in sources]
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


def _facts(path: Path) -> list[int]:
    # A composite of a country has tens of gigabytes: its size and time tell it well enough.
    facts = path.stat()
    return [facts.st_size, facts.st_mtime_ns]
