"""Checks of editions: a good one passes each, and each kind of damage fails its own."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from analytics.checks import (
    CHECKS,
    ChangeSquares,
    CountedEdition,
    Flows,
    Grade,
    LayerCounts,
    check_edition,
    worst,
)
from analytics.checks.robust import scores
from analytics.nomenclature import CODES

SIZE = 10_000
COMMUNES, DEPARTEMENTS = 120, 6
SHARES = np.array([0.03, 0.15, 0.2, 0.02, 0.05, 0.25, 0.2, 0.01, 0.02, 0.04, 0.03])


def _transitions(seed: int = 5) -> np.ndarray:
    """Cells of each commune by former and later class: 4 % of the cells have another one."""
    random = np.random.default_rng(seed)
    former = random.multinomial(SIZE, SHARES, size=COMMUNES)
    moves = 0.04 * np.tile(SHARES, (11, 1)) + 0.96 * np.eye(11)
    moves /= moves.sum(axis=1, keepdims=True)
    return np.stack(
        [[random.multinomial(n, moves[c]) for c, n in enumerate(row)] for row in former]
    ).astype(np.int64)


def _with_missing(cells: np.ndarray, size: np.ndarray) -> np.ndarray:
    found = np.zeros((len(cells), len(CODES)), np.int64)
    found[:, :11] = cells
    found[:, -1] = size - cells.sum(axis=1)
    return found


def _flows(matrix: np.ndarray) -> Flows:
    before, after = matrix[:, 0].sum(axis=1), matrix[:, :, 0].sum(axis=1)
    stable = matrix[:, 0, 0]
    return Flows(
        common=matrix.sum(axis=(1, 2)),
        kept=np.trace(matrix, axis1=1, axis2=2),
        before=before,
        after=after,
        gain=after - stable,
        loss=before - stable,
    )


def layer(
    level: str, matrix: np.ndarray, first_id: int, parents: Any, **fields: Any
) -> LayerCounts:
    size = np.full(len(matrix), SIZE * COMMUNES // len(matrix), np.int64)
    return LayerCounts(
        level=level,
        ids=np.arange(first_id, first_id + len(matrix)),
        parents=np.asarray(parents, dtype=np.int64),
        codes=[f"{first_id + n}" for n in range(len(matrix))],
        names=[f"Saint-Élie-{first_id + n}" for n in range(len(matrix))],
        size=size,
        cells=_with_missing(matrix.sum(axis=1), size),
        former=_with_missing(matrix.sum(axis=2), size),
        flows=_flows(matrix),
        **fields,
    )


def edition(matrix: np.ndarray, squares: ChangeSquares | None = None) -> CountedEdition:
    """Communes in départements, which are their sums."""
    of = np.arange(COMMUNES) // (COMMUNES // DEPARTEMENTS)
    above = np.zeros((DEPARTEMENTS, 11, 11), np.int64)
    np.add.at(above, of, matrix)
    return CountedEdition(
        layers=[
            layer("departement", above, 1, np.zeros(DEPARTEMENTS), aggregated=True),
            layer("commune", matrix, 101, 1 + of, aggregated=False),
        ],
        squares=squares,
    )


def _squares(seed: int = 2) -> ChangeSquares:
    """Change that varies smoothly, and from square to square, over 3 × 3 tiles."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:300, 0:300]
    rate = 0.01 + 0.005 * np.sin(rows / 40) * np.cos(columns / 55)
    rate *= random.gamma(2.0, 0.5, rate.shape)
    changed = np.round(10_000 * rate).astype(np.int64)
    return ChangeSquares(
        row=7_600, column=3_700, observed=np.full_like(changed, 10_000), changed=changed
    )


@pytest.fixture(scope="module")
def matrix() -> np.ndarray:
    return _transitions()


@pytest.fixture(scope="module")
def good(matrix: np.ndarray) -> CountedEdition:
    return edition(matrix, _squares())


def result(name: str, of: CountedEdition) -> Any:
    found = CHECKS[name](of)
    assert found.check == name
    return found


@pytest.mark.parametrize("name", CHECKS)
def test_a_good_edition_passes(good: CountedEdition, name: str) -> None:
    found = result(name, good)
    assert found.grade == Grade.PASS, found
    assert found.compared
    assert not found.named


def test_a_first_edition_has_nothing_to_be_compared_with(good: CountedEdition) -> None:
    layers = [replace(one, former=None, flows=None) for one in good.layers]
    found = {one.check: one.grade for one in check_edition(CountedEdition(layers=layers))}
    assert found.pop("sums") == found.pop("cells") == Grade.PASS
    assert set(found.values()) == {Grade.NONE}
    assert worst(check_edition(CountedEdition(layers=layers))) == Grade.PASS


