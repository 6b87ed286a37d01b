"""Addresses of the pages, and of charts: what is in the reader's language."""

from __future__ import annotations

from django.urls import path

from clcplus.views import reports
from clcplus.views.chart_files import chart
from clcplus.views.compare import compare
from clcplus.views.editions import editions
from clcplus.views.embed import embed
from clcplus.views.home import home
from clcplus.views.jobs import job, job_progress, jobs
from clcplus.views.method import method
from clcplus.views.ranking import ranking, ranking_start
from clcplus.views.search import search, suggestions
from clcplus.views.territories import level_list, territories
from clcplus.views.territory import territory

_TERRITORY = "territories/<slug:level>/<str:code>"
urlpatterns = [
    path("", home, name="home"),
    path("territories/", territories, name="territories"),
    path("territories/<slug:level>/", level_list, name="level"),
    path(f"{_TERRITORY}/", territory, name="territory"),
    path(f"{_TERRITORY}/charts/<slug:name>.<slug:chosen>", chart, name="territory_chart"),
    path(f"{_TERRITORY}/report/", reports.ask, name="report_ask"),
    path(f"embed/{_TERRITORY}/", embed, name="embed"),
    path("ranking/", ranking_start, name="ranking_start"),
    path("ranking/<slug:level>/", ranking, name="ranking"),
    path("compare/", compare, name="compare"),
    path("editions/", editions, name="editions"),
    path("method/", method, name="method"),
    path("search/", search, name="search"),
    path("search/suggestions/", suggestions, name="suggestions"),
    path("reports/<uuid:id>/", reports.report, name="report"),
    path("reports/<uuid:id>/progress/", reports.progress, name="report_progress"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<uuid:id>/", job, name="job"),
    path("jobs/<uuid:id>/progress/", job_progress, name="job_progress"),
]
