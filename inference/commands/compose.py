"""``python -m inference compose``: Sentinel-2 L2A to a composite on the 10 m grid."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from inference.commands.progress import progress_bar
from inference.composites import (
    REFLECTANCE,
    area,
    assets,
    band_of,
    blocks,
    composition,
    local,
    observation,
    plans,
    safe,
    seasons,
)

_EPILOG = """\
Each band is the median over the valid observations of a season. An overpass is one observation,
however many tiles and products show it. A composite holds the bands, NDVI, NDWI and the number of
observations, as int16: reflectance and indices x 10 000, -32768 where nothing was observed.
Finished blocks are kept beside FILE until it is complete: run the same command again to continue
after an interruption.

For s3:// assets GDAL reads AWS_S3_ENDPOINT, AWS_REQUEST_PAYER=requester, AWS_NO_SIGN_REQUEST=YES
and AWS keys from the environment.
"""


def add_to(commands: Any) -> None:
    """Add the command to the program."""
    parser = commands.add_parser(
        "compose",
        help="compose Sentinel-2 L2A into seasonal medians on the 10 m grid",
        description="Compose Sentinel-2 L2A into seasonal medians, clouds masked, on the 10 m grid "
        "of EPSG:3035.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--stac", metavar="URL", help="first page of a STAC API")
    source.add_argument(
        "--safe", metavar="FOLDER", type=Path, nargs="+", help=".SAFE folders, or folders of them"
    )
    source.add_argument(
        "--files",
        metavar="FILE",
        type=Path,
        nargs="+",
        help="rasters with all bands, one for each date",
    )
    add(
        "--collection",
        metavar="C",
        default="sentinel-2-l2a",
        help="of the API (default: %(default)s)",
    )
    area = parser.add_mutually_exclusive_group()
    area.add_argument(
        "--bbox",
        metavar="W,S,E,N",
        type=_bounds,
        help="rectangle in degrees; write --bbox=-4,… where it begins with a minus",
    )
    area.add_argument(
        "--zones", metavar="FILE", type=Path, help="vector file; blocks without a zone are left out"
    )
    add("--layer", metavar="L", help="layer of the zones' file")
    add(
        "--season",
        metavar="[NAME=]FROM/TO",
        type=_season,
        action="append",
        default=[],
        help="such as 2024-06-01/2024-08-31; several, each with a name, make bands NAME.B04 …",
    )
    add(
        "--bands", metavar="B,…", type=_bands, help="(default: all twelve; of files, all they have)"
    )
    add(
        "--file-bands",
        metavar="B,…",
        type=_file_bands,
        default=(),
        help="bands of the files, in order, if the files do not describe them",
    )
    add(
        "--scl-masked",
        metavar="CODE",
        type=int,
        choices=range(12),
        nargs="*",
        help="classes of SCL to mask (default: 0 1 3 8 9 10)",
    )
    add(
        "--margin",
        metavar="M",
        type=_not_negative,
        default=0.0,
        help="metres to mask round clouds and their shadows (default: 0)",
    )
    add(
        "--max-cloud",
        metavar="%",
        type=_not_negative,
        default=100.0,
        help="leave out items with a larger share of cloud (default: 100)",
    )
    add(
        "--offset",
        metavar="DN",
        type=int,
        help="add this to stored numbers, whatever the metadata say: -1000 or 0",
    )
    add("-j", "--jobs", metavar="N", type=_positive, default=4, help="overpasses read at a time")
    add("--attempts", metavar="N", type=_positive, default=5, help="of each request (default: 5)")
    add("--timeout", metavar="S", type=_positive, default=60, help="of each request (default: 60)")
    add("-o", "--out", metavar="FILE", type=Path, required=True, help="a .tif")
    parser.set_defaults(run=run, parser=parser)


def run(options: argparse.Namespace) -> None:
    """Plan a composite and write it. Raises InferenceError. Exits with status 2 on bad usage."""
    _check_usage(options)
    patience = assets.Patience(attempts=options.attempts, timeout=options.timeout)
    plan = _plan(options, patience)
    window = plan.area.window
    overpasses = sum(len(season.overpasses) for season in plan.seasons)
    windows = list(plan.blocks())
    kept = blocks.Blocks(options.out, identity=plan.identity, names=plan.names)
    done = sum(map(kept.is_done, windows))
    _say(
        f"{len(plan.scenes)} scenes of {overpasses} overpasses, "
        f"{window.width} × {window.height} cells, {len(windows)} blocks"
        + (f", {done} of them done before" if done else "")
    )
    with progress_bar("read") as progress:
        composition.compose(
            plan=plan, out=options.out, jobs=options.jobs, patience=patience, progress=progress
        )
    _say(f"{options.out}: {', '.join(plan.names)}")


def _plan(options: argparse.Namespace, patience: assets.Patience) -> plans.Plan:
    where: area.Area | None = None
    if options.bbox is not None:
        where = area.of_degrees(options.bbox)
    elif options.zones is not None:
        where = area.of_zones(options.zones, layer=options.layer)
    wanted: list[seasons.Season] = options.season or [seasons.Season()]
    bands: Sequence[str] | None = options.bands or (None if options.files else REFLECTANCE)
    if options.stac is not None:
        from inference.composites import catalogue

        assert where is not None
        dated = [
            (
                season,
                catalogue.search(
                    options.stac,
                    collection=options.collection,
                    window=where.window,
                    season=season,
                    patience=patience,
                    most_cloud=options.max_cloud,
                    offset=options.offset,
                ),
            )
            for season in wanted
        ]
    else:
        if options.safe is not None:
            given = safe.scenes(options.safe, offset=options.offset)
        else:
            given = local.scenes(options.files, names=options.file_bands, offset=options.offset)
        where = where or area.of_footprints([scene.footprint for scene in given])
        dated = [
            (season, [s for s in given if season.holds(s.day, of=s.name)]) for season in wanted
        ]
    codes = observation.MASKED if options.scl_masked is None else frozenset(options.scl_masked)
    return plans.make(
        area=where, seasons=dated, bands=bands, masking=observation.Masking(codes, options.margin)
    )


def _check_usage(options: argparse.Namespace) -> None:
    parser: argparse.ArgumentParser = options.parser
    if options.stac is not None and options.bbox is None and options.zones is None:
        parser.error("--stac needs --bbox or --zones")
    if options.stac is not None and not options.season:
        parser.error("--stac needs --season")
    if options.file_bands and options.files is None:
        parser.error("--file-bands is of --files")
    if options.layer is not None and options.zones is None:
        parser.error("--layer is of --zones")
    try:
        seasons.check_names(options.season)
    except ValueError as error:
        parser.error(str(error))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _season(text: str) -> seasons.Season:
    try:
        return seasons.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _bounds(text: str) -> tuple[float, float, float, float]:
    try:
        west, south, east, north = (float(side) for side in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not four numbers: W,S,E,N") from None
    if not (-180 <= west < east <= 180 and -90 <= south < north <= 90):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no rectangle: west and south come first, in degrees"
        )
    return west, south, east, north


def _bands(text: str) -> tuple[str, ...]:
    names = [name.strip() for name in text.split(",")]
    bands = [band_of(name) for name in names]
    wrong = [n for n, band in zip(names, bands, strict=True) if band not in REFLECTANCE]
    if wrong:
        raise argparse.ArgumentTypeError(f"{', '.join(wrong)} is none of {', '.join(REFLECTANCE)}")
    return tuple(band for band in bands if band is not None)


def _file_bands(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not positive")
    return number


def _not_negative(text: str) -> float:
    number = float(text)
    if not number >= 0:
        raise argparse.ArgumentTypeError(f"{text} is negative")
    return number
