"""The page of an edition's checks in a browser: at any width, accessible, and decided on there."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from analytics.checks import CHECKS, CheckResult, Concerned, Grade
from clcplus.models import Edition, EditionCheck
from tests.browser.conftest import Tab
from tests.browser.staff import beside

pytestmark = pytest.mark.django_db

PAGE = "/editions/clcplus-2023/checks/"
GRADES = (Grade.PASS, Grade.FAIL, Grade.WARN, Grade.NONE)


def results() -> list[CheckResult]:
    """Every check, with each grade, long names and many places."""
    places = [
        Concerned("commune", "07001", f"Saint-Élie-d’Aubrac-lès-Bourg-l’Évêque-{n}", 12.5 + n)
        for n in range(20)
    ]
    seams = [Concerned("", "E38N22–E39N22", "", 31.4)]
    classes = [Concerned("", "6", "", -0.0931)]
    named = {"seams": seams, "histogram": classes}
    return [
        CheckResult(
            check=name,
            grade=GRADES[n % 4],
            value=0.0931,
            warn_from=0.05,
            fail_from=0.15,
            compared=34_935,
            numbers={"sealed_turnover": 0.18},
            concerned=412,
            named=named.get(name, places if n % 2 else ()),
        )
        for n, name in enumerate(CHECKS)
    ]


@pytest.fixture
def staff(tab_of: Any, site: str) -> Iterator[Any]:
    """Tabs of an account that may decide, on an edition that its checks hold back."""
    name = f"editor-{uuid.uuid4().hex[:8]}"

    def prepare() -> str:
        edition = Edition.objects.get(slug="clcplus-2023")
        Edition.objects.filter(pk=edition.pk).update(loaded_at=timezone.now())
        EditionCheck.objects.create(
            edition=edition,
            against=Edition.objects.get(slug="clcplus-2021"),
            grade=Grade.FAIL,
            report=[one.document() for one in results()],
        )
        client = Client()
        client.force_login(User.objects.create_superuser(name))
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    session = beside(prepare)

    def make(**options: Any) -> Tab:
        tab: Tab = tab_of(**options)
        tab.page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": site}]
        )
        return tab

    yield make

    def clear() -> bool:
        EditionCheck.objects.all().delete()
        User.objects.filter(username=name).delete()
        return True

    beside(clear)


def fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


@pytest.mark.parametrize("language", ["", "/fr", "/pl"])
def test_nothing_sticks_out_at_any_width(staff: Any, language: str) -> None:
    page = staff().open(f"{language}{PAGE}")
    for width in (320, 390, 820, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        assert fits(page), width
    assert page.locator("tbody tr").count() > len(CHECKS)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(staff: Any, axe: str, scheme: str) -> None:
    page = staff(color_scheme=scheme).open(PAGE)
    page.evaluate(axe)
    found = page.evaluate("async () => (await axe.run(document)).violations.map(v => v.id)")
    assert found == []


def test_an_edition_is_rejected_on_a_phone_with_a_reason(staff: Any) -> None:
    page = staff(viewport={"width": 390, "height": 844}).open(PAGE)
    page.get_by_role("button", name="Reject").click()
    # The browser asks for the reason: nothing was sent.
    assert page.evaluate("document.activeElement.id") == "reason"
    page.get_by_label("Reason").fill("A class is lost.")
    page.get_by_role("button", name="Reject").click()
    expect(page.get_by_role("heading", name="Decision")).to_be_visible()
    expect(page.get_by_text("A class is lost.")).to_be_visible()
    assert beside(lambda: EditionCheck.objects.get().decision) == "rejected"
