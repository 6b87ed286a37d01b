"""Checks of editions on real counts: asked for at the end of each ingest, kept, decided on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.db import connection

from analytics.checks import CHECKS, Grade
from analytics.nomenclature import CODES
from clcplus.actions.checks import decisions, readings, requests
from clcplus.actions.editions import publication, registration
from clcplus.errors import UnknownEdition, WrongState
from clcplus.jobs import runner
from clcplus.models import Edition, EditionCheck, Publication, Run
from tests.rasters import write_raster
from tests.region import NORTH, WEST, Region
from tests.runs import committed, drain, register

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("loaded", "quiet_broker")]


@pytest.fixture(scope="module")
def loaded(
    region: Region,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_setup: None,
    django_db_blocker: Any,
) -> Iterator[Region]:
    """Two published editions, for all tests of the module."""
    with (
        django_db_blocker.unblock(),
        committed(region, store=tmp_path_factory.mktemp("store"), years=(2021, 2018)),
    ):
        yield region


def checked(slug: str) -> EditionCheck:
    """The check of an edition, done now."""
    run = Run.objects.filter(kind=Run.Kind.CHECK, edition__slug=slug).latest("created_at")
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    assert run.state == Run.State.SUCCEEDED, run.message
    found: EditionCheck = run.edition_check
    return found


def grades(check: EditionCheck) -> dict[str, str]:
    return {one["check"]: one["grade"] for one in check.report}


def test_a_first_edition_is_compared_with_none(loaded: Region) -> None:
    # The end of its ingest has queued the check.
    Edition.objects.update(status=Edition.Status.LOADED)
    check = checked("clcplus-2021")
    assert check.against is None
    assert set(grades(check)) == set(CHECKS)
    assert grades(check)["sums"] == grades(check)["cells"] == Grade.PASS
    assert grades(check)["coverage"] == Grade.NONE
    # Alone, it passes nothing that would let it be published by itself.
    assert check.grade == Grade.PASS
    assert not check.holds


def test_an_edition_is_compared_with_the_published_one_before(region: Region) -> None:
    drain(register(region, 2023, publish=False))
    check = checked("clcplus-2023")
    assert check.against == Edition.objects.get(slug="clcplus-2021")
    assert check.holds, grades(check)
    assert not Publication.objects.filter(subject="clcplus-2023").exists()


@pytest.mark.parametrize("years", [(2018, 2021), (2021, 2018)])
def test_what_is_read_is_what_the_oracle_counts(region: Region, years: tuple[int, int]) -> None:
    """Also where the only other edition is a later one: time then runs backwards."""
    against, edition = (Edition.objects.get(year=year) for year in years)
    if years == (2021, 2018):
        publication.withdraw_edition(slug=edition.slug)
    assert readings.last_edition(edition) == against
    found = readings.counted_edition(edition, against=against)
    assert [layer.level for layer in found.layers] == ["region", "departement", "commune"]
    communes = found.layers[-1]
    assert sorted(communes.codes) == sorted(region.zones)
    assert communes.former is not None
    assert communes.flows is not None
    for place, code in enumerate(communes.codes):
        for row, year in ((communes.cells, years[1]), (communes.former, years[0])):
            counts = {c: n for c, n in zip(CODES, row[place].tolist(), strict=True) if n}
            assert counts == region.counts(code, year)
        pairs = region.pairs(code, *years)
        flows = communes.flows
        assert flows.common[place] == sum(pairs.values())
        assert flows.kept[place] == sum(n for (a, b), n in pairs.items() if a == b)
        assert flows.before[place] == sum(n for (a, _), n in pairs.items() if a == 1)
        assert flows.after[place] == sum(n for (_, b), n in pairs.items() if b == 1)
        assert flows.gain[place] == sum(n for (a, b), n in pairs.items() if a != 1 == b)
        assert flows.loss[place] == sum(n for (a, b), n in pairs.items() if a == 1 != b)
    squares = found.squares
    assert squares is not None
    assert squares.observed.shape == (2, 2)
    assert squares.observed.sum() == communes.flows.common.sum()
    assert squares.changed.sum() == (communes.flows.gain + communes.flows.loss).sum()
    assert (squares.row, squares.column) == (7_699, 3_799)


def _ingest_codes(region: Region, codes: np.ndarray, tmp_path: Any) -> str:
    path = tmp_path / "new.tif"
    write_raster(path, codes, west=WEST, north=NORTH)
    sources = registration.check_sources(paths=[path], product="clcplus", year=2023)
    run = drain(registration.register_edition(sources=sources, product="clcplus", year=2023))
    assert run.edition is not None
    return run.edition.slug


def test_a_damaged_edition_does_not_hold(region: Region, tmp_path: Any) -> None:
    codes = region.codes[2023].copy()
    codes[codes == 6] = 7
    check = checked(_ingest_codes(region, codes, tmp_path))
    assert not check.holds
    assert grades(check)["histogram"] == Grade.FAIL
    assert grades(check)["sums"] == grades(check)["account"] == Grade.PASS
    named = next(one for one in check.report if one["check"] == "histogram")["named"]
    assert [one["code"] for one in named] == ["6"]


def test_an_edition_without_a_quarter_of_its_cells_fails_by_coverage(
    region: Region, tmp_path: Any
) -> None:
    codes = region.codes[2023].copy()
    codes[:30, 30:] = 255
    check = checked(_ingest_codes(region, codes, tmp_path))
    assert grades(check)["coverage"] == Grade.FAIL
    assert grades(check)["account"] == Grade.PASS


def test_statistics_that_were_changed_behind_its_back_fail(region: Region) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE clcplus_zonestatistics SET cells[1] = cells[1] - 3, cells[2] = cells[2] + 3"
            " WHERE edition_id = (SELECT id FROM clcplus_edition WHERE year = 2021)"
            " AND zone_id = (SELECT id FROM clcplus_zone WHERE code = '0V003')"
        )
    requests.request_check(Edition.objects.get(year=2021))
    check = checked("clcplus-2021")
    assert grades(check)["sums"] == Grade.FAIL
    assert grades(check)["account"] == Grade.FAIL
    assert grades(check)["cells"] == Grade.PASS


def test_a_check_that_waits_is_not_asked_for_twice(region: Region) -> None:
    edition = Edition.objects.get(slug="clcplus-2021")
    waiting = Run.objects.get(kind=Run.Kind.CHECK, edition=edition)
    assert requests.request_check(edition) == waiting
    checked("clcplus-2021")
    assert requests.request_check(edition) != waiting


@pytest.fixture
def admin(db: None) -> User:
    return User.objects.create_superuser("editor")


@pytest.fixture
def held(region: Region, tmp_path: Any) -> Edition:
    """An edition that its checks hold back."""
    codes = region.codes[2023].copy()
    codes[codes == 6] = 7
    slug = _ingest_codes(region, codes, tmp_path)
    checked(slug)
    return Edition.objects.get(slug=slug)


def test_a_person_publishes_it_all_the_same(held: Edition, admin: User) -> None:
    reason = "Meadows were\nmapped anew, see the manual."
    decisions.publish_all_the_same(slug=held.slug, reason=reason, by=admin)
    held.refresh_from_db()
    assert held.status == Edition.Status.PUBLISHED
    check = EditionCheck.objects.filter(edition=held).latest("at")
    assert (check.decision, check.decided_by) == ("published", admin)
    assert check.reason == "Meadows were mapped anew, see the manual."
    with pytest.raises(WrongState):
        decisions.reject(slug=held.slug, reason="too late", by=admin)


def test_a_person_rejects_it(held: Edition, admin: User) -> None:
    decisions.reject(slug=held.slug, reason="A class is lost.", by=admin)
    held.refresh_from_db()
    assert held.status == Edition.Status.LOADED
    assert EditionCheck.objects.filter(edition=held).latest("at").decision == "rejected"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 401])
def test_a_decision_needs_a_reason(held: Edition, admin: User, reason: str) -> None:
    for decide in (decisions.publish_all_the_same, decisions.reject):
        with pytest.raises(WrongState):
            decide(slug=held.slug, reason=reason, by=admin)
    held.refresh_from_db()
    assert held.status == Edition.Status.LOADED
    assert not EditionCheck.objects.exclude(decision="").exists()


def test_what_was_not_checked_cannot_be_decided_on(region: Region, admin: User) -> None:
    publication.withdraw_edition(slug="clcplus-2021")
    with pytest.raises(WrongState, match="not checked"):
        decisions.reject(slug="clcplus-2021", reason="No.", by=admin)
    with pytest.raises(UnknownEdition):
        decisions.reject(slug="clcplus-1999", reason="No.", by=admin)
