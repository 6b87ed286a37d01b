"""What can go wrong in the engine. An error says what was found, what was expected, what to do."""

from __future__ import annotations


class ExplainedError(Exception):
    """An error whose text is one line for a person: what was found, expected, and to be done."""

    def __init__(self, subject: str, *, found: str, expected: str, hint: str = "") -> None:
        self.subject = subject
        self.found = found
        self.expected = expected
        self.hint = hint
        text = f"{subject}: found {found}; expected {expected}"
        super().__init__(f"{text}. {hint}" if hint else text)


class AnalyticsError(ExplainedError):
    """Base of all errors of the engine."""


class RasterError(AnalyticsError):
    """A raster that cannot be used as it is."""


class UnreadableRaster(RasterError):
    """A file, or a block of it, that cannot be read."""


class WrongReferenceSystem(RasterError):
    """A raster or layer in another reference system than the work needs."""


class WrongGrid(RasterError):
    """A raster whose cells are not those of the grid."""


class WrongBand(RasterError):
    """A raster with another number or type of bands."""


class InvalidCodes(RasterError):
    """A raster that holds codes which its nomenclature does not have."""


class OverlappingSources(RasterError):
    """Two source files of one edition that cover the same cells."""


class ZoneError(AnalyticsError):
    """A zone or a layer of zones that cannot be used as it is."""


class UnreadableLayer(ZoneError):
    """A vector file that cannot be read, or has no usable layer."""


class MissingField(ZoneError):
    """An attribute that the layer does not have."""


class DuplicateCode(ZoneError):
    """Two zones of a layer with one code."""


class InvalidGeometry(ZoneError):
    """A geometry that cannot be repaired, or is not an area."""


class StoreError(AnalyticsError):
    """The store of rasters could not be read or written."""


class LabelError(AnalyticsError):
    """Labels of a sample that do not fit it."""


class UnwritableFile(AnalyticsError):
    """A file that cannot be written."""


class UnsafeFolder(AnalyticsError):
    """A folder from which code would be loaded, and which another account can write to."""


class UnreadableTable(AnalyticsError):
    """A file of text that is no table, or lacks a column."""


class SampleError(AnalyticsError):
    """A sample that cannot be planned or drawn as asked, or from which nothing can be
    estimated."""
