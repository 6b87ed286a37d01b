"""A checkpoint: one folder with weights and with what is needed to use and to evaluate them.

``checkpoint.json`` describes the network, its bands and their statistics, its labels, where and
when it was trained, and its metrics. It also holds the sha256 of ``weights.safetensors``. Loading
executes nothing in either file.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, FiniteFloat

from analytics.rasters import file_hash
from inference import descriptions
from inference.errors import CorruptWeights, UnreadableCheckpoint, WrongClasses
from inference.networks import Architecture, build
from inference.output import writing

if TYPE_CHECKING:
    from torch import nn

DESCRIPTION = "checkpoint.json"
WEIGHTS = "weights.safetensors"

Positive = Annotated[FiniteFloat, Field(gt=0)]


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
    mean: tuple[FiniteFloat, ...]
    std: tuple[Positive, ...]
    labels: tuple[Label, ...]
    window: Annotated[int, Field(ge=8)]
    temperature: Positive = 1.0
    training: Training = field(default_factory=Training)
    metrics: dict[str, Any] = field(default_factory=dict)
    weights_sha256: str = ""

    def __post_init__(self) -> None:
        bands, labels = len(self.bands), len(self.labels)
        architecture = self.architecture
        if not bands == architecture.bands == len(self.mean) == len(self.std):
            raise ValueError(f"{bands} bands, their statistics and {architecture} do not agree")
        if labels != architecture.labels or len(set(self.codes)) != labels:
            raise ValueError(f"{labels} labels and {architecture} do not agree")

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
    descriptions.write(folder / DESCRIPTION, asdict(checkpoint))


def read(folder: Path) -> Checkpoint:
    """Read the description of a checkpoint. The weights are neither read nor checked.

    Raises UnreadableCheckpoint.
    """
    path, wrong = folder / DESCRIPTION, UnreadableCheckpoint
    members = descriptions.document(path, of="a checkpoint", wrong=wrong)
    return descriptions.parsed(members, Checkpoint, path=path, wrong=wrong)


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
