"""The WSGI application. The server's first process loads it, and forks the workers: they share the
memory of what is imported here, and no reader waits for it.
"""

from __future__ import annotations

import gc
import os

import django
from django.conf import settings
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clcplus.settings")
django.setup(set_prefix=False)

# Models and views can be imported from here on.
from clcplus.database import write_side  # noqa: E402
from clcplus.http.bodies import Application, read_to_their_end  # noqa: E402
from clcplus.http.request_text import Handler  # noqa: E402
from clcplus.monitoring import shared_counts, traces  # noqa: E402
from clcplus.snapshots.release import release  # noqa: E402

write_side.limit_web_process()
shared_counts.begin()
traces.begin_web()
application: Application = Handler()
if settings.REST_FRAMEWORK["NUM_PROXIES"]:
    application = read_to_their_end(application)

# Named once for all workers, by the files that this process has just imported.
release()
# Views and addresses are imported at the first request otherwise.
get_resolver().url_patterns  # noqa: B018
# What has been imported lives as long as the process: the collector need not look through it. A
# page makes thousands of short-lived objects and hardly a cycle.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
