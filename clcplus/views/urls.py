"""Addresses of the pages, and of charts: what is in the reader's language."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from clcplus.views import reports
from clcplus.views.area.page import area
from clcplus.views.chart_files import chart
from clcplus.views.compare import compare
from clcplus.views.editions import editions
from clcplus.views.embed import embed
from clcplus.views.home import home
from clcplus.views.jobs import job, job_progress, job_steer, jobs
from clcplus.views.method import method
from clcplus.views.ranking import ranking, ranking_start
from clcplus.views.search import search, suggestions
from clcplus.views.territories import level_list, territories
from clcplus.views.territory import territory
from clcplus.views.zones import checking_pages
from clcplus.views.zones.actions import zone_set_act
from clcplus.views.zones.list import zone_sets
from clcplus.views.zones.page import zone_set, zone_set_progress
from clcplus.views.zones.share_links import zone_set_shared
from clcplus.views.zones.upload import new as zone_set_new

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
    path("area/", area, name="area"),
    path("compare/", compare, name="compare"),
    path("editions/", editions, name="editions"),
    path("method/", method, name="method"),
    path("search/", search, name="search"),
    path("search/suggestions/", suggestions, name="suggestions"),
    path("reports/<uuid:id>/", reports.report, name="report"),
    path("reports/<uuid:id>/progress/", reports.progress, name="report_progress"),
    path("zones/", zone_sets, name="zone_sets"),
    path("zones/new/", zone_set_new, name="zone_set_new"),
    path("zones/<uuid:id>/outlines/", checking_pages.outlines, name="zone_set_outlines"),
    path("zones/<uuid:id>/answer/", checking_pages.answer, name="zone_set_answer"),
    path("zones/<uuid:id>/accept/", checking_pages.accept, name="zone_set_accept"),
    path("zones/<uuid:id>/discard/", checking_pages.discard, name="zone_set_discard"),
    path("zones/shared/<slug:token>/", zone_set_shared, name="zone_set_shared"),
    path("zones/<uuid:id>/", zone_set, name="zone_set"),
    path("zones/<uuid:id>/progress/", zone_set_progress, name="zone_set_progress"),
    # Of an accepted set; what is done with an upload before has addresses of its own, above.
    path("zones/<uuid:id>/<slug:action>/", zone_set_act, name="zone_set_act"),
    # POST alone, with a token: no link of another site signs anybody out.
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<uuid:id>/", job, name="job"),
    path("jobs/<uuid:id>/progress/", job_progress, name="job_progress"),
    path("jobs/<uuid:id>/<slug:action>/", job_steer, name="job_steer"),
]
