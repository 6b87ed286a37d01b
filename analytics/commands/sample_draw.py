"""``python -m analytics sample draw`` and ``sample strata``: points, and the sizes of strata."""

from __future__ import annotations

import argparse
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from analytics.commands.area_distortion import metres_of_units
from analytics.commands.notes import Notes
from analytics.commands.sample_plan import expected_by_stratum
from analytics.commands.zone_input import read_extent
from analytics.errors import SampleError

if TYPE_CHECKING:
    from analytics.counting.scanline import Edges
    from analytics.rasters.grids import RasterGrid
    from analytics.sampling.draws import Work
    from analytics.sampling.row_blocks import Area
    from analytics.sampling.samples import Sample, Stratum
    from analytics.sampling.strata import Scheme

ENDINGS = (".csv", ".geojson", ".kml", ".gpkg")


def run_strata(options: argparse.Namespace) -> None:
    """Count, write. Raises AnalyticsError; ends with status 2 on bad usage."""
    _check_files(options, [options.output])
    notes = Notes()
    try:
        from analytics.sampling import draws, point_files

        area = _area(options, notes)
        metres_of_units(area.grids[0], notes)
        strata = draws.sizes_of(area, _scheme(options, area), _work(options, notes))
        if not any(stratum.cells for stratum in strata):
            raise SampleError("strata", found="no observed cell", expected="cells to count")
        notes.wipe()
        if options.output is None:
            point_files.write_strata(strata, sys.stdout.buffer)
        else:
            _write({options.output: lambda file: point_files.write_strata(strata, file)})
    finally:
        notes.wipe()


def run_draw(options: argparse.Namespace) -> None:
    """Draw, write. Raises AnalyticsError; ends with status 2 on bad usage."""
    _check_usage(options)
    seed = _seed(options.seed)
    notes = Notes()
    try:
        area = _area(options, notes)
        metres_of_units(area.grids[0], notes)
        sample = _drawn(options, area, seed, _work(options, notes))
        if options.seed is None:
            notes.say(f"seed {seed}: --seed {seed} draws the same points again")
        _report(sample.strata, notes)
        notes.doing("writing")
        _write(_outputs(sample, options))
    finally:
        notes.wipe()


def _check_usage(options: argparse.Namespace) -> None:
    error = options.parser.error
    _check_files(options, [options.output, options.key, options.strata])
    if options.output.suffix.lower() not in ENDINGS:
        error(f"-o {options.output}: its ending is none of {', '.join(ENDINGS)}")
    if len({name for name, _ in options.points or ()}) < len(options.points or ()):
        error("--points: one number in all, or one for each stratum")
    in_all = [name for name, _ in options.points or () if not name]
    if in_all and len(options.points) > 1:
        error("--points: one number in all, or one for each stratum")
    design = options.design
    only = {
        "--half-width": (options.half_width, "stratified"),
        "--expected": (options.expected, "stratified"),
        "--minimum": (options.minimum, "stratified"),
        "--spacing-m": (options.spacing_m, "systematic"),
        "--units": (options.units, "two-stage"),
        "--unit-km": (options.unit_km, "two-stage"),
    }
    for name, (value, owner) in only.items():
        if value is not None and design != owner:
            error(f"{name} is for --design {owner}")
    if design != "stratified" and options.points and not in_all:
        error(f"--design {design} has no strata: --points N")
    instead = {"stratified": options.half_width, "systematic": options.spacing_m}.get(design)
    if (options.points is None) == (instead is None):
        either = {"stratified": " or --half-width", "systematic": " or --spacing-m"}
        error(f"name --points{either.get(design, '')}")
    if design == "two-stage" and (options.units is None or options.unit_km is None):
        error("--design two-stage needs --units and --unit-km")


