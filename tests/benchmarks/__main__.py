"""``python -m tests.benchmarks``: build inputs, run ours and the peers, print and write ratios."""

from __future__ import annotations

import argparse
import sys
from datetime import date

from tests.benchmarks import machine, page, registry, results
from tests.benchmarks.rows import FULL, QUICK, Disagreement, Row, Scale, Skipped


def main() -> int:
    """Exit status: 0 measured, 1 results disagree or a required figure is missed, 2 bad usage."""
    options = _options()
    try:
        rows = registry.chosen(options.only)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{machine.description()}\n{machine.versions()}", flush=True)
    keep = not (options.quick or options.no_write)
    measured: dict[str, results.Result] = {}
    for row in rows:
        try:
            measured[row.name] = _result(row, QUICK if options.quick else FULL)
        except Disagreement as error:
            print(f"{row.name}: DISAGREEMENT: {error}", file=sys.stderr)
            return 1
        _print(row, measured[row.name])
        if keep:
            results.save(results.load() | measured)
    if keep:
        page.write(registry.ROWS, results.load())
        print(f"written: {page.PAGE}")
    return 0 if options.quick or all(_reached(row, measured[row.name]) for row in rows) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="NAME", help="rows; `france` stands for france-…"
    )
    parser.add_argument(
        "--quick", action="store_true", help="small inputs, to see that all works; writes nothing"
    )
    parser.add_argument(
        "--no-write", action="store_true", help="print only; leave docs/benchmarks.md as it is"
    )
    return parser.parse_args()


def _result(row: Row, scale: Scale) -> results.Result:
    measured, skipped = None, ""
    try:
        measured = row.run(scale)
    except Skipped as reason:
        skipped = str(reason)
    return results.Result(
        name=row.name,
        date=date.today().isoformat(),
        machine=machine.description(),
        versions=machine.versions(),
        measured=measured,
        skipped=skipped,
    )


def _print(row: Row, result: results.Result) -> None:
    if result.measured is None:
        print(f"{row.name:20} skipped: {result.skipped}", flush=True)
        return
    bounds = f"required {row.required or '–'}, aim {row.aim or '–'}"
    print(f"{row.name:20} {page.value(row, result.measured):24} {bounds}", flush=True)
    print(f"{'':20} {result.measured.seconds}; {result.measured.agreement}", flush=True)
    if missed := page.shortfall(row, result.measured):
        print(f"{'':20} {missed.replace('**', '')}", flush=True)


def _reached(row: Row, result: results.Result) -> bool:
    measured = result.measured
    return measured is None or row.required is None or row.required.holds(measured.value)


if __name__ == "__main__":
    sys.exit(main())
