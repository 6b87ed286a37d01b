"""The registry in the admin, and the pages of the jobs that it begins."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings
from django.urls import reverse

from clcplus.models import Checkpoint, Edition, Run
from tests.modelled_edition import IDENTITY
from tests.predictions.conftest import write_composite

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker", "modelled")]


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("admin", password="x"))
    return client


@pytest.fixture
def imagery(tmp_path: Path):  # type: ignore[no-untyped-def]
    with override_settings(CLCPLUS_IMAGERY=tmp_path, CLCPLUS_STAC=""):
        bands = ("B02", "B03", "B04", "B08", "observations")
        write_composite(tmp_path / "composite-2024.tif", bands=bands)
        yield tmp_path


def page_of(checkpoint: Checkpoint) -> str:
    return reverse("admin:clcplus_checkpoint_page", args=(checkpoint.pk,))


def test_the_list_says_what_each_network_is_worth(admin: Client) -> None:
    page = admin.get(reverse("admin:clcplus_checkpoint_changelist")).content.decode()
    assert "Valmont, first" in page
    assert "0.71 (validation)" in page
    assert "0.83 (validation)" in page
    assert "2 territories" in page
    checkpoint = Checkpoint.objects.get()
    opened = admin.get(reverse("admin:clcplus_checkpoint_change", args=(checkpoint.pk,)))
    assert opened.url == page_of(checkpoint)


def test_its_page_is_for_people(admin: Client) -> None:
    page = admin.get(page_of(Checkpoint.objects.get())).content.decode()
    assert IDENTITY in page
    assert "mean IoU 0.51" in page
    assert "off by 2.1" in page
    assert "{" not in page.split("What it is")[1].split("<form")[0], "JSON is not for people"
    assert "CLC+ Backbone 2021" in page
    assert "51.2" in page


def test_a_prediction_is_asked_for_and_leads_to_its_job(admin: Client, imagery: Path) -> None:
    checkpoint = Checkpoint.objects.get()
    answer = admin.post(
        page_of(checkpoint), {"year": "2024", "territory": "", "composite": "", "publish": "on"}
    )
    run = Run.objects.filter(kind=Run.Kind.PREDICT, state=Run.State.QUEUED).get()
    assert answer.url == reverse("job", args=(run.pk,))
    assert (run.publish, run.prediction.year) == (True, 2024)
    page = admin.get(answer.url).content.decode()
    assert "Prediction of 2024" in page
    assert "Valmont, first" in page
    assert "composite-2024.tif" in page
    assert 'action="/jobs/' in page
    assert "Cancel" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"year": "2030"}, "imagery of 2030: found no composite"),
        ({"year": "2024", "territory": "commune:99999"}, "no such territory"),
        ({"year": ""}, "This field is required"),
        ({"year": "2024", "composite": "../secret.tif"}, "not one of the available choices"),
        ({"year": "2024", "territory": "commune:07001"}, "no composite over"),
    ],
)
def test_what_cannot_be_predicted_is_said_in_the_form(
    admin: Client, imagery: Path, asked: dict[str, str], said: str
) -> None:
    answer = admin.post(page_of(Checkpoint.objects.get()), asked)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not Run.objects.filter(kind=Run.Kind.PREDICT, state=Run.State.QUEUED).exists()


def test_only_superusers_predict_and_steer(client: Client, imagery: Path) -> None:
    client.force_login(User.objects.create_user("staff", is_staff=True))
    client.post(page_of(Checkpoint.objects.get()), {"year": "2024"})
    assert not Run.objects.filter(kind=Run.Kind.PREDICT, state=Run.State.QUEUED).exists()
    run = Run.objects.create(kind=Run.Kind.PREDICT)
    assert client.post(f"/jobs/{run.pk}/cancel/").status_code == 403
    assert "Cancel" not in client.get(f"/jobs/{run.pk}/").content.decode()


def test_a_job_is_cancelled_and_resumed(admin: Client, imagery: Path) -> None:
    checkpoint = Checkpoint.objects.get()
    admin.post(page_of(checkpoint), {"year": "2024"})
    run = Run.objects.get(kind=Run.Kind.PREDICT, state=Run.State.QUEUED)
    path = reverse("job", args=(run.pk,))
    assert admin.get(f"{path}cancel/").status_code == 405
    admin.post(f"{path}cancel/")
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert "Resume" in admin.get(path).content.decode()
    again = admin.post(f"{path}cancel/")
    assert "moved on" in admin.get(again.url).content.decode()
    Run.objects.filter(pk=run.pk).update(attempts=10)
    admin.post(f"{path}resume/")
    run.refresh_from_db()
    assert (run.state, run.attempts) == (Run.State.QUEUED, 0)
    assert admin.post(f"{path}dance/").status_code == 404
    # The API does the same.
    api = f"/api/v1/jobs/{run.pk}/"
    assert admin.delete(api).json()["state"] == "cancelled"
    assert admin.delete(api).status_code == 409
    resumed = admin.post(api)
    assert (resumed.status_code, resumed.json()["kind"]) == (202, "predict")
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED
    assert admin.post(api).status_code == 409, "it is under way"


def test_the_end_of_a_job_leads_to_its_edition(admin: Client, modelled: Edition) -> None:
    run = Run.objects.get(kind=Run.Kind.PREDICT, edition=modelled)
    page = admin.get(reverse("job", args=(run.pk,))).content.decode()
    assert "/editions/#clcplus-2024-modelled" in page
    assert "CLC+ Forward 2024" in page


def test_predictions_are_listed_with_their_evaluation(admin: Client) -> None:
    page = admin.get(reverse("admin:clcplus_prediction_changelist")).content.decode()
    assert "CLC+ Backbone 2021" in page
    assert "0.71" in page
    assert "51.2" in page
