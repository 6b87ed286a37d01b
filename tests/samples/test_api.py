"""Samples by the API: staff and tokens, blind points, labels all or none."""

from __future__ import annotations

import json
import uuid
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from clcplus.actions import api_tokens
from clcplus.models import PointLabel, ReferenceSample
from clcplus.models.api_token import Scope
from tests.region import Region
from tests.samples.world import account, drawn, requested

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]
SAMPLES = "/api/v1/samples/"


@pytest.fixture
def sample(loaded: Region) -> ReferenceSample:
    return drawn(territory="region:07", points=60)


def of_staff() -> dict[str, str]:
    """The header of a token of staff."""
    _, secret = api_tokens.create(
        account=account("ben"), name="labels", by="tests", scopes=Scope.values
    )
    return {"Authorization": f"Bearer {secret}"}


def post(address: str, document: Any, **headers: str) -> Any:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Client().post(address, body, content_type="application/json", headers=headers or None)


def test_samples_are_told_to_staff_alone(sample: ReferenceSample) -> None:
    reader = Client()
    reader.force_login(User.objects.create_user("reader"))
    for address, status in ((SAMPLES, 403), (f"{SAMPLES}{sample.pk}/", 404)):
        assert Client().get(address).status_code == 401
        assert reader.get(address).status_code == status
    found = Client().get(SAMPLES, headers=of_staff())
    assert found["Cache-Control"] == "private, no-store"
    (one,) = found.json()["results"]
    assert one == Client().get(f"{SAMPLES}{sample.pk}/", headers=of_staff()).json()
    assert one["territory"] == {"level": "region", "code": "07", "name": "Valmont"}
    assert one["editions"] == ["clcplus-2018", "clcplus-2021"]
    assert one["labels"] == {"done": 0, "wanted": 60}
    assert [stratum["name"] for stratum in one["strata"]][1] == "gain"
    assert one["links"]["points"].endswith(f"/api/v1/samples/{sample.pk}/points/")


def test_points_are_blind_unless_asked_otherwise(sample: ReferenceSample) -> None:
    address, headers = f"{SAMPLES}{sample.pk}/points/", of_staff()
    assert Client().get(address).status_code == 401
    found = Client().get(address, headers=headers)
    assert found["Content-Type"].startswith("application/geo+json")
    features = json.loads(found.content)["features"]
    assert len(features) == 60
    assert set(features[0]["properties"]) == {
        *("id", "x", "y", "lon", "lat", "reference_earlier", "reference_later"),
        *("confidence", "interpreter", "note"),
    }
    full = Client().get(f"{address}?format=csv&full=true", headers=headers)
    assert full["Content-Type"].startswith("text/csv")
    assert b"map_later,inclusion_probability" in full.content
    assert Client().get(f"{address}?full=perhaps", headers=headers).status_code == 400
    assert Client().get(f"{address}?format=shp", headers=headers).status_code == 400


def test_labels_are_stored_all_or_none(sample: ReferenceSample) -> None:
    address, headers = f"{SAMPLES}{sample.pk}/labels/", of_staff()
    one = {"point": 1, "reference_earlier": 6, "reference_later": 1, "note": "=cmd()"}
    assert post(address, {"labels": [one]}).status_code == 401
    found = post(address, {"labels": [one, {**one, "point": 2}]}, **headers)
    assert (found.status_code, found.json()) == (
        200,
        {"stored": 2, "labels": {"done": 2, "wanted": 60}},
    )
    assert set(PointLabel.objects.values_list("interpreter", "note")) == {("ben", "=cmd()")}
    own = Client().get(address, headers=headers).json()
    assert [(label["point"], label["reference_later"]) for label in own["results"]] == [
        (1, 1),
        (2, 1),
    ]
    PointLabel.objects.filter(point__number=2).update(interpreter="anne")
    assert Client().get(address, headers=headers).json()["count"] == 1
    for wrong, status in (
        ({"labels": [{**one, "point": 3}, {**one, "point": 61}]}, 422),
        ({"labels": [{**one, "point": 3, "reference_later": 12}]}, 422),
        ({"labels": [{**one, "point": 3, "reference_later": 1.5}]}, 400),
        ({"labels": [{**one, "point": 3, "reference_later": True}]}, 400),
        ({"labels": [{**one, "point": 3, "reference_later": 1e308}]}, 400),
        ({"labels": [{**one, "point": 3, "confidence": "certain"}]}, 422),
        ({"labels": [{**one, "point": 3, "confidence": 1}]}, 400),
        ({"labels": [{**one, "point": 3, "stratum": "gain"}]}, 400),
        ({"labels": [{"point": 3, "reference_later": 1}]}, 422),
        ({"labels": ["x"]}, 400),
        ({"labels": []}, 422),
        ({"labels": {}}, 400),
        ([one], 400),
        (b"{", 400),
        (b'{"labels": [{"point": NaN}]}', 400),
        (b" " * 2_000_001, 413),
    ):
        found = post(address, wrong, **headers)
        assert found.status_code == status, (wrong if status != 413 else "", found.content)
        assert found["Content-Type"] == "application/problem+json"
        assert PointLabel.objects.count() == 2


def test_a_sample_that_is_being_drawn_takes_no_labels(loaded: Region) -> None:
    sample, headers = requested(), of_staff()
    one = {"point": 1, "reference_earlier": 6, "reference_later": 1}
    address = f"{SAMPLES}{sample.pk}/"
    assert post(f"{address}labels/", {"labels": [one]}, **headers).status_code == 409
    assert Client().get(f"{address}points/", headers=headers).status_code == 409
    assert post(f"{SAMPLES}{uuid.uuid4()}/labels/", {"labels": [one]}, **headers).status_code == 404
