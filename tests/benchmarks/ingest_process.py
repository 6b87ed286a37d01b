"""A worker without a broker: ``python -m tests.benchmarks.ingest_process STORED``.

It says that it is ready. For each line of unit numbers that it reads, it works on those units that
nobody works on, and says that it is done. With STORED 1, tiles come from the store instead of being
converted.
"""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack

_OPENED = ExitStack()
"""Rasters that stay open until the process ends."""


def main(*, stored: bool) -> None:
    """Work until there are no more lines."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from analytics.change import tile_pass
    from clcplus.actions.editions import stored_tiles
    from clcplus.jobs import kinds, runner

    kinds.all_kinds()
    tile_pass.load_kernels()
    if stored:
        stored_tiles.convert = _from_store  # type: ignore[assignment]
    print("ready", flush=True)
    for line in sys.stdin:
        for number in line.split():
            runner.work("ingest", int(number))
        print("done", flush=True)


def _from_store(unit, *, store):  # type: ignore[no-untyped-def]
    """What a conversion gives, of a tile that was converted before."""
    import rasterio

    from analytics.grid import window_of_bounds
    from clcplus.actions.editions import stored_tiles
    from clcplus.models import EditionTile

    slug = unit.edition.slug
    keys = [f"{slug}/{path.name}" for path in store.path(slug).glob(f"{unit.tile}-*.tif")]
    (overview_key,) = (key for key in keys if f"{unit.tile}-share-" in key)
    (key,) = (key for key in keys if key != overview_key)
    with rasterio.open(store.path(key)) as dataset:
        window = window_of_bounds(*dataset.bounds)
    tile = EditionTile(
        edition=unit.edition,
        name=unit.tile,
        key=key,
        overview_key=overview_key,
        row=window.row,
        column=window.column,
        height=window.height,
        width=window.width,
    )
    return tile, window, stored_tiles.stored_reader(tile, store=store, stack=_OPENED)


if __name__ == "__main__":
    main(stored=sys.argv[1] == "1")
