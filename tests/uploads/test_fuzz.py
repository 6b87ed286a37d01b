"""Some hundred damaged inputs of all formats; ``python -m tests.uploads.fuzz`` reads thousands."""

from __future__ import annotations

from pathlib import Path

import pytest

from analytics.uploads.confinement import fork_client
from analytics.uploads.formats.detection import Format, format_of
from tests.uploads import fuzz

SEED = 5


def test_damaged_inputs_end_in_a_reading_or_in_words() -> None:
    tally = fuzz.run(inputs=150, seconds=120, seed=SEED, keep=None)
    assert (tally.dead, tally.left_behind) == ([], [])
    assert tally.inputs == 150
    # Of all formats, and damaged now more and now less.
    assert tally.outcomes["read"] > 10
    assert tally.outcomes["unreadable-layer"] > 10
    assert len(tally.outcomes) >= 10


def test_a_reader_that_dies_is_noticed_and_its_input_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(folder: Path, *, wall_seconds: float) -> str:
        (folder / "words").write_text("last words")
        return "-11"

    monkeypatch.setattr(fork_client, "run", dies)
    tally = fuzz.run(inputs=1, seconds=120, seed=SEED, keep=tmp_path)
    ((digest, words),) = tally.dead
    assert words == "reader-died the reader ended with -11: last words"
    assert (tmp_path / digest).is_file()


def test_there_is_a_sound_file_of_each_format(tmp_path: Path) -> None:
    kinds = []
    for number, content in enumerate(fuzz.seeds(tmp_path)):
        path = tmp_path / f"{number}"
        path.write_bytes(content)
        kinds.append(format_of(path))
    # A Shapefile is several files: it comes as an archive.
    assert set(kinds) == set(Format) - {Format.SHAPEFILE}
