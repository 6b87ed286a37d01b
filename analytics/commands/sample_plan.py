"""``python -m analytics sample plan``: how many points reach which half-width."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from typing import Any

from analytics.errors import SampleError

DEFAULT_WIDTHS = (0.1, 0.25)


def run(options: argparse.Namespace) -> None:
    """Plan, print. Raises AnalyticsError; ends with status 2 on bad usage."""
    if (options.strata is None) == (options.share is None):
        options.parser.error("name STRATA, or the --share of a simple random sample")
    plan = _of_share(options) if options.strata is None else _of_strata(options)
    print(json.dumps(plan, indent=1) if options.format == "json" else _text(plan))


def _of_share(options: argparse.Namespace) -> dict[str, Any]:
    from analytics.sampling.sample_sizes import Z, points_for_share

    share = options.share
    if options.points is not None:
        if share == 0:
            raise SampleError("expected share", found=str(share), expected="above 0")
        widths = [Z * ((1 - share) / (share * options.points)) ** 0.5]
        points = [options.points]
    else:
        widths = list(options.half_width or DEFAULT_WIDTHS)
        points = [points_for_share(share, relative=width) for width in widths]
    return {
        "design": "simple",
        "expected_share": share,
        "plans": [
            {"points": n, "half_width": width * share, "half_width_relative": width}
            for n, width in zip(points, widths, strict=True)
        ],
    }


def _of_strata(options: argparse.Namespace) -> dict[str, Any]:
    from analytics.commands.accuracy.strata_files import read_strata
    from analytics.sampling.allocation import allocated
    from analytics.sampling.sample_sizes import expected_share, half_width, points_for_half_width

    strata = read_strata(options.strata, prefer_area=False, auxiliary=False)
    names, sizes = strata.names, strata.units()
    expected = expected_by_stratum(options.expected, names)

    def allocate(points: int) -> list[int]:
        return allocated(
            points,
            sizes,
            rule=options.allocation,
            minimum=options.minimum,
            expected=expected,
            names=names,
        )

    share = expected_share(sizes, expected=expected)
    if options.points is not None:
        totals = [options.points]
    else:
        totals = [
            points_for_half_width(width, sizes, expected=expected, allocate=allocate)
            for width in options.half_width or DEFAULT_WIDTHS
        ]
    plans = []
    for total in totals:
        points = allocate(total)
        width = half_width(points, sizes, expected=expected)
        plans.append(
            {
                "points": total,
                "half_width": width if width < float("inf") else None,
                "half_width_relative": width / share if share and width < float("inf") else None,
                "strata": [
                    {"stratum": name, "units": size, "expected": p, "points": n}
                    for name, size, p, n in zip(names, sizes, expected, points, strict=True)
                ],
            }
        )
    return {
        "design": "stratified",
        "allocation": options.allocation,
        "expected_share": share,
        "plans": plans,
    }


def expected_by_stratum(
    named: Sequence[tuple[str, float]] | None, names: Sequence[str]
) -> list[float]:
    """Expected shares in the order of the strata, 0 where none is named. Raises SampleError for an
    unknown stratum, or where none is named at all."""
    if not named:
        raise SampleError(
            "plan", found="no expected shares", expected="some, such as --expected gain=0.6"
        )
    for name, _ in named:
        if name not in names:
            raise SampleError(
                "--expected", found=f"a stratum {name!r}", expected=f"one of {', '.join(names)}"
            )
    shares = dict(named)
    return [shares.get(name, 0.0) for name in names]


def _text(plan: dict[str, Any]) -> str:
    """A plan as lines for a reader."""
    lines = [f"expected share {plan['expected_share']:.6g}"]
    for one in plan["plans"]:
        width, relative = one["half_width"], one["half_width_relative"]
        reached = "no half-width: a stratum that varies has no point"
        if width is not None:
            reached = f"half-width {width:.6g}"
        if relative is not None:
            reached += f" ({100 * relative:.4g} % of the share)"
        lines.append(f"{one['points']} points: {reached}")
        lines += [
            f"  {row['stratum']}: {row['points']} of {row['units']} cells, "
            f"expected {row['expected']:g}"
            for row in one.get("strata", ())
        ]
    return "\n".join(lines)
