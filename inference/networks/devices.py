"""The device of a network, its precision, and how many windows it takes at once."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from inference.errors import ConfigurationError

NAMES = ("auto", "cpu", "cuda")

# A GPU needs many cells to be busy. A CPU is fastest with as many as its caches hold.
_CELLS_AT_ONCE = {"cuda": 16 * 512 * 512, "cpu": 256 * 256}


def select(name: str) -> torch.device:
    """The device of a name. ``auto`` takes a GPU where there is one. Raises ConfigurationError."""
    kind, _, _ = name.partition(":")
    if kind not in NAMES:
        raise ConfigurationError(
            "device", found=repr(name), expected=f"{', '.join(NAMES)}, or such as cuda:1"
        )
    if kind == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    if kind == "cuda" and not torch.cuda.is_available():
        raise ConfigurationError(
            "device",
            found="no GPU that torch can use",
            expected="one, with a build of torch for CUDA",
            hint="`auto` takes the CPU where there is none",
        )
    return torch.device(name)


def windows_at_once(device: torch.device, *, side: int) -> int:
    """Default size of a batch, in windows."""
    return max(_CELLS_AT_ONCE[device.type] // side**2, 1)


def mixed_precision(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 for products on a GPU, float32 on a CPU."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that the memory of the GPU or of the machine is too small."""
    if isinstance(error, (torch.OutOfMemoryError, MemoryError)):
        return True
    # torch has no error class for the CPU's memory.
    return isinstance(error, RuntimeError) and "DefaultCPUAllocator" in str(error)


def to_device(cells: npt.NDArray[np.int16], device: torch.device) -> Tensor:
    """Copy cells to the device. The copy to a GPU runs beside the GPU's other work."""
    here = torch.from_numpy(cells)
    if device.type != "cuda":
        return here
    stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
    with torch.cuda.stream(stream):
        there = here.pin_memory().to(device, non_blocking=True)
    stream.synchronize()
    # The memory stays reserved until the work on it has ended.
    there.record_stream(torch.cuda.default_stream(device))
    return there


def mark(device: torch.device) -> torch.cuda.Event | None:
    """An event after all work queued on a GPU so far. None on a CPU, which works at once."""
    if device.type != "cuda":
        return None
    event = torch.cuda.Event()  # type: ignore[no-untyped-call]
    event.record(torch.cuda.default_stream(device))
    return event


def to_host(tensor: Tensor, after: torch.cuda.Event | None) -> npt.NDArray[Any]:
    """Copy a tensor's values once the work before ``after`` is done. Later work continues."""
    if after is None:
        return tensor.numpy()
    stream = torch.cuda.Stream(tensor.device)  # type: ignore[no-untyped-call]
    stream.wait_event(after)
    with torch.cuda.stream(stream):
        there = tensor.to("cpu", non_blocking=True)
    stream.synchronize()
    tensor.record_stream(stream)
    return there.numpy()
