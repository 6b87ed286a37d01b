"""The kind ``series``: the count of series, tile by tile."""

from django.utils.translation import gettext_lazy as _

from clcplus.models import Run
from clcplus.tiled_runs import tiled

KIND = tiled(Run.Kind.SERIES, label=_("count of series"))
