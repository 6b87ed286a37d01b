"""A job of every kind, planned on one published region, and what must come of them.

The jobs are in two groups. In the first, counts are published; a report that waits meanwhile would
rightly say that its data are no longer the newest, so those that readers ask for are the second.
``KINDS="filter sample"`` takes these kinds alone.
"""

from __future__ import annotations

import importlib.util
import io
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction

from analytics import queries
from analytics.grid import window_of_bounds
from analytics.rasters.store import open_store
from analytics.uploads.records import Choice
from clcplus.actions import reports
from clcplus.actions.change import filter_plans, pairs
from clcplus.actions.checks import requests as checks
from clcplus.actions.editions import fetch, ingest_request, missed_series
from clcplus.actions.notices.announcement import announce
from clcplus.actions.predictions.checkpoints import register_checkpoint
from clcplus.actions.predictions.prediction_requests import request_prediction
from clcplus.actions.refresh.requests import request_refresh
from clcplus.actions.samples import sample_request
from clcplus.actions.samples.sample_rows import newest_run
from clcplus.actions.territories.boundary_request import request_boundaries
from clcplus.actions.territories.zones import import_zones
from clcplus.actions.zone_sets import computation, received_files
from clcplus.database import locks, read_side
from clcplus.jobs import kinds, runner
from clcplus.models import (
    ChangePatch,
    Edition,
    EditionCheck,
    EditionTile,
    FilteredPair,
    Notice,
    Report,
    Run,
    SamplePoint,
    TileFilteredSums,
    ZoneChange,
    ZoneFilteredChange,
    ZoneSeries,
    ZoneSet,
    ZoneStatistics,
    ZoneStrata,
)
from tests.boundary_files import write_columns
from tests.region import Region, write_zones
from tests.runs import register
from tests.sources.image_service import ImageService
from tests.sources.misbehaviour import Answers, Reply, Request
from tests.zone_sets.layers import layer_of

WEST, SOUTH = 3_799_700, 2_299_700
WHOLE = window_of_bounds(WEST, SOUTH, WEST + 600, SOUTH + 600)
# Those of many units last: a worker then has a process left for each of the others.
LOADING = (
    *("boundaries", "filter", "register", "fetch", "predict", "check", "refresh", "notify"),
    *("series", "ingest", "count"),
)
ASKED = ("report", "sample", "upload", "zones")
CHOSEN = tuple(os.environ.get("KINDS", "").split())
GROUPS = {"chosen": CHOSEN} if CHOSEN else {"loading": LOADING, "asked": ASKED}
MODEL = "predict" in (CHOSEN or LOADING) and importlib.util.find_spec("torch") is not None


REFRESHED = 2013
"""A year of which only the service has an edition. It is before all others, so that no check of
these is against it, whenever it is published."""


def service(of: Region) -> Answers:
    """A service with an edition of the region, of other years; and a receiver of notices."""
    codes = of.codes[2021].copy()
    codes[15:45, 20:45] = np.where(codes[15:45, 20:45] == 1, 6, 1)
    images = ImageService(codes, WHOLE, years=(REFRESHED,))

    def answer(request: Request) -> Reply:
        return Reply(status=204) if request.path == "/notices" else images(request)

    return answer


def square(x: float, y: float, side: float = 200) -> Any:
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


def _said(run: Run) -> str:
    return "" if run.kind == Run.Kind.CHECK else run.message


def _disagrees(result: dict[str, Any]) -> bool:
    """Whether a check says that the counts of an edition contradict each other."""
    return result["check"] in {"sums", "cells", "account"} and result["grade"] == "fail"


