"""Import of INSEE's table of movements: whole or not at all, and the successors that it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from analytics.errors import ExplainedError, UnreadableTable
from clcplus.actions.territories import layer_zones
from clcplus.actions.territories.movements import import_movements
from clcplus.errors import BadTable, UnknownLevel
from clcplus.models import Level, Movement, Publication, Zone
from tests.world import World, build

pytestmark = pytest.mark.django_db

HEADER = (
    "MOD,DATE_EFF,TYPECOM_AV,COM_AV,TNCC_AV,NCC_AV,NCCENR_AV,LIBELLE_AV,"
    "TYPECOM_AP,COM_AP,TNCC_AP,NCC_AP,NCCENR_AP,LIBELLE_AP"
)


@pytest.fixture
def small_world() -> World:
    return build()


def line(mod: str, day: str, former: str, later: str) -> str:
    """A row; ``former`` and ``later`` as ``type:code:name``."""
    sides = (side.split(":") for side in (former, later))
    cells = [f"{kind},{code},0,X,X,{name}" for kind, code, name in sides]
    return f"{mod},{day},{','.join(cells)}"


def table(tmp_path: Path, *lines: str) -> Path:
    path = tmp_path / "mouvements.csv"
    path.write_text("\n".join((HEADER, *lines)) + "\n", "utf-8")
    return path


def kinds() -> list[tuple[str, str, str, int]]:
    rows = Movement.objects.order_by("date", "step", "former_code", "code")
    return [(row.kind, row.former_code, row.code, row.step) for row in rows]


def successor_of(code: str) -> str | None:
    zone = Zone.objects.select_related("successor").get(code=code, layer__vintage=2020)
    return zone.successor.code if zone.successor else None


MERGER = (
    line("32", "2023-01-01", "COM:07002:Bourg", "COM:07002:Bourg"),
    line("32", "2023-01-01", "COM:07003:Vieux-Bourg", "COM:07002:Bourg"),
    line("32", "2023-01-01", "COM:07003:Vieux-Bourg", "COMD:07003:Vieux-Bourg"),
)


def test_the_kinds_of_the_table(small_world: World, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        *MERGER,
        line("21", "2021-01-01", "COM:A:A", "COM:A:A"),
        line("21", "2021-01-01", "COM:A:A", "COM:B:B"),
        line("21", "2021-01-01", "COMA:B:B", "COM:B:B"),
        line("30", "2021-02-01", "COM:C:C", "COM:A:A"),
        line("10", "2021-03-01", "COM:A:A", "COM:A:A'"),
        line("41", "2021-04-01", "COM:D:D", "COM:E:D"),
        line("30", "2021-05-01", "COM:F:F", "::"),
        # No change of the commune itself.
        line("34", "2021-06-01", "COM:A:A'", "COM:A:A'"),
        line("35", "2021-06-01", "COMD:G:G", "COM:A:A'"),
        line("71", "2021-06-01", "COMD:G:G", "COMD:H:H"),
        line("20", "2021-07-01", "::", "COM:I:I"),
    )
    done = import_movements(path=path, level="commune")
    assert done.movements == 8
    assert kinds() == [
        ("split", "A", "A", 0),
        ("split", "A", "B", 0),
        ("divided", "C", "A", 0),
        ("renamed", "A", "A", 0),
        ("recoded", "D", "E", 0),
        ("ended", "F", "", 0),
        ("merged", "07002", "07002", 0),
        ("merged", "07003", "07002", 0),
    ]


def test_what_follows_on_the_same_day_comes_after(small_world: World, tmp_path: Path) -> None:
    """Pont-Farcy came to another département and was merged there, on one day."""
    path = table(
        tmp_path,
        line("32", "2018-01-01", "COM:50592:Tessy", "COM:50592:Tessy-Bocage"),
        line("32", "2018-01-01", "COM:50649:Pont-Farcy", "COM:50592:Tessy-Bocage"),
        line("41", "2018-01-01", "COM:14513:Pont-Farcy", "COM:50649:Pont-Farcy"),
    )
    import_movements(path=path, level="commune")
    assert kinds() == [
        ("recoded", "14513", "50649", 0),
        ("merged", "50592", "50592", 1),
        ("merged", "50649", "50592", 1),
    ]


def test_zones_get_the_successor_that_the_table_names(small_world: World, tmp_path: Path) -> None:
    """It holds against the area, which lies in 07002, and over a chain of codes."""
    path = table(
        tmp_path,
        line("50", "2021-01-01", "COM:07003:V", "COM:09003:V"),
        line("31", "2022-01-01", "COM:09003:V", "COM:07101:M"),
        line("31", "2022-01-01", "COM:07101:M", "COM:07101:M"),
    )
    before = Publication.objects.count()
    assert import_movements(path=path, level="commune").zones == 1
    assert successor_of("07003") == "07101"
    assert Publication.objects.count() == before + 1
    assert Publication.objects.latest("pk").event == "movements"
    # An import of zones keeps it so.
    layer_zones.link_successors(Level.objects.get(slug="commune"))
    assert successor_of("07003") == "07101"


def test_a_split_has_no_single_successor(small_world: World, tmp_path: Path) -> None:
    path = table(
        tmp_path,
        line("21", "2022-01-01", "COM:07003:V", "COM:07002:B"),
        line("21", "2022-01-01", "COM:07003:V", "COM:07101:M"),
    )
    assert import_movements(path=path, level="commune").zones == 1
    assert successor_of("07003") is None


def test_a_newer_table_replaces_the_older(small_world: World, tmp_path: Path) -> None:
    import_movements(
        path=table(tmp_path, line("31", "2022-01-01", "COM:07003:V", "COM:07101:M")),
        level="commune",
    )
    import_movements(
        path=table(tmp_path, line("31", "2022-01-01", "COM:Q:Q", "COM:07101:M")), level="commune"
    )
    assert kinds() == [("merged", "Q", "07101", 0)]
    # What no movement tells, the area does again: Vieux-Bourg lies in 07002.
    assert successor_of("07003") == "07002"


def test_a_movement_to_a_place_that_was_not_imported_leaves_the_area(
    small_world: World, tmp_path: Path
) -> None:
    import_movements(
        path=table(tmp_path, line("31", "2022-01-01", "COM:07003:V", "COM:99999:M")),
        level="commune",
    )
    assert successor_of("07003") == "07002"


GOOD = line("31", "2022-01-01", "COM:07003:V", "COM:07101:M")


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([GOOD, GOOD], r"line 3: found a second movement from 07003 to 07101 on 2022-01-01"),
        ([GOOD.replace("2022-01-01", "01/01/2022")], r"line 2: found DATE_EFF '01/01/2022'"),
        ([GOOD.replace("2022-01-01", "2022-02-30")], r"line 2: found DATE_EFF '2022-02-30'"),
        ([GOOD.replace("31,", "99,", 1)], r"line 2: found MOD '99'"),
        ([GOOD.replace("COM,", "TOWN,", 1)], r"line 2: found TYPECOM_AV 'TOWN'"),
        ([GOOD, line("31", "2022-01-01", "COM::V", "COM:A:M")], r"line 3: found COM_AV ''"),
        (
            [line("31", "2022-01-01", "COM:A:V", f"COM:{'9' * 41}:M")],
            r"line 2: found COM_AP '9+…?'",
        ),
        ([line("31", "2022-01-01", "COM:A:V\x1b[2J", "COM:B:M")], r"line 2: found LIBELLE_AV"),
        ([line("31", "2022-01-01", "COM:A:V\0", "COM:B:M")], r"line 2: found LIBELLE_AV"),
        ([GOOD + ",more"], r"line 2: found 15 cells"),
        ([line("71", "2022-01-01", "COMD:A:A", "COMD:B:B")], r"found no movement of a commune"),
        (
            [
                line("41", "2022-01-01", "COM:A:A", "COM:B:B"),
                line("41", "2022-01-01", "COM:B:B", "COM:A:A"),
            ],
            r"found movements of 2022-01-01 in a circle",
        ),
        ([], r"found a header alone"),
    ],
)
def test_bad_tables_leave_everything_as_it_was(
    small_world: World, tmp_path: Path, lines: list[str], message: str
) -> None:
    import_movements(path=table(tmp_path, *MERGER), level="commune")
    known, published = kinds(), Publication.objects.count()
    with pytest.raises(CommandError, match=rf"^mouvements\.csv[^\n]*{message}[^\n]*$"):
        call_command("import_movements", table(tmp_path, *lines))
    assert (kinds(), Publication.objects.count()) == (known, published)
    assert successor_of("07003") == "07002"


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"MOD;DATE_EFF\n31;2022-01-01\n", UnreadableTable),
        (b"MOD,DATE_EFF\n31,2022-01-01\n", UnreadableTable),
        (HEADER.encode() + b"\n31,\xff\n", UnreadableTable),
        (b"", UnreadableTable),
    ],
)
def test_files_that_are_no_such_table(
    small_world: World, tmp_path: Path, content: bytes, error: type[ExplainedError]
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(error):
        import_movements(path=path, level="commune")
    with pytest.raises(UnreadableTable):
        import_movements(path=tmp_path / "missing.csv", level="commune")
    assert not Movement.objects.exists()


def test_a_level_without_zones_is_refused(small_world: World, tmp_path: Path) -> None:
    with pytest.raises(UnknownLevel, match=r"level 'canton': found no zone"):
        import_movements(path=table(tmp_path, GOOD), level="canton")
    with pytest.raises(BadTable):
        import_movements(path=table(tmp_path, GOOD.replace("31,", "x,", 1)), level="commune")
