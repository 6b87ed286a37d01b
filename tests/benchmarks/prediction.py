"""Predicting, held against the network's forward pass alone; and steps of training.

On the CPU with the small network; with a GPU, B2 in bfloat16 too. Weights are random: what a cell
is worth takes no longer to compute when it is right.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any
from unittest import mock

import numpy as np
import numpy.typing as npt
import rasterio
from rasterio.crs import CRS
from rasterio.transform import from_origin

from analytics.grid import CELL_SIZE, EPSG, Window
from analytics.nomenclature import CLASSES, SEALED
from inference.composites.bands import BANDS, MISSING, OBSERVATIONS
from tests.benchmarks.inputs import built
from tests.benchmarks.race import Race, race, timed
from tests.benchmarks.rows import FULL, Disagreement, Measured, Row, Scale, at_least

if TYPE_CHECKING:
    import torch

    from inference.checkpoint import Checkpoint
    from inference.prediction.files import Prediction

ROW, COLUMN = 768_000, 384_000
"""First cell of the composite: where windows of all sides start."""
_THREADS = 1
"""Of torch on the CPU: the other core is for reading and writing, or for others."""
_NEARLY = {"cpu": 1e-3, "cuda": 3e-2}
"""Of a probability: in bfloat16 a logit has three digits."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What is run where."""

    device: str
    architecture: str
    window: int
    side: int
    """Of the composite, in cells."""


def _cpu(scale: Scale) -> Setting:
    return Setting("cpu", "segformer-small", 256, 2_048 if scale is FULL else 768)


def _cpu_b2(scale: Scale) -> Setting:
    return Setting("cpu", "segformer-b2", 128, 512 if scale is FULL else 192)


def _gpu(scale: Scale) -> Setting:
    import torch

    from tests.benchmarks.rows import Skipped

    if not torch.cuda.is_available():
        raise Skipped("there is no GPU that torch can use")
    return Setting("cuda", "segformer-b2", 512, 12_288 if scale is FULL else 3_072)


