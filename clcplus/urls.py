"""Addresses."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from clcplus import login
from clcplus.views import health
from clcplus.views.security_txt import security_txt

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # In front of the administration's own, which lets an old password be guessed.
    path("admin/password_change/", admin.site.admin_view(login.change_password, cacheable=True)),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    path("admin/", admin.site.urls),
    path("api/", include("clcplus.api.urls")),
    path("tiles/", include("clcplus.maps.urls")),
    # One address for all languages: data, and the administration, which is in English.
    path("", include("clcplus.views.data_urls")),
    *i18n_patterns(path("", include("clcplus.views.urls")), prefix_default_language=False),
]
