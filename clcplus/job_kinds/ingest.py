"""The kind ``ingest``: the ingest of an edition, tile by tile."""

from django.utils.translation import gettext_lazy as _

from clcplus.models import Run
from clcplus.tiled_runs import tiled

KIND = tiled(Run.Kind.INGEST, label=_("ingest of an edition"))
