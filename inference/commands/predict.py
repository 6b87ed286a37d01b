"""``python -m inference predict``: a composite's classes and probability of sealed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.commands.progress import progress_bar

if TYPE_CHECKING:
    from analytics.grid import Window
    from inference.prediction import Prediction, SealedArea

_EPILOG = """\
OUT gets classes.tif (codes, 255 where missing), sealed_probability.tif (× 10 000, 65535 where
missing) and prediction.json. Run the same command again to continue a prediction that was stopped.
Another checkpoint, composite or part starts a new one.
"""


def add_to(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "predict",
        help="predict classes from a composite",
        description="Predict the class of each cell of a composite, and the probability that it is "
        "sealed.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("checkpoint", metavar="CHECKPOINT", type=Path, help="its folder")
    add("composite", metavar="COMPOSITE", type=Path, help="raster of `compose`")
    add("-o", "--output", metavar="OUT", type=Path, required=True, help="folder to write to")
    part = parser.add_mutually_exclusive_group()
    part.add_argument(
        "--bounds",
        metavar=("WEST", "SOUTH", "EAST", "NORTH"),
        type=float,
        nargs=4,
        help="only this part, in metres of EPSG:3035",
    )
    part.add_argument(
        "--window",
        metavar=("ROW", "COLUMN", "HEIGHT", "WIDTH"),
        type=int,
        nargs=4,
        help="only this part, in cells of the 10 m grid",
    )
    add("--batch", metavar="N", type=int, help="windows at once; halved where memory is short")
    add("--device", default="auto", help="auto, cpu or cuda (default: auto, a GPU if there is one)")
    add(
        "--sample",
        metavar="CSV",
        type=Path,
        help="reference points, a simple random sample (x,y,code in EPSG:3035, or lon,lat,code): "
        "corrects the sealed area",
    )
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> None:
    """Predict, and print the results. Raises InferenceError."""
    window = _window(options)
    notice = _notice(options.checkpoint, options.composite)
    from inference.prediction import predictor, sealed_area

    if notice:
        print(notice, file=sys.stderr)
    with progress_bar("cell", scaled=True) as progress:
        prediction = predictor.predict(
            checkpoint=options.checkpoint,
            composite=options.composite,
            out=options.output,
            window=window,
            batch_size=options.batch,
            device=options.device,
            progress=progress,
        )
    assert prediction is not None, "nothing cancels it"
    _say(prediction, sealed_area(prediction=options.output, sample=options.sample))


def _window(options: argparse.Namespace) -> Window | None:
    """The requested part. Exits with status 2 if it is not valid."""
    from analytics.grid import Window, window_of_bounds

    if options.bounds is not None:
        west, south, east, north = options.bounds
        if not (west < east and south < north):
            options.parser.error("--bounds: WEST must be less than EAST, SOUTH less than NORTH")
        return window_of_bounds(west, south, east, north)
    if options.window is not None:
        row, column, height, width = options.window
        if height < 1 or width < 1:
            options.parser.error("--window: HEIGHT and WIDTH must be 1 at least")
        return Window(row, column, height, width)
    return None


def _notice(checkpoint: Path, composite: Path) -> str:
    """A note if the composite has the bands in another order. They are found by name."""
    from inference.checkpoint import read
    from inference.composites import open_composite

    bands = read(checkpoint).bands
    positions = open_composite(composite).positions(bands)
    if positions == sorted(positions):
        return ""
    return (
        f"{composite.name}: its bands stand in another order than the checkpoint's; "
        "they are taken by name"
    )


def _say(prediction: Prediction, area: SealedArea) -> None:
    print(f"written: {prediction.classes}, {prediction.probability}")
    print(f"observed: {prediction.observed} of {prediction.window.cells} cells")
    for label in prediction.labels:
        cells = prediction.cells[label.code]
        print(f"{label.code:>4}  {label.name}: {cells} cells, {cells / prediction.observed:.2%}")
    for name, estimate in (
        ("likeliest class", area.by_class),
        ("probability", area.by_probability),
    ):
        line = f"sealed area by {name}: {estimate.mapped_m2 / 1e6:.4f} km²"
        corrected = estimate.corrected
        if corrected is not None:
            line += (
                f"; corrected by {area.points} points: {corrected.area_m2 / 1e6:.4f} km², 95 % "
                f"from {corrected.low_m2 / 1e6:.4f} to {corrected.high_m2 / 1e6:.4f}"
            )
        print(line)
