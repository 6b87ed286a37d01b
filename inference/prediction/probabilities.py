"""A checkpoint's network on a device: from stored cells of windows to probabilities."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from inference.checkpoint import Checkpoint
from inference.composites import MISSING, SCALE
from inference.errors import OutOfMemory
from inference.networks import devices

COMPILED_FROM = 2_000
"""Number of windows from which compiling the network, one or two minutes, pays on a GPU."""


class Probabilities:
    """Runs windows in batches. Where memory is too small, the batch size is halved for good."""

    def __init__(
        self,
        checkpoint: Checkpoint,
        network: nn.Module,
        *,
        device: torch.device,
        batch_size: int,
        windows: int,
    ) -> None:
        self.batch_size = batch_size
        # Kernels of a GPU depend on the number of windows. With a constant number, any part of the
        # map has the same digits, and the network is compiled only once.
        self._fills_up = device.type == "cuda"
        self._device = device
        self._side = checkpoint.window
        self._temperature = checkpoint.temperature
        mean, std = (
            torch.tensor(values, dtype=torch.float64).view(1, -1, 1, 1)
            for values in (checkpoint.mean, checkpoint.std)
        )
        # (stored / SCALE − mean) / std as one multiplication and one subtraction.
        self._factor = (1 / (SCALE * std)).to(device, torch.float32)
        self._shift = (mean / std).to(device, torch.float32)
        self._network = self._eager = network.to(device).eval()
        if device.type == "cuda":
            # The kernels of convolutions expect this order.
            self._network = self._eager = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
            if windows >= COMPILED_FROM:
                self._network = torch.compile(self._eager, dynamic=False)  # type: ignore[assignment]

    def of_windows(
        self, cells: Tensor, columns: Sequence[int]
    ) -> Iterator[tuple[Sequence[int], Tensor]]:
        """Probabilities of windows, batch by batch: their columns, and (n, labels, side, side).

        ``cells`` is (bands, side, width) as stored, on the device. Raises OutOfMemory.
        """
        begun = 0
        while begun < len(columns):
            batch = columns[begun : begun + self.batch_size]
            found = self._tried(cells, batch)
            if found is None:
                self._halve()
                continue
            yield batch, found
            begun += len(batch)

    def _tried(self, cells: Tensor, columns: Sequence[int]) -> Tensor | None:
        """Probabilities, or None if memory is too small.

        The batch is halved outside of this function, because an error keeps the memory of its
        frames.
        """
        try:
            return self._computed(cells, columns)
        except Exception as error:
            if devices.is_out_of_memory(error):
                return None
            if self._network is self._eager:
                raise
            reason = f"{type(error).__name__}: {error}".splitlines()[0]
        print(f"not compiled, goes on without: {reason}", file=sys.stderr)
        self._network = self._eager
        return self._tried(cells, columns)

    def _halve(self) -> None:
        if self._device.type == "cuda":
            torch.cuda.empty_cache()
        if self.batch_size == 1:
            raise OutOfMemory(
                str(self._device),
                found=f"too little memory for one window of {self._side} by {self._side} cells",
                expected="room for one at least",
                hint="End what else uses the device, or take a smaller network",
            )
        self.batch_size //= 2

    @torch.inference_mode()
    def _computed(self, cells: Tensor, columns: Sequence[int]) -> Tensor:
        side, count = self._side, len(columns)
        windows = torch.stack([cells[:, :, column : column + side] for column in columns])
        if self._fills_up and count < self.batch_size:
            padding = (0, 0, 0, 0, 0, 0, 0, self.batch_size - count)
            windows = nn.functional.pad(windows, padding, value=MISSING)
        with devices.mixed_precision(self._device):
            logits: Tensor = self._network(self._standardised(windows))
        return torch.softmax(logits[:count].float().div_(self._temperature), dim=1)

    def _standardised(self, stored: Tensor) -> Tensor:
        """(stored / SCALE − mean) / std, and 0 where a cell is missing."""
        # MISSING is the smallest stored value. Multiplying is faster than filling.
        seen = (stored.amin(dim=1, keepdim=True) != MISSING).to(torch.float32)
        values = stored.to(torch.float32).mul_(self._factor).sub_(self._shift).mul_(seen)
        if self._device.type == "cuda":
            values = values.contiguous(memory_format=torch.channels_last)
        return values
