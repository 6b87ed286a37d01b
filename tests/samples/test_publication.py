"""Publication: estimates of the territory, what is refused, withdrawal."""

from __future__ import annotations

import numpy as np
import pytest
from django.contrib.gis.geos import MultiPolygon, Polygon

from analytics.errors import SampleError
from clcplus.actions.samples import estimates, publication, sample_rows
from clcplus.actions.samples.labels import Seen, store_labels
from clcplus.errors import WrongState
from clcplus.models import AreaEstimate, PointLabel, Publication, Zone
from tests.region import Region
from tests.samples.world import drawn, label_all, place_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quiet_broker")]


def naive(values: list[float], strata: list[int], sizes: list[int]) -> tuple[float, float]:
    """Total and standard error, in square metres, with Python's own numbers."""
    total = variance = 0.0
    for place, size in enumerate(sizes):
        of_one = [v for v, s in zip(values, strata, strict=True) if s == place]
        n, mean = len(of_one), sum(of_one) / len(of_one)
        spread = sum((v - mean) ** 2 for v in of_one) / (n - 1)
        total += size * mean
        variance += size**2 * (1 - n / size) * spread / n
    return total * 100, variance**0.5 * 100


def test_the_territory_has_its_estimates(loaded: Region) -> None:
    options = {"allocation": "proportional", "minimum": 5}
    sample = drawn(territory="region:07", points=200, options=options)
    points = list(sample.points.select_related("stratum").order_by("number"))
    # An interpreter who sees some sealed cells that the maps do not have, and the other way round.
    seen = [
        Seen(
            p.number,
            6 if p.number % 7 == 0 else p.map_earlier,
            1 if p.number % 5 == 0 else p.map_later,
        )
        for p in points
    ]
    store_labels(sample=sample, seen=seen, interpreter="anne")
    store_labels(sample=sample, seen=[Seen(1, 11, 11)], interpreter="ben")  # a second opinion
    publication.publish(sample=sample)
    sizes = [one.cells for one in sample.strata.all()]
    strata = [p.stratum.place for p in points]
    before = np.array([one.earlier == 1 for one in seen]).astype(float)
    after = np.array([one.later == 1 for one in seen]).astype(float)
    expected = {
        "sealed_before": before,
        "sealed_after": after,
        "gain": after * (1 - before),
        "loss": before * (1 - after),
        "net": after - before,
    }
    found = {row.quantity: row for row in AreaEstimate.objects.filter(zone=sample.territory)}
    assert set(found) == set(expected)
    for quantity, values in expected.items():
        value, se = naive(values.tolist(), strata, sizes)
        row = found[quantity]
        assert row.value == pytest.approx(value)
        assert row.se == pytest.approx(se)
        assert row.ci_low < value < row.ci_high
        assert row.basis == "own"
        assert row.points == 200
        assert row.sealed_points == np.count_nonzero(before + after)
    # The same cells again, told by the sums.
    assert found["net"].value == pytest.approx(found["gain"].value - found["loss"].value)


def test_a_part_has_estimates_from_the_points_in_it(loaded: Region) -> None:
    """Of the départements one has points enough; communes have too few of them."""
    sample = drawn(points=400, options={"minimum": 60})
    label_all(sample)
    publication.publish(sample=sample)
    found = {
        (row.zone.code, row.quantity): row
        for row in AreaEstimate.objects.select_related("zone__layer__level")
    }
    for code in ("0V", "1W"):
        inside = [one for one, parent in loaded.parents.items() if parent == code]
        mask = np.any([loaded.masks[one] for one in inside], axis=0)
        row = found[code, "sealed_after"]
        observed = (loaded.masked(2018) < 12) & (loaded.masked(2021) < 12)
        # The interpreter saw what the map shows, so that the estimate is what the map shows.
        sealed = np.count_nonzero((loaded.masked(2021) == 1) & mask & observed)
        assert row.value == pytest.approx(sealed * 100)
        assert row.points == sum(bool(mask[place_of(point)]) for point in sample.points.all())
        assert row.basis == "assisted"
    assert found["07", "sealed_after"].basis == "own"


def test_a_point_on_a_border_lies_east_or_south_of_it(loaded: Region) -> None:
    sample = drawn(points=60)
    point = sample.points.get(number=1)
    layer = Zone.objects.get(code="07").layer
    x, y = point.location.x, point.location.y

    def zone(code: str, *bounds: float) -> int:
        area = MultiPolygon(Polygon.from_bbox(bounds), srid=3035)
        made = Zone.objects.create(
            layer=layer, code=code, name=code, search_name=code, geometry=area, cells=1
        )
        return int(made.pk)

    north_west, north_east = zone("a", x - 9, y, x, y + 9), zone("b", x, y, x + 9, y + 9)
    south_west, south_east = zone("c", x - 9, y - 9, x, y), zone("d", x, y - 9, x + 9, y)
    for zones, expected in (
        ([north_west, north_east], -1),
        ([north_west, south_west], -1),
        ([south_east, north_east], 0),
        ([north_west, north_east, south_west, south_east], 3),
        ([north_west], -1),
    ):
        assert estimates._zones_of_points(sample, [1], zones)[0] == expected


