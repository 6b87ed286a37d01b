"""Files of strangers as zones: read in a process of its own, and reported on before anything is
stored.

``confinement.read_upload`` is the way in. It has a process forked that confines itself and opens
the file (``inspection``): ``formats`` reads the layer, ``reference_systems`` moves it to EPSG:3035,
``preflight`` checks each feature. Nothing else opens an uploaded file. The answer is a
``records.Reading``: zones with a report, or a question to the uploader.
"""

from analytics.uploads.decision import accept_all_or_nothing, ledger, skip_bad_ones
from analytics.uploads.errors import LimitMet, UploadError
from analytics.uploads.formats import code_pages, dbf, dbf_encoding, foreign_formats, geoparquet
from analytics.uploads.formats.detection import WKT_START
from analytics.uploads.formats.geojson import reference_of
from analytics.uploads.formats.geopackage import check as check_geopackage
from analytics.uploads.formats.wkb import is_deep
from analytics.uploads.limits import MEGABYTE, Limits
from analytics.uploads.records import (
    Choice,
    CrsGuess,
    FeatureReport,
    Finding,
    Question,
    Reading,
    Reference,
    Report,
    Severity,
    from_json,
    to_json,
)
from analytics.uploads.texts import storable, texts_in

# `confinement` loads when it is imported: it needs GDAL and PROJ.
__all__ = [
    "MEGABYTE",
    "WKT_START",
    "Choice",
    "CrsGuess",
    "FeatureReport",
    "Finding",
    "LimitMet",
    "Limits",
    "Question",
    "Reading",
    "Reference",
    "Report",
    "Severity",
    "UploadError",
    "accept_all_or_nothing",
    "check_geopackage",
    "code_pages",
    "confinement",
    "dbf",
    "dbf_encoding",
    "foreign_formats",
    "from_json",
    "geoparquet",
    "is_deep",
    "ledger",
    "reference_of",
    "skip_bad_ones",
    "storable",
    "texts_in",
    "to_json",
]
