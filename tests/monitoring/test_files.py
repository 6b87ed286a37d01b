"""The dashboard and the alerts of ops/monitoring: each expression names what a real scrape has."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import promql_parser
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from clcplus.monitoring import life_signs
from ops.layout import ROOT
from tests.monitoring.test_metrics import asked
from tests.security.site import Site
from tests.world import World

pytestmark = pytest.mark.django_db

FOLDER = ROOT / "ops" / "monitoring"
OF_PROMETHEUS = {"up": {"job", "instance"}}
ALWAYS = {"job", "instance"}
STATUSES = {"1xx", "2xx", "3xx", "4xx", "5xx"}


def alerts() -> list[dict[str, Any]]:
    content = yaml.safe_load((FOLDER / "alerts.yml").read_text())
    return [rule for group in content["groups"] for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((FOLDER / "dashboard.json").read_text())["panels"]
    return found


def expressions() -> Iterator[tuple[str, str]]:
    for rule in alerts():
        yield rule["alert"], rule["expr"]
    for panel in panels():
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def parts(expression: str) -> list[Any]:
    """Selectors and aggregations of an expression."""
    found: list[Any] = []
    promql_parser.walk(promql_parser.parse(expression), found.append, lambda _: None)
    return found


Known = dict[str, dict[str, set[str]]]


@pytest.fixture(scope="module")
def known(site: Site, world: World) -> Known:
    """Metrics of a scrape, with their labels and the values of these."""
    life_signs.note_schedule()
    for path in ("/", "/territories/commune/07001/", "/api/v1/nowhere/"):
        site.get(path)
    found: Known = defaultdict(lambda: defaultdict(set))
    for family in text_string_to_metric_families(asked(site.connection(), "/metrics")[1]):
        for sample in family.samples:
            found[sample.name]
            for label, value in sample.labels.items():
                found[sample.name][label].add(value)
    return found


def wrong(expression: str, known: Known) -> list[str]:
    """What an expression names that there is not."""
    found: list[str] = []
    labels: set[str] = set(ALWAYS)
    selectors = [one for one in parts(expression) if isinstance(one, promql_parser.VectorSelector)]
    for one in selectors:
        if one.name in OF_PROMETHEUS:
            continue
        if one.name not in known:
            found.append(f"metric {one.name}")
            continue
        labels |= known[one.name].keys()
        for matcher in one.matchers.matchers:
            values = known[one.name].get(matcher.name, set()) | (
                STATUSES if one.name == "clcplus_requests_total" else set()
            )
            if matcher.name not in known[one.name] | dict.fromkeys(ALWAYS):
                found.append(f"label {matcher.name} of {one.name}")
            elif not set(matcher.value.split("|")) <= values | {"clcplus"}:
                found.append(f"value {matcher.value} of {one.name}")
    for one in parts(expression):
        if isinstance(one, promql_parser.AggregateExpr) and one.modifier is not None:
            found += [f"label {name}" for name in one.modifier.labels if name not in labels]
    return found if selectors else ["no metric"]


@pytest.mark.parametrize(("name", "expression"), list(expressions()))
def test_an_expression_names_what_there_is(name: str, expression: str, known: Known) -> None:
    assert wrong(expression, known) == []


def test_what_there_is_not_is_found(known: Known) -> None:
    assert wrong("clcplus_jobss", known) == ["metric clcplus_jobss"]
    assert wrong('clcplus_jobs{zone="1"}', known) == ["label zone of clcplus_jobs"]
    assert wrong('rate(clcplus_units_total{outcome="won"}[5m])', known) == [
        "value won of clcplus_units_total"
    ]
    assert wrong("sum by (zone) (clcplus_jobs)", known) == ["label zone"]
    assert wrong("1 + 1", known) == ["no metric"]


def test_each_metric_of_the_platform_is_shown_or_watched(known: Known) -> None:
    named = " ".join(expression for _, expression in expressions())
    ours = {name for name in known if name.startswith("clcplus_")}
    assert len(ours) > 10
    assert sorted(name for name in ours if name not in named) == []


def test_alerts_say_what_is_the_matter_and_what_to_do() -> None:
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names)) > 8
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "action"}
        grouped = {
            name
            for one in parts(rule["expr"])
            if isinstance(one, promql_parser.AggregateExpr) and one.modifier is not None
            for name in one.modifier.labels
        } | {"instance"}
        told = rule["annotations"]["summary"].split("$labels.")[1:]
        assert {text.split(" ")[0] for text in told} <= grouped


def test_panels_have_their_own_place_and_one_source() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
        assert panel["datasource"]["uid"] == "${datasource}"
    assert len({panel["id"] for panel in panels()}) == len(panels()) > 8


def test_the_example_scrapes_what_there_is() -> None:
    content = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    (job,) = content["scrape_configs"]
    assert job["job_name"] == "clcplus"
    assert job["metrics_path"] == "/metrics"
    assert all((FOLDER / name).is_file() for name in content["rule_files"])
