"""Addresses."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from clcplus.views import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("api/", include("clcplus.api.urls")),
    path("tiles/", include("clcplus.maps.urls")),
    path("", include("clcplus.views.urls")),
]
