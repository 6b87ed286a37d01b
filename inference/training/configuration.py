"""The configuration of a training: one TOML file, checked before any data are read.

Paths are relative to the file's folder. A value that is not valid raises ConfigurationError, with
one line.
"""

from __future__ import annotations

import json
import math
import tomllib
from collections.abc import Callable
from dataclasses import asdict, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator
from pydantic.dataclasses import dataclass

from analytics.nomenclature import CLASSES, MISSING_CODES, SEALED
from inference.composites import BANDS
from inference.errors import ConfigurationError
from inference.networks import DEFAULT, NAMES, TEMPCNN
from inference.training.toml_tables import FilePath, FilePaths, from_table

SCHEDULES = ("cosine", "one-cycle")
SMALLEST_WINDOW = 32
"""Smallest side of a window. With less, a SegFormer's last stage has no cell."""
WINDOW_MULTIPLE = 8
"""The side of a window is a multiple of this, so that the windows of a prediction overlap by whole
cells of the networks' first layers."""


def _expect(holds: bool, key: str, *, found: str, expected: str) -> None:
    """Raise ConfigurationError for values that do not fit together."""
    if not holds:
        raise ConfigurationError(key, found=found, expected=expected)


def _checked(holds: Callable[[Any], bool], expected: str) -> AfterValidator:
    """A check of one value."""

    def check(value: Any) -> Any:
        if not holds(value):
            raise ValueError(expected)
        return value

    return AfterValidator(check)


Count = Annotated[int, _checked(lambda n: n >= 1, "1 or more")]
CountOrNone = Annotated[int, _checked(lambda n: n >= 0, "0 or more")]
Year = Annotated[int, _checked(lambda year: 1980 <= year <= 2100, "a year such as 2023")]
Metres = Annotated[float, _checked(lambda metres: 0 <= metres < math.inf, "metres")]
Share = Annotated[float, _checked(lambda share: 0 <= share < 1, "a share below 1")]
LearningRate = Annotated[float, _checked(lambda r: 0 < r < 1, "a number between 0 and 1")]
Weights = Annotated[
    tuple[float, ...],
    _checked(lambda weights: all(0 < w < math.inf for w in weights), "positive numbers"),
]
Code = Annotated[
    int,
    _checked(
        lambda code: 1 <= code < min(MISSING_CODES), f"a code from 1 to {min(MISSING_CODES) - 1}"
    ),
]
RasterCodes = Annotated[
    tuple[int, ...],
    _checked(lambda codes: all(0 <= c < 256 for c in codes), "codes of a raster of bytes"),
]
Schedule = Annotated[str, _checked(SCHEDULES.__contains__, " or ".join(SCHEDULES))]
Architecture = Annotated[str, _checked(NAMES.__contains__, f"one of {', '.join(NAMES)}")]
Window = Annotated[
    int,
    _checked(
        lambda side: side >= SMALLEST_WINDOW and side % WINDOW_MULTIPLE == 0,
        f"a multiple of {WINDOW_MULTIPLE} cells, at least {SMALLEST_WINDOW}",
    ),
]


@dataclass(frozen=True, slots=True)
class Pair:
    """A composite and the land cover of the same year: files of one edition, or their folder."""

    composite: FilePath
    reference: Annotated[FilePaths, _checked(bool, "a raster or more")]
    year: Year


@dataclass(frozen=True, slots=True)
class Areas:
    """Territories for training, validation and test.

    Either ``training``, ``validation`` and ``test`` list codes, or ``seed`` and the shares draw all
    territories. Cells within ``buffer_m`` of a test territory are not used for training or
    validation. Cells within ``buffer_m`` of a validation territory are not used for training.
    """

    file: FilePath
    code_field: str = "code"
    layer: str = ""
    training: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: CountOrNone = 0
    buffer_m: Metres = 500.0

    def __post_init__(self) -> None:
        _expect(
            bool(self.training) or not (self.validation or self.test),
            "training",
            found="codes to validate or test with and none to train with",
            expected="lists of codes, that of training among them, or shares",
        )
        named = (*self.training, *self.validation, *self.test)
        twice = sorted({code for code in named if named.count(code) > 1}) if named else []
        _expect(
            not twice, "training", found=f"{', '.join(twice[:5])} twice", expected="each code once"
        )
        shares = (self.validation_share, self.test_share)
        _expect(
            all(0 <= share < 1 for share in shares) and sum(shares) < 1,
            "validation_share",
            found=f"shares of {shares[0]:g} and {shares[1]:g}",
            expected="shares from 0 on that leave something to train with",
        )


@dataclass(frozen=True, slots=True)
class LabelGroup:
    """A class that the network learns: its code in CLC+, and the codes of the reference that belong
    to it. Without ``codes`` only its own code belongs to it."""

    code: Code
    name: str = ""
    codes: RasterCodes = ()

    @property
    def sources(self) -> tuple[int, ...]:
        """Codes of the reference that belong to this class."""
        return self.codes or (self.code,)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """Random changes of a window each time that the network sees it.

    ``brightness`` is the largest relative change of reflectance: 0.1 stands for factors from 0.9 to
    1.1.
    """

    flips: bool = True
    quarter_turns: bool = True
    brightness: Share = 0.1


