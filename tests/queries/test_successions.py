"""What has become of territories, and what they were made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import pytest

from analytics import queries
from analytics.records import Succession, Successions
from clcplus.database import read_side
from clcplus.models import Level, Movement
from tests.statements import counted
from tests.world import World, build

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def small_world() -> Iterator[World]:
    yield build()
    read_side.dispose()


def add(*rows: str) -> None:
    """Movements, each as ``date kind former > later``; ``date/step`` for a later one of a day."""
    commune = Level.objects.get(slug="commune")
    for row in rows:
        day, kind, former, _, *later = row.split()
        day, _, step = day.partition("/")
        code = later[0] if later else ""
        Movement.objects.create(
            level=commune,
            date=datetime.date.fromisoformat(day),
            step=int(step or 0),
            kind=kind,
            former_code=former,
            former_name=f"Name {former}",
            code=code,
            name=f"Name {code}" if code else "",
        )


def found(code: str, vintage: int | None = None) -> Successions:
    with read_side.snapshot() as connection:
        territory = queries.territory(connection, level="commune", code=code, vintage=vintage)
        assert territory is not None
        return queries.successions(connection, territory)


def short(steps: tuple[Succession, ...]) -> list[str]:
    """Each step with the vintages of the territories that it leads from and to."""
    return [
        f"{s.day} {s.kind} {s.former_code}@{s.former.vintage if s.former else None}"
        f" > {s.code}@{s.later.vintage if s.later else None}"
        for s in steps
    ]


def test_without_a_table_the_area_tells(small_world: World) -> None:
    gone = found("07003")
    assert short(gone.successors) == ["None None 07003@2020 > 07002@2024"]
    assert gone.predecessors == ()
    today = found("07002")
    assert today.successors == ()
    assert short(today.predecessors) == ["None None 07003@2020 > 07002@2024"]


def test_a_merger_by_the_table_takes_the_place_of_the_area(small_world: World) -> None:
    add("2023-01-01 merged 07003 > 07002", "2023-01-01 merged 07002 > 07002")
    assert short(found("07003").successors) == ["2023-01-01 merged 07003@2020 > 07002@2024"]
    assert short(found("07002").predecessors) == [
        "2023-01-01 merged 07002@2020 > 07002@2024",
        "2023-01-01 merged 07003@2020 > 07002@2024",
    ]


def test_a_split_leads_to_each_part(small_world: World) -> None:
    add("2022-01-01 split 07003 > 07002", "2022-01-01 split 07003 > 07101")
    assert short(found("07003").successors) == [
        "2022-01-01 split 07003@2020 > 07002@2024",
        "2022-01-01 split 07003@2020 > 07101@2024",
    ]
    assert short(found("07101").predecessors) == ["2022-01-01 split 07003@2020 > 07101@2024"]


def test_a_chain_is_followed_over_codes_that_no_layer_has(small_world: World) -> None:
    add(
        "2021-03-01 recoded 07003 > 08003",
        "2022-01-01 merged 08003 > 08009",
        # Of one day: the second follows from the first.
        "2023-01-01/0 recoded 08009 > 09009",
        "2023-01-01/1 merged 09009 > 07101",
    )
    chain = [
        "2021-03-01 recoded 07003@2020 > 08003@None",
        "2022-01-01 merged 08003@None > 08009@None",
        "2023-01-01 recoded 08009@None > 09009@None",
        "2023-01-01 merged 09009@None > 07101@2024",
    ]
    assert short(found("07003").successors) == chain
    assert short(found("07101").predecessors) == chain


@pytest.mark.parametrize(
    "row",
    [
        # Of the boundaries of 2020 already: they are those of 1 January.
        "2020-01-01 merged 07003 > 07101",
        "2019-06-01 merged 07003 > 07101",
        # Not yet of those of 2024, though of those of 2026, which nobody may see.
        "2024-01-02 merged 07003 > 07101",
    ],
)
def test_movements_outside_of_the_visible_vintages_do_not_count(
    small_world: World, row: str
) -> None:
    add(row)
    assert short(found("07003").successors) == ["None None 07003@2020 > 07002@2024"]
    assert found("07101").predecessors == ()


def test_a_movement_of_the_newest_vintages_own_day_counts(small_world: World) -> None:
    add("2024-01-01 merged 07003 > 07101")
    assert short(found("07003").successors) == ["2024-01-01 merged 07003@2020 > 07101@2024"]


def test_codes_that_come_back_end_in_no_circle(small_world: World) -> None:
    add("2021-01-01 merged 07003 > 07002", "2022-01-01 split 07002 > 07003",
        "2023-01-01 merged 07003 > 07002", "2022-01-01 split 07002 > 07002")  # fmt: skip
    steps = short(found("07003").successors)
    assert steps[0].startswith("2021-01-01 merged 07003")
    assert steps[-1].startswith("2023-01-01 merged 07003")
    assert len(steps) == len(set(steps)) == 4


def test_an_end_and_a_renaming_are_told(small_world: World) -> None:
    add("2022-01-01 renamed 07101 > 07101", "2023-01-01 ended 07003 >")
    [renamed] = found("07101", 2020).successors
    assert (renamed.kind, renamed.former_name) == ("renamed", "Name 07101")
    # That its area lies in another one stays true.
    assert short(found("07003").successors) == [
        "2023-01-01 ended 07003@2020 > None@None",
        "None None 07003@2020 > 07002@2024",
    ]


def test_two_statements_whatever_there_is(small_world: World) -> None:
    add(*(f"20{year}-06-01 merged 0{year}99 > 07002" for year in (21, 22, 23)))
    with read_side.snapshot() as connection:
        territory = queries.territory(connection, level="commune", code="07002")
        assert territory is not None
        with counted() as sent:
            told = queries.successions(connection, territory)
    assert len(sent) == 2
    assert len(told.predecessors) == 4


def test_movements_of_another_level_do_not_count(small_world: World) -> None:
    add("2023-01-01 merged 07003 > 07101")
    Movement.objects.update(level=Level.objects.get(slug="departement"))
    assert short(found("07003").successors) == ["None None 07003@2020 > 07002@2024"]
