"""Boundaries by presets: levels, parents, rows, vintages; and what does not fit."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.test import override_settings
from pyproj import Transformer

from analytics.errors import UnreadableLayer
from analytics.grid import window_of_bounds
from clcplus.actions.territories.boundaries import Choice, import_boundaries
from clcplus.actions.territories.boundary_request import request_boundaries
from clcplus.actions.territories.presets import (
    ADMIN_EXPRESS,
    LAU,
    NUTS,
    PRESETS,
    PRG,
    department_addresses,
    vintage_of,
)
from clcplus.errors import BadTable, UnfitBoundaries, UnknownLevel, WrongState
from clcplus.jobs import runner
from clcplus.models import Layer, Level, Run, Zone
from clcplus.sources.client import Client, Pace
from tests.boundary_files import square, write_columns
from tests.sources.misbehaviour import Reply, Request, Served, served

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("store", "quiet_broker")]

WHOLE = shapely.union_all([square(0, 0), square(1, 0), square(2, 0)])
V3 = {
    "COMMUNE": "INSEE_COM NOM INSEE_DEP INSEE_REG",
    "DEPARTEMENT": "INSEE_DEP NOM INSEE_REG",
    "REGION": "INSEE_REG NOM",
}
V4 = {
    "commune": "code_insee nom_officiel code_insee_du_departement code_insee_de_la_region",
    "departement": "code_insee nom_officiel code_insee_de_la_region",
    "region": "code_insee nom_officiel",
}
COMMUNES = [
    ("38001", "Les Abrets", "38", "84", square(0, 0)),
    ("38002", "L’Albenc", "38", "84", square(1, 0)),
    ("73001", "Aiguebelette", "73", "84", square(2, 0)),
]
DEPARTEMENTS = [
    ("38", "Isère", "84", shapely.union_all([square(0, 0), square(1, 0)])),
    ("73", "Savoie", "84", square(2, 0)),
]
REGIONS = [("84", "Auvergne-Rhône-Alpes", WHOLE)]
NUTS_COLUMNS = "NUTS_ID LEVL_CODE CNTR_CODE NAME_LATN"
NUTS_ROWS = [
    ("FR", 0, "FR", "France", WHOLE),
    ("FRK", 1, "FR", "Auvergne – Rhône-Alpes", WHOLE),
    ("FRK2", 2, "FR", "Rhône-Alpes", WHOLE),
    ("FRK24", 3, "FR", "Isère", DEPARTEMENTS[0][-1]),
    ("FRK27", 3, "FR", "Savoie", square(2, 0)),
    ("PL", 0, "PL", "Polska", square(9, 9)),
    ("PL9", 1, "PL", "Mazowieckie", square(9, 9)),
]


def admin_express(path: Path, columns: dict[str, str]) -> Path:
    for (layer, names), rows in zip(
        columns.items(), (COMMUNES, DEPARTEMENTS, REGIONS), strict=True
    ):
        write_columns(path, rows, columns=names, layer=layer, crs="EPSG:3035")
    # Layers beside those of territories: of points, and one whose columns are those of communes.
    write_columns(
        path,
        [("x", "y", "38", "84", shapely.Point(3_900_500, 2_400_500))],
        columns=columns[next(iter(columns))],
        layer="CHFLIEU_COMMUNE",
    )
    return path


@pytest.fixture
def nuts(tmp_path: Path) -> Path:
    return write_columns(tmp_path / "NUTS_RG_20M_2024_3035.gpkg", NUTS_ROWS, columns=NUTS_COLUMNS)


def bring(*paths: Path, preset: Any = ADMIN_EXPRESS, **options: Any) -> list[str]:
    done = import_boundaries(paths=paths, presets=[preset], **options)
    return [str(one.layer.level.slug) for one in done]


def parents(level: str) -> dict[str, str | None]:
    return dict(Zone.objects.filter(layer__level__slug=level).values_list("code", "parent__code"))


@pytest.mark.parametrize("columns", [V3, V4])
def test_all_levels_of_either_generation_of_admin_express(
    tmp_path: Path, columns: dict[str, str]
) -> None:
    path = admin_express(tmp_path / "ADMIN-EXPRESS-COG_FXX_2024-02-22.gpkg", columns)
    assert bring(path) == ["region", "departement", "commune"]
    assert parents("commune") == {"38001": "38", "38002": "38", "73001": "73"}
    assert parents("departement") == {"38": "84", "73": "84"}
    assert Zone.objects.get(code="38002").name == "L’Albenc"
    assert {layer.vintage for layer in Layer.objects.all()} == {2024}
    # The children fill them, so that their statistics are sums.
    assert Layer.objects.filter(aggregated=True).count() == 2
    assert list(Level.objects.order_by("rank").values_list("name_plural", flat=True)) == [
        "Regions",
        "Départements",
        "Communes",
    ]


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    path = admin_express(tmp_path / "2024.gpkg", V4)
    bring(path)
    before = list(Layer.objects.values_list("pk", flat=True))
    bring(path)
    assert list(Layer.objects.values_list("pk", flat=True)) == before


def test_answers_of_a_feature_service_are_a_level_each(tmp_path: Path) -> None:
    to_degrees = Transformer.from_crs(3035, 4326, always_xy=True)

    def answer(name: str, rows: list[Any], columns: str) -> Path:
        turned = [
            (*row[:-1], shapely.transform(row[-1], to_degrees.transform, interleaved=False))
            for row in rows
        ]
        return write_columns(tmp_path / name, turned, columns=columns, crs="EPSG:4326")

    done = bring(
        answer("departement.geojson", DEPARTEMENTS, V4["departement"]),
        answer("commune.geojson", COMMUNES, V4["commune"]),
        vintage=2026,
        choice=Choice(zone="departement:38"),
    )
    assert done == ["departement", "commune"]
    assert parents("commune") == {"38001": "38", "38002": "38"}


def test_levels_in_files_of_their_own_are_linked_whatever_comes_first(tmp_path: Path) -> None:
    communes = write_columns(tmp_path / "a.gpkg", COMMUNES, columns=V4["commune"])
    departements = write_columns(tmp_path / "b.gpkg", DEPARTEMENTS, columns=V4["departement"])
    bring(communes, vintage=2025)
    assert set(parents("commune").values()) == {None}
    bring(departements, vintage=2025)
    assert parents("commune")["38001"] == "38"


def test_files_of_one_level_are_one_layer(tmp_path: Path) -> None:
    parts = [
        write_columns(tmp_path / f"{n}.gpkg", rows, columns=V4["commune"])
        for n, rows in enumerate((COMMUNES[:2], COMMUNES[2:]))
    ]
    bring(*parts, vintage=2025)
    assert Layer.objects.get().zones_total == 3


def test_nuts_are_told_apart_by_their_level_and_country(nuts: Path) -> None:
    assert bring(nuts, preset=NUTS, choice=Choice(country="FR")) == [
        "nuts0",
        "nuts1",
        "nuts2",
        "nuts3",
    ]
    assert parents("nuts3") == {"FRK24": "FRK2", "FRK27": "FRK2"}
    assert not Zone.objects.filter(code__startswith="PL").exists()
    assert Layer.objects.filter(vintage=2024).count() == 4
    # The rows that are taken are a part of what was imported.
    with pytest.raises(WrongState):
        bring(nuts, preset=NUTS, choice=Choice(country="PL"))


def test_a_zone_and_what_lies_in_it(nuts: Path, tmp_path: Path) -> None:
    rows = [(f"FR_{code}", code, "FR", name, geometry) for code, name, _, _, geometry in COMMUNES]
    lau = write_columns(
        tmp_path / "LAU_RG_01M_2024.gpkg", rows, columns="GISCO_ID LAU_ID CNTR_CODE LAU_NAME"
    )
    done = import_boundaries(
        paths=[nuts, lau], presets=[NUTS, LAU], choice=Choice(zone="nuts3:FRK24")
    )
    assert [one.layer.level.slug for one in done] == ["nuts3", "lau"]
    assert parents("lau") == {"FR_38001": "FRK24", "FR_38002": "FRK24"}


def test_a_window_takes_the_finest_level_alone(tmp_path: Path) -> None:
    path = admin_express(tmp_path / "2024.gpkg", V4)
    window = window_of_bounds(3_901_400, 2_400_400, 3_902_600, 2_400_600)
    assert bring(path, choice=Choice(window=window)) == ["commune"]
    assert set(parents("commune")) == {"38002", "73001"}


def test_codes_of_the_prg_are_prefixes_of_each_other(tmp_path: Path) -> None:
    columns = "JPT_KOD_JE JPT_NAZWA_"
    archive = tmp_path / "jednostki_2022.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for name, code, title in (
            ("A01_Granice_wojewodztw", "02", "dolnośląskie"),
            ("A02_Granice_powiatow", "0201", "bolesławiecki"),
            ("A03_Granice_gmin", "0201011", "Bolesławiec"),
            ("A05_Granice_jednostek_ewidencyjnych", "020101_1", "Bolesławiec"),
        ):
            path = tmp_path / f"{name}.shp"
            write_columns(path, [(code, title, square(0, 0))], columns=columns)
            for part in tmp_path.glob(f"{name}.*"):
                opened.write(part, part.name)
    assert bring(archive, preset=PRG) == ["wojewodztwo", "powiat", "gmina"]
    assert parents("gmina") == {"0201011": "0201"}
    assert parents("powiat") == {"0201": "02"}
    assert Zone.objects.get(code="0201").name == "bolesławiecki"


def test_a_row_of_no_level_is_not_left_out_unseen(tmp_path: Path) -> None:
    rows = [("0201011", "Bolesławiec", square(0, 0)), ("201022", "Gromadka", square(1, 0))]
    path = write_columns(tmp_path / "gminy_2022.gpkg", rows, columns="JPT_KOD_JE JPT_NAZWA_")
    with pytest.raises(UnfitBoundaries, match="'201022'"):
        bring(path, preset=PRG)
    assert not Layer.objects.exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"preset": PRG}, r"found columns NUTS_ID.*expected those of prg.*--preset nuts"),
        ({"preset": NUTS, "choice": Choice(country="XX")}, r"one of: FR, PL"),
        ({"preset": NUTS, "choice": Choice(levels=("commune",))}, r"one of: nuts0, nuts1"),
        ({"preset": NUTS, "choice": Choice(zone="nuts3:FR'--")}, r"no feature"),
        ({"preset": NUTS, "choice": Choice(zone="nuts3:.*")}, r"no feature"),
    ],
)
def test_what_does_not_fit_is_one_line_and_stores_nothing(
    nuts: Path, options: dict[str, Any], message: str
) -> None:
    with pytest.raises((UnfitBoundaries, UnknownLevel, UnreadableLayer), match=message) as found:
        bring(nuts, **options)
    assert "\n" not in str(found.value)
    assert not Layer.objects.exists()
    assert not Level.objects.exists()


def test_a_level_that_cannot_be_read_stores_none(tmp_path: Path) -> None:
    path = tmp_path / "2024.gpkg"
    write_columns(path, REGIONS, columns=V4["region"], layer="region")
    twice = [COMMUNES[0], COMMUNES[0]]
    write_columns(path, twice, columns=V4["commune"], layer="commune")
    with pytest.raises(Exception, match="38001"):
        bring(path)
    assert not Layer.objects.exists()


@pytest.mark.parametrize("row", [("1" * 41, "Bourg", "38"), ("38001", "B" * 201, "38")])
def test_a_text_that_is_too_long_is_one_line(tmp_path: Path, row: tuple[str, ...]) -> None:
    path = write_columns(
        tmp_path / "2024.gpkg",
        [(*row, square(0, 0))],
        columns="code_insee nom_officiel code_insee_du_departement",
    )
    with pytest.raises(BadTable, match="letters; expected plain text of at most") as found:
        bring(path)
    assert "\n" not in str(found.value)
    assert not Layer.objects.exists()


def test_a_file_without_a_year_needs_the_vintage(tmp_path: Path) -> None:
    path = write_columns(tmp_path / "communes.gpkg", COMMUNES, columns=V4["commune"])
    with pytest.raises(UnfitBoundaries, match="--vintage"):
        bring(path)


@pytest.mark.parametrize(
    ("name", "year"),
    [
        ("NUTS_RG_01M_2024_3035.gpkg", 2024),
        ("ADMIN-EXPRESS-COG_3-2__GPKG_LAMB93_FXX_2024-02-22.gpkg", 2024),
        ("gminy.gpkg", None),
        ("from_2021_to_2024.gpkg", None),
        ("20240222.gpkg", None),
    ],
)
def test_the_year_in_a_name(name: str, year: int | None) -> None:
    assert vintage_of([name]) == year


def test_each_preset_has_its_levels_and_parents() -> None:
    for preset in PRESETS.values():
        for form in preset.forms:
            levels = [level.level for level in form]
            assert all(level.parent in (*levels, "nuts3", "") for level in form)
    assert all("38" in address for address in department_addresses("38"))
    with pytest.raises(UnknownLevel):
        department_addresses("38' OR '1'='1")


@pytest.mark.parametrize(
    ("file", "preset", "zones"),
    [
        ("gminy_poland_2022.gpkg", PRG, {"gmina": 2477}),
        ("nuts_2024_20m.gpkg", NUTS, {"nuts0": 1, "nuts1": 14, "nuts2": 27, "nuts3": 101}),
        ("france/communes_lot.gpkg", ADMIN_EXPRESS, {"commune": 313}),
        ("france/communes_arcachon.gpkg", ADMIN_EXPRESS, {"commune": 27}),
    ],
)
def test_real_files(shared_data: Path, file: str, preset: Any, zones: dict[str, int]) -> None:
    # Of Poland one level of a country: counting the cells of all gminy takes seconds.
    country = "FR" if preset is NUTS else ""
    if preset is PRG:
        window = window_of_bounds(4_700_000, 3_100_000, 4_720_000, 3_120_000)
        choice = Choice(window=window)
    else:
        choice = Choice(country=country)
    bring(shared_data / file, preset=preset, vintage=2024, choice=choice)
    found = dict(Layer.objects.values_list("level__slug", "zones_total"))
    if preset is PRG:
        assert 0 < found["gmina"] < 20
    else:
        assert found == zones


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    path = admin_express(tmp_path / "served.gpkg", V4)
    body = path.read_bytes()

    def answers(request: Request) -> Reply:
        return Reply(body if request.path.endswith("boundaries_2024.gpkg") else b"", status=200)

    quick = partial(Client, pace=Pace(pause_seconds=0.001, tries=2))
    monkeypatch.setattr("clcplus.actions.territories.boundary_request.Client", quick)
    with (
        served(answers) as found,
        override_settings(SOURCE_HOSTS=(found.host,), CLCPLUS_INBOX=tmp_path / "inbox"),
    ):
        yield found


def requested(server: Served) -> Run:
    return request_boundaries(
        files=[f"{server.url}/boundaries_2024.gpkg"], presets=["admin-express"]
    )


def work(run: Run) -> Run:
    runner.handle_work(run.kind, run.pk)
    run.refresh_from_db()
    return run


def test_an_address_is_imported_by_a_job(server: Served, tmp_path: Path) -> None:
    run = work(requested(server))
    assert run.state == Run.State.SUCCEEDED, run.message
    assert len(run.parameters["layers"]) == 3
    assert parents("commune")["38001"] == "38"
    assert "Commune 2024: 3 zones" in run.message
    assert run.percent == 100
    assert not list((tmp_path / "inbox").rglob("*.gpkg"))


def test_a_download_that_breaks_off_continues(server: Served) -> None:
    run = requested(server)
    server.faults = [Reply(status=503)] * 2
    assert work(run).state == Run.State.RUNNING
    assert not Layer.objects.exists()
    # The same request is the same run while it is not done.
    assert requested(server).pk == run.pk
    assert work(run).state == Run.State.SUCCEEDED


def test_a_page_under_the_address_ends_the_run_with_a_reason(server: Served) -> None:
    server.faults = [Reply(b"<html><title>Sign in</title>")]
    run = work(requested(server))
    assert run.state == Run.State.FAILED
    assert "Sign in" in run.message
    # Asked for again, it goes on.
    assert requested(server).pk == run.pk
    assert work(run).state == Run.State.SUCCEEDED


def test_an_address_that_is_not_public_is_not_asked(server: Served) -> None:
    with override_settings(SOURCE_HOSTS=()):
        run = work(requested(server))
    assert run.state == Run.State.FAILED
    assert not server.requests


def test_columns_that_do_not_fit_end_the_run(server: Served, tmp_path: Path) -> None:
    run = request_boundaries(files=[f"{server.url}/boundaries_2024.gpkg"], presets=["nuts"])
    assert work(run).state == Run.State.FAILED
    assert "fits --preset admin-express" in run.message
    assert not list((tmp_path / "inbox").rglob("*.gpkg"))


def test_the_command_imports_a_file(nuts: Path) -> None:
    out = StringIO()
    arguments = ["--preset", "nuts", "--country", "FR", "--level", "nuts2,nuts3"]
    call_command("import_zones", str(nuts), *arguments, stdout=out)
    assert "2 zones" in out.getvalue()
    assert set(Layer.objects.values_list("level__slug", flat=True)) == {"nuts2", "nuts3"}


def test_the_command_queues_an_address(server: Served) -> None:
    out = StringIO()
    address = f"{server.url}/boundaries_2024.gpkg"
    call_command("import_zones", address, "--preset", "admin-express", "--no-wait", stdout=out)
    assert str(Run.objects.get().pk) in out.getvalue()


@pytest.mark.parametrize(
    "arguments",
    [
        ["x.gpkg"],
        ["x.gpkg", "--level", "commune", "--vintage", "2024", "--code-field", "c"],
        ["https://example.org/x.gpkg", "--level", "a", "--vintage", "2024"],
        ["x.gpkg", "--preset", "nuts", "--code-field", "c"],
        ["x.gpkg", "--preset", "none"],
        ["gone.gpkg", "--preset", "nuts"],
        ["x.7z", "--preset", "nuts", "--vintage", "2024"],
    ],
)
def test_bad_arguments_are_one_line(arguments: list[str]) -> None:
    with pytest.raises(CommandError) as found:
        call_command("import_zones", *arguments)
    assert "\n" not in str(found.value)
    assert not Run.objects.exists()
