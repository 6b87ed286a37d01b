"""Files that people really upload, on the command line: a result or one line, never a traceback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from pyogrio.errors import DataLayerError, DataSourceError

from analytics.__main__ import main
from tests.rasters import write_raster

pytestmark = pytest.mark.filterwarnings("ignore")


def first_layer(path: Path) -> tuple[list[str], str]:
    """Options for the first layer of a file, and its first field."""
    try:
        layer = str(pyogrio.list_layers(path)[0][0])
        fields = [str(field) for field in pyogrio.read_info(path, layer=layer)["fields"]]
    except (DataSourceError, DataLayerError, IndexError):
        return [], "id"
    return ["--layer", layer], fields[0] if fields else "id"


def test_every_upload_ends_in_a_table_or_in_one_line(
    shared_data: Path, tmp_path: Path, capfd: Any
) -> None:
    raster = str(write_raster(tmp_path / "codes.tif", np.ones((9, 9))))
    uploads = sorted(path for path in (shared_data / "uploads").rglob("*") if path.is_file())
    assert len(uploads) > 300
    output = tmp_path / "table.csv"
    done = 0
    for path in uploads:
        options, field = first_layer(path)
        arguments = ["zonal", str(path), raster, "--id-field", field, "-o", str(output), *options]
        capfd.readouterr()
        status = main(arguments)
        err = capfd.readouterr().err
        if status == 0:
            done += 1
            assert output.read_text().startswith("zone,class,cells,area_m2")
            output.unlink()
        else:
            assert status == 1, path
            assert len(err.splitlines()) == 1, f"{path}: {err}"
            assert "found " in err, path
            assert not output.exists()
    assert done > 5
