"""Words of the command line that several commands read."""

from __future__ import annotations

import argparse
import math


def positive(text: str) -> int:
    """A whole number from 1 on."""
    if not (text.isascii() and text.isdecimal()) or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 on")
    return int(text)


def positive_number(text: str) -> float:
    """A finite number above 0."""
    number = _number(text)
    if not (math.isfinite(number) and number > 0):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0")
    return number


def share(text: str) -> float:
    """A number from 0 to 1."""
    number = _number(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 to 1")
    return number


def named_share(text: str) -> tuple[str, float]:
    """A name and a number from 0 to 1, such as ``gain=0.6``."""
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not a name and a share, such as gain=0.6")
    return name, share(value)


def codes(text: str) -> list[int]:
    """Codes of a raster, apart by commas."""
    try:
        found = [int(part) for part in text.split(",") if part]
    except ValueError:
        found = [-1]
    if any(not 0 <= code <= 255 for code in found):
        raise argparse.ArgumentTypeError(f"{text!r} is not a code, a whole number from 0 to 255")
    return found


def add_missing(parser: argparse.ArgumentParser) -> None:
    """Add ``--missing`` to a command that knows the codes of the nomenclature; ``options.missing``
    is a list of lists of codes."""
    parser.add_argument(
        "--missing",
        metavar="CODE",
        type=codes,
        nargs="+",
        default=[],
        help="codes of what is not observed, besides 253, 254, 255 and the declared nodata",
    )


def points(text: str) -> tuple[str, int]:
    """A number of points, in all or of a stratum, such as ``gain=200``; in all, the name is
    empty."""
    name, sign, value = text.rpartition("=")
    if sign and not name:
        raise argparse.ArgumentTypeError(f"{text!r} names no stratum")
    return name, positive(value)


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
