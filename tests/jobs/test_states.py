"""The tables of states: what the documents and the models say of them."""

from __future__ import annotations

import pytest

from clcplus.jobs import kinds
from clcplus.jobs.states import JOB, OPEN, UNIT, Event, State, Table, UnitState
from clcplus.models import Report, Run, Unit, ZoneBatch
from tests.jobs.diagrams import DIAGRAMS, DOCUMENT, with_diagrams


def test_the_document_shows_the_tables() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == with_diagrams(text), "python -m tests.jobs.diagrams makes them anew"
    for lines in DIAGRAMS.values():
        assert lines.count("-->") > 5


def test_the_document_names_every_kind_with_its_queue() -> None:
    text = DOCUMENT.read_text("utf-8")
    for kind in kinds.all_kinds():
        rows = [line for line in text.splitlines() if line.startswith(f"| `{kind.name}` |")]
        assert len(rows) == 1, kind.name
        assert rows[0].endswith(f"| `{kind.queue}` |")


def test_models_have_the_states_of_the_tables() -> None:
    assert {State.QUEUED, *(row.target for row in JOB.values())} == set(Run.State)
    assert {UnitState.QUEUED, *(row.target for row in UNIT.values())} == set(Unit.State)
    assert set(ZoneBatch.State.values) == set(Unit.State.values)
    assert set(OPEN) == {Report.State.QUEUED, Report.State.RUNNING}


@pytest.mark.parametrize("table", [JOB, UNIT], ids=["job", "unit"])
def test_nothing_leads_out_of_success_but_what_became_countable(table: Table) -> None:
    for event, row in table.items():
        assert State.SUCCEEDED not in row.sources
        if UnitState.DONE in row.sources:
            assert event == Event.EXTEND


def test_a_kind_is_named_as_its_module_and_every_kind_of_run_is_one() -> None:
    names = kinds.names()
    assert [kind.name for kind in kinds.all_kinds()] == names
    assert {kind.value for kind in Run.Kind} <= {name for name, _ in kinds.labels()} <= set(names)
