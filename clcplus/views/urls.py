"""Addresses of pages and charts, in the reader's language, and of ``files`` of data, which are the
same in every language."""

from __future__ import annotations

from django.contrib.auth.views import LogoutView
from django.urls import path

from clcplus.views.area.page import area
from clcplus.views.comparisons.file import comparison_table
from clcplus.views.comparisons.page import compare
from clcplus.views.downloads.change_cells import change_cells
from clcplus.views.downloads.charts import chart
from clcplus.views.downloads.territories import shape, table, transition_table
from clcplus.views.operation.checks import edition_checks, edition_checks_act
from clcplus.views.operation.jobs import job, job_progress, job_steer, jobs
from clcplus.views.pages import reports
from clcplus.views.pages.home import home
from clcplus.views.pages.method import editions, method
from clcplus.views.pages.search import search, suggestions
from clcplus.views.rankings.file import ranking_table
from clcplus.views.rankings.page import ranking, ranking_start
from clcplus.views.samples import files as sample_points
from clcplus.views.samples import page as sample_page
from clcplus.views.samples import planner
from clcplus.views.samples.imagery import picture as sample_picture
from clcplus.views.samples.label_page import label as sample_label
from clcplus.views.samples.list import samples
from clcplus.views.territories.embed import embed
from clcplus.views.territories.lists import level_list, territories
from clcplus.views.territories.page import territory
from clcplus.views.zones.check import pages as check
from clcplus.views.zones.files import zone_set_shapes, zone_set_table
from clcplus.views.zones.list import zone_sets
from clcplus.views.zones.page import zone_set, zone_set_act, zone_set_progress
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
    path("editions/<slug:slug>/checks/", edition_checks, name="edition_checks"),
    path(
        "editions/<slug:slug>/checks/<slug:action>/", edition_checks_act, name="edition_checks_act"
    ),
    path("method/", method, name="method"),
    path("search/", search, name="search"),
    path("search/suggestions/", suggestions, name="suggestions"),
    path("reports/<uuid:id>/", reports.report, name="report"),
    path("reports/<uuid:id>/progress/", reports.progress, name="report_progress"),
    path("zones/", zone_sets, name="zone_sets"),
    path("zones/new/", zone_set_new, name="zone_set_new"),
    path("zones/<uuid:id>/outlines/", check.outlines, name="zone_set_outlines"),
    path("zones/<uuid:id>/answer/", check.answer, name="zone_set_answer"),
    path("zones/<uuid:id>/accept/", check.accept, name="zone_set_accept"),
    path("zones/<uuid:id>/discard/", check.discard, name="zone_set_discard"),
    path("zones/shared/<slug:token>/", zone_set_shared, name="zone_set_shared"),
    path("zones/<uuid:id>/", zone_set, name="zone_set"),
    path("zones/<uuid:id>/progress/", zone_set_progress, name="zone_set_progress"),
    # Of an accepted set; what is done with an upload before has addresses of its own, above.
    path("zones/<uuid:id>/<slug:action>/", zone_set_act, name="zone_set_act"),
    path("samples/", samples, name="samples"),
    path("samples/new/", planner.new, name="sample_new"),
    path("samples/new/plan/", planner.planned, name="sample_plan"),
    path("samples/<uuid:id>/", sample_page.sample, name="reference_sample"),
    path("samples/<uuid:id>/progress/", sample_page.progress, name="sample_progress"),
    path("samples/<uuid:id>/label/", sample_label, name="sample_label"),
    path("samples/<uuid:id>/import/", sample_page.import_file, name="sample_import"),
    path("samples/<uuid:id>/<slug:action>/", sample_page.act, name="sample_act"),
    # POST alone, with a token: no link of another site signs anybody out.
    path("sign-out/", LogoutView.as_view(next_page="home"), name="sign_out"),
    path("jobs/", jobs, name="jobs"),
    path("jobs/<uuid:id>/", job, name="job"),
    path("jobs/<uuid:id>/progress/", job_progress, name="job_progress"),
    path("jobs/<uuid:id>/<slug:action>/", job_steer, name="job_steer"),
]
files = [
    path(f"{_TERRITORY}/tables/<slug:name>.<slug:chosen>", table, name="territory_table"),
    path(f"{_TERRITORY}/transitions.<slug:chosen>", transition_table, name="territory_transitions"),
    path(f"{_TERRITORY}/cells.png", change_cells, name="territory_cells"),
    path("compare/table.<slug:chosen>", comparison_table, name="compare_table"),
    path(f"{_TERRITORY}/shape.<slug:chosen>", shape, name="territory_shape"),
    path("reports/<uuid:id>.pdf", reports.file, name="report_file"),
    path("zones/<uuid:id>/tables/<slug:name>.<slug:chosen>", zone_set_table, name="zone_set_table"),
    path("zones/<uuid:id>/shapes.<slug:chosen>", zone_set_shapes, name="zone_set_shapes"),
    path("samples/<uuid:id>/labels.csv", sample_points.labels, name="sample_labels_file"),
    path("samples/<uuid:id>/points.<slug:chosen>", sample_points.points, name="sample_points"),
    path(
        "samples/<uuid:id>/points/<int:number>/<slug:date>.png",
        sample_picture,
        name="sample_picture",
    ),
    path("ranking/<slug:level>/table.<slug:chosen>", ranking_table, name="ranking_table"),
]
