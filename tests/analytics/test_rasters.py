"""Rasters: what is refused, what is read, what is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import Affine

from analytics.errors import (
    InvalidCodes,
    OverlappingSources,
    UnreadableRaster,
    WrongBand,
    WrongGrid,
    WrongReferenceSystem,
)
from analytics.grid import Window
from analytics.nomenclature import COLOUR_TABLE
from analytics.products import valid_codes
from analytics.rasters import sources
from tests.analytics.test_reference_systems import BY_HAND
from tests.rasters import write_raster

CODES = valid_codes("clcplus", 2021)
LAND = np.array([[1, 2, 253], [6, 255, 254], [11, 10, 9]])


def test_a_fit_raster_is_placed_in_the_grid(tmp_path: Path) -> None:
    source = sources.inspect(write_raster(tmp_path / "a.tif", LAND), codes=CODES)
    assert source.window == Window(769_000, 379_000, 3, 3)
    assert source.missing == frozenset()


@pytest.mark.parametrize(
    "driver_options", [{"BIGTIFF": "YES"}, {"tiled": True, "blockxsize": 16, "blockysize": 16}]
)
def test_any_geotiff_is_read(tmp_path: Path, driver_options: dict) -> None:
    path = write_raster(tmp_path / "a.tif", np.ones((40, 50)), **driver_options)
    assert sources.inspect(path, codes=CODES).window.shape == (40, 50)


def test_a_vrt_is_read_and_its_sources_are_its_content(tmp_path: Path) -> None:
    tif = write_raster(tmp_path / "a.tif", LAND)
    vrt = tmp_path / "a.vrt"
    vrt.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="3"><SRS>EPSG:3035</SRS>'
        "<GeoTransform>3790000, 10, 0, 2310000, 0, -10</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand></VRTDataset>"
    )
    first = sources.inspect(vrt, codes=CODES)
    assert (sources.read_sources([first], first.window) == LAND).all()
    write_raster(tif, LAND[::-1])
    assert sources.inspect(vrt, codes=CODES).sha256 != first.sha256


@pytest.mark.parametrize(
    ("options", "error", "found"),
    [
        (
            {"crs": "EPSG:4326", "size": 0.001, "west": 19, "north": 50},
            WrongReferenceSystem,
            "EPSG:4326",
        ),
        ({"crs": "EPSG:32632"}, WrongReferenceSystem, "EPSG:32632"),
        ({"crs": None}, WrongReferenceSystem, "no reference system"),
        ({"size": 20}, WrongGrid, "cells of 20 by 20 m"),
        ({"west": 3_790_003}, WrongGrid, "3790003"),
        ({"dtype": "int16"}, WrongBand, "int16"),
        ({"count": 2}, WrongBand, r"2 band\(s\)"),
    ],
)
def test_what_is_not_of_the_grid_is_refused(
    tmp_path: Path, options: dict, error: type[Exception], found: str
) -> None:
    path = write_raster(tmp_path / "odd.tif", np.ones((3, 3)), **options)
    with pytest.raises(error, match=rf"odd\.tif: found .*{found}.*; expected"):
        sources.inspect(path, codes=CODES)


def test_unknown_codes_are_counted_and_refused(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "odd.tif", [[1, 12, 12], [1, 1, 77]])
    with pytest.raises(
        InvalidCodes, match=r"code 12 in 2 cells, 77 in 1 cells; expected codes 1 to 11"
    ):
        sources.inspect(path, codes=CODES)


def test_2018_has_no_sea_buffer(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", LAND)
    with pytest.raises(InvalidCodes, match=r"code 253 in 1 cells"):
        sources.inspect(path, codes=valid_codes("clcplus", 2018))


def test_an_undeclared_zero_is_refused_with_a_hint_and_accepted_with_the_option(
    tmp_path: Path,
) -> None:
    path = write_raster(tmp_path / "clip.tif", [[0, 1], [0, 6]])
    with pytest.raises(InvalidCodes, match=r"code 0 in 2 cells.*--missing 0"):
        sources.inspect(path, codes=CODES)
    source = sources.inspect(path, codes=CODES, missing=frozenset({0}))
    assert sources.read_sources([source], source.window).tolist() == [[255, 1], [255, 6]]


def test_a_declared_nodata_value_needs_no_option(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "clip.tif", [[0, 1]], nodata=0)
    source = sources.inspect(path, codes=CODES)
    assert sources.read_sources([source], source.window).tolist() == [[255, 1]]


def test_a_file_cut_in_the_middle_is_refused(tmp_path: Path) -> None:
    path = write_raster(
        tmp_path / "cut.tif", np.random.default_rng(1).integers(1, 12, (3000, 600)), compress="LZW"
    )
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(UnreadableRaster, match=r"cut\.tif: found "):
        sources.inspect(path, codes=CODES)


def test_a_broken_block_is_refused_with_its_rows(tmp_path: Path) -> None:
    path = write_raster(
        tmp_path / "broken.tif",
        np.random.default_rng(1).integers(1, 12, (3000, 600)),
        compress="DEFLATE",
    )
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 4000] = b"\0" * 4000
    path.write_bytes(bytes(content))
    with pytest.raises(UnreadableRaster, match=r"rows \d+ to \d+ unreadable"):
        sources.inspect(path, codes=CODES)


def test_what_is_no_raster_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text.tif"
    path.write_text("not a raster")
    with pytest.raises(UnreadableRaster, match=r"text\.tif"):
        sources.inspect(path, codes=CODES)


def test_sources_in_folders(tmp_path: Path) -> None:
    a = write_raster(tmp_path / "tiles" / "a.tif", LAND)
    b = write_raster(tmp_path / "tiles" / "b.TIF", LAND)
    (tmp_path / "tiles" / "readme.txt").write_text("x")
    assert sources.find_sources([tmp_path / "tiles", a]) == [a, b]
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableRaster, match=r"a folder without rasters"):
        sources.find_sources([tmp_path / "empty"])
    with pytest.raises(UnreadableRaster, match=r"found nothing"):
        sources.find_sources([tmp_path / "nowhere.tif"])


def test_sources_that_overlap_are_refused(tmp_path: Path) -> None:
    a = sources.inspect(write_raster(tmp_path / "a.tif", LAND), codes=CODES)
    b = sources.inspect(write_raster(tmp_path / "b.tif", LAND, west=3_790_020), codes=CODES)
    c = sources.inspect(write_raster(tmp_path / "c.tif", LAND, west=3_790_030), codes=CODES)
    sources.check_disjoint([a, c])
    with pytest.raises(OverlappingSources, match=r"3 cells that a.tif covers too"):
        sources.check_disjoint([a, b])


def test_a_window_over_several_sources_has_holes_only_between_them(tmp_path: Path) -> None:
    a = sources.inspect(write_raster(tmp_path / "a.tif", [[1, 2]]), codes=CODES)
    b = sources.inspect(write_raster(tmp_path / "b.tif", [[3, 4]], west=3_790_030), codes=CODES)
    window = Window(a.window.row, a.window.column - 1, 1, 7)
    assert sources.read_sources([a, b], window).tolist() == [[255, 1, 2, 255, 3, 4, 255]]


def test_a_source_that_has_gone_is_an_error_not_a_hole(tmp_path: Path) -> None:
    source = sources.inspect(write_raster(tmp_path / "a.tif", LAND), codes=CODES)
    (tmp_path / "a.tif").unlink()
    with pytest.raises(UnreadableRaster, match=r"readable when it was checked"):
        sources.read_sources([source], source.window)


def test_content_does_not_depend_on_order_or_names(tmp_path: Path) -> None:
    a = sources.inspect(write_raster(tmp_path / "a.tif", LAND), codes=CODES)
    b = sources.inspect(write_raster(tmp_path / "b.tif", LAND, west=3_790_030), codes=CODES)
    copy = tmp_path / "copy.tif"
    copy.write_bytes((tmp_path / "a.tif").read_bytes())
    again = sources.inspect(copy, codes=CODES)
    assert sources.content_hash([a, b]) == sources.content_hash([b, again])
    assert sources.content_hash([a, b]) != sources.content_hash([a])
    assert sources.content_hash([a]) != sources.content_hash([a], context=["coast"])


def test_more_threads_write_the_same_bytes(tmp_path: Path) -> None:
    codes = np.random.default_rng(2).integers(1, 12, (1600, 2100)).astype(np.uint8)
    sources.write_cog(codes, window=Window(0, 0, 1600, 2100), path=tmp_path / "a.tif")
    with rasterio.open(tmp_path / "a.tif") as dataset:
        for threads in ("1", "4"):
            path = tmp_path / f"{threads}.tif"
            sources.copy_as_cog(dataset, path, resampling="NEAREST", threads=threads)
    assert (tmp_path / "1.tif").read_bytes() == (tmp_path / "4.tif").read_bytes()


def test_a_cog_has_the_official_colours_blocks_and_overviews(tmp_path: Path) -> None:
    codes = np.random.default_rng(2).integers(1, 12, (1100, 1300)).astype(np.uint8)
    window = Window(769_000, 379_000, 1100, 1300)
    digest = sources.write_cog(codes, window=window, path=tmp_path / "a.tif")
    assert len(digest) == 64
    with rasterio.open(tmp_path / "a.tif") as dataset:
        assert dataset.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert dataset.compression.name == "zstd"
        assert dataset.block_shapes == [(512, 512)]
        assert dataset.overviews(1) == [2, 4]
        assert dataset.nodata == 255
        assert dataset.bounds[:2] == (3_790_000, 2_299_000)
        colours = dataset.colormap(1)
        assert all(colours[code][:3] == rgba[:3] for code, rgba in COLOUR_TABLE.items())
        assert (dataset.read(1) == codes).all()
    source = sources.inspect(tmp_path / "a.tif", codes=CODES)
    assert source.window == window
    assert source.sha256 == digest


def written_with_mask(path: Path, cells: np.ndarray, seen: np.ndarray, *, inside: bool) -> Path:
    with rasterio.Env(GDAL_TIFF_INTERNAL_MASK=inside):
        write_raster(path, cells)
        with rasterio.open(path, "r+") as dataset:
            dataset.write_mask(np.where(seen, 255, 0).astype("uint8"))
    return path


@pytest.mark.parametrize("inside", [True, False])
def test_cells_under_a_mask_are_missing_and_may_hold_anything(tmp_path: Path, inside: bool) -> None:
    seen = np.array([[1, 1, 0], [0, 1, 1], [1, 0, 1]], dtype=bool)
    path = written_with_mask(tmp_path / "a.tif", np.where(seen, LAND, 77), seen, inside=inside)
    source = sources.inspect(path, codes=CODES)
    found = sources.read_sources([source], source.window)
    assert (found == np.where(seen, LAND, 255)).all()


def test_opacity_is_a_mask(tmp_path: Path) -> None:
    path = write_raster(tmp_path / "a.tif", LAND, count=2, alpha="YES", photometric="MINISBLACK")
    with rasterio.open(path, "r+") as dataset:
        dataset.write(np.array([[0, 9, 255]] * 3, "uint8"), 2)
    source = sources.inspect(path, codes=CODES)
    found = sources.read_sources([source], source.window)
    assert (found == np.where([0, 1, 1], LAND, 255)).all()


def test_another_mask_is_other_content(tmp_path: Path) -> None:
    """A mask beside the file, or named by a VRT alone, is a part of what was ingested."""
    seen = np.ones((3, 3), dtype=bool)
    plain = write_raster(tmp_path / "plain.tif", LAND)
    masked = written_with_mask(tmp_path / "a.tif", LAND, seen, inside=False)
    vrt = tmp_path / "a.vrt"
    vrt.write_text(
        '<VRTDataset rasterXSize="3" rasterYSize="3"><SRS>EPSG:3035</SRS>'
        "<GeoTransform>3790000, 10, 0, 2310000, 0, -10</GeoTransform>"
        '<VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">plain.tif</SourceFilename><SourceBand>1</SourceBand>'
        "</SimpleSource></VRTRasterBand>"
        '<MaskBand><VRTRasterBand dataType="Byte"><SimpleSource>'
        '<SourceFilename relativeToVRT="1">a.tif</SourceFilename><SourceBand>mask,1</SourceBand>'
        "</SimpleSource></VRTRasterBand></MaskBand></VRTDataset>"
    )
    before = [sources.inspect(path, codes=CODES).sha256 for path in (masked, vrt, plain)]
    written_with_mask(masked, LAND, ~seen, inside=False)
    after = [sources.inspect(path, codes=CODES) for path in (masked, vrt, plain)]
    assert [new.sha256 == old for new, old in zip(after, before, strict=True)] == [
        False,
        False,
        True,
    ]
    assert (sources.read_sources([after[1]], after[1].window) == 255).all()


def test_rows_and_columns_in_any_order(tmp_path: Path) -> None:
    upright = sources.inspect(write_raster(tmp_path / "a.tif", LAND), codes=CODES)
    turned = write_raster(
        tmp_path / "b.tif", LAND[::-1, ::-1], transform=Affine(-10, 0, 3790030, 0, 10, 2309970)
    )
    source = sources.inspect(turned, codes=CODES)
    assert source.window == upright.window
    assert (sources.read_sources([source], source.window) == LAND).all()
    part = Window(source.window.row + 1, source.window.column, 2, 2)
    assert (sources.read_sources([source], part) == LAND[1:, :2]).all()


def test_the_grid_in_another_spelling(tmp_path: Path) -> None:
    fine = write_raster(tmp_path / "a.tif", LAND, crs=BY_HAND.format(easting=4321000.0))
    assert sources.inspect(fine, codes=CODES).window.shape == (3, 3)
    moved = write_raster(tmp_path / "b.tif", LAND, crs=BY_HAND.format(easting=4321001.0))
    with pytest.raises(WrongReferenceSystem, match=r"False easting 4321001 against 4321000"):
        sources.inspect(moved, codes=CODES)
