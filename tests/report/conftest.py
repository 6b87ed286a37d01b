"""A published region for reports, and the reports themselves: made in this process, read as PDF."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.test import override_settings
from pypdf import PdfReader

from analytics import queries
from clcplus import reading
from clcplus.actions import reports
from clcplus.jobs import runner
from clcplus.models import Population, Report, Zone
from clcplus.release import release
from clcplus.report.production import make
from tests.region import Region
from tests.runs import load_editions, load_zones

Asked = Callable[..., Report]


@pytest.fixture(scope="module")
def published(
    region: Region,
    django_db_setup: None,
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Region]:
    """The random region with three published editions in a store of its own, for a module."""
    store = str(tmp_path_factory.mktemp("store"))
    with override_settings(RASTER_STORE=store), django_db_blocker.unblock():
        load_zones(region)
        load_editions(region)
        zone = Zone.objects.get(code="0V001")
        Population.objects.create(zone=zone, year=2021, inhabitants=1234)
        cache.clear()
        yield region
        reading.dispose()
        call_command("flush", interactive=False, verbosity=0)


def wanted(code: str = "0V001", *, level: str = "commune", **other: Any) -> dict[str, Any]:
    """What a report of a territory is asked for with."""
    with reading.snapshot() as connection:
        territory = queries.territory(connection, level=level, code=code)
        data = str(queries.data_version(connection))
    assert territory is not None
    usual: dict[str, Any] = {
        "level": level,
        "code": code,
        "name": territory.name,
        "vintage": territory.vintage,
        "earlier": "clcplus-2018",
        "later": "clcplus-2023",
        "language": "en-gb",
        "data": data,
        "release": release(),
        "site": "https://example.test",
        "client": f"whoever wants {code}",
    }
    return {**usual, **other}


def unsaved(code: str = "0V001", **other: Any) -> Report:
    """A report that is in no queue: for the file alone."""
    return Report(id=uuid.UUID(int=7), **wanted(code, **other))


def quickly(report: Report) -> bytes:
    """Its file, without a store."""
    return make(report, moved=lambda stage, percent: None).content


@pytest.fixture(scope="module")
def english(published: Region, django_db_blocker: Any) -> bytes:
    """The report of a commune, made once a module."""
    with django_db_blocker.unblock():
        return quickly(unsaved())


@pytest.fixture
def ask(published: Region, quiet_broker: list[Any]) -> Iterator[Asked]:
    """Ask for a report of a territory; reports are gone after the test."""

    def asked(code: str = "0V001", **other: Any) -> Report:
        return reports.request_report(**wanted(code, **other))

    yield asked
    Report.objects.all().delete()


def made(report: Report) -> Report:
    """The report once it is made."""
    assert runner.work("report", report.pk)
    report.refresh_from_db()
    return report


def read(content: bytes) -> PdfReader:
    """A PDF, opened."""
    return PdfReader(io.BytesIO(content))


def text_of(content: bytes) -> str:
    """All of its text, with plain spaces."""
    pages = (page.extract_text() for page in read(content).pages)
    return " ".join(" ".join(pages).replace("\u202f", " ").replace("\u00a0", " ").split())


def addresses_in(content: bytes) -> set[str]:
    """Where its links lead to outside of it."""
    found = set()
    for page in read(content).pages:
        for note in page.get("/Annots", []):
            action = note.get_object().get("/A")
            if action is not None and "/URI" in action:
                found.add(str(action["/URI"]))
    return found
