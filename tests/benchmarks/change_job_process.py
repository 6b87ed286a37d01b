"""A job that filters the one pair of editions of the database, as a process:
``python -m tests.benchmarks.change_job_process`` prints as JSON what it took."""

from __future__ import annotations

import json
import os
import resource
from typing import Any

from tests.benchmarks.machine import peak_memory
from tests.benchmarks.race import timed


def main() -> None:
    """Compile, then measure."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
    import django

    django.setup()
    from analytics.patches import kernels
    from clcplus.actions.change import filter_plans, filter_run
    from clcplus.jobs import kinds, queue, runner
    from clcplus.models import ChangePatch, FilteredPair, Run, ZoneFilteredChange

    kinds.all_kinds()
    kernels.load_kernels()
    queue.send = lambda *message, **options: None  # type: ignore[assignment]
    filter_pair, times = filter_run.filter_pair, []

    def found(*arguments: Any, **named: Any) -> Any:
        seconds, result = timed(lambda: filter_pair(*arguments, **named))
        times.append(seconds)
        return result

    filter_run.filter_pair = found
    (run,) = filter_plans.plan_missed()
    before = _processor()
    seconds, done = timed(lambda: runner.work(run.kind, run.pk))
    after, peak = _processor(), peak_memory()
    run.refresh_from_db()
    if not done or run.state != Run.State.SUCCEEDED:
        raise RuntimeError(f"{run.state}: {run.message}")
    raw = FilteredPair.objects.get().totals["raw"]
    print(
        json.dumps(
            {
                "seconds": seconds,
                "filtering": sum(times),
                "processor": after - before,
                "peak": peak,
                "load": os.getloadavg()[0],
                "patches": ChangePatch.objects.count(),
                "all_patches": raw["gain_patches"] + raw["loss_patches"],
                "zones": ZoneFilteredChange.objects.values("zone").distinct().count(),
            }
        )
    )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
