"""The command line."""

from __future__ import annotations

import argparse
import itertools
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import requests

from tests.golden import addresses, dialogues, pages, tiles
from tests.golden.answer_text import rendered
from tests.golden.catalogue import Catalogue, read_catalogue
from tests.golden.comparison import differences
from tests.golden.dialogues import Answered
from tests.golden.export_request import Asked, Lane
from tests.golden.normalisation import Normaliser
from tests.golden.site import Site, Unreachable

FREE_AT_ONCE = 3


class Export:
    """The folder of an export; each answer is written once."""

    def __init__(self, site: Site, folder: Path, catalogue: Catalogue) -> None:
        self.site, self.folder, self.catalogue = site, folder, catalogue
        self._normalised = Normaliser(
            origin=site.origin,
            days={*catalogue.days, datetime.now(UTC).date()},
            fixed_ids=catalogue.zone_sets,
        )

    def fetch(self, asked: Asked) -> None:
        """Ask, and write what comes."""
        self._write(asked, self.site.ask(asked))

    def follow(self, dialogue: Callable[[Site, Catalogue], Iterator[Answered]]) -> None:
        """Write the answers of a dialogue."""
        for asked, answer in dialogue(self.site, self.catalogue):
            self._write(asked, answer)

    def _write(self, asked: Asked, answer: requests.Response) -> None:
        line = f"{asked.method} {asked.address} {asked.label}".rstrip()
        path = self.folder / asked.name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(self._normalised(f"{line}\n{rendered(answer)}"))


def export(site: Site, folder: Path, password: str | None) -> int:
    """Ask for everything; the number of files."""
    catalogue = read_catalogue(site)
    asked = [
        *addresses.everything(catalogue),
        *pages.everything(catalogue),
        *tiles.everything(catalogue),
    ]
    if password is not None:
        site.sign_in("admin", password)
        asked += pages.of_staff(catalogue)
    to = Export(site, folder, catalogue)
    lanes = {lane: [one for one in asked if one.lane is lane] for lane in Lane}

    def costly() -> None:
        to.follow(dialogues.reports)
        _each(to.fetch, lanes[Lane.COSTLY])

    def of_areas() -> None:
        _each(to.fetch, lanes[Lane.AREAS])
        to.follow(dialogues.area_pages)

    with ThreadPoolExecutor(FREE_AT_ONCE + 2) as pool:
        work = [pool.submit(costly), pool.submit(of_areas)]
        for part in _parts(lanes[Lane.FREE], FREE_AT_ONCE):
            work.append(pool.submit(_each, to.fetch, part))
        for one in work:
            one.result()
    if password is not None:
        to.follow(dialogues.jobs)
    return sum(1 for _ in folder.rglob("*.txt"))


def _each(do: Callable[[Asked], None], asked: Iterable[Asked]) -> None:
    for one in asked:
        do(one)


def _parts(asked: list[Asked], number: int) -> Iterator[list[Asked]]:
    for start in range(number):
        yield list(itertools.islice(asked, start, None, number))


def compare(before: Path, after: Path, *, lines: int) -> int:
    """Print the differences; 1 where there are any."""
    number = 0
    for difference in differences(before, after, most_lines=lines):
        number += 1
        print(difference)
    print(f"{number} paths differ" if number else "no differences")
    return int(number > 0)


def main() -> int:
    """0: done, or no differences; 1: differences, or no demonstration there."""
    parser = argparse.ArgumentParser(prog="python -m tests.golden", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser("export", help="write what a running demonstration answers")
    exporting.add_argument("site", help="such as http://127.0.0.1:8000")
    exporting.add_argument("folder", type=Path, help="a new folder")
    exporting.add_argument(
        "--password-file",
        type=Path,
        help="password of the administrator, for pages of staff; .local/admin-password of the demo",
    )
    comparing = commands.add_parser("compare", help="print what differs between two exports")
    comparing.add_argument("before", type=Path)
    comparing.add_argument("after", type=Path)
    comparing.add_argument("--lines", type=int, default=12, help="of each difference")
    chosen = parser.parse_args()
    if chosen.command == "compare":
        return compare(chosen.before, chosen.after, lines=chosen.lines)
    if chosen.folder.exists():
        parser.error(f"{chosen.folder} is there already; name a new folder")
    begun = time.monotonic()
    password = chosen.password_file.read_text().strip() if chosen.password_file else None
    try:
        number = export(Site(chosen.site), chosen.folder, password)
    except Unreachable as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(f"{number} files in {chosen.folder}, {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
