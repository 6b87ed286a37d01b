"""``docs/benchmarks.md``, from what was measured."""

from __future__ import annotations

from pathlib import Path

from tests.benchmarks.results import Result
from tests.benchmarks.rows import Limit, Measured, Row

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"

_HEAD = """\
# Benchmarks

`make bench` measures every row and writes this page. `python -m tests.benchmarks --only NAME`
measures one row.

Inputs are synthetic, seeded, and stored below `.local/benchmarks`: a landscape of clumped classes
with 3 % noise and 2 % change, and Voronoi zones with wandering borders that partition it. Engine
and peer run in turns in one process (A B A B A), with the files in the system's cache. For each
turn of the peer we divide its time by our time just before and after; a figure is the median of
these ratios. The engine has two threads. The peers have one, and run in their fastest mode. Both
start from geometries in memory and files on disk. If results that must agree do not, nothing is
written.

The rows `dashboard-…` measure the dashboard. PostgreSQL, Redis, gunicorn as in production, and the
readers share two cores. The database contains the communes of France with their départements and
regions, and three editions counted over the synthetic landscape at its real size (`.local/bench`
keeps it). Concurrent readers are simulated in two ways:

- **spread**: 20 readers, each of whom opens a new address every second. This is the site in normal
  use. A wait starts when the request was due.
- **closed**: 20 connections without a pause between an answer and the next request. This tests what
  two cores can do.

No address was requested before, so no answer comes from kept pages or tiles. "Asked again" repeats
the same set: all of it is kept, but each of two processes keeps its own pages. The required figures
apply to both ways. Each row says what share of the cores other programs took just before.

The rows `intervals-…`, `verdicts-…` and `filtered-change` are of the demonstration region, whose
truth is known. Samples are drawn from it again and again, labelled from the truth, and estimated
from as the platform does.
"""


def write(rows: tuple[Row, ...], results: dict[str, Result]) -> None:
    """Write the page; rows without a result say so."""
    lines = [_HEAD]
    lines += _machines(results)
    lines += ["| row | work | measured | required | aim | date |", "|---|---|---|---|---|---|"]
    lines += [_line(row, results.get(row.name)) for row in rows]
    lines += ["", "## What was timed, and how results agree", ""]
    for row in rows:
        measured = _measured(results.get(row.name))
        if measured:
            lines.append(f"- **{row.name}**: {measured.seconds}. {measured.agreement}.")
    for row in rows:
        measured = _measured(results.get(row.name))
        if measured and measured.table:
            lines += ["", measured.table.rstrip()]
    lines += ["", "## What falls short", ""]
    lines += _shortfalls(rows, results) or ["No measured figure does."]
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


def _machines(results: dict[str, Result]) -> list[str]:
    """A paragraph for each machine and set of libraries, with the commits measured there."""
    commits: dict[tuple[str, str], set[str]] = {}
    for result in results.values():
        if result.measured:
            libraries, _, commit = result.versions.partition("; commit ")
            commits.setdefault((result.machine, libraries), set()).add(commit)
    return [
        f"Machine: {machine}.  \n{libraries}.  \nCommits: {', '.join(sorted(found))}.\n"
        for (machine, libraries), found in sorted(commits.items())
    ]


def _shortfalls(rows: tuple[Row, ...], results: dict[str, Result]) -> list[str]:
    """What each row misses, with its reason; rows with the same reason stand below it."""
    missed: dict[str, list[str]] = {}
    for row in rows:
        if text := shortfall(row, _measured(results.get(row.name))):
            missed.setdefault(row.why or "**WHY:** to be written.", []).append(text)
    lines = []
    for why, texts in missed.items():
        if len(texts) == 1:
            lines.append(f"- {texts[0]} {why}")
        else:
            lines += [f"- {why}", *(f"  - {text}" for text in texts)]
    return lines


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
