"""Each finding of the engine has words of its own on the pages."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import shapely
from django.utils import translation

from analytics.uploads.findings import KINDS
from analytics.uploads.records import Choice, Finding, Severity
from clcplus.views.zones.check import findings
from tests.uploads import files
from tests.uploads import shapefile_parts as parts
from tests.uploads.upload_results import upload

METRES = Choice(crs="EPSG:3035")
EUROPE = shapely.box(2_500_000, 1_400_000, 7_400_000, 5_500_000)


def test_each_finding_of_the_engine_has_words() -> None:
    codes = sorted(KINDS)
    assert len(codes) > 25
    for code in codes:
        said = findings.said(Finding(code, Severity.NOTE, "", "of the engine", ""))
        assert said.expected != "of the engine", f"{code} has no words"


def _of_fields(number: int) -> bytes:
    fields = {f"c{n:03}": n for n in range(number)}
    return files.geojson(files.feature(files.SQUARE, **fields))


def _of_text(member: str) -> bytes:
    """A feature with one member more, which no writer of JSON would write."""
    content = files.geojson(files.feature(files.SQUARE, code="A")).decode()
    return content.replace('"code": "A"', f'"code": "A", {member}').encode()


ROWS = ((b"1", b"a"), (b"2", b"b"), (b"3", b"c"), (b"4", b"d"))
NO_SHAPE = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "Point", "coordinates": [10, 50]},
}
FOUND: list[tuple[str, bytes, Choice, str, str]] = [
    ("shapes-missing", parts.packed(table=parts.dbf(ROWS)), Choice(),
     "1 enregistrement du .dbf de plus que de formes dans le .shp ('4')",
     "o 1 rekord w pliku .dbf więcej niż kształtów w pliku .shp ('4')"),
    ("encoding-contradicted", parts.of_names("Été".encode(), cpg=b"1252"), Choice(),
     "les textes sont en UTF-8, et non en Windows-1252 comme l’indique le .cpg (1252)",
     "teksty są w UTF-8, a nie w Windows-1252, jak podaje .cpg (1252)"),
    ("encoding-guessed", parts.of_names("Été".encode("cp1252")), Choice(),
     "aucun encodage déclaré, et des textes qui ne sont pas en UTF-8\u202f; lus en Windows-1252",
     "brak zadeklarowanego kodowania, a teksty nie są w UTF-8; odczytano jako Windows-1252"),
    ("encoding-guessed", parts.of_names("Été".encode("cp1252"), cpg=b"Klingon"), Choice(),
     "l’encodage «\u00a0Klingon\u00a0» du .cpg est inconnu\u202f; lu en Windows-1252",
     "kodowanie „Klingon” z pliku .cpg jest nieznane; odczytano jako Windows-1252"),
    ("fields-left-out", _of_fields(302), METRES,
     "2 champs en plus des 300 qui ont été lus\u00a0: c300, c301",
     "2 pola poza odczytanymi (300): c300, c301"),
    ("reference-doubted", b"POLYGON ((50 10, 50.1 10, 50.1 10.1, 50 10))", Choice(crs="EPSG:4326"),
     "en WGS 84, toutes les zones sont hors de la carte\u202f; "
     "en EPSG:4326, axes intervertis, elles s’y trouvent",
     "w WGS 84 wszystkie strefy leżą poza mapą; w EPSG:4326, po zamianie osi, leżą wewnątrz"),
    ("reference-doubted", shapely.box(10, 20, 110, 120).wkt.encode(),
     Choice(crs="EPSG:27700", insist=True),
     "des coordonnées d’un autre ordre de grandeur que celles de OSGB36 / British National Grid, "
     "choisi malgré tout",
     "współrzędne innego rzędu wielkości niż w OSGB36 / British National Grid, wybranym mimo to"),
    ("not-an-area", files.geojson(NO_SHAPE), Choice(),
     "une géométrie de type Point", "geometria typu Point"),
    ("code-unusable", files.geojson(files.feature(files.SQUARE, code="a/b")),
     replace(METRES, code_field="code"),
     "un code qui ne peut pas figurer dans une adresse", "kod, który nie może wystąpić w adresie"),
    ("value-not-finite", _of_text('"pop": NaN'), METRES,
     "NaN dans le champ «\u00a0pop\u00a0», ligne 1", "NaN w polu „pop”, wiersz 1"),
    ("value-not-finite", _of_text('"pop": 1e999'), METRES,
     "un nombre trop grand pour être conservé dans le champ «\u00a0pop\u00a0»",
     "liczba zbyt duża, by ją zachować, w polu „pop”"),
    ("member-repeated", _of_text('"code": "B"'), METRES,
     "plusieurs membres 'code'", "więcej niż jeden element 'code'"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "content", "choice", "french", "polish"), FOUND)
def test_what_was_found_is_said_in_the_language_of_the_page(
    tmp_path: Path, code: str, content: bytes, choice: Choice, french: str, polish: str
) -> None:
    read = upload(tmp_path, content, choice=choice, coverage=EUROPE)
    report = read.reading.report
    assert report is not None
    every = [*report.findings, *(f for feature in report.features for f in feature.findings)]
    finding = next(f for f in every if f.code == code)
    for language, expected in (("fr", french), ("pl", polish)):
        with translation.override(language):
            said = findings.said(finding)
            assert (said.found, said.english) == (expected, False)


def test_a_report_of_an_older_engine_is_said_in_english() -> None:
    finding = Finding("encoding-guessed", Severity.NOTE, "as it was written", "", "")
    said = findings.said(finding)
    assert (said.found, said.english) == ("as it was written", True)
