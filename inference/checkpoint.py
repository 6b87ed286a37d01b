"""A checkpoint: one folder with weights and with what is needed to use and to evaluate them.

``checkpoint.json`` describes the network, its bands and their statistics, its labels, where and
when it was trained, and its metrics. It also holds the sha256 of ``weights.safetensors``. Loading
executes nothing in either file.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analytics.rasters import file_hash
from inference.errors import (
    CorruptWeights,
    InferenceError,
    UnreadableCheckpoint,
    WrongClasses,
)
from inference.networks import Architecture, build
from inference.output import write_json, writing

if TYPE_CHECKING:
    from torch import nn

FORMAT = 1
DESCRIPTION = "checkpoint.json"
WEIGHTS = "weights.safetensors"


@dataclass(frozen=True, slots=True)
class Label:
    """A class that the network predicts: its code in the map and its name."""

    code: int
    name: str


@dataclass(frozen=True, slots=True)
class Training:
    """Where, when and how a network was trained. ``areas`` are codes of territories."""

    areas: tuple[str, ...] = ()
    years: tuple[int, ...] = ()
    product: str = ""
    seed: int = 0
    steps: int = 0
    configuration: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint without its weights.

    ``mean`` and ``std`` are the statistics of each band, in reflectance, over the training areas
    only. ``window`` is the side of the training windows, in cells. Probabilities are
    softmax(logits / ``temperature``). ``weights_sha256`` is empty until the checkpoint is saved.
    """

    architecture: Architecture
    bands: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    labels: tuple[Label, ...]
    window: int
    temperature: float = 1.0
    training: Training = field(default_factory=Training)
    metrics: dict[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""

    @property
    def identity(self) -> str:
        """sha256 of the description, which holds the sha256 of the weights.

        Metrics are not part of it: a network stays the same when it is evaluated again.
        """
        text = json.dumps(asdict(replace(self, metrics={})), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()

    @property
    def codes(self) -> tuple[int, ...]:
        """Codes of the labels, in the order of the network's outputs."""
        return tuple(label.code for label in self.labels)

    def index_of(self, code: int) -> int:
        """Position of a code among the network's outputs. Raises WrongClasses."""
        if code not in self.codes:
            raise WrongClasses(
                "checkpoint",
                found=f"labels {', '.join(map(str, self.codes))}",
                expected=f"code {code} among them",
                hint="It was trained on another nomenclature; choose one of CLC+ Backbone",
            )
        return self.codes.index(code)


def save(folder: Path, checkpoint: Checkpoint, network: nn.Module) -> Checkpoint:
    """Write a checkpoint to a folder and replace what was there, in one move.

    Returns the checkpoint with the sha256 of its weights. Raises UnwritableOutput.
    """
    from safetensors.torch import save_file

    partial = folder.with_name(f".{folder.name}.partial-{os.getpid()}")
    shutil.rmtree(partial, ignore_errors=True)
    try:
        with writing(folder):
            partial.mkdir(parents=True)
            state = network.state_dict()
            tensors = {name: t.detach().cpu().contiguous() for name, t in state.items()}
            save_file(tensors, partial / WEIGHTS)
            written = replace(checkpoint, weights_sha256=file_hash([partial / WEIGHTS]))
            write_description(partial, written)
            # Two renames. A process that dies between them leaves the former folder beside.
            former = folder.with_name(f".{folder.name}.former")
            shutil.rmtree(former, ignore_errors=True)
            if folder.exists():
                folder.rename(former)
            partial.rename(folder)
            shutil.rmtree(former, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return written


def write_description(folder: Path, checkpoint: Checkpoint) -> None:
    """Write only the description, in one move. The weights stay as they are."""
    write_json(folder / DESCRIPTION, {"format": FORMAT, **asdict(checkpoint)})


def read(folder: Path) -> Checkpoint:
    """Read the description of a checkpoint. The weights are neither read nor checked.

    Raises UnreadableCheckpoint.
    """
    path = folder / DESCRIPTION
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnreadableCheckpoint(
            str(folder), found=f"no {DESCRIPTION}", expected="the folder of a checkpoint"
        ) from None
    except (OSError, ValueError) as error:
        raise UnreadableCheckpoint(
            str(path), found=str(error), expected="the description of a checkpoint"
        ) from None
    try:
        return _checked(_from_json(document))
    except InferenceError as error:
        raise UnreadableCheckpoint(str(path), found=str(error), expected="sound values") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableCheckpoint(
            str(path),
            found=f"{type(error).__name__}: {error}",
            expected=f"the description of a checkpoint of format {FORMAT}",
        ) from None


def check_weights(folder: Path, checkpoint: Checkpoint) -> None:
    """Raise UnreadableCheckpoint for missing weights, and CorruptWeights for others."""
    path = folder / WEIGHTS
    if not path.is_file():
        raise UnreadableCheckpoint(
            str(folder), found=f"no {WEIGHTS}", expected="weights beside the description"
        )
    found = file_hash([path])
    if found != checkpoint.weights_sha256:
        raise CorruptWeights(
            str(path),
            found=f"sha256 {found[:12]}…",
            expected=f"{checkpoint.weights_sha256[:12]}…, as the checkpoint says",
            hint="Copy the whole folder again",
        )


def load(folder: Path) -> tuple[Checkpoint, nn.Module]:
    """Load a checkpoint and its network, on the CPU, in evaluation mode.

    Raises UnreadableCheckpoint, and CorruptWeights if the weights differ from the description.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    checkpoint = read(folder)
    check_weights(folder, checkpoint)
    path = folder / WEIGHTS
    network = build(checkpoint.architecture)
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError) as error:
        raise CorruptWeights(
            str(path),
            found=str(error).splitlines()[0],
            expected=f"weights of {checkpoint.architecture.name} for "
            f"{len(checkpoint.bands)} bands and {len(checkpoint.labels)} labels",
        ) from None
    return checkpoint, network.eval()


def _from_json(document: dict[str, Any]) -> Checkpoint:
    if document["format"] != FORMAT:
        raise ValueError(f"format {document['format']!r}")
    training = document["training"]
    tuples = {key: tuple(training[key]) for key in ("areas", "years")}
    return Checkpoint(
        architecture=Architecture(**document["architecture"]),
        bands=tuple(document["bands"]),
        mean=tuple(map(float, document["mean"])),
        std=tuple(map(float, document["std"])),
        labels=tuple(Label(**label) for label in document["labels"]),
        window=int(document["window"]),
        temperature=float(document["temperature"]),
        training=Training(**{**training, **tuples}),
        metrics=dict(document["metrics"]),
        weights_sha256=str(document["weights_sha256"]),
    )


def _checked(checkpoint: Checkpoint) -> Checkpoint:
    bands, labels = len(checkpoint.bands), len(checkpoint.labels)
    architecture = checkpoint.architecture
    if not bands == architecture.bands == len(checkpoint.mean) == len(checkpoint.std):
        raise ValueError(f"{bands} bands, their statistics and {architecture} do not agree")
    if labels != architecture.labels or len(set(checkpoint.codes)) != labels:
        raise ValueError(f"{labels} labels and {architecture} do not agree")
    if not all(math.isfinite(value) for value in checkpoint.mean):
        raise ValueError("a mean is not finite")
    if not all(math.isfinite(value) and value > 0 for value in checkpoint.std):
        raise ValueError("a standard deviation is not positive")
    if not 0 < checkpoint.temperature < math.inf:
        raise ValueError(f"temperature {checkpoint.temperature}")
    if checkpoint.window < 8:
        raise ValueError(f"window of {checkpoint.window} cells")
    return checkpoint
