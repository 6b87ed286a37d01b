"""Addresses of data: the same file for readers of every language."""

from __future__ import annotations

from django.urls import path

from clcplus.views import reports
from clcplus.views.downloads import shape, table
from clcplus.views.ranking_files import ranking_table

_TERRITORY = "territories/<slug:level>/<str:code>"
urlpatterns = [
    path(f"{_TERRITORY}/tables/<slug:name>.<slug:chosen>", table, name="territory_table"),
    path(f"{_TERRITORY}/shape.<slug:chosen>", shape, name="territory_shape"),
    path("reports/<uuid:id>.pdf", reports.file, name="report_file"),
    path("ranking/<slug:level>/table.<slug:chosen>", ranking_table, name="ranking_table"),
]
