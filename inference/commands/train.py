"""The command ``train``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from inference.commands.progress import progress_bar


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "train",
        help="train a network on composites and a land-cover map",
        description="Train a network and write its checkpoint. Run again with the same OUT to "
        "continue a training that was stopped.",
    )
    add = parser.add_argument
    add("configuration", type=Path, help="TOML file: data, territories, network, schedule")
    add("-o", "--out", type=Path, required=True, help="folder of the checkpoint, state and log")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto)")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Train, with a progress bar on a terminal, and print the quality of the network."""
    from inference.training import configuration

    wanted = configuration.read(options.configuration)
    from inference.training import trainer

    with progress_bar("step") as progress:
        found = trainer.train(
            configuration=wanted, out=options.out, device=options.device, progress=progress
        )
    assert found is not None, "nothing cancels it here"
    print(f"checkpoint\t{options.out / 'checkpoint'}")
    print(f"identity\t{found.identity}")
    print(f"steps\t{found.training.steps} of {found.metrics['steps_taken']} taken")
    validation = found.metrics.get("validation")
    if validation:
        print(f"temperature\t{found.temperature:.3f}")
        for name in ("iou_sealed", "mean_iou", "accuracy", "ece_sealed"):
            value = validation[name]
            print(f"{name}\t{'none' if value is None else f'{value:.4f}'}")
