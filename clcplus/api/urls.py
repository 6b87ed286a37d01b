"""Addresses below /api/."""

from __future__ import annotations

from django.urls import path, re_path

from clcplus.api.areas.views import StatisticsView
from clcplus.api.documentation import SchemaView, docs
from clcplus.api.editions import EditionsView
from clcplus.api.index import IndexView
from clcplus.api.jobs.views import JobView
from clcplus.api.level_shapes import LevelShapesView
from clcplus.api.levels import LevelsView
from clcplus.api.samples.views import (
    SampleLabelsView,
    SamplePointsView,
    SamplesView,
    SampleView,
)
from clcplus.api.statistics import TerritoryChangeView, TerritoryStatisticsView
from clcplus.api.tables import BulkChangeView
from clcplus.api.territories import SearchView, TerritoriesView, TerritoryView
from clcplus.api.zones.report import ZoneSetReportView
from clcplus.api.zones.views import ZoneSetsView, ZoneSetView
from clcplus.http.problems import unknown_path

app_name = "api"
_TERRITORY = "v1/territories/<str:level>/<str:code>"
urlpatterns = [
    path("v1/", IndexView.as_view(), name="index"),
    path("v1/editions/", EditionsView.as_view(), name="editions"),
    path("v1/levels/", LevelsView.as_view(), name="levels"),
    path("v1/search/", SearchView.as_view(), name="search"),
    path("v1/territories/", TerritoriesView.as_view(), name="territories"),
    path(f"{_TERRITORY}/", TerritoryView.as_view(), name="territory"),
    path(
        f"{_TERRITORY}/statistics/",
        TerritoryStatisticsView.as_view(),
        name="territory-statistics",
    ),
    path(f"{_TERRITORY}/change/", TerritoryChangeView.as_view(), name="territory-change"),
    path("v1/statistics/", StatisticsView.as_view(), name="statistics"),
    path("v1/change/", BulkChangeView.as_view(), name="change"),
    path("v1/shapes/", LevelShapesView.as_view(), name="shapes"),
    path("v1/zones/", ZoneSetsView.as_view(), name="zones"),
    path("v1/zones/<uuid:id>/", ZoneSetView.as_view(), name="zone-set"),
    path("v1/zones/<uuid:id>/report/", ZoneSetReportView.as_view(), name="zone-set-report"),
    path("v1/samples/", SamplesView.as_view(), name="samples"),
    path("v1/samples/<uuid:id>/", SampleView.as_view(), name="sample"),
    path("v1/samples/<uuid:id>/points/", SamplePointsView.as_view(), name="sample-points"),
    path("v1/samples/<uuid:id>/labels/", SampleLabelsView.as_view(), name="sample-labels"),
    path("v1/jobs/<uuid:id>/", JobView.as_view(), name="job"),
    path("v1/schema/", SchemaView.as_view(), name="schema"),
    path("v1/docs/", docs, name="docs"),
    re_path(r"", unknown_path, name="unknown"),
]
