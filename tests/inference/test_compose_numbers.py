"""Rules of compose without a file: medians, indices, offsets, names, seasons, masks."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.grid import Window
from inference.composites import medians
from inference.composites.area import Area
from inference.composites.assets import gdal_path
from inference.composites.bands import MISSING, REFLECTANCE, band_of, resolved
from inference.composites.observation import Masking
from inference.composites.plans import make
from inference.composites.scenes import Asset, Scene, baseline_in, overpass_of, radiometry
from inference.composites.seasons import Season, check_names, parse
from inference.errors import UndatedImagery, UnknownOffset


def test_a_median_equals_numpys_without_what_is_missing() -> None:
    rng = np.random.default_rng(5)
    stack = rng.integers(-2000, 12_000, (9, 30, 40)).astype(np.int16)
    stack[rng.random(stack.shape) < 0.6] = MISSING
    values = np.where(stack == MISSING, np.nan, stack.astype(float))
    seen = (stack != MISSING).any(axis=0)
    assert not seen.all()  # ten empty cells or so, at these odds

    found, counts = medians.median(stack.copy())

    assert (counts == (stack != MISSING).sum(axis=0)).all()
    assert (found[~seen] == MISSING).all()
    assert (found[seen] == np.rint(np.nanmedian(values[:, seen], axis=0))).all()


def test_the_median_of_no_observation_is_missing() -> None:
    found, counts = medians.median(np.empty((0, 2, 3), dtype=np.int16))
    assert (found == MISSING).all()
    assert not counts.any()


def test_an_index_stays_within_one_and_is_never_missing_alone() -> None:
    first = np.array([3000, -50, -50, 0, MISSING, 800], dtype=np.int16)
    second = np.array([1000, 400, -70, 0, 400, MISSING], dtype=np.int16)
    assert medians.index(first, second).tolist() == [5000, -10_000, 0, 0, MISSING, MISSING]


def test_reflectance_is_stored_rounded_cut_and_negative_where_it_is() -> None:
    reflectance = np.array([0.12344, -0.0051, 9.0, np.nan], dtype=np.float32)
    assert medians.encode(reflectance).tolist() == [1234, -51, 32_767, MISSING]


def test_observations_are_read_back_by_band_in_strips(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(6)
    observations = rng.integers(-9, 9, (3, 2, 10, 7)).astype(np.int16)
    monkeypatch.setattr("inference.composites.medians._MEMORY", 3 * 7 * 2 * 4)  # four rows
    with closing(medians.Stack(tmp_path, 2, (10, 7))) as stack:
        for observation in observations:
            stack.add(observation)
        strips = list(stack.strips(1))
    assert [rows.stop - rows.start for rows, _ in strips] == [4, 4, 2]
    assert (np.concatenate([cells for _, cells in strips], axis=1) == observations[:, 1]).all()


@pytest.mark.parametrize(
    ("baseline", "metadata", "offset"),
    [
        ("03.01", {}, 0),
        ("04.00", {}, -0.1),
        ("N0510", {}, -0.1),
        ("05.11", {"scale": 0.0001, "offset": -0.1}, -0.1),
        ("05.11", {"scale": 0.0001, "offset": 0.0}, 0),  # the distributor took it off
        # As Earth Search lists some.
        ("05.11", {"scale": 0.0001, "offset": -0.1, "applied": True}, 0),
        ("04.00", {"applied": True}, 0),
        ("04.00", {"applied": False}, -0.1),
        ("04.00", {"scale": 0.0001, "offset": 0.0, "applied": False}, -0.1),
        # Nothing had been added.
        ("02.14", {"scale": 0.0001, "offset": -0.1, "applied": False}, 0),
        ("", {"scale": 0.0001, "offset": -0.1}, -0.1),
    ],
)
def test_the_offset_is_taken_off_once(
    baseline: str, metadata: dict[str, Any], offset: float
) -> None:
    assert radiometry(baseline, of="x", **metadata) == (0.0001, pytest.approx(offset))


def test_whoever_says_the_offset_is_believed() -> None:
    assert radiometry("05.11", of="x", offset=-0.1, forced=0) == (0.0001, 0)
    assert radiometry("", of="x", applied=True, forced=-1000) == (0.0001, pytest.approx(-0.1))


def test_an_offset_that_nothing_tells_is_not_guessed() -> None:
    with pytest.raises(UnknownOffset, match="S2X: found neither a processing baseline"):
        radiometry("", of="S2X")


def test_a_baseline_is_read_from_a_products_name() -> None:
    assert baseline_in("S2A_MSIL2A_20240601T101031_N0510_R022_T32UQA_20240601T161031") == "05.10"
    assert baseline_in("S2A_32UQA_20240601_0_L2A") == ""


def test_bands_are_known_by_all_their_names() -> None:
    assert [band_of(f"B{i}") for i in range(1, 13)] == [
        *REFLECTANCE[:8],
        "B09",
        None,
        *REFLECTANCE[10:],
    ]
    assert {name: band_of(name) for name in ("b8a", "B08A", "rededge2", "nir", "nir08", "scl")} == {
        "b8a": "B8A", "B08A": "B8A", "rededge2": "B06", "nir": "B08", "nir08": "B8A", "scl": "SCL",
    }  # fmt: skip
    assert band_of("rededge") is None  # it stood for three bands
    assert band_of("B13") is None
    assert resolved("B04_20m") == ("B04", 20)
    assert resolved("red-10m") == ("B04", 10)
    assert resolved("red-jp2") == (None, None)


def test_tiles_of_an_overpass_are_one_observation_however_they_are_named() -> None:
    day = date(2024, 6, 1)

    def overpass(*names: str) -> str:
        return overpass_of(*names, platform="sentinel-2a", day=day)

    esa = overpass("S2A_MSIL2A_20240601T101031_N0510_R022_T32UQA_20240601T161031")
    assert esa == overpass("GS2A_20240601T101031_046700_N05.10", "S2A_32UQA_20240601_0_L2A")
    assert esa != overpass("S2B_MSIL2A_20240601T101031_N0510_R022_T32UQA_20240601T161031")
    assert overpass("S2A_32UQA_20240601_0_L2A") == overpass("S2A_33UUR_20240601_1_L2A")
    assert overpass_of("a", "a.tif", day=None) == "a.tif"


def test_seasons_say_what_is_wrong_with_them() -> None:
    assert parse("dry=2024-06-01/2024-08-31") == Season("dry", date(2024, 6, 1), date(2024, 8, 31))
    for text, words in {
        "2024-06-01": "not two dates",
        "2024-06-31/2024-07-01": "not two dates",
        "2024-08-31/2024-06-01": "ends before it begins",
        "a.b=2024-06-01/2024-08-31": "no name of a season",
    }.items():
        with pytest.raises(ValueError, match=words):
            parse(text)
    summer = parse(f"a={'2024-06-01/2024-08-31'}")
    with pytest.raises(ValueError, match="one name"):
        check_names([summer, summer])
    with pytest.raises(ValueError, match="needs a name"):
        check_names([summer, parse("2024-01-01/2024-02-01")])


def test_a_season_holds_its_first_and_its_last_day_and_wants_a_date() -> None:
    summer = parse("2024-06-01/2024-08-31")
    days = [date(2024, 5, 31), date(2024, 6, 1), date(2024, 8, 31), date(2024, 9, 1)]
    assert [summer.holds(day, of="x") for day in days] == [False, True, True, False]
    assert Season().holds(None, of="x")
    with pytest.raises(UndatedImagery, match=r"x\.tif: found no date"):
        summer.holds(None, of="x.tif")


def test_the_mask_takes_cloud_shadow_cirrus_and_defects_and_leaves_the_rest() -> None:
    classes = np.arange(12, dtype=np.uint8)[None]
    clear = np.flatnonzero(Masking().clear(classes))
    assert clear.tolist() == [2, 4, 5, 6, 7, 11]
    assert np.flatnonzero(Masking(frozenset({2})).clear(classes)).tolist() == [1, *range(3, 12)]


def test_a_margin_widens_clouds_by_its_metres_and_nothing_else() -> None:
    masking = Masking(margin=20)
    window = Window(100, 100, 9, 9)
    around = masking.around(window)
    assert (around.row, around.height) == (98, 13)
    classes = np.full(around.shape, 4, dtype=np.uint8)
    classes[6, 6] = 9
    classes[2, 2] = 1  # saturated: a defect, which does not spread
    masked = ~masking.clear(classes)
    rows, columns = np.mgrid[:9, :9]
    expected = np.hypot(rows - 4, columns - 4) <= 2
    expected[0, 0] = True
    assert (masked == expected).all()


def test_a_cloud_beyond_the_window_masks_into_it() -> None:
    masking = Masking(margin=30)
    classes = np.full(masking.around(Window(0, 0, 5, 5)).shape, 4, dtype=np.uint8)
    classes[:, 1] = 8  # two cells west of the window
    masked = ~masking.clear(classes)
    # The border is three cells wide: the cloud is two cells before the first column.
    assert masked.all(axis=0).tolist() == [True, True, False, False, False]
    assert masked.any(axis=0).tolist() == [True, True, False, False, False]


def test_only_addresses_of_https_http_and_s3_are_read() -> None:
    assert gdal_path("s3://eodata/a/B04.jp2") == "/vsis3/eodata/a/B04.jp2"
    assert gdal_path("https://h/a.tif?sig=x") == "/vsicurl/https://h/a.tif?sig=x"
    for elsewhere in ("file:///etc/passwd", "/etc/passwd", "/vsizip/a.zip/b.tif", "gs://b/a.tif"):
        with pytest.raises(ValueError, match="a"):
            gdal_path(elsewhere)


def test_a_plan_is_the_same_when_its_addresses_are_signed_anew() -> None:
    def identity(signature: str, *, scale: float = 0.0001, margin: float = 0) -> str:
        asset = Asset(f"/vsicurl/https://h/B04.tif?sig={signature}", scale=scale)
        window = Window(0, 0, 10, 10)
        scene = Scene("a", date(2024, 6, 1), "a", "05.10", window, {"B04": asset})
        seasons = [(Season(), [scene])]
        masking = Masking(margin=margin)
        return make(area=Area(window), seasons=seasons, bands=None, masking=masking).identity

    assert identity("now") == identity("later")
    assert len({identity("now"), identity("now", scale=1), identity("now", margin=10)}) == 3