def _check_files(options: argparse.Namespace, outputs: Sequence[Path | None]) -> None:
    """End the program where a file would be read and written, or written twice."""
    error = options.parser.error
    if len(options.rasters) > 2:
        error(f"one RASTER or two, not {len(options.rasters)}")
    taken = {Path(path).resolve() for path in (*options.rasters, options.zones or ".")}
    for path in outputs:
        if path is None:
            continue
        if path.resolve() in taken:
            error(f"{path} is named twice")
        if not path.parent.is_dir():
            error(f"{path}: there is no folder {path.parent}")
        taken.add(path.resolve())


def _seed(text: str | None) -> int:
    if text is None:
        return secrets.randbelow(2**32)
    if not (text.isascii() and text.isdecimal()) or len(text) > 100:
        raise SampleError("seed", found=repr(text[:40]), expected="a whole number from 0 on")
    return int(text)


def _area(options: argparse.Namespace, notes: Notes) -> Area:
    from analytics.rasters.grids import check_same_grid, open_grid
    from analytics.sampling.row_blocks import Area

    missing = frozenset(chain.from_iterable(options.missing))
    grids = [open_grid(source).with_missing(missing) for source in options.rasters]
    for later in grids[1:]:
        check_same_grid(grids[0], later)
    return Area(grids, None if options.zones is None else _zones(options, grids[0], notes))


def _zones(options: argparse.Namespace, grid: RasterGrid, notes: Notes) -> Edges:
    from analytics.counting.scanline import edges_of

    layer = read_extent(options.zones, layer=options.layer, grid=grid, notes=notes)
    return edges_of(layer.geometries, **grid.placement)


def _scheme(options: argparse.Namespace, area: Area) -> Scheme:
    from analytics.sampling.strata import scheme_of

    grid = area.grids[0]
    metres = grid.metres_per_unit
    return scheme_of(
        len(area.grids),
        buffer=options.buffer_m,
        cell_width=grid.cell_width * metres,
        cell_height=grid.cell_height * metres,
    )


def _work(options: argparse.Namespace, notes: Notes) -> Work:
    from analytics.sampling.draws import Work

    def progress(done: int, of: int) -> None:
        notes.doing(f"reading: {100 * done // of} %")

    return Work(options.jobs, progress)


def _drawn(options: argparse.Namespace, area: Area, seed: int, work: Work) -> Sample:
    draw = {
        "stratified": _stratified,
        "simple": _simple,
        "systematic": _systematic,
        "two-stage": _two_stage,
    }[options.design]
    return draw(options, area, seed, work)


def _stratified(options: argparse.Namespace, area: Area, seed: int, work: Work) -> Sample:
    from analytics.sampling import draws
    from analytics.sampling.allocation import allocated, given
    from analytics.sampling.sample_sizes import points_for_half_width

    scheme = _scheme(options, area)
    asked = dict(options.points or ())
    if asked and "" not in asked:
        unsized = [max(asked.values())] * len(scheme.names)
        given(asked, names=scheme.names, sizes=unsized)  # refuses unknown names before the pass
        most = [asked.get(name, 0) for name in scheme.names]
        return draws.stratified(
            area,
            scheme,
            most=most,
            allocate=lambda sizes: given(asked, names=scheme.names, sizes=sizes),
            seed=seed,
            work=work,
        )
    expected = expected_by_stratum(options.expected, scheme.names) if options.expected else None

    def allocate(points: int, sizes: list[int]) -> list[int]:
        return allocated(
            points,
            sizes,
            rule=options.allocation,
            minimum=options.minimum,
            expected=expected,
            names=scheme.names,
        )

    if options.half_width is None:
        total = asked[""]
    else:
        sizes = [stratum.cells for stratum in draws.sizes_of(area, scheme, work)]
        total = points_for_half_width(
            options.half_width,
            sizes,
            expected=expected_by_stratum(options.expected, scheme.names),
            allocate=lambda points: allocate(points, sizes),
        )
    return draws.stratified(
        area,
        scheme,
        most=[total] * len(scheme.names),
        allocate=lambda sizes: allocate(total, sizes),
        seed=seed,
        work=work,
    )


