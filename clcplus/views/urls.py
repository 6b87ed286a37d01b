"""Addresses of the pages."""

from __future__ import annotations

from django.urls import path

from clcplus.views.chart_files import chart
from clcplus.views.compare import compare
from clcplus.views.downloads import shape, table
from clcplus.views.editions import editions
from clcplus.views.embed import embed
from clcplus.views.home import home
from clcplus.views.jobs import job, job_progress, jobs
from clcplus.views.method import method
from clcplus.views.ranking import ranking, ranking_start
from clcplus.views.search import search
from clcplus.views.territories import level_list, territories
from clcplus.views.territory import territory

_TERRITORY = "territories/<slug:level>/<str:code>"
urlpatterns = [
    path("", home, name="home"),
    path("territories/", territories, name="territories"),
    path("territories/<slug:level>/", level_list, name="level"),
    path(f"{_TERRITORY}/", territory, name="territory"),
    path(f"{_TERRITORY}/tables/<slug:name>.<slug:chosen>", table, name="territory_table"),
    path(f"{_TERRITORY}/charts/<slug:name>.<slug:chosen>", chart, name="territory_chart"),
    path(f"{_TERRITORY}/shape.<slug:chosen>", shape, name="territory_shape"),
    path(f"embed/{_TERRITORY}/", embed, name="embed"),
    path("ranking/", ranking_start, name="ranking_start"),
    path("ranking/<slug:level>/", ranking, name="ranking"),
    path("compare/", compare, name="compare"),
    path("editions/", editions, name="editions"),
    path("method/", method, name="method"),
    path("search/", search, name="search"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<uuid:id>/", job, name="job"),
    path("jobs/<uuid:id>/progress/", job_progress, name="job_progress"),
]
