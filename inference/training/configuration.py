"""What a network is trained on, and how: one TOML file, checked before anything is read.

Paths are relative to the file's folder. A value that cannot be is a ConfigurationError, one line.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from analytics.nomenclature import CLASSES, MISSING_CODES, SEALED
from inference.composites import BANDS
from inference.errors import ConfigurationError
from inference.networks import DEFAULT, NAMES, TEMPCNN
from inference.training.toml_tables import from_table

SCHEDULES = ("cosine", "one-cycle")
SMALLEST_WINDOW = 32
"""Side below which a SegFormer's last stage has no cell left."""
WINDOW_MULTIPLE = 8
"""A window's side is a multiple of it, so that the windows of a prediction overlap by whole
cells of the networks' first layers."""


def _expect(holds: bool, key: str, *, found: object, expected: str) -> None:
    if not holds:
        raise ConfigurationError(key, found=str(found), expected=expected)


@dataclass(frozen=True, slots=True)
class Pair:
    """A composite and the land cover of the same year: files of one edition, or their folder."""

    composite: Path
    reference: tuple[Path, ...]
    year: int

    def __post_init__(self) -> None:
        _expect(bool(self.reference), "reference", found="nothing", expected="a raster or more")
        _expect(1980 <= self.year <= 2100, "year", found=self.year, expected="a year such as 2023")


@dataclass(frozen=True, slots=True)
class Areas:
    """Territories, and which of them train, validate and test.

    Either ``training`` (with ``validation`` and ``test``) lists their codes, or all territories
    are drawn by ``seed`` and shares. What lies within ``buffer_m`` of a test territory neither
    trains nor validates, and what lies within it of a validation territory does not train.
    """

    file: Path
    code_field: str = "code"
    layer: str = ""
    training: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    validation_share: float = 0.15
    test_share: float = 0.15
    seed: int = 0
    buffer_m: float = 500.0

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
        _expect(0 <= self.buffer_m < math.inf, "buffer_m", found=self.buffer_m, expected="metres")


@dataclass(frozen=True, slots=True)
class LabelGroup:
    """A class that the network shall tell: its code in CLC+ and the codes of the reference that
    are taken for it; its own alone where none are named."""

    code: int
    name: str = ""
    codes: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _expect(
            1 <= self.code < min(MISSING_CODES),
            "code",
            found=self.code,
            expected=f"a code from 1 to {min(MISSING_CODES) - 1}",
        )
        _expect(
            all(0 <= code < 256 for code in self.codes),
            "codes",
            found=self.codes,
            expected="codes of a raster of bytes",
        )

    @property
    def sources(self) -> tuple[int, ...]:
        """Codes of the reference that are taken for this class."""
        return self.codes or (self.code,)


@dataclass(frozen=True, slots=True)
class Augmentation:
    """What is done to a window each time that it is seen; ``brightness`` is the most by which
    reflectance is multiplied, up or down: 0.1 for 0.9 to 1.1."""

    flips: bool = True
    quarter_turns: bool = True
    brightness: float = 0.1

    def __post_init__(self) -> None:
        _expect(
            0 <= self.brightness < 1,
            "brightness",
            found=self.brightness,
            expected="a share below 1",
        )


@dataclass(frozen=True, slots=True)
class Optimisation:
    """How weights are found.

    A step sees ``batch`` × ``accumulate`` examples. It ends after ``epochs``, or after ``steps``
    where these are not 0; earlier, where the IoU of sealed on the validation areas has not grown
    in ``patience`` validations in a row (0: never). ``class_weights`` are in the order of labels;
    they bias the predicted area, so that there are none unless they are wanted.
    """

    batch: int = 8
    accumulate: int = 1
    epochs: int = 50
    steps: int = 0
    schedule: str = "cosine"
    learning_rate: float = 6e-4
    weight_decay: float = 0.01
    class_weights: tuple[float, ...] = ()
    patience: int = 0
    validate_every: int = 1

    def __post_init__(self) -> None:
        for name in ("batch", "accumulate", "epochs", "validate_every"):
            value = getattr(self, name)
            _expect(value >= 1, name, found=value, expected="1 or more")
        for name in ("steps", "patience"):
            value = getattr(self, name)
            _expect(value >= 0, name, found=value, expected="0 or more")
        _expect(
            self.schedule in SCHEDULES,
            "schedule",
            found=repr(self.schedule),
            expected=" or ".join(SCHEDULES),
        )
        _expect(
            0 < self.learning_rate < 1,
            "learning_rate",
            found=self.learning_rate,
            expected="a number between 0 and 1",
        )
        _expect(
            0 <= self.weight_decay < 1,
            "weight_decay",
            found=self.weight_decay,
            expected="a number from 0 to 1",
        )
        _expect(
            all(0 < weight < math.inf for weight in self.class_weights),
            "class_weights",
            found=self.class_weights,
            expected="positive numbers",
        )


TEMPCNN_PRACTICE = {"batch": 32, "epochs": 20, "learning_rate": 1e-3, "weight_decay": 1e-6}
"""What a file need not say for TempCNN: the values of its paper (Pelletier et al. 2019)."""

ALL_CLASSES: tuple[LabelGroup, ...] = tuple(LabelGroup(c.code, c.name) for c in CLASSES)
"""The eleven classes of CLC+ Backbone, each for itself."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """A training. ``examples`` and ``validation_examples`` bound how many windows are drawn, cells
    for TempCNN (0: all); codes of the reference that no label names are ignored."""

    pairs: tuple[Pair, ...]
    areas: Areas
    architecture: str = DEFAULT
    bands: tuple[str, ...] = BANDS
    dates: int = 1
    window: int = 256
    labels: tuple[LabelGroup, ...] = ALL_CLASSES
    product: str = "clcplus"
    examples: int = 0
    validation_examples: int = 0
    optimisation: Optimisation = field(default_factory=Optimisation)
    augmentation: Augmentation = field(default_factory=Augmentation)
    seed: int = 0
    initial_weights: str = ""
    """A folder, or a name of the hub such as nvidia/mit-b2; none where blank."""

    def __post_init__(self) -> None:
        _expect(bool(self.pairs), "pairs", found="none", expected="a composite and its reference")
        _expect(
            self.architecture in NAMES,
            "architecture",
            found=repr(self.architecture),
            expected=f"one of {', '.join(NAMES)}",
        )
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
            self.window >= SMALLEST_WINDOW and self.window % WINDOW_MULTIPLE == 0,
            "window",
            found=self.window,
            expected=f"a multiple of {WINDOW_MULTIPLE} cells, at least {SMALLEST_WINDOW}",
        )
        _expect(
            min(self.examples, self.validation_examples, self.seed) >= 0,
            "examples",
            found="a number below 0",
            expected="0 or more examples, and a seed from 0 on",
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
        """Whether an example is a cell by itself instead of a window."""
        return self.architecture == TEMPCNN

    def document(self) -> dict[str, Any]:
        """As JSON takes it; of paths their names alone, which say the same on every machine."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def read(path: Path) -> Configuration:
    """A configuration from its file. Raises ConfigurationError."""
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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return value.name if isinstance(value, Path) else value
