"""Attacks on passwords: guessing one, spraying many accounts, locking the owner out."""

from __future__ import annotations

import base64
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client, RequestFactory
from redis.exceptions import ConnectionError as RedisIsDown
from rest_framework.authentication import BasicAuthentication
from rest_framework.response import Response
from rest_framework.views import APIView

from clcplus.access import rates
from tests.security.concurrency import at_once

pytestmark = pytest.mark.django_db

LOGIN = "/admin/login/"
RIGHT = "correct horse battery"


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    cache.clear()
    rates.local.clear()
    yield
    cache.clear()
    rates.local.clear()


@pytest.fixture
def admin() -> User:
    return User.objects.create_superuser("admin", password=RIGHT)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Time stands still, but for what it is told to pass."""
    now = [time.time()]
    monkeypatch.setattr("time.time", lambda: now[0])

    def wait(seconds: float) -> None:
        now[0] += seconds

    return wait


def sign_in(password: str = "wrong", *, name: str = "admin", address: str = "192.0.2.1") -> Any:
    return Client().post(
        LOGIN, {"username": name, "password": password}, REMOTE_ADDR=address, follow=False
    )


def statuses(times: int, **how: Any) -> list[int]:
    return [sign_in(**how).status_code for _ in range(times)]


def test_25_wrong_passwords_one_after_the_other(admin: User) -> None:
    assert statuses(25) == [200] * 5 + [429] * 20


@pytest.mark.django_db(transaction=True)
def test_60_wrong_passwords_at_once() -> None:
    assert Counter(at_once(lambda _: sign_in().status_code, 60)) == {200: 5, 429: 55}


def test_the_refusal_says_when_to_come_again(admin: User) -> None:
    statuses(5)
    page = sign_in()
    assert page.status_code == 429
    assert 1 <= int(page["Retry-After"]) <= 5
    assert page["Cache-Control"] == "no-store"
    assert "Too many attempts to sign in" in page.content.decode()
    assert 'class="site-header"' in page.content.decode()


def test_the_right_password_tells_nothing_during_a_pause(
    admin: User, clock: Callable[[float], None]
) -> None:
    statuses(5)
    assert sign_in(RIGHT).status_code == 429
    clock(6)
    assert sign_in(RIGHT).status_code == 302


def test_the_pause_doubles_and_is_bounded(admin: User, clock: Callable[[float], None]) -> None:
    statuses(5)
    pauses = []
    for _ in range(9):
        pauses.append(int(sign_in()["Retry-After"]))
        clock(pauses[-1])
        assert sign_in().status_code == 200
    assert pauses == [5, 10, 20, 40, 80, 160, 300, 300, 300]
    clock(301)
    assert sign_in(RIGHT).status_code == 302


def test_guesses_in_between_right_passwords_of_ones_own(admin: User) -> None:
    """An account of one's own does not take back what was guessed at others from its address."""
    User.objects.create_superuser("other", password=RIGHT)
    found = []
    for number in range(30):
        found.append(sign_in(name=f"victim {number}").status_code)
        sign_in(RIGHT, name="other")
    assert found == [200] * 20 + [429] * 10


def test_the_right_password_clears_the_failures_of_its_account(admin: User) -> None:
    for _ in range(3):
        assert statuses(4) == [200] * 4
        assert sign_in(RIGHT).status_code == 302


def test_spellings_of_a_name_count_as_one(admin: User) -> None:
    ways = ["admin", "ADMIN", "Admin", " admin ", "ａｄｍｉｎ", "ＡＤＭＩＮ", "adＭin"]
    assert [sign_in(name=way).status_code for way in ways] == [200] * 5 + [429] * 2


def test_passwords_sprayed_over_accounts(admin: User) -> None:
    found = [sign_in(name=f"account {number}").status_code for number in range(30)]
    assert found == [200] * 20 + [429] * 10


def test_passwords_sprayed_from_the_addresses_of_one_network(admin: User) -> None:
    found = [
        sign_in(name=f"account {number}", address=f"2001:db8::{number:x}").status_code
        for number in range(30)
    ]
    assert found == [200] * 20 + [429] * 10


