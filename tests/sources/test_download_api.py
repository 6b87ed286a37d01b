"""The CLMS download API: keys, tokens, catalogue, orders."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clcplus.sources.client import Client
from clcplus.sources.download_api import DownloadApi, ServiceKey
from clcplus.sources.errors import AccessRefused, SourceError, SourceUnavailable
from tests.sources.download_service import DownloadService, dataset, key_for
from tests.sources.image_service import as_json
from tests.sources.misbehaviour import Reply, Served, served

TITLE = "CLC+Backbone 2023 (raster 10 m), Europe, 3-yearly, July 2025"


@pytest.fixture
def service() -> DownloadService:
    others = [dataset(f"u{n}", f"Imperviousness {n} (raster 10 m)", "Raster") for n in range(40)]
    old = dataset("old", "CLC+ Backbone 2021 (raster 10 m), Europe", "Raster")
    wanted = dataset("clc", TITLE, "Confidence Layer", "Raster", "Data score layer")
    vector = dataset("vec", "CLC+ Backbone 2023 (vector), Europe", "Vector")
    return DownloadService(datasets=[*others, old, vector, wanted])


@pytest.fixture
def server(service: DownloadService) -> Iterator[Served]:
    with served(service) as found:
        service.url = found.url
        yield found


@pytest.fixture
def api(server: Served, client_of: Callable[..., Client]) -> DownloadApi:
    return DownloadApi(client_of(server), key_for(server.url), root=server.url)


def test_the_classes_are_found_among_all_datasets(api: DownloadApi) -> None:
    found = api.dataset_of(2023)
    assert (found.uid, found.part, found.download_id) == ("clc", "Raster", "clc-Raster")


def test_the_catalogue_gives_the_years_that_may_be_ordered(
    api: DownloadApi, service: DownloadService
) -> None:
    assert api.years() == [2021, 2023]
    service.datasets.append(dataset("new", "CLC+ Backbone 2025 (raster 10 m)", "Confidence Layer"))
    assert api.years() == [2021, 2023]
    service.datasets.clear()
    assert api.years() == []


@pytest.mark.parametrize("title", ["CLCplus Backbone 2023 raster", "clc+ backbone 2023, raster"])
def test_several_datasets_are_not_guessed_at(
    api: DownloadApi, service: DownloadService, title: str
) -> None:
    service.datasets.append(dataset("twin", title, "Raster"))
    with pytest.raises(SourceError, match="one raster of CLC"):
        api.dataset_of(2023)
    with pytest.raises(SourceError, match="2030: none"):
        api.dataset_of(2030)


def test_an_order_is_placed_and_waited_for(api: DownloadApi, service: DownloadService) -> None:
    task = api.order(api.dataset_of(2023), bounds=(5.0, 45.0, 6.0, 46.0))
    assert service.orders == [
        {
            "Datasets": [
                {
                    "DatasetID": "clc",
                    "DatasetDownloadInformationID": "clc-Raster",
                    "OutputFormat": "Geotiff",
                    "OutputGCS": "EPSG:3035",
                    "BoundingBox": [5.0, 45.0, 6.0, 46.0],
                }
            ]
        }
    ]
    states = [api.state_of(task).state for _ in range(3)]
    assert states == ["In_progress", "In_progress", "Finished_ok"]
    assert len(service.valid) == 1


def test_a_token_is_renewed_before_its_end(api: DownloadApi, service: DownloadService) -> None:
    now = [1_700_000_000.0]
    api.clock = lambda: now[0]
    service.polls = 9
    for seconds in (0, 3000, 3600):
        now[0] = 1_700_000_000.0 + seconds
        api.state_of("77")
    assert len(service.valid) == 2


def test_a_token_that_ended_early_is_renewed_once(
    api: DownloadApi, service: DownloadService, server: Served
) -> None:
    api.state_of("77")
    service.valid.clear()
    api.state_of("77")
    server.faulty = lambda request: "token" not in request.path
    server.faults = [as_json({}, status=401)] * 2
    with pytest.raises(AccessRefused):
        api.state_of("77")


@pytest.mark.parametrize("state", ["Finished_nok", "Rejected", "Cancelled"])
def test_an_order_that_failed_is_said(
    api: DownloadApi, service: DownloadService, state: str
) -> None:
    service.polls, service.last_state = 0, state
    with pytest.raises(SourceError, match=state):
        api.state_of("77")


@pytest.mark.parametrize(
    "reply",
    [
        Reply(b"<html><title>EU Login</title>"),
        as_json({"status": "error", "msg": "Error, the BoundingBox is not valid"}),
        as_json({"TaskIds": [], "ErrorTaskIds": [{"TaskID": "78"}]}),
        as_json([]),
    ],
)
def test_a_refused_order_is_said(api: DownloadApi, server: Served, reply: Reply) -> None:
    wanted = api.dataset_of(2023)
    server.faulty = lambda request: request.path.endswith("_post")
    server.faults = [reply]
    with pytest.raises(SourceError):
        api.order(wanted, bounds=(5.0, 45.0, 6.0, 46.0))


def test_an_order_is_not_sent_twice(
    api: DownloadApi, server: Served, service: DownloadService
) -> None:
    wanted = api.dataset_of(2023)
    server.faulty = lambda request: request.path.endswith("_post")
    server.faults = [Reply(status=503)]
    with pytest.raises(SourceUnavailable):
        api.order(wanted, bounds=(5.0, 45.0, 6.0, 46.0))
    assert not service.orders


@pytest.mark.parametrize(
    "content", ["", "{}", "[]", '{"client_id": 1}', "not json", '{"private_key": "SECRET"}']
)
def test_a_bad_key_file_is_one_line_without_its_content(tmp_path: Path, content: str) -> None:
    file = tmp_path / "key.json"
    file.write_text(content)
    with pytest.raises(AccessRefused) as found:
        ServiceKey.from_file(file)
    assert "\n" not in str(found.value)
    assert "SECRET" not in str(found.value)


def test_a_key_is_never_shown(api: DownloadApi, tmp_path: Path) -> None:
    file = tmp_path / "key.json"
    file.write_text(json.dumps(api.key.model_dump()))
    assert ServiceKey.from_file(file) == api.key
    api.state_of("77")
    shown = repr(api) + repr(api.key) + str(api.key)
    assert "PRIVATE" not in shown
    assert "token-" not in shown
    broken = api.key.model_copy(update={"private_key": "no key"})
    with pytest.raises(AccessRefused, match="no private key"):
        DownloadApi(api.client, broken, root=api.root).headers()
