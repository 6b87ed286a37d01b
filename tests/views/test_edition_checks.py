"""The page of an edition's checks: for staff, in their language, with what is decided there."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.checks import CheckResult, Concerned, Grade
from clcplus.models import Edition, EditionCheck, Run

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


@pytest.fixture
def edition(db: None) -> Edition:
    made: Edition = Edition.objects.create(
        slug="clcplus-2023",
        product="clcplus",
        product_name="CLC+ Backbone",
        year=2023,
        origin=Edition.Origin.OFFICIAL,
        status=Edition.Status.LOADED,
        loaded_at=timezone.now(),
    )
    return made


@pytest.fixture
def check(edition: Edition) -> EditionCheck:
    """A check that an edition fails, with hostile names."""
    results = [
        CheckResult(check="sums", grade=Grade.PASS, value=0.0, compared=3),
        CheckResult(
            check="histogram",
            grade=Grade.FAIL,
            value=0.0931,
            warn_from=0.05,
            fail_from=0.15,
            compared=11,
            concerned=1,
            named=(Concerned("", "6", "", -0.09),),
        ),
        CheckResult(
            check="shares",
            grade=Grade.WARN,
            value=0.03,
            warn_from=0.02,
            fail_from=0.1,
            compared=1234,
            concerned=30,
            named=(Concerned("commune", "0V001", "Saint-<Élie>", 12.5),),
        ),
        CheckResult(check="seams", grade=Grade.NONE),
        CheckResult(check="of-later", grade=Grade.PASS, value=1.0),
    ]
    made: EditionCheck = EditionCheck.objects.create(
        edition=edition, grade=Grade.FAIL, report=[one.document() for one in results]
    )
    return made


def page_of(edition: Edition) -> str:
    return reverse("edition_checks", args=(edition.slug,))


def act(edition: Edition, action: str) -> str:
    return reverse("edition_checks_act", args=(edition.slug, action))


def test_readers_and_staff_without_the_permission_see_nothing(
    client: Client, edition: Edition, check: EditionCheck
) -> None:
    assert "/admin/login/" in client.get(page_of(edition))["Location"]
    staff = User.objects.create_user("staff", is_staff=True)
    client.force_login(staff)
    assert client.get(page_of(edition)).status_code == 403
    staff.user_permissions.add(Permission.objects.get(codename="view_run"))
    text = client.get(page_of(edition)).content.decode()
    assert "9.31" in text
    assert "Publish all the same" not in text
    for action in ("publish", "reject", "again"):
        assert client.post(act(edition, action), {"reason": "Because."}).status_code == 403
    edition.refresh_from_db()
    assert edition.status == Edition.Status.LOADED
    assert not Run.objects.exists()


def test_the_page_says_what_was_found(
    admin_client: Client, edition: Edition, check: EditionCheck
) -> None:
    answer = admin_client.get(page_of(edition))
    text = answer.content.decode()
    assert "no-store" in answer["Cache-Control"]
    assert "Saint-&lt;Élie&gt;" in text
    assert "Permanent herbaceous" in text
    assert "of-later" in text
    assert "nothing to compare" in text
    assert "The first 1 of 30." in text
    assert "Publish all the same" in text


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr", ("Publier", "Rejeter")), ("pl", ("Opublikuj", "Odrzuć"))],
)
def test_the_page_speaks_other_languages(
    admin_client: Client, edition: Edition, check: EditionCheck, language: str, words: Any
) -> None:
    text = admin_client.get(f"/{language}{page_of(edition)}").content.decode()
    for word in words:
        assert word in text


def test_it_is_published_with_a_reason(
    admin_client: Client, edition: Edition, check: EditionCheck
) -> None:
    refused = admin_client.post(act(edition, "publish"), {"reason": " "})
    assert refused.status_code == 409
    assert Edition.objects.get().status == Edition.Status.LOADED
    answer = admin_client.post(act(edition, "publish"), {"reason": "A <new> manual."}, follow=True)
    text = answer.content.decode()
    assert Edition.objects.get().status == Edition.Status.PUBLISHED
    assert "A &lt;new&gt; manual." in text
    assert "Publish all the same" not in text


def test_it_is_rejected_with_a_reason(
    admin_client: Client, edition: Edition, check: EditionCheck
) -> None:
    answer = admin_client.post(act(edition, "reject"), {"reason": "Class 6 is lost."}, follow=True)
    assert "Class 6 is lost." in answer.content.decode()
    assert Edition.objects.get().status == Edition.Status.LOADED


def test_it_is_checked_again(admin_client: Client, edition: Edition) -> None:
    assert "Not checked yet" in admin_client.get(page_of(edition)).content.decode()
    text = admin_client.post(act(edition, "again"), follow=True).content.decode()
    run = Run.objects.get(kind=Run.Kind.CHECK)
    assert f"/jobs/{run.pk}/" in text
    assert "Check now" not in text


def test_other_addresses_are_not_found(admin_client: Client, edition: Edition) -> None:
    assert admin_client.get(reverse("edition_checks", args=("nowhere",))).status_code == 404
    assert admin_client.post(act(edition, "burn")).status_code == 404
    assert admin_client.get(act(edition, "publish")).status_code == 405


def test_the_admin_shows_the_last_check(
    admin_client: Client, edition: Edition, check: EditionCheck
) -> None:
    text = admin_client.get(reverse("admin:clcplus_edition_changelist")).content.decode()
    assert f'<a href="{page_of(edition)}">not passed</a>' in text


def test_jobs_lead_to_it(admin_client: Client, edition: Edition, check: EditionCheck) -> None:
    run = Run.objects.create(kind=Run.Kind.CHECK, edition=edition)
    assert page_of(edition) in admin_client.get(f"/jobs/{run.pk}/").content.decode()
    steps = ("new", "fetch", "ingest", "check", "published", "held", "failed")
    editions = [
        {"year": 2020 + n, "source": "image-server", "step": step, "reason": "<no>"}
        for n, step in enumerate(steps)
    ]
    editions[5]["edition"] = edition.slug
    run = Run.objects.create(kind=Run.Kind.REFRESH, parameters={"editions": editions})
    text = admin_client.get(f"/jobs/{run.pk}/").content.decode()
    assert page_of(edition) in text
    assert "&lt;no&gt;" in text
    assert "waits for a person" in text
