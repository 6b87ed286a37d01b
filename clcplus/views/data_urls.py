"""Addresses of data: the same file for readers of every language."""

from __future__ import annotations

from django.urls import path

from clcplus.views import reports
from clcplus.views.comparison_files import comparison_table
from clcplus.views.downloads import shape, table
from clcplus.views.ranking_files import ranking_table
from clcplus.views.transition_files import transition_table
from clcplus.views.zones.files import zone_set_shapes, zone_set_table

_TERRITORY = "territories/<slug:level>/<str:code>"
urlpatterns = [
    path(f"{_TERRITORY}/tables/<slug:name>.<slug:chosen>", table, name="territory_table"),
    path(f"{_TERRITORY}/transitions.<slug:chosen>", transition_table, name="territory_transitions"),
    path("compare/table.<slug:chosen>", comparison_table, name="compare_table"),
    path(f"{_TERRITORY}/shape.<slug:chosen>", shape, name="territory_shape"),
    path("reports/<uuid:id>.pdf", reports.file, name="report_file"),
    path("zones/<uuid:id>/tables/<slug:name>.<slug:chosen>", zone_set_table, name="zone_set_table"),
    path("zones/<uuid:id>/shapes.<slug:chosen>", zone_set_shapes, name="zone_set_shapes"),
    path("ranking/<slug:level>/table.<slug:chosen>", ranking_table, name="ranking_table"),
]
