"""The admin: supervise editions, layers and runs. What changes data goes through the actions."""

from __future__ import annotations

from django.contrib import admin

# They register their models.
from clcplus.admin import checkpoints, editions, runs, tables, tokens  # noqa: F401

admin.site.site_header = "Soil sealing: administration"
admin.site.site_title = "Soil sealing"
