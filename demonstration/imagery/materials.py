"""Reflectance of pure materials in the twelve bands of L2A, in summer.

Round figures within the ranges that spectral libraries and field campaigns give; they stand for no
single measurement. Order of bands: `inference.composites.bands.REFLECTANCE`.
"""

import numpy as np
import numpy.typing as npt

BAND_COUNT = 12

# Rows of `SPECTRA`, for the kernels: numba keeps whole numbers as constants.
ASPHALT, CONCRETE, TILES, SLATE, LIGHT_ROOF, GRAVEL = 0, 1, 2, 3, 4, 5
DRY_SOIL, MOIST_SOIL, STUBBLE, GREEN_CROP, TURF, DRY_GRASS = 6, 7, 8, 9, 10, 11
BROADLEAF, NEEDLES, EVERGREEN_LEAF, SHRUBS, LICHENS = 12, 13, 14, 15, 16
ROCK, SAND, CLEAR_WATER, TURBID_WATER, SNOW_COVER = 17, 18, 19, 20, 21

# fmt: off
SPECTRA: npt.NDArray[np.float32] = np.array((
    # B01   B02   B03   B04   B05   B06   B07   B08   B8A   B09   B11   B12
    (.075, .085, .095, .105, .110, .115, .120, .125, .130, .130, .150, .140),  # asphalt
    (.150, .170, .195, .215, .225, .232, .240, .248, .255, .250, .285, .265),  # concrete
    (.060, .070, .095, .165, .190, .205, .220, .230, .245, .240, .305, .285),  # tiles
    (.070, .075, .080, .085, .088, .091, .095, .100, .105, .105, .120, .115),  # slate
    (.290, .330, .350, .360, .365, .368, .370, .372, .375, .360, .350, .310),  # light roof
    (.110, .125, .150, .175, .185, .192, .200, .208, .215, .215, .255, .240),  # gravel
    (.070, .085, .120, .160, .180, .195, .210, .225, .245, .245, .330, .290),  # dry soil
    (.045, .055, .075, .098, .110, .122, .132, .142, .155, .155, .200, .165),  # moist soil
    (.060, .075, .110, .150, .180, .210, .225, .240, .260, .260, .340, .260),  # stubble
    (.025, .032, .060, .038, .095, .290, .380, .420, .440, .440, .210, .110),  # green crop
    (.030, .040, .070, .055, .115, .250, .300, .330, .350, .350, .240, .140),  # grass
    (.050, .062, .095, .110, .150, .205, .230, .250, .275, .275, .310, .210),  # dry grass
    (.020, .026, .048, .030, .080, .250, .330, .360, .385, .380, .180, .085),  # broadleaf
    (.016, .020, .032, .024, .050, .130, .165, .185, .200, .200, .095, .045),  # needles
    (.022, .028, .045, .036, .075, .185, .235, .265, .285, .285, .150, .075),  # evergreen
    (.028, .036, .056, .055, .095, .180, .215, .240, .260, .260, .200, .120),  # shrubs
    (.060, .075, .095, .110, .130, .165, .185, .200, .220, .220, .260, .190),  # lichens
    (.105, .120, .145, .165, .175, .183, .190, .197, .205, .205, .235, .215),  # rock
    (.140, .170, .220, .265, .285, .300, .312, .325, .340, .340, .400, .360),  # sand
    (.030, .035, .032, .020, .015, .010, .009, .008, .007, .006, .004, .003),  # water
    (.050, .065, .080, .060, .050, .030, .028, .022, .018, .015, .006, .004),  # turbid water
    (.800, .820, .800, .780, .770, .760, .750, .740, .720, .680, .100, .080),  # snow
), dtype=np.float32)
# fmt: on
"""(materials, bands)."""
