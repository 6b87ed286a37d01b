"""The log of a training: one line of CSV for each validation, and the same for TensorBoard."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

COLUMNS = (
    "step",
    "epoch",
    "learning_rate",
    "training_loss",
    "validation_loss",
    "validation_iou_sealed",
    "validation_mean_iou",
    "validation_accuracy",
    "seconds",
)


class Log:
    """Writes to ``log.csv`` and ``tensorboard/`` in a folder.

    Lines of steps after ``step`` are dropped. A process wrote them and was killed before it saved
    its state; they will be written again.
    """

    def __init__(self, folder: Path, *, step: int) -> None:
        # Slow to load, and only a training needs it.
        from torch.utils.tensorboard import SummaryWriter

        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "log.csv"
        kept = []
        if path.exists():
            with path.open(newline="", encoding="utf-8") as before:
                kept = [row for row in csv.DictReader(before) if int(row["step"]) <= step]
        partial = folder / ".log.csv.partial"
        with partial.open("w", newline="", encoding="utf-8") as file:
            rows = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            rows.writeheader()
            rows.writerows(kept)
        partial.replace(path)
        self._file = path.open("a", newline="", encoding="utf-8")
        self._rows = csv.DictWriter(self._file, COLUMNS, lineterminator="\n")
        self._board = SummaryWriter(
            str(folder / "tensorboard"), purge_step=step + 1 if step else None
        )

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._board.close()

    def add(self, values: Mapping[str, float | int | None]) -> None:
        """Write a line. None is left blank."""
        self._rows.writerow({key: _text(value) for key, value in values.items()})
        self._file.flush()
        step = int(values["step"] or 0)
        for key, value in values.items():
            if key != "step" and value is not None:
                self._board.add_scalar(key, value, step)
        self._board.flush()


def _text(value: float | int | None) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if isinstance(value, float) else str(value)
