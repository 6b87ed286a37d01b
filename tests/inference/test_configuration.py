"""A configuration is read whole, or refused with the key, what was found and what is expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inference.errors import ConfigurationError
from inference.training import configuration
from inference.training.configuration import ALL_CLASSES, Areas, Configuration

ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = """
architecture = "segformer-b2"
bands = ["B02", "B03", "B04", "B08"]
window = 128
seed = 7

[[pairs]]
composite = "imagery/2023.tif"
reference = "clc/2023"
year = 2023

[[pairs]]
composite = "imagery/2021.tif"
reference = ["clc/a.tif", "clc/b.tif"]
year = 2021

[areas]
file = "communes.gpkg"
code_field = "insee"
validation_share = 0.2
buffer_m = 1000

[[labels]]
code = 1
name = "Sealed"

[[labels]]
code = 6
name = "All else"
codes = [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]

[optimisation]
batch = 4
schedule = "one-cycle"
learning_rate = 1e-3
class_weights = [2, 1]

[augmentation]
brightness = 0
"""


def read(folder: Path, text: str) -> Configuration:
    path = folder / "training.toml"
    path.write_text(text, encoding="utf-8")
    return configuration.read(path)


def test_a_whole_file(tmp_path: Path) -> None:
    found = read(tmp_path, GOOD)
    assert found.architecture == "segformer-b2"
    assert [pair.year for pair in found.pairs] == [2023, 2021]
    assert found.pairs[0].composite == tmp_path / "imagery/2023.tif"
    assert found.pairs[0].reference == (tmp_path / "clc/2023",)
    assert found.pairs[1].reference == (tmp_path / "clc/a.tif", tmp_path / "clc/b.tif")
    assert found.areas.code_field == "insee"
    assert found.areas.buffer_m == 1000.0
    assert found.labels[1].sources == tuple(range(2, 12))
    assert found.labels[0].sources == (1,)
    assert found.optimisation.class_weights == (2.0, 1.0)
    assert found.augmentation.flips
    assert not found.by_cell


def test_defaults_are_the_eleven_classes_and_b2(tmp_path: Path) -> None:
    small = '[[pairs]]\ncomposite = "c.tif"\nreference = "r.tif"\nyear = 2023\n'
    found = read(tmp_path, small + '[areas]\nfile = "a.gpkg"\n')
    assert found.architecture == "segformer-b2"
    assert found.labels == ALL_CLASSES
    assert len(found.bands) == 14
    assert found.optimisation.class_weights == ()


def test_the_example_shows_the_defaults() -> None:
    example = configuration.read(ROOT / "docs/training.toml")
    assert example == Configuration(pairs=example.pairs, areas=example.areas)
    assert example.areas == Areas(example.areas.file)


def test_tempcnn_begins_with_the_values_of_its_paper(tmp_path: Path) -> None:
    text = GOOD.replace("segformer-b2", "tempcnn").replace("window", "dates = 2\nwindow")
    text = text.replace("learning_rate = 1e-3\n", "")
    found = read(tmp_path, text)
    assert found.by_cell
    assert found.optimisation.batch == 4  # as the file says
    assert found.optimisation.learning_rate == 1e-3
    assert found.optimisation.weight_decay == 1e-6
    assert found.optimisation.epochs == 20


def test_as_json_it_names_no_folder(tmp_path: Path) -> None:
    document = json.dumps(read(tmp_path, GOOD).document())
    assert str(tmp_path) not in document
    assert '"composite": "2023.tif"' in document


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("seed = 7", "sed = 7", "an unknown key 'sed'; expected 'seed'"),
        ("batch = 4", "bacth = 4", "optimisation: found an unknown key 'bacth'; expected 'batch'"),
        ("year = 2023", "", r"pairs\[1\]: found no 'year'"),
        ("year = 2023", 'year = "2023"', r"pairs\[1\].year: found '2023'; expected a whole number"),
        ("year = 2021", "year = 21", r"pairs\[2\].year: found 21"),
        ("window = 128", "window = 100", "window: found 100; expected a multiple of 8"),
        ("window = 128", "window = 24", "window: found 24; .* at least 32"),
        ("window = 128", "window = true", "window: found True; expected a whole number"),
        ('"segformer-b2"', '"unet"', "architecture: found 'unet'; expected one of segformer"),
        ('"one-cycle"', '"linear"', "optimisation.schedule: found 'linear'; expected cosine or"),
        ("learning_rate = 1e-3", "learning_rate = 0", "optimisation.learning_rate: found 0"),
        ("learning_rate = 1e-3", "learning_rate = nan", "optimisation.learning_rate: found nan"),
        ("[2, 1]", "[2, 1, 1]", "class_weights: found 3 weights; expected one for each of 2"),
        ("[2, 1]", "[2, -1]", "class_weights: found .*; expected positive numbers"),
        ("validation_share = 0.2", "validation_share = 0.9", "validation_share: found shares"),
        ("buffer_m = 1000", "buffer_m = -1", "areas.buffer_m: found -1"),
        ("brightness = 0", "brightness = 1.5", "augmentation.brightness: found 1.5"),
        ("code = 1\n", "code = 2\n", "labels: found codes 2, 6; expected .* 1 \\(sealed\\)"),
        ("code = 6\n", "code = 254\n", r"labels\[2\].code: found 254"),
        ("[2, 3, 4, 5,", "[1, 3, 4, 5,", "labels: found the reference's codes 1, 1"),
        ("seed = 7", 'initial_weights = "x"\narchitecture = "tempcnn"', "Cannot overwrite"),
        ('bands = ["B02", "B03"', 'bands = ["B02", "B02"', "bands: found B02, B02"),
        ("seed = 7", "dates = 3", "dates: found 4 bands for 3 dates"),
        ("[[pairs]]", "[[pairs]", "training.toml: found .*; expected a TOML file"),
        ('file = "communes.gpkg"', 'test = ["A"]\nfile = "c"', "areas.training: found codes"),
        ('file = "communes.gpkg"', 'training = ["A", "A"]\nfile = "c"', "areas.training: found A"),
        ("batch = 4", "batch = 0", "optimisation.batch: found 0; expected 1 or more"),
        ('bands = ["B02", "B03", "B04", "B08"]', 'bands = "B02"', "bands: found 'B02'; .* a list"),
        ('composite = "imagery/2023.tif"', "composite = 3", r"composite: found 3; expected a path"),
        ('composite = "imagery/2023.tif"', 'composite = ""', r"composite: found ''; .* a path"),
        ('reference = "clc/2023"', "reference = []", r"reference: found .*; expected a raster or"),
        ('reference = "clc/2023"', 'reference = ["a", 3]', r"reference\[2\]: found 3; .* a path"),
        ("brightness = 0", "flips = 1", "augmentation.flips: found 1; expected true or false"),
        ("[augmentation]\nbrightness = 0", "[[augmentation]]", "augmentation: found .* a table"),
        ("year = 2021", "year = 2021-01-01", r"year: found '2021-01-01'; expected a whole number"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(ConfigurationError, match=said) as caught:
        read(tmp_path, GOOD.replace(before, after))
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("training.toml")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none.toml: found No such file"):
        configuration.read(tmp_path / "none.toml")


def test_imagenet_weights_are_for_the_published_networks(tmp_path: Path) -> None:
    text = GOOD.replace("segformer-b2", "segformer-small")
    with pytest.raises(ConfigurationError, match="initial_weights: found nvidia/mit-b2 for"):
        read(tmp_path, 'initial_weights = "nvidia/mit-b2"\n' + text)
