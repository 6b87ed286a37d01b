"""What Celery tells and asks: the id of each message, the form of log lines, signs of life."""

from __future__ import annotations

import logging.config
from typing import Any

from celery import Celery, bootsteps, signals
from django.conf import settings

from clcplus.monitoring import life_signs, request_ids


@signals.setup_logging.connect
def _set_up_logging(**_: Any) -> None:
    """Log lines of workers and of the schedule have the form of all others."""
    logging.config.dictConfig(settings.LOGGING)


@signals.before_task_publish.connect
def _send_id(headers: dict[str, Any], **_: Any) -> None:
    headers[request_ids.NAME] = request_ids.accepted(request_ids.current())


@signals.task_prerun.connect
def _take_id(task: Any, **_: Any) -> None:
    # Whoever can write to the broker could send anything: it is checked as that of a request is.
    request_ids.begin(getattr(task.request, request_ids.NAME, None))


signals.task_postrun.connect(request_ids.end)


class LifeSigns(bootsteps.StartStopStep):
    """Notes that the worker is alive, from the loop that takes its messages."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self.entry: Any = None

    def start(self, parent: Any) -> None:
        name, queues = parent.hostname, sorted(parent.app.amqp.queues.consume_from)
        life_signs.note_worker(name, queues)
        self.entry = parent.timer.call_repeatedly(
            life_signs.EVERY_SECONDS, life_signs.note_worker, (name, queues)
        )

    def stop(self, parent: Any) -> None:
        if self.entry is not None:
            self.entry.cancel()
            self.entry = None


def connect(app: Celery) -> None:
    """Have workers of an application give signs of life."""
    app.steps["consumer"].add(LifeSigns)
