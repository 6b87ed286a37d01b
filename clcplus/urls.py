"""Addresses."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from clcplus import login
from clcplus.views import urls as pages
from clcplus.views.operation import health
from clcplus.views.operation.metrics import metrics
from clcplus.views.operation.security_txt import security_txt

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    # In front of the administration's own, which lets an old password be guessed.
    path("admin/password_change/", admin.site.admin_view(login.change_password, cacheable=True)),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("admin/", admin.site.urls),
    path("api/", include("clcplus.api.urls")),
    path("tiles/", include("clcplus.maps.urls")),
    # One address for all languages: data, and the administration, which is in English.
    *pages.files,
    *i18n_patterns(*pages.urlpatterns, prefix_default_language=False),
]
