"""The kind ``count``: the count of a layer of zones, tile by tile."""

from django.utils.translation import gettext_lazy as _

from clcplus.models import Run
from clcplus.tiled_runs import tiled

KIND = tiled(Run.Kind.COUNT, label=_("count of a layer of zones"))