@dataclass(frozen=True)
class World:
    """The region, and folders of what a worker reads and writes."""

    region: Region
    folder: Path
    trained: Path | None
    planned: dict[str, Any] = field(default_factory=dict)

    def plan(self, group: str) -> None:
        """Ask for a job of each kind of a group."""
        self.planned.clear()
        for kind in GROUPS[group]:
            if kind != "predict" or self.trained is not None:
                self.planned[kind] = getattr(self, f"_{kind}")()

    def _ingest(self) -> Run:
        return register(self.region, 2023, publish=False)

    def _count(self) -> Run:
        path = write_zones(
            self.folder / "parks.gpkg", {"north": square(0, 300), "south": square(250, 50)}
        )
        found = import_zones(
            paths=[path], level="park", vintage=2024, code_field="code", name_field="name"
        )
        assert found.run is not None
        return found.run

    def _boundaries(self) -> Run:
        path = write_columns(
            self.folder / "gminy_2024.gpkg",
            [("0201011", "Bolesławiec", square(150, 150, 300))],
            columns="JPT_KOD_JE JPT_NAZWA_",
        )
        return request_boundaries(files=[str(path)], presets=["prg"])

    def _filter(self) -> Run:
        for model in (FilteredPair, ZoneFilteredChange, TileFilteredSums, ChangePatch):
            model._default_manager.all().delete()
        (run,) = filter_plans.plan_missed()
        return run

    def _series(self) -> Run:
        EditionTile.objects.update(in_series=False)
        run = missed_series.plan()
        assert run is not None
        return run

    def _register(self) -> Run:
        return ingest_request.request_ingest(
            names=[self.region.edition(2018).name], product="clcplus", year=2018
        )

    def _fetch(self, *, publish: bool = False) -> Run:
        # The edition is there already: a fetch that ends well finds it again.
        source = fetch.IMAGE_SERVER
        return fetch.request_fetch(year=2015, window=WHOLE, source=source, publish=publish)

    def _check(self) -> Run:
        return checks.request_check(Edition.objects.get(slug="clcplus-2021"))

    def _refresh(self) -> Run:
        return request_refresh()

    def _notify(self) -> Notice:
        with transaction.atomic():
            announce(Notice.Event.NOTHING_NEW, message="Nothing is new.")
        return Notice.objects.latest("created_at")

    def _predict(self) -> Run:
        assert self.trained is not None
        return request_prediction(checkpoint=register_checkpoint(folder=self.trained), year=2024)

    def _zones(self) -> Run:
        run = computation.plan(
            layer=layer_of([square(100 * n, 100 * n) for n in range(4)]), by=None
        )
        assert run is not None
        return run

    def _sample(self) -> Run:
        owner, _ = User.objects.get_or_create(username="interpreter", defaults={"is_staff": True})
        sample = sample_request.request_sample(
            owner=owner,
            name="Valmont",
            later=Edition.objects.get(slug="clcplus-2021"),
            points=60,
            options={"minimum": 5},
            buffer_m=10,
            seed=3,
            second_opinion=0.2,
        )
        run = newest_run(sample)
        assert run is not None
        return run

    def _report(self) -> Report:
        with read_side.snapshot() as opened:
            data = str(queries.data_version(opened))
        return reports.request_report(
            level="commune",
            code="0V001",
            name="Saint-Élie-0V001",
            vintage=2024,
            earlier="",
            later="clcplus-2021",
            language="en-gb",
            data=data,
            release="1",
            site="https://example.test",
            client="somebody",
        )

    def _upload(self) -> ZoneSet:
        owner, _ = User.objects.get_or_create(username="uploader", defaults={"is_staff": True})
        features = [
            {
                "type": "Feature",
                "properties": {"code": str(n)},
                "geometry": shapely.geometry.mapping(square(120 * n, 90 * n)),
            }
            for n in range(3)
        ]
        document = {"type": "FeatureCollection", "features": features}
        return received_files.receive(
            owner=owner,
            source=io.BytesIO(json.dumps(document).encode()),
            file_name="fields.geojson",
            kind=ZoneSet.Kind.FILE,
            choice=Choice(crs="EPSG:3035"),
            acceptance=ZoneSet.Acceptance.USABLE,
        ).zone_set

    def load_blocks(self) -> None:
        """Fetch a further edition, with a block of cells of another state than in 2021: change of
        which each filter accepts some."""
        self._fetch(publish=True)
        self.drain()

    def drain(self) -> None:
        """Do all jobs in this process, until none is open."""
        for _ in range(10):
            if all_ended():
                return
            filter_plans.plan_missed()
            for kind in kinds.all_kinds():
                for job in kind.records.open_jobs(quiet_since=None):
                    for number in kind.records.waiting(job):
                        runner.handle_work(kind.name, number)
                    runner.handle_finish(kind.name, job)
        raise AssertionError("jobs do not end")

    def outcome(self) -> dict[str, Any]:
        """What came of the jobs: their states, and every figure that they count."""
        years = dict(Edition.objects.values_list("pk", "slug"))
        layer = "zone__layer__level__name"
        return {
            "runs": sorted(
                (run.kind, run.state, _said(run), run.units_done == run.units_total)
                for run in Run.objects.exclude(kind=Run.Kind.FILTER)
            ),
            # How often a pair is filtered depends on what is loaded first.
            "filter runs": sorted(
                set(Run.objects.filter(kind=Run.Kind.FILTER).values_list("state", "message"))
            ),
            "filtered": sorted(
                (
                    pair.earlier.slug,
                    pair.later.slug,
                    pair.mask_key,
                    sorted((name, sorted(total.items())) for name, total in pair.totals.items()),
                    len(pair.layers),
                )
                for pair in FilteredPair.objects.select_related("earlier", "later")
            ),
            "filtered zones": sorted(
                ZoneFilteredChange.objects.values_list(
                    layer,
                    *("zone__code", "earlier__slug", "later__slug", "preset", "gain", "loss"),
                )
            ),
            "filtered sums": sorted(
                TileFilteredSums.objects.values_list(
                    *("earlier__slug", "later__slug", "preset", "tile", "row", "sums")
                )
            ),
            "patches": sorted(
                (*row, geometry.wkt)
                for *row, geometry in ChangePatch.objects.values_list(
                    *("earlier__slug", "later__slug", "number", "cells", "side", "geometry")
                )
            ),
            # What an edition is compared with depends on what is published first; that its own
            # counts agree does not.
            "checks": sorted(
                (check.edition.slug, [one["check"] for one in check.report if _disagrees(one)])
                for check in EditionCheck.objects.select_related("edition")
            ),
            "notices": sorted(
                (notice.event, getattr(notice.edition, "slug", ""), notice.state)
                for notice in Notice.objects.select_related("edition")
            ),
            "editions": sorted(Edition.objects.values_list("slug", "status", "origin")),
            "statistics": sorted(
                ZoneStatistics.objects.values_list(layer, "zone__code", "edition__slug", "cells")
            ),
            "change": sorted(
                ZoneChange.objects.values_list(
                    layer, "zone__code", "earlier__slug", "later__slug", "matrix"
                )
            ),
            "series": sorted(
                (code, tile, sorted((years[abs(n)], n > 0) for n in pattern), cells)
                for code, tile, pattern, cells in ZoneSeries.objects.values_list(
                    "zone__code", "tile", "pattern", "cells"
                )
            ),
            "samples": sorted(
                SamplePoint.objects.values_list(
                    "sample__stage", "number", "stratum__name", "map_later", "opinions"
                )
            ),
            "strata": sorted(ZoneStrata.objects.values_list(layer, "zone__code", "cells")),
            "reports": [
                (report.state, report.error, _begins(report)) for report in Report.objects.all()
            ],
            "sets": sorted(
                (zone_set.name, zone_set.stage, bool(zone_set.layer_id), str(zone_set.refusal))
                for zone_set in ZoneSet.objects.all()
            ),
        }


def _begins(report: Report) -> bytes:
    return open_store(settings.RASTER_STORE).read(report.key)[:5]


@transaction.atomic
def all_ended() -> bool:
    """Whether no job has work left to do: of all kinds at one moment, since the end of a job of one
    kind may plan a job of another kind; and no change is left that the schedule has filtered."""
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    if pairs.lacking():
        return False
    return not any(kind.records.open_jobs(quiet_since=None) for kind in kinds.all_kinds())


def at_work(planned: dict[str, Any]) -> bool:
    """Whether a worker is in the midst of a unit of each planned job."""
    return all(
        any(
            locks.is_held(kind.lock, kinds.lock_number(number))
            for number in kind.records.waiting(job.pk)
        )
        for kind, job in ((kinds.find(name), job) for name, job in planned.items())
    )