@dataclass(frozen=True, slots=True)
class Optimisation:
    """The optimisation of the weights.

    A step sees ``batch`` × ``accumulate`` examples. The training ends after ``epochs``, or after
    ``steps`` if these are not 0. It ends earlier if the IoU of sealed on the validation areas has
    not grown in ``patience`` validations in a row (0: never). ``class_weights`` are in the order of
    labels. They bias the predicted area, so the default is none.
    """

    batch: Count = 8
    accumulate: Count = 1
    epochs: Count = 50
    steps: CountOrNone = 0
    schedule: Schedule = "cosine"
    learning_rate: LearningRate = 6e-4
    weight_decay: Annotated[float, _checked(lambda d: 0 <= d < 1, "a number from 0 to 1")] = 0.01
    class_weights: Weights = ()
    patience: CountOrNone = 0
    validate_every: Count = 1


TEMPCNN_PRACTICE = {"batch": 32, "epochs": 20, "learning_rate": 1e-3, "weight_decay": 1e-6}
"""Defaults for TempCNN, from its paper (Pelletier et al. 2019)."""

ALL_CLASSES: tuple[LabelGroup, ...] = tuple(LabelGroup(c.code, c.name) for c in CLASSES)
"""The eleven classes of CLC+ Backbone, one label for each."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A training.

    ``examples`` and ``validation_examples`` limit the number of windows, or of cells for TempCNN
    (0: all). Codes of the reference without a label are ignored.
    """

    pairs: Annotated[tuple[Pair, ...], _checked(bool, "a composite and its reference")]
    areas: Areas
    architecture: Architecture = DEFAULT
    bands: tuple[str, ...] = BANDS
    dates: int = 1
    window: Window = 256
    labels: tuple[LabelGroup, ...] = ALL_CLASSES
    product: str = "clcplus"
    examples: CountOrNone = 0
    validation_examples: CountOrNone = 0
    optimisation: Optimisation = field(default_factory=Optimisation)
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: CountOrNone = 0
    initial_weights: str = ""
    """A folder, or a name of the hub such as nvidia/mit-b2. Empty for none."""

    def __post_init__(self) -> None:
        _expect(
            bool(self.bands) and len(set(self.bands)) == len(self.bands),
            "bands",
            found=", ".join(self.bands) or "none",
            expected="names of bands, each once",
        )
        _expect(
            self.dates >= 1 and len(self.bands) % self.dates == 0,
            "dates",
            found=f"{len(self.bands)} bands for {self.dates} dates",
            expected="as many bands for each date",
        )
        _expect(
            not self.initial_weights or self.architecture.startswith("segformer-b"),
            "initial_weights",
            found=f"{self.initial_weights} for {self.architecture}",
            expected="none, or one of segformer-b0 to b5",
        )
        self._check_labels()

    def _check_labels(self) -> None:
        codes = [label.code for label in self.labels]
        _expect(
            len(codes) >= 2 and len(set(codes)) == len(codes) and SEALED in codes,
            "labels",
            found=f"codes {', '.join(map(str, codes)) or 'none'}",
            expected=f"two classes or more, each once, {SEALED} (sealed) among them",
        )
        sources = [code for label in self.labels for code in label.sources]
        _expect(
            len(set(sources)) == len(sources) and not set(sources) & set(MISSING_CODES),
            "labels",
            found=f"the reference's codes {', '.join(map(str, sources))}",
            expected=f"each in one class, and none of {', '.join(map(str, MISSING_CODES))}",
        )
        weights = self.optimisation.class_weights
        _expect(
            len(weights) in (0, len(codes)),
            "class_weights",
            found=f"{len(weights)} weights",
            expected=f"one for each of {len(codes)} labels, or none",
        )

    @property
    def by_cell(self) -> bool:
        """Whether an example is a single cell, not a window."""
        return self.architecture == TEMPCNN

    def document(self) -> dict[str, Any]:
        """The configuration as JSON. Paths are names, which do not depend on the machine."""
        text = json.dumps(asdict(self), default=lambda path: path.name)
        document: dict[str, Any] = json.loads(text)
        return document


def read(path: Path) -> Configuration:
    """Read a configuration from its file. Raises ConfigurationError."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        found = error.strerror if isinstance(error, OSError) else str(error)
        raise ConfigurationError(
            path.name, found=found or "nothing", expected="a TOML file of a training"
        ) from None
    if table.get("architecture") == TEMPCNN and isinstance(table.get("optimisation", {}), dict):
        table["optimisation"] = TEMPCNN_PRACTICE | table.get("optimisation", {})
    return from_table(table, Configuration, file=path)
