"""The delivery of notices. A receiver that is away loses nothing: the notice waits, and is sent
again with growing pauses. One may arrive twice; its id then is the same."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from django.utils import timezone

from clcplus.actions.notices import mail, webhook
from clcplus.jobs.kinds import Attempt
from clcplus.models import Notice
from clcplus.sources.errors import SourceError

logger = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(minutes=1)
"""After the first failure; doubled after each further one."""
LONGEST_PAUSE = timedelta(hours=6)
GIVEN_UP_AFTER = timedelta(days=7)
"""A receiver that is away for longer has been given up by its owner too."""
_DOUBLINGS = 16

_SENT_BY: Mapping[str, Callable[[Notice], None]] = {
    Notice.Channel.MAIL: mail.send,
    Notice.Channel.WEBHOOK: webhook.send,
}


def work(attempt: Attempt) -> bool:
    """Send a notice. Returns False while its receiver does not take it."""
    notice = Notice.objects.select_related("edition", "run").get(pk=attempt.number)
    try:
        _SENT_BY[notice.channel](notice)
    except (SourceError, SMTPException, OSError) as error:
        _postpone(notice, error)
        return False
    now = timezone.now()
    _move(notice, state=Notice.State.SENT, sent_at=now, tries=notice.tries + 1, error="")
    return True


def fail(number: Any, reason: str) -> None:
    """Give a notice up."""
    open_ones = Notice.objects.filter(pk=number, state=Notice.State.QUEUED)
    open_ones.update(state=Notice.State.FAILED, error=reason[:400], moved_at=timezone.now())


def pause_after(tries: int) -> timedelta:
    """The pause after so many failures."""
    return min(FIRST_PAUSE * 2 ** min(tries - 1, _DOUBLINGS), LONGEST_PAUSE)


def _postpone(notice: Notice, error: Exception) -> None:
    tries = notice.tries + 1
    reason = " ".join(str(error).split())[:400]
    logger.warning("notice %s was not taken (%s tries): %s", notice.pk, tries, reason)
    due = timezone.now() + pause_after(tries)
    if due > notice.created_at + GIVEN_UP_AFTER:
        _move(notice, state=Notice.State.FAILED, tries=tries, error=reason)
    else:
        # The worker is well: its attempt does not count.
        _move(notice, due_at=due, tries=tries, attempts=0, error=reason)


def _move(notice: Notice, **fields: Any) -> None:
    Notice.objects.filter(pk=notice.pk, state=Notice.State.QUEUED).update(
        moved_at=timezone.now(), **fields
    )
