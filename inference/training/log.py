"""The log of a training: one line of CSV for each validation, and the same for TensorBoard."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from inference.output import write_text

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
        former = path.read_text(encoding="utf-8").splitlines()[1:] if path.exists() else []
        kept = [line for line in former if int(line.partition(",")[0]) <= step]
        write_text(path, "".join(f"{line}\n" for line in (",".join(COLUMNS), *kept)))
        self._file = path.open("a", encoding="utf-8")
        self._board = SummaryWriter(
            str(folder / "tensorboard"), purge_step=step + 1 if step else None
        )

    def close(self) -> None:
        """Close the files."""
        self._file.close()
        self._board.close()

    def add(self, values: Mapping[str, float | int | None]) -> None:
        """Write a line. None is left blank."""
        self._file.write(",".join(_text(values.get(column)) for column in COLUMNS) + "\n")
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
