"""A worker without a broker: ``python -m tests.benchmarks.zone_sets_process BATCH…``.

It works on the batches of custom zones that nobody works on.
"""

from __future__ import annotations

import os
import sys


def main(*, numbers: list[int]) -> None:
    """Work until every batch is done or in other hands."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from clcplus.jobs import runner

    for number in numbers:
        runner.work("zones", number)


if __name__ == "__main__":
    main(numbers=[int(number) for number in sys.argv[1:]])
