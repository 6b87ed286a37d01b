"""Trainings of seconds, for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from inference.training.configuration import Areas, Configuration, LabelGroup, Optimisation, Pair
from tests.inference.scenery import BANDS, Scene

LABELS = (LabelGroup(1), LabelGroup(3), LabelGroup(7))


def small(scene: Scene, *, architecture: str = "segformer-small", **changes: Any) -> Configuration:
    """A, B train, C validates, D tests; ten steps of two windows unless changed.

    ``changes`` are fields of Configuration or of Optimisation.
    """
    options = Optimisation(batch=2, steps=10, learning_rate=1e-3)
    of_options = {key: changes.pop(key) for key in list(changes) if hasattr(options, key)}
    configuration = Configuration(
        pairs=(Pair(scene.composite, (scene.reference,), 2023),),
        areas=Areas(
            scene.territories, training=("A", "B"), validation=("C",), test=("D",), buffer_m=30
        ),
        architecture=architecture,
        bands=BANDS,
        window=32,
        labels=LABELS,
        optimisation=replace(options, **of_options),
    )
    return replace(configuration, **changes)


def lines(out: Path) -> list[list[str]]:
    """Lines of the log without the seconds, which no two runs share."""
    text = (out / "log.csv").read_text(encoding="utf-8")
    return [line.split(",")[:-1] for line in text.splitlines()]
