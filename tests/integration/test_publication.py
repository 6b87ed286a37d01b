"""Publishing while readers poll: each answer is of one state, old or new, never of a mixture."""

from __future__ import annotations

import json
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from clcplus.actions.editions import publication
from clcplus.models import Edition, Run
from tests.region import Region, make_region
from tests.runs import drain, load_zones, register
from tests.workers import wait_for, worker

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("store", "empty_queue"),
]


class Readers:
    """Threads that ask for one address over and over, and keep every answer."""

    def __init__(self, address: str, *, number: int = 3) -> None:
        self.address = address
        self.answers: list[dict] = []
        self.failures: list[str] = []
        self.stop = threading.Event()
        self.threads = [threading.Thread(target=self._read, daemon=True) for _ in range(number)]

    def __enter__(self) -> Readers:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for thread in self.threads:
            thread.join(10)

    def _read(self) -> None:
        end = time.monotonic() + 60
        while not self.stop.is_set() and time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.address, timeout=10) as response:
                    self.answers.append(json.load(response))
            except OSError as error:
                self.failures.append(str(error))


def sealed(answer: dict) -> dict[str, int]:
    """Sealed cells by edition, as an answer gives them; its two lists of editions agree."""
    assert [e["slug"] for e in answer["editions"]] == [e["edition"] for e in answer["statistics"]]
    return {entry["edition"]: entry["sealed"]["cells"] for entry in answer["statistics"]}


def total(region: Region, year: int) -> int:
    return sum(region.counts(code, year).get(1, 0) for code in region.zones)


def test_one_version_replaces_another_while_readers_poll(
    region: Region, tmp_path: Path, live_server, quiet_broker: list
) -> None:  # type: ignore[no-untyped-def]
    other = make_region(tmp_path, seed=99)
    load_zones(region)
    drain(register(region, 2023))
    drain(register(region, 2021))
    drain(register(other, 2021, publish=False))
    states = [
        {"clcplus-2021": total(region, 2021), "clcplus-2023": total(region, 2023)},
        {"clcplus-2021-v2": total(other, 2021), "clcplus-2023": total(region, 2023)},
    ]
    assert states[0]["clcplus-2021"] != states[1]["clcplus-2021-v2"]
    with Readers(f"{live_server.url}/api/v1/territories/region/07/statistics/") as readers:
        for turn in range(12):
            seen = len(readers.answers)
            publication.publish_edition(slug="clcplus-2021-v2" if turn % 2 == 0 else "clcplus-2021")
            wait_for(lambda: len(readers.answers) > seen + 6, what="readers")  # noqa: B023
    assert readers.failures == []
    found = [sealed(answer) for answer in readers.answers]
    assert all(answer in states for answer in found)
    assert all(state in found for state in states)


def test_an_edition_is_unseen_until_all_of_it_is_there(
    region: Region, tmp_path: Path, live_server
) -> None:  # type: ignore[no-untyped-def]
    load_zones(region)
    with (
        worker(log=tmp_path / "worker.log"),
        Readers(f"{live_server.url}/api/v1/territories/region/07/statistics/") as readers,
    ):
        run = register(region, 2021)

        def ended() -> bool:
            run.refresh_from_db()
            return run.state in (Run.State.SUCCEEDED, Run.State.FAILED)

        wait_for(ended, what="the ingest")
        seen = len(readers.answers)
        wait_for(lambda: len(readers.answers) > seen + 6, what="readers")
    assert run.state == Run.State.SUCCEEDED
    assert Edition.objects.get().status == Edition.Status.PUBLISHED
    assert readers.failures == []
    found = [sealed(answer) for answer in readers.answers]
    complete = {"clcplus-2021": total(region, 2021)}
    assert all(answer in ({}, complete) for answer in found)
    assert found[-1] == complete
    assert {} in found