def _simple(options: argparse.Namespace, area: Area, seed: int, work: Work) -> Sample:
    from analytics.sampling import draws
    from analytics.sampling.allocation import allocated
    from analytics.sampling.strata import OBSERVED

    total = options.points[0][1]
    return draws.stratified(
        area,
        OBSERVED,
        most=[total],
        allocate=lambda sizes: allocated(total, sizes, rule="proportional", minimum=0),
        seed=seed,
        work=work,
    )


def _systematic(options: argparse.Namespace, area: Area, seed: int, work: Work) -> Sample:
    from analytics.sampling import draws
    from analytics.sampling.strata import OBSERVED

    if options.spacing_m is not None:
        step = _cells(area.grids[0], options.spacing_m, "spacing")
    else:
        (stratum,) = draws.sizes_of(area, OBSERVED, work)
        step = draws.step_for(options.points[0][1], stratum.cells)
    return draws.systematic(area, step=step, seed=seed, work=work)


def _two_stage(options: argparse.Namespace, area: Area, seed: int, work: Work) -> Sample:
    from analytics.sampling import draws

    side = _cells(area.grids[0], 1000 * options.unit_km, "primary unit")
    return draws.two_stage(
        area, side=side, units=options.units, points=options.points[0][1], seed=seed, work=work
    )


def _cells(grid: RasterGrid, metres: float, subject: str) -> int:
    """Metres as cells of a raster with square ones."""
    metres_per_unit = grid.metres_per_unit
    width, height = grid.cell_width * metres_per_unit, grid.cell_height * metres_per_unit
    cells = metres / width
    largest = max(grid.width, grid.height)
    whole = round(min(cells, largest + 1))
    if abs(width - height) > 1e-6 * width or not 1 <= whole <= largest or abs(cells - whole) > 1e-6:
        raise SampleError(
            subject,
            found=f"{metres:g} m on cells of {width:g} by {height:g} m",
            expected=f"a whole number of square cells, from 1 to {largest}",
        )
    return whole


def _report(strata: Sequence[Stratum], notes: Notes) -> None:
    total = sum(stratum.points for stratum in strata)
    each = ", ".join(f"{s.name} {s.points} of {s.cells}" for s in strata)
    notes.say(f"{total} points of cells: {each}")


def _outputs(sample: Sample, options: argparse.Namespace) -> dict[Path, Callable[[BinaryIO], None]]:
    from analytics.sampling import point_files
    from analytics.sampling.point_tables import point_table

    table = point_table(sample, blind=options.blind)

    def as_geopackage(file: BinaryIO) -> None:
        from analytics.sampling import geopackage

        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "sample.gpkg"
            geopackage.write(table, sample, path)
            with path.open("rb") as written:
                shutil.copyfileobj(written, file)

    points: dict[str, Callable[[BinaryIO], None]] = {
        ".csv": lambda file: point_files.write_csv(table, file),
        ".geojson": lambda file: point_files.write_geojson(table, file),
        ".kml": lambda file: point_files.write_kml(table, file, title=options.output.stem),
        ".gpkg": as_geopackage,
    }
    outputs: dict[Path, Callable[[BinaryIO], None]] = {
        options.output: points[options.output.suffix.lower()]
    }
    if options.key is not None:
        complete = point_table(sample, blind=False)
        outputs[options.key] = lambda file: point_files.write_csv(complete, file)
    if options.strata is not None:
        outputs[options.strata] = lambda file: point_files.write_strata(sample.strata, file)
    return outputs


def _write(outputs: dict[Path, Callable[[BinaryIO], None]]) -> None:
    """Write all files, or none of them where one cannot be written."""
    from analytics.files import replacement

    with ExitStack() as stack:
        for path, write in outputs.items():
            write(stack.enter_context(replacement.replacing(path)))
