"""The command ``evaluate``."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "evaluate",
        help="compare a prediction with a land-cover map",
        description="Compare a prediction with a land-cover map that was not used for training. "
        "Writes metrics.json and report.html.",
    )
    add = parser.add_argument
    add("prediction", type=Path, help="folder that `predict` wrote")
    add("reference", type=Path, nargs="+", help="rasters of CLC+ codes")
    add("-o", "--out", type=Path, required=True, help="folder of the report")
    add("--zones", type=Path, help="vector file of territories to evaluate")
    add("--code-field", default="code", help="their code (default: code)")
    add(
        "--checkpoint",
        type=Path,
        help="evaluate only the test territories of this checkpoint, and choose the baselines on "
        "its training territories",
    )
    add("--imagery", type=Path, help="composite, for the NDVI baseline")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Evaluate, and print the most important figures with the baselines."""
    from inference.evaluation import evaluator

    found = evaluator.evaluate(
        prediction=options.prediction,
        reference=options.reference,
        zones=options.zones,
        imagery=options.imagery,
        out=options.out,
        code_field=options.code_field,
        checkpoint=options.checkpoint,
    )
    document = found.metrics
    baselines = document["baselines"]
    lines = {
        "report": str(found.report),
        "cells": str(document["cells"]),
        "iou_sealed": _figure(document["iou_sealed"]),
        "iou_sealed, NDVI": _figure((baselines["ndvi"] or {}).get("iou_sealed")),
        "iou_sealed, commonest class": _figure(baselines["majority"]["iou_sealed"]),
        "iou_sealed, mean over images (wrong)": _figure(document["per_image"]["iou_sealed"]),
        "f1_sealed": _figure(document["f1_sealed"]),
        "mean_iou": _figure(document["mean_iou"]),
        "accuracy": _figure(document["accuracy"]),
        "area_bias_sealed": _figure(document["area_bias_sealed"]),
        "ece_sealed": _figure(document["ece_sealed"]),
    }
    for name, text in lines.items():
        print(f"{name}\t{text}")


def _figure(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"
