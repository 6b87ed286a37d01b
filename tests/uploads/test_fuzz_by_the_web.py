"""Damaged uploads by the page and by the API: answered, checked, looked at and deleted."""

from __future__ import annotations

import io
import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from clcplus.actions import api_tokens
from clcplus.actions.editions import registration
from clcplus.jobs import runner
from clcplus.models import AuditEntry, ZoneSet
from clcplus.models.api_token import Scope
from tests.rasters import write_raster
from tests.runs import drain
from tests.uploads import fuzz

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]

API = "/api/v1/zones/"
PAGE = "/zones/new/"
ENDS = {
    ZoneSet.Stage.ASKING,
    ZoneSet.Stage.REPORTED,
    ZoneSet.Stage.ACCEPTED,
    ZoneSet.Stage.REFUSED,
}
INPUTS = 30


@pytest.fixture
def inputs(tmp_path: Path) -> list[bytes]:
    """Damaged files of all formats; between them some that are still sound."""
    chance = random.Random(8)
    folder = tmp_path / "sound"
    folder.mkdir()
    sound = fuzz.seeds(folder)
    damaged = [fuzz.damaged(sound, chance) for _ in range(INPUTS)]
    return sound + [content for content in damaged if content]


@pytest.fixture
def edition(store: Path, tmp_path: Path) -> Path:
    """A published edition where the sound files have their zones; all that is in the store."""
    path = tmp_path / "codes.tif"
    codes = np.random.default_rng(3).choice(np.array([1, 2, 6, 254], dtype=np.uint8), (130, 230))
    write_raster(path, codes, west=3_999_900, north=2_501_100)
    sources = registration.check_sources(paths=[path], product="clcplus", year=2021)
    run = drain(
        registration.register_edition(
            sources=sources, product="clcplus", year=2021, publish=True, everything=True
        )
    )
    assert run.state == "succeeded", run.message
    return store


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


def in_store(store: Path) -> set[Path]:
    return {path for path in store.rglob("*") if path.is_file()}


def checked() -> Counter[str]:
    """Check all sets that wait, as a worker does; the stages in which they end."""
    before = set(Path(tempfile.gettempdir()).iterdir())
    for waiting in ZoneSet.objects.filter(stage=ZoneSet.Stage.CHECKING):
        assert runner.work("upload", waiting.pk)
    assert set(Path(tempfile.gettempdir()).iterdir()) == before
    stages = Counter(ZoneSet.objects.values_list("stage", flat=True))
    assert set(stages) <= ENDS
    for one in ZoneSet.objects.filter(stage=ZoneSet.Stage.REFUSED):
        assert one.refusal is not None
        assert one.refusal["code"] not in {"reader-died", "wall-time", "cpu-time"}
        assert one.refusal["found"]
        assert one.refusal["expected"]
    return stages


def file_of(content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = "zones"
    return file


@override_settings(UPLOADS_PER_HOUR=0, ZONE_SETS_PER_ACCOUNT=1000)
def test_the_page_answers_whatever_is_sent(
    edition: Path, inputs: list[bytes], owner: User, client: Client
) -> None:
    client.force_login(owner)
    before = in_store(edition)
    for content in inputs:
        response = client.post(PAGE, {"kind": "file", "file": file_of(content)})
        assert response.status_code == 302, response.content
    stages = checked()
    assert {ZoneSet.Stage.ASKING, ZoneSet.Stage.REPORTED, ZoneSet.Stage.REFUSED} <= set(stages)
    assert stages[ZoneSet.Stage.REFUSED] > 10
    for one in ZoneSet.objects.all():
        for address in (one.get_absolute_url(), f"{one.get_absolute_url()}progress/"):
            assert client.get(address).status_code == 200
        answer = client.post(f"{one.get_absolute_url()}discard/")
        assert answer.status_code == 302, answer.content
    assert not ZoneSet.objects.exists()
    assert in_store(edition) == before


@override_settings(UPLOADS_PER_HOUR=0, ZONE_SETS_PER_ACCOUNT=1000)
def test_the_api_answers_whatever_is_sent(edition: Path, inputs: list[bytes], owner: User) -> None:
    _token, key = api_tokens.create(account=owner, name="tests", by="tests", scopes=Scope.values)
    api = Client(headers={"Authorization": f"Bearer {key}"})
    chance = random.Random(9)
    before = in_store(edition)
    answers: Counter[int] = Counter()
    for content in inputs:
        said: dict[str, Any] = chance.choice(
            ({}, {"crs": "EPSG:3035"}, {"crs": "EPSG:3035", "skip_bad": "true"})
        )
        if chance.random() < 0.5:
            response = api.post(API, {"file": file_of(content), **said})
        else:
            address = f"{API}?{urlencode(said)}"
            response = api.post(address, content, content_type="application/geo+json")
        answers[response.status_code] += 1
        assert response.status_code in {200, 202, 400, 422}, response.content
    assert answers[202] > 20
    stages = checked()
    assert stages[ZoneSet.Stage.ACCEPTED] > 3
    assert stages[ZoneSet.Stage.REFUSED] > 10
    for one in ZoneSet.objects.all():
        job = api.get(f"/api/v1/jobs/{one.pk}/")
        assert job.status_code == 200
        json.loads(job.content)
        assert api.get(f"{API}{one.pk}/report/").status_code in {200, 404, 409}
        assert api.delete(f"{API}{one.pk}/").status_code == 204
    assert in_store(edition) == before
    assert AuditEntry.objects.filter(event=AuditEntry.Event.DELETED).count() == sum(stages.values())