def composite(side: int) -> Path:
    """Clumps of reflectance with noise, a tenth of it missing; as `compose` writes it."""

    def build(folder: Path) -> None:
        random = np.random.default_rng(7)
        window = Window(ROW, COLUMN, side, side)
        west, _, _, north = window.bounds
        with rasterio.open(
            folder / "plain.tif",
            "w",
            driver="GTiff",
            height=side,
            width=side,
            count=len(BANDS) + 1,
            dtype="int16",
            nodata=MISSING,
            crs=CRS.from_epsg(EPSG),
            transform=from_origin(west, north, CELL_SIZE, CELL_SIZE),
            tiled=True,
            compress="ZSTD",
            predictor=2,
            BIGTIFF="IF_SAFER",
        ) as dataset:
            clouds = random.random((side // 64, side // 64)) < 0.1
            missing = np.kron(clouds, np.ones((64, 64))) > 0
            for number, band in enumerate((*BANDS, OBSERVATIONS), start=1):
                clumps = random.integers(200, 4_000, (side // 16, side // 16))
                cells = np.kron(clumps, np.ones((16, 16), dtype=np.int16))
                cells = cells + random.integers(-100, 100, cells.shape)
                dataset.write(np.where(missing, MISSING, cells).astype(np.int16), number)
                dataset.set_band_description(number, band)
        from analytics.rasters.sources import copy_as_cog

        with rasterio.open(folder / "plain.tif") as dataset:
            copy_as_cog(
                dataset, folder / "composite.tif", resampling="AVERAGE", PREDICTOR="STANDARD"
            )
        (folder / "plain.tif").unlink()

    return built(f"composite-{side}", build) / "composite.tif"


def checkpoint(setting: Setting) -> Path:
    """A folder with weights drawn from a seed."""
    import torch

    from inference import checkpoint as checkpoints
    from inference.checkpoint import Checkpoint, Label
    from inference.networks.architectures import Architecture, build

    described = Checkpoint(
        architecture=Architecture(setting.architecture, bands=len(BANDS), labels=len(CLASSES)),
        bands=BANDS,
        mean=(0.2,) * len(BANDS),
        std=(0.1,) * len(BANDS),
        labels=tuple(Label(c.code, c.name) for c in CLASSES),
        window=setting.window,
    )

    def save(folder: Path) -> None:
        torch.manual_seed(1)
        checkpoints.save(folder / "checkpoint", described, build(described.architecture))

    with torch.device("meta"):
        empty = build(described.architecture)
    layers = "|".join(f"{name} {tuple(t.shape)}" for name, t in empty.state_dict().items())
    mark = hashlib.sha256(layers.encode()).hexdigest()[:8]
    return built(f"{setting.architecture}-{setting.window}-{mark}", save) / "checkpoint"


def pipeline(setting: Setting) -> Measured:
    """Throughput of a whole prediction in times of that of the forward passes it needs."""
    contest, windows, cpu = _contest(setting, repeats=3)
    cells = windows * setting.window**2 / 1e6
    ratios = contest.ratios
    return Measured(
        value=median(ratios),
        low=min(ratios),
        high=max(ratios),
        seconds=f"{contest.seconds('prediction', 'forward passes')}; {windows} windows of "
        f"{setting.window}² of {setting.architecture} on {_name(setting)}: "
        f"{cells / median(contest.second):.3g} Mpx/s of windows bare, "
        f"{cells / median(contest.first):.3g} whole, which is "
        f"{setting.side**2 / 1e6 / median(contest.first):.3g} Mpx/s of map; CPU seconds of all "
        f"threads {median(cpu.whole):.3g} whole, {median(cpu.bare):.3g} bare{_load(setting)}",
        agreement=_agreement(setting, contest.first_result),
    )


def bare(setting: Setting) -> Measured:
    """Mpx/s of windows, of the forward passes alone."""
    contest, windows, _ = _contest(setting, repeats=3)
    speeds = [windows * setting.window**2 / 1e6 / seconds for seconds in contest.second]
    return Measured(
        value=median(speeds),
        low=min(speeds),
        high=max(speeds),
        seconds=f"{windows} windows of {setting.window}² of {setting.architecture} on "
        f"{_name(setting)}{_load(setting)}",
        agreement="the forward passes of the row before",
    )


@dataclass(frozen=True, slots=True)
class _Cpu:
    """CPU seconds of all threads, turn by turn; other programs do not change them much."""

    whole: list[float]
    bare: list[float]


def _contest(setting: Setting, *, repeats: int) -> tuple[Race[Prediction, int], int, _Cpu]:
    import torch

    from inference.checkpoint import load
    from inference.networks import devices
    from inference.prediction import predictor as predict_module

    torch.set_num_threads(_THREADS if setting.device == "cpu" else torch.get_num_threads())
    imagery, model = composite(setting.side), checkpoint(setting)
    device = torch.device(setting.device)
    described, network = load(model)
    network = network.to(device)
    if setting.device == "cuda":
        network = torch.compile(network.to(memory_format=torch.channels_last), dynamic=False)  # type: ignore[assignment,call-overload]
    batch = devices.windows_at_once(device, side=setting.window)
    windows, inputs = _windows(setting), _inputs(described, batch, device)

    cpu = _Cpu([], [])

    def forward() -> int:
        began = time.process_time()
        with torch.inference_mode(), devices.mixed_precision(device):
            for begun in range(0, windows, batch):
                network(inputs[: min(batch, windows - begun)])
        if setting.device == "cuda":
            torch.cuda.synchronize()
        cpu.bare.append(time.process_time() - began)
        return windows

    with tempfile.TemporaryDirectory(dir=imagery.parent) as folder:

        def whole() -> Prediction:
            shutil.rmtree(Path(folder) / "out", ignore_errors=True)
            began = time.process_time()
            found = predict_module.predict(
                checkpoint=model,
                composite=imagery,
                out=Path(folder) / "out",
                device=setting.device,
            )
            assert found is not None
            cpu.whole.append(time.process_time() - began)
            return found

        forward()
        # Loading takes as long for one window as for a country.
        loaded = load(model)
        with mock.patch.object(predict_module, "load", return_value=loaded):
            contest = race(whole, forward, repeats=repeats)
        for path in (contest.first_result.classes, contest.first_result.probability):
            shutil.copy(path, imagery.parent)
    return contest, windows, cpu


def _windows(setting: Setting) -> int:
    """How many windows the prediction computes: those with an observed cell, strip by strip."""
    import torch

    from inference.prediction.lattice import Lattice
    from inference.prediction.slabs import slabs

    part = Window(ROW, COLUMN, setting.side, setting.side)
    strips = [(strip, strip.bands[0]) for strip in Lattice.of(setting.window).strips(part)]
    from inference.composites.composite import open_composite

    found = slabs(
        open_composite(composite(setting.side)),
        BANDS,
        strips,
        threads="1",
        placed=lambda _cells: torch.empty(0),
    )
    return sum(len(slab.columns) for slab in found)


def _inputs(described: Checkpoint, batch: int, device: torch.device) -> torch.Tensor:
    import torch

    shape = (batch, len(described.bands), described.window, described.window)
    inputs = torch.randn(shape, generator=torch.Generator().manual_seed(2)).to(device)
    if device.type == "cuda":
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return inputs


def _agreement(setting: Setting, prediction: Prediction) -> str:
    """The middle of some windows, which no other holds, as the network alone finds it."""
    import torch

    from inference.checkpoint import load
    from inference.composites.composite import open_bands, open_composite
    from inference.prediction.lattice import Lattice
    from tests.inference.standardised import standardise

    folder = composite(setting.side).parent
    described, network = load(checkpoint(setting))
    lattice = Lattice.of(setting.window)
    overlap = lattice.side - lattice.stride
    inner = slice(overlap, lattice.side - overlap)
    stored: npt.NDArray[Any]
    with rasterio.open(folder / prediction.probability.name) as dataset:
        stored = dataset.read(1)
    compared = 0
    with open_bands(open_composite(composite(setting.side)), BANDS) as reader:
        last = (setting.side - lattice.side) // lattice.stride
        for number in range(min(last, 3) + 1):
            start = number * lattice.stride
            window = Window(ROW + start, COLUMN + start, lattice.side, lattice.side)
            values, missing = standardise(
                reader.read(window), mean=described.mean, std=described.std
            )
            with torch.inference_mode():
                logits = network(torch.from_numpy(values)[None])
            expected = torch.softmax(logits[0], 0)[described.index_of(SEALED)].numpy()
            found = stored[start : start + lattice.side, start : start + lattice.side]
            seen = ~missing[inner, inner]
            difference = np.abs(found[inner, inner] / 1e4 - expected[inner, inner])[seen]
            if difference.size and difference.max() > _NEARLY[setting.device]:
                raise Disagreement(f"window {number}: probabilities differ by {difference.max()}")
            compared += difference.size
    return (
        f"{prediction.observed} cells observed; {compared} that one window alone holds within "
        f"{_NEARLY[setting.device]:g} of the network alone"
    )


def steps(setting: Setting, *, batch: int) -> Measured:
    """Windows a second through forward pass, gradients and step."""
    import torch
    from torch import nn

    from inference.checkpoint import load
    from inference.networks import devices

    torch.set_num_threads(_THREADS if setting.device == "cpu" else torch.get_num_threads())
    device = torch.device(setting.device)
    described, network = load(checkpoint(setting))
    network = network.to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-4)
    inputs = _inputs(described, batch, device)
    targets = torch.randint(0, len(CLASSES), (batch, *inputs.shape[-2:]), device=device)

    def step() -> None:
        optimiser.zero_grad(set_to_none=True)
        with devices.mixed_precision(device):
            logits = network(inputs)
        nn.functional.cross_entropy(logits.float(), targets).backward()
        optimiser.step()
        if setting.device == "cuda":
            torch.cuda.synchronize()

    step()
    speeds = [batch / timed(step)[0] for _ in range(5)]
    return Measured(
        value=median(speeds),
        low=min(speeds),
        high=max(speeds),
        seconds=f"batches of {batch} windows of {setting.window}² × {len(BANDS)} bands, "
        f"{setting.architecture} on {_name(setting)}: "
        f"{median(speeds) * setting.window**2 / 1e6:.3g} Mpx/s{_load(setting)}",
        agreement="random weights and labels; reading is not in it",
    )


def _name(setting: Setting) -> str:
    import torch

    if setting.device == "cuda":
        return f"{torch.cuda.get_device_name()}, bfloat16"
    return f"the CPU, {_THREADS} thread"


def _load(setting: Setting) -> str:
    return f"; load {os.getloadavg()[0]:.1f}" if setting.device == "cpu" else ""


ROWS = (
    Row(
        name="predict-pipeline-small",
        work="a prediction with the small SegFormer, from the loaded network to both rasters: its "
        "speed over that of its forward passes alone, with the same batch and windows; CPU",
        required=at_least(0.9),
        aim=None,
        run=lambda scale: pipeline(_cpu(scale)),
        why="The network is so small that the other work matters. A third of the CPU time goes to "
        "decoding fifteen bands, standardising, softmax, blending and writing both rasters. The "
        "second core does most of this in parallel; standardising, softmax and waiting at the "
        "ends remain.",
    ),
    Row(
        name="predict-pipeline-b2",
        work="the same with SegFormer-B2, the default; CPU",
        required=at_least(0.9),
        aim=None,
        run=lambda scale: pipeline(_cpu_b2(scale)),
        why="A tenth of the CPU time is not the network's; on a quiet machine the second core does "
        "most of that in parallel.",
    ),
    Row(
        name="predict-gpu-bare",
        work="SegFormer-B2 on 14 bands, bfloat16: forward passes alone",
        required=None,
        aim=None,
        run=lambda scale: bare(_gpu(scale)),
        unit="Mpx/s",
    ),
    Row(
        name="predict-gpu-pipeline",
        work="SegFormer-B2 on a GPU: speed of a whole prediction over that of its forward passes",
        required=at_least(0.9),
        aim=None,
        run=lambda scale: pipeline(_gpu(scale)),
    ),
    Row(
        name="train-steps",
        work="steps of training, without reading: the small SegFormer on windows of 256²; CPU",
        required=None,
        aim=None,
        run=lambda scale: steps(_cpu(scale), batch=4),
        unit="images/s",
    ),
    Row(
        name="train-gpu",
        work="steps of training, without reading: SegFormer-B2 on windows of 512², bfloat16",
        required=None,
        aim=None,
        run=lambda scale: steps(_gpu(scale), batch=16),
        unit="images/s",
    ),
)
