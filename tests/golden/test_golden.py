"""The export's own parts: names, texts of pages, normalisations, and differences."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.golden import addresses, pages, tiles
from tests.golden.catalogue import Catalogue, Place
from tests.golden.comparison import differences
from tests.golden.export_request import Asked, Lane
from tests.golden.html_text import visible_text
from tests.golden.normalisation import NORMALISATIONS, Normaliser

ZONES = "7945caf4-201c-5dec-9a80-17b45027bed8"
CATALOGUE = Catalogue(
    levels=("region", "departement", "commune"),
    zone_levels=("zones-1",),
    zone_sets=(ZONES,),
    places={
        level: tuple(Place(level, f"{level[0]}{n}", f"name {n}") for n in range(number))
        for level, number in {"region": 1, "departement": 5, "commune": 9, "zones-1": 4}.items()
    },
    editions=("clcplus-2018", "clcplus-2021", "clcplus-2023"),
    bounds=(3.03, 43.31, 3.83, 43.89),
    old_vintage=2020,
    days=frozenset({date(2026, 11, 3)}),
)


def all_asked() -> list[Asked]:
    return [
        *addresses.everything(CATALOGUE),
        *pages.everything(CATALOGUE),
        *pages.of_staff(CATALOGUE),
        *tiles.everything(CATALOGUE),
    ]


def test_each_answer_has_a_file_of_its_own() -> None:
    names = [asked.name for asked in all_asked()]
    assert len(names) > 1000
    assert len(set(names)) == len(names)


def test_tiles_are_about_two_hundred_of_all_kinds() -> None:
    found = [asked.address for asked in tiles.everything(CATALOGUE)]
    assert 180 <= len([one for one in found if not one.endswith(".json")]) <= 260
    for kind in (".mvt", ".png", "@2x.png"):
        assert any(one.endswith(kind) for one in found), kind


def test_what_is_costly_fits_into_four_minutes() -> None:
    lanes = [asked.lane for asked in all_asked()]
    assert lanes.count(Lane.COSTLY) < 60 * 4 - len(CATALOGUE.all_levels) - len(pages.LANGUAGES)
    assert lanes.count(Lane.AREAS) < 20 * 4 - 3 * 10


def test_a_page_is_what_a_reader_sees() -> None:
    page = """<head><title>A</title><style>b {}</style><link rel="icon" href="/static/i.png">
      <script>let hidden = 1</script></head>
      <p>Sealed <b>3&nbsp;%</b>
         of <a href="/x/">Arbay</a></p><img src="/m.png" alt="a map">
      <form action="/s/"><input type="hidden" name="csrfmiddlewaretoken" value="secret">
      <input name="q" placeholder="Place"><option selected>2018</option></form>"""
    assert visible_text(page).splitlines() == [
        "A",
        "Sealed 3\N{NO-BREAK SPACE}% of [href: /x/] Arbay",
        "[alt: a map]",
        "[action: /s/]",
        "[placeholder: Place]",
        "[selected] 2018",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("http://localhost:8001/api/ and localhost:8001", "http://SITE/api/ and SITE"),
        ('"created_at": "2026-11-03T06:14:16.568919Z"', '"created_at": "TIME"'),
        ("begun 3 November 2026, 06:39 UTC", "begun DAY CLOCK"),
        ("commencée le 3 novembre 2026 à 6 h 39 UTC", "commencée le DAY CLOCK"),
        ("rozpoczęto 3 listopada 2026 r., 06:39 UTC", "rozpoczęto DAY CLOCK"),
        ("commencée le 3 novembre 2026 à 6\u00a0h\u00a039\u202fUTC", "commencée le DAY CLOCK"),
        ("rozpoczęto 3 listopada 2026\u00a0r., 06:39\u00a0UTC", "rozpoczęto DAY CLOCK"),
        ("{z}/{x}/{y}.png?v=11-6617852aa8f99", "{z}/{x}/{y}.png?v=VERSION"),
        ('  "data": "6617852aa8f996617852aa"', '  "data": "VERSION"'),
        ("/jobs/f3c5cc9a-65af-4c42-8596-b2ad52a3009b/", "/jobs/ID/"),
        ("report 7ce13625-494a-582f-b36e- c272d5a97452.", "report ID."),
        ("report e32917c1-1133-5eff-b5df-8f- b28936f096.", "report ID."),
        ("731 850 cells/s", " SPEED cells/s"),
        ("Content-Security-Policy: b 'x'; a 'y'", "Content-Security-Policy: a 'y'; b 'x'"),
        ("/CreationDate: D:20261103061418+00'00", "/CreationDate: TIME"),
        # What is the same in all demonstrations stays.
        (f"/zones/{ZONES}/", f"/zones/{ZONES}/"),
        ('"window_start": "2017-07-01"', '"window_start": "2017-07-01"'),
        ("1 July 2018 and 4 November 2026", "1 July 2018 and 4 November 2026"),
        ('"value": 12.345, "data": "12"', '"value": 12.345, "data": "12"'),
    ],
)
def test_what_is_normalised(text: str, expected: str) -> None:
    normalise = Normaliser(
        origin="http://localhost:8001", days=CATALOGUE.days, fixed_ids=CATALOGUE.zone_sets
    )
    assert normalise(text) == expected


def test_each_normalisation_has_its_reason() -> None:
    assert all(one.reason for one in NORMALISATIONS)


def test_differences(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    for folder, texts in {
        before: {"same": "1\n", "gone": "", "changed": "a\nb\nc\n"},
        after: {"same": "1\n", "new": "", "changed": "a\nB\nc\n"},
    }.items():
        folder.mkdir()
        for name, text in texts.items():
            (folder / f"{name}.txt").write_text(text)
    assert list(differences(before, after, most_lines=5)) == [
        "changed.txt: differs\n    -b\n    +B",
        f"gone.txt: only in {before}",
        f"new.txt: only in {after}",
    ]
    assert list(differences(before, before, most_lines=5)) == []
    one_line = list(differences(before, after, most_lines=1))
    assert one_line[0].endswith("    -b\n    … 1 more lines")