def test_the_owner_gets_in_while_somebody_guesses(admin: User) -> None:
    statuses(25, address="198.51.100.66")
    assert sign_in(RIGHT).status_code == 302


def test_guesses_from_many_addresses(admin: User, clock: Callable[[float], None]) -> None:
    """They are slowed down together; the owner, where the account is known, is not."""
    assert sign_in(RIGHT, address="192.0.2.1").status_code == 302
    found = []
    for network in range(60):
        found += statuses(3, address=f"198.51.{network}.1")
    assert Counter(found) == {200: 100, 429: 80}
    refused = sign_in(RIGHT, address="203.0.113.5")
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) <= 60
    assert sign_in(RIGHT, address="192.0.2.1").status_code == 302
    clock(61)
    assert sign_in(RIGHT, address="203.0.113.5").status_code == 302


def test_failed_sign_ins_are_logged(admin: User, caplog: pytest.LogCaptureFixture) -> None:
    """One line for each attempt, whatever the name holds; never the password."""
    name = "adm\nin\x1b[31m" + "x" * 90
    with caplog.at_level(logging.INFO, "clcplus.security"):
        for _ in range(6):
            sign_in("my secret", name=name)
    lines = [one.getMessage() for one in caplog.records if one.name == "clcplus.security"]
    assert len(lines) == 6
    assert "wrong password" in lines[0]
    assert "too many attempts" in lines[5]
    for line in lines:
        assert "192.0.2.1" in line
        assert "my secret" not in line
        assert line.isprintable()
        assert len(line) < 200


def test_while_redis_is_away_guesses_are_bounded_and_nobody_is_locked_out(
    admin: User, monkeypatch: pytest.MonkeyPatch, clock: Callable[[float], None]
) -> None:
    def down() -> None:
        raise RedisIsDown

    monkeypatch.setattr("clcplus.access.rates.connection", down)
    assert statuses(25) == [200] * 5 + [429] * 20
    assert sign_in(RIGHT, address="192.0.2.2").status_code == 302
    clock(61)
    assert sign_in(RIGHT).status_code == 302


def test_the_old_password_guessed_with_a_stolen_session(admin: User) -> None:
    browser = Client()
    browser.force_login(admin)
    asked = {"new_password1": "a new one 42", "new_password2": "a new one 42"}
    found = [
        browser.post("/admin/password_change/", {"old_password": f"guess {number}", **asked})
        for number in range(8)
    ]
    assert [response.status_code for response in found] == [200] * 5 + [429] * 3


def test_the_password_is_changed_with_the_right_one(admin: User) -> None:
    browser = Client()
    browser.force_login(admin)
    asked = {"new_password1": "a new one 42", "new_password2": "a new one 42"}
    done = browser.post("/admin/password_change/", {"old_password": RIGHT, **asked})
    assert (done.status_code, done["Location"]) == (302, "/admin/password_change/done/")


class _Basic(APIView):
    authentication_classes = (BasicAuthentication,)

    def get(self, request: Any) -> Response:
        return Response({"account": str(request.user)})


def test_guesses_at_a_new_sign_in_form_are_counted_too(admin: User) -> None:
    """HTTP Basic, which no address takes today: whatever asks Django for an account is counted."""
    secret = base64.b64encode(b"admin:wrong").decode()
    request = RequestFactory().get("/", headers={"Authorization": f"Basic {secret}"})
    found = [_Basic.as_view()(request) for _ in range(7)]
    assert [response.status_code for response in found] == [401] * 5 + [429] * 2
    assert int(found[-1]["Retry-After"]) >= 1


def test_no_view_checks_a_password_by_itself() -> None:
    """Every door goes through the counted backend, or counts by itself."""
    from pathlib import Path

    from django.conf import settings

    assert settings.AUTHENTICATION_BACKENDS == ["clcplus.login.CountedBackend"]
    source = Path(settings.BASE_DIR, "clcplus")
    found = [path.name for path in source.rglob("*.py") if "check_password" in path.read_text()]
    assert found == []
