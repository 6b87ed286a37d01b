"""The statements of vector tiles, without a web server: ``python -m
tests.benchmarks.dashboard_tiles`` takes addresses as JSON and prints milliseconds."""

from __future__ import annotations

import json
import os
import re
import sys
import time


def main() -> None:
    """Run the statement of each tile once."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from sqlalchemy import event

    from analytics import queries
    from analytics.main_editions import main_pair
    from clcplus.database import read_side

    spent: list[float] = []
    began = [0.0]

    def before(*_: object) -> None:
        began[0] = time.perf_counter()

    def after(*_: object) -> None:
        spent.append((time.perf_counter() - began[0]) * 1000)

    found = []
    with read_side.snapshot() as connection:
        editions = queries.editions(connection)
        event.listen(read_side.engine(), "before_cursor_execute", before)
        event.listen(read_side.engine(), "after_cursor_execute", after)
        for path in json.load(sys.stdin):
            level, zoom, column, row = re.findall(r"\w+", path)[2:6]
            queries.vector_tile(
                connection,
                level=level,
                zoom=int(zoom),
                column=int(column),
                row=int(row),
                editions=editions,
                pair=main_pair(editions),
            )
            found.append(spent[-1])
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
