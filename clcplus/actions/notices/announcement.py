"""Announcements: each is stored in the transaction of what it tells, so that none is lost."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from clcplus.jobs import queue
from clcplus.models import Edition, Notice, Run

KIND = "notify"
"""The kind of job that sends a notice."""


def channels() -> list[Notice.Channel]:
    """The channels that are configured."""
    found = []
    if settings.NOTIFY_MAIL:
        found.append(Notice.Channel.MAIL)
    if settings.NOTIFY_WEBHOOK:
        found.append(Notice.Channel.WEBHOOK)
    return found


def announce(
    event: Notice.Event,
    *,
    edition: Edition | None = None,
    run: Run | None = None,
    message: str = "",
    **details: Any,
) -> None:
    """Tell the operators of an event, through each channel; part of the open transaction."""
    event_id = uuid.uuid4()
    content = {
        "id": str(event_id),
        "event": str(event),
        "at": timezone.now().isoformat(timespec="seconds"),
        "message": message,
        "page": _page(edition, run),
        **details,
    }
    if edition is not None:
        content["edition"] = {
            "slug": edition.slug,
            "name": str(edition),
            "product": edition.product,
            "year": edition.year,
            "version": edition.version,
            "origin": edition.origin,
        }
    if run is not None:
        content["run"] = str(run.pk)
    for channel in channels():
        notice = Notice.objects.create(
            event_id=event_id,
            event=event,
            channel=channel,
            edition=edition,
            run=run,
            content=content,
        )
        queue.send_waiting(KIND, notice.pk)


def _page(edition: Edition | None, run: Run | None) -> str:
    """Where to read on; without the site's address where none is configured."""
    if edition is not None:
        return f"{settings.SITE_URL}{reverse('edition_checks', args=(edition.slug,))}"
    return f"{settings.SITE_URL}{reverse('job', args=(run.pk,))}" if run is not None else ""
