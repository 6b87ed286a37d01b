"""Attacks on tokens: a stolen database, an old key, a key of another account, guessing."""

from __future__ import annotations

import hashlib
import importlib
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.auth.models import Permission, User
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clcplus.access.scopes import WRITING
from clcplus.actions import api_tokens
from clcplus.api import urls as api_urls
from clcplus.models import ApiToken
from clcplus.models.api_token import Scope

pytestmark = pytest.mark.django_db

ZONES = "/api/v1/zones/"
ADD = "/admin/clcplus/apitoken/add/"
LIST = "/admin/clcplus/apitoken/"


@pytest.fixture(autouse=True)
def _nothing_counted() -> Iterator[None]:
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def owner() -> User:
    return User.objects.create_user("owner", is_staff=True)


def ask(key: str, **more: Any) -> Any:
    return Client(headers={"Authorization": f"Bearer {key}"}).get(ZONES, **more)


def made(owner: User) -> tuple[ApiToken, str]:
    return api_tokens.create(account=owner, name="tests", by="tests")


def refused(response: Any, why: str) -> bool:
    assert response["Content-Type"] == "application/problem+json"
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert why in response.json()["detail"]
    return bool(response.status_code == 401)


def test_a_stolen_table_opens_nothing(owner: User) -> None:
    token, key = made(owner)
    assert ask(key).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM clcplus_apitoken")
        stored = [str(value) for row in cursor.fetchall() for value in row]
    assert not any(key in value for value in stored)
    for value in stored:
        assert ask(value).status_code == 401
    assert len(key) >= 43
    assert token.digest == hashlib.sha256(key.encode()).hexdigest()


def test_no_table_keeps_plain_keys() -> None:
    assert not apps.is_installed("rest_framework.authtoken")
    assert "authtoken_token" not in connection.introspection.table_names()


def test_an_expired_token(owner: User) -> None:
    token, key = made(owner)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert refused(ask(key), "expired")


def test_a_revoked_token(owner: User) -> None:
    token, key = made(owner)
    api_tokens.revoke(token=token, by="tests")
    assert refused(ask(key), "revoked")


def test_the_token_of_an_account_that_was_deactivated(owner: User) -> None:
    _token, key = made(owner)
    User.objects.update(is_active=False)
    assert refused(ask(key), "not active")


@pytest.mark.parametrize("key", ["", "a b", "ü", "' OR 1=1 --", "clcplus_", "x" * 5000, "0" * 64])
def test_invalid_keys(owner: User, key: str) -> None:
    made(owner)
    assert refused(ask(key), "")


def test_of_25_guesses_from_one_address_20_are_looked_at(owner: User) -> None:
    _token, key = made(owner)
    found = [ask(f"guess {number}").status_code for number in range(3)]
    assert found == [401] * 3  # malformed: there is no such key to guess
    found = [ask(f"guess-{number}").status_code for number in range(25)]
    assert found == [401] * 20 + [429] * 5
    assert int(ask("another-guess")["Retry-After"]) >= 1
    # Nobody guesses 256 bits: others at this address are not locked out with the guesser.
    assert ask(key).status_code == 200


def test_guesses_at_other_addresses_count_too(owner: User) -> None:
    """Pages of zone sets take tokens too."""
    for number in range(20):
        Client(headers={"Authorization": f"Bearer guess-{number}"}).get("/zones/")
    assert ask("guess").status_code == 429


def test_an_old_token_in_a_forgotten_script_locks_nobody_out(owner: User) -> None:
    token, key = made(owner)
    api_tokens.revoke(token=token, by="tests")
    assert {ask(key).status_code for _ in range(30)} == {401}


def test_one_request_is_one_guess(owner: User) -> None:
    """The API looks at a token twice: to let in, and to mark the answer private."""
    for number in range(19):
        ask(f"guess-{number}")
    assert ask("guess").status_code == 401
    assert ask("guess").status_code == 429


def test_use_is_noted_by_the_day(owner: User, django_assert_num_queries: Any) -> None:
    token, key = made(owner)
    ask(key)
    token.refresh_from_db()
    assert token.used_on == timezone.now().date()


# In the admin
@pytest.fixture
def staff_with(owner: User) -> Callable[..., Client]:
    def give(*names: str) -> Client:
        owner.user_permissions.set(
            Permission.objects.filter(content_type__app_label="clcplus", codename__in=names)
        )
        client = Client()
        client.force_login(owner)
        return client

    return give


def mint(client: Client, account: User, days: int = 30) -> Any:
    return client.post(ADD, {"account": account.pk, "name": "mine", "days": days})


