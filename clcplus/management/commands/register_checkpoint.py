"""register_checkpoint: take a trained network over, so that editions may be predicted with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from clcplus.actions.predictions.checkpoints import register_checkpoint
from clcplus.management.terminal import ExplainedCommand


class Command(ExplainedCommand):
    help = "Register the checkpoint in a folder (checkpoint.json, weights.safetensors)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path)
        parser.add_argument("--name", default="", help="a name for people; by default the folder's")

    def handle(self, *, folder: Path, name: str, **_: Any) -> None:
        checkpoint = register_checkpoint(folder=folder, name=name)
        self.stdout.write(f"{checkpoint.name}: {checkpoint.identity}")
