"""What reading an upload gives: plain records that become JSON and come back from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

from analytics.uploads.texts import storable, texts_in

if TYPE_CHECKING:
    from pydantic import TypeAdapter


class Severity(StrEnum):
    """An error keeps a feature out; a warning should be read; a note says what was done."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Question(StrEnum):
    """What the uploader has to say before the file can be read to its end."""

    LAYER = "layer"
    REFERENCE_SYSTEM = "reference_system"


@dataclass(frozen=True, slots=True)
class Choice:
    """What the uploader has said. None is "not said"; nothing is assumed in its place."""

    layer: str | None = None
    crs: str | None = None
    """A reference system such as EPSG:2154; holds whatever the file declares."""
    swap_axes: bool = False
    code_field: str | None = None
    """None: guessed. Blank: none is wanted, and features are numbered from 1."""
    name_field: str | None = None
    """None: guessed. Blank: none is wanted, and zones are called by their codes."""
    insist: bool = False
    """Whether ``crs`` holds even where the coordinates contradict it."""
    encoding: str | None = None
    """Of the texts of a Shapefile, such as "Windows-1252"; holds whatever the file declares."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to know of a feature or of the file; ``code`` is stable, texts are for people."""

    code: str
    severity: Severity
    found: str
    expected: str
    action: str
    measures: Mapping[str, float] = field(default_factory=dict)
    """Numbers that ``found`` holds, for words in other languages."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Names and values of the file that ``found`` holds."""


@dataclass(frozen=True, slots=True)
class FeatureReport:
    """One feature of the file: ``index`` counts from 0 in the order of the file."""

    index: int
    code: str
    name: str
    """The code, where the file has no name."""
    area: float
    """Square metres in EPSG:3035, after repair."""
    cells: int
    """Cells whose centre lies in the zone, by the rule of the published figures."""
    findings: tuple[Finding, ...] = ()
    not_observed_share: float | None = None
    """Filled where rasters are at hand, which is not here."""
    extent: tuple[float, float, float, float] | None = None
    """Where a feature with an error lies in EPSG:3035, as far as it lies anywhere: its outline is
    not kept."""

    @property
    def usable(self) -> bool:
        """Whether the feature can become a zone."""
        return all(finding.severity != Severity.ERROR for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Overlap:
    """Two features, by index, that share an area in square metres."""

    index: int
    other_index: int
    area: float


@dataclass(frozen=True, slots=True)
class Report:
    """All that was found, in the order of the file."""

    features: tuple[FeatureReport, ...]
    findings: tuple[Finding, ...] = ()
    """Of the file as a whole."""
    overlaps: tuple[Overlap, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerListing:
    """A layer that could be chosen."""

    name: str
    features: int
    geometry_type: str
    """"unreadable" where choosing the layer would end in an error."""
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldListing:
    """A field of the chosen layer and up to three of its values, for choosing code and name."""

    name: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EncodingReading:
    """How up to three texts of a file read in an encoding, for choosing one."""

    encoding: str
    sample: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CrsGuess:
    """A reference system in which the coordinates would make sense."""

    crs: str
    name: str
    share_in_area_of_use: float
    share_in_coverage: float | None
    swapped: bool
    outline: Mapping[str, Any] = field(default_factory=dict)
    """Where the layer would lie: a MultiPolygon or MultiPoint of GeoJSON; blank where nowhere."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The reference system of a layer and how it is known.

    ``status``: "declared" by the file, "format" where the format has only one, "chosen" by the
    uploader; "missing", "unreadable", "foreign" (a ``crs`` member that RFC 7946 does not allow),
    "contradicted" by the coordinates, "doubted" (chosen, and contradicted by them), "sphere" (a
    Mercator projection of a sphere, which hardly ever means what it says), or "axes" where latitude
    seems to come first: these ask.
    """

    status: str
    crs: str = ""
    name: str = ""
    operation: str = ""
    """How coordinates were moved to EPSG:3035."""
    accuracy: float | None = None
    """Of that operation, in metres, where it is known."""
    shift_m: float | None = None
    """How far the change of datum moved coordinates, in metres; what projecting did is not in it.

    The largest distance, over a sample, between where the operation puts a point and where its
    longitude and latitude would lie if they were taken as ETRS89 as they are. 0 for systems on
    ETRS89, and where no shift is known, which ``operation`` calls "Ballpark". A shift of 100 m is
    no error: it is what the operation mends, to within ``accuracy``. None where nothing moved yet.
    """
    guesses: tuple[CrsGuess, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """An upload as it was read: zones and their report, or a question."""

    format: str
    layers: tuple[LayerListing, ...]
    question: Question | None = None
    layer: str = ""
    fields: tuple[FieldListing, ...] = ()
    """Of the chosen layer, in the order of the file."""
    code_field: str | None = None
    """None where features are numbered."""
    name_field: str | None = None
    """None where zones are called by their codes."""
    encoding: str = ""
    reference: Reference | None = None
    report: Report | None = None
    encodings: tuple[EncodingReading, ...] = ()
    """Of a Shapefile with texts beyond ASCII: the encoding that was used, then others."""
    fields_left_out: tuple[str, ...] = ()
    """Names of the layer's fields that were not read, in the order of the file."""


def to_json(reading: Reading) -> dict[str, Any]:
    """A reading as JSON knows it."""
    return asdict(reading)


def from_json(record: Any) -> Reading:
    """A reading from what ``to_json`` gave, or what somebody else has written in its place.

    Each value must be of the type that its field declares, each number finite, and each text such
    as a database takes. Raises ValueError or TypeError where one is not.
    """
    text = json.dumps(record, ensure_ascii=False, allow_nan=False)
    if "\\u" in text and not all(map(storable, texts_in(record))):  # NUL is always escaped
        raise ValueError("a text with NUL")
    return _readings().validate_json(text, strict=True, extra="forbid")


@cache
def _readings() -> TypeAdapter[Reading]:
    from pydantic import TypeAdapter  # commands that read no answers need not wait for it

    return TypeAdapter(Reading)
