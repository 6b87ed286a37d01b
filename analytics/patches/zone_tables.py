"""Change of zones as a table: for each zone all change, and what a filter accepts."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import BinaryIO

from analytics.files import harmless_at_start
from analytics.patches.filters import RAW
from analytics.patches.zone_change import ZoneChange

COLUMNS = ("zone", "filter", "gain_cells", "loss_cells", "net_cells")


def write_table(counted: ZoneChange, file: BinaryIO, *, zones: Sequence[str], label: str) -> None:
    """Write two rows a zone, as UTF-8 with commas; ``label`` names the filter. Zones are written so
    that no spreadsheet takes a part of them for a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = zip(zones, counted.raw.tolist(), counted.accepted.tolist(), strict=True)
    for zone, raw, accepted in rows:
        for name, (gain, loss) in ((RAW, raw), (label, accepted)):
            writer.writerow((harmless_at_start(zone), name, gain, loss, gain - loss))
    text.flush()
    text.detach()
