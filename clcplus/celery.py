"""The Celery application."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")

# They read the settings.
from clcplus.monitoring import traces, worker_signals

app = Celery("clcplus")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
worker_signals.connect(app)
traces.connect_workers()