def test_no_territory_at_all_is_no_pass() -> None:
    assert worst(check_edition(CountedEdition(layers=[]))) == Grade.NONE


def _damaged(good: CountedEdition, place: int, **fields: Any) -> CountedEdition:
    layers = list(good.layers)
    layers[place] = replace(layers[place], **fields)
    return replace(good, layers=layers)


def test_a_parent_that_is_not_the_sum_of_its_children_fails(good: CountedEdition) -> None:
    cells = good.layers[0].cells.copy()
    cells[2, :2] += (-1, 1)
    found = result("sums", _damaged(good, 0, cells=cells))
    assert found.grade == Grade.FAIL
    assert [one.code for one in found.named] == ["3"]
    assert result("cells", _damaged(good, 0, cells=cells)).grade == Grade.PASS


def test_borders_of_two_sources_may_differ_a_little(good: CountedEdition) -> None:
    def grade(moved: int) -> Grade:
        cells = good.layers[0].cells.copy()
        cells[2, :2] += (-moved, moved)
        return Grade(result("sums", _damaged(good, 0, cells=cells, aggregated=False)).grade)

    size = int(good.layers[0].size[2])
    assert [grade(size // 2000), grade(size // 200), grade(size // 50)] == [
        Grade.PASS,
        Grade.WARN,
        Grade.FAIL,
    ]


def test_a_layer_beside_the_others_changes_no_result(
    good: CountedEdition, matrix: np.ndarray
) -> None:
    """Such as a few parks, on any rank: they stand neither for the edition nor for its communes."""
    parks = layer("park", matrix[:2], 901, [0, 0], aggregated=False)
    parks = replace(parks, size=parks.size // 100, cells=parks.cells // 100)
    for place in range(3):
        layers = [*good.layers[:place], parks, *good.layers[place:]]
        beside = CountedEdition(layers=layers)
        for name in set(CHECKS) - {"cells", "account", "seams"}:
            assert result(name, beside) == result(name, good)


def test_children_that_do_not_fill_their_parent_say_nothing(good: CountedEdition) -> None:
    size = good.layers[1].size.copy()
    size[:20] -= 1
    cells = good.layers[0].cells.copy()
    cells[0, :2] += (-9, 9)
    damaged = _damaged(_damaged(good, 1, size=size), 0, cells=cells)
    found = result("sums", damaged)
    assert (found.grade, found.compared) == (Grade.PASS, DEPARTEMENTS - 1)


def test_a_territory_with_a_cell_too_many_fails(good: CountedEdition) -> None:
    cells = good.layers[1].cells.copy()
    cells[7, 4] += 1
    found = result("cells", _damaged(good, 1, cells=cells))
    assert (found.grade, found.value, found.concerned) == (Grade.FAIL, 1, 1)
    assert found.named[0].code == "108"


def test_negative_counts_that_sum_up_fail(good: CountedEdition) -> None:
    cells = good.layers[1].cells.copy()
    cells[7, 12:] += (-5, 5)
    assert result("cells", _damaged(good, 1, cells=cells)).grade == Grade.FAIL


@pytest.mark.parametrize("name", ["before", "after", "gain", "loss"])
def test_an_account_that_does_not_balance_fails(good: CountedEdition, name: str) -> None:
    flows = good.layers[1].flows
    assert flows is not None
    wrong = getattr(flows, name).copy()
    wrong[3] += 2
    found = result("account", _damaged(good, 1, flows=replace(flows, **{name: wrong})))
    assert (found.grade, found.value) == (Grade.FAIL, 2)


def test_a_stock_that_the_account_does_not_know_fails(good: CountedEdition) -> None:
    """Sealed cells moved to another class in the statistics alone: every sum still holds."""
    cells = good.layers[1].cells.copy()
    cells[3, :2] += (-1, 1)
    damaged = _damaged(good, 1, cells=cells)
    assert result("cells", damaged).grade == Grade.PASS
    assert result("account", damaged).grade == Grade.FAIL


def test_classes_that_were_mixed_up_fail(matrix: np.ndarray) -> None:
    swapped = matrix[:, :, [0, 1, 6, 3, 4, 5, 2, 7, 8, 9, 10]]
    found = result("change", edition(swapped))
    assert found.grade == Grade.FAIL
    assert found.concerned == COMMUNES
    assert result("histogram", edition(swapped)).grade == Grade.PASS
    merged = matrix.copy()
    merged[:, :, 6] += merged[:, :, 2]
    merged[:, :, 2] = 0
    found = result("histogram", edition(merged))
    assert found.grade == Grade.FAIL
    assert [one.code for one in found.named] == ["3"]


def test_a_histogram_that_moves_warns_and_then_fails(matrix: np.ndarray) -> None:
    def grade(share: float) -> Grade:
        moved = matrix.copy()
        part = (matrix[:, :, 5] * share).astype(np.int64)
        moved[:, :, 5] -= part
        moved[:, :, 6] += part
        return Grade(result("histogram", edition(moved)).grade)

    # Class 6 has a quarter of the cells.
    assert [grade(0.1), grade(0.3), grade(0.8)] == [Grade.PASS, Grade.WARN, Grade.FAIL]


def test_sealed_ground_that_moves_about_warns(matrix: np.ndarray) -> None:
    moved = matrix.copy()
    part = moved[:, 0, 0] // 4
    moved[:, 0, 0] -= part
    moved[:, 0, 5] += part
    moved[:, 5, 5] -= part
    moved[:, 5, 0] += part
    found = result("change", edition(moved))
    assert found.grade == Grade.WARN
    assert found.value < 0.1
    assert found.numbers["sealed_turnover"] > 0.34


def test_an_edition_that_lacks_ground_warns_and_then_fails(matrix: np.ndarray) -> None:
    def found(communes: int) -> Any:
        some = matrix.copy()
        some[:communes] = 0
        whole = edition(matrix)
        lacking = edition(some)
        layers = [
            replace(now, former=before.former)
            for now, before in zip(lacking.layers, whole.layers, strict=True)
        ]
        return result("coverage", CountedEdition(layers=layers))

    assert found(1).grade == Grade.PASS
    assert found(1).concerned == 1
    assert found(3).grade == Grade.WARN
    assert found(9).grade == Grade.FAIL


def _disturbed(matrix: np.ndarray, communes: int) -> CountedEdition:
    """In some communes half of class 6 is now sealed."""
    moved = matrix.copy()
    part = moved[:communes, 5, 5] // 2
    moved[:communes, 5, 5] -= part
    moved[:communes, 5, 0] += part
    return edition(moved)


@pytest.mark.parametrize("name", ["neighbours", "shares"])
def test_communes_that_stand_out_are_named(matrix: np.ndarray, name: str) -> None:
    one, five = (result(name, _disturbed(matrix, n)) for n in (1, 5))
    assert one.grade == Grade.PASS
    assert [found.code for found in one.named] == ["101"]
    assert five.grade == Grade.WARN
    assert five.concerned == 5


def test_a_tenth_of_the_communes_standing_out_fails(matrix: np.ndarray) -> None:
    assert result("shares", _disturbed(matrix, 15)).grade == Grade.FAIL


def test_few_territories_are_not_compared(good: CountedEdition) -> None:
    one = good.layers[0]
    found = result("neighbours", CountedEdition(layers=[one]))
    assert (found.grade, found.compared) == (Grade.NONE, DEPARTEMENTS)


def test_a_tile_of_another_state_shows_at_its_seams() -> None:
    squares = _squares()
    changed = squares.changed.copy()
    changed[100:200, 100:200] += 150
    found = result("seams", CountedEdition(layers=[], squares=replace(squares, changed=changed)))
    assert found.grade == Grade.FAIL
    # Rows are counted from the north: the tile in the middle is E38N22.
    assert found.concerned == 4
    assert all("E38N22" in one.code for one in found.named)


@pytest.mark.parametrize("seed", range(20))
def test_good_seams_pass(seed: int) -> None:
    assert result("seams", CountedEdition(layers=[], squares=_squares(seed))).grade == Grade.PASS


def test_a_tile_shifted_by_a_seam_of_no_data_is_no_pair() -> None:
    squares = _squares()
    observed = squares.observed.copy()
    observed[:, 100] = 0
    observed[100] = 0
    found = result("seams", CountedEdition(layers=[], squares=replace(squares, observed=observed)))
    assert found.compared == 6


def test_scores_do_not_follow_what_they_measure() -> None:
    values = np.array([1.0, 1.1, 0.9, 1.05, 0.95, 50.0])
    assert scores(values)[-1] > 100
    assert np.abs(scores(values)[:-1]).max() < 3
    assert scores(np.ones(5)).tolist() == [0.0] * 5


def test_a_result_can_be_kept_as_json(good: CountedEdition) -> None:
    for one in check_edition(good):
        kept = json.loads(json.dumps(one.document()))
        assert kept["grade"] in {"pass", "warn", "fail", "none"}
