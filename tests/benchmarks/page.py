"""``docs/benchmarks.md``, from what was measured."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.results import Result
from tests.benchmarks.rows import Limit, Measured, Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

`make bench` measures this table anew and writes this page; `python -m tests.benchmarks --only NAME`
measures one row. Inputs are synthetic, seeded, and built below `.local/benchmarks`: a landscape of
clumped classes with 3 % noise and 2 % change, and Voronoi zones with wandering borders that
partition it. Engine and peer run in turns in one process (A B A B A) with the files in the system's
cache; a figure is the median, over the peer's turns, of its time to ours just before and after. The
engine has two threads; the peers, which have one, run in their fastest mode. Both start from
geometries in memory and files on disk. Where results must agree and do not, nothing is written.

Of the dashboard (rows `dashboard-…`): PostgreSQL, Redis, gunicorn as in production and the readers
share two cores; the database holds the communes of France with their départements and regions,
three editions counted over the synthetic landscape at the real size (`.local/bench` keeps it). *A
concurrent reader* is read in two ways. **spread**: 20 readers, each of whom opens a new address
every second, which is the site in use; waits count from when an address was due. **closed**: 20
connections without a pause between an answer and the next question, which is a test of what two
cores can make. No address was asked for before (none is served from kept pages or tiles); "asked
again" is the same set once more, all of it kept, except that each of two processes keeps its own
pages. What must be reached is asked of both. Each row says what share of the cores other programs
took just before.
"""


def write(rows: tuple[Row, ...], results: dict[str, Result]) -> None:
    """Write the page; rows without a result say so."""
    lines = [_HEAD]
    places = sorted({(r.machine, r.versions) for r in results.values() if r.measured})
    lines += [f"Machine: {machine}.  \n{versions}.\n" for machine, versions in places]
    lines += ["| row | work | measured | required | aim | date |", "|---|---|---|---|---|---|"]
    lines += [_line(row, results.get(row.name)) for row in rows]
    lines += ["", "## What was timed, and how results agree", ""]
    for row in rows:
        measured = _measured(results.get(row.name))
        if measured:
            lines.append(f"- **{row.name}**: {measured.seconds}. {measured.agreement}.")
    short = [
        f"- {text} {row.why or '**WHY:** to be written.'}"
        for row in rows
        if (text := shortfall(row, _measured(results.get(row.name))))
    ]
    lines += ["", "## What falls short", ""]
    lines += short or ["No measured figure does."]
    PAGE.write_text("\n".join(lines) + "\n")


def shortfall(row: Row, measured: Measured | None) -> str:
    """By how much a figure misses what it must reach, or else its aim; empty where it does not."""
    if measured is None:
        return ""
    for kind, limit in (("what it must reach", row.required), ("its aim", row.aim)):
        if limit is not None and not limit.holds(measured.value):
            missing = _by_how_much(limit, measured.value)
            return f"**{row.name}** misses {kind}: {value(row, measured)} for {limit}, {missing}."
    return ""


def value(row: Row, measured: Measured) -> str:
    """The measured value with its unit, and its spread."""
    text = f"{_number(measured.value)} {row.unit}"
    if measured.low != measured.high:
        text += f" ({_number(measured.low)}–{_number(measured.high)})"
    return text


def _by_how_much(limit: Limit, found: float) -> str:
    more = found / limit.value - 1 if limit.at_most else 1 - found / limit.value
    return f"{more:.0%} {'above' if limit.at_most else 'below'}"


def _measured(result: Result | None) -> Measured | None:
    return result.measured if result else None


def _line(row: Row, result: Result | None) -> str:
    bounds = " | ".join("" if limit is None else str(limit) for limit in (row.required, row.aim))
    if result is None or result.measured is None:
        reason = result.skipped if result else "not run yet"
        return f"| {row.name} | {row.work} | – ({reason}) | {bounds} | |"
    return f"| {row.name} | {row.work} | {value(row, result.measured)} | {bounds} | {result.date} |"


def _number(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