def test_staff_without_the_permission_neither_sees_nor_makes_tokens(
    staff_with: Callable[..., Client], owner: User
) -> None:
    client = staff_with()
    assert client.get(LIST).status_code == 403
    assert client.get(ADD).status_code == 403
    assert mint(client, owner).status_code == 403
    assert not ApiToken.objects.exists()


def test_staff_makes_no_token_for_the_administrator(
    staff_with: Callable[..., Client], owner: User
) -> None:
    boss = User.objects.create_superuser("boss", password="x")
    client = staff_with("add_apitoken", "view_apitoken", "change_apitoken", "delete_apitoken")
    assert mint(client, boss).status_code == 200
    assert not ApiToken.objects.exists()
    assert mint(client, owner).status_code == 200
    assert ApiToken.objects.get().account == owner


def test_staff_sees_and_revokes_its_own_tokens_alone(
    staff_with: Callable[..., Client], owner: User
) -> None:
    boss = User.objects.create_superuser("boss", password="x")
    theirs, _key = made(boss)
    own, _key = made(owner)
    client = staff_with("view_apitoken", "change_apitoken", "delete_apitoken")
    page = client.get(LIST).content.decode()
    assert "owner" in page
    assert "boss" not in page
    assert client.get(f"{LIST}{theirs.pk}/change/").status_code == 302
    chosen = {"action": "revoke", "_selected_action": [theirs.pk, own.pk]}
    client.post(LIST, chosen)
    theirs.refresh_from_db()
    own.refresh_from_db()
    assert theirs.revoked_at is None
    assert own.revoked_at is not None


def test_the_key_is_shown_once(admin_client: Client, admin_user: User) -> None:
    page = mint(admin_client, admin_user)
    found = re.search(r'<code id="key">([^<]+)</code>', page.content.decode())
    assert found is not None
    assert "no-store" in page["Cache-Control"]
    assert ask(found[1]).status_code == 200
    token = ApiToken.objects.get()
    assert token.expires_at - timezone.now() < timedelta(days=30, minutes=1)
    for path in (LIST, f"{LIST}{token.pk}/change/", "/admin/", f"{LIST}{token.pk}/history/"):
        text = admin_client.get(path, follow=True).content.decode()
        assert found[1] not in text
        assert token.digest not in text
    assert found[1] not in str(LogEntry.objects.values_list())


@pytest.mark.parametrize("days", [0, -1, 100_000])
def test_no_token_is_good_for_ever(admin_client: Client, admin_user: User, days: int) -> None:
    mint(admin_client, admin_user, days)
    assert not ApiToken.objects.exists()


# By command
def test_the_command_makes_lists_and_revokes(owner: User) -> None:
    out = StringIO()
    call_command("api_token", "create", "owner", "--name", "import", stdout=out, stderr=StringIO())
    key = out.getvalue().strip()
    assert ask(key).status_code == 200
    listed = StringIO()
    call_command("api_token", "list", "owner", stdout=listed)
    assert "import" in listed.getvalue()
    assert key not in listed.getvalue()
    call_command("api_token", "revoke", str(ApiToken.objects.get().pk), stdout=StringIO())
    assert ask(key).status_code == 401
    with pytest.raises(CommandError, match="no such account"):
        call_command("api_token", "create", "nobody", "--name", "x")