def test_one_edition_has_one_estimate(loaded: Region) -> None:
    sample = drawn(territory="region:07", pair=False, points=80)
    seen = [Seen(p.number, None, p.map_later) for p in sample.points.all()]
    store_labels(sample=sample, seen=seen, interpreter="anne")
    publication.publish(sample=sample)
    (row,) = AreaEstimate.objects.filter(zone=sample.territory)
    mapped = np.count_nonzero(loaded.masked(2021) == 1)
    assert (row.quantity, row.value, row.se) == ("sealed_after", pytest.approx(mapped * 100), 0)


def test_a_beginning_of_the_sample_is_enough_and_a_gap_is_not(loaded: Region) -> None:
    sample = drawn(territory="region:07", points=200)
    with pytest.raises(SampleError, match="found no label"):
        publication.publish(sample=sample)
    label_all(sample, first=100)
    publication.publish(sample=sample)
    assert set(AreaEstimate.objects.filter(basis="own").values_list("points", flat=True)) == {100}
    publication.withdraw(sample=sample)
    PointLabel.objects.filter(point__number=40).delete()
    sample.refresh_from_db()
    with pytest.raises(SampleError, match="found no label of point 40, but of later ones"):
        publication.publish(sample=sample)
    sample.refresh_from_db()
    assert sample.stage == "labelling"
    assert not AreaEstimate.objects.exists()


def test_a_stratum_with_one_point_is_explained(loaded: Region) -> None:
    sample = drawn(territory="region:07", points=60, options={"minimum": 5})
    label_all(sample)
    stratum = sample.strata.get(name="gain")
    kept = sample.points.filter(stratum=stratum).first()
    others = sample.points.filter(stratum=stratum).exclude(pk=kept.pk)
    # As if all other points had been drawn elsewhere.
    others.update(stratum=sample.strata.get(name="buffer"))
    with pytest.raises(SampleError, match="stratum 'gain': found 1 point; expected 2"):
        publication.publish(sample=sample)


def test_publication_changes_the_identity_of_the_data(loaded: Region) -> None:
    sample = drawn(territory="region:07")
    label_all(sample)
    before = Publication.objects.count()
    with pytest.raises(WrongState, match="expected a published one"):
        publication.withdraw(sample=sample)
    publication.publish(sample=sample)
    publication.publish(sample=sample)
    assert Publication.objects.count() == before + 1
    sample.refresh_from_db()
    assert (sample.stage, sample.published_at is not None) == ("published", True)
    with pytest.raises(WrongState, match="Withdraw it first"):
        store_labels(sample=sample, seen=[Seen(1, 1, 1)], interpreter="anne")
    sample_rows.edit(sample=sample, name="Val", source="ortho 2021", by=None)
    publication.withdraw(sample=sample)
    sample.refresh_from_db()
    assert (sample.stage, sample.name, sample.published_at) == ("labelling", "Val", None)
    assert not AreaEstimate.objects.exists()
    assert Publication.objects.filter(event="sample").count() == 3
    publication.publish(sample=sample)
    sample_rows.delete(sample=sample, by=None)
    assert Publication.objects.filter(event="sample").count() == 5


def test_a_two_stage_sample_has_estimates_of_sealed_area_alone(loaded: Region) -> None:
    sample = drawn(
        territory="region:07", design="two-stage", points=120, options={"units": 30, "unit_km": 0.1}
    )
    label_all(sample)
    publication.publish(sample=sample)
    found = {row.quantity: row for row in AreaEstimate.objects.filter(zone=sample.territory)}
    assert set(found) == {"sealed_before", "sealed_after"}
    points = list(sample.points.all())
    cells = sample.strata.get().cells
    whole = sum(1 / p.probability for p in points)
    share = sum((p.map_later == 1) / p.probability for p in points) / whole
    sums: dict[int, float] = {}
    for p in points:
        more = ((p.map_later == 1) - share) / p.probability
        sums[p.unit] = sums.get(p.unit, 0.0) + more
    assert len(sums) == 30
    se = (30 / 29 * sum(z**2 for z in sums.values())) ** 0.5 / whole * cells * 100
    row = found["sealed_after"]
    assert row.value == pytest.approx(share * cells * 100)
    assert row.se == pytest.approx(se)
    assert (row.basis, row.method, row.points) == ("own", "two_stage", len(points))


def test_a_two_stage_sample_with_few_units_is_refused(loaded: Region) -> None:
    sample = drawn(
        territory="region:07", design="two-stage", points=40, options={"units": 8, "unit_km": 0.1}
    )
    label_all(sample)
    with pytest.raises(SampleError, match="found labelled points in 8 primary units"):
        publication.publish(sample=sample)
    assert not AreaEstimate.objects.exists()
