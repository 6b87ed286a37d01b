"""Staff pages: to be of the staff is not enough, each asks for the permission of what it shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from clcplus.models import Checkpoint, Level, Prediction, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]


@pytest.fixture
def staff(client: Client) -> User:
    """An account of staff without a permission, signed in."""
    user = User.objects.create_user("staff", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def checkpoint() -> Checkpoint:
    made: Checkpoint = Checkpoint.objects.create(
        name="Secret network", identity="1" * 64, architecture="unet", temperature=1.0
    )
    return made


@pytest.fixture
def run(checkpoint: Checkpoint) -> Run:
    made: Run = Run.objects.create(kind=Run.Kind.PREDICT, message="Secret message")
    Prediction.objects.create(
        run=made, checkpoint=checkpoint, year=2021, territory_name="Secret territory"
    )
    return made


def allow(user: User, *names: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))


def test_the_registry_shows_a_network_to_who_may_see_networks(
    client: Client, staff: User, checkpoint: Checkpoint, run: Run
) -> None:
    page = reverse("admin:clcplus_checkpoint_page", args=(checkpoint.pk,))
    for method in (client.get, client.post):
        answer = method(page)
        assert answer.status_code == 403
        assert "Secret" not in answer.content.decode()
    allow(staff, "view_checkpoint")
    text = client.get(page).content.decode()
    assert "Secret network" in text
    assert "Secret territory" not in text
    allow(staff, "view_prediction")
    assert "Secret territory" in client.get(page).content.decode()
    assert client.post(page, {"year": 2021}).status_code == 302
    assert Run.objects.count() == 1, "only a superuser predicts"


@pytest.mark.parametrize("name", ["jobs", "job", "job_progress"])
def test_jobs_are_shown_to_who_may_see_runs(
    client: Client, staff: User, run: Run, name: str
) -> None:
    page = reverse(name, args=() if name == "jobs" else (run.pk,))
    answer = client.get(page)
    assert answer.status_code == 403
    assert "Secret" not in answer.content.decode()
    allow(staff, "view_run")
    text = client.get(page).content.decode()
    assert ("Secret message" in text) == (name != "jobs")
    assert "Secret network" not in text


@pytest.mark.parametrize("action", ["cancel", "resume"])
def test_a_job_is_steered_by_superusers(client: Client, staff: User, run: Run, action: str) -> None:
    for names in ((), ("view_run", "change_run")):
        allow(staff, *names)
        page = reverse("job_steer", args=(run.pk, action))
        assert client.post(page).status_code == 403
        assert client.delete(f"/api/v1/jobs/{run.pk}/").status_code in {403, 404, 409}
    run.refresh_from_db()
    assert run.state == Run.State.QUEUED


def test_the_footer_leads_staff_where_they_may_go(client: Client, staff: User) -> None:
    assert "/jobs/" not in client.get("/method/").content.decode()
    tag = client.get("/method/")["ETag"]
    allow(staff, "view_run")
    again = client.get("/method/", headers={"If-None-Match": tag})
    assert "/jobs/" in again.content.decode()


def test_ingest_and_its_inbox_are_for_superusers(
    client: Client, staff: User, tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "secret.tif").write_bytes(b"x")
    settings.CLCPLUS_INBOX = tmp_path
    allow(staff, "view_edition", "change_edition", "add_edition")
    page = reverse("admin:clcplus_edition_ingest")
    for method in (client.get, client.post):
        answer = method(page, follow=True)
        assert "secret.tif" not in answer.content.decode()
    assert not Run.objects.exists()


def _own_pages() -> Iterator[tuple[str, str]]:
    """Pages that the platform's classes of the admin add to those of the framework, by class."""
    for model, made in admin.site._registry.items():
        usual = {
            f"{model._meta.app_label}_{model._meta.model_name}_{name}"
            for name in ("changelist", "add", "history", "delete", "change")
        }
        for pattern in made.get_urls():
            if pattern.name and pattern.name not in usual:
                yield type(made).__name__, pattern.name


def test_no_page_of_the_admin_is_without_a_test() -> None:
    """A further page of the platform's own in the admin belongs here."""
    ours = {page for page in _own_pages() if page[1].startswith("clcplus_")}
    assert ours == {
        ("EditionAdmin", "clcplus_edition_ingest"),
        ("CheckpointAdmin", "clcplus_checkpoint_page"),
    }


def test_every_page_of_the_admin_is_closed_without_a_permission(
    client: Client, staff: User, checkpoint: Checkpoint
) -> None:
    assert len(admin.site._registry) > 5
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist")).status_code == 403, name
        assert client.get(reverse(f"{name}_add")).status_code == 403, name


def test_levels_are_neither_made_nor_removed_there(admin_client: Client) -> None:
    level = Level.objects.create(slug="a", name="A", name_plural="As", rank=1)
    assert admin_client.get(reverse("admin:clcplus_level_add")).status_code == 403
    remove = reverse("admin:clcplus_level_delete", args=(level.pk,))
    assert admin_client.post(remove, {"post": "yes"}).status_code == 403
    assert admin_client.get(reverse("admin:clcplus_level_changelist")).status_code == 200


@pytest.mark.parametrize("number", ["x", "99999999999999999999", "1_2F", "-1"])
def test_an_unknown_network(admin_client: Client, number: str) -> None:
    admin_client.raise_request_exception = False
    path = f"/admin/clcplus/checkpoint/{number}/change/"
    assert admin_client.get(path).status_code == 404