# Those of before
def test_tokens_in_use_go_on_working_and_their_keys_are_gone(owner: User) -> None:
    """The migration that hashes what was stored in plain text."""
    key = "0123456789abcdef0123456789abcdef01234567"
    kind = ContentType.objects.create(app_label="authtoken", model="tokenproxy")
    entry = LogEntry.objects.create(
        user=owner, content_type=kind, object_id="1", object_repr=key, action_flag=ADDITION
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE authtoken_token (key varchar(40) PRIMARY KEY,"
            " created timestamptz NOT NULL, user_id integer NOT NULL)"
        )
        cursor.execute("INSERT INTO authtoken_token VALUES (%s, now(), %s)", [key, owner.pk])
        assert ask(key).status_code == 401
        cursor.execute(importlib.import_module("migrations.0006_plain_tokens").HASH)
        # Again, as on a database that never had the table.
        cursor.execute(importlib.import_module("migrations.0006_plain_tokens").HASH)
    assert ask(key).status_code == 200
    token = ApiToken.objects.get()
    assert timedelta(days=364) < token.expires_at - timezone.now() < timedelta(days=367)
    assert "authtoken_token" not in connection.introspection.table_names()
    entry.refresh_from_db()
    assert entry.object_repr == "a token"


# Scopes
def test_a_token_of_which_nothing_is_said_changes_nothing(owner: User) -> None:
    key = made(owner)[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.get(ZONES).status_code == 200
    for number, (name, scopes) in enumerate(WRITING.items()):
        address = reverse(name, args=[UUID(int=number)] if "<" in route(name) else [])
        answer = client.post(address, {}, content_type="application/json")
        assert answer.status_code == 403, name
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["missing_scopes"] == sorted(scopes)
        assert 'error="insufficient_scope"' in answer["WWW-Authenticate"]
        assert f'scope="{" ".join(sorted(scopes))}"' in answer["WWW-Authenticate"]


@pytest.mark.parametrize("scope", [Scope.ZONES, Scope.SAMPLES, Scope.JOBS])
def test_a_scope_opens_its_addresses_alone(owner: User, scope: Scope) -> None:
    key = api_tokens.create(account=owner, name="tests", by="tests", scopes=[scope])[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for name, scopes in WRITING.items():
        address = reverse(name, args=[UUID(int=1)] if "<" in route(name) else [])
        answer = client.post(address, {}, content_type="application/json")
        assert ("missing_scopes" in answer.json()) == (scope not in scopes), name


def route(name: str) -> str:
    """The pattern of an address of the API."""
    local = name.removeprefix("api:")
    return next(str(one.pattern) for one in api_urls.urlpatterns if one.name == local)


def test_each_address_of_the_api_that_changes_something_has_a_scope() -> None:
    changing = set()
    for one in api_urls.urlpatterns:
        view = getattr(one.callback, "view_class", None)
        methods = set(getattr(view, "http_method_names", ())) - {"get", "head", "options", "trace"}
        if any(hasattr(view, method) for method in methods):
            changing.add(f"api:{one.name}")
    assert changing == set(WRITING)


def test_an_address_without_a_scope_asks_for_all(owner: User) -> None:
    """The page of an upload: with a token that only reads nobody is known there."""
    for scopes, status in ((["zones"], "closed"), (Scope.values, "open")):
        key = api_tokens.create(account=owner, name="tests", by="tests", scopes=scopes)[1]
        answer = Client(headers={"Authorization": f"Bearer {key}"}).post("/zones/new/", {})
        assert (answer.status_code == 403) == (status == "closed"), answer.status_code


def test_a_name_in_the_method_widens_nothing(owner: User) -> None:
    key = made(owner)[1]
    client = Client(headers={"Authorization": f"Bearer {key}"})
    for method in ("DELETE", "PATCH", "delete", "X"):
        answer = client.generic(
            "GET", f"{ZONES}{UUID(int=1)}/", headers={"X-HTTP-Method-Override": method}
        )
        assert answer.status_code == 404
        answer = client.generic(method, f"{ZONES}{UUID(int=1)}/")
        assert answer.status_code in {403, 405}


def test_the_admin_makes_tokens_with_scopes(admin_client: Client, admin_user: User) -> None:
    told = {"account": admin_user.pk, "name": "mine", "days": 30}
    admin_client.post(ADD, told)
    admin_client.post(ADD, {**told, "scopes": ["zones"]})
    assert admin_client.post(ADD, {**told, "scopes": ["everything"]}).status_code == 200
    assert list(ApiToken.objects.order_by("pk").values_list("scopes", flat=True)) == [
        ["read"],
        ["read", "zones"],
    ]
    assert "read, zones" in admin_client.get(LIST).content.decode()


def test_the_command_makes_tokens_with_scopes(owner: User) -> None:
    make = ("api_token", "create", "owner", "--name", "x")
    call_command(*make, stdout=StringIO(), stderr=StringIO())
    said = StringIO()
    call_command(*make, "--scope", "jobs", "--scope", "zones", stdout=StringIO(), stderr=said)
    assert "for read, zones, jobs" in said.getvalue()
    with pytest.raises(CommandError, match="invalid choice"):
        call_command(*make, "--scope", "everything", stdout=StringIO(), stderr=StringIO())
    listed = StringIO()
    call_command("api_token", "list", stdout=listed)
    assert "for read\t" in listed.getvalue()
    assert ApiToken.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_tokens_from_before_there_were_scopes_keep_all() -> None:
    """The migration, from the state before it."""
    executor = MigrationExecutor(connection)
    latest = executor.loader.graph.leaf_nodes("clcplus")
    try:
        executor.migrate([("clcplus", "0024_audit_chain")])
        before = executor.loader.project_state([("clcplus", "0024_audit_chain")]).apps
        account = before.get_model("auth", "User").objects.create(username="early")
        before.get_model("clcplus", "ApiToken").objects.create(
            account=account, name="x", digest="0" * 64, expires_at=timezone.now()
        )
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(latest)
    assert ApiToken.objects.get().scopes == Scope.values
