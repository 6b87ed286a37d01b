"""Notices: signed, told once, and never lost while a receiver is away."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from clcplus.actions.editions import publication
from clcplus.actions.notices import delivery, webhook
from clcplus.actions.notices.announcement import announce
from clcplus.jobs import kinds, runner
from clcplus.models import Edition, Notice, Run
from tests.actions.mail_server import mail_server
from tests.sources.misbehaviour import Reply, Request, Served, served

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]
SECRET = b"a secret of the operators"


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
def receiver(tmp_path: Path) -> Iterator[Served]:
    """A server that takes notices."""
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET + b"\n")
    with (
        served(lambda request: Reply(status=204)) as server,
        override_settings(
            NOTIFY_WEBHOOK=f"{server.url}/notices?from=clcplus",
            NOTIFY_SECRET_FILE=secret,
            SOURCE_HOSTS=(server.host,),
            SITE_URL="https://sealing.example",
        ),
    ):
        yield server


def due(notice: Notice) -> None:
    """Let the time of a notice come."""
    Notice.objects.filter(pk=notice.pk).update(due_at=timezone.now() - timedelta(seconds=1))


def tried(notice: Notice) -> Notice:
    """A notice after the schedule has taken it up, if it was due."""
    kind = kinds.find("notify")
    for job in kind.records.open_jobs(quiet_since=None):
        runner.handle_work("notify", job)
    notice.refresh_from_db()
    return notice


def verified(request: Request) -> dict[str, Any]:
    """The content of a request, checked as a receiver does."""
    stamp, signature = (
        part.partition("=")[2] for part in request.headers["clcplus-signature"].split(",")
    )
    signed = stamp.encode() + b"." + request.body
    assert signature == hmac.new(SECRET, signed, hashlib.sha256).hexdigest()
    assert abs(time.time() - int(stamp)) < 60
    found: dict[str, Any] = json.loads(request.body)
    assert request.headers["clcplus-event-id"] == found["id"]
    return found


def test_a_publication_is_told_with_a_signature(receiver: Served, edition: Edition) -> None:
    publication.publish_edition(slug=edition.slug)
    publication.publish_edition(slug=edition.slug)
    notice = tried(Notice.objects.get())
    assert notice.state == Notice.State.SENT
    (request,) = receiver.requests
    assert (request.method, request.path, request.query) == (
        "POST",
        "/notices",
        {"from": "clcplus"},
    )
    content = verified(request)
    assert content["event"] == request.headers["clcplus-event"] == "edition.published"
    assert content["edition"]["slug"] == "clcplus-2023"
    assert content["page"] == "https://sealing.example/editions/clcplus-2023/checks/"


def test_a_changed_body_or_time_has_another_signature() -> None:
    one = webhook.sign(b"{}", stamp=1, secret=SECRET)
    assert one != webhook.sign(b"{ }", stamp=1, secret=SECRET)
    assert one != webhook.sign(b"{}", stamp=2, secret=SECRET)
    assert one != webhook.sign(b"{}", stamp=1, secret=b"another")
    assert len(one) == 64


@pytest.mark.parametrize("fault", [500, 404, 401, 302])
def test_a_receiver_that_does_not_take_it_gets_it_later(
    receiver: Served, edition: Edition, fault: int
) -> None:
    receiver.faults = [Reply(status=fault, headers={"Location": "/elsewhere"})] * 2
    publication.publish_edition(slug=edition.slug)
    notice = Notice.objects.get()
    for tries in (1, 2):
        tried(notice)
        assert (notice.state, notice.tries, notice.attempts) == (Notice.State.QUEUED, tries, 0)
        assert str(fault) in notice.error or "redirect" in notice.error
        # Before its time nobody sends it again.
        assert tried(notice).tries == tries
        due(notice)
    assert tried(notice).state == Notice.State.SENT
    assert len(receiver.requests) == 3
    assert len({verified(request)["id"] for request in receiver.requests}) == 1


def test_an_outage_of_days_loses_nothing(edition: Edition, receiver: Served) -> None:
    publication.publish_edition(slug=edition.slug)
    notice = Notice.objects.get()
    with override_settings(NOTIFY_WEBHOOK="http://127.0.0.1:1/", SOURCE_HOSTS=("127.0.0.1:1",)):
        for _ in range(12):
            tried(notice)
            due(notice)
    assert (notice.state, notice.tries) == (Notice.State.QUEUED, 12)
    assert tried(notice).state == Notice.State.SENT
    verified(receiver.requests[0])


def test_a_receiver_that_is_gone_for_a_week_is_given_up(edition: Edition, receiver: Served) -> None:
    publication.publish_edition(slug=edition.slug)
    notice = Notice.objects.get()
    Notice.objects.update(created_at=timezone.now() - delivery.GIVEN_UP_AFTER)
    receiver.faults = [Reply(status=500)]
    assert tried(notice).state == Notice.State.FAILED
    assert "500" in notice.error


def test_pauses_grow_to_hours() -> None:
    pauses = [delivery.pause_after(n) for n in range(1, 40)]
    assert pauses[0] == timedelta(minutes=1)
    assert pauses[2] == timedelta(minutes=4)
    assert sorted(pauses) == pauses
    assert pauses[-1] == delivery.LONGEST_PAUSE
    # All tries of a week fit into the column that counts them.
    assert len(pauses) < 100


def test_a_private_address_is_not_asked(edition: Edition, receiver: Served) -> None:
    publication.publish_edition(slug=edition.slug)
    with override_settings(SOURCE_HOSTS=()):
        notice = tried(Notice.objects.get())
    assert notice.state == Notice.State.QUEUED
    assert "https address of a public host" in notice.error
    assert not receiver.requests


@pytest.mark.parametrize("content", [None, b" \n"])
def test_nothing_is_sent_without_a_secret(
    edition: Edition, receiver: Served, tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "other"
    if content is not None:
        path.write_bytes(content)
    publication.publish_edition(slug=edition.slug)
    with override_settings(NOTIFY_SECRET_FILE=path):
        notice = tried(Notice.objects.get())
    assert notice.state == Notice.State.QUEUED
    assert "NOTIFY_SECRET_FILE" in notice.error
    assert not receiver.requests


def test_what_is_taken_back_is_not_told(edition: Edition, receiver: Served) -> None:
    with transaction.atomic():
        publication.publish_edition(slug=edition.slug)
        assert Notice.objects.exists()
        transaction.set_rollback(True)
    assert not Notice.objects.exists()


def test_without_a_channel_nothing_is_stored(edition: Edition) -> None:
    publication.publish_edition(slug=edition.slug)
    assert not Notice.objects.exists()


@override_settings(NOTIFY_MAIL=("one@sealing.example", "two@sealing.example"))
def test_a_mail_is_one_mail_to_all(edition: Edition, mailoutbox: list[Any]) -> None:
    Edition.objects.update(product_name="CLC+\nBcc: somebody@else.example")
    run = Run.objects.create(kind=Run.Kind.REFRESH)
    edition.refresh_from_db()
    announce(Notice.Event.HELD, edition=edition, run=run, message="It waits.")
    notice = tried(Notice.objects.get())
    assert notice.state == Notice.State.SENT
    (mail,) = mailoutbox
    assert mail.to == ["one@sealing.example", "two@sealing.example"]
    assert "\n" not in mail.subject
    assert str(notice.event_id) in mail.body
    assert mail.extra_headers["Message-ID"].startswith(f"<{notice.event_id}@")


@override_settings(NOTIFY_MAIL=("one@sealing.example",))
def test_a_mail_server_that_is_away_or_refuses_gets_it_later(edition: Edition) -> None:
    publication.publish_edition(slug=edition.slug)
    notice = Notice.objects.get()
    by_network = {"EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend"}
    # Nobody listens at this port.
    with override_settings(**by_network, EMAIL_HOST="127.0.0.1", EMAIL_PORT=1):
        tried(notice)
    assert (notice.state, notice.tries) == (Notice.State.QUEUED, 1)
    assert "refused" in notice.error
    with (
        mail_server() as server,
        override_settings(**by_network, EMAIL_HOST="127.0.0.1", EMAIL_PORT=server.port),
    ):
        server.answer = b"451 greylisted"
        due(notice)
        assert "greylisted" in tried(notice).error
        assert notice.state == Notice.State.QUEUED
        server.answer = b"250 taken"
        due(notice)
        assert tried(notice).state == Notice.State.SENT
    assert server.recipients == [b"<one@sealing.example>"] * 2
    assert all(str(notice.event_id).encode() in message for message in server.messages)
    assert b"CLC+ Backbone 2023 is published." in server.messages[-1]


def test_each_channel_is_told_for_itself(
    receiver: Served, edition: Edition, mailoutbox: list[Any]
) -> None:
    receiver.faults = [Reply(status=500)]
    with override_settings(NOTIFY_MAIL=("one@sealing.example",)):
        publication.publish_edition(slug=edition.slug)
        for notice in Notice.objects.all():
            tried(notice)
        assert len(mailoutbox) == 1
        assert dict(Notice.objects.values_list("channel", "state")) == {
            "mail": "sent",
            "webhook": "queued",
        }
        assert len(set(Notice.objects.values_list("event_id", flat=True))) == 1
