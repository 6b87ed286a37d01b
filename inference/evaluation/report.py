"""The report of an evaluation: one HTML file without other files."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analytics.nomenclature import BY_CODE
from inference.evaluation.pictures import ErrorMaps

_SIDE = 320
"""Width and height of the reliability curve's frame, in units of the drawing."""


def report(document: dict[str, Any], maps: ErrorMaps) -> str:
    """The page with the metrics of ``metrics.json`` and the maps of errors."""
    # Names come from other people's files, so all are escaped.
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"share": _share, "figure": _figure, "count": _count, "signed": _signed}
    return environment.get_template("report.html").render(
        document=document,
        columns=document["labels"],
        rows=_rows(document),
        colours={code: "#{:02x}{:02x}{:02x}".format(*c.colour) for code, c in BY_CODE.items()},
        points=_points(document["reliability"]),
        side=_SIDE,
        whole=maps.whole(),
        scale=maps.scale * 10,
        close_ups=maps.worst(),
    )


def _points(curve: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bins on the reliability curve: place, size and text of each."""
    most = max((point["cells"] for point in curve), default=1)
    return [
        {
            "x": round(point["stated"] * _SIDE, 1),
            "y": round((1 - point["seen"]) * _SIDE, 1),
            # Radii grow with the logarithm, because the first bin has nearly all cells.
            "radius": round(3 + 8 * math.log1p(point["cells"]) / math.log1p(most), 1),
            "text": f"predicted {_share(point['stated'])}, observed {_share(point['seen'])}, "
            f"{_count(point['cells'])} cells",
        }
        for point in curve
    ]


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the confusion matrix, with each cell's share of its row."""
    rows = zip(document["labels"], document["confusion"], strict=True)
    return [
        {
            "label": label,
            "cells": [{"cells": n, "per_cent": round(100 * n / max(sum(cells), 1))} for n in cells],
            "total": sum(cells),
        }
        for label, cells in rows
    ]


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:+.2f}".replace("-", "−")


def _count(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
