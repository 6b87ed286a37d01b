"""A worker without a broker: ``python -m tests.benchmarks.ingest_process STORED UNIT…``.

It works on the units that nobody works on. With STORED 1, tiles come from the store instead of
being converted.
"""

from __future__ import annotations

import os
import sys


def main(*, stored: bool, numbers: list[int]) -> None:
    """Work until every unit is done or in other hands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from clcplus.actions import stored_tiles
    from clcplus.jobs import runner

    if stored:
        stored_tiles.convert = _from_store  # type: ignore[assignment]
    for number in numbers:
        runner.work("ingest", number)


def _from_store(unit, *, store):  # type: ignore[no-untyped-def]
    """What a conversion gives, of a tile that was converted before."""
    from contextlib import ExitStack

    from clcplus.actions import stored_tiles
    from clcplus.models import EditionTile

    tile = EditionTile.objects.get(edition=unit.edition, name=unit.tile)
    window = stored_tiles.window_of(tile)
    with ExitStack() as stack:
        read = stored_tiles.stored_reader(tile, store=store, stack=stack)
        return tile, window, stored_tiles.held(read, window)


if __name__ == "__main__":
    main(stored=sys.argv[1] == "1", numbers=[int(number) for number in sys.argv[2:]])
